#!/usr/bin/env node
// proofs judges all proof files in the folders of a folder, each by the trust.json beside it, and fails where one is not
// valid, or where there is none.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";

const valid = {};
let refused = 0;
for (const chain of readdirSync(process.argv[2])) {
  const folder = join(process.argv[2], chain);
  const trust = readTrust(readFileSync(join(folder, "trust.json")));
  for (const name of readdirSync(folder).filter((f) => f.endsWith(".proof"))) {
    const bytes = readFileSync(join(folder, name));
    const found = judge(bytes, trust);
    if (found.verdict === "valid") {
      const kind = JSON.parse(bytes).kind;
      valid[kind] = (valid[kind] ?? 0) + 1;
      continue;
    }
    refused++;
    console.log(`✗ ${chain}/${name}: ${found.verdict}, ${found.failed}: ${found.checks.find((c) => !c.ok)?.detail}`);
  }
}
const kinds = Object.entries(valid).map(([kind, n]) => `${kind} ${n}`).join(", ");
console.log(`valid: ${kinds || "none"}; not valid: ${refused}`);
process.exitCode = refused || !kinds ? 1 : 0;
