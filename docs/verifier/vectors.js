#!/usr/bin/env node
// vectors judges all files of testdata/vectors and compares with what must be found.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { judgeBoth } from "./contradict.js";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";

const folder = process.argv[2];
const read = (name) => readFileSync(join(folder, name));
const trust = readTrust(read("trust.json"));
let failed = 0;
const names = readdirSync(folder).filter((f) => f.endsWith(".proof")).map((f) => f.slice(0, -".proof".length));
for (const name of names) {
  const want = JSON.parse(read(`${name}.json`));
  const got = judge(read(`${name}.proof`), trust);
  const differ = ["verdict", "final", "facts"].filter((field) => !isDeepStrictEqual(got[field], want[field]));
  const steps = want.failed ? ` (${got.failed}; expected ${want.failed}): ${got.checks.at(-1).detail}` : "";
  console.log(`${differ.length ? "✗" : "✓"} ${name}: ${got.verdict}${steps}`);
  for (const field of differ) console.log(`    ${field}: ${JSON.stringify(got[field])}\n    expected: ${JSON.stringify(want[field])}`);
  if (differ.length) console.log(`    ${got.failed ?? ""}: ${got.checks.at(-1).detail}`);
  failed += differ.length > 0;
}
const pairs = readdirSync(folder).filter((f) => f.endsWith(".contradiction")).map((f) => f.slice(0, -".contradiction".length));
for (const name of pairs) {
  const { desc, ...want } = JSON.parse(read(`${name}.json`));
  const got = judgeBoth(read(`${name}.contradiction`), trust);
  const differs = !isDeepStrictEqual(got, want);
  console.log(`${differs ? "✗" : "✓"} ${name}: ${got.verdict} ${got.code}`);
  if (differs) console.log(`    ${JSON.stringify(got)}\n    expected: ${JSON.stringify(want)}`);
  failed += differs;
}
const all = names.length + pairs.length;
console.log(`${all - failed} passed, ${failed} failed`);
process.exitCode = failed || names.length === 0 || pairs.length === 0 ? 1 : 0;
