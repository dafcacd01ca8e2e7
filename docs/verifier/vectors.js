#!/usr/bin/env node
// vectors judges all files of testdata/vectors, and groups of forgeries in other folders, and compares with what
// must be found.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isContradiction, judgeBoth } from "./contradict.js";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";
import { Fail, parseTime } from "./values.js";

const [folder, ...others] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name));
const namesOf = (end, of = folder) => readdirSync(of).filter((f) => f.endsWith(end)).map((f) => f.slice(0, -end.length));
const trustFile = read("trust.json"), trust = readTrust(trustFile);
const tally = { passed: 0, failed: 0 };

// compare prints what was found where it is not what must be, in these fields.
function compare(name, fields, got, want, why = "") {
  const differ = fields.filter((field) => !isDeepStrictEqual(got[field] ?? null, want[field] ?? null));
  tally[differ.length ? "failed" : "passed"]++;
  console.log(`${differ.length ? "✗" : "✓"} ${name}: ${got.verdict} ${got.failed ?? got.code ?? ""}${why && `: ${why}`}`);
  for (const field of differ) console.log(`    ${field}: ${JSON.stringify(got[field])}\n    expected: ${JSON.stringify(want[field])}`);
}

const why = (found) => (found.failed ? found.checks.find((c) => !c.ok)?.detail ?? "" : "");

const proofs = namesOf(".proof");
for (const name of proofs) {
  const got = judge(read(`${name}.proof`), trust);
  compare(name, ["verdict", "failed", "final", "facts"], got, JSON.parse(read(`${name}.json`)), why(got));
}

const pairs = namesOf(".contradiction");
for (const name of pairs) {
  const { desc, ...want } = JSON.parse(read(`${name}.json`));
  const got = judgeBoth(read(`${name}.contradiction`), trust);
  compare(name, Object.keys({ ...got, ...want }), got, want);
}

// apply makes the file that a forgery's patch writes: pieces that are new text, such text so many times, or
// lines of the base.
const apply = (patch, base) => Buffer.from(patch.map((piece) => {
  if (typeof piece === "string") return piece;
  const [what, n] = piece;
  return typeof what === "string" ? what.repeat(n) : base.slice(what, n).join("");
}).join(""), "latin1");

const linesOf = (bytes) => bytes.toString("latin1").split(/(?<=\n)/);

// reader is the trust of a forgery's reader; it throws where the trust file is none.
const reader = (v) => (v.no_trust ? null : v.trust ? readTrust(apply(v.trust, linesOf(trustFile))) : trust);

// find gives what a forgery's file is found to be.
function find(v, base) {
  let trusted;
  try {
    trusted = reader(v);
  } catch (err) {
    if (!(err instanceof Fail)) throw err;
    return { verdict: "refused" };
  }
  const file = apply(v.proof, base), at = v.at ? parseTime(v.at) : null;
  if (!isContradiction(file)) return judge(file, trusted, at);
  const { verdict, code } = judgeBoth(file, trusted, at);
  return { verdict, code: code || undefined };
}

for (const of of [join(folder, "forgeries"), ...others]) {
  const groups = namesOf(".json", of);
  if (groups.length === 0) throw new Error(`no vectors in ${of}`);
  for (const name of groups) {
    const { base, cases } = JSON.parse(readFileSync(join(of, `${name}.json`)));
    for (const v of cases) {
      const got = find(v, base);
      compare(`${name}: ${v.desc}`, ["verdict", "failed", "code", "final", "facts"], got, v, why(got));
    }
  }
}

console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed || !proofs.length || !pairs.length ? 1 : 0;
