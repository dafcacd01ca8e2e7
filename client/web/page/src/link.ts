// Claim links: hongbao:claim?chain=…&packet=rp1…#k=…&m=…, or the page's own address with
// the same behind it. What stands behind the # never leaves the browser.

import { Buffer } from "buffer";
import { type Terms } from "./explain/packet.js";
import { isSecret, publicOf } from "./sign.js";
import { hex, tagged, unbech32 } from "./verifier.js";

export interface Memo { salt: Uint8Array; text: string }
export interface Link { chain: string; packet: string; key: Uint8Array | null; memo: Memo | null }

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
  const k = secret.get("k"), m = secret.get("m");
  const key = k === null ? null : b64(k), memo = m === null ? null : b64(m);
  if (k !== null && (!key || !isSecret(key))) return null;
  if (m !== null && (!memo || memo.length < 16)) return null;
  try {
    const text = memo && new TextDecoder("utf-8", { fatal: true }).decode(memo.subarray(16));
    return { chain, packet, key, memo: memo && { salt: memo.subarray(0, 16), text: text! } };
  } catch {
    return null;
  }
}

// openPart and secretPart are a link's parts as text; the second is empty where there is none.
export const openPart = (l: Link) => `chain=${encodeURIComponent(l.chain)}&packet=${l.packet}`;
export const secretPart = (l: Link) => [
  ...(l.key ? [`k=${encode(l.key)}`] : []), ...(l.memo ? [`m=${encode(Buffer.concat([l.memo.salt, Buffer.from(l.memo.text)]))}`] : []),
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

// forgetKey forgets a link's key, and keeps its message.
export const forgetKey = (l: Link) => { if (secretOf(l.packet)) keepSecret(l.packet, secretPart({ ...l, key: null })); };

// forgetSecrets forgets what is secret of all links.
export function forgetSecrets() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(place)) sessionStorage.removeItem(name);
}

export const memoHash = (m: Memo) => tagged("hongbao/memo", m.salt, Buffer.from(m.text));

// misfit says what of a link does not belong to the terms.
export function misfit(l: Link, t: Terms): "key" | "memo" | null {
  if (l.key && !(t.linkKey && hex(publicOf(l.key)) === hex(t.linkKey))) return "key";
  if (l.memo && !(t.memo && hex(memoHash(l.memo)) === hex(t.memo))) return "memo";
  return null;
}
