// Section 12 of docs/format.md, "Two proofs of one chain": what two valid proofs
// say that cannot both be true, and the file that holds both.

import { headerHash } from "./chain.js";
import { powerOf } from "./handover.js";
import { examine } from "./judge.js";
import { HELD, HOLD, OPEN, RESERVED, RETURNED, SETTLED, TAKEN, WALLET, entry, entryHash, isAt, nextHead } from "./messages.js";
import { clauses, terms } from "./terms.js";
import { encode, same } from "./values.js";

const START = '{\n"format": "hongbao-contradiction/1",\n"first": ', NEXT = ',\n"second": ', END = "\n}\n";
const MAX_BYTES = 2 * (16 << 20) + 100, COMMITTED = 2n;

// isContradiction tells the file of one from a proof.
export const isContradiction = (bytes) => bytes.subarray(0, START.length).toString("latin1") === START;

// judgeBoth judges the file of a contradiction: { verdict, code, signers, power, total }.
// code is the rule that the two break, or why the file shows none.
export function judgeBoth(bytes, trust, at = null) {
  const file = bytes.toString("latin1");
  const both = file.slice(START.length, -END.length), middle = `\n}${NEXT}`, cut = both.indexOf(middle);
  const spelt = bytes.length <= MAX_BYTES && file.startsWith(START) && file.endsWith(END);
  if (!spelt || cut < 0) return { verdict: "invalid", code: "contradiction_form" };
  const files = [`${both.slice(0, cut)}\n}\n`, `${both.slice(cut + middle.length)}\n`].map((text) => Buffer.from(text, "latin1"));
  const found = files.map((proof) => examine(proof, trust, at));
  for (const verdict of ["invalid", "untrusted"]) {
    if (found.some((f) => f.found.verdict === verdict)) return { verdict, code: "" };
  }
  const [a, b] = found.map((f) => f.c);
  const swapped = a.header.height > b.header.height ||
    (a.header.height === b.header.height && Buffer.compare(...files) > 0);
  const code = swapped ? contradiction(b, a) : contradiction(a, b);
  if (!code) return { verdict: "invalid", code: "contradiction_none" };
  if (swapped) return { verdict: "invalid", code: "contradiction_form" };
  return { verdict: "valid", code, ...signers(a, b) };
}

// signers counts who signed both headers, and their power.
function signers(a, b) {
  const voted = (c) => c.validators.filter((_, i) => c.header.commit.signatures[i].flag === COMMITTED);
  const both = voted(a).filter((v) => voted(b).some((w) => same(v.address, w.address)));
  return { power: Number(powerOf(both)), total: Number(powerOf(a.validators)), signers: both.length };
}

// contradiction names the rule that a and b, whose state is not the earlier one,
// break together; undefined where they may both be true.
function contradiction(a, b) {
  return headers(a, b) ?? leaves(a, b) ?? shares(a, b) ?? life(a, b) ?? life(b, a);
}

function headers({ header: a, clock: before }, { header: b, clock: after }) {
  if (a.height === b.height) return same(headerHash(a), headerHash(b)) ? undefined : "two_blocks";
  if (a.time >= b.time) return "time_back";
  if (before && after && before.offset > after.offset) return "clock_back";
}

function leaves(a, b) {
  if (!same(a.file.key, b.file.key) || a.header.height === b.header.height) return undefined;
  const absent = a.file.kind === "absent", gone = b.file.kind === "absent";
  if (gone) return absent ? undefined : "absent_after";
  if (absent) {
    const first = b.entries?.[0];
    const made = (b.leaf.terms && b.leaf.created < a.now) || (first?.seq === 0n && first.height <= a.file.height);
    return made ? "absent_before" : undefined;
  }
  if (a.file.kind === "supply") return a.leaf.total === b.leaf.total ? undefined : "supply_changed";
  if (a.leaf.terms && changed(a.leaf, b.leaf)) return "packet_changed";
  if (a.alone && !becomes(a.share, b.share)) return "packet_changed";
  if (a.leaf.nonce > b.leaf.nonce) return "nonce_back";
  return histories(a, b);
}

// shares compares a large packet's share with the proof that its entry was not claimed.
function shares(a, b) {
  if (!a.file.share || a.file.share !== b.file.share || !same(a.file.id, b.file.id)) return undefined;
  const kinds = `${a.file.kind}, ${b.file.kind}`;
  if (kinds === "large-share, unclaimed") return "absent_after";
  if (kinds === "unclaimed, large-share" && b.share.claimedAt < a.now) return "absent_before";
}

// changed: packet a cannot become packet b.
function changed(a, b) {
  if (!same(a.sender, b.sender) || !same(a.sendTx, b.sendTx) || a.created !== b.created) return true;
  if (!same(encode(terms, a.terms), encode(terms, b.terms))) return true;
  if (a.status !== OPEN && (a.status !== b.status || a.closed !== b.closed)) return true;
  const [was, is] = [a.tally, b.tally];
  if (was && is && (was.claimed > is.claimed || was.lastClaim > is.lastClaim || (was.recalled && !is.recalled))) return true;
  const kept = (t, i) => b.tightened[i]?.at === t.at && same(encode(clauses, b.tightened[i].clauses), encode(clauses, t.clauses));
  return !a.tightened.every(kept) || !a.shares.every((s, i) => b.shares[i] && becomes(s, b.shares[i]));
}

const LATER = { [HELD]: [SETTLED, TAKEN, RETURNED], [SETTLED]: [RETURNED], [TAKEN]: [], [RETURNED]: [] };

function becomes(a, b) {
  if (!same(a.claimer, b.claimer) || a.claimedAt !== b.claimedAt) return false;
  if (a.state === RESERVED) return true;
  return a.amount === b.amount && (a.state === b.state || LATER[a.state].includes(b.state));
}

function histories(a, b) {
  const was = a.leaf.history, is = b.leaf.history;
  if (was.count > is.count) return "history_shorter";
  const head = headAt(b, was.count);
  if (head && !same(head, was.head)) return "history_other";
  const wrong = (e) => (e.height <= a.file.height) !== (e.seq < was.count);
  if (b.entries?.some(wrong)) return "history_entry";
}

// headAt is what the first count entries fold to, where the file tells.
function headAt({ file, leaf, entries }, count) {
  if (count === leaf.history.count) return leaf.history.head;
  if (!entries || count < file.from) return undefined;
  const n = Number(count - file.from);
  if (n < entries.length) return entries[n].headBefore;
  const last = entries.at(-1);
  return file.tail.slice(0, n - entries.length).reduce(nextHead, nextHead(last.headBefore, entryHash(last.bytes)));
}

// life compares a packet's life with an account's statement.
function life(packet, statement) {
  if (packet.file.kind !== "packet" || statement.file.kind !== "account") return undefined;
  const { file, entries } = statement, id = packet.file.id;
  const heights = [packet.file.height, file.height];
  if (file.tail.length) heights.push(entries.at(-1).height - 1n);
  const shown = (e) => heights.every((h) => e.height <= h) && (file.from === 0n || e.height > entries[0].height);
  const own = (place) => isAt(place, WALLET, file.id) || isAt(place, HOLD, file.id);
  const moved = (list) => list
    .filter((e) => e.posting && e.packet && same(e.packet, id) && shown(e) && (own(e.posting.from) || own(e.posting.to)))
    .map((e) => encode(entry, { ...e, seq: 0n, balance: 0n, held: 0n }));
  const [one, other] = [moved(packet.entries), moved(entries)];
  const agree = one.length === other.length && one.every((e, i) => same(e, other[i]));
  return agree ? undefined : "statement_other";
}
