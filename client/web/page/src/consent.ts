// Consent files: an approver's signature on its way to the account that submits the recall,
// as the command line's consent writes them and recall --consent reads them.

import { Buffer } from "buffer";
import { type Packet, type Time, inForce, shareAt } from "./explain/packet.js";
import { type Account } from "./keys.js";
import { sign } from "./sign.js";
import { timeOf } from "./submit.js";
import { address, clauseHash, consentDigest, hex, instant, packetId, printClause, unbech32, verifySignature } from "./verifier.js";

export interface ConsentFile {
  format: "hongbao-consent/1"; chain_id: string; packet: string;
  share: number; // from 1; 0: the rest
  clause: number; clause_text: string; // the text counts
  reason: string; account: string;
  claimer?: string; amount_fen?: string; // of a share
  valid_until: string; signature: string;
}

// A Consent is a file that was checked against a packet as it stands.
export interface Consent { file: ConsentFile; key: Uint8Array; clause: number; validUntil: Time; signature: Uint8Array }

export const maxConsentBytes = 16 << 10; // its clause prints in at most 9 kB

// goodFor is until when a consent can be used, in seconds: as the command line, a week.
const goodFor = 7 * 24 * 3600;
export const untilOf = (begin: Time): Time => begin + BigInt(goodFor) * 1_000_000_000n;

// digestOf is what is signed: that clause may be used on a share of p, or its rest.
function digestOf(chain: string, id: Uint8Array, p: Packet, share: number, clause: number, reason: string, validUntil: Time): Uint8Array {
  const s = share ? shareAt(p, share) : null;
  return consentDigest(chain, {
    packet: id, clause: clauseHash(inForce(p)[clause - 1]!), reason, validUntil, share, claimer: s?.claimer ?? null, amount: s?.amount ?? 0n,
  });
}

// signConsent signs that a clause in force, by its number from 1, may be used.
export function signConsent(chain: string, id: Uint8Array, p: Packet, share: number, clause: number, reason: string, validUntil: Time, who: Account): ConsentFile {
  const signature = sign(who.secret!, digestOf(chain, id, p, share, clause, reason, validUntil)), s = share ? shareAt(p, share) : null;
  return {
    format: "hongbao-consent/1", chain_id: chain, packet: packetId(id), share, clause, clause_text: printClause(inForce(p)[clause - 1]!),
    reason, account: address(who.key), ...(s && { claimer: address(s.claimer), amount_fen: String(s.amount) }),
    valid_until: instant(validUntil), signature: hex(signature),
  };
}

// spellConsent is the file as the command line writes it.
export const spellConsent = (f: ConsentFile) => JSON.stringify(f, null, 2) + "\n";

// Misfit says why a file is no consent to this: unread, another packet, share, clause in
// force, claimer or amount, over, or signed by another key.
export class Misfit extends Error {
  constructor(readonly why: "unread" | "packet" | "share" | "clause" | "over" | "signature") { super(why); }
}

// readConsent checks a file against a packet as it stands.
export function readConsent(text: string, chain: string, id: Uint8Array, p: Packet, share: number, now: Time): Consent {
  let f: ConsentFile, key: Uint8Array, validUntil: Time, signature: Uint8Array;
  try {
    f = JSON.parse(text.replace(/^\ufeff/, ""));
    key = unbech32("hb", f.account);
    validUntil = timeOf(f.valid_until);
    signature = Buffer.from(f.signature, "hex");
    if (f.format !== "hongbao-consent/1" || hex(signature) !== f.signature || signature.length !== 64) throw new Misfit("unread");
  } catch {
    throw new Misfit("unread");
  }
  if (f.chain_id !== chain || f.packet !== packetId(id)) throw new Misfit("packet");
  const s = share ? shareAt(p, share) : null;
  if (f.share !== share || (s && (f.claimer !== address(s.claimer) || f.amount_fen !== String(s.amount)))) throw new Misfit("share");
  const clause = inForce(p).findIndex((c) => printClause(c) === f.clause_text) + 1;
  if (clause === 0) throw new Misfit("clause");
  if (validUntil <= now) throw new Misfit("over");
  if (!verifySignature(signature, digestOf(chain, id, p, share, clause, f.reason, validUntil), key)) throw new Misfit("signature");
  return { file: f, key, clause, validUntil, signature };
}
