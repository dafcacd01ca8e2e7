// Accounts: twelve words that are made, or brought, and kept under a passphrase.

import { type Account, accountOf, devAccount, devNames, goodName, newFile, newWords, readFile, spell, tidyWords } from "../keys.js";
import { begin, files, forget, keep, lock, me, network, use } from "../me.js";
import { relied } from "../believe.js";
import { ask, button, field, h, notice, save, t } from "../ui.js";
import { address } from "../verifier.js";
import { go } from "./shell.js";

export function keysScreen(): HTMLElement {
  const dev = relied()?.dev ?? network?.dev ?? false, own = Object.values(files());
  const row = (a: Account, more: HTMLElement[]) => h("li", {}, h("strong", {}, a.name), " ", h("span", { class: "id" }, address(a.key)),
    h("div", { class: "row" }, me?.name === a.name && me.dev === a.dev ? h("span", { class: "chosen" }, t("✓ 正在用", "✓ in use"))
      : button("plain", t(`用 ${a.name}`, `Use ${a.name}`), () => choose(a)), ...more));
  return h("div", {}, h("h1", {}, t("我的账户", "My accounts")),
    own.length ? h("ul", { class: "keys" }, ...own.map((f) => row(accountOf(f), [
      button("plain", t("导出密钥文件", "Export the key file"), () => save(`${f.name}.json`, spell(f))),
      ...(me?.name === f.name && me.secret ? [button("plain", t("锁上", "Lock"), () => { lock(); go(); })] : []),
      button("plain", t("从这个浏览器删掉", "Remove from this browser"), () => void remove(f.name)),
    ]))) : null,
    h("section", { class: "card" }, h("h2", {}, t("新建账户", "A new account")), maker(null)),
    h("details", { class: "card" }, h("summary", {}, t("我已有十二个词,或密钥文件", "I have twelve words, or a key file")), bringer()),
    h("section", { class: "card" }, h("h2", {}, t("联系人", "Contacts")), h("p", {}, t("给别人的地址起个名字,发红包、选评判人时好认。", "Give other people's addresses a name, to know them by when you send.")),
      button("plain", t("管理联系人", "Manage contacts"), () => go("?do=contacts"))),
    dev ? h("section", { class: "card" }, h("h2", {}, t("测试用的账户", "Accounts to play with")),
      h("p", {}, t("这条链上的钱不是真的。下面的账户人人都能用,别拿它存任何东西。", "Money on this chain is play money. Everybody can use these accounts: keep nothing in them.")),
      h("ul", { class: "keys" }, ...devNames.slice(0, 5).map((n) => row(devAccount(n), [])))) : null);
}

function choose(a: Account) {
  use(a);
  if (history.length > 1 && sessionStorage.getItem("hongbao/back")) {
    const back = sessionStorage.getItem("hongbao/back")!;
    sessionStorage.removeItem("hongbao/back");
    go(back);
  } else go();
}

async function remove(name: string) {
  if (await ask(t(`删掉“${name}”?`, `Remove “${name}”?`), [h("p", {}, t("只有抄下的十二个词能找回它。", "Only the twelve words that you wrote down bring it back."))],
    t("删掉", "Remove"), t("留着", "Keep"))) {
    forget(name);
    go();
  }
}

// maker asks for a name and a passphrase, shows new words, or keeps those that were brought.
function maker(brought: string | null): HTMLElement {
  const name = h("input", { autocomplete: "off", autocapitalize: "off", required: true }) as HTMLInputElement;
  const pass = h("input", { type: "password", autocomplete: "new-password", required: true, minlength: "8" }) as HTMLInputElement;
  const again = h("input", { type: "password", autocomplete: "new-password", required: true }) as HTMLInputElement;
  const said = h("div", {});
  const say = (...text: string[]) => said.replaceChildren(notice("bad", ...text));
  return h("form", {
    onsubmit: async (e) => {
      e.preventDefault();
      if (!goodName(name.value) || files()[name.value]) return say(t("请换个名字:1 到 32 个汉字、a-z、0-9、- 或 _,以汉字或字母开头,不和已有的重名。", "Choose another name: 1 to 32 of a-z, Chinese characters, 0-9, - and _, beginning with a letter, and not one that is taken."));
      if (pass.value !== again.value) return say(t("两次输入的口令不一样。", "The passphrases differ."));
      const words = brought ?? newWords();
      if (!brought && !(await ask(t("请把这十二个词抄在纸上", "Write these twelve words down"), [
        h("ol", { class: "words", lang: "en" }, ...words.split(" ").map((w) => h("li", {}, w))),
        h("p", {}, t("手机坏了、口令忘了,只有它们能找回你的钱。谁看到它们,谁就能拿走钱:不要截屏,不要发给任何人。",
          "If this device breaks, or the passphrase is forgotten, only they bring your money back. Who sees them can take it: make no picture, and send them to no one."))],
      t("抄好了", "I have written them down"), t("取消", "Cancel")))) return;
      said.replaceChildren(notice("wait", t("正在加密……", "Encrypting …")));
      await new Promise((done) => setTimeout(done, 30));
      const file = await newFile(name.value, words, pass.value);
      keep(file);
      await begin(relied()?.dev ?? null);
      choose(accountOf(file));
    },
  }, field(t("名字", "Name"), t("只有你自己看得到。", "Only you see it."), name),
    field(t("口令", "Passphrase"), t("至少 8 个字符。每次打开这一页,第一次签字时要输入。", "At least 8 characters. It is asked for at the first signature after the page is opened."), pass),
    field(t("再输一遍口令", "The passphrase again"), "", again), said,
    h("div", { class: "actions" }, h("button", { class: "main" }, brought ? t("保存", "Keep it") : t("生成", "Make it"))));
}

function bringer(): HTMLElement {
  const words = h("textarea", { rows: "3", autocomplete: "off", spellcheck: "false", autocapitalize: "off" }) as HTMLTextAreaElement;
  const said = h("div", {});
  const file = h("input", { type: "file", accept: ".json", class: "plainfile", onchange: async () => {
    const f = readFile(await (file as HTMLInputElement).files![0]!.text());
    if (!f || files()[f.name]) return said.replaceChildren(notice("bad", t("这不是能用的密钥文件,或者已有同名的。", "This is not a usable key file, or the name is taken.")));
    keep(f);
    await begin(relied()?.dev ?? null);
    choose(accountOf(f));
  } });
  return h("div", {}, field(t("十二个词", "Twelve words"), t("用空格隔开。", "With spaces between them."), words),
    button("plain", t("用这些词", "Use these words"), () => {
      const tidy = tidyWords(words.value);
      if (tidy) said.replaceChildren(maker(tidy));
      else said.replaceChildren(notice("bad", t("这些词不对:有拼错、缺漏或次序不对。", "These are not the words of a key: one is misspelt, missing or out of order.")));
    }),
    field(t("或选择密钥文件", "Or choose a key file"), t("hongbao 命令行 keys 目录里的,或从这里导出的。", "One of the command line's keys folder, or that was exported here."), file), said);
}
