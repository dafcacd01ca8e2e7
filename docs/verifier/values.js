// Section 1 and 2 of docs/format.md: bytes, canonical CBOR, text forms, hashes.

import * as sha2 from "@noble/hashes/sha2.js";
import { bech32m as codec } from "@scure/base";

// A Fail is a check of the format that did not hold.
export class Fail extends Error {}
export const fail = (why) => { throw new Fail(why); };
export const need = (holds, why) => { if (!holds) fail(why); };

export const MAX_AMOUNT = 2n ** 63n - 1n;
export const MAX_TIME = 2n ** 63n - 1n;
export const MAX_SECONDS = 366 * 24 * 3600;
export const SECOND = 1_000_000_000n;

export const cat = (...parts) => Buffer.concat(parts);
export const same = (a, b) => Buffer.compare(a, b) === 0;
export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const min = (a, b) => (a < b ? a : b);
export const max = (a, b) => (a > b ? a : b);

export function u32(n) {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(Number(n));
  return b;
}

export function u64(n) {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(BigInt(n));
  return b;
}

export const lp = (text) => cat(u32(Buffer.byteLength(text)), Buffer.from(text));
export const sha256 = (...parts) => Buffer.from(sha2.sha256(cat(...parts)));
export const sha512 = (...parts) => Buffer.from(sha2.sha512(cat(...parts)));

export function tagged(tag, ...parts) {
  const t = sha256(Buffer.from(tag));
  return sha256(t, t, ...parts);
}

// after is a time some seconds later; it stays at the last one there is.
export const after = (time, seconds) => min(time + BigInt(seconds) * SECOND, MAX_TIME);

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

// parseTime reads a time of RFC 3339.
export function parseTime(text) {
  const [, instant, digits = "", zone] = TIME.exec(text) ?? fail(`${text} is not a time`);
  const ms = Date.parse(instant + zone);
  need(!Number.isNaN(ms), `${text} is not a time`);
  return BigInt(ms) * 1_000_000n + BigInt(digits.padEnd(9, "0"));
}

// bech32 gives a 32-byte value its text, unbech32 is the inverse.
export const bech32 = (prefix, bytes) => codec.encode(prefix, codec.toWords(bytes));

export function unbech32(prefix, text) {
  let got;
  try {
    got = codec.decodeToBytes(text);
  } catch {
    fail(`${JSON.stringify(text)} is not a bech32m text`);
  }
  const bytes = Buffer.from(got.bytes);
  need(got.prefix === prefix && bytes.length === 32 && bech32(prefix, bytes) === text, `${text} is not a ${prefix}1…`);
  return bytes;
}

export const address = (bytes) => bech32("hb", bytes);
export const packetId = (bytes) => bech32("rp", bytes);

export function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fail("text that is not UTF-8");
  }
}

// CBOR. A type is { read(reader), write(value) }; decode and encode are inverse
// on all that decode accepts.

const MAX_LIST = 4096;

class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }

  take(n) {
    need(n <= this.bytes.length - this.at, "CBOR ends early");
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  // head reads an item's head of this major type and gives its argument.
  head(major) {
    const first = this.take(1)[0];
    need(first >> 5 === major, `CBOR major type ${first >> 5}, not ${major}`);
    const info = first & 31;
    if (info < 24) return BigInt(info);
    need(info < 28, "CBOR of an indefinite or reserved length");
    return BigInt("0x" + hex(this.take(1 << (info - 24))));
  }

  isNull() {
    if (this.bytes[this.at] !== 0xf6) return false;
    this.at++;
    return true;
  }
}

function head(major, n) {
  n = BigInt(n);
  const m = major << 5;
  if (n < 24n) return Buffer.from([m | Number(n)]);
  const size = n < 2n ** 8n ? 0 : n < 2n ** 16n ? 1 : n < 2n ** 32n ? 2 : 3;
  const digits = n.toString(16).padStart(2 << size, "0");
  return cat(Buffer.from([m | (24 + size)]), Buffer.from(digits, "hex"));
}

// big is an unsigned integer as BigInt, small one as Number.
export const big = (most) => ({
  read(r) {
    const n = r.head(0);
    need(n <= most, `${n} is above ${most}`);
    return n;
  },
  write: (n) => head(0, n),
});

export const small = (most, least = 0) => ({
  read(r) {
    const n = Number(big(BigInt(most)).read(r));
    need(n >= least, `${n} is below ${least}`);
    return n;
  },
  write: (n) => head(0, n),
});

export const bytes = (size) => ({
  read(r) {
    need(r.head(2) === BigInt(size), `byte string that is not ${size} long`);
    return Buffer.from(r.take(size));
  },
  write: (b) => cat(head(2, b.length), b),
});

export const text = {
  read(r) {
    const size = r.head(3);
    need(size <= BigInt(r.bytes.length), "CBOR ends early");
    return utf8(r.take(Number(size)));
  },
  write: (s) => cat(head(3, Buffer.byteLength(s)), Buffer.from(s)),
};

export const bool = {
  read(r) {
    const b = r.take(1)[0];
    need(b === 0xf4 || b === 0xf5, "neither false nor true");
    return b === 0xf5;
  },
  write: (b) => Buffer.from([b ? 0xf5 : 0xf4]),
};

export const optional = (type) => ({
  read: (r) => (r.isNull() ? null : type.read(r)),
  write: (v) => (v === null ? Buffer.from([0xf6]) : type.write(v)),
});

export const list = (type, most = MAX_LIST) => ({
  read(r) {
    const n = r.head(4);
    need(n <= BigInt(most), `a list of ${n}, at most ${most}`);
    return Array.from({ length: Number(n) }, () => type.read(r));
  },
  write: (items) => cat(head(4, items.length), ...items.map((v) => type.write(v))),
});

// record takes its fields in the order given; a type may stand for several items.
export function record(fields) {
  const items = Object.values(fields).reduce((n, type) => n + (type.items ?? 1), 0);
  return {
    read(r) {
      need(r.head(4) === BigInt(items), `a record that has not ${items} fields`);
      return Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, type.read(r)]));
    },
    write: (v) => cat(head(4, items), ...Object.entries(fields).map(([name, type]) => type.write(v[name]))),
  };
}

// longer is a record that may have one field more behind all others: read, it is null where it is not there.
export function longer(fields, name, type) {
  const short = record(fields), items = record({ ...fields, [name]: type });
  const count = Object.values(fields).reduce((n, t) => n + (t.items ?? 1), 0);
  return {
    read: (r) => (r.bytes[r.at] === (0x80 | (count + 1)) ? items.read(r) : { ...short.read(r), [name]: null }),
    write: (v) => (v[name] ? items.write(v) : short.write(v)),
  };
}

export const amount = big(MAX_AMOUNT);
export const time = big(MAX_TIME);
export const height = big(2n ** 63n - 1n);
export const number64 = big(2n ** 64n - 1n);
export const number32 = small(2 ** 32 - 1);
export const seconds = small(MAX_SECONDS);
export const hash = bytes(32);

export const encode = (type, value) => type.write(value);

export function decode(type, bytes) {
  const r = new Reader(bytes);
  const value = type.read(r);
  need(r.at === bytes.length, "bytes after the end of CBOR");
  need(same(encode(type, value), bytes), "CBOR that is not in its one spelling");
  return value;
}
