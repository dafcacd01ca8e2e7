// Section 12 of docs/format.md: the steps that the kinds share. Each works on a
// case { file, trust, at, doubts }, adds what it finds, and gives a line to print.

import { absence as checkAbsence, checkCommit, existence, headerHash, readHeader, validatorsHash } from "./chain.js";
import { apply } from "./contract.js";
import { proofToHash, verifyProof } from "./draws.js";
import { checkEntry, checkPacket } from "./lawful.js";
import { claimedAlone, standIn } from "./list.js";
import {
  KIND, OPEN, PHASE, accountLeaf, beacon, beaconHash, clockLeaf, drawInput, entry, entryHash,
  firstHead, nextHead, packetIdOf, packetLeaf, readTx, shareLeaf, supplyLeaf, termsHash,
} from "./messages.js";
import { follow, readHandOver } from "./handover.js";
import { terms } from "./terms.js";
import { Fail, after, decode, encode, hex, need, same } from "./values.js";

const VALID_SECONDS = 600;

// inTime: a tx that was in a block at this time may have said so.
export const inTime = (time, validUntil) => time < validUntil && validUntil <= after(time, VALID_SECONDS);

export function header(c) {
  const { file, trust, at } = c;
  const h = (c.header = readHeader(file.signedHeader));
  need(h.chainId.toString("latin1") === file.chain, "a header of another chain");
  need(h.height === file.height + 1n && h.commit.height === h.height, `a header of block ${h.height}`);
  need(same(h.commit.blockId.hash, headerHash(h)), "a commit for another header");
  const handedOver = file.handOvers.map(readHandOver);
  c.validators = trust?.validators ?? [];
  c.known = [...c.validators];
  if (!trust || trust.chain !== file.chain) {
    c.trusted = false;
    c.doubts.push("trust");
    return `block ${h.height}; nobody vouches for it`;
  }
  c.trusted = true;
  if (at !== null && h.time < at) c.doubts.push("age");
  handedOver.forEach((one, i) => {
    const next = follow(one, file.chain, i + 1, c.validators);
    c.known.push(...next);
    c.validators = next;
  });
  need(same(h.validatorsHash, validatorsHash(c.validators)), "a header of other validators");
  const count = checkCommit(h, c.validators);
  const by = handedOver.length ? `, ${handedOver.length} hand-overs after the trust file's` : "";
  return `block ${h.height}, signed by ${count} of ${c.validators.length}${by}`;
}

// clock finds the time that all that follows is judged by.
export function clock(c) {
  const { file, header, trust } = c;
  c.now = header.time;
  if (file.clockProof.length === 0) return "the header's time";
  need(!c.trusted || trust.dev, "a clock on a chain that has none");
  c.clock = decode(clockLeaf, existence(file.clockProof, Buffer.from("c/clock"), header.appHash));
  c.now = after(header.time, c.clock.offset);
  return `DEV CLOCK: ${c.clock.offset} s after the header's time`;
}

export function leaf(c) {
  const { file } = c;
  const value = existence(file.leafProof, file.key, c.header.appHash);
  if (file.kind === "large-share") {
    c.alone = decode(shareLeaf, value); // its packet is made of it in parties
    return "stands under the header's app hash";
  }
  const type = { "p/": packetLeaf, "a/": accountLeaf, "c/": supplyLeaf }[file.key.subarray(0, 2)];
  c.leaf = decode(type, value);
  c.leafBytes = value;
  if (type === packetLeaf) {
    const large = ["large-packet", "unclaimed"].includes(file.kind);
    need(large === (c.leaf.tally !== null), "a large packet, or none, of which this kind proves nothing");
  }
  if (file.share && file.kind !== "unclaimed") {
    need(file.share <= c.leaf.shares.length, `the packet has no share ${file.share}`);
    c.share = c.leaf.shares[file.share - 1];
  }
  if (type === packetLeaf && !isLife(file.kind)) checkPacket(c.leaf, c.now);
  return "stands under the header's app hash";
}

// isLife: of these kinds replay makes entries and leaf anew.
const isLife = (kind) => kind === "packet" || kind === "large-packet";

export function absence(c) {
  checkAbsence(c.file.leafProof, c.file.key, c.header.appHash);
  return "between two neighbours";
}

export function signatures(c) {
  c.txs = c.file.txs.map((wire) => readTx(wire, c.file.chain));
  return `${c.txs.length} transactions`;
}

export function parties(c) {
  if (c.alone) {
    c.leaf = standIn(c.alone, c.txs[0], c.file.id, c.file.share, c.now);
    c.share = c.alone.share;
  }
  const { file, leaf, share, txs: [send, claim] } = c;
  need(send.kind === "send", "the first transaction is no send");
  need(same(send.hash, leaf.sendTx) && same(send.account, leaf.sender), "another send than the leaf's");
  need(same(packetIdOf(file.chain, send), file.id), "a send of another packet");
  need(same(encode(terms, send.body.terms), encode(terms, leaf.terms)), "other terms than the leaf's");
  need(inTime(leaf.created, send.validUntil), "a send at the wrong time");
  if (!share) return "the sender signed the terms";
  need(claim.kind === "claim" && same(claim.body.packet, file.id), "the second transaction is no claim of the packet");
  need(same(claim.account, share.claimer), "a claim of somebody else");
  need(same(claim.body.termsHash, termsHash(file.chain, leaf.terms)), "a claim of other terms");
  need(inTime(share.claimedAt, claim.validUntil), "a claim at the wrong time");
  if (c.alone) claimedAlone(file.chain, leaf, claim, file.share, share);
  else claimed(c, claim);
  return "sender and claimer signed the terms";
}

// claimed does the claim again on the packet as it was then: open, with the shares before it.
function claimed({ file, leaf, share }, tx) {
  const shares = leaf.shares.slice(0, file.share - 1).map((s) => ({ ...s }));
  const before = { ...leaf, shares, tightened: [], status: OPEN, closed: 0n, escrow: leaf.terms.total };
  apply(file.chain, before, file.id, tx, share.claimedAt);
}

export function entries(c) {
  const { file, leaf } = c;
  c.entries = file.entries.map((bytes) => readEntry(file, bytes));
  if (!isLife(file.kind)) c.entries.forEach(checkEntry);
  let head = file.from > 0n ? file.head : firstHead(file.chain, file.key);
  c.entries.forEach((e, i) => {
    need(e.seq === file.from + BigInt(i), `entry ${i} has seq ${e.seq}`);
    need(e.height <= file.height, `entry ${i} is of a later block`);
    need((e.height === 0n) === (e.phase === PHASE.genesis), `entry ${i} is not of genesis, or should be`);
    if (i > 0) need(follows(e, c.entries[i - 1]), `entry ${i} is out of order`);
    e.headBefore = head;
    head = nextHead(head, entryHash(e.bytes));
  });
  need(c.entries.every((e) => e.time <= c.now), "an entry that is later than now");
  for (const h of file.tail) head = nextHead(head, h);
  const count = file.from + BigInt(c.entries.length + file.tail.length);
  need(count === leaf.history.count && same(head, leaf.history.head), "entries that do not fold to the leaf's head");
  return `${c.entries.length} of ${count} fold to the head`;
}

// readEntry reads an entry of a file. In that of a large packet's life it is without the packet's id, which is the subject's.
function readEntry(file, bytes) {
  const e = decode(entry, bytes);
  if (file.kind !== "large-packet") return { ...e, bytes };
  need(e.packet === null, "an entry that names the packet of which the file is");
  e.packet = file.id;
  return { ...e, bytes: encode(entry, e) };
}

function follows(e, before) {
  if (e.height !== before.height) return e.height > before.height && e.time >= before.time;
  const later = e.phase > before.phase || (e.phase === before.phase && e.index > before.index);
  return e.time === before.time && later;
}

export function draws(c) {
  const { file } = c;
  c.beacons = file.beacons.map((bytes) => {
    const b = decode(beacon, bytes);
    const hash = beaconHash(b);
    if (!c.trusted) return { ...b, hash, output: proofToHash(b.proof) };
    return { ...b, hash, output: outputOf(c, b) };
  });
  return `${c.beacons.length} beacons`;
}

// outputOf verifies a beacon by the VRF key of a validator that is in office, or was.
function outputOf({ file, known }, b) {
  const keys = new Map(known.filter((v) => same(v.address, b.proposer)).map((v) => [hex(v.vrfKey), v.vrfKey]));
  need(keys.size > 0, `no validator ${hex(b.proposer)}`);
  let why;
  for (const key of keys.values()) {
    try {
      return verifyProof(key, drawInput(file.chain, b), b.proof);
    } catch (err) {
      if (!(err instanceof Fail)) throw err;
      why = err;
    }
  }
  throw why;
}

const sum = (entries) => entries.reduce((n, e) => n + e.posting.amount, 0n);

export function sums(c) {
  const { entries, leaf } = c;
  const moved = entries.filter((e) => e.posting);
  const of = (...kinds) => moved.filter((e) => kinds.includes(e.kind));
  const known = of(KIND.send, KIND.claim, KIND.draw, KIND.recall, KIND.refund, KIND.settle, KIND.return);
  need(known.length === moved.length, "money that moved by another kind");
  const recalls = of(KIND.recall);
  const batches = entries.filter((e) => e.claims).reduce((n, e) => n + e.claims.sum, 0n);
  const out = sum(of(KIND.claim, KIND.draw)) + batches;
  const recalled = sum(recalls.filter((e) => e.share === 0)), refunded = sum(of(KIND.refund));
  need(sum(of(KIND.send)) === leaf.terms.total, "more or less than the total was sent");
  need(out + recalled + refunded + leaf.escrow === leaf.terms.total, "the sums do not add up");
  need(sum(recalls.filter((e) => e.share > 0)) + sum(of(KIND.return)) <= out, "more came back than was claimed");
  return `${out} claimed + ${recalled} recalled + ${refunded} refunded + ${leaf.escrow} in escrow = ${leaf.terms.total}`;
}

export function supply(c) {
  const { wallets, escrow, held, total } = c.leaf;
  need(wallets + escrow + held === total, "the supply does not add up");
  return `${wallets} + ${escrow} + ${held} = ${total}`;
}
