#!/usr/bin/env node
// forgeries writes the forged cases of the tests into a folder, as testdata/vectors/README.md says, for the first
// verifier to judge: go test ./client/audit -run TestVectors -vectors FOLDER.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as files from "./cases-files.js";
import * as kinds from "./cases-kinds.js";
import * as packets from "./cases.js";
import { readTrust } from "./files.js";
import { trustFile } from "./forge.js";
import { judge } from "./judge.js";

const text = (bytes) => [bytes.toString("latin1")];
const own = trustFile();

// vector is what the verifiers must find of a file under a trust file, or under none that is one.
function vector(desc, file, trust, good = true) {
  if (!good) return { desc, verdict: "refused", trust: text(trust), proof: text(file) };
  const { verdict, failed, final, facts } = judge(file, readTrust(trust));
  return { desc, verdict, failed, final, facts: facts ?? undefined, trust: text(trust), proof: text(file) };
}

const write = (name, cases) => writeFileSync(join(process.argv[2], `${name}.json`), JSON.stringify({ desc: name, base: [], cases }));
const proof = packets.cases[0].make();

for (const [name, { cases }] of Object.entries({ packets, kinds, files })) {
  write(`second-${name}`, cases.map(({ desc, make }) => vector(desc, make(), own)));
}
write("second-trusts", files.trusts.map(({ desc, good, make }) => vector(desc, proof, make(), good)));
