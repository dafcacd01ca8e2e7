// What happened to a packet, as steps on a line: who did it and signed it, and what was left.

import { type Believed, packetOf } from "../believe.js";
import { FULL, LUCKY, type Packet, RESERVED } from "../explain/packet.js";
import { clock, join, reason, yuan } from "../explain/words.js";
import { called } from "../me.js";
import { h, lang, svg, t } from "../ui.js";
import { KIND, hex, packetId } from "../verifier.js";
import { zone } from "./verified.js";

// bar is the money that is left, beside the whole.
export function bar(left: bigint, total: bigint, said: string): HTMLElement {
  const part = Number((left * 1000n) / total) / 10;
  return h("div", { class: "bar" }, svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { width: String(part), height: "4" })), h("span", {}, said));
}

// luckiest is the number of the share that drew most, once all are drawn; 0: none is yet, or
// amounts are no luck.
function luckiest(p: Packet): number {
  if (p.tally || p.terms.split !== LUCKY || p.terms.shares < 2 || p.status !== FULL || p.shares.some((s) => s.state === RESERVED)) return 0;
  const amounts = p.shares.map((s) => s.amount);
  return 1 + amounts.findIndex((n) => amounts.every((other) => n >= other));
}

const pictures = {
  out: "M2 8h11M9 4l4 4-4 4", in: "M8 2v8M4.5 6.5 8 10l3.5-3.5M3 14h10", back: "M14 8H3M7 4 3 8l4 4", done: "M3 8.5 6.5 12 13 4.5",
  luck: "M8 2l1.8 4.2 4.2.4-3.2 2.8 1 4.4L8 11.4l-3.8 2.4 1-4.4L2 6.6l4.2-.4z", time: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 5v3.5l2 1.5",
  word: "M3 3h10v7H8l-3 3v-3H3z", lock: "M4 7h8v6H4zM6 7V5a2 2 0 0 1 4 0v2",
};

// moved is how much an entry moved; undefined: nothing.
const moved = (e: any): bigint | undefined => e.posting?.amount ?? (e.claims?.sum || undefined);

interface Step { picture: keyof typeof pictures; text: string }

function steps(p: Packet): Record<number, (e: any) => Step> {
  const who = (n: number) => (p.shares[n - 1] ? called(p.shares[n - 1]!.claimer) : "");
  const some = (e: any) => e.claims.count as number; // of a large packet: the claims of a block
  const sender = called(p.sender), step = (picture: keyof typeof pictures, zh: string, en: string) => ({ picture, text: t(zh, en) });
  return {
    [KIND["send"]!]: () => step("out", `${sender} 发出`, `${sender} sent it`),
    [KIND["claim"]!]: (e) => e.claims ? step("in", `${some(e)} 份被领走`, `${some(e)} claimed`) : step("in", `${who(e.share)} 领走`, `${who(e.share)} claimed`),
    [KIND["reserve"]!]: (e) => e.claims ? step("in", `${some(e)} 份被抢到,金额待抽`, `${some(e)} taken, to be drawn`) : step("in", `${who(e.share)} 抢到一份,金额待抽`, `${who(e.share)} took a share, to be drawn`),
    [KIND["draw"]!]: (e) => e.claims ? step("luck", `${some(e)} 份抽出金额`, `${some(e)} drawn`) : step("luck", `${who(e.share)} 抽到`, `${who(e.share)} drew`),
    [KIND["recall"]!]: (e) => e.share ? step("back", `${who(e.share)} 的那份被收回`, `${who(e.share)}'s share was taken back`)
      : step("back", "没领走的被收回", "what was unclaimed was taken back"),
    [KIND["return"]!]: (e) => step("back", `${who(e.share)} 退还`, `${who(e.share)} gave it back`),
    [KIND["refund"]!]: () => step("time", "到期,没领走的自动退回", "expired: the rest went back"),
    [KIND["settle"]!]: (e) => step("done", `${who(e.share)} 的钱到账`, `${who(e.share)}'s money arrived`),
    [KIND["ask"]!]: (e) => step("word", `${sender} 请 ${who(e.share)} 退还`, `${sender} asked ${who(e.share)} for it back`),
    [KIND["refuse"]!]: (e) => step("word", `${who(e.share)} 没有同意`, `${who(e.share)} said no`),
    [KIND["lapse"]!]: (e) => step("time", `${who(e.share)} 没有答复`, `${who(e.share)} did not answer`),
    [KIND["tighten"]!]: () => step("lock", `${sender} 收紧了条件`, `${sender} made the terms stricter`),
  };
}

// signers says whose signatures a step stands on: its transaction's, and those of the others
// who agreed to it.
function signers(e: any, txs: Map<string, any>): string {
  const tx = e.tx && txs.get(hex(e.tx));
  if (e.claims && e.kind !== KIND["draw"]) return t("每个领的人都签了自己的那一份", "each claimer signed for a share");
  if (!tx) {
    return e.kind === KIND["draw"] ? t("由网络抽取,谁也不能挑", "drawn by the network: nobody chose it")
      : t("到时候自动发生,不用谁签字", "happens by itself when it is due: nobody signs");
  }
  const agreed = (tx.body.consents ?? []).map((c: any) => called(c.account)) as string[];
  const all = [...new Set([called(tx.account), ...agreed])];
  return t(`签字:${join(lang, all)}`, `signed by ${join(lang, all)}`);
}

// timeline is everything that happened, as steps on a line.
export function timeline(b: Believed): HTMLElement {
  const p = packetOf(b), names = steps(p), best = luckiest(p), { total } = p.terms;
  const txs = new Map<string, any>((b.c.txs as any[]).map((tx) => [hex(tx.hash), tx]));
  const one = (e: any) => {
    const { picture, text } = names[e.kind]?.(e) ?? { picture: "word", text: String(e.kind) };
    const took = e.kind === KIND["draw"] || e.kind === KIND["claim"];
    return h("li", {},
      svg("svg", { viewBox: "0 0 16 16", class: "dot", "aria-hidden": "true" }, svg("path", { d: pictures[picture] })),
      h("span", { class: "what" }, text, ...(best > 0 && took && e.share === best ? [" ", h("span", { class: "best" }, t("手气最佳", "luckiest"))] : [])),
      moved(e) ? h("strong", {}, yuan(moved(e)!)) : h("span", {}),
      h("small", {}, clock(e.time, zone), e.reason ? ` · ${t("理由:", "reason: ")}${reason(lang, e.reason)}` : "", h("br", {}), signers(e, txs)),
      moved(e) ? bar(e.balance, total, t(`余 ${yuan(e.balance)}`, `${yuan(e.balance)} left`)) : null);
  };
  return h("section", {}, h("h2", {}, t("经过", "What happened")), h("ol", { class: "timeline" }, ...(b.c.entries as any[]).map(one)),
    h("p", { class: "soft id" }, t("编号 ", "Number "), packetId(b.c.file.id)));
}
