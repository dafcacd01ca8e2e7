// Claim links: hongbao:claim?chain=…&packet=rp1…#k=…&m=…&l=…, or the page's own address with
// the same behind it. What stands behind the # never leaves the browser. Of a packet to a list,
// l is the claimer's entry with its way to the list's root, and k the entry's key.

import { Buffer } from "buffer";
import { type Cond, type Terms } from "./explain/packet.js";
import { isSecret, publicOf } from "./sign.js";
import { checkListing, decode, encode as cbor, hex, listing, tagged, unbech32 } from "./verifier.js";

export interface Memo { salt: Uint8Array; text: string }

// A Listing is an entry, with the part of the list beside it at each step to the root.
export interface Listing { entry: { index: number; kind: number; who: Uint8Array; amount: bigint }; path: { hash: Uint8Array; sum: bigint }[] }
export interface Link { chain: string; packet: string; key: Uint8Array | null; memo: Memo | null; listing?: Listing | null }

const byLink = 2; // an entry's kind: its who is a one-time key

// b64 reads base64url in its one spelling.
function b64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text.replaceAll("-", "+").replaceAll("_", "/"), "base64");
  return encode(bytes) === text ? bytes : null;
}

const encode = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

// parseLink finds the link in what a person pasted; null if there is none, or it is damaged.
export function parseLink(pasted: string): Link | null {
  const text = pasted.replace(/\p{Cf}/gu, "");
  const found = /[?]((?:chain|packet)=[^\s"'<>()[\]{}`#]+)(?:#([^\s"'<>()[\]{}`]*))?/i.exec(text);
  if (!found) return null;
  const open = new URLSearchParams(found[1]!), secret = new URLSearchParams(found[2]?.match(/^[\x21-\x7e]*/)?.[0] ?? "");
  return linkOf(open, secret);
}

// linkOf reads a link's two parts.
export function linkOf(open: URLSearchParams, secret: URLSearchParams): Link | null {
  const packet = open.get("packet") ?? "", chain = open.get("chain") ?? "";
  try {
    unbech32("rp", packet);
  } catch {
    return null;
  }
  const k = secret.get("k"), m = secret.get("m"), l = secret.get("l");
  const key = k === null ? null : b64(k), memo = m === null ? null : b64(m);
  if (k !== null && (!key || !isSecret(key))) return null;
  if (m !== null && (!memo || memo.length < 16)) return null;
  try {
    const text = memo && new TextDecoder("utf-8", { fatal: true }).decode(memo.subarray(16));
    const entry = l === null ? null : decode(listing, b64(l) ?? new Uint8Array()) as Listing;
    return { chain, packet, key, memo: memo && { salt: memo.subarray(0, 16), text: text! }, listing: entry };
  } catch {
    return null;
  }
}

// openPart and secretPart are a link's parts as text; the second is empty where there is none.
export const openPart = (l: Link) => `chain=${encodeURIComponent(l.chain)}&packet=${l.packet}`;
export const secretPart = (l: Link) => [
  ...(l.key ? [`k=${encode(l.key)}`] : []), ...(l.memo ? [`m=${encode(Buffer.concat([l.memo.salt, Buffer.from(l.memo.text)]))}`] : []),
  ...(l.listing ? [`l=${encode(cbor(listing, l.listing))}`] : []),
].join("&");
export const spellLink = (l: Link) => `hongbao:claim?${openPart(l)}${secretPart(l) && `#${secretPart(l)}`}`;

// What is secret of a link is kept for this tab alone, so that it outlives a reload: until
// the share is final, or an account is locked or removed.
const place = "hongbao/secret/";

export const secretOf = (packet: string) => sessionStorage.getItem(place + packet) ?? "";

export function keepSecret(packet: string, secret: string) {
  if (secret) sessionStorage.setItem(place + packet, secret);
  else sessionStorage.removeItem(place + packet);
}

// forgetKey forgets a link's key, and keeps its message and its entry.
export const forgetKey = (l: Link) => { if (secretOf(l.packet)) keepSecret(l.packet, secretPart({ ...l, key: null })); };

// forgetSecrets forgets what is secret of all links.
export function forgetSecrets() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(place)) sessionStorage.removeItem(name);
}

export const memoHash = (m: Memo) => tagged("hongbao/memo", m.salt, Buffer.from(m.text));

// misfit says what of a link does not belong to the terms.
export function misfit(l: Link, t: Terms): "key" | "entry" | "memo" | null {
  if (l.listing && !isOnList(l.listing, t)) return "entry";
  const opens = l.listing?.entry.kind === byLink ? l.listing.entry.who : t.linkKey;
  if (l.key && !(opens && hex(publicOf(l.key)) === hex(opens))) return "key";
  if (l.memo && !(t.memo && hex(memoHash(l.memo)) === hex(t.memo))) return "memo";
  return null;
}

// listIn is the root of the list that a claim rule asks for; undefined when it asks for none.
export function listIn(c: Cond | null): string | undefined {
  return c?.op === "list" ? c.root : c?.of?.map(listIn).find((root) => root);
}

// isOnList reports whether an entry leads to the list that terms commit to.
function isOnList(l: Listing, t: Terms): boolean {
  const root = listIn(t.claim);
  if (!root) return false;
  try {
    checkListing(l, root, t.shares, t.total);
    return true;
  } catch {
    return false;
  }
}
