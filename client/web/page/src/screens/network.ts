// The network: its blocks, who of the validators signed the newest, and all the money there is.

import { Buffer } from "buffer";
import { type Believed, isProven, prove } from "../believe.js";
import { clock, yuan } from "../explain/words.js";
import { network } from "../me.js";
import { h, t } from "../ui.js";
import { live } from "./live.js";
import { bar } from "./timeline.js";
import { verified, zone } from "./verified.js";

const every = 3000; // ms: a person sees it go on
const blocks = 10; // of those that were seen

const committed = 2n; // a validator's vote in a commit: docs/format.md, section 11

interface Block { height: bigint; time: bigint; signed: number; of: number; proven: boolean }

export function networkScreen(): HTMLElement {
  const seen: Block[] = [];
  return live({
    id: "network", every, read: () => prove("supply", "supply"),
    view: (b) => {
      const signed = (b.c.header.commit.signatures as any[]).map((s) => s.flag === committed);
      const block = { height: b.c.header.height as bigint, time: b.c.header.time as bigint, signed: signed.filter(Boolean).length, of: signed.length, proven: isProven(b) };
      const same = seen[0]?.height === block.height;
      seen.splice(0, same ? 1 : 0, block);
      seen.length = Math.min(seen.length, blocks);
      return [h("h1", {}, t("网络", "The network")),
        h("p", {}, t("记账的是几台互不相信的电脑,叫验证人。三分之二以上签了字,一页账(叫区块)才算数。",
          "The books are kept by computers that do not trust each other, the validators. A page of them, a block, counts once more than two thirds have signed it.")),
        verified(b), validators(b, signed), supply(b), list(seen),
        h("p", { class: "soft id" }, t("链 ", "Chain "), b.c.file.chain, (b.by?.dev ?? network?.dev) ? t("(测试链:钱不是真的)", " (a dev chain: play money)") : "")];
    },
  }).screen;
}

function validators(b: Believed, signed: boolean[]): HTMLElement {
  const names = namesOf(b), n = signed.filter(Boolean).length;
  const one = (is: boolean, i: number) => h("li", { class: is ? "good" : "bad" }, h("span", { class: "mark", "aria-hidden": "true" }, is ? "✓" : "✗"),
    h("strong", {}, names[i] ?? t(`验证人 ${i + 1}`, `validator ${i + 1}`)), h("span", {}, is ? t("签了最新的区块", "signed the newest block") : t("没有签最新的区块", "did not sign the newest block")));
  return h("section", {}, h("h2", {}, t(`验证人:${signed.length} 个里有 ${n} 个步调一致`, `Validators: ${n} of ${signed.length} in step`)),
    h("ul", { class: "checks validators" }, ...signed.map(one)));
}

// namesOf are the validators' names in a commit's order, as the trust file has them.
function namesOf(b: Believed): string[] {
  if (!b.by || !isProven(b)) return [];
  const list = JSON.parse(new TextDecoder().decode(b.by.bytes)).validators as { name: string; pub_key: string }[];
  const names = new Map(list.map((v) => [v.pub_key, v.name]));
  return ((b.by.read as any).validators as { key: Uint8Array }[]).map((v, i) => names.get(Buffer.from(v.key).toString("base64")) || t(`验证人 ${i + 1}`, `validator ${i + 1}`));
}

function supply(b: Believed): HTMLElement {
  const { wallets, escrow, held, total } = b.c.leaf;
  const row = (name: string, n: bigint) => h("li", {}, h("span", {}, name), h("strong", {}, yuan(n)), bar(n, total, `${Number((n * 10000n) / total) / 100} %`));
  return h("section", {}, h("h2", {}, t("全部的钱", "All the money")),
    h("ul", { class: "ledger supply" }, row(t("在大家的账户里", "in accounts"), wallets), row(t("在还没领的红包里", "in packets, unclaimed"), escrow),
      row(t("领了还没到账", "claimed, and held"), held)),
    h("p", { id: "supply" }, t(`合计 ${yuan(total)}:开链时定下,不多也不少。`, `${yuan(total)} in all: fixed when the chain began, neither more nor less.`)));
}

function list(seen: Block[]): HTMLElement {
  const row = (x: Block) => h("li", {}, h("span", {}, t(`区块 ${x.height}`, `block ${x.height}`)),
    h("strong", {}, x.proven ? `✓ ${x.signed}/${x.of}` : t("未核实", "not verified")), h("small", {}, clock(x.time, zone)));
  return h("section", {}, h("h2", {}, t("最近的区块", "The latest blocks")),
    h("p", { class: "soft" }, t("打开这一页以后看到的;✓ 后面是签字的验证人数。", "As seen since this screen was opened; behind the ✓ is how many validators signed.")),
    h("ol", { class: "ledger", id: "blocks" }, ...seen.map(row)));
}
