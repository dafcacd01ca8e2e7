// The first screen: open a packet that somebody sent, and whose account this is.

import { parseLink } from "../link.js";
import { me } from "../me.js";
import { button, field, h, notice, t } from "../ui.js";
import { address } from "../verifier.js";
import { go } from "./shell.js";

export function homeScreen(open: (link: NonNullable<ReturnType<typeof parseLink>>) => void): HTMLElement {
  const input = h("textarea", { rows: "3", autocomplete: "off", spellcheck: "false", autocapitalize: "off" }) as HTMLTextAreaElement;
  const problem = h("div", {});
  const form = h("form", {
    onsubmit: (e) => {
      e.preventDefault();
      const link = parseLink(input.value);
      if (link) open(link);
      else problem.replaceChildren(notice("bad", t("这不是完整的红包链接。请从头到尾复制,包括 # 后面的部分。", "This is not a whole link. Copy all of it, with everything after the #.")));
    },
  }, field(t("把收到的红包链接粘贴到这里", "Paste the link that you were sent"), t("以 hongbao: 开头的那一串。链接就是钱,别发给别人。", "It begins with hongbao: and is as good as money: pass it on to no one else."), input),
    problem, h("div", { class: "actions" }, h("button", { class: "main" }, t("打开红包", "Open it"))));
  return h("div", {}, h("h1", {}, t("打开红包", "Open a red packet")), form,
    h("section", { class: "card" }, h("h2", {}, t("发红包", "Send a red packet")), h("p", {}, t("给亲友发一个,说好条件再签字。", "Send one, on terms that you read before you sign.")),
      button("main", t("发红包", "Send one"), () => go("?do=send"), { id: "to-send" })),
    h("section", { class: "card" }, h("h2", {}, t("我的账户", "My account")),
      me ? h("p", {}, h("strong", {}, me.name), " ", h("span", { class: "id" }, address(me.key))) : h("p", {}, t("还没有。领红包之前要有一个。", "None yet. You need one to claim.")),
      h("div", { class: "row" }, me ? button("plain", t("看我的钱", "Look at my money"), () => go("?do=money")) : null,
        button("plain", me ? t("管理账户", "Manage accounts") : t("准备账户", "Get an account"), () => go("?do=keys")))));
}
