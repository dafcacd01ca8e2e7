// A packet as the verifier decodes its leaf, and who can move which of its money when:
// docs/format.md, sections 3, 4 and 8. Accounts are keys in hex.

import { met, moments } from "../../../../../docs/verifier/conditions.js";
import { keysOf } from "../../../../../docs/verifier/terms.js";
import { after, hex } from "../../../../../docs/verifier/values.js";

export type Key = string;
export type Time = bigint; // nanoseconds

export interface Cond { op: string; seconds?: number; time?: Time; keys?: Key[]; root?: string; k?: number; of?: Cond[] }
export interface Clause { target: number; when: Cond; reasons: string[] }
export interface Terms {
  total: bigint; shares: number; split: number; claim: Cond | null; linkKey: Uint8Array | null; hold: number;
  clauses: Clause[]; expiry: number; scene: string; memo: Uint8Array | null;
}
export interface Asked { state: number; reason: string; at: Time }
export interface Share { claimer: Uint8Array; amount: bigint; state: number; claimedAt: Time; asked: Asked | null }
export interface Tally { claimed: number; undrawn: number; lastClaim: Time; recalled: boolean }

// A Packet that is large has its shares in leaves of their own, and a tally of them; the one
// that is spoken of stands beside it.
export interface Packet {
  sender: Uint8Array; terms: Terms; tightened: { at: Time; clauses: Clause[] }[]; created: Time; expires: Time;
  status: number; closed: Time; escrow: bigint; shares: Share[]; tally?: Tally | null; beside?: { number: number; share: Share };
}

export const EQUAL = 1, LUCKY = 2, BY_LIST = 3;
export const REST = 1, HELD_SHARES = 2; // targets of clauses
export const OPEN = 1, FULL = 2, RECALLED = 3, EXPIRED = 4;
export const RESERVED = 1, HELD = 2, SETTLED = 3, SHARE_RECALLED = 4, RETURNED = 5;
export const ASK_OPEN = 1, ASK_ACCEPTED = 2, ASK_REFUSED = 3, ASK_LAPSED = 4;
const lapseSeconds = 72 * 3600;

export const inForce = (p: Packet): Clause[] => p.tightened.at(-1)?.clauses ?? p.terms.clauses;
export const has = (list: Clause[], target: number) => list.some((c) => c.target === target);

// shareAt is share n, from 1, which is claimed.
export const shareAt = (p: Packet, n: number): Share => (p.beside?.number === n ? p.beside.share : p.shares[n - 1]!);
export const claimed = (p: Packet): number => p.tally?.claimed ?? p.shares.length;
export const settlesAt = (p: Packet, n: number): Time => after(shareAt(p, n).claimedAt, p.terms.hold);
export const lapsesAt = (a: Asked): Time => after(a.at, lapseSeconds);
export const undrawn = (p: Packet) => (p.tally ? p.tally.undrawn > 0 : p.shares.at(-1)?.state === RESERVED);
export const shareOf = (p: Packet, who: Uint8Array) =>
  p.beside && hex(p.beside.share.claimer) === hex(who) ? p.beside.number : p.shares.findIndex((s) => hex(s.claimer) === hex(who)) + 1;
export const askedAt = (a: Asked, now: Time) => (a.state === ASK_OPEN && now >= lapsesAt(a) ? ASK_LAPSED : a.state);

// stateAt is share n's state; what is due counts as done.
export function stateAt(p: Packet, n: number, now: Time): number {
  const { state } = shareAt(p, n);
  return state === HELD && now >= settlesAt(p, n) ? SETTLED : state;
}

export const openAt = (p: Packet, now: Time) => p.status === OPEN && now < p.expires;

// A Window is a span of time, [from, until), in which a clause gives each of these
// sets of signers power over money.
export interface Window {
  clause: number; target: number; from: Time; until: Time; untouched: boolean; signers: Key[][]; reasons: string[];
}

export function windows(list: Clause[], sender: Key, t: Terms, created: Time, claimed: Time): Window[] {
  const names: Key[] = keysOf(list, sender);
  const out: Window[] = [];
  list.forEach((c, i) => {
    const [start, end]: [Time, Time] =
      c.target === HELD_SHARES ? [claimed, after(claimed, t.hold)] : [created, after(created, t.expiry)];
    const inside: Time[] = moments(c.when, start).filter((m: Time) => m > start);
    const at = [...new Set([start, ...inside])].filter((m) => m < end).sort((a, b) => (a < b ? -1 : 1));
    for (const untouched of [false, true]) {
      const first = out.length;
      at.forEach((now, j) => {
        const holds = (set: Key[], u: boolean) =>
          met(c.when, { now, start, untouched: u, sender, signers: new Set(set) }) as boolean;
        // What holds in either state is listed once, as touched.
        const signers = minimal(names, (set) => holds(set, untouched) && !(untouched && holds(set, false)));
        if (signers.length === 0) return;
        const last = out.at(-1);
        const until = at[j + 1] ?? end;
        if (out.length > first && last!.until === now && String(last!.signers.map(String)) === String(signers.map(String)) &&
          last!.signers.length === signers.length) {
          last!.until = until;
          return;
        }
        out.push({ clause: i + 1, target: c.target, from: now, until, untouched, signers, reasons: c.reasons });
      });
    }
  });
  return out;
}

// minimal are the sets that hold and have no smaller one inside that holds, smallest first.
function minimal(names: Key[], holds: (set: Key[]) => boolean): Key[][] {
  const all = Array.from({ length: 1 << names.length }, (_, bits) => bits);
  const size = (bits: number) => all.length && names.filter((_, i) => bits >> i & 1).length;
  const found: number[] = [];
  for (let n = 0; n <= names.length; n++) {
    for (const bits of all) {
      if (size(bits) !== n || found.some((f) => (bits & f) === f)) continue;
      if (holds(names.filter((_, i) => bits >> i & 1))) found.push(bits);
    }
  }
  return found.map((bits) => names.filter((_, i) => bits >> i & 1));
}

export function restWindows(p: Packet): Window[] {
  if (p.status !== OPEN) return [];
  return windows(inForce(p), hex(p.sender), p.terms, p.created, 0n)
    .filter((w) => w.target === REST && !(w.untouched && claimed(p) > 0));
}

const windowsOfShare = (p: Packet, list: Clause[], n: number) =>
  windows(list, hex(p.sender), p.terms, p.created, shareAt(p, n).claimedAt).filter((w) => w.target === HELD_SHARES);

export function shareWindows(p: Packet, n: number): Window[] {
  const { state } = shareAt(p, n);
  return state === HELD || state === RESERVED ? windowsOfShare(p, inForce(p), n) : [];
}

export const recallableUntil = (p: Packet): Time =>
  restWindows(p).reduce((latest, w) => (w.until > latest ? w.until : latest), 0n);

// A Standing is how a claimed share stands: its claimer's since, or others' until.
export interface Standing { state: number; since?: Time; until?: Time; by: Key[][]; reasons: string[] }

const later = (a: Time, b: Time) => (a > b ? a : b);
const sooner = (a: Time, b: Time) => (a < b ? a : b);

export function standing(p: Packet, n: number, now: Time): Standing {
  const share = shareAt(p, n);
  const state = stateAt(p, n, now);
  if (state === SHARE_RECALLED || state === RETURNED) return { state, by: [], reasons: [] };
  const others = (set: Key[]) => !set.includes(hex(share.claimer));
  const endOf = (list: Window[]) => list.filter((w) => w.signers.some(others)).reduce((end, w) => later(end, w.until), 0n);
  let since = share.claimedAt, list = p.terms.clauses;
  for (const step of p.tightened) {
    since = later(since, sooner(endOf(windowsOfShare(p, list, n)), step.at)); // it ended by then at the latest
    list = step.clauses;
  }
  const all = windowsOfShare(p, list, n), end = endOf(all);
  if ((share.state !== HELD && share.state !== RESERVED) || end <= now) {
    return { state, since: later(since, end), by: [], reasons: [] };
  }
  const by: Key[][] = [];
  let reasons: string[] = [], anyReason = false;
  for (const w of all.filter((w) => w.until > now)) {
    for (const set of w.signers.filter(others)) {
      if (!by.some((s) => String(s) === String(set))) by.push(set);
      anyReason ||= w.reasons.length === 0;
      reasons = [...new Set([...reasons, ...w.reasons])];
    }
  }
  return { state, until: end, by, reasons: anyReason ? [] : reasons };
}
