// The reader's money: what they have, the packets they sent and claimed from, and every
// movement, each from a statement that was verified to leave nothing out.

import { type Believed, askEvery, chainNow, isProven, packetOf, provePacket, statement } from "../believe.js";
import { statusAt } from "../explain/explain.js";
import { EXPIRED, FULL, OPEN, RECALLED, RESERVED, SHARE_RECALLED, claimed, shareOf, standing } from "../explain/packet.js";
import { clock, yuan } from "../explain/words.js";
import { type Account } from "../keys.js";
import { me } from "../me.js";
import { type Movement, kindOf, movement, placeOf, table } from "../statement.js";
import { type Child, button, h, lang, save, t } from "../ui.js";
import { ESCROW, KIND, address, hex, packetId } from "../verifier.js";
import { live } from "./live.js";
import { failure, go } from "./shell.js";
import { verified, zone } from "./verified.js";

const rowsAtFirst = 20, packetsAtFirst = 10; // what a person looks at, and the browser proves at once
const all = 20_000; // entries; more are in no proof: docs/format.md, section 11

export function moneyScreen(): HTMLElement {
  if (!me) {
    return h("div", {}, h("h1", {}, t("我的钱", "My money")), h("p", {}, t("还没有账户。有了账户,才有钱可看。", "You have no account yet: with one there is money to look at.")),
      button("main", t("准备账户", "Get an account"), () => go("?do=keys")));
  }
  const who = me, text = address(who.key), states = new States();
  let rows = rowsAtFirst, packets = packetsAtFirst;
  const { screen, again } = live({
    id: "money", subject: text, read: () => statement(text, Math.max(rows, packets * 10)), tick: () => states.tick(screen),
    view: (b) => {
      const more = (what: () => void) => () => { what(); again(); };
      return [h("h1", {}, t("我的钱", "My money")), balance(b, who, text), verified(b),
        ...(b.c.file.kind === "account" ? [mine(b, who, packets, states, more(() => { packets *= 2; })), movements(b, who, rows, more(() => { rows *= 3; }))] : [])];
    },
  });
  return screen;
}

function balance(b: Believed, who: Account, text: string): HTMLElement {
  const leaf = b.c.file.kind === "account" ? b.c.leaf : { balance: 0n, held: 0n };
  const copied = h("span", { role: "status" });
  return h("section", { class: "envelope purse" }, h("p", {}, t(`“${who.name}”可以花的`, `“${who.name}” can spend`)),
    h("p", { class: "amount", id: "balance" }, yuan(leaf.balance)),
    leaf.held > 0n ? h("p", {}, t(`另有 ${yuan(leaf.held)} 存着,还没到账`, `${yuan(leaf.held)} more is held: not yours to spend yet`)) : null,
    b.c.file.kind === "absent" ? h("p", {}, t("这个账户还没有收过钱。", "This account never received money.")) : null,
    h("p", { class: "address" }, text),
    button("plain", t("复制收款地址", "Copy the address"), () => {
      void navigator.clipboard.writeText(text).then(() => { copied.textContent = t("已复制", "copied"); }, () => { copied.textContent = t("请手工复制", "please copy it by hand"); });
    }), " ", copied);
}

// A Party is how an account takes part in a packet.
interface Party { id: Uint8Array; sent: boolean; at: bigint; amount: bigint | null }

// parties are the packets of entries, newest first.
function parties(entries: any[], key: Uint8Array): Party[] {
  const list = new Map<string, Party>();
  for (const e of entries) {
    if (!e.packet) continue;
    const id = hex(e.packet), sent = e.kind === KIND["send"], took = e.kind === KIND["claim"] || e.kind === KIND["reserve"];
    if (sent || took) list.set(id, { id: e.packet, sent, at: e.time, amount: sent ? -movement(e, key).amount : e.posting?.amount ?? null });
    const one = list.get(id);
    if (e.kind === KIND["draw"] && one && !one.sent) one.amount = e.posting.amount;
  }
  return [...list.values()].sort((a, b) => (a.at < b.at ? 1 : -1));
}

function mine(b: Believed, who: Account, most: number, states: States, more: () => void): HTMLElement {
  const list = parties(b.c.entries, who.key), shown = list.slice(0, most), chain: string = b.c.file.chain;
  const row = (p: Party) => {
    const id = packetId(p.id), where = `?chain=${encodeURIComponent(chain)}&packet=${id}`;
    return h("li", {}, h("a", { href: where, onclick: (e) => { e.preventDefault(); go(where); } },
      h("span", {}, p.sent ? t("我发的", "Sent") : t("我领的", "Claimed")), h("strong", {}, p.amount === null ? t("金额待抽", "to be drawn") : yuan(p.amount)),
      h("small", {}, clock(p.at, zone)), states.element(id, p.sent, who)));
  };
  states.fill(shown.map((p) => packetId(p.id)));
  return h("section", {}, h("h2", {}, t("我的红包", "My packets")),
    list.length ? h("ul", { class: "ledger packets" }, ...shown.map(row))
      : h("p", { class: "soft" }, b.c.file.from > 0n ? t("最近没有发过,也没有领过。", "None was sent or claimed lately.") : t("还没有发过,也没有领过。", "None was sent or claimed yet.")),
    list.length > most || b.c.file.from > 0n ? button("plain", t("看更早的红包", "Show earlier packets"), more) : null);
}

// States are how packets stand, each by a proof of its own. A mark does not outlive its proof.
class States {
  private known = new Map<string, Believed | Error>();
  private wanted: string[] = [];
  private busy = false;

  element(id: string, sent: boolean, who: Account): HTMLElement {
    return h("small", { class: "state", "data-packet": id, "data-sent": String(sent), "data-key": hex(who.key) }, ...this.words(id, sent, who.key));
  }

  words(id: string, sent: boolean, key: Uint8Array): Child[] {
    const b = this.known.get(id);
    if (!b) return [t("正在核实……", "checking …")];
    if (b instanceof Error) return [t("现在的状态没有证明", "how it stands is not proven")];
    const p = packetOf(b), n = shareOf(p, key), f = n ? standing(p, n, chainNow(b)) : null;
    const mark = isProven(b) ? "✓ " : t("未核实:", "not verified: ");
    if (sent || !f) {
      const status = statusAt(p, chainNow(b));
      const said = { [OPEN]: t("还开着", "open"), [FULL]: t("领完了", "all claimed"), [RECALLED]: t("收回了", "taken back"), [EXPIRED]: t("到期了", "expired") }[status];
      return [mark, said ?? "", t(`,已领 ${claimed(p)}/${p.terms.shares}`, `, ${claimed(p)} of ${p.terms.shares} claimed`)];
    }
    if (f.until !== undefined) return [mark, t(`到 ${clock(f.until, zone)} 为止别人还能收回`, `others can take it back until ${clock(f.until, zone)}`)];
    if (f.since !== undefined) return [mark, f.state === RESERVED ? t("等着抽金额", "being drawn") : t("归你了,谁也拿不走", "yours, final")];
    return [mark, f.state === SHARE_RECALLED ? t("被收回了", "taken back") : t("退还了", "given back")];
  }

  tick(screen: HTMLElement) {
    for (const e of screen.querySelectorAll<HTMLElement>("[data-packet]")) this.put(e);
    this.fill(this.wanted);
  }

  private put(e: HTMLElement) {
    const said = this.words(e.dataset["packet"]!, e.dataset["sent"] === "true", bytesOf(e.dataset["key"]!)).join("");
    if (e.textContent !== said) e.textContent = said;
  }

  // fill proves the packets one by one: a page asks for little at a time.
  fill(ids: string[]) {
    this.wanted = ids;
    if (this.busy) return;
    this.busy = true;
    void (async () => {
      for (const id of this.wanted) {
        const before = this.known.get(id);
        if (before && !(before instanceof Error) && Date.now() - before.got < askEvery) continue;
        this.known.set(id, await provePacket(id, me?.key ?? null).catch((err: Error) => err));
        for (const e of document.querySelectorAll<HTMLElement>(`[data-packet="${id}"]`)) this.put(e);
      }
      this.busy = false;
    })();
  }
}

const bytesOf = (text: string) => Uint8Array.from(text.match(/../g)!, (two) => parseInt(two, 16));

// said is what a movement was, in a person's words.
function said({ e, amount, other }: Movement): string {
  const place = other ? placeOf(other, lang) : "", came = amount > 0n;
  const words: Record<string, () => string> = {
    genesis: () => t("开始时就有的", "there from the beginning"),
    pay: () => (came ? t(`${place} 付来`, `paid by ${place}`) : t(`付给 ${place}`, `paid to ${place}`)),
    send: () => t("发红包", "sent a packet"),
    claim: () => t("领红包", "claimed"),
    reserve: () => t("抢到一份,金额待抽", "took a share, to be drawn"),
    draw: () => t("抽到", "drew"),
    settle: () => t("存着的到账了,可以花了", "what was held is yours to spend"),
    recall: () => (came ? t("收回来的", "taken back") : amount < 0n ? t("被收回", "was taken back") : t("收回,等抽完再退", "taken back, once all is drawn")),
    return: () => (came ? t(`${place} 退还`, `given back by ${place}`) : t(`退还给 ${place}`, `given back to ${place}`)),
    refund: () => t("到期退回", "expired, and came back"),
  };
  return words[kindOf(e)]?.() ?? kindOf(e);
}

function movements(b: Believed, who: Account, most: number, more: () => void): HTMLElement {
  const list = (b.c.entries as any[]).map((e) => movement(e, who.key)).reverse(), shown = list.slice(0, most);
  const row = (m: Movement) => h("li", {}, h("span", {}, said(m)),
    h("strong", { class: m.amount > 0n ? "in" : "" }, m.amount === 0n ? "" : (m.amount > 0n ? "+" : "−") + yuan(m.amount < 0n ? -m.amount : m.amount)),
    h("small", {}, clock(m.e.time, zone), m.other?.kind === ESCROW ? ` · ${placeOf(m.other, lang)}` : ""),
    h("small", {}, t(`余额 ${yuan(m.e.balance)}`, `balance ${yuan(m.e.balance)}`)));
  const whole = b.c.file.from === 0n && list.length <= most;
  return h("section", {}, h("h2", {}, t("每一笔进出", "Every movement")),
    h("p", { class: "soft" }, !isProven(b) ? t("没有核实:可能漏了,也可能是编的。", "Not verified: some may be missing, or made up.")
      : whole ? t("从第一笔到现在,一笔不漏。", "From the first on: nothing is left out.") : t("最近的在前,中间一笔不漏。", "The newest first: nothing is left out between them.")),
    h("ol", { class: "ledger", id: "movements" }, ...shown.map(row)),
    h("div", { class: "row" }, whole ? null : button("plain", t("看更早的", "Show earlier ones"), more), download(who)));
}

// download hands out the whole statement as a table.
function download(who: Account): HTMLElement {
  const problem = h("div", {});
  return h("div", {}, button("plain", t("下载全部账目(表格)", "Download all of it (a table)"), async () => {
    problem.replaceChildren();
    try {
      const b = await statement(address(who.key), all);
      if (b.c.file.kind !== "account") return;
      save(`hongbao-${who.name}${isProven(b) ? "" : t("-未核实", "-not-verified")}.csv`, table(b.c.entries, who.key, lang));
    } catch (err) {
      problem.replaceChildren(failure(err));
    }
  }), problem);
}
