#!/usr/bin/env node
// vectors judges all files of testdata/vectors, and groups of forgeries in other folders, and compares with what
// must be found.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { judgeBoth } from "./contradict.js";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";
import { find } from "./patches.js";

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

for (const of of [join(folder, "forgeries"), ...others]) {
  const groups = namesOf(".json", of);
  if (groups.length === 0) throw new Error(`no vectors in ${of}`);
  for (const name of groups) {
    const { base, cases } = JSON.parse(readFileSync(join(of, `${name}.json`)));
    for (const v of cases) {
      const got = find(v, base, trustFile);
      compare(`${name}: ${v.desc}`, ["verdict", "failed", "code", "final", "facts"], got, v, why(got));
    }
  }
}

console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed || !proofs.length || !pairs.length ? 1 : 0;
