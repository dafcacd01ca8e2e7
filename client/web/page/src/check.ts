// A file that was given to the page: a trust file is kept, a proof is judged by it.

import { Buffer } from "buffer";
import { type Both, isContradiction, judgeBoth } from "../../../../docs/verifier/contradict.js";
import { readTrust } from "../../../../docs/verifier/files.js";
import { type Found, judge } from "../../../../docs/verifier/judge.js";
import { Fail } from "../../../../docs/verifier/values.js";

export type { Both, Found };

// A Trust says whom the reader believes. Its name is of the file that was chosen in this
// page; null: it is the one of hongbao's home on this computer.
export interface Trust { name: string | null; chain: string; validators: number; dev: boolean; read: object; bytes: Uint8Array }

// A Proof is a file that was judged.
export interface Proof { name: string; bytes: Uint8Array }

// maxFile bounds what is read, in bytes: docs/format.md lets no proof be longer.
export const maxFile = 16 << 20;

// A Refusal is a file that is no trust file, or too long.
export class Refusal extends Error {}

export const isTrustFile = (bytes: Uint8Array) => /^\s*\{\s*"format"\s*:\s*"hongbao-trust\//.test(head(bytes));

const head = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, 256));

export function trustOf(name: string | null, bytes: Uint8Array): Trust {
  try {
    const read = readTrust(Buffer.from(bytes));
    return { name, chain: read.chain, validators: read.validators.length, dev: read.dev, read, bytes };
  } catch (err) {
    if (err instanceof Fail) throw new Refusal(err.message);
    throw err;
  }
}

export const sameTrust = (a: Trust, b: Trust) => a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);

// Outcome is what is found of a proof, or of the file of a contradiction.
export type Outcome = { one: Found } | { both: Both };

export function outcomeOf(proof: Proof, trust: Trust | null): Outcome {
  const bytes = Buffer.from(proof.bytes);
  if (isContradiction(bytes)) return { both: judgeBoth(bytes, trust?.read ?? null) };
  return { one: judge(bytes, trust?.read ?? null) };
}
