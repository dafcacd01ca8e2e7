// Lucky draws: ECVRF-EDWARDS25519-SHA512-ELL2 (RFC 9381, suite 04) and the amount
// that an output gives (section 8 of docs/format.md).

import { ed25519, ed25519_hasher } from "@noble/curves/ed25519.js";
import { drawSeed, drawWord } from "./messages.js";
import { cat, need, same, sha512 } from "./values.js";

const SUITE = Buffer.from([4]);
const DST = cat(Buffer.from("ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_"), SUITE);
const { Point } = ed25519;
const Q = Point.Fn.ORDER;

const littleEndian = (bytes) => BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));

function point(bytes) {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    need(false, "bytes that are no point");
  }
}

function decodeProof(proof) {
  need(proof.length === 80, "a draw's proof that is not 80 bytes");
  const s = littleEndian(proof.subarray(48));
  need(s < Q, "a draw's proof with a scalar that is too large");
  return { gamma: point(proof.subarray(0, 32)), c: littleEndian(proof.subarray(32, 48)), s };
}

// proofToHash is the output of a proof, good or not.
export function proofToHash(proof) {
  const { gamma } = decodeProof(proof);
  return sha512(SUITE, Buffer.from([3]), gamma.clearCofactor().toBytes(), Buffer.from([0]));
}

// verifyProof gives the output of a proof that this key made of this input.
export function verifyProof(key, input, proof) {
  const { gamma, c, s } = decodeProof(proof);
  const y = point(key);
  need(!y.clearCofactor().is0(), "a VRF key of small order");
  const h = ed25519_hasher.encodeToCurve(cat(key, input), { DST });
  const u = Point.BASE.multiplyUnsafe(s).subtract(y.multiplyUnsafe(c));
  const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c));
  const points = [y, h, gamma, u, v].map((p) => p.toBytes());
  const challenge = sha512(SUITE, Buffer.from([2]), ...points, Buffer.from([0])).subarray(0, 16);
  need(same(challenge, proof.subarray(32, 48)), "a draw's proof that its key did not make of its input");
  return proofToHash(proof);
}

// drawn is the amount of share n, of which left are not drawn yet, of rem fen.
export function drawn(output, packet, n, rem, left) {
  if (left === 1n) return rem;
  const seed = drawSeed(output, packet, n);
  let i = 0;
  const uniform = (m) => {
    for (;;) {
      const w = drawWord(seed, i++);
      if (w >= 2n ** 64n % m) return w % m;
    }
  };
  const y = uniform(2n * (rem - left) + 1n);
  const d = uniform(left);
  return 1n + (y + d) / left;
}
