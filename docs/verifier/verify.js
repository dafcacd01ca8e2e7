#!/usr/bin/env node
// verify checks one proof file, or the file of a contradiction, offline.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isContradiction, judgeBoth } from "./contradict.js";
import { readTrust } from "./files.js";
import { judge } from "./judge.js";
import { Fail, parseTime } from "./values.js";

const USAGE = "usage: verify.js FILE [--trust TRUST] [--at 2026-02-17T21:00:00Z] [--json]";

function main() {
  let args, bytes, trust = null, at = null;
  try {
    args = parseArgs({
      allowPositionals: true,
      options: { trust: { type: "string" }, at: { type: "string" }, json: { type: "boolean" } },
    });
    if (args.positionals.length !== 1) throw new Fail("one file, please");
    bytes = readFileSync(args.positionals[0]);
    if (args.values.trust) trust = readTrust(readFileSync(args.values.trust));
    if (args.values.at) at = parseTime(args.values.at);
  } catch (err) {
    console.error(`${err.message}\n${USAGE}`);
    return 2;
  }
  if (isContradiction(bytes)) {
    const both = judgeBoth(bytes, trust, at);
    console.log(args.values.json ? JSON.stringify(both, null, 2) : `${both.verdict} ${both.code}`.trim());
    return { invalid: 7, untrusted: 8, valid: 0 }[both.verdict];
  }
  const found = judge(bytes, trust, at);
  if (args.values.json) {
    console.log(JSON.stringify(found, null, 2));
  } else {
    for (const { name, ok, detail } of found.checks) console.log(`${ok ? "✓" : "✗"} ${name}: ${detail}`);
    const doubt = found.verdict === "untrusted" ? ` (${found.failed})` : "";
    console.log(`${found.verdict}${doubt}${found.final === false ? ", NOT FINAL" : ""}`);
  }
  return { invalid: 7, untrusted: 8, valid: found.final === false ? 10 : 0 }[found.verdict];
}

process.exitCode = main();
