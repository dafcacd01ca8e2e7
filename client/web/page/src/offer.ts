// A packet that a person is about to send, as the command line's send makes its terms.

import { Buffer } from "buffer";
import { type Clause, type Cond, EQUAL, LUCKY, type Terms } from "./explain/packet.js";
import { type Account } from "./keys.js";
import { type Memo, memoHash } from "./link.js";
import { publicOf } from "./sign.js";
import { SCENES, address, hex, parseCondition, tagged } from "./verifier.js";

// An Offer is what a person chose.
export interface Offer {
  total: bigint; shares: number; lucky: boolean; scene: string;
  to: Uint8Array[]; // who may claim; empty: everyone with the link, or everyone, by the scene
  roles: Uint8Array[]; // the keys of the scene's roles, in their order
  memo: Memo | null;
}

export const maxShares = 1_000_000; // docs/format.md, section 4
export const maxInLeaf = 100; // a packet of more shares keeps each in a leaf of its own
export const maxMemoBytes = 256; // as the command line: a link has to fit a QR code

// peopleOf is who may claim in a scene: one who is named, a list with a share for each, everyone,
// or any of these.
export const peopleOf = (scene: string): "one" | "listed" | "everyone" | "any" =>
  ({ "one claimer": "one", "listed people": "listed", "everyone, lucky": "everyone" } as const)[SCENES[scene]![3] as "one claimer"] ?? "any";

// rolesOf are the roles of a scene, in the order of its clauses.
export const rolesOf = (scene: string): string[] => [...new Set(SCENES[scene]![0].flatMap((c) => [...c.matchAll(/@([a-z]+)/g)].map((m) => m[1]!)))];

// termsOf are the terms of an offer. linkKey is the public key of the link, where there is one.
export function termsOf(o: Offer, linkKey: Uint8Array | null): Terms {
  const [, hold, expiry] = SCENES[o.scene]!;
  const claim: Cond = peopleOf(o.scene) === "everyone" ? { op: "always" } : linkKey ? { op: "link" } : { op: "named", keys: o.to.map(hex) };
  return {
    total: o.total, shares: o.shares, split: o.lucky ? LUCKY : EQUAL, claim, linkKey, hold, clauses: clausesOf(o.scene, o.roles), expiry,
    scene: o.scene, memo: o.memo && memoHash(o.memo),
  };
}

// clausesOf are a scene's clauses with keys in the place of its roles.
function clausesOf(scene: string, keys: Uint8Array[]): Clause[] {
  const roles = rolesOf(scene);
  return SCENES[scene]![0].map((line) => {
    const text = line.replace(/@([a-z]+)/g, (_, role: string) => address(keys[roles.indexOf(role)]!));
    const [, target, when, reasons] = /^(rest|share) when (.*?)(?: for ([A-Z0-9,]+))?$/.exec(text)!;
    return { target: target === "rest" ? 1 : 2, when: parseCondition(when!), reasons: reasons?.split(",") ?? [] };
  });
}

// linkSecret is the key of a packet's link. It follows from its sender's own key, so that
// the sender finds the link again, in any browser, and nothing secret has to be kept.
export const linkSecret = (who: Account, packet: Uint8Array): Uint8Array => tagged("hongbao/page-link", Buffer.from(who.secret!), Buffer.from(packet));

export const linkPublic = (secret: Uint8Array) => Buffer.from(publicOf(secret));

export const newMemo = (text: string): Memo | null => (text ? { salt: crypto.getRandomValues(Buffer.alloc(16)), text } : null);

// fenOf reads an amount as people type it: 88, 88.8, ¥88.80, 88元, also in full width; null if
// it is none.
export function fenOf(text: string): bigint | null {
  const plain = text.normalize("NFKC").replace(/[\s,]/g, "").replace(/^[¥¥]/, "").replace(/(元|块钱|块)$/, "");
  const m = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!m) return null;
  const fen = BigInt(m[1]!) * 100n + BigInt((m[2] ?? "").padEnd(2, "0"));
  return fen > 0n ? fen : null;
}
