// Section 12 of docs/format.md: what a leaf of a packet says of itself, where its life is
// not replayed; and what an entry of a history has.

import { claimed, inForce, lapses, mayHold, settles } from "./contract.js";
import {
  ACCEPTED, ASK_OPEN, EXPIRED, FULL, HELD, KIND, LAPSED, OPEN, PHASE, RECALLED, RESERVED, RETURNED, SETTLED, TAKEN,
} from "./messages.js";
import { EQUAL, LUCKY, MAX_LISTED, REASONS, REST, SHARE, checkTerms, checkTighter, large } from "./terms.js";
import { after, hex, need, same } from "./values.js";

const MAX_TIGHTENINGS = 4;

const isReason = (r) => r === "" || REASONS.includes(r);

// checkPacket holds a leaf to the terms that stand in it, and its fields to each other.
export function checkPacket(p, now) {
  checkTerms(p.terms, hex(p.sender), p.created);
  need(large(p.terms) === (p.tally !== null), "a large packet without a tally, or another with one");
  checkStatus(p, now);
  checkTightened(p, now);
  if (p.tally) {
    checkTally(p, now);
  } else {
    p.shares.forEach((s, i) => checkShare(p, s, i, now));
    checkMoney(p);
  }
  need(p.history.count >= BigInt(1 + p.shares.length + p.tightened.length), "a history that is too short");
}

const has = (p, target) => p.terms.clauses.some((c) => c.target === target);

function checkStatus(p, now) {
  need(p.expires === after(p.created, p.terms.expiry), "expires at another time than the terms say");
  need(p.created <= now, "a packet of later than now");
  need(claimed(p) <= p.terms.shares, "more shares than the terms have");
  need((p.status === FULL) === (claimed(p) === p.terms.shares), "full, or not, with other shares");
  need(p.status !== RECALLED || has(p, REST), "recalled without a clause");
  if (p.status === OPEN) return need(p.closed === 0n, "open and closed");
  need(p.created <= p.closed && p.closed <= now, "closed out of order");
  need((p.closed >= p.expires) === (p.status === EXPIRED), "closed on the wrong side of its expiry");
  const last = p.tally ? p.tally.lastClaim : p.shares.at(-1)?.claimedAt;
  need(p.status !== FULL || p.closed === last, "full at another time than the last claim's");
}

function checkTightened(p, now) {
  need(p.tightened.length <= MAX_TIGHTENINGS, "too many tightenings");
  const recallable = (at) => (at < p.expires && (p.status === OPEN || at <= p.closed)) ||
    (p.tally ? mayHold(p, at) : p.shares.some((s) => s.claimedAt <= at && at < settles(p, s)));
  p.tightened.forEach(({ at, clauses }, i) => {
    need((p.tightened[i - 1]?.at ?? p.created) <= at && at <= now && recallable(at), "a tightening out of order");
    const before = inForce({ ...p, tightened: p.tightened.slice(0, i) });
    checkTighter(clauses, before, p.terms, hex(p.sender), p.created);
  });
}

// mayRecallShares: the terms let a held share be recalled.
export const mayRecallShares = (p) => p.terms.hold > 0 && has(p, SHARE);

// checkTally holds a large packet's counts to its terms and its money.
function checkTally(p, now) {
  const { tally: t, escrow, status, terms: { shares, total, split } } = p;
  const left = BigInt(shares - t.claimed), undrawn = BigInt(t.undrawn), isOver = [RECALLED, EXPIRED].includes(status);
  need(p.shares.length === 0, "a large packet with shares in its leaf");
  need((t.claimed === 0) === (t.lastClaim === 0n), "a last claim of nothing, or none of something");
  if (t.claimed > 0) {
    need(p.created <= t.lastClaim && t.lastClaim <= now && t.lastClaim < p.expires, "a last claim out of order");
    need(p.closed === 0n || t.lastClaim <= p.closed, "a claim after the packet was closed");
  }
  need(t.undrawn <= t.claimed && (t.undrawn === 0 || split === LUCKY), "shares that wait for a draw, and none is");
  need(!t.recalled || (t.claimed > 0 && mayRecallShares(p)), "a share was recalled against the terms");
  need(escrow <= total && (!isOver || t.undrawn > 0 || escrow === 0n), "too much in escrow");
  need(status !== FULL || t.undrawn > 0 || escrow === 0n, "something in the escrow of a full packet");
  if (status !== OPEN) return;
  need(escrow >= left + undrawn && (t.claimed > 0 || escrow === total), "too little in escrow");
  need(split !== EQUAL || escrow * BigInt(shares) === left * total, "an escrow that is not of equal shares");
}

// checkShare holds share number i of a packet, from 0, to those before it and to the terms.
export function checkShare(p, s, i, now) {
  const before = p.shares[i - 1];
  need(!same(s.claimer, p.sender) && !p.shares.slice(0, i).some((x) => same(x.claimer, s.claimer)), "a claimer who cannot be one");
  need((before?.claimedAt ?? p.created) <= s.claimedAt && s.claimedAt <= now && s.claimedAt < p.expires, "a claim out of order");
  need(p.closed === 0n || s.claimedAt <= p.closed, "a claim after the packet was closed");
  need(p.terms.hold > 0 || ![HELD, TAKEN].includes(s.state), "held without a hold");
  need(s.state !== TAKEN || has(p, SHARE), "recalled without a clause");
  need(s.state !== SETTLED || settles(p, s) <= now, "settled too early");
  need(before?.state !== RESERVED || (s.state === RESERVED && s.claimedAt === before.claimedAt), "drawn out of turn");
  if (s.asked) checkAsked(p, s, s.asked, now);
}

function checkAsked(p, s, asked, now) {
  const over = now >= lapses(asked), given = s.state === RETURNED;
  need(given || s.state === SETTLED, "a question about a share that is not settled");
  need(settles(p, s) <= asked.at && asked.at <= now && isReason(asked.reason), "a question out of order or range");
  need(asked.state !== ACCEPTED || given, "accepted and not returned");
  need(asked.state !== LAPSED || over, "lapsed too early");
  need(asked.state !== ASK_OPEN || !given || over, "returned without an answer");
}

// rest is what the shares leave of a packet's total.
export const rest = (p) => p.terms.total - p.shares.reduce((n, s) => n + s.amount, 0n);

function checkMoney(p) {
  const { total, shares, split } = p.terms;
  need(p.shares.every((s) => (s.state === RESERVED) === (s.amount === 0n)), "a share that is drawn for nothing, or not");
  need(split !== EQUAL || p.shares.every((s) => s.amount * BigInt(shares) === total), "a share that is not an equal one");
  const left = BigInt(shares - p.shares.filter((s) => s.state !== RESERVED).length);
  need(rest(p) >= left && (left > 0n || rest(p) === 0n), "shares that leave too little, or something");
  const gone = [RECALLED, EXPIRED].includes(p.status) && !p.shares.some((s) => s.state === RESERVED);
  need(p.escrow === (gone ? 0n : rest(p)), "an escrow that is not what the shares leave");
}

// What the entries of a kind have: phases, about a packet, a share (0 none, 1 one, 2 one or none), a reason.
const { genesis, draw, due, tx } = PHASE;
const HAVE = {
  [KIND.genesis]: [[genesis], false, 0], [KIND.pay]: [[tx], false, 0], [KIND.send]: [[tx], true, 0],
  [KIND.claim]: [[tx], true, 1], [KIND.reserve]: [[tx], true, 1], [KIND.draw]: [[draw], true, 1],
  [KIND.recall]: [[tx, draw], true, 2, true], [KIND.return]: [[tx], true, 1], [KIND.refund]: [[due], true, 0],
  [KIND.settle]: [[due], true, 1], [KIND.ask]: [[tx], true, 1, true], [KIND.refuse]: [[tx], true, 1],
  [KIND.lapse]: [[due], true, 1], [KIND.tighten]: [[tx], true, 0], [KIND.warp]: [[tx], false, 0],
};

// checkEntry holds an entry to what its kind has.
export function checkEntry(e) {
  const [phases, ofPacket, share, reason] = HAVE[e.kind];
  need(phases.includes(e.phase) && (e.tx !== null) === (e.phase === tx), `entry ${e.seq}: in the wrong phase`);
  need((e.packet !== null) === ofPacket, `entry ${e.seq}: with or without a packet`);
  need(e.share <= MAX_LISTED && (share === 2 || (e.share > 0) === (share === 1)), `entry ${e.seq}: about share ${e.share}`);
  need((e.beacon !== null) === (e.kind === KIND.draw), `entry ${e.seq}: with or without a beacon`);
  need(reason ? isReason(e.reason) : e.reason === "", `entry ${e.seq}: a reason that there is not`);
  need(e.claims === null, `entry ${e.seq}: many claims in one`);
  need(!e.posting || e.posting.amount > 0n, `entry ${e.seq}: moves nothing`);
}
