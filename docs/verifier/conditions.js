// Section 3 of docs/format.md: the language of conditions.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { MAX_SECONDS, SECOND, address, after, cat, fail, hex, need, text, unbech32 } from "./values.js";

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 64;
const MAX_OPERANDS = 16;
const MAX_NAMES = 100;
const MAX_BYTES = 8192;
export const MAX_WINDOWS = 16;

const WINDOWS = ["within", "after", "before", "from"];

// A condition is { op, and by op: seconds | time | keys [hex] | k, of [condition] }.
export function parse(source) {
  need(Buffer.byteLength(source) <= MAX_BYTES, "a condition that is too long");
  let rest = source;
  const take = (pattern) => {
    const m = pattern.exec(rest);
    need(m, `a condition that cannot be read at ${JSON.stringify(rest.slice(0, 20))}`);
    rest = rest.slice(m[0].length);
    return m;
  };
  const several = (item, most) => {
    const items = [item()];
    while (rest.startsWith(",")) {
      take(/^,/);
      items.push(item());
      need(items.length <= most, `more than ${most} operands`);
    }
    take(/^\)/);
    return items;
  };
  let count = 0;
  const key = () => hex(unbech32("hb", take(/^[a-z0-9]+/)[0]));
  const cond = (depth) => {
    need(depth <= MAX_DEPTH, "a condition that is too deep");
    need(++count <= MAX_CONDITIONS, "more than 64 conditions");
    const op = take(/^([a-z]+|[0-9]+ of)/)[1];
    if (["always", "never", "untouched", "sender", "link"].includes(op)) return { op };
    take(op.endsWith(" of") ? /^ \(/ : /^\(/);
    const operands = () => several(() => cond(depth + 1), MAX_OPERANDS);
    switch (op) {
      case "within": case "after": return { op, seconds: length(take(/^([^)]*)\)/)[1]) };
      case "before": case "from": return { op, time: instant(take(/^([^)]*)\)/)[1]) };
      case "key": return { op, keys: several(key, 1) };
      case "named": return { op, keys: several(key, MAX_NAMES) };
      case "list": return { op, root: take(/^([0-9a-f]{64})\)/)[1] };
      case "all": case "any": return { op, of: operands() };
    }
    const k = /^([1-9][0-9]*) of$/.exec(op);
    need(k, `an unknown condition ${op}`);
    const of = operands();
    need(Number(k[1]) <= of.length, `${op} only ${of.length}`);
    return { op: "k", k: Number(k[1]), of };
  };
  const c = cond(1);
  need(rest === "" && print(c) === source, "a condition that is not in its one spelling");
  return c;
}

export function print(c) {
  switch (c.op) {
    case "within": case "after": return `${c.op}(${printLength(c.seconds)})`;
    case "before": case "from": return `${c.op}(${printInstant(c.time)})`;
    case "key": case "named": return `${c.op}(${c.keys.map((k) => address(Buffer.from(k, "hex"))).join(",")})`;
    case "list": return `list(${c.root})`;
    case "all": case "any": return `${c.op}(${c.of.map(print).join(",")})`;
    case "k": return `${c.k} of (${c.of.map(print).join(",")})`;
    default: return c.op;
  }
}

function length(s) {
  const m = /^(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,5})s)?$/.exec(s);
  need(m, `${s} is not a length of time`);
  const n = Number(m[1] ?? 0) * 3600 + Number(m[2] ?? 0) * 60 + Number(m[3] ?? 0);
  need(n <= MAX_SECONDS, `${s} is longer than 366 days`);
  return n;
}

function printLength(n) {
  const parts = [[Math.floor(n / 3600), "h"], [Math.floor(n / 60) % 60, "m"], [n % 60, "s"]];
  return parts.filter(([v]) => v).map(([v, unit]) => v + unit).join("") || "0s";
}

function instant(s) {
  need(/^(19[7-9]\d|2[01]\d\d|22[0-5]\d|226[01])-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(s), `${s} is not an instant`);
  const ms = Date.parse(s);
  need(!Number.isNaN(ms), `${s} is not an instant`);
  return BigInt(ms / 1000) * SECOND;
}

const printInstant = (t) => new Date(Number(t / SECOND) * 1000).toISOString().replace(".000Z", "Z");

// condition is the CBOR type: the text on the wire, the parsed condition here.
export const condition = { read: (r) => parse(text.read(r)), write: (c) => text.write(print(c)) };

export function* walk(c) {
  yield c;
  for (const operand of c.of ?? []) yield* walk(operand);
}

// keys are those whose signature can matter, in order of appearance.
export function keys(c, sender) {
  const all = [...walk(c)].flatMap((a) => (a.op === "sender" ? [sender] : a.op === "key" ? a.keys : []));
  return [...new Set(all)];
}

// moments are the instants at which the condition can change.
export const moments = (c, start) =>
  [...walk(c)].flatMap((a) => ("seconds" in a ? [after(start, a.seconds)] : "time" in a ? [a.time] : []));

export const windows = (c) => [...walk(c)].filter((a) => WINDOWS.includes(a.op)).length;

// met says whether the condition is true in a world w: { now, start, untouched,
// sender, signers: Set of keys, claimer, link, listed }. Keys are hex.
export function met(c, w) {
  switch (c.op) {
    case "always": return true;
    case "never": return false;
    case "within": return w.now < after(w.start, c.seconds);
    case "after": return w.now >= after(w.start, c.seconds);
    case "before": return w.now < c.time;
    case "from": return w.now >= c.time;
    case "untouched": return w.untouched;
    case "sender": return w.signers.has(w.sender);
    case "key": return w.signers.has(c.keys[0]);
    case "link": return w.link;
    case "named": return c.keys.includes(w.claimer);
    case "list": return w.listed === true;
    case "all": return c.of.every((x) => met(x, w));
    case "any": return c.of.some((x) => met(x, w));
    case "k": return c.of.filter((x) => met(x, w)).length >= c.k;
  }
  fail(`an unknown condition ${c.op}`);
}

const PLACES = {
  claim: ["always", "never", "within", "after", "before", "from", "link", "named", "list", "all", "any"],
  rest: ["always", "never", "within", "after", "before", "from", "untouched", "sender", "key", "all", "any", "k"],
  share: ["always", "never", "within", "after", "sender", "key", "all", "any", "k"],
};

// checkCondition holds a condition to the rules of its place: claim, rest or share.
export function checkCondition(c, place, sender) {
  for (const a of walk(c)) {
    need(PLACES[place].includes(a.op), `${print(a)} has no place in a ${place} condition`);
    if (a.op === "key") need(onCurve(Buffer.from(a.keys[0], "hex")), `${print(a)} is not a key`);
    if (a.op === "named") need(new Set(a.keys).size === a.keys.length, "a name twice");
    if (a.op === "k") {
      const all = a.of.flatMap((x) => keys(x, sender));
      need(new Set(all).size === all.length, `a key in two operands of ${print(a)}`);
    }
  }
}

export function onCurve(x) {
  try {
    secp256k1.Point.fromBytes(cat(Buffer.from([2]), x));
    return true;
  } catch {
    return false;
  }
}
