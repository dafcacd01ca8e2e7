// Whether what is on a screen was verified, by whom, and how: the same on every screen.

import { type Believed, isOld, isProven, relied } from "../believe.js";
import { clock } from "../explain/words.js";
import { button, h, lang, save, t } from "../ui.js";
import { trustLine } from "../view.js";
import { pick, say, steps } from "../words.js";
import { checkThis } from "./check.js";

// zone is by how many minutes the reader's clock is ahead of UTC.
export const zone = (ms: number) => -new Date(ms).getTimezoneOffset();

// fileOf is what a proof's file is called.
const fileOf = (b: Believed) => `${b.subject.slice(0, 12).replace("/", "-")}.proof`;

// verified says whether what is shown was verified, and how.
export function verified(b: Believed): HTMLElement {
  const check = button("plain", t("自己核对一遍", "Check it yourself"), () => checkThis(fileOf(b), b.bytes), { class: "plain check" });
  if (!isProven(b)) {
    const why = relied() && b.found.failed === "trust"
      ? t("签字的不是你的信任文件里的验证人,或者不是那条链。", "It is not signed by the validators of your trust file, or is of another chain.")
      : isOld(b) && relied() ? t("节点给的不是最新的:可能停了,也可能在隐瞒。", "What the node shows is old: it stands still, or hides what came since.")
      : t("没有信任文件,不知道该信谁。", "There is no trust file, so nobody is known whom to believe.");
    return h("div", { class: "notice wait", id: "verified" }, h("strong", {}, t("未核实:只是节点的说法。", "Not verified: only the node says so.")), " ", why, stateTime(b), check);
  }
  const header = b.found.checks.find((c) => c.name === "header")!, n = /by (\d+) of (\d+)/.exec(header.detail);
  return h("details", { class: "notice good", id: "verified" },
    h("summary", {}, h("strong", {}, t("✓ 已在你的浏览器里核实", "✓ Verified in your browser")), " ",
      n ? t(`${n[2]} 个验证人中有 ${n[1]} 个签了字`, `${n[1]} of ${n[2]} validators signed`) : "",
      h("span", { class: "by" }, `${pick(say.byTrust, lang)} ${trustLine(b.by, lang)}`), stateTime(b)),
    h("p", {}, t("这一页的内容都出自验证人签过字的账本,由你的浏览器按你的信任文件逐步核对,不是节点说了算。",
      "All of this page comes from the ledger that validators signed, checked step by step by your browser against your trust file. It does not take the node's word.")),
    h("ul", {}, ...b.found.checks.map((c) => h("li", {}, `✓ ${steps[c.name] ? pick(steps[c.name]!, lang) : c.name}`))),
    h("div", { class: "row" }, check, button("plain", t("保存证明文件", "Save the proof file"), () => save(fileOf(b), b.bytes))));
}

// stateTime says of when the state is that is shown.
const stateTime = (b: Believed) => h("span", { class: "as-of" }, t("状态时间:", "State of "), clock(b.now, zone));
