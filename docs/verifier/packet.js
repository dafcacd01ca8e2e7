// Section 12 of docs/format.md: the step replay of a packet's life, and the
// steps recall, recalls and finality.

import { met, moments } from "./conditions.js";
import { apply, drawNext, endRecall, inForce, nextDue, send, settles, takeBatch, undrawn } from "./contract.js";
import {
  ESCROW, HELD, KIND, OPEN, PHASE, RECALLED, RESERVED, RETURNED, SETTLED, TAKEN, WALLET, at, encodeEntry, packetLeaf,
} from "./messages.js";
import { mayRecallShares, rest } from "./lawful.js";
import { inTime } from "./steps.js";
import { SHARE, keysOf } from "./terms.js";
import { encode, hex, max, min, need, same } from "./values.js";

export function replay(c) {
  const { file, leaf } = c;
  const r = { ...file, packet: null, txs: [...c.txs], beacons: [...(c.beacons ?? [])], nonces: new Map(), owes: null, last: null, recalls: [] };
  c.recalls = r.recalls;
  c.entries.forEach((e, i) => {
    try {
      replayEntry(r, e);
    } catch (err) {
      err.message = `entry ${i}: ${err.message}`;
      throw err;
    }
  });
  need(r.txs.length === 0, "a transaction that is in no entry");
  need(r.beacons.length === 0, "a beacon that is in no entry");
  need(!r.owes || r.owes.height === file.height, "draws that the chain owed and did not do");
  if (leaf.tally?.recalled) { // of which the share's own history tells
    need(r.packet.tally.claimed > 0 && mayRecallShares(r.packet), "a share was recalled against the terms");
    r.packet.tally.recalled = true;
  }
  need(same(encode(packetLeaf, { ...r.packet, history: leaf.history }), c.leafBytes), "the leaf is not what the entries made");
  return `${c.entries.length} entries follow from what was signed`;
}

// replayEntry does what the entry says and compares. r.owes, if any, is { height, reason,
// isRecall, beacon }: a block whose reservations are not all drawn yet.
function replayEntry(r, e) {
  need(e.height >= 1n, "of no block");
  if (r.owes && e.height > r.owes.height) {
    need(e.height === r.owes.height + 1n && e.phase === PHASE.draw, "draws were owed before it");
  }
  const by = e.claims ? byBatch : { [PHASE.tx]: byTx, [PHASE.due]: byClock, [PHASE.draw]: byDraw }[e.phase];
  const event = by?.(r, e);
  r.last = e;
  need(event, "in no phase of a packet");
  const made = encodeEntry(e, { ...event, packet: r.id, balance: r.packet.escrow });
  need(same(made, e.bytes), "not the entry that its event makes");
}

// byBatch does what e says of a block's claims, reserves or draws of a large packet. They stand in one entry unless
// something comes between.
function byBatch(r, e) {
  const { last, packet } = r;
  need(packet, "before the send");
  need(!(last.claims && last.height === e.height && last.phase === e.phase), "claims of one block in two entries");
  need(e.kind !== KIND.draw || r.owes, "draws that nobody owes");
  const event = takeBatch(packet, e);
  if (e.kind === KIND.reserve) r.owes ??= { height: e.height, isRecall: false, beacon: null };
  if (e.kind === KIND.draw && !r.owes.isRecall) r.owes = null;
  return event;
}

function byTx(r, e) {
  const tx = r.txs.shift();
  need(tx && e.tx && same(tx.hash, e.tx), "its transaction is not the next one in the file");
  need(inTime(e.time, tx.validUntil), "its transaction could not stand in a block then");
  const account = hex(tx.account);
  need(tx.nonce > (r.nonces.get(account) ?? -1n), "its transaction's nonce is not greater than the one before");
  r.nonces.set(account, tx.nonce);
  need((r.packet === null) === (tx.kind === "send"), "a packet begins with a send, once");
  if (tx.kind === "send") {
    const { packet, id, event } = send(r.chain, tx, e.time);
    need(same(id, r.id), "a send of another packet");
    r.packet = packet;
    return { ...event, tx: tx.hash };
  }
  const event = apply(r.chain, r.packet, r.id, tx, e.time);
  if (undrawn(r.packet)) {
    r.owes ??= { height: e.height, isRecall: false, beacon: null };
    if (event.kind === KIND.recall && event.share === 0) Object.assign(r.owes, { isRecall: true, reason: event.reason });
  }
  if (event.power) r.recalls.push({ entry: e, tx, tightened: r.packet.tightened.length > 0, ...event.power });
  return { ...event, tx: tx.hash };
}

function byClock(r, e) {
  need(r.packet, "before the send");
  return nextDue(r.packet, r.id, e.time);
}

function byDraw(r, e) {
  const { owes, packet } = r;
  need(owes && e.height === owes.height + 1n, "a draw that nobody owes");
  if (undrawn(packet) === 0) {
    need(owes.isRecall, "the end of a recall that there was not");
    r.owes = null;
    return endRecall(packet, r.id, owes.reason);
  }
  need(!packet.tally, "a draw of a large packet, whose draws stand in batches");
  if (!owes.beacon) {
    owes.beacon = r.beacons.shift();
    need(owes.beacon?.height === owes.height, "its beacon is not the next one in the file");
  }
  const event = drawNext(packet, r.id, owes.beacon.output);
  if (undrawn(packet) === 0 && !owes.isRecall) r.owes = null;
  return { ...event, beacon: owes.beacon.hash };
}

// recalls is the step of kind unrecalled.
export function recalls(c) {
  need(c.leaf.status !== RECALLED, "the rest was recalled");
  need(!c.leaf.shares.some((s) => s.state === TAKEN), "a share was recalled");
  return "nothing was recalled";
}

// recall is the step of that kind: the one recall, done again on the packet as it was.
export function recall(c) {
  const { file, entries } = c;
  const i = entries.findIndex((e) => e.kind === KIND.recall && e.tx && e.share === file.share);
  need(i >= 0, "no recall among the entries");
  const e = entries[i], tx = c.txs.at(-1);
  need(tx.kind === "recall" && same(tx.body.packet, file.id) && tx.body.share === file.share, "the last transaction is not the recall");
  need(same(tx.hash, e.tx), "another recall than the entry's");
  need(inTime(e.time, tx.validUntil), "the recall could not stand in a block then");

  const packet = packetBefore(c, e, i);
  const event = apply(file.chain, packet, file.id, tx, e.time);
  need(event.power.signers.size > 0, "a recall that nobody signed for");
  const made = encodeEntry(e, { ...event, tx: tx.hash, packet: file.id, balance: packet.escrow });
  need(same(made, e.bytes), "the recall makes another entry");

  const amount = file.share ? e.posting.amount : broughtHome(c, e, i);
  c.recall = { entry: e, tx, amount, tightened: packet.tightened.length > 0, ...event.power };
  c.before = packet;
  return amount === null ? "allowed; the draws come first" : `allowed: ${amount} fen`;
}

// packetBefore is the leaf as it was just before entry e, as far as it matters.
function packetBefore(c, e, i) {
  const p = { ...c.leaf, shares: c.leaf.shares.map((s) => ({ ...s })) };
  const shown = (list) => list.filter((x) => x.kind === KIND.tighten && x.time === e.time).length;
  const then = p.tightened.filter((t) => t.at === e.time).length;
  need(shown(c.entries) === then, "tightenings of the same instant that are not shown");
  p.tightened = p.tightened.slice(0, p.tightened.filter((t) => t.at < e.time).length + shown(c.entries.slice(0, i)));
  p.escrow = e.balance;
  if (c.file.share) {
    const share = p.shares[c.file.share - 1];
    need(share.state === TAKEN && share.asked === null, "the share was not recalled, or asked for");
    share.state = HELD;
    return p;
  }
  need(p.status === RECALLED && p.closed === e.time, "the rest was not recalled then");
  Object.assign(p, { status: OPEN, closed: 0n });
  if (e.posting) {
    p.escrow = e.posting.amount;
  } else {
    need(p.shares.length > 0, "a recall that waits for no draw");
    p.shares.at(-1).state = RESERVED;
  }
  return p;
}

// broughtHome is what a recall of the rest brought, at once or after the draws; null
// if they are still to come.
function broughtHome({ file, entries, leaf }, e, i) {
  const amount = rest(leaf);
  if (e.posting) {
    need(e.posting.amount === amount, "the recall brought home something else than the rest");
    return amount;
  }
  const posting = { from: at(ESCROW, file.id), to: at(WALLET, leaf.sender), amount };
  const event = { kind: KIND.recall, packet: file.id, share: 0, posting, reason: e.reason, balance: 0n };
  const end = entries.slice(i + 1).some((x) =>
    x.height === e.height + 1n && x.phase === PHASE.draw && same(encodeEntry(x, event), x.bytes));
  if (end) return amount;
  need(e.height === file.height && leaf.shares.at(-1).state === RESERVED, "the recall's end is not shown");
  return null;
}

// power gives the intervals between from and until in which a clause of the target can be met by signers
// without one: [{ from, until, names, allowing }], where allowing(signers) are the clauses met.
export function power(list, target, sender, { start, from, until, without = null, untouched = false }) {
  const own = list.filter((c) => c.target === target);
  const inside = own.flatMap((c) => moments(c.when, start)).filter((t) => from < t && t < until);
  const times = from < until ? [...new Set([from, ...inside])].sort((a, b) => (a < b ? -1 : 1)) : [];
  return times.map((t, i) => {
    const named = keysOf(own, sender);
    const names = keysOf(list, sender).filter((k) => named.includes(k) && k !== without);
    const allowing = (signers) => own.filter((c) => met(c.when, { now: t, start, sender, untouched, signers }));
    return { from: t, until: times[i + 1] ?? until, names, allowing };
  }).filter(({ names, allowing }) => allowing(new Set(names)).length > 0);
}

// finalityOf says who but its claimer can move a claimed share from now on.
export function finalityOf(p, share, now) {
  if (share.state === TAKEN || share.state === RETURNED) return { final: false };
  const sender = hex(p.sender);
  const span = { start: share.claimedAt, from: share.claimedAt, until: settles(p, share), without: hex(share.claimer) };
  if (share.state !== SETTLED) {
    const risks = power(inForce(p), SHARE, sender, { ...span, from: max(now, span.from) });
    if (risks.length) return { final: false, othersUntil: risks.at(-1).until, risks };
  }
  // Of each list the end of its last power, but not later than the tightening that replaced it.
  const ends = [p.terms.clauses, ...p.tightened.map((t) => t.clauses)].map((list, i) => {
    const end = power(list, SHARE, sender, span).at(-1)?.until;
    return end === undefined ? share.claimedAt : min(end, p.tightened[i]?.at ?? end);
  });
  return { final: true, finalSince: ends.reduce(max, share.claimedAt) };
}

// finality is the step of kind share; it never fails.
export function finality(c) {
  c.finality = finalityOf(c.leaf, c.share, c.now);
  return c.finality.final ? "beyond every clause" : "NOT FINAL";
}
