// What a valid proof establishes. What is due now counts as done.

import { print } from "./conditions.js";
import { claimed, inForce, lapses, reserved, settles } from "./contract.js";
import { ASK_OPEN, EXPIRED, FULL, HELD, KIND, LAPSED, OPEN, RESERVED, SETTLED, termsHash } from "./messages.js";
import { finalityOf, power } from "./packet.js";
import { EQUAL, LUCKY, REST, printClause, subsets } from "./terms.js";
import { SECOND, address, hex, packetId } from "./values.js";

const SPLIT = [, "equal", "lucky", "list"];
const STATUS = [, "open", "full", "recalled", "expired"];
const STATE = [, "reserved", "held", "settled", "recalled", "returned"];
const ASKED = [, "open", "accepted", "refused", "lapsed"];

const fen = (n) => String(n);
const name = (key) => address(Buffer.from(key, "hex"));

export function instant(t) {
  const whole = new Date(Number(t / SECOND) * 1000).toISOString().slice(0, 19);
  const fraction = String(t % SECOND).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction && "."}${fraction}Z`;
}

export function facts(c) {
  const { file, trust } = c;
  const about = { packet, "large-packet": packet, unclaimed: packet, unrecalled: packet, share, "large-share": share, account, recall, supply }[file.kind];
  const key = { "large-packet": "packet", unclaimed: "packet", unrecalled: "packet", "large-share": "share" }[file.kind] ?? file.kind;
  return {
    kind: file.kind, subject: file.subject, chain_id: file.chain, dev: trust.dev, height: Number(file.height),
    time: instant(c.now), ...(c.clock && { dev_clock_seconds: c.clock.offset }), ...(c.leaf?.terms && { terms: terms(c) }),
    ...(about && { [key]: about(c) }), ...(c.entry && { entry: entry(c.entry) }),
  };
}

// entry is one of a list, for an address or for who has the link of a key.
const entry = ({ index, kind, who, amount }) =>
  ({ index, ...(kind === 1 ? { address: address(who) } : { link_key: hex(who) }), amount_fen: fen(amount) });

// largeOf is what a large packet knows of its shares; of its life, what left the escrow for them.
const largeOf = ({ claimed, undrawn, lastClaim, recalled }, life) => ({
  claimed, ...(life && { claimed_fen: fen(life.reduce((n, e) => n + (e.claims?.sum ?? 0n), 0n)) }), undrawn,
  ...(claimed && { last_claim: instant(lastClaim) }), share_recalled: recalled,
});

// terms are the words of the contract.
function terms({ file, leaf: p, before }) {
  const { claim, hold, memo } = p.terms;
  return {
    hash: hex(termsHash(file.chain, p.terms)), claim: print(claim), clauses: inForce(before ?? p).map(printClause), hold_seconds: hold,
    ...(memo && { memo_hash: hex(memo) }),
  };
}

// taken is what was taken back, and by whose power.
const taken = ({ entry, tx, amount, clause, signers, tightened }) => ({
  share: tx.body.share, amount_fen: amount === null ? null : fen(amount), clause: tx.body.clause, when: printClause(clause), tightened,
  reason: entry.reason, signers: [...signers].map(name), submitter: address(tx.account), at: instant(entry.time),
  height: Number(entry.height), tx: hex(tx.hash),
});

function packet(c) {
  const { leaf: p, now } = c;
  const life = c.entries ?? [];
  const shares = p.shares.map((s, i) => oneShare(c, s, i + 1, life));
  const home = life.filter((e) => e.posting && e.share === 0);
  const moved = (kind) => home.find((e) => e.kind === kind)?.posting.amount;
  const recalled = moved(KIND.recall), refunded = moved(KIND.refund);
  const reason = life.find((e) => e.kind === KIND.recall && e.share === 0)?.reason;
  const full = p.terms.split === LUCKY && !p.tally && p.status === FULL && reserved(p).length === 0;
  return {
    sender: address(p.sender), scene: p.terms.scene, split: SPLIT[p.terms.split],
    total_fen: fen(p.terms.total), share_count: p.terms.shares, created: instant(p.created), expires: instant(p.expires),
    status: STATUS[p.status === OPEN && now >= p.expires ? EXPIRED : p.status],
    closed: p.status === OPEN ? null : instant(p.closed), escrow_fen: fen(p.escrow),
    recallable_until: recallableUntil(p, now),
    tightened: p.tightened.map((t) => ({ at: instant(t.at), renounced: t.clauses.length === 0 })),
    shares,
    ...(recalled !== undefined && { recalled_fen: fen(recalled) }),
    ...(reason && { recalled_for: [reason] }),
    ...(refunded !== undefined && { refunded_fen: fen(refunded) }),
    ...(p.tally && { large: largeOf(p.tally, c.entries) }),
    ...(full && { luckiest: luckiest(p) }),
    ...(c.recalls?.length && { recalls: c.recalls.map((r) => taken({ ...r, amount: amountOf(r, recalled) })) }),
  };
}

// amountOf is what a recall of a life brought home; of the rest perhaps after the draws.
const amountOf = ({ entry }, rest) => entry.posting?.amount ?? rest ?? null;

function recallableUntil(p, now) {
  if (p.status !== OPEN) return null;
  const span = { start: p.created, from: now, until: p.expires, untouched: claimed(p) === 0 };
  const windows = power(inForce(p), REST, hex(p.sender), span);
  return windows.length ? instant(windows.at(-1).until) : null;
}

function luckiest(p) {
  const amounts = p.shares.map((s) => s.amount);
  return 1 + amounts.findIndex((n) => amounts.every((other) => n >= other));
}

function share(c) {
  return oneShare(c, c.share, c.file.share, []);
}

function oneShare(c, s, n, life) {
  const { leaf: p, now } = c;
  const f = finalityOf(p, s, now);
  const held = s.state === HELD && now < settles(p, s);
  const state = STATE[s.state === HELD && !held ? SETTLED : s.state];
  const reason = life.find((e) => e.kind === KIND.recall && e.share === n)?.reason;
  return {
    index: n, claimer: address(s.claimer), amount_fen: s.state === RESERVED ? null : fen(s.amount), state,
    claimed_at: instant(s.claimedAt),
    ...(held && { settles_at: instant(settles(p, s)) }),
    final: f.final,
    ...(f.finalSince !== undefined && { final_since: instant(f.finalSince) }),
    ...(f.othersUntil !== undefined && { others_until: instant(f.othersUntil), ...who(inForce(p), f.risks) }),
    ...(reason && { recalled_for: reason }),
    ...(s.asked && { asked: ASKED[s.asked.state === ASK_OPEN && now >= lapses(s.asked) ? LAPSED : s.asked.state] }),
  };
}

// who can take the money in these intervals: of each clause in force, in each interval,
// the minimal sets of signers; and the reasons of the clauses unless one needs none.
function who(list, risks) {
  const clauses = list.filter((c) => risks.some(({ names, allowing }) => allowing(new Set(names)).includes(c)));
  const by = clauses.flatMap((c) => risks.flatMap(({ names, allowing }) => {
    const sets = subsets(names).filter((s) => allowing(s).includes(c));
    return sets.filter((s) => !sets.some((other) => other.size < s.size && [...other].every((k) => s.has(k))));
  }));
  const reasons = clauses.every((c) => c.reasons.length) && [...new Set(clauses.flatMap((c) => c.reasons))];
  return { by: unique(by.map((s) => [...s].map(name))), ...(reasons && { reasons }) };
}

const unique = (lists) => [...new Map(lists.map((l) => [l.join(), l])).values()];

function account({ file, entries, leaf, opening, account: { income, outgo } }) {
  const last = entries.at(-1);
  return {
    address: file.subject, from: Number(file.from), entries: entries.length,
    complete: file.from === 0n && file.tail.length === 0, since: instant(entries[0].time), until: instant(last.time),
    opening_fen: fen(opening.balance), opening_held_fen: fen(opening.held), in_fen: fen(income), out_fen: fen(outgo),
    closing_fen: fen(last.balance), closing_held_fen: fen(last.held),
  };
}

function recall({ file, leaf, share, recall: r }) {
  return {
    packet: packetId(file.id), sender: address(leaf.sender),
    ...(share && { claimer: address(share.claimer), claimed_at: instant(share.claimedAt) }), ...taken(r),
  };
}

function supply({ leaf }) {
  return {
    wallets_fen: fen(leaf.wallets), escrow_fen: fen(leaf.escrow), held_fen: fen(leaf.held), total_fen: fen(leaf.total),
  };
}
