// What the screens are built of. Text goes in as text, never as HTML.

import { type Lang } from "./words.js";

export type Child = Node | string | null | false;

export let lang: Lang = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
export const setLang = (l: Lang) => { lang = l; };

// t is a text in the reader's language.
export const t = (zh: string, en: string) => (lang === "zh" ? zh : en);

type Attributes = Record<string, string | boolean | ((e: Event) => void)>;

// h makes an element. A function is what it does when it is clicked, or as "on…" says.
export function h(tag: string, attributes: Attributes, ...children: Child[]): HTMLElement {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") e.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) e.setAttribute(name, "");
    else if (value !== false) e.setAttribute(name, value);
  }
  e.append(...children.filter((c) => c !== null && c !== false));
  return e;
}

// svg makes an element of a picture. Its looks are attributes, or of the style sheet: the
// page's policy lets no element carry a style of its own.
export function svg(tag: string, attributes: Record<string, string>, ...children: Node[]): SVGElement {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

export const button = (look: "main" | "plain", text: string, act: () => void, more: Attributes = {}) =>
  h("button", { type: "button", class: look, onclick: act, ...more }, text);

// field is a labelled input, with a sentence of help.
export function field(label: string, help: string, input: HTMLElement): HTMLElement {
  const id = `f${Math.random().toString(36).slice(2)}`;
  input.id = id;
  if (help) input.setAttribute("aria-describedby", `${id}-help`);
  return h("div", { class: "field" }, h("label", { for: id }, label), input, help !== "" && h("p", { id: `${id}-help`, class: "soft" }, help));
}

// notice is a paragraph that a screen reader says at once.
export const notice = (look: "good" | "wait" | "bad", ...text: Child[]) =>
  h("p", { class: `notice ${look}`, role: look === "bad" ? "alert" : "status" }, ...text);

// left is a length of time as a clock shows it: 1:59, or 23:59:59.
export function left(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0/, "");
}

// ticking calls show with the seconds that are left, until none is or the element is gone.
// Every reader of the clock is told once, not each second: it is hidden from screen readers.
export function ticking(seconds: () => number, done: () => void): HTMLElement {
  const e = h("strong", { class: "clock", role: "timer" });
  let over = false;
  const tick = () => {
    const n = Math.max(0, Math.ceil(seconds()));
    e.textContent = left(n);
    if (n === 0 && !over) {
      over = true;
      clearInterval(timer);
      if (e.isConnected) done();
    }
  };
  const timer = setInterval(() => (e.isConnected ? tick() : clearInterval(timer)), 500);
  tick();
  return e;
}

// save hands a file to the reader.
export function save(name: string, bytes: Uint8Array | string) {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart]));
  const a = h("a", { href: url, download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// ask shows a question that has to be answered before anything is done.
export function ask(title: string, lines: Child[], yes: string, no: string): Promise<boolean> {
  return new Promise((answer) => {
    const end = (said: boolean) => { dialog.close(); dialog.remove(); answer(said); };
    const dialog = h("dialog", { "aria-labelledby": "ask-title", oncancel: () => end(false) },
      h("h2", { id: "ask-title" }, title), ...lines,
      h("div", { class: "actions" }, button("main", yes, () => end(true)), button("plain", no, () => end(false)))) as HTMLDialogElement;
    document.body.append(dialog);
    dialog.showModal();
  });
}

// askText asks for a text; null: none was given.
export function askText(title: string, help: string, type: "password" | "text", yes: string): Promise<string | null> {
  return new Promise((answer) => {
    const input = h("input", { type, autocomplete: "off", required: true }) as HTMLInputElement;
    const end = (said: string | null) => { dialog.close(); dialog.remove(); answer(said); };
    const form = h("form", { method: "dialog", onsubmit: (e) => { e.preventDefault(); end(input.value); } },
      field(title, help, input),
      h("div", { class: "actions" }, h("button", { class: "main" }, yes), button("plain", t("取消", "Cancel"), () => end(null))));
    const dialog = h("dialog", { "aria-label": yes, oncancel: () => end(null) }, form) as HTMLDialogElement;
    document.body.append(dialog);
    dialog.showModal();
  });
}
