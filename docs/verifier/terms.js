// Section 4 of docs/format.md: terms, what a send is refused for, scenes; and
// of section 8 when clauses allow strictly less than others.

import {
  MAX_WINDOWS, checkCondition, condition, keys, met, moments, onCurve, print, walk, windows,
} from "./conditions.js";
import {
  address, after, amount, encode, hash, hex, list, need, number32, optional, record, seconds, small, text,
} from "./values.js";

export const EQUAL = 1, LUCKY = 2, BY_LIST = 3;
export const REST = 1, SHARE = 2;
export const REASONS = ["DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH"];

const MAX_SHARES = 100;
export const MAX_LISTED = 1_000_000;
const MAX_CLAUSES = 4;
const MAX_CLAUSES_BYTES = 4096;
const MAX_KEYS = 8;

export const clause = record({ target: small(2, 1), when: condition, reasons: list(text) });
export const clauses = list(clause);
export const terms = record({
  total: amount, shares: number32, split: small(3, 1), claim: condition, linkKey: optional(hash), hold: seconds,
  clauses, expiry: seconds, scene: text, memo: optional(hash),
});

// large: its shares stand in leaves of their own.
export const large = (t) => t.split === BY_LIST || t.shares > MAX_SHARES;

const place = (c) => (c.target === REST ? "rest" : "share");

export function printClause(c) {
  const reasons = c.reasons.length ? ` for ${c.reasons.join(",")}` : "";
  return `${place(c)} when ${print(c.when)}${reasons}`;
}

// keysOf are the keys that the clauses name, in order of appearance.
export const keysOf = (list, sender) => [...new Set(list.flatMap((c) => keys(c.when, sender)))];

// allows: a reason of the list, or any known one or none where there is no list.
export const allows = (c, reason) =>
  c.reasons.length ? c.reasons.includes(reason) : reason === "" || REASONS.includes(reason);

// subsets are all sets of the keys, by the bits of a counter.
export const subsets = (keys) =>
  Array.from({ length: 1 << keys.length }, (_, bits) => new Set(keys.filter((_, i) => bits & (1 << i))));

// span is where a clause's target lives: [start, end).
const span = (target, t, created) => (target === REST ? [created, after(created, t.expiry)] : [0n, after(0n, t.hold)]);

// instants are the start and every moment after it, ascending.
function instants(conditions, start) {
  const all = [start, ...conditions.flatMap((c) => moments(c, start)).filter((t) => t > start)];
  return [...new Set(all)].sort((a, b) => (a < b ? -1 : 1));
}

// checkTerms holds terms to section 4. Keys are hex, as everywhere in worlds.
export function checkTerms(t, sender, now) {
  need(t.total >= 1n, "a total of 0");
  need(t.shares >= 1 && t.shares <= MAX_LISTED && BigInt(t.shares) <= t.total, `${t.shares} shares`);
  need(t.split !== EQUAL || t.total % BigInt(t.shares) === 0n, "an equal split with a remainder");
  need(t.expiry >= 1, "an expiry of 0");
  checkCondition(t.claim, "claim", sender);
  need(windows(t.claim) <= MAX_WINDOWS, "too many windows in the claim rule");
  need((t.linkKey !== null) === [...walk(t.claim)].some((a) => a.op === "link"), "a link key without a link, or a link without a key");
  need(t.linkKey === null || onCurve(t.linkKey), "a link key that is none");
  checkList(t, now);
  need(claimable(t, sender, now), "a claim rule that nobody can meet");
  checkClauses(t.clauses, t, sender, now);
  if (t.scene !== "") checkScene(t, sender);
}

// checkList: amounts come from a list exactly where every claim needs its entry on one.
function checkList(t, now) {
  const ops = [...walk(t.claim)].map((a) => a.op), lists = ops.filter((op) => op === "list").length;
  if (t.split !== BY_LIST) return need(lists === 0, "a list and another split");
  need(lists === 1 && !ops.includes("link") && !ops.includes("named"), "a claim rule that is not of one list");
  const world = (at) => ({ now: at, start: now, claimer: "00".repeat(32), link: false });
  need(!instants([t.claim], now).some((at) => met(t.claim, world(at))), "a claimer without an entry");
}

function claimable(t, sender, now) {
  const named = [...walk(t.claim)].flatMap((a) => (a.op === "named" ? a.keys : []));
  const claimers = ["00".repeat(32), ...named].filter((k) => k !== sender);
  const times = instants([t.claim], now).filter((at) => at < after(now, t.expiry));
  return times.some((at) => claimers.some((claimer) => met(t.claim, { now: at, start: now, claimer, link: true, listed: true })));
}

// checkClauses holds a list of clauses to section 4, as part of terms t.
export function checkClauses(list, t, sender, created) {
  need(list.length <= MAX_CLAUSES, "too many clauses");
  need(encode(clauses, list).length <= MAX_CLAUSES_BYTES, "clauses that are too long");
  need(keysOf(list, sender).length <= MAX_KEYS, "too many keys in the clauses");
  need(list.reduce((n, c) => n + windows(c.when), 0) <= MAX_WINDOWS, "too many windows in the clauses");
  for (const c of list) {
    need(new Set(c.reasons).size === c.reasons.length && c.reasons.every((r) => REASONS.includes(r)), "a reason unknown or twice");
    checkCondition(c.when, place(c), sender);
    checkLife(c, t, sender, created);
  }
}

// checkLife: a clause needs a signature, is true some time, and ends in time.
function checkLife(c, t, sender, created) {
  const [start, end] = span(c.target, t, created);
  const times = instants([c.when], start);
  const truth = (now, signers, untouched) => met(c.when, { now, start, sender, untouched, signers });
  const all = new Set(keys(c.when, sender));
  for (const at of times) {
    need(!truth(at, new Set(), true) && !truth(at, new Set(), false), `${printClause(c)}: true without a signature`);
  }
  need(times.some((at) => at < end && truth(at, all, true)), `${printClause(c)}: never true`);
  const last = times.findLastIndex((at) => truth(at, all, true));
  need(last === times.length - 1 || times[last + 1] <= end, `${printClause(c)}: true for longer than its money is there`);
}

// checkTighter: the new list allows strictly less than the old one.
export function checkTighter(fresh, old, t, sender, created) {
  checkClauses(fresh, t, sender, created);
  const names = keysOf([...fresh, ...old], sender);
  need(names.length <= MAX_KEYS, "too many keys in both lists");
  let less = false;
  for (const target of [REST, SHARE]) {
    const [now, before] = [fresh, old].map((list) => list.filter((c) => c.target === target));
    const [start, end] = span(target, t, created);
    for (const at of instants([...now, ...before].map((c) => c.when), start).filter((at) => at < end)) {
      for (const signers of subsets(names)) {
        for (const untouched of [false, true]) {
          const world = { now: at, start, sender, untouched, signers };
          const [may, might] = [now, before].map((list) => list.filter((c) => met(c.when, world)));
          for (const reason of ["", ...REASONS]) {
            const allowed = may.some((c) => allows(c, reason)), was = might.some((c) => allows(c, reason));
            need(was || !allowed, "clauses that allow something new");
            less ||= was && !allowed;
          }
        }
      }
    }
  }
  need(less, "clauses that allow no less");
}

const H = 3600, ONE = "one claimer", PEOPLE = "listed people", SMALL = "at most 100 fen", RAIN = "everyone, lucky", LIST = "a list";
export const SCENES = {
  "wechat": [[], 0, 24 * H],
  "alipay": [["rest when all(sender,within(24h))"], 0, 24 * H],
  "qq": [["rest when all(sender,untouched,within(2m))"], 0, 24 * H],
  "douyin-live": [[], 0, 600],
  "transfer-72h": [["share when sender", "rest when sender"], 72 * H, 24 * H, ONE],
  "delayed": [["share when sender"], 24 * H, 24 * H, ONE],
  "friends": [["rest when all(sender,within(2m))"], 0, 24 * H],
  "workgroup": [["rest when all(sender,within(24h))"], 0, 24 * H],
  "stranger": [["share when 2 of (key(@a),key(@b),key(@c)) for FRAD"], 24 * H, 24 * H],
  "test-packet": [["rest when all(sender,within(5m))"], 0, 24 * H, SMALL],
  "enterprise": [["rest when 2 of (key(@finance),key(@hr),key(@audit)) for DUPL,AM09"], 0, 24 * H, PEOPLE],
  "coupon": [["rest when all(sender,after(1h)) for CUST,FRAD"], 0, 24 * H],
  "voucher": [[], 0, 600, ONE],
  "rain": [[], 0, 600, RAIN],
};

function checkScene(t, sender) {
  need(Object.hasOwn(SCENES, t.scene), `an unknown scene ${t.scene}`);
  const [template, hold, expiry, also] = SCENES[t.scene];
  const holders = t.clauses.flatMap((c) => [...walk(c.when)].flatMap((a) => (a.op === "key" ? a.keys : [])));
  need(!holders.includes(sender), `${t.scene}: the sender in a hole`);
  const keys = holders.map((k) => address(Buffer.from(k, "hex")));
  const wanted = template.map((line) => line.replace(/@[a-z]+/g, () => keys.shift() ?? "nobody"));
  need(keys.length === 0 && wanted.join("; ") === t.clauses.map(printClause).join("; "), `${t.scene}: other clauses`);
  need(t.hold === hold && t.expiry === expiry, `${t.scene}: another hold or expiry`);
  const people = also === ONE || also === PEOPLE ? listed(t.claim) : 0;
  if (also === ONE) need(people === 1 && t.shares === 1, `${t.scene}: not one claimer`);
  if (also === PEOPLE && people !== LIST) need(people === t.shares, `${t.scene}: not as many names as shares`);
  if (also === RAIN) need(t.split === LUCKY && ["always", "from"].includes(t.claim.op), `${t.scene}: not drawn, or not open to everyone`);
  if (also === SMALL) need(t.total <= 100n, `${t.scene}: more than 100 fen`);
}

// listed counts the names of named(…), or all(named(…),from(…)), or is LIST of list(…) in that place.
function listed(rule) {
  const c = rule.op === "all" && rule.of.length === 2 && rule.of[1].op === "from" ? rule.of[0] : rule;
  return c.op === "list" ? LIST : c.op === "named" ? c.keys.length : -1;
}
