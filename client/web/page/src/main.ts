// The page: which screen is shown, and what it goes by.

import * as api from "./api.js";
import { rely, relied } from "./believe.js";
import { trustOf } from "./check.js";
import { type Link, keepSecret, linkOf, openPart, secretOf, secretPart } from "./link.js";
import { begin } from "./me.js";
import { checkScreen, take } from "./screens/check.js";
import { contactsScreen } from "./screens/contacts.js";
import { homeScreen } from "./screens/home.js";
import { keysScreen } from "./screens/keys.js";
import { moneyScreen } from "./screens/money.js";
import { networkScreen } from "./screens/network.js";
import { packetScreen } from "./screens/packet.js";
import { sendScreen } from "./screens/send.js";
import { go, leave, onGo } from "./screens/shell.js";
import { h, lang, setLang, t } from "./ui.js";
import { pick, say } from "./words.js";

const fromFile = location.protocol === "file:";
const main = document.querySelector("main")!, nav = document.querySelector("nav")!;

// A link's secret is taken out of the address, which screens and "back" show.
function linkHere(): Link | null {
  const open = new URLSearchParams(location.search), packet = open.get("packet");
  if (!packet) return null;
  if (location.hash.length > 1) {
    keepSecret(packet, location.hash.slice(1));
    history.replaceState(null, "", location.pathname + location.search);
  }
  return linkOf(open, new URLSearchParams(secretOf(packet)));
}

function open(link: Link) {
  keepSecret(link.packet, secretPart(link));
  go(`?${openPart(link)}`);
}

function show() {
  leave();
  document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
  api.speak(lang);
  document.querySelector("#lang")!.textContent = pick(say.other, lang);
  const where = new URLSearchParams(location.search), link = linkHere();
  const what = fromFile ? "check" : link ? "packet" : where.get("do") ?? "home";
  const screens: Record<string, () => HTMLElement> = {
    check: checkScreen, keys: keysScreen, money: moneyScreen, network: networkScreen, packet: () => packetScreen(link!),
    send: sendScreen, contacts: contactsScreen,
  };
  if (what === "packet") sessionStorage.setItem("hongbao/back", location.search);
  nav.replaceChildren(...(fromFile ? [] : [
    tab("home", "?", t("红包", "Packets"), what === "home" || what === "packet"), tab("money", "?do=money", t("我的钱", "Money"), what === "money"),
    tab("keys", "?do=keys", t("账户", "Account"), what === "keys"), tab("check", "?do=check", t("核实", "Check"), what === "check"),
    tab("network", "?do=network", t("网络", "Network"), what === "network"),
  ]));
  main.replaceChildren((screens[what] ?? (() => homeScreen(open)))());
  document.title = `hongbao · ${what === "check" ? pick(say.title, lang) : t("红包", "red packets")}`;
}

const tab = (id: string, where: string, text: string, here: boolean) =>
  h("a", { id: `to-${id}`, href: where, ...(here && { "aria-current": "page" }), onclick: (e) => { e.preventDefault(); go(where); } }, text);

async function start() {
  onGo(show);
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  document.querySelector("#lang")!.addEventListener("click", () => {
    setLang(lang === "zh" ? "en" : "zh");
    show();
  });
  document.addEventListener("dragover", (e) => e.preventDefault());
  document.addEventListener("drop", (e) => {
    e.preventDefault();
    if (!fromFile && new URLSearchParams(location.search).get("do") !== "check") go("?do=check");
    void take([...(e.dataTransfer?.files ?? [])], "either");
  });
  if (!fromFile) { // the server is on this computer, and has the trust file of its home
    const answer = await fetch("trust.json").catch(() => null);
    if (answer?.ok) rely(trustOf(null, new Uint8Array(await answer.arrayBuffer())));
    await begin(relied()?.dev ?? null);
  }
  show();
}

void start();
