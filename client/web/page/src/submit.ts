// One transaction from its nonce to its outcome, as the command line's package submit has
// it: what was signed happens once or never, and is never made anew while it may happen.

import { Buffer } from "buffer";
import * as api from "./api.js";
import { type Believed, Disbelieved, isProven, prove, proveAccount, provePacket, relied } from "./believe.js";
import { type Account } from "./keys.js";
import { type Pending, pendingOf, removePending, setPending } from "./pending.js";
import { sign } from "./sign.js";
import { address, hex, packetId, packetIdOf, signTx, unbech32 } from "./verifier.js";

export interface Message { kind: string; body: any }

// A Making makes a message that has to know the packet's id, which follows from the nonce.
export type Making = (packet: Uint8Array) => Message;

export interface Draft { chain: string; account: Uint8Array; nonce: bigint; validUntil: bigint; message: Message }

// Never: it did not happen, and never will. MayHappen: it still may; settle says which.
export class Never extends Error {}
export class MayHappen extends Error { constructor(readonly pending: Pending) { super("may happen"); } }

// Happened: what was signed before did happen, so that nothing was signed anew.
export class Happened extends Error { constructor(readonly pending: Pending, readonly proof: Believed) { super("happened"); } }

// Unsigned: nothing was signed, because of what the node says of the account. unproven: the
// trust file does not stand behind it, or it is old. ahead: its time is later than this
// computer's, and a signature would live for longer than the reader thinks.
export class Unsigned extends Error { constructor(readonly why: "unproven" | "ahead") { super(why); } }

const second = 1_000_000_000n;
const validFor = 60n * second; // as the command line: a person waits less
const maxAhead = 60n * second; // of the node's time before this computer's, where nothing proves it
const noSignature = new Uint8Array(64);

export const timeOf = (text: string) => {
  const [whole, fraction = ""] = text.replace("Z", "").split(".");
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
};

export const wireOf = (d: Draft, signer: (digest: Uint8Array) => Uint8Array) => signTx(d, signer);

const openOf = (chain: string, me: Account): Promise<Pending | null> => pendingOf(chain, address(me.key));

// submit makes a transaction, has it reviewed, and sees it through. It gives the proof of
// the packet that it is about, in which it stands. Where one was left open that happened
// after all, it signs nothing: the reader may not want both.
export async function submit(chain: string, me: Account, message: Message | Making, review: (d: Draft) => Promise<boolean>,
  keep: (d: Draft) => void = () => {}): Promise<Believed | null> {
  const open = await openOf(chain, me); // another tab, or resume, may settle it before this has its turn
  await alone(chain, me, () => settleFirst(chain, me, open));
  const draft = await draftOf(chain, me, message);
  await api.simulate(hex(wireOf(draft, () => noSignature)));
  if (!(await review(draft))) return null; // it may take its time: no other tab waits
  return await alone(chain, me, async () => {
    await settleFirst(chain, me, null);
    // The nonce is this tab's; the time begins once a person has read.
    const fresh = await draftOf(chain, me, message);
    const wire = wireOf(fresh, (digest) => sign(me.secret!, digest));
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(wire))));
    const { kind, body } = fresh.message, packet = kind === "send" ? packetIdOf(chain, fresh) : body.packet;
    const p: Pending = {
      chain, account: address(me.key), hash, wire: hex(wire), validUntil: String(fresh.validUntil), packet: packetId(packet),
      nonce: String(fresh.nonce), kind, entry: body.listing?.entry.index ?? 0,
    };
    keep(fresh);
    await setPending(p);
    return await settled(p);
  });
}

// settleFirst settles what an account left open, such as open. Where that happened, it throws.
async function settleFirst(chain: string, me: Account, open: Pending | null) {
  const before = (await openOf(chain, me)) ?? open;
  if (!before) return;
  const done = await settled(before).catch(async (err) => {
    if (await openOf(chain, me)) throw err;
    return null; // it is over, and did nothing
  });
  if (done) throw new Happened(before, done);
}

// draftOf makes a transaction in the account's state. Its nonce and time, and with them for
// how long a signature is good, are proven; without a trust file this computer's clock
// bounds them.
async function draftOf(chain: string, me: Account, message: Message | Making): Promise<Draft> {
  const at = await proveAccount(address(me.key));
  if (at.c.file.chain !== chain) throw new Disbelieved("subject", at.found);
  if (relied() && !isProven(at)) throw new Unsigned("unproven");
  if (!relied() && at.now > BigInt(Date.now()) * 1_000_000n + maxAhead) throw new Unsigned("ahead");
  // Signing is deterministic, and two tabs that want the same must not make the same bytes.
  const apart = BigInt(crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000_000);
  const account = Buffer.from(me.key), nonce = nonceOf(at);
  return {
    chain, account, nonce, validUntil: at.now + validFor - apart,
    message: typeof message === "function" ? message(packetIdOf(chain, { account, nonce })) : message,
  };
}

// nonceOf is an account's next nonce: 0 while it never received money.
const nonceOf = (b: Believed): bigint => (b.c.file.kind === "account" ? b.c.leaf.nonce : 0n);

// alone gives this tab the account's nonce: two tabs of a browser wait for each other.
function alone<T>(chain: string, me: Account, run: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`hongbao/${chain}/${address(me.key)}`, run) as Promise<T>;
}

// resume settles what an account left open, when a tab was closed or the server was gone, and
// gives it if it happened.
export async function resume(chain: string, me: Account): Promise<Pending | null> {
  return await alone(chain, me, async () => {
    const p = await openOf(chain, me);
    if (p) await settled(p);
    return p;
  });
}

const pauses = [100, 300, 1000, 2000];

// settled hands a transaction out, again and again, until it is proven how it ended. What
// the node says of it only tells when to look.
async function settled(p: Pending): Promise<Believed> {
  const until = BigInt(p.validUntil);
  for (let i = 0, lost = 0, ended = false; ; i++) {
    try {
      await api.broadcast(p.wire); // a refusal settles nothing: the node has the bytes
      const said = await api.tx(p.hash, 5);
      if (said.state !== "unknown" || timeOf(said.as_of.time) >= until) {
        let b = sure(p, await look(p));
        if (!stands(b, p) && (b.now >= until || (await spent(p)))) {
          b = sure(p, await look(p)); // in a state no older than that: it may have happened in between
          if (!stands(b, p)) {
            await removePending(p);
            ended = true;
            // That it did nothing is proven. Why it failed is the node's word.
            throw said.error ? new api.Fault(said.error.code, said.error.message) : new Never();
          }
        }
        if (stands(b, p)) {
          await removePending(p);
          return b;
        }
        if (!isProven(b)) throw new MayHappen(p);
      }
      lost = 0;
    } catch (err) {
      const away = err instanceof api.Fault && ["unreachable", "no_new_block", "too_many_requests", "internal"].includes(err.code);
      if (ended) throw err;
      if (!away || ++lost > 20) throw new MayHappen(p); // whatever went wrong: it is signed
    }
    await new Promise((done) => setTimeout(done, pauses[Math.min(i, pauses.length - 1)]));
  }
}

// spent reports whether it is proven that another transaction, or the failure of this one,
// used its nonce.
async function spent(p: Pending): Promise<boolean> {
  return nonceOf(sure(p, await proveAccount(p.account))) > BigInt(p.nonce);
}

// sure gives what may settle a transaction. Where there is a trust file, what it does not
// stand behind settles nothing; where there is none, the node is believed, and the screen says so.
function sure(p: Pending, b: Believed): Believed {
  if (relied() && !(isProven(b) && b.c.file.chain === p.chain)) throw new MayHappen(p);
  return b;
}

// stands reports whether a transaction stands in a packet's life, or as the claim of a large packet's share.
const stands = (b: Believed, p: Pending): boolean => (b.c.entries ?? []).some((e: any) => e.tx && !e.claims && hex(e.tx) === p.hash)
  || (b.share?.c.txs ?? []).some((tx: any) => hex(tx.hash) === p.hash);

// look is the life of the packet that a transaction is about, or that there is none.
async function look(p: Pending): Promise<Believed> {
  const claimer = p.kind === "claim" ? Buffer.from(unbech32("hb", p.account)) : null;
  return await provePacket(p.packet, claimer, p.entry).catch((err) => {
    if (err instanceof api.Fault && err.code === "unknown_packet") return prove("absent", p.packet);
    throw err;
  });
}
