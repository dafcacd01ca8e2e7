// Sections 10 and 11 of docs/format.md: the trust file and the proof file, each
// of which has one spelling.

import { isAbsence } from "./chain.js";
import { addressOf, inOrder, powerOf } from "./handover.js";
import { fail, need, u32, unbech32, utf8 } from "./values.js";

const MAX_TRUST = 256 << 10, MAX_PROOF = 16 << 20;
const MAX_HEADER = 64 << 10, MAX_LEAF_PROOF = 128 << 10, MAX_ENTRY = 1 << 10, MAX_BEACON = 256;
const MAX_LISTING = 1 << 10;
const MAX_TX = 16_384, MAX_TAIL = 12 << 20, MAX_HAND_OVERS = 1000, MAX_HAND_OVER_BYTES = 1 << 20;
const MAX_FROM = 2n ** 48n, MAX_HEIGHT = 2n ** 63n - 1n, MAX_POWER = (2n ** 63n - 1n) / 8n;
const TOKEN = /[ \t\n\r]*("(?:[^"\\\u0000-\u001f]|\\["\\])*"|0|[1-9][0-9]{0,18}|true|false|[{}\[\]:,])/y;

// parse reads the JSON that the files may hold. Integers become BigInt, objects
// keep their order, and no name comes twice.
function parse(source) {
  TOKEN.lastIndex = 0;
  const next = () => {
    const from = TOKEN.lastIndex;
    return TOKEN.exec(source)?.[1] ?? fail(`no JSON that this file may hold, at character ${from}`);
  };
  const values = (token, end, each) => {
    for (;;) {
      if (token !== end) each(token);
      if (token !== end) token = next();
      if (token === end) return;
      need(token === ",", "a comma is missing");
      token = next();
      need(token !== end, "a comma too many");
    }
  };
  const value = (token, depth) => {
    need(depth <= 4, "JSON that is too deep");
    if (token === "[") {
      const items = [];
      values(next(), "]", (first) => items.push(value(first, depth + 1)));
      return items;
    }
    if (token === "{") {
      const fields = new Map();
      values(next(), "}", (name) => {
        need(name[0] === '"' && !fields.has(JSON.parse(name)), "a name that is none, or twice");
        need(next() === ":", "a colon is missing");
        fields.set(JSON.parse(name), value(next(), depth + 1));
      });
      return Object.fromEntries(fields);
    }
    if (/^[0-9]/.test(token)) return BigInt(token);
    need(token[0] === '"' || token.length > 3, `an unexpected ${token}`);
    return JSON.parse(token);
  };
  const top = value(next(), 1);
  need(/^[ \t\n\r]*$/.test(source.slice(TOKEN.lastIndex)), "something after the JSON");
  return top;
}

// fieldsOf holds an object to these names in this order; some may be left out.
function fieldsOf(object, names, optional = []) {
  const have = Object.keys(object);
  const want = names.filter((n) => have.includes(n) || !optional.includes(n));
  need(have.join() === want.join(), `fields ${have.join()}, not ${want.join()}`);
}

export function base64(text) {
  need(typeof text === "string", "no base64");
  const bytes = Buffer.from(text, "base64");
  need(bytes.toString("base64") === text, "base64 that is not in its one spelling");
  return bytes;
}

const hex32 = (text) => {
  need(/^[0-9a-f]{64}$/.test(text), `${text} is not 64 hex digits`);
  return Buffer.from(text, "hex");
};

const isChainId = (text) => typeof text === "string" && /^[A-Za-z0-9._-]{1,50}$/.test(text);
const isName = (text) => typeof text === "string" && Buffer.byteLength(text) <= 64 && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text);

// readTrust gives { chain, dev, validators: [{ address, key, power, vrfKey }] }, in a
// commit's order.
export function readTrust(bytes) {
  need(bytes.length <= MAX_TRUST, "a trust file that is too long");
  const t = parse(utf8(bytes));
  fieldsOf(t, ["format", "chain_id", "genesis_hash", "validators", "arbiters", "dev"]);
  need(t.format === "hongbao-trust/1", `not a trust file: ${t.format}`);
  need(isChainId(t.chain_id), "a chain id that is none");
  const digits = hex32(t.genesis_hash).toString("hex").slice(0, 20);
  need(t.chain_id.length > 21 && t.chain_id.endsWith(`-${digits}`), "a chain id of another genesis");
  need(typeof t.dev === "boolean", "dev is neither true nor false");
  need(Array.isArray(t.validators) && t.validators.length >= 1 && t.validators.length <= 250, "1 to 250 validators");
  const validators = t.validators.map((v) => {
    fieldsOf(v, ["name", "pub_key", "power", "vrf_key"]);
    need(isName(v.name), "a name that is none");
    const key = base64(v.pub_key);
    need(key.length === 32, "a validator's key that is not 32 bytes");
    need(typeof v.power === "bigint" && v.power >= 1n, "a power below 1");
    return { key, address: addressOf(key), power: v.power, vrfKey: hex32(v.vrf_key) };
  });
  need(powerOf(validators) <= MAX_POWER, "a total power that is too large");
  need(new Set(validators.map((v) => v.key.toString("hex"))).size === validators.length, "a validator twice");
  need(Array.isArray(t.arbiters) && t.arbiters.length <= 1000, "at most 1000 arbiters");
  for (const a of t.arbiters) {
    fieldsOf(a, ["name", "address"]);
    need(isName(a.name), "a name that is none");
    unbech32("hb", a.address);
  }
  need(new Set(t.arbiters.map((a) => a.address)).size === t.arbiters.length, "an arbiter twice");
  return { chain: t.chain_id, dev: t.dev, validators: inOrder(validators) };
}

// What each kind's file may hold: [fewest, most] of a list; part: it may begin
// and end anywhere; own: the leaf is the share's; unclaimed: an entry of a list, and a proof of absence.
const KINDS = {
  packet: { subject: "packet", entries: [1, 607], txs: [1, 406], beacons: [0, 100] },
  share: { subject: "share", txs: [2, 2] },
  "large-share": { subject: "share", most: 1_000_000, own: true, txs: [2, 2] },
  "large-packet": { subject: "packet", entries: [1, 60_000], txs: [1, 6] },
  unclaimed: { subject: "share", most: 1_000_000, txs: [1, 1], unclaimed: true },
  recall: { subject: "packet or share", entries: [1, 607], txs: [2, 3], part: true },
  unrecalled: { subject: "packet" },
  account: { subject: "account", entries: [1, 20_000], txs: [0, 20_000], part: true },
  absent: { subject: "packet or account" },
  supply: { subject: "supply" },
};

// spell is the one spelling of a proof file.
export function spell(fields) {
  const lines = Object.entries(fields).map(([name, v]) => {
    const value = Array.isArray(v) ? `[\n${v.map((s) => `    "${s}"`).join(",\n")}\n  ]` : typeof v === "bigint" ? v : `"${v}"`;
    return `  "${name}": ${value}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

// A Form reads a proof file line by line, in its one spelling, and holds no more than its kind lets it.
class Form {
  constructor(source) { Object.assign(this, { source, at: 0 }); }

  line() {
    const end = this.source.indexOf("\n", this.at);
    need(end >= 0, "a proof file that is not in its one spelling");
    const line = this.source.slice(this.at, end);
    this.at = end + 1;
    return line;
  }

  begins(text) { return this.source.startsWith(text, this.at); }

  // ended takes away the comma that a value has unless the object ends behind it.
  ended(text) {
    const last = this.begins("}");
    need(last !== text.endsWith(","), "a comma too many or too few");
    return last ? text : text.slice(0, -1);
  }

  // value is a field's, as it is spelt; undefined where another field stands.
  value(name) {
    const begin = `  "${name}": `;
    return this.begins(begin) ? this.ended(this.line().slice(begin.length)) : undefined;
  }

  // required gives the text of a field that must be there.
  required(name, pattern) {
    const found = pattern.exec(this.value(name) ?? "");
    need(found, `${name} is missing or misspelt`);
    return found[1];
  }

  bytes(name, most, empty = false) {
    const value = this.value(name);
    if (value === undefined) return Buffer.alloc(0);
    const bytes = unquote(value, most);
    need(empty || bytes.length > 0, `an empty ${name} that is there`);
    return bytes;
  }

  // list reads an item a line, at most so many of at most so many bytes.
  list(name, items, most) {
    const begin = `  "${name}": [\n`, list = [];
    if (!this.begins(begin)) return list;
    this.at += begin.length;
    for (let more = true; more;) {
      need(list.length < items, `more than ${items} ${name}`);
      const line = this.line();
      more = line.endsWith(",");
      need(line.startsWith("    "), `one of ${name} that is misspelt`);
      list.push(unquote(line.slice(4, more ? -1 : undefined), most));
    }
    need(this.ended(this.line()) === "  ]", `${name} without an end`);
    return list;
  }
}

const TEXT = /^"([ !#-\[\]-~]{0,200})"$/, NUMBER = /^([1-9][0-9]{0,18})$/, BASE64 = /^"(.*)"$/;

function unquote(value, most) {
  const found = BASE64.exec(value);
  need(found && found[1].length <= 4 * Math.ceil(most / 3), "a part that is misspelt or too long");
  const bytes = base64(found[1]);
  need(bytes.length <= most, "a part that is too long");
  return bytes;
}

// readProof is the step file.
export function readProof(bytes) {
  need(bytes.length <= MAX_PROOF, "a proof file that is too long");
  const p = new Form(bytes.toString("latin1"));
  need(p.line() === "{", "not a proof file");
  const format = p.required("format", TEXT);
  need(format === "hongbao-proof/1", `not a proof file: ${format}`);
  const chain = p.required("chain_id", TEXT), name = p.required("kind", TEXT), subject = p.required("subject", TEXT);
  need(isChainId(chain), "a chain id that is none");
  need(Object.hasOwn(KINDS, name), `an unknown kind ${name}`);
  const height = BigInt(p.required("height", NUMBER));
  need(height <= MAX_HEIGHT, "a height that is too large");
  const kind = KINDS[name], most = (what) => kind[what]?.[1] ?? 0;
  const file = { kind: name, chain, subject, height, ...readSubject(kind.subject, subject, kind) };
  need(p.begins('  "signed_header": '), "no signed_header");
  file.signedHeader = p.bytes("signed_header", MAX_HEADER, true);
  file.leafProof = p.bytes("leaf_proof", MAX_LEAF_PROOF);
  file.clockProof = p.bytes("clock_proof", MAX_LEAF_PROOF);
  file.handOvers = p.list("hand_overs", MAX_HAND_OVERS, MAX_TX);
  file.from = p.begins('  "from": ') ? BigInt(p.required("from", NUMBER)) : 0n;
  file.head = p.bytes("head", 32);
  file.entries = p.list("entries", most("entries"), MAX_ENTRY);
  const tail = p.bytes("tail", kind.part ? MAX_TAIL : 0);
  file.txs = p.list("txs", most("txs"), MAX_TX);
  file.beacons = p.list("beacons", most("beacons"), MAX_BEACON);
  file.listing = p.bytes("listing", kind.unclaimed ? MAX_LISTING : 0);
  file.absence = p.bytes("absence_proof", kind.unclaimed ? MAX_LEAF_PROOF : 0);
  need(p.source.slice(p.at) === "}\n", "a proof file that is not in its one spelling");

  need(file.handOvers.reduce((n, h) => n + h.length, 0) <= MAX_HAND_OVER_BYTES, "hand-overs that are too long together");
  need(file.from <= MAX_FROM, "a from that may not be there");
  need(file.head.length === (file.from > 0n ? 32 : 0), "a head without from, or from without a head");
  need(tail.length % 32 === 0, "a tail that is no list of hashes");
  for (const what of ["listing", "absence"]) need(!kind.unclaimed || file[what].length, `no ${what}`);
  need(kind.part || file.from === 0n, `a part of a history, in a proof of kind ${name}`);
  for (const what of ["entries", "txs"]) need(file[what].length >= (kind[what]?.[0] ?? 0), `too few ${what}`);
  if (name === "recall") need(file.txs.length === (file.share ? 3 : 2), "not the transactions of the case");
  file.tail = Array.from({ length: tail.length / 32 }, (_, i) => tail.subarray(32 * i, 32 * i + 32));
  return file;
}

// readLeaf reads what a proof file of an account has of its leaf alone: the text of each field.
export function readLeaf(part, subject) {
  const { chain_id: chain, height, signed_header: header, leaf_proof: leaf, clock_proof: clock = "", hand_overs: handOvers = [] } = part;
  need(isChainId(chain), "a chain id that is none");
  need(Number.isSafeInteger(height) && height > 0, "a height that is none");
  const bytes = (text, most) => {
    need(typeof text === "string", "a part that is missing");
    return text === "" ? Buffer.alloc(0) : unquote(`"${text}"`, most);
  };
  const file = { chain, subject, height: BigInt(height), ...readSubject("account", subject), signedHeader: bytes(header, MAX_HEADER),
    leafProof: bytes(leaf, MAX_LEAF_PROOF), clockProof: bytes(clock, MAX_LEAF_PROOF), handOvers: handOvers.map((h) => bytes(h, MAX_TX)) };
  need(handOvers.length <= MAX_HAND_OVERS, "too many hand-overs");
  return { kind: isAbsence(file.leafProof) ? "absent" : "account", ...file };
}

// readSubject gives the leaf's key, the id in it, and the share (0: none).
function readSubject(what, text, { most = 100, own = false } = {}) {
  need(typeof text === "string", "no subject");
  if (what === "supply") {
    need(text === "supply", `${text} is not the supply`);
    return { key: Buffer.from("c/supply") };
  }
  if (what.includes("account") && text.startsWith("hb")) {
    const id = unbech32("hb", text);
    return { id, key: Buffer.concat([Buffer.from("a/"), id]) };
  }
  need(what !== "account", `${text} is not an address`);
  const [packet, n, ...more] = text.split("/");
  need(more.length === 0 && (n === undefined ? what !== "share" : what.includes("share")), `${text} is not a ${what}`);
  need(n === undefined || (/^[1-9][0-9]{0,6}$/.test(n) && Number(n) <= most), `${text} is not a share`);
  const id = unbech32("rp", packet);
  const share = Number(n ?? 0);
  if (own) return { id, key: Buffer.concat([Buffer.from("s/"), id, u32(share)]), share };
  return { id, key: Buffer.concat([Buffer.from("p/"), id]), share };
}
