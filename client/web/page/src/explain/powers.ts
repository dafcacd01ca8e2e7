// What the same sets of people may do, at the same times, under the same circumstances:
// windows merged for sentences. They allow what the windows allow.

import { type Key, type Time, type Window } from "./packet.js";

export interface Span { from: Time; until: Time }

export interface Power { spans: Span[]; untouched: boolean; reasons: string[]; sets: Key[][] }

interface Grant { set: Key[]; untouched: boolean; reasons: string[] }

const subset = <T>(a: T[], b: T[]) => a.every((v) => b.includes(v));
const equal = (a: Key[], b: Key[]) => a.length === b.length && a.every((v, i) => v === b[i]);
const sameReasons = (a: string[], b: string[]) => a.length === b.length && subset(a, b);
const sameSpans = (a: Span[], b: Span[]) =>
  a.length === b.length && a.every((s, i) => s.from === b[i]!.from && s.until === b[i]!.until);

// powersOf merges windows that say the same, whichever clauses they are of.
export function powersOf(list: Window[]): Power[] {
  const at = [...new Set(list.flatMap((w) => [w.from, w.until]))].sort((a, b) => (a < b ? -1 : 1));
  const out: Power[] = []; // of one set each
  for (let i = 0; i + 1 < at.length; i++) {
    for (const g of strongest(grantsAt(list, at[i]!))) extend(out, g, { from: at[i]!, until: at[i + 1]! });
  }
  return together(out);
}

function grantsAt(list: Window[], now: Time): Grant[] {
  const out: Grant[] = [];
  for (const w of list) {
    if (now < w.from || w.until <= now) continue;
    for (const set of w.signers) {
      const g = out.find((g) => g.untouched === w.untouched && equal(g.set, set));
      if (g) g.reasons = either(g.reasons, w.reasons);
      else out.push({ set, untouched: w.untouched, reasons: w.reasons });
    }
  }
  return out;
}

// either allows what a or b allow; empty is any.
const either = (a: string[], b: string[]) => (a.length === 0 || b.length === 0 ? [] : [...a, ...b.filter((r) => !a.includes(r))]);

// within reports whether whatever g allows, h allows too.
const within = (g: Grant, h: Grant) =>
  (g.untouched || !h.untouched) && subset(h.set, g.set) &&
  (h.reasons.length === 0 || (g.reasons.length > 0 && subset(g.reasons, h.reasons)));

const strongest = (list: Grant[]) =>
  list.filter((g, i) => !list.some((h, j) => i !== j && within(g, h) && (!within(h, g) || j < i)));

function extend(list: Power[], g: Grant, s: Span) {
  for (const p of list) {
    if (p.untouched !== g.untouched || !sameReasons(p.reasons, g.reasons) || !equal(p.sets[0]!, g.set)) continue;
    const last = p.spans.at(-1)!;
    if (last.until === s.from) last.until = s.until;
    else p.spans.push(s);
    return;
  }
  list.push({ spans: [s], untouched: g.untouched, reasons: g.reasons, sets: [g.set] });
}

function together(list: Power[]): Power[] {
  const out: Power[] = [];
  for (const p of list) {
    const q = out.find((q) => p.untouched === q.untouched && sameReasons(p.reasons, q.reasons) && sameSpans(p.spans, q.spans));
    if (q) q.sets.push(...p.sets);
    else out.push(p);
  }
  return out;
}
