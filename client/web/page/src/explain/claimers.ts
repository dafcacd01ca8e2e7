// Who can claim, and from when on.

import { after, hex, met } from "../verifier.js";
import { type Clockwork, type Explainer } from "./explain.js";
import { type Cond, type Key, type Time } from "./packet.js";
import { type Span } from "./powers.js";
import { join, length } from "./words.js";

interface Opening { at: Span; anyone: boolean; link: boolean; named: Key[]; withLink: Key[]; entries: boolean }

const maxListed = 5; // so many people are called by name; of more, their number says more

// claimers says who can claim. Where that is a list of people and nothing else, for as
// long as the packet is open, it counts them.
export function claimers(x: Explainer): [who: string, people: number] {
  if (!x.terms.claim || !x.open) return ["", 0];
  const c = x.ofRest(), list = openings(x, c, x.terms.claim);
  const [o] = list;
  if (o && list.length === 1 && begun(x, o.at, c) && o.at.until === c.end && !o.anyone && !o.link && o.withLink.length === 0) {
    return [said(x, o), o.named.length];
  }
  if (!o) return [x.say("nobody can claim any more", "现在谁也领不了了"), 0];
  if (list.length > 2) {
    const widest = list.slice(1).reduce(or, o);
    return [time(x, widest.at, c) + said(x, widest) + x.say(", though not each of them all the time", ",但各有各的时段"), 0];
  }
  return [list.map((o) => time(x, o.at, c) + said(x, o)).join(x.say("; ", ";")), 0];
}

const begun = (x: Explainer, s: Span, c: Clockwork) => s.from <= (c.start > x.now ? c.start : x.now);

function or(o: Opening, p: Opening): Opening {
  const named = [...new Set([...o.named, ...p.named])];
  const withLink = [...new Set([...o.withLink, ...p.withLink])].filter((k) => !named.includes(k));
  return { at: { from: o.at.from, until: p.at.until }, anyone: o.anyone || p.anyone, link: o.link || p.link, named, withLink, entries: o.entries || p.entries };
}

function* walk(c: Cond): Generator<Cond> {
  yield c;
  for (const o of c.of ?? []) yield* walk(o);
}

// openings judges the claim rule for every kind of claimer, in each interval in which
// nothing changes; what is over, and what no claimer can do, is left out.
function openings(x: Explainer, c: Clockwork, rule: Cond): Opening[] {
  const all = [...walk(rule)], sender = hex(x.packet.sender), nobody = "00".repeat(32);
  const people = all.flatMap((o) => (o.op === "named" ? o.keys! : []));
  const moments: Time[] = all.flatMap((o) => o.seconds !== undefined ? [after(c.start, o.seconds)] : o.time !== undefined ? [o.time] : []);
  const at = [...new Set([c.start, ...moments])].filter((t) => c.start <= t && t < c.end).sort((a, b) => (a < b ? -1 : 1));
  const list: Opening[] = [];
  at.forEach((now, i) => {
    const can = (claimer: Key, link: boolean): boolean => met(rule, { now, start: c.start, claimer, link });
    const listed = met(rule, { now, start: c.start, claimer: nobody, link: false, listed: true });
    const o: Opening = {
      at: { from: now, until: at[i + 1] ?? c.end }, anyone: can(nobody, false), link: can(nobody, true), named: [], withLink: [],
      entries: !can(nobody, false) && listed,
    };
    for (const k of people) {
      if (o.anyone || k === sender || o.named.includes(k) || o.withLink.includes(k)) continue;
      if (can(k, false)) o.named.push(k);
      else if (!o.link && can(k, true)) o.withLink.push(k);
    }
    if ((!o.link && !o.entries && !o.named.length && !o.withLink.length) || (c.known && o.at.until <= x.now)) return;
    const last = list.at(-1);
    if (last && last.at.until === now && last.anyone === o.anyone && last.link === o.link && last.entries === o.entries &&
      String(last.named) === String(o.named) && String(last.withLink) === String(o.withLink)) last.at.until = o.at.until;
    else list.push(o);
  });
  return list;
}

// time says when, unless that is as long as the packet is open.
function time(x: Explainer, s: Span, c: Clockwork): string {
  if (s.until !== c.end) return x.one(s, c) + x.say(", ", ",");
  if (begun(x, s, c)) return "";
  if (c.known) return x.say(`from ${x.clock(s.from)} on, `, `${x.clock(s.from)}起,`);
  const since = length(x.lang, Number((s.from - c.start) / 1_000_000_000n));
  return x.say(`from ${since} after sending on, `, `发出${since}后,`);
}

function said(x: Explainer, o: Opening): string {
  const named = listed(x, o.named), withLink = listed(x, o.withLink);
  if (o.entries) return x.say("only those on its list can claim, each entry once", "只有名单上的人可以领,每项只能领一次");
  if (o.anyone && x.terms.shares === 1) return x.say("the first to claim gets it", "谁先到谁领");
  if (o.anyone) {
    return x.say("anyone can claim, one share an address, and one person may have many addresses",
      "谁都可以领,一个地址领一份(一个人可以有好几个地址)");
  }
  if (o.link && named) return x.say(`${named} can claim, and so can anyone with the link`, `${named}可以领,有链接的人也可以领`);
  if (o.link) return x.say("anyone with the link can claim", "有链接的人可以领");
  if (named && withLink) return x.say(`only ${named} can claim, and with the link ${withLink}`, `只有${named}可以领,${withLink}凭链接也可以领`);
  if (withLink) return x.say(`only ${withLink} can claim, and only with the link`, `只有${withLink}凭链接可以领`);
  return x.say(`only ${named} can claim`, `只有${named}可以领`);
}

function listed(x: Explainer, list: Key[]): string {
  const names = list.map((k) => x.s.name?.(k) ?? "").filter((n) => n !== "");
  if (list.length === 0) return "";
  if (list.length <= maxListed && names.length === list.length) return join(x.lang, names);
  return list.length === 1 ? x.say("one named person", "指定的一个人") : x.say(`the ${list.length} people listed`, `名单上的${list.length}人`);
}
