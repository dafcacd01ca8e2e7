// What the page shows. Text goes in as text, never as HTML.

import type { Both, Found, Outcome, Trust } from "./check.js";
import { yuan } from "./explain/words.js";
import { type Lang, facts, kinds, parts, pick, say, steps, values } from "./words.js";

type Child = Node | string;

export function element(tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

const longestName = 80; // of a file, in characters

// quoted is a file's name, marked as the words of others: it ends no quotation, turns no
// direction of writing, and hides nothing.
export function quoted(name: string): string {
  const plain = [...name.replace(/[\p{C}\p{Z}]+/gu, " ").replace(/[“”„‟"]/g, "'")];
  return `“\u2068${plain.slice(0, longestName).join("")}${plain.length > longestName ? "…" : ""}\u2069”`;
}

// trustLine says whom the page goes by, and where that comes from, which no file can say itself.
export function trustLine(trust: Trust | null, lang: Lang): string {
  if (!trust) return pick(say.none, lang);
  const dev = trust.dev ? ` · ${pick(say.devChain, lang)}` : "";
  const from = trust.name === null ? pick(say.fromHere, lang) : `${pick(say.chosenHere, lang)} ${quoted(trust.name)}`;
  return `${from} · ${trust.chain} · ${trust.validators} ${pick(say.validators, lang)}${dev}`;
}

export function outcome(o: Outcome, lang: Lang): Node[] {
  const shown = "one" in o ? one(o.one, lang) : both(o.both, lang);
  const json = element("pre", { tabindex: "0" }, JSON.stringify("one" in o ? o.one : o.both, null, 2));
  return [...shown, element("details", { id: "json" }, element("summary", {}, pick(say.json, lang)), json)];
}

function banner(look: "good" | "wait" | "bad", title: string, means: string): HTMLElement {
  const mark = { good: "✓", wait: "!", bad: "✗" }[look];
  return element("div", { class: `banner ${look}` },
    element("span", { class: "mark", "aria-hidden": "true" }, mark),
    element("div", {}, element("h2", { id: "verdict" }, title), element("p", {}, means)));
}

function one(found: Found, lang: Lang): Node[] {
  const p = (name: keyof typeof say) => pick(say[name], lang);
  const top = {
    valid: () => found.final === false
      ? banner("wait", p("notFinal"), p("notFinalMeans")) : banner("good", p("valid"), p("validMeans")),
    untrusted: () => banner("wait", p("untrusted"), p("untrustedMeans")),
    invalid: () => banner("bad", p("invalid"), p("invalidMeans")),
  }[found.verdict]();
  const list = element("ol", { class: "checks" }, ...found.checks.map((c) =>
    element("li", { class: c.ok ? "good" : "bad" },
      element("span", { class: "mark", role: "img", "aria-label": p(c.ok ? "held" : "failed") }, c.ok ? "✓" : "✗"),
      element("div", {},
        element("strong", {}, steps[c.name] ? pick(steps[c.name]!, lang) : c.name),
        ...(lang === "en" || !c.ok ? [element("p", { lang: "en" }, c.detail)] : [])))));
  const shown: Node[] = [top];
  if (found.facts) shown.push(element("h3", {}, p("facts")), table(found.facts, lang));
  return [...shown, element("h3", {}, p("checks")), list];
}

function both(found: Both, lang: Lang): Node[] {
  const p = (name: keyof typeof say) => pick(say[name], lang);
  switch (found.verdict) {
    case "valid": return [banner("bad", p("contradicts"), p("contradictsMeans")), element("p", { lang: "en" }, found.code)];
    case "untrusted": return [banner("wait", p("untrusted"), p("untrustedMeans"))];
    default: return [banner("bad", p("invalid"), p("invalidMeans"))];
  }
}

// table shows an object of facts, and those in it, as rows of a name and a value.
function table(object: Record<string, unknown>, lang: Lang): HTMLElement {
  const rows = Object.entries(object).filter(([, value]) => value !== null);
  return element("dl", {}, ...rows.flatMap(([name, value]) => [
    element("dt", {}, label(name, value, lang)),
    element("dd", {}, cell(name, value, lang)),
  ]));
}

function label(name: string, value: unknown, lang: Lang): string {
  const phrase = (typeof value === "object" && parts[name]) || facts[name];
  return phrase ? pick(phrase, lang) : name;
}

function cell(name: string, value: unknown, lang: Lang): Child {
  if (Array.isArray(value)) {
    if (value.length === 0) return "—";
    return element("ul", {}, ...value.map((v) => element("li", {}, cell(name, v, lang))));
  }
  if (value !== null && typeof value === "object") return table(value as Record<string, unknown>, lang);
  if (typeof value === "boolean") return pick(value ? say.yes : say.no, lang);
  const text = String(value);
  if (name.endsWith("_fen")) return yuan(BigInt(text));
  if (name === "kind" && kinds[text]) return pick(kinds[text]!, lang);
  if (values[text]) return pick(values[text]!, lang);
  return time(text);
}

// time is an instant as people read it, to the second and with its zone.
const time = (text: string) => text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, "$1 $2 UTC");
