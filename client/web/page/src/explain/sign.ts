// What is said before something is signed about a packet that exists, as client/words has
// it in sign.go: shared vectors hold the two together.

import { address, hex } from "../verifier.js";
import { type Lang } from "../words.js";
import { Explainer, type Subject } from "./explain.js";
import { type Clause, HELD_SHARES, REST, type Time, restWindows, shareAt, shareWindows } from "./packet.js";
import { type Power, powersOf } from "./powers.js";
import { reason as reasonOf, yuan } from "./words.js";

// tightening says who can take what back under the clauses in force, and under those that
// would follow them.
export function tightening(lang: Lang, s: Subject, clauses: Clause[]): { before: string[]; after: string[] } {
  const x = new Explainer(lang, s);
  const before = allPowers(x);
  x.packet = { ...s.packet, tightened: [...s.packet.tightened, { at: x.now, clauses }] };
  x.nameKeys();
  return { before, after: allPowers(x) };
}

// allPowers says for all the money that a clause can reach who has a power over it, also
// where no account has one.
function allPowers(x: Explainer): string[] {
  const list: [string, string][] = [];
  const say = (target: number, powers: Power[]) => {
    const [zh, en] = x.money(target);
    list.push([target === REST ? "rest" : "held", powers.length ? x.powers(powers, target) + x.tail(powers)
      : x.say(`nobody can take back ${en}`, `${zh},谁也收不回`)]);
  };
  if (x.open) say(REST, x.restPowers());
  if (x.terms.hold > 0) say(HELD_SHARES, x.heldPowers());
  return x.finish(list);
}

// consenting says what an approver is about to sign, and asks: a recall of the subject's
// share, or of its rest, under clause n of those in force, until an instant.
export function consenting(lang: Lang, s: Subject, n: number, reason: string, until: Time): { lines: string[]; question: string } {
  const x = new Explainer(lang, s), p = s.packet;
  const known = (k: Uint8Array) => s.name?.(hex(k)) || short(k);
  let what = x.say(`what is unclaimed, ${yuan(p.escrow)} now, goes back to ${known(p.sender)}`,
    `没领走的(现有${yuan(p.escrow)})退给${known(p.sender)}`);
  const share = s.share ? shareAt(p, s.share) : null;
  if (share) {
    what = x.say(`${yuan(share.amount)} goes from ${known(share.claimer)} back to ${known(p.sender)}`,
      `${yuan(share.amount)}从${known(share.claimer)}那里退给${known(p.sender)}`);
  }
  what += reason ? x.say(", as ", ",理由:") + reasonOf(lang, reason) : x.say(", for no stated reason", ",不说理由");
  const target = share ? HELD_SHARES : REST, clock = share ? x.ofHeld() : x.ofRest();
  const windows = (share ? shareWindows(p, s.share!) : restWindows(p)).filter((w) => w.clause === n);
  const allows = x.powers(x.still(powersOf(windows), clock), target);
  return {
    lines: [what, x.say(`clause ${n}: ${allows}`, `第${n}条:${allows}`),
      x.say(`anyone with the file can use it until ${x.clock(until)}; you cannot take it back`,
        `谁拿到文件,${x.clock(until)}前都能用;签了就收不回`)],
    question: x.say(`Approve that ${what}?`, `${what}。同意吗?`),
  };
}

function short(key: Uint8Array): string {
  const text = address(key);
  return `${text.slice(0, 7)}…${text.slice(-4)}`;
}
