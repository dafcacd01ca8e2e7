// Sections 11 and 12 of docs/format.md: what the chain itself gives. CometBFT's
// signed header, its commit under the trusted validators, and ICS-23 proofs of
// a leaf, or of none, under the app hash.

import { ed25519 } from "@noble/curves/ed25519.js";
import { powerOf } from "./handover.js";
import { MAX_TIME, SECOND, cat, fail, need, same, sha256 } from "./values.js";

// Protobuf. A message is a list of [number, name, type]; type is "int" (BigInt,
// 64 bits, two's complement), "bytes", a message, or a repeated message. One
// marked always is written even if it is empty.

const message = (...fields) => ({ fields: fields.map(([number, name, type, mark]) => ({ number, name, type, mark })) });

function varint(n) {
  const out = [];
  for (n = BigInt.asUintN(64, n); n > 127n; n >>= 7n) out.push(Number(n & 127n) | 128);
  return Buffer.from([...out, Number(n)]);
}

// readVarint gives [value, where it ends].
function readVarint(bytes, at) {
  let n = 0n;
  for (let i = 0; i < 10; i++) {
    need(at + i < bytes.length, "a varint that ends early");
    n |= BigInt(bytes[at + i] & 127) << BigInt(7 * i);
    if (bytes[at + i] < 128) {
      need(n < 2n ** 64n, "a varint that is too large");
      return [n, at + i + 1];
    }
  }
  fail("a varint that is too long");
}

export const lengthed = (bytes) => cat(varint(BigInt(bytes.length)), bytes);
const field = (number, wire) => varint(BigInt(number << 3 | wire));

// write is the one spelling of a message.
export function write(type, value) {
  return cat(...type.fields.flatMap(({ number, name, type: t, mark }) => {
    const v = value[name];
    if (t === "int") return v === 0n ? [] : [field(number, 0), varint(v)];
    if (t === "bytes") return v.length === 0 ? [] : [field(number, 2), lengthed(v)];
    if (mark === "repeated") return v.flatMap((item) => [field(number, 2), lengthed(write(t, item))]);
    if (v === null) return [];
    const inner = write(t, v);
    return inner.length || mark === "always" || mark === "optional" ? [field(number, 2), lengthed(inner)] : [];
  }));
}

// read decodes a message in its one spelling.
function read(type, bytes) {
  const empty = (t) => Object.fromEntries(t.fields.map(({ name, type, mark }) => [name,
    type === "int" ? 0n : type === "bytes" ? Buffer.alloc(0) : mark === "repeated" ? [] : mark === "optional" ? null : empty(type)]));
  const value = empty(type);
  for (let at = 0; at < bytes.length;) {
    let tag, n;
    [tag, at] = readVarint(bytes, at);
    const f = type.fields.find((f) => tag === BigInt(f.number << 3 | (f.type === "int" ? 0 : 2)));
    need(f, `an unknown protobuf field ${tag >> 3n}`);
    [n, at] = readVarint(bytes, at);
    if (f.type === "int") {
      value[f.name] = BigInt.asIntN(64, n);
      continue;
    }
    need(n <= BigInt(bytes.length - at), "protobuf that ends early");
    const inner = Buffer.from(bytes.subarray(at, at + Number(n)));
    at += Number(n);
    if (f.type === "bytes") value[f.name] = inner;
    else if (f.mark === "repeated") value[f.name].push(read(f.type, inner));
    else value[f.name] = read(f.type, inner);
  }
  need(same(write(type, value), bytes), "protobuf that is not in its one spelling");
  return value;
}

const TIMESTAMP = message([1, "seconds", "int"], [2, "nanos", "int"]);
const PARTS = message([1, "total", "int"], [2, "hash", "bytes"]);
const BLOCK_ID = message([1, "hash", "bytes"], [2, "parts", PARTS, "always"]);
const VERSION = message([1, "block", "int"], [2, "app", "int"]);
const HEADER = message(
  [1, "version", VERSION, "always"], [2, "chainId", "bytes"], [3, "height", "int"], [4, "time", TIMESTAMP, "always"],
  [5, "lastBlockId", BLOCK_ID, "always"], [6, "lastCommitHash", "bytes"], [7, "dataHash", "bytes"],
  [8, "validatorsHash", "bytes"], [9, "nextValidatorsHash", "bytes"], [10, "consensusHash", "bytes"],
  [11, "appHash", "bytes"], [12, "lastResultsHash", "bytes"], [13, "evidenceHash", "bytes"], [14, "proposer", "bytes"],
);
const COMMIT_SIG = message([1, "flag", "int"], [2, "address", "bytes"], [3, "time", TIMESTAMP, "always"], [4, "signature", "bytes"]);
const COMMIT = message([1, "height", "int"], [2, "round", "int"], [3, "blockId", BLOCK_ID, "always"], [4, "signatures", COMMIT_SIG, "repeated"]);
export const SIGNED_HEADER = message([1, "header", HEADER], [2, "commit", COMMIT]);
const PUBLIC_KEY = message([1, "ed25519", "bytes"]);
const VALIDATOR = message([1, "key", PUBLIC_KEY], [2, "power", "int"]);

const LEAF_OP = message([1, "hash", "int"], [2, "prehashKey", "int"], [3, "prehashValue", "int"], [4, "length", "int"], [5, "prefix", "bytes"]);
const INNER_OP = message([1, "hash", "int"], [2, "prefix", "bytes"], [3, "suffix", "bytes"]);
const EXISTENCE = message([1, "key", "bytes"], [2, "value", "bytes"], [3, "leaf", LEAF_OP, "optional"], [4, "path", INNER_OP, "repeated"]);
const NONEXISTENCE = message([1, "key", "bytes"], [2, "left", EXISTENCE, "optional"], [3, "right", EXISTENCE, "optional"]);
export const COMMITMENT_PROOF = message([1, "exist", EXISTENCE, "optional"], [2, "nonexist", NONEXISTENCE, "optional"]);

// root is the Merkle root of RFC 6962.
export function root(items) {
  if (items.length === 0) return sha256();
  if (items.length === 1) return sha256(Buffer.from([0]), items[0]);
  let split = 1;
  while (split * 2 < items.length) split *= 2;
  return sha256(Buffer.from([1]), root(items.slice(0, split)), root(items.slice(split)));
}

const ABSENT = 1n, COMMITTED = 2n, NIL = 3n;
const ZERO_TIME = -62135596800n, END_OF_TIME = 253402300800n; // 0001-01-01, 10000-01-01

// readHeader decodes a signed header and holds it to its basic rules.
export function readHeader(bytes) {
  const { header, commit } = read(SIGNED_HEADER, bytes);
  need(header.version.block === 11n, `block protocol ${header.version.block}`);
  const parts = (id) => [id.hash, id.parts.hash];
  const hashes = [
    ...parts(header.lastBlockId), header.lastCommitHash, header.dataHash, header.validatorsHash, header.nextValidatorsHash,
    header.consensusHash, header.lastResultsHash, header.evidenceHash, ...parts(commit.blockId),
  ];
  need(hashes.every((h) => h.length === 0 || h.length === 32), "a hash in the header that is not 32 bytes");
  need(header.validatorsHash.length && commit.blockId.hash.length, "a header without its hashes");
  need(header.proposer.length === 20, "a proposer's address that is not 20 bytes");
  need(header.height > 0n && commit.round >= 0n && commit.round < 2n ** 31n, "a height or round that cannot be");
  need([header.lastBlockId, commit.blockId].every((id) => id.parts.total >= 0n && id.parts.total < 2n ** 32n), "a number of parts that cannot be");
  need(commit.signatures.length > 0, "a commit without signatures");
  for (const s of commit.signatures) {
    need([ABSENT, COMMITTED, NIL].includes(s.flag), `a signature of kind ${s.flag}`);
    const isEmpty = !s.address.length && !s.signature.length && s.time.seconds === ZERO_TIME && s.time.nanos === 0n;
    const isWhole = s.address.length === 20 && s.signature.length > 0;
    need(s.flag === ABSENT ? isEmpty : isWhole, "a signature in the commit that is not whole");
    const { seconds, nanos } = s.time;
    need(ZERO_TIME <= seconds && seconds < END_OF_TIME && nanos >= 0n && nanos < SECOND, "a vote's time that cannot be");
  }
  const { seconds, nanos } = header.time;
  const time = seconds * SECOND + nanos;
  need(nanos >= 0n && nanos < SECOND && time >= 0n && time <= MAX_TIME, "a header's time that cannot be");
  return { ...header, commit, stamp: header.time, time };
}

export function headerHash(h) {
  const bytes = (v) => write(message([1, "v", "bytes"]), { v });
  return root([
    write(VERSION, h.version), bytes(h.chainId), write(message([1, "v", "int"]), { v: h.height }), write(TIMESTAMP, h.stamp),
    write(BLOCK_ID, h.lastBlockId), ...[
      h.lastCommitHash, h.dataHash, h.validatorsHash, h.nextValidatorsHash, h.consensusHash, h.appHash, h.lastResultsHash,
      h.evidenceHash, h.proposer,
    ].map(bytes),
  ]);
}

export const validatorsHash = (validators) =>
  root(validators.map((v) => write(VALIDATOR, { key: { ed25519: v.key }, power: v.power })));

// checkCommit: these validators signed the header, more than 2/3 of their power
// for this block. It gives how many did.
export function checkCommit({ commit, chainId }, validators) {
  need(commit.signatures.length === validators.length, "not one signature for each validator");
  const total = powerOf(validators);
  let power = 0n, count = 0;
  commit.signatures.forEach((s, i) => {
    if (s.flag === ABSENT) return;
    const v = validators[i];
    need(same(s.address, v.address), `signature ${i} is not the validator's`);
    need(verifyVote(s, v.key, commit, chainId), `signature ${i} is wrong`);
    if (s.flag !== COMMITTED) return;
    power += v.power;
    count++;
  });
  need(power * 3n > total * 2n, `signed by ${power} of ${total}`);
  return count;
}

// voteBytes is what a validator signs.
export function voteBytes(s, { height, round, blockId }, chainId) {
  const fixed = (number, n) => {
    const b = Buffer.alloc(8);
    b.writeBigInt64LE(n);
    return n === 0n ? Buffer.alloc(0) : cat(field(number, 1), b);
  };
  const embedded = (number, bytes) => cat(field(number, 2), lengthed(bytes));
  return lengthed(cat(
    field(1, 0), varint(2n), fixed(2, height), fixed(3, round),
    s.flag === COMMITTED ? embedded(4, write(BLOCK_ID, blockId)) : Buffer.alloc(0),
    embedded(5, write(TIMESTAMP, s.time)), embedded(6, chainId),
  ));
}

function verifyVote(s, key, commit, chainId) {
  try {
    return ed25519.verify(s.signature, voteBytes(s, commit, chainId), key, { zip215: true });
  } catch {
    return false;
  }
}

const MAX_PATH = 128;
const SHA256 = 1n, NO_HASH = 0n, VAR_PROTO = 1n;

// varints is where three zigzag varints ≥ 0 end, and the first of them.
function varints(prefix) {
  let at = 0;
  const values = [0, 1, 2].map(() => {
    let n;
    [n, at] = readVarint(prefix, at);
    need(n % 2n === 0n, "a negative number in a tree's node");
    return n / 2n;
  });
  return { at, first: values[0] };
}

// rootOf is where an existence proof leads, by the rules of an IAVL tree.
function rootOf(proof) {
  const { key, value, leaf, path } = proof;
  const ops = leaf && [leaf.hash, leaf.prehashKey, leaf.prehashValue, leaf.length];
  need(ops?.join() === [SHA256, NO_HASH, SHA256, VAR_PROTO].join(), "a leaf op that is not IAVL's");
  need(key.length && value.length, "a proof of an empty key or value");
  need(varints(leaf.prefix).at === leaf.prefix.length && leaf.prefix[0] === 0, "a leaf's prefix that is not IAVL's");
  need(path.length <= MAX_PATH, "a path that is too long");
  return path.reduce((hash, op, i) => {
    need(op.hash === SHA256, "an inner op that is not IAVL's");
    need(varints(op.prefix).first >= BigInt(i + 1) && op.prefix[0] !== 0, "an inner node's prefix that is not IAVL's");
    need(isLeft(op) || isRight(op), "an inner node without two children");
    return sha256(op.prefix, hash, op.suffix);
  }, sha256(leaf.prefix, lengthed(key), lengthed(sha256(value))));
}

// existence gives the value that stands at key under the app hash.
export function existence(bytes, key, appHash) {
  const { exist, nonexist } = read(COMMITMENT_PROOF, bytes);
  need(exist && !nonexist, "not a proof of existence");
  need(same(exist.key, key), "a proof of another key");
  need(same(rootOf(exist), appHash), "a leaf that does not lead to the app hash");
  return exist.value;
}

// isAbsence tells which of the two a proof is.
export const isAbsence = (bytes) => Boolean(read(COMMITMENT_PROOF, bytes).nonexist);

// absence checks that nothing stands at key under the app hash.
export function absence(bytes, key, appHash) {
  const { exist, nonexist } = read(COMMITMENT_PROOF, bytes);
  need(nonexist && !exist, "not a proof of absence");
  const { left, right } = nonexist;
  need(same(nonexist.key, key), "a proof of another key");
  need(left && right, "a proof with one neighbour");
  need(same(rootOf(left), appHash) && same(rootOf(right), appHash), "neighbours that do not lead to the app hash");
  need(Buffer.compare(left.key, key) < 0 && Buffer.compare(key, right.key) < 0, "neighbours that are not around the key");
  need(areNeighbours(left.path, right.path), "leaves that are not neighbours");
}

// On which side of the node that op makes the one below it hangs: the other child's hash
// stands behind or before it.
const behind = (op) => op.prefix.length - varints(op.prefix).at;
const isLeft = (op) => behind(op) === 1 && op.prefix.length <= 12 && op.suffix.length === 33;
const isRight = (op) => behind(op) === 34 && op.prefix.length <= 45 && op.suffix.length === 0;

function areNeighbours(left, right) {
  let l = left.length - 1, r = right.length - 1;
  while (l >= 0 && r >= 0 && same(left[l].prefix, right[r].prefix) && same(left[l].suffix, right[r].suffix)) l--, r--;
  return l >= 0 && r >= 0 && isLeft(left[l]) && isRight(right[r]) &&
    left.slice(0, l).every(isRight) && right.slice(0, r).every(isLeft);
}
