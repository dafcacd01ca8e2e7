// What the reader can do with a packet: claim, recall, give back, ask, answer, tighten.
// Each signs what is on the screen, and is settled by submit as every transaction is.

import { Buffer } from "buffer";
import { type Believed, chainNow, isProven, relied } from "../believe.js";
import { Explainer, type Subject, statusAt } from "../explain/explain.js";
import {
  ASK_OPEN, BY_LIST, EXPIRED, FULL, HELD, OPEN, type Packet, RECALLED, SETTLED, askedAt, inForce, restWindows, shareAt, standing, stateAt,
} from "../explain/packet.js";
import { tightening } from "../explain/sign.js";
import { clock, length, reason, yuan } from "../explain/words.js";
import { type Link, misfit } from "../link.js";
import { called, isMe, me, nameOf, unlock } from "../me.js";
import { type Chance, chances, clauseFor, cutTo, reasonsFor, shorter, suffices } from "../recalls.js";
import { sign } from "../sign.js";
import { type Message, Unsigned, submit } from "../submit.js";
import { ask, button, field, h, lang, notice, t, ticking } from "../ui.js";
import { hex, linkDigest, termsHash } from "../verifier.js";
import { together } from "./consents.js";
import { go } from "./shell.js";
import { zone } from "./verified.js";

// A Scene is a packet as it is on the screen, and how to do something with it.
export interface Scene {
  link: Link; p: Packet; b: Believed; subject: Subject;
  mine: number; // the reader's own share, from 1; 0: none
  act: (doing: string, run: () => Promise<Believed | null>) => Promise<void>;
}

// actions are what the reader can do now.
export function actions(s: Scene): HTMLElement {
  return h("div", { class: "actions", id: "actions" }, ...claiming(s), ...taking(s), ...giving(s), ...asking(s), ...stricter(s));
}

// sent signs a message about the packet and sees it through; sure asks before it.
export async function perform(s: Scene, kind: string, body: object, sure: () => Promise<boolean> = async () => true): Promise<Believed | null> {
  if (!(await mayAct(s.b, t("还是签", "Sign it"), t("不签", "Do not sign"))) || !(await sure())) return null;
  const who = await unlock();
  if (!who) return null;
  const message: Message = { kind, body: { packet: s.b.c.file.id, ...body } };
  return await submit(s.b.c.file.chain, who, message, async () => true);
}

// mayAct reports whether the reader may go by what is on the screen. Where nothing proves
// it, that is asked; where there is a trust file and it proves nothing, nothing is signed.
export async function mayAct(b: Believed, yes: string, no: string): Promise<boolean> {
  if (isProven(b)) return true;
  if (relied()) throw new Unsigned("unproven");
  return await ask(t("没有核实过,还要签字吗?", "Nothing was verified. Sign all the same?"),
    [h("p", {}, t("这些内容只是节点的说法。签名到什么时候有效,也只依据节点的时间和这台电脑的钟:最多到这台电脑的钟两分钟以后。",
      "All this is only what the node says. So is the time that your signature is good for: it ends at most two minutes from now by this computer's clock."))], yes, no);
}

// Claim.

function claiming(s: Scene): HTMLElement[] {
  const { p, mine, act } = s;
  const over: Record<number, string> = {
    [FULL]: t("手慢了,红包派完了。", "Too late: every share is taken."),
    [RECALLED]: t("红包已被收回,领不了了。", "It was taken back, and nothing can be claimed."),
    [EXPIRED]: t("红包过期了,没领走的已退回。", "It expired: what was unclaimed goes back."),
  };
  if (mine) return [];
  const status = statusAt(p, s.subject.now);
  if (isMe(p.sender)) return [];
  if (p.beside && s.link.listing) return [notice("wait", t("这个链接已经有人用过了。", "This voucher was used already."))];
  if (status !== OPEN) return [notice("wait", over[status]!)];
  if (p.terms.split === BY_LIST && !s.link.listing) {
    return [notice("wait", t("要领,请打开发的人给你的链接:里面有你在名单上的那一项。", "To claim, open the link that the sender made for you: it has your entry on the list."))];
  }
  if (s.link.listing && misfit(s.link, p.terms)) return []; // said already
  if (!me) {
    return [h("p", {}, t("要领,先得有一个账户来收钱。", "To claim, you need an account that receives the money.")),
      button("main", t("准备账户", "Get an account"), () => go("?do=keys"))];
  }
  return [button("main", t("领红包", "Claim"), () => void act(t("正在领……", "Claiming …"), () => claim(s)), { id: "claim" }),
    h("p", { class: "soft" }, t(`由“${me.name}”来领`, `It goes to “${me.name}”`))];
}

// claim signs the terms that are on the screen. It asks only where others could take the
// money back.
async function claim({ link, p, b }: Scene): Promise<Believed | null> {
  if (!(await mayAct(b, t("还是领", "Claim it"), t("不领", "Do not claim")))) return null;
  const others = couldTake(p, b);
  if (others && !(await ask(t("领了也不一定是你的", "It would not be yours for sure"), [h("p", {}, others)], t("还是领", "Claim it"), t("不领", "Do not claim")))) {
    return null;
  }
  const who = await unlock();
  if (!who) return null;
  const chain: string = b.c.file.chain, id: Uint8Array = b.c.file.id;
  const linkSignature = link.key ? Buffer.from(sign(link.key, linkDigest(chain, id, Buffer.from(who.key)))) : null;
  const body = { packet: id, termsHash: termsHash(chain, p.terms), linkSignature, listing: link.listing ?? null };
  return await submit(chain, who, { kind: "claim", body }, async () => true);
}

// couldTake says who could take the share back, were the reader to claim it now; empty: none.
function couldTake(p: Packet, b: Believed): string {
  const now = chainNow(b);
  const state = p.terms.hold > 0 ? HELD : SETTLED;
  const share = { claimer: me!.key, amount: 0n, state, claimedAt: now, asked: null }, n = p.shares.length + 1;
  const claimed: Packet = { ...p, beside: { number: n, share } }, f = standing(claimed, n, now);
  if (f.until === undefined) return "";
  const x = new Explainer(lang, { packet: claimed, share: n, now, zone, name: nameOf });
  x.callSender();
  const said = x.others(f.by, f.reasons, f.until);
  return said.slice(0, 1).toUpperCase() + said.slice(1) + t("。", ".");
}

// Recall.

function taking(s: Scene): HTMLElement[] {
  const { p, subject } = s, now = subject.now, list = chances(p, now), key = me && hex(me.key);
  const alone = list.filter((c) => key && suffices(c, [key]) && !isClaimer(p, c));
  const cards = alone.map((c) => recallCard(s, c));
  const others = list.filter((c) => !alone.includes(c)).flatMap((c) => together(s, c));
  return [...cards, ...tooLate(s, list), ...others];
}

// isClaimer: who has a share gives it back, whatever the clauses say.
const isClaimer = (p: Packet, c: Chance) => c.share > 0 && isMe(shareAt(p, c.share).claimer);

const money = (p: Packet, c: Chance) => (c.share === 0 ? t(`没领走的 ${yuan(c.amount)}`, `the unclaimed ${yuan(c.amount)}`)
  : t(`${called(p.shares[c.share - 1]!.claimer)} 的 ${yuan(c.amount)}`, `${yuan(c.amount)} from ${called(p.shares[c.share - 1]!.claimer)}`));

// recallCard is for money that the reader alone can send back, with the time that is left.
function recallCard(s: Scene, c: Chance): HTMLElement {
  const { p, act } = s, why = reasonPicker(reasonsFor(c)), own = isMe(p.sender);
  const end = () => Number(c.until - chainNow(s.b)) / 1e9;
  return h("section", { class: "card recall" },
    h("h2", {}, own ? t(`可以收回${money(p, c)}`, `You can take back ${money(p, c)}`) : t(`你可以把${money(p, c)}退给发的人`, `You can send ${money(p, c)} back to the sender`)),
    h("p", { class: "left" }, t("还剩", "Time left"), " ", ticking(end, () => go())), why.field,
    button("main", own ? t("收回", "Take it back") : t("退给发的人", "Send it back"), () => void act(t("正在收回……", "Taking it back …"),
      () => perform(s, "recall", recallBody(s, c, why.value()))), { class: "main take" }));
}

const recallBody = ({ p, subject }: Scene, c: Chance, why: string) => ({
  clause: clauseFor(p, c.share, why, subject.now, [hex(me!.key)]), share: c.share, reason: why, consents: [],
});

// tooLate says that the sender's own time is over, and what can still be done.
function tooLate({ p, subject }: Scene, now: Chance[]): HTMLElement[] {
  const own = restWindows(p).filter((w) => w.signers.some((set) => String(set) === hex(p.sender)));
  const until = own.reduce((end, w) => (w.until > end ? w.until : end), 0n);
  if (!isMe(p.sender) || statusAt(p, subject.now) !== OPEN || own.length === 0 || until > subject.now || now.some((c) => c.share === 0)) return [];
  return [notice("wait", t(`收回的时间过了:只能收到 ${clock(until, zone)} 为止。没人领的钱,到期会自动退给你;已经领走的,可以请对方退还。`,
    `The time to take it back is over: it ended at ${clock(until, zone)}. What nobody claims comes back by itself when the packet expires, and you can ask claimers to give their share back.`))];
}

// reasonPicker lets a person choose why; codes are what may be chosen, "" no reason.
export function reasonPicker(codes: string[]): { field: HTMLElement; value: () => string } {
  const select = h("select", {}, ...codes.map((c) => h("option", { value: c }, c === "" ? t("不写理由", "no reason given") : reason(lang, c)))) as HTMLSelectElement;
  return { field: field(t("理由", "Reason"), "", select), value: () => select.value };
}

// Return and answer, of one's own share.

function giving(s: Scene): HTMLElement[] {
  const { p, mine, subject, act } = s, share = mine ? shareAt(p, mine) : undefined, state = share && stateAt(p, mine, subject.now);
  if (p.tally) return []; // its share's history is proven nowhere yet: the command line gives it back
  if (!share || (state !== HELD && state !== SETTLED)) return [];
  const sender = called(p.sender), amount = yuan(share.amount);
  const sure = () => ask(t(`把 ${amount} 退给 ${sender}?`, `Give ${amount} back to ${sender}?`), [h("p", {}, state === SETTLED
    ? t("这笔钱是你的,退了就算送给对方,拿不回来。", "The money is yours. Giving it back is a gift, and cannot be undone.")
    : t("退了就拿不回来。", "It cannot be undone."))], t("退还", "Give it back"), t("不退", "Keep it"));
  const asked = share.asked && askedAt(share.asked, subject.now) === ASK_OPEN;
  if (!asked) {
    return [button("plain", t(`退还给 ${sender}`, `Give it back to ${sender}`), () => void act(t("正在退还……", "Giving it back …"),
      () => perform(s, "return", { share: mine }, sure)), { id: "return" })];
  }
  const x = new Explainer(lang, { ...subject, share: mine });
  x.callSender();
  const answer = (accept: boolean) => void act(t("正在答复……", "Answering …"), () => perform(s, "answer", { share: mine, accept }, accept ? sure : undefined));
  return [h("section", { class: "card", id: "question" }, h("h2", {}, t(`${sender} 请你退还 ${amount}`, `${sender} asks you to give ${amount} back`)),
    h("p", {}, `${x.finish([["question", x.question()]])[0]!}`), h("p", {}, t("退不退都由你,不退没有任何影响。", "It is for you to decide. Saying no costs nothing.")),
    h("div", { class: "two" }, button("plain", t("退还", "Give it back"), () => answer(true)), button("plain", t("不退", "Keep it"), () => answer(false))))];
}

// Ask, of settled shares of one's own packet.

function asking(s: Scene): HTMLElement[] {
  const { p, subject, act } = s;
  if (!isMe(p.sender)) return [];
  const open = p.shares.flatMap((share, i) => (stateAt(p, i + 1, subject.now) === SETTLED && !share.asked ? [i + 1] : []));
  if (open.length === 0) return [];
  const why = reasonPicker(reasonsFor({ reasons: [] } as unknown as Chance));
  return [h("details", { class: "card", id: "asking" }, h("summary", {}, t("发错了?请对方退还", "Sent by mistake? Ask for it back")),
    h("p", {}, t("钱已经是对方的了。你可以请对方退还一次,退不退由对方决定。", "The money is the claimer's by now. You can ask once for each share, and the claimer decides.")),
    why.field, ...open.map((n) => button("plain", t(`请 ${called(p.shares[n - 1]!.claimer)} 退还 ${yuan(p.shares[n - 1]!.amount)}`,
      `Ask ${called(p.shares[n - 1]!.claimer)} for ${yuan(p.shares[n - 1]!.amount)} back`),
    () => void act(t("正在请求……", "Asking …"), () => perform(s, "ask", { share: n, reason: why.value() })))))];
}

// Tighten and renounce.

const maxTightenings = 4; // docs/format.md, section 8

function stricter(s: Scene): HTMLElement[] {
  const { p, subject, act } = s, list = chances(p, subject.now);
  const later = restWindows(p).some((w) => w.until > subject.now) || list.length > 0;
  if (!isMe(p.sender) || inForce(p).length === 0 || !later || p.tightened.length >= maxTightenings) return [];
  const choice = (title: string, clauses: any[]) => button("plain", title, () => void act(t("正在收紧……", "Making it stricter …"),
    () => perform(s, "tighten", { clauses }, () => sureOf(subject, clauses))));
  return [h("details", { class: "card", id: "stricter" }, h("summary", {}, t("让领的人更放心:少收或不收", "Put claimers at ease: take back less, or nothing")),
    h("p", {}, t("你可以放弃收回的权利,或缩短时间。做了就不能反悔。", "You can give up taking money back, or cut the time for it. It cannot be undone.")),
    ...shorter(p, subject.now).map((n) => choice(t(`只留 ${length("zh", n)}`, `Leave only ${length("en", n)}`), cutTo(p, n))),
    choice(t("放弃收回", "Give up taking it back"), []))];
}

// sureOf shows who can take what back before and after, and asks.
function sureOf(subject: Subject, clauses: any[]): Promise<boolean> {
  const { before, after } = tightening(lang, subject, clauses), list = (lines: string[]) => h("ul", {}, ...lines.map((l) => h("li", {}, l)));
  return ask(t("收紧条件?", "Make the terms stricter?"), [h("p", {}, t("原来:", "Before:")), list(before), h("p", {}, t("以后:", "After:")), list(after),
    h("p", {}, t("做了就不能反悔。", "It cannot be undone."))], t("收紧", "Make them stricter"), t("不改", "Leave them"));
}
