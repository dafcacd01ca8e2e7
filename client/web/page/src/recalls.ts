// Which money of a packet can go back to its sender now, and by whose signatures: what the
// command line's recall goes by.

import { type Clause, HELD, HELD_SHARES, type Key, OPEN, type Packet, REST, type Time, claimed, inForce, openAt, restWindows, shareAt, shareWindows, stateAt } from "./explain/packet.js";
import { REASONS, allows, hex, met } from "./verifier.js";

// A Chance is money that these people can send back until then.
export interface Chance {
  share: number; // from 1; 0: what is unclaimed
  amount: bigint;
  sets: Key[][]; // each of which suffices
  until: Time;
  reasons: string[]; // one of which has to be given; empty: any, or none
}

// chances are those of now: the rest first, then each held share.
export function chances(p: Packet, now: Time): Chance[] {
  const active = (list: ReturnType<typeof restWindows>) => list.filter((w) => w.from <= now && now < w.until);
  const chance = (share: number, amount: bigint, list: ReturnType<typeof restWindows>): Chance[] => {
    if (list.length === 0) return [];
    const sets = list.flatMap((w) => w.signers).filter((s, i, all) => all.findIndex((o) => String(o) === String(s)) === i);
    const until = list.reduce((end, w) => (w.until > end ? w.until : end), 0n);
    const reasons = list.some((w) => w.reasons.length === 0) ? [] : [...new Set(list.flatMap((w) => w.reasons))];
    return [{ share, amount, sets, until, reasons }];
  };
  return [
    ...(openAt(p, now) ? chance(0, p.escrow, active(restWindows(p))) : []),
    ...p.shares.flatMap((s, i) => (stateAt(p, i + 1, now) === HELD ? chance(i + 1, s.amount, active(shareWindows(p, i + 1))) : [])),
  ];
}

// suffices reports whether one of the sets has no one else in it.
export const suffices = (c: Chance, signers: Key[]) => c.sets.some((set) => set.every((k) => signers.includes(k)));

// clauseFor is the number of the first clause in force, from 1, that lets these signers
// take the money back for a reason; 0: there is none.
export function clauseFor(p: Packet, share: number, reason: string, now: Time, signers: Key[]): number {
  const start = share ? shareAt(p, share).claimedAt : p.created;
  const world = { now, start, untouched: claimed(p) === 0, sender: hex(p.sender), signers: new Set(signers) };
  return inForce(p).findIndex((c) => c.target === (share ? HELD_SHARES : REST) && allows(c, reason) && met(c.when, world)) + 1;
}

// reasonsFor are the codes that a person may choose from; "" is none, where none is needed.
export const reasonsFor = (c: Chance): string[] => (c.reasons.length ? c.reasons : ["", ...REASONS]);

// shorter are the lengths of time, in seconds, to which the sender's own time to take back
// what is unclaimed can still be cut; empty where the clauses are of another form.
export function shorter(p: Packet, now: Time): number[] {
  const seconds = ownWindow(inForce(p));
  if (seconds === null || p.status !== OPEN) return [];
  return lengths.filter((n) => n < seconds && p.created + BigInt(n) * 1_000_000_000n > now).slice(-mostChoices);
}

const lengths = [60, 300, 3600, 12 * 3600]; // as people say them
const mostChoices = 3;

// ownWindow is for how long a sender alone can take back what is unclaimed, where that is all.
function ownWindow(list: Clause[]): number | null {
  const [c] = list, when = c?.when;
  if (list.length !== 1 || c!.target !== REST || when!.op !== "all" || when!.of!.length !== 2) return null;
  const [who, time] = when!.of!;
  return who!.op === "sender" && time!.op === "within" ? time!.seconds! : null;
}

// cutTo is the clauses in force with the sender's own time cut to so many seconds.
export const cutTo = (p: Packet, seconds: number): Clause[] =>
  inForce(p).map((c) => ({ ...c, when: { op: "all", of: [{ op: "sender" }, { op: "within", seconds }] } }));
