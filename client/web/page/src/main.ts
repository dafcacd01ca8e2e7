// The page: two files in, a verdict out.

import { type Outcome, type Proof, Refusal, type Trust, isTrustFile, maxFile, outcomeOf, trustOf } from "./check.js";
import { element, outcome, trustLine } from "./view.js";
import { type Lang, pick, say } from "./words.js";

const state: { lang: Lang; trust: Trust | null; proof: Proof | null; found: Outcome | null; problem: keyof typeof say | "" } = {
  lang: navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en", trust: null, proof: null, found: null, problem: "",
};

const byId = (id: string) => document.getElementById(id)!;

function show() {
  const { lang } = state;
  document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
  document.title = `hongbao · ${pick(say.title, lang)}`;
  for (const e of document.querySelectorAll<HTMLElement>("[data-say]")) {
    e.textContent = pick(say[e.dataset["say"] as keyof typeof say], lang);
  }
  byId("trust-name").textContent = trustLine(state.trust, lang);
  byId("proof-name").textContent = state.proof?.name ?? pick(say.none, lang);
  const result = byId("result");
  result.replaceChildren();
  if (state.problem) result.append(element("p", { role: "alert", class: "problem" }, pick(say[state.problem], lang)));
  if (state.found) result.append(...outcome(state.found, lang));
}

// check judges the proof at hand once the browser has shown that it is at work.
async function check() {
  state.found = null;
  show();
  const { proof, trust } = state;
  if (!proof) return;
  byId("result").append(element("p", {}, pick(say.checking, state.lang)));
  await new Promise((resolve) => setTimeout(resolve));
  const found = outcomeOf(proof, trust);
  if (state.proof !== proof || state.trust !== trust) return; // others were chosen meanwhile
  state.found = found;
  show();
}

// take reads files: a trust file is kept, anything else is the proof.
async function take(files: Iterable<File>, as: "trust" | "proof" | "either") {
  state.problem = "";
  for (const file of files) {
    try {
      if (file.size > maxFile) throw new Refusal("too long");
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (as === "trust" || (as === "either" && isTrustFile(bytes))) state.trust = trustOf(file.name, bytes);
      else state.proof = { name: file.name, bytes };
    } catch (err) {
      if (file.size > maxFile) state.problem = "tooLong";
      else state.problem = err instanceof Refusal ? "noTrustFile" : "unread";
    }
  }
  await check();
}

// givenTrust asks the server, which is on this computer, for the trust file of its
// home. A page that was opened from a file has no server.
async function givenTrust() {
  if (location.protocol === "file:") return;
  const answer = await fetch("trust.json").catch(() => null);
  if (!answer?.ok || state.trust) return;
  state.trust = trustOf(pick(say.fromHere, state.lang), new Uint8Array(await answer.arrayBuffer()));
  await check();
}

function start() {
  for (const as of ["trust", "proof"] as const) {
    const input = byId(as) as HTMLInputElement;
    input.addEventListener("change", async () => {
      await take([...(input.files ?? [])], as);
      input.value = ""; // so that the same file can be chosen again
    });
  }
  byId("lang").addEventListener("click", () => {
    state.lang = state.lang === "zh" ? "en" : "zh";
    show();
  });
  document.addEventListener("dragover", (e) => e.preventDefault());
  document.addEventListener("drop", (e) => {
    e.preventDefault();
    void take([...(e.dataTransfer?.files ?? [])], "either");
  });
  show();
  void givenTrust();
}

start();
