// Money that goes back only with the signatures of several: who they are, one's own consent
// as a file, the files of the others, and the recall once they suffice.

import { Buffer } from "buffer";
import { chainNow, isProven, relied } from "../believe.js";
import { type Consent, Misfit, maxConsentBytes, readConsent, signConsent, spellConsent, untilOf } from "../consent.js";
import { Explainer } from "../explain/explain.js";
import { consenting } from "../explain/sign.js";
import { inForce } from "../explain/packet.js";
import { clock, reason, yuan } from "../explain/words.js";
import { called, isMe, me, unlock } from "../me.js";
import { type Chance, clauseFor, reasonsFor } from "../recalls.js";
import { ask, button, field, h, lang, notice, save, t, ticking } from "../ui.js";
import { hex } from "../verifier.js";
import { type Scene, perform, reasonPicker } from "./actions.js";
import { go } from "./shell.js";
import { zone } from "./verified.js";

// What was brought for a packet's share outlives the screen's being drawn anew.
const brought = new Map<string, Consent[]>();

// together is the card of money for which the reader alone does not suffice. Who neither
// sent the packet nor is asked for a signature does not see it.
export function together(s: Scene, c: Chance): HTMLElement[] {
  const { p, b, subject } = s, key = me ? hex(me.key) : "", asked = c.sets.some((set) => set.includes(key));
  if (!me || (!asked && !isMe(p.sender))) return [];
  const place = `${b.subject}/${c.share}`, now = subject.now, others = (brought.get(place) ?? []).filter((o) => o.key && hex(o.key) !== key);
  const x = new Explainer(lang, subject), first = others[0], id: Uint8Array = b.c.file.id, chain: string = b.c.file.chain;
  const signers = [...others.map((o) => hex(o.key)), key];
  const what = c.share === 0 ? t(`没领走的 ${yuan(c.amount)}`, `the unclaimed ${yuan(c.amount)}`)
    : t(`${called(p.shares[c.share - 1]!.claimer)} 领的 ${yuan(c.amount)}`, `the ${yuan(c.amount)} that ${called(p.shares[c.share - 1]!.claimer)} claimed`);
  const ready = first && clauseFor(p, c.share, first.file.reason, now, signers) === first.clause;
  const said = h("div", { "aria-live": "polite" });
  const input = h("input", { type: "file", multiple: true, accept: ".json", class: "plainfile", onchange: async () => {
    const list = [...(brought.get(place) ?? [])];
    for (const file of (input as HTMLInputElement).files ?? []) {
      try {
        if (file.size > maxConsentBytes) throw new Misfit("unread");
        const read = readConsent(await file.text(), chain, id, p, c.share, chainNow(b));
        if (list.some((o) => o.file.reason !== read.file.reason || o.clause !== read.clause)) throw new Misfit("clause");
        if (!list.some((o) => hex(o.key) === hex(read.key))) list.push(read);
      } catch (err) {
        if (!(err instanceof Misfit)) throw err;
        return said.replaceChildren(notice("bad", misfitWords(err)));
      }
    }
    brought.set(place, list);
    go(); // shows what is there now
  } });
  const take = () => void s.act(t("正在收回……", "Taking it back …"), async () => {
    const done = await perform(s, "recall", { clause: first!.clause, share: c.share, reason: first!.file.reason,
      consents: others.map((o) => ({ account: Buffer.from(o.key), validUntil: o.validUntil, signature: Buffer.from(o.signature) })) });
    if (done) brought.delete(place);
    return done;
  });
  return [h("section", { class: "card together" },
    h("h2", {}, t(`几个人一起,可以把${what}退给发的人`, `Together, people can send ${what} back to the sender`)),
    h("p", {}, t(`需要签字的人:${x.people(c.sets)}。`, `It takes the signatures of ${x.people(c.sets)}.`), " ",
      t("还剩", "Time left:"), " ", ticking(() => Number(c.until - chainNow(b)) / 1e9, () => go())),
    others.length ? h("ul", {}, ...others.map((o) => h("li", {}, t(`✓ ${called(o.key)} 已签字,理由:${reasonOf(o)}`, `✓ ${called(o.key)} signed, as ${reasonOf(o)}`)))) : null,
    ready ? button("main", t("收回,退给发的人", "Send it back"), take, { class: "main take" }) : null,
    asked ? consentForm(s, c, said, first) : null,
    field(t("别人签好的文件", "Files that others signed"), t("选对方发给你的 .json 文件,可以一次选几个。", "Choose the .json files that they gave you, several at once if you like."), input), said)];
}

const reasonOf = (o: Consent) => (o.file.reason ? reason(lang, o.file.reason) : t("没写", "no stated reason"));

const misfitWords = (err: Misfit) => ({
  unread: t("这不是同意收回的签字文件。", "This is not a consent file."),
  packet: t("这个文件签的是另一个红包。", "This file is about another packet."),
  share: t("这个文件签的是另一份钱。", "This file is about other money."),
  clause: t("这个文件签的条款或理由和现在的不一样,不能一起用。", "This file is for another clause or reason, and cannot be used with the others."),
  over: t("这个签字已经过期了。", "This signature is no longer valid."),
  signature: t("签字不对:不是文件里写的那个人签的。", "The signature is wrong: it is not by the account that the file names."),
}[err.why]);

// consentForm is for the reader's own signature: for the reason of those that are there, if any.
function consentForm(s: Scene, c: Chance, said: HTMLElement, first: Consent | undefined): HTMLElement {
  const why = reasonPicker(first ? [first.file.reason] : reasonsFor(c));
  return h("div", {}, why.field, button("plain", t("我同意收回(签字,存成文件)", "I approve (sign, and save a file)"), () => void consent(s, c, why.value(), said)));
}

// consent signs the reader's consent after a question, and hands it over as a file.
async function consent({ p, b, subject }: Scene, c: Chance, why: string, said: HTMLElement) {
  if (relied() && !isProven(b)) {
    return said.replaceChildren(notice("bad", t("没有核实过,不签字。", "Nothing was verified: nothing is signed.")));
  }
  const now = chainNow(b), key = hex(me!.key), all = c.sets.find((set) => set.includes(key))!;
  const clause = clauseFor(p, c.share, why, now, all);
  if (clause === 0) return said.replaceChildren(notice("bad", t("没有哪一条条款允许用这个理由。", "No clause allows this for that reason.")));
  const until = untilOf(now), usable = until < c.until ? until : c.until;
  const { lines, question } = consenting(lang, { ...subject, share: c.share }, clause, why, usable);
  if (!(await ask(question, lines.slice(1).map((l) => h("p", {}, l)), t("同意,签字", "Approve and sign"), t("不同意", "Do not")))) return;
  const who = await unlock();
  if (!who) return;
  const file = signConsent(b.c.file.chain, b.c.file.id, p, c.share, clause, why, until, who);
  save(`consent-${who.name}-${b.subject.slice(0, 12)}${c.share ? `-${c.share}` : ""}.json`, spellConsent(file));
  said.replaceChildren(notice("good", t(`已签字,存成文件。请把它发给要去收回的人;${clock(usable, zone)} 前有效。`,
    `Signed and saved. Give the file to the person who takes the money back; it is good until ${clock(usable, zone)}.`),
  inForce(p).length > 1 ? t(`用的是第 ${clause} 条。`, ` It is for clause ${clause}.`) : ""));
}
