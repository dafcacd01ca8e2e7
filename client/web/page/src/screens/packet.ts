// A packet: what its sender signed, in plain words, how it stands, and what the reader can
// do. All of it comes from a proof that was verified here, or is marked as not verified.

import { Buffer } from "buffer";
import * as api from "../api.js";
import { type Believed, askEvery, chainNow, isProven, packetOf, prove, provePacket, relied } from "../believe.js";
import { type Subject, explain, standingOf } from "../explain/explain.js";
import { BY_LIST, LUCKY, OPEN, type Packet, RESERVED, SETTLED, claimed, recallableUntil, shareAt, shareOf, standing } from "../explain/packet.js";
import { yuan } from "../explain/words.js";
import { type Link, forgetKey, misfit } from "../link.js";
import { called, isMe, me, nameOf, network } from "../me.js";
import { resume } from "../submit.js";
import { button, h, lang, notice, save, t, ticking } from "../ui.js";
import { hex } from "../verifier.js";
import { type Scene, actions } from "./actions.js";
import { linkCard } from "./link.js";
import { failure, go, happened, onLeave } from "./shell.js";
import { bar, timeline } from "./timeline.js";
import { verified, zone } from "./verified.js";

// packetScreen shows the packet of a link, and keeps it fresh while it is on the screen.
export function packetScreen(link: Link): HTMLElement {
  const screen = h("div", { id: "packet" }, h("p", { class: "soft", role: "status" }, t("正在核实……", "Checking …")));
  let working = false, reading = false, again = false, shown: Believed | null = null, proven = false, asked = 0;
  let told: HTMLElement | null = null; // of an earlier transaction, until the screen is left
  const show = (...what: HTMLElement[]) => screen.replaceChildren(...(told ? [told] : []), ...what);
  const look = (b: Believed, ...before: HTMLElement[]) => {
    shown = b;
    proven = isProven(b);
    show(...before, ...view(link, b, act));
  };
  // renew shows what was asked for anew. Where nothing but the time is new, all else on the
  // screen stays as the reader has it.
  const renew = (b: Believed) => {
    const old = screen.querySelector<HTMLDetailsElement>("#verified");
    const same = shown && proven === isProven(b) && b.by === shown.by && b.found.failed === shown.found.failed
      && hex(packetHead(b)) === hex(packetHead(shown));
    if (!shown || !old || !same) return look(b);
    const fresh = verified(Object.assign(shown, b)) as HTMLDetailsElement; // the buttons go by the fresh one, too
    if (old.open) fresh.open = true;
    const stops = (e: HTMLElement) => [...e.querySelectorAll<HTMLElement>("summary, button")];
    const focused = stops(old).indexOf(document.activeElement as HTMLElement);
    old.replaceWith(fresh);
    stops(fresh)[focused]?.focus();
  };
  const read = async () => {
    again = reading; // what happens meanwhile is read after this
    if (reading) return;
    reading = true;
    asked = Date.now();
    try {
      const b = await ask(link);
      if (!working) renew(b);
    } catch (err) {
      if (!working) {
        shown = null;
        show(failure(err), button("plain", t("再试一次", "Try again"), () => void read()));
      }
    }
    reading = false;
    if (again) void read();
  };
  // act does something that changes the packet, and shows how it ended.
  const act = async (doing: string, run: () => Promise<Believed | null>) => {
    if (working) return;
    working = true;
    const said = notice("wait", doing);
    screen.querySelector(".actions")?.replaceChildren(said);
    let problem: HTMLElement | null = null;
    try {
      shown = (await run()) ?? shown;
    } catch (err) {
      problem = failure(err);
    }
    working = false;
    told = null; // the reader has gone on, or hears it as the problem
    if (shown) look(shown, ...(problem ? [problem] : []));
    if (problem) void ask(link).then((b) => look(b, problem!)).catch(() => {});
  };
  // A server that is silent, and a stream that says nothing, must not leave the mark of what
  // was verified: it is asked for anew, and what is too old loses its mark.
  const watch = () => {
    if (document.hidden) return;
    if (shown && proven && !isProven(shown)) {
      if (working) screen.querySelector("#verified")?.replaceWith(verified(shown));
      else look(shown);
      proven = false;
    }
    if (!working && Date.now() - asked >= askEvery) void read();
  };
  const watching = setInterval(watch, 1000);
  document.addEventListener("visibilitychange", watch);
  void read().then(() => {
    // What was left open when a tab was closed, or the server was gone, is settled first.
    const chain = relied()?.chain ?? network?.chain_id;
    if (me && chain) void resume(chain, me).then((p) => {
      if (!p) return;
      told = happened(p.packet, "");
      if (shown && !working) look(shown);
      void read();
    }).catch(() => {});
  });
  const unfollow = api.follow(link.packet, () => { if (!working) void read(); });
  onLeave(() => {
    unfollow();
    clearInterval(watching);
    document.removeEventListener("visibilitychange", watch);
  });
  return screen;
}

// ask asks for the packet of a link, and for the share in it that is the reader's, or of the link's entry.
const ask = (link: Link) => provePacket(link.packet, me?.key ?? null, link.listing?.entry.index);

// packetHead is what all that happened folds to; of a large packet, to the reader's share, too.
const packetHead = (b: Believed): Uint8Array =>
  b.share ? Buffer.concat([b.c.leaf.history.head, b.share.c.alone.history.head]) : b.c.leaf.history.head;

function view(link: Link, b: Believed, act: Scene["act"]): HTMLElement[] {
  const p = packetOf(b), now = chainNow(b), mine = me ? shareOf(p, me.key) : 0;
  const subject: Subject = {
    packet: p, now, zone, name: (k) => (me && hex(me.key) === k ? t("我", "me") : nameOf(k)), alone: (relied() ?? network)?.validators === 1,
  };
  const wrong = misfit(link, p.terms);
  if (mine && isProven(b) && standing(p, mine, now).since !== undefined) forgetKey(link); // it has done all that it can
  return [
    envelope(link, p, mine, wrong),
    verified(b),
    ...(wrong === "key" ? [notice("bad", t("这个链接的钥匙不是这个红包的:用它领不了。请向发的人重新要链接。",
      "The key in this link is not this packet's: nothing can be claimed with it. Ask the sender for the link again."))] : []),
    ...(wrong === "entry" ? [notice("bad", t("这个链接里的一项不在这个红包的名单上,或被人改过:用它领不了。请向发的人重新要链接。",
      "The entry in this link is not on this packet's list, or was altered: nothing can be claimed with it. Ask the sender for the link again."))] : []),
    ...(wrong === "memo" ? [notice("bad", t("链接里的留言被人改过,不是发的人签的那一条,这里不显示。",
      "The message in the link was altered: it is not the one that the sender signed, and is not shown."))] : []),
    ...(mine ? [yours(p, mine, b, subject)] : []),
    ...linkCard({ ...link, chain: b.c.file.chain }, p, b.c.file.id),
    actions({ link, p, b, subject, mine, act }),
    h("section", {}, h("h2", {}, isMe(p.sender) ? t("你签的条件", "What you signed") : mine ? t("说好的条件", "What was agreed") : t("领之前,先看清楚", "Before you claim")),
      h("ul", { class: "terms" }, ...explain(lang, { ...subject, share: mine }).map((s) => h("li", {}, s)))),
    ...countdown(p, b, mine),
    timeline(b),
  ];
}

// envelope is the red card: how much, from whom, and how many are left.
function envelope(link: Link, p: Packet, mine: number, wrong: ReturnType<typeof misfit>): HTMLElement {
  const { terms } = p, share = mine ? shareAt(p, mine) : undefined, lucky = terms.split === LUCKY && terms.shares > 1;
  const entry = terms.split === BY_LIST && !wrong ? link.listing?.entry : undefined;
  const amount = share && share.state !== RESERVED ? yuan(share.amount) : entry ? yuan(entry.amount)
    : terms.split === BY_LIST ? t("按名单", "By the list") : lucky ? t("拼手气", "Lucky") : yuan(terms.total / BigInt(terms.shares));
  const what = share ? t("你领到的", "Your share") : entry ? t(`这个链接是名单上的第${entry.index}项`, `This link is entry ${entry.index} of the list`)
    : terms.split === BY_LIST ? t("每项各有金额", "each entry has its own amount") : lucky ? t("金额领了才知道", "Drawn once you claim") : terms.shares > 1 ? t("每份", "Each share") : "";
  return h("section", { class: "envelope" },
    h("p", { class: "from" }, t(`${called(p.sender)} 的红包`, `A red packet from ${called(p.sender)}`)),
    link.memo && wrong !== "memo" ? h("p", { class: "memo" }, link.memo.text) : null,
    h("h1", { class: "amount" }, amount), h("p", {}, what),
    h("p", { class: "of" }, t(`共 ${yuan(terms.total)} · ${terms.shares} 份 · 已领 ${claimed(p)} 份`,
      `${yuan(terms.total)} in all · ${claimed(p)} of ${terms.shares} claimed`)),
    bar(p.escrow, terms.total, t(`还没领的 ${yuan(p.escrow)}`, `${yuan(p.escrow)} unclaimed`)));
}

// yours says how the reader's own share stands: final, with its proof, or until when others
// could take it back.
function yours(p: Packet, mine: number, b: Believed, subject: Subject): HTMLElement {
  const f = standing(p, mine, subject.now), share = shareAt(p, mine);
  const proof = button("plain", t("保存这一份的证明", "Save the proof of this share"), async () => {
    const s = await prove("share", `${b.subject}/${mine}`).catch(() => null);
    if (s) save(`${b.subject.slice(0, 12)}-${mine}.proof`, s.bytes);
  });
  const says = h("p", {}, standingOf(lang, { ...subject, share: mine }));
  if (f.since !== undefined && isProven(b)) {
    return h("section", { class: "notice good", id: "yours" },
      h("h2", {}, t("归你了,谁也拿不走", "Yours, final")), says, f.state !== SETTLED ? held(p, mine, b) : null, proof);
  }
  if (f.until !== undefined) {
    return h("section", { class: "notice wait", id: "yours" }, h("h2", {}, t("还没有真正到手", "Not yours for sure yet")),
      h("p", {}, t("别人还能收回它的时间:", "Others can still take it back for: "), ticking(() => Number(f.until! - chainNow(b)) / 1e9, () => go())), says, proof);
  }
  if (f.since !== undefined) {
    return h("section", { class: "notice wait", id: "yours" }, h("h2", {}, t("节点说归你了,没有核实", "The node says that it is yours: not verified")), says, proof);
  }
  return h("section", { class: "notice wait", id: "yours" },
    h("h2", {}, share.state === RESERVED ? t("抢到了,正在抽金额", "You have a share: it is being drawn") : t("这一份不在你这里", "This share is not with you")), says);
}

const held = (p: Packet, mine: number, b: Believed) => h("p", {}, t("还有多久能花:", "You can spend it in: "),
  ticking(() => Number(shareAt(p, mine).claimedAt + BigInt(p.terms.hold) * 1_000_000_000n - chainNow(b)) / 1e9, () => go()));

// countdown is until when the sender's side can still take back what is unclaimed.
function countdown(p: Packet, b: Believed, mine: number): HTMLElement[] {
  const until = recallableUntil(p);
  if (mine || isMe(p.sender) || p.status !== OPEN || until <= chainNow(b)) return [];
  const said = t("没领走的还可能被收回,剩下:", "What is unclaimed can be taken back for: ");
  return [h("p", { class: "notice wait" }, said, ticking(() => Number(until - chainNow(b)) / 1e9, () => go()))];
}
