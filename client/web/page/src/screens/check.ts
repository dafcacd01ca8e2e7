// The screen that checks files: two files in, a verdict out.

import { rely, relied } from "../believe.js";
import { type Outcome, type Proof, Refusal, type Trust, isTrustFile, maxFile, outcomeOf, sameTrust, trustOf } from "../check.js";
import { ask, h, lang } from "../ui.js";
import { outcome, quoted, trustLine } from "../view.js";
import { pick, say } from "../words.js";
import { go } from "./shell.js";

const state: { proof: Proof | null; found: Outcome | null; problem: keyof typeof say | "" } = { proof: null, found: null, problem: "" };

const p = (name: keyof typeof say) => pick(say[name], lang);
let screen: HTMLElement;

// checkScreen is the screen as it stands; it keeps what was chosen.
export function checkScreen(): HTMLElement {
  const result = h("section", { id: "result", "aria-live": "polite" });
  if (state.problem) result.append(h("p", { role: "alert", class: "problem" }, p(state.problem)));
  if (state.found) result.append(...outcome(state.found, lang));
  screen = h("div", {},
    h("h1", {}, p("title")), h("p", {}, p("lead")),
    h("form", {},
      chooser("proof", p("proofLabel"), p("proofHelp"), state.proof ? quoted(state.proof.name) : p("none")),
      chooser("trust", p("trustLabel"), p("trustHelp"), trustLine(relied(), lang))),
    h("p", { class: "drop" }, p("drop")), result,
    location.protocol === "file:" ? null : h("p", { class: "drop" }, h("a", { href: "check.html", download: "hongbao-check.html" }, p("keep"))));
  return screen;
}

function chooser(id: "proof" | "trust", label: string, help: string, name: string): HTMLElement {
  const input = h("input", {
    id, type: "file", "aria-labelledby": `${id}-label`, "aria-describedby": `${id}-name`,
    onchange: async (e) => {
      const from = e.target as HTMLInputElement;
      await take([...(from.files ?? [])], id);
    },
  });
  return h("div", { class: "file" },
    h("p", { id: `${id}-label` }, h("strong", {}, label), " ", h("span", {}, help)), input,
    h("label", { class: "button", for: id, "aria-hidden": "true" }, p("choose")), h("p", { id: `${id}-name`, class: "chosen" }, name));
}

const show = () => { if (screen.isConnected) screen.replaceWith(checkScreen()); };

// checkThis shows the steps of a proof that is on another screen.
export function checkThis(name: string, bytes: Uint8Array) {
  Object.assign(state, { proof: { name, bytes }, found: null, problem: "" });
  go("?do=check");
  void check();
}

// check judges the proof at hand once the browser has shown that it is at work.
async function check() {
  state.found = null;
  show();
  const { proof } = state, trust = relied();
  if (!proof) return;
  screen.querySelector("#result")?.append(h("p", {}, p("checking")));
  await new Promise((resolve) => setTimeout(resolve));
  const found = outcomeOf(proof, trust);
  if (state.proof !== proof || relied() !== trust) return; // others were chosen meanwhile
  state.found = found;
  show();
}

// change goes by a trust file, once the reader has said so where there is another one.
async function change(to: Trust) {
  const now = relied();
  if (now && sameTrust(now, to)) return;
  if (!now || (await ask(p("another"), [
    h("p", {}, p("anotherMeans")), h("p", {}, `${p("now")} ${trustLine(now, lang)}`), h("p", {}, `${p("then")} ${trustLine(to, lang)}`),
  ], p("change"), p("stay")))) rely(to);
}

// take reads files: a trust file is kept, anything else is the proof.
export async function take(files: Iterable<File>, as: "trust" | "proof" | "either") {
  state.problem = "";
  for (const file of files) {
    try {
      if (file.size > maxFile) throw new Refusal("too long");
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (as === "trust" || (as === "either" && isTrustFile(bytes))) await change(trustOf(file.name, bytes));
      else state.proof = { name: file.name, bytes };
    } catch (err) {
      if (file.size > maxFile) state.problem = "tooLong";
      else state.problem = err instanceof Refusal ? "noTrustFile" : "unread";
    }
  }
  await check();
}
