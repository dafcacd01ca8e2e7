// Names for other people's addresses.

import { addContact, contacts, removeContact } from "../contacts.js";
import { button, field, h, notice, t } from "../ui.js";
import { go } from "./shell.js";

export function contactsScreen(): HTMLElement {
  const name = h("input", { autocomplete: "off", autocapitalize: "off", required: true }) as HTMLInputElement;
  const address = h("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false", required: true, placeholder: "hb1…" }) as HTMLInputElement;
  const said = h("div", {}), list = Object.entries(contacts()).sort(([a], [b]) => (a < b ? -1 : 1));
  const wrong = {
    name: t("请换个名字:1 到 32 个汉字、a-z、0-9、- 或 _,以汉字或字母开头,不和已有的重名。", "Choose another name: 1 to 32 of a-z, Chinese characters, 0-9, - and _, beginning with a letter, and not one that is taken."),
    address: t("地址不对:请完整复制,以 hb1 开头。", "This is not a whole address: copy all of it, from hb1 on."),
  };
  return h("div", {}, h("h1", {}, t("联系人", "Contacts")),
    h("p", {}, t("名字只在这个浏览器里,只有你看得到。请当面或打电话核对地址的开头和结尾。", "The names are in this browser, and only you see them. Compare both ends of an address in person or by telephone.")),
    list.length ? h("ul", { class: "keys" }, ...list.map(([n, a]) => h("li", {}, h("strong", {}, n), " ", h("span", { class: "id" }, a),
      h("div", { class: "row" }, button("plain", t(`删掉 ${n}`, `Remove ${n}`), () => void removeContact(n).then(() => go())))))) : null,
    h("section", { class: "card" }, h("h2", {}, t("新联系人", "A new contact")), h("form", {
      onsubmit: async (e) => {
        e.preventDefault();
        const problem = await addContact(name.value.trim(), address.value.trim());
        if (problem) said.replaceChildren(notice("bad", wrong[problem]));
        else go();
      },
    }, field(t("名字", "Name"), "", name), field(t("地址", "Address"), "", address), said,
      h("div", { class: "actions" }, h("button", { class: "main" }, t("记下", "Keep it"))))));
}
