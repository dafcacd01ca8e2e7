// Section 12 of docs/format.md: the steps of each kind, in order, and the verdict.

import { balances, debits } from "./account.js";
import { facts } from "./facts.js";
import { listing, unclaimed } from "./list.js";
import { readLeaf, readProof } from "./files.js";
import { finality, recall, recalls, replay } from "./packet.js";
import { absence, clock, draws, entries, header, leaf, parties, signatures, sums, supply } from "./steps.js";
import { Fail } from "./values.js";

const STEPS = {
  packet: { leaf, signatures, entries, draws, sums, replay },
  share: { leaf, signatures, parties, finality },
  "large-share": { leaf, signatures, parties, finality },
  "large-packet": { leaf, signatures, entries, sums, replay },
  unclaimed: { leaf, signatures, parties, listing, absence: unclaimed },
  recall: { leaf, signatures, parties, entries, recall },
  unrecalled: { leaf, recalls },
  account: { leaf, signatures, entries, debits, balances },
  absent: { absence },
  supply: { leaf, supply },
};

// judge gives { verdict, checks: [{ name, ok, detail }], failed?, final?, facts }. trust is of readTrust or
// null, at a time in nanoseconds or null.
export const judge = (bytes, trust, at = null) => examine(bytes, trust, at).found;

// examine gives what judge does, as found, and the case c with all that the steps added.
export const examine = (bytes, trust, at = null) =>
  run({ trust, at, doubts: [] }, () => readProof(bytes), (kind) => STEPS[kind]);

// examineLeaf judges an account's leaf by itself, or that there is none, by the first steps of a proof of it. It has no facts.
export const examineLeaf = (part, subject, trust, at = null) =>
  run({ trust, at, doubts: [] }, () => readLeaf(part, subject), (kind) => (kind === "absent" ? { absence } : { leaf }), () => null);

function run(c, read, stepsOf, factsOf = facts) {
  const checks = [];
  const step = (name, run) => {
    try {
      checks.push({ name, ok: true, detail: run(c) });
      return true;
    } catch (err) {
      if (!(err instanceof Fail)) throw err;
      checks.push({ name, ok: false, detail: err.message });
      return false;
    }
  };
  const file = () => {
    c.file = read();
    return `a proof of kind ${c.file.kind}`;
  };
  const steps = () => Object.entries({ header, clock, ...stepsOf(c.file.kind) });
  if (!step("file", file) || !steps().every(([name, run]) => step(name, run))) {
    return { c, found: { verdict: "invalid", failed: checks.at(-1).name, checks, facts: null } };
  }
  if (c.doubts.length) return { c, found: { verdict: "untrusted", failed: c.doubts[0], checks, facts: null } };
  const found = { verdict: "valid", checks, facts: factsOf(c) };
  return { c, found: c.finality ? { ...found, final: c.finality.final } : found };
}
