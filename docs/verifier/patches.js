// Forgeries and mutants, as testdata/vectors/README.md has them written, and what is found of each.

import { isContradiction, judgeBoth } from "./contradict.js";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";
import { Fail, parseTime } from "./values.js";

// apply makes the file that a patch writes: pieces that are new text, such text so many times, or lines of the base.
export const apply = (patch, base) => Buffer.from(patch.map((piece) => {
  if (typeof piece === "string") return piece;
  const [what, n] = piece;
  return typeof what === "string" ? what.repeat(n) : base.slice(what, n).join("");
}).join(""), "latin1");

const linesOf = (bytes) => bytes.toString("latin1").split(/(?<=\n)/);

// reader is the trust of a file's reader; it throws where the trust file is none.
const reader = (v, trustFile) =>
  (v.no_trust ? null : readTrust(v.trust ? apply(v.trust, linesOf(trustFile)) : trustFile));

// find gives what the file of a vector is found to be.
export function find(v, base, trustFile) {
  let trusted;
  try {
    trusted = reader(v, trustFile);
  } catch (err) {
    if (!(err instanceof Fail)) throw err;
    return { verdict: "refused" };
  }
  const file = apply(v.proof, base), at = v.at ? parseTime(v.at) : null;
  if (!isContradiction(file)) return judge(file, trusted, at);
  const { verdict, code } = judgeBoth(file, trusted, at);
  return { verdict, code: code || undefined };
}
