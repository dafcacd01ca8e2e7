// Sections 2, 5, 6 and 7 of docs/format.md: transactions, leaves and entries.

import { schnorr } from "@noble/curves/secp256k1.js";
import { clause, clauses, terms } from "./terms.js";
import {
  MAX_SECONDS, amount, bool, bytes, cat, decode, encode, hash, height, list, longer, lp, need, number32, number64, optional, record, same, seconds,
  sha256, small, tagged, text, time, u32, u64,
} from "./values.js";

const MAX_TX = 16_384;
const MAX_CONSENTS = 8;
const MAX_PATH = 20;
const MAX_OFFSET = 10 * MAX_SECONDS;

const signature = bytes(64);
const consent = record({ account: hash, validUntil: time, signature });

// What validators decide about themselves.
const update = record({ key: hash, power: number64, vrfKey: optional(hash) });
const upgrade = record({ height, rules: number64 });
const plan = record({ number: number64, before: hash, validUntil: time, updates: list(update), upgrade: optional(upgrade) });
const approval = record({ validator: number32, signature });
export const handOver = record({ plan, approvals: list(approval) });
const validatorSet = list(record({ key: hash, power: number64, vrfKey: hash }));
export const planDigest = (chain, p) => tagged("hongbao/plan", lp(chain), encode(plan, p));
export const setHash = (set) => tagged("hongbao/validators", encode(validatorSet, set));

// A list of claimers: an entry, and the way from it to the root.
const listEntry = record({ index: number32, kind: small(2, 1), who: hash, amount });
export const listing = record({ entry: listEntry, path: list(record({ hash, sum: amount }), MAX_PATH) });

const BODIES = {
  pay: record({ to: hash, amount }),
  send: record({ terms }),
  claim: longer({ packet: hash, termsHash: hash, linkSignature: optional(signature) }, "listing", listing),
  recall: record({ packet: hash, clause: number32, share: number32, reason: text, consents: list(consent, MAX_CONSENTS) }),
  return: record({ packet: hash, share: number32 }),
  ask: record({ packet: hash, share: number32, reason: text }),
  answer: record({ packet: hash, share: number32, accept: bool }),
  tighten: record({ packet: hash, clauses }),
  warp: record({ by: seconds }),
  change: record({ handOver, proofs: list(record({ signature, vrf: bytes(80) }), 16) }),
};
const MESSAGES = Object.keys(BODIES);

// message is two items, kind and body, of which the first tells what the second is.
const message = {
  items: 2,
  read(r) {
    const kind = MESSAGES[small(MESSAGES.length, 1).read(r) - 1];
    return { kind, body: BODIES[kind].read(r) };
  },
  write: (m) => cat(small(MESSAGES.length).write(MESSAGES.indexOf(m.kind) + 1), BODIES[m.kind].write(m.body)),
};

const unsigned = { account: hash, nonce: number64, validUntil: time, message };
const signedPart = record(unsigned);
const txType = record({ chain: text, ...unsigned, signature });

// readTx decodes a wire tx and checks its signature: { …, kind, body, hash }.
export function readTx(wire, chain) {
  need(wire.length <= MAX_TX, "a transaction that is too long");
  const tx = decode(txType, wire);
  need(tx.chain === chain, `a transaction of chain ${tx.chain}`);
  need(verifySignature(tx.signature, txDigest(tx), tx.account), `the ${tx.message.kind} is not signed by its account`);
  return { ...tx, ...tx.message, hash: sha256(wire) };
}

const txDigest = (tx) => tagged("hongbao/tx", lp(tx.chain), encode(signedPart, tx));

// signTx is the wire tx of an unsigned one, for the tests.
export const signTx = (tx, sign) => encode(txType, { ...tx, signature: sign(txDigest(tx)) });

export function verifySignature(signature, digest, key) {
  try {
    return schnorr.verify(signature, digest, key);
  } catch {
    return false;
  }
}

export const packetIdOf = (chain, tx) => tagged("hongbao/packet", lp(chain), tx.account, u64(tx.nonce));
export const termsHash = (chain, t) => tagged("hongbao/terms", lp(chain), encode(terms, t));
export const linkDigest = (chain, packet, claimer) => tagged("hongbao/link", lp(chain), packet, claimer);
export const clauseHash = (c) => tagged("hongbao/clause", encode(clause, c));

const consentType = record({
  packet: hash, clause: hash, reason: text, validUntil: time, share: number32, claimer: optional(hash), amount,
});
export const consentDigest = (chain, c) => tagged("hongbao/consent", lp(chain), encode(consentType, c));

// Leaves.

const history = record({ count: number64, head: hash });
const asked = record({ state: small(4, 1), reason: text, at: time });
const share = record({ claimer: hash, amount, state: small(5, 1), claimedAt: time, asked: optional(asked) });
const tally = record({ claimed: number32, undrawn: number32, lastClaim: time, recalled: bool });
export const packetLeaf = longer({
  sender: hash, terms, sendTx: hash, tightened: list(record({ at: time, clauses })), created: time, expires: time,
  status: small(4, 1), closed: time, escrow: amount, shares: list(share), history,
}, "tally", tally);
export const shareLeaf = record({ share, settles: time, created: time, sendTx: hash, history });
export const accountLeaf = record({
  balance: amount, held: amount, nonce: number64, bucket: time, open: number32, recalls: time, history,
});
export const clockLeaf = record({ offset: small(MAX_OFFSET), history });
export const supplyLeaf = record({ wallets: amount, escrow: amount, held: amount, total: amount });
export const beacon = record({ height, blockHash: hash, proposer: bytes(20), proof: bytes(80) });

export const OPEN = 1, FULL = 2, RECALLED = 3, EXPIRED = 4;
export const RESERVED = 1, HELD = 2, SETTLED = 3, TAKEN = 4, RETURNED = 5;
export const ASK_OPEN = 1, ACCEPTED = 2, REFUSED = 3, LAPSED = 4;

// Entries.

export const PHASE = { genesis: 1, draw: 2, due: 3, tx: 4 };
export const KIND = {
  genesis: 1, pay: 2, send: 3, claim: 4, recall: 5, return: 6, refund: 7, settle: 8, ask: 9, refuse: 10, lapse: 11,
  tighten: 12, reserve: 13, draw: 14, warp: 15, change: 16,
};
export const OUTSIDE = 0, WALLET = 1, ESCROW = 2, HOLD = 3;

const place = record({ kind: small(3), id: hash });
export const at = (kind, id) => ({ kind, id });
export const isAt = (p, kind, id) => p.kind === kind && same(p.id, id);

const batch = record({ count: number32, sum: amount, digest: hash });
export const entry = longer({
  seq: number64, height, time, phase: small(4, 1), index: number32, kind: small(16, 1), tx: optional(hash),
  packet: optional(hash), share: number32, beacon: optional(hash),
  posting: optional(record({ from: place, to: place, amount })), reason: text, balance: amount, held: amount,
}, "claims", batch);

// encodeEntry is the entry that an event makes in a packet's history, at the place of entry e.
export const encodeEntry = ({ seq, height, time, phase, index }, event) =>
  encode(entry, { seq, height, time, phase, index, tx: null, beacon: null, held: 0n, ...event });

export const firstHead = (chain, key) => tagged("hongbao/first-head", lp(chain), key);
export const nextHead = (head, entryHash) => tagged("hongbao/head", head, entryHash);
export const entryHash = (bytes) => tagged("hongbao/entry", bytes);
export const beaconHash = (b) => tagged("hongbao/beacon", encode(beacon, b));
export const drawInput = (chain, b) => tagged("hongbao/draws", lp(chain), u64(b.height), b.blockHash);
export const drawSeed = (output, packet, n) => tagged("hongbao/draw", output, packet, u32(n));
export const drawWord = (seed, i) => tagged("hongbao/draw-word", seed, u64(i)).readBigUInt64BE();
