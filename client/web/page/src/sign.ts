// Signatures as the command line makes them, byte for byte: BIP-340 with the nonce of
// RFC 6979, for which btcec has a tag of its own.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Buffer } from "buffer";
import { hex, tagged } from "./verifier.js";

const { Point } = secp256k1, n = Point.Fn.ORDER;
const tag = sha256(Buffer.from("BIP-340"));

const big = (bytes: Uint8Array) => BigInt("0x" + hex(bytes));
const bytes32 = (v: bigint) => Buffer.from(v.toString(16).padStart(64, "0"), "hex");
const x = (point: { x: bigint }) => bytes32(point.x);

// pointOf is the point whose secret is d.
const pointOf = (d: bigint) => Point.BASE.multiply(d).toAffine();

// isSecret reports whether 32 bytes are a secret key.
export const isSecret = (bytes: Uint8Array) => bytes.length === 32 && big(bytes) > 0n && big(bytes) < n;

// publicOf is a secret key's account: an address is its text.
export const publicOf = (secret: Uint8Array) => x(pointOf(big(secret)));

// sign signs a digest of 32 bytes.
export function sign(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  let d = big(secret);
  const pub = pointOf(d);
  if (pub.y & 1n) d = n - d;
  let k = nonce(bytes32(d), digest);
  const r = pointOf(k);
  if (r.y & 1n) k = n - k;
  const e = big(tagged("BIP0340/challenge", x(r), x(pub), Buffer.from(digest))) % n;
  return Buffer.concat([x(r), bytes32((k + e * d) % n)]);
}

// nonce is RFC 6979's, section 3.2, with 32 bytes of extra data.
function nonce(secret: Uint8Array, digest: Uint8Array): bigint {
  const seed = Buffer.concat([secret, digest, tag]);
  let k: Uint8Array = new Uint8Array(32), v: Uint8Array = new Uint8Array(32).fill(1);
  const mac = (...parts: Uint8Array[]) => hmac(sha256, k, Buffer.concat(parts));
  for (const step of [0, 1]) {
    k = mac(v, Uint8Array.of(step), seed);
    v = mac(v);
  }
  for (;;) {
    v = mac(v);
    if (isSecret(v)) return big(v);
    k = mac(v, Uint8Array.of(0));
    v = mac(v);
  }
}
