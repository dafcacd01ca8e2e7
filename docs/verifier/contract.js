// Section 8 of docs/format.md: what a message, a draw and the clock do to a
// packet. A packet is its leaf (messages.js). Each event is decided first, then
// changes the packet, and gives what its entry says: { kind, share, posting,
// reason }; a recall adds the power it used. What accounts can afford is not
// judged here.

import { keys, met, walk } from "./conditions.js";
import { drawn } from "./draws.js";
import {
  ACCEPTED, ASK_OPEN, ESCROW, EXPIRED, FULL, HELD, HOLD, KIND, LAPSED, OPEN, PHASE, RECALLED, REFUSED, RESERVED,
  RETURNED, SETTLED, TAKEN, WALLET, at, clauseHash, consentDigest, linkDigest, packetIdOf, termsHash, verifySignature,
} from "./messages.js";
import { EQUAL, LUCKY, REASONS, REST, SHARE, allows, checkTerms, checkTighter, large } from "./terms.js";
import { after, hex, need, same } from "./values.js";

const MAX_TIGHTENINGS = 4;
const LAPSE_SECONDS = 72 * 3600;
const CONSENT_SECONDS = 30 * 24 * 3600;

export const inForce = (p) => (p.tightened.length ? p.tightened.at(-1).clauses : p.terms.clauses);
export const settles = (p, share) => after(share.claimedAt, p.terms.hold);
export const lapses = (question) => after(question.at, LAPSE_SECONDS);

const isOpen = (p, now) => p.status === OPEN && now < p.expires;
const isHeld = (p, share, now) => share.state === HELD && now < settles(p, share);
const isAsked = (share, now) => share.asked?.state === ASK_OPEN && now < lapses(share.asked);
export const reserved = (p) => p.shares.filter((s) => s.state === RESERVED);

// What a large packet's tally counts, its shares would tell of another.
export const claimed = (p) => (p.tally ? p.tally.claimed : p.shares.length);
export const undrawn = (p) => (p.tally ? p.tally.undrawn : reserved(p).length);

// move takes money of the packet from one place to another: a posting.
const move = (from, to, amount) => ({ from, to, amount });

function close(p, status, now) {
  p.status = status;
  p.closed = now;
}

function emptyEscrow(p, id) {
  const posting = move(at(ESCROW, id), at(WALLET, p.sender), p.escrow);
  p.escrow = 0n;
  return posting;
}

// arrive pays a share out of escrow, into its claimer's hold where there is one.
function arrive(p, id, share, amount) {
  const hold = p.terms.hold > 0;
  share.state = hold ? HELD : SETTLED;
  share.amount = amount;
  p.escrow -= amount;
  return move(at(ESCROW, id), at(hold ? HOLD : WALLET, share.claimer), amount);
}

function shareOf(p, n) {
  need(n >= 1 && n <= p.shares.length, `there is no share ${n}`);
  return p.shares[n - 1];
}

// send makes the packet.
export function send(chain, tx, now) {
  const t = tx.body.terms;
  checkTerms(t, hex(tx.account), now);
  const id = packetIdOf(chain, tx);
  const packet = {
    sender: tx.account, terms: t, sendTx: tx.hash, tightened: [], created: now, expires: after(now, t.expiry),
    status: OPEN, closed: 0n, escrow: t.total, shares: [],
    tally: large(t) ? { claimed: 0, undrawn: 0, lastClaim: 0n, recalled: false } : null,
  };
  const posting = move(at(WALLET, tx.account), at(ESCROW, id), t.total);
  return { packet, id, event: { kind: KIND.send, share: 0, posting, reason: "" } };
}

const messages = { claim, recall, return: giveBack, ask, answer, tighten };

// apply executes a tx about packet p, whose id is given.
export function apply(chain, p, id, tx, now) {
  need(Object.hasOwn(messages, tx.kind) && same(tx.body.packet, id), `a ${tx.kind} that is not about the packet`);
  const event = messages[tx.kind]({ chain, p, id, tx, now, ...tx.body });
  return { share: tx.body.share ?? 0, posting: null, reason: "", ...event };
}

function claim({ chain, p, id, tx, now, termsHash: accepted, linkSignature, listing }) {
  const claimer = tx.account;
  need(isOpen(p, now), "a claim of a packet that is not open");
  need(!p.tally, "a claim of a large packet, whose claims stand in batches");
  need(!same(claimer, p.sender), "a claim by the sender");
  need(!p.shares.some((s) => same(s.claimer, claimer)), "a second claim");
  need(same(accepted, termsHash(chain, p.terms)), "a claim of other terms");
  need(!listing, "an entry of a list, and the packet has none");
  const link = linkSignature !== null;
  if (link) {
    const good = p.terms.linkKey && verifySignature(linkSignature, linkDigest(chain, id, claimer), p.terms.linkKey);
    need(good, "a claim with a wrong link signature");
  }
  need(met(p.terms.claim, { now, start: p.created, claimer: hex(claimer), link }), "a claim that the claim rule refuses");

  const share = { claimer, amount: 0n, state: RESERVED, claimedAt: now, asked: null };
  p.shares.push(share);
  if (p.shares.length === p.terms.shares) close(p, FULL, now);
  const n = p.shares.length;
  if (p.terms.split !== EQUAL) return { kind: KIND.reserve, share: n };
  return { kind: KIND.claim, share: n, posting: arrive(p, id, share, p.terms.total / BigInt(p.terms.shares)) };
}

function recall(call) {
  const { p, id, now, share: n, reason } = call;
  if (n === 0) {
    need(isOpen(p, now), "a recall from a packet that is not open");
    const power = goodRecall(call, REST, null);
    close(p, RECALLED, now);
    return { kind: KIND.recall, reason, posting: undrawn(p) ? null : emptyEscrow(p, id), power };
  }
  const share = shareOf(p, n);
  need(isHeld(p, share, now), "a recall of a share that is not held");
  const power = goodRecall(call, SHARE, share);
  share.state = TAKEN;
  return { kind: KIND.recall, reason, posting: move(at(HOLD, share.claimer), at(WALLET, p.sender), share.amount), power };
}

// goodRecall checks the clause, the reason, the consents and the condition, and
// gives what made it good: { clause, signers }.
function goodRecall({ chain, p, id, tx, now, clause: c, share: n, reason, consents }, target, share) {
  const clause = inForce(p)[c - 1];
  need(clause?.target === target, `no clause ${c} for this target`);
  need(allows(clause, reason), `a reason that clause ${c} does not allow: ${reason}`);
  const sender = hex(p.sender);
  const names = keys(clause.when, sender);
  const signers = new Set(names.filter((k) => k === hex(tx.account)));
  for (const consent of consents) {
    const { account, validUntil, signature } = consent;
    need(names.includes(hex(account)) && !signers.has(hex(account)), "a consent that does not count");
    need(now < validUntil && validUntil <= after(now, CONSENT_SECONDS), "a consent at the wrong time");
    const digest = consentDigest(chain, {
      packet: id, clause: clauseHash(clause), reason, validUntil, share: n, claimer: share?.claimer ?? null,
      amount: share?.amount ?? 0n,
    });
    need(verifySignature(signature, digest, account), "a consent that its account did not sign");
    signers.add(hex(account));
  }
  const start = share ? share.claimedAt : p.created;
  const world = { now, start, untouched: claimed(p) === 0, sender, signers };
  need(met(clause.when, world), `a recall whose clause is not met`);
  return { clause, signers };
}

function giveBack({ p, tx, now, share: n }) {
  const share = shareOf(p, n);
  need(same(tx.account, share.claimer), "a return by somebody else");
  need(share.state === HELD || share.state === SETTLED, "a return of a share that is not the claimer's");
  const from = at(share.state === HELD ? HOLD : WALLET, share.claimer);
  share.state = RETURNED;
  if (isAsked(share, now)) share.asked.state = ACCEPTED;
  return { kind: KIND.return, posting: move(from, at(WALLET, p.sender), share.amount) };
}

function ask({ p, tx, now, share: n, reason }) {
  const share = shareOf(p, n);
  need(same(tx.account, p.sender), "an ask by somebody else");
  need(share.state === SETTLED, "an ask for a share that is not settled");
  need(share.asked === null, "a second ask");
  need(reason === "" || REASONS.includes(reason), "an ask for an unknown reason");
  share.asked = { state: ASK_OPEN, reason, at: now };
  return { kind: KIND.ask, reason };
}

function answer(call) {
  const { p, tx, now, share: n, accept } = call;
  const share = shareOf(p, n);
  need(same(tx.account, share.claimer), "an answer by somebody else");
  need(isAsked(share, now), "an answer without an open question");
  if (accept) return giveBack(call);
  share.asked.state = REFUSED;
  return { kind: KIND.refuse };
}

function tighten({ p, tx, now, clauses }) {
  need(same(tx.account, p.sender), "a tightening by somebody else");
  const mayBeTaken = (s) => isHeld(p, s, now) || (p.terms.hold > 0 && s.state === RESERVED);
  const held = p.tally ? mayHold(p, now) : p.shares.some(mayBeTaken);
  need(isOpen(p, now) || held, "a tightening of what is over");
  need(p.tightened.length < MAX_TIGHTENINGS, "too many tightenings");
  checkTighter(clauses, inForce(p), p.terms, hex(p.sender), p.created);
  p.tightened.push({ at: now, clauses });
  return { kind: KIND.tighten };
}

// mayHold: a share of a large packet may be held at that time.
export const mayHold = ({ tally, terms }, at) => tally.claimed > 0 && at < after(tally.lastClaim, terms.hold);

// takeBatch counts what entry e says of a large packet's claims, reserves or draws, which it does not name; it gives
// what the entry that they make says.
export function takeBatch(p, e) {
  const { tally, terms: t } = p, { count, sum } = e.claims, draws = e.kind === KIND.draw;
  need(tally, "a batch of claims, and the packet is not large");
  need(count >= 1, "a batch of nothing");
  let left = t.shares - tally.claimed;
  if (draws) {
    need(e.phase === PHASE.draw && !e.tx && e.beacon && count === tally.undrawn, "draws that are not those owed");
  } else {
    need(e.kind === (t.split === LUCKY ? KIND.reserve : KIND.claim), "a batch of another kind than the split makes");
    need(e.phase === PHASE.tx && e.tx && !e.beacon, "claims without a transaction");
    need(isOpen(p, e.time) && claimableAt(p, e.time), "claims when none could be");
    need(count <= left, "more claims than there are shares");
    left -= count;
  }
  if (e.kind === KIND.reserve) need(sum === 0n, "reserves that move money");
  else if (t.split === EQUAL) need(sum * BigInt(t.shares) === t.total * BigInt(count), "shares that are not equal ones");
  else {
    const rest = p.escrow - sum;
    need(sum >= BigInt(count) && rest >= BigInt(left) && (left > 0 || rest === 0n), "a sum that leaves too little, or something");
  }
  p.escrow -= sum;
  if (draws) {
    tally.undrawn = 0;
  } else {
    if (e.kind === KIND.reserve) tally.undrawn += count;
    tally.claimed += count;
    tally.lastClaim = e.time;
    if (tally.claimed === t.shares) close(p, FULL, e.time);
  }
  return { kind: e.kind, share: 0, posting: null, reason: "", claims: e.claims, tx: e.tx, beacon: e.beacon };
}

// claimableAt: a claimer other than the sender meets the claim rule, with link and entry.
function claimableAt({ terms: t, created, sender }, now) {
  const claimers = ["00".repeat(32), ...[...walk(t.claim)].flatMap((a) => (a.op === "named" ? a.keys : []))];
  const world = (claimer) => ({ now, start: created, claimer, link: true, listed: true });
  return claimers.some((k) => k !== hex(sender) && met(t.claim, world(k)));
}

// drawNext draws the first reserved share with a beacon's output.
export function drawNext(p, id, output) {
  const n = p.shares.findIndex((s) => s.state === RESERVED) + 1;
  const left = BigInt(p.terms.shares - n + 1);
  const posting = arrive(p, id, p.shares[n - 1], drawn(output, id, n, p.escrow, left));
  return { kind: KIND.draw, share: n, posting, reason: "" };
}

// endRecall brings home what a recall of the rest left behind for the draws.
export const endRecall = (p, id, reason) => ({ kind: KIND.recall, share: 0, posting: emptyEscrow(p, id), reason });

// nextDue does the earliest of what the packet owes, if it is due.
export function nextDue(p, id, now) {
  const due = [];
  if (p.status === OPEN) due.push({ when: p.expires, share: 0, kind: KIND.refund });
  p.shares.forEach((s, i) => {
    if (s.state === HELD) due.push({ when: settles(p, s), share: i + 1, kind: KIND.settle });
    if (s.asked?.state === ASK_OPEN) due.push({ when: lapses(s.asked), share: i + 1, kind: KIND.lapse });
  });
  due.sort((a, b) => (a.when === b.when ? a.share - b.share : a.when < b.when ? -1 : 1));
  need(due.length && due[0].when <= now, "nothing is due");
  const { kind, share: n } = due[0];
  const share = p.shares[n - 1];
  let posting = null;
  switch (kind) {
    case KIND.refund:
      posting = emptyEscrow(p, id);
      close(p, EXPIRED, now);
      break;
    case KIND.settle:
      posting = move(at(HOLD, share.claimer), at(WALLET, share.claimer), share.amount);
      share.state = SETTLED;
      break;
    case KIND.lapse:
      share.asked.state = LAPSED;
  }
  return { kind, share: n, posting, reason: "" };
}
