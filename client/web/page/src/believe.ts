// What the node answers, judged in the browser as the command line does with --trust.

import { Buffer } from "buffer";
import * as api from "./api.js";
import { type Found, type Trust } from "./check.js";
import { type Packet } from "./explain/packet.js";
import { address, examine, examineLeaf, hex } from "./verifier.js";

const maxAge = 60_000; // ms: an idle chain makes a block a second; older is halted, or hides what came since

// askEvery is how often what is on the screen is asked for anew, in ms: twice before it is too old.
export const askEvery = 25_000;

// A Believed is a judged answer. Where the verdict is not valid, nothing in it may be shown
// as true; where it is invalid, nothing may be shown at all.
export interface Believed {
  kind: string; subject: string; found: Found;
  bytes: Uint8Array; // the proof file; empty of a leaf alone
  c: any; // the verifier's case: leaf, entries, txs
  by: Trust | null; // whom it was judged by
  share?: Believed; // of a large packet: what proves the share beside it
  now: bigint; // the state's time, by the chain
  got: number; // when it came, by this computer, in ms
}

let trust: Trust | null = null;
export const rely = (t: Trust | null) => { trust = t; };
export const relied = () => trust;

// An answer that is older than one before it is no answer: the node hides what came since.
// But by one block it may be: of what did not change in the newest state, the server gives the
// state before, which is signed already.
const newest = new Map<string, bigint>();

export class Disbelieved extends Error {
  constructor(readonly why: "subject" | "older" | "invalid", readonly found: Found | null) { super(why); }
}

// prove asks for a proof, and judges it. Of an account's history it has the part that is asked for.
export async function prove(kind: string, subject: string, from = 0, until = 0): Promise<Believed> {
  const bytes = await api.proof(kind, subject, from, until);
  const by = trust;
  return believed(kind, subject, examine(Buffer.from(bytes), by?.read ?? null, oldest()), bytes, by);
}

// provePacket is a packet's life, and of a large one the share beside it that belongs to a list's
// entry, or else the one that an account has. What proves that share comes with it.
export async function provePacket(id: string, account: Uint8Array | null, entry = 0): Promise<Believed> {
  const b = await prove("packet", id);
  if (!b.c.leaf.tally || (!entry && !account)) return b;
  const s = await prove("share", `${id}/${entry || address(account!)}`).catch((err) => {
    if (err instanceof api.Fault && err.code === "unknown_share") return null;
    throw err;
  });
  if (!s || (!entry && hex(s.c.share.claimer) !== hex(account!))) return b;
  b.c.leaf.beside = { number: s.c.file.share, share: s.c.share };
  return { ...b, share: s };
}

// proveAccount is an account's leaf, or that there is none, whatever the length of its history.
export async function proveAccount(address: string): Promise<Believed> {
  const { leaf } = await api.account(address), by = trust;
  return believed("account", address, examineLeaf(leaf ?? {}, address, by?.read ?? null, oldest()), new Uint8Array(), by);
}

function believed(kind: string, subject: string, { c, found }: { c: any; found: Found }, bytes: Uint8Array, by: Trust | null): Believed {
  if (found.verdict === "invalid") throw new Disbelieved("invalid", found);
  // An account that never received money is proven absent; of a large packet, proofs are of kinds of their own.
  const kinds = ({ account: ["account", "absent"], packet: ["packet", "large-packet"], share: ["share", "large-share"] } as Record<string, string[]>)[kind] ?? [kind];
  if (!kinds.includes(c.file.kind) || !isAbout(c.file.subject, kind === "supply" ? "supply" : subject)) throw new Disbelieved("subject", found);
  const chain: string = c.file.chain;
  if (found.verdict === "valid") {
    const seen = newest.get(chain) ?? 0n;
    if (c.file.height + 1n < seen) throw new Disbelieved("older", found);
    if (c.file.height > seen) newest.set(chain, c.file.height);
  }
  return { kind, subject, found, bytes, c, by, now: c.now, got: Date.now() };
}

// isAbout reports whether a proof is of the subject that was asked for. Which share an account has, the
// answer says.
const isAbout = (subject: string, wanted: string) =>
  wanted.includes("/hb1") ? subject.split("/")[0] === wanted.split("/")[0] : subject === wanted;

// statement is an account's newest entries, at least so many if it has them: none is left out.
// Of an account that never received money it is the proof that there is none.
export async function statement(account: string, least: number): Promise<Believed> {
  const head = await proveAccount(account);
  if (head.c.file.kind !== "account") return await prove("absent", account);
  const from = Math.max(0, Number(head.c.leaf.history.count) - least);
  const b = await prove("account", account, from, 0);
  const { file } = b.c; // without a tail the last entry is the account's newest
  if (file.kind !== "account" || file.from !== BigInt(from) || file.tail.length > 0) throw new Disbelieved("subject", b.found);
  return b;
}

// oldest is the time, in nanoseconds, before which what validators signed is too old to go by.
const oldest = () => BigInt(Date.now() - maxAge) * 1_000_000n;

// isProven reports whether it is proven how things stand now: what was, grows old.
export const isProven = (b: Believed): boolean => b.found.verdict === "valid" && !isOld(b) && (!b.share || isProven(b.share));
export const isOld = (b: Believed) => b.c.header.time < oldest();
export const packetOf = (b: Believed): Packet => b.c.leaf;

// chainNow is what the chain's time is by now, to a second or so.
export const chainNow = (b: Believed) => b.now + BigInt(Date.now() - b.got) * 1_000_000n;
