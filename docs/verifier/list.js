// Lists, of section 4 of docs/format.md: a claimer's entry, and its way to the root; and what a large packet's
// share, whose leaf stands alone, says of itself.

import { absence as checkAbsence } from "./chain.js";
import { met, walk } from "./conditions.js";
import { settles } from "./contract.js";
import { checkShare } from "./lawful.js";
import { FULL, OPEN, RESERVED, linkDigest, listing as listingType, termsHash, verifySignature } from "./messages.js";
import { EQUAL, LUCKY, checkTerms, large } from "./terms.js";
import { MAX_AMOUNT, after, cat, decode, hex, need, same, tagged, u32, u64 } from "./values.js";

const BY_ADDRESS = 1, BY_LINK = 2;

const leafOf = (e) => ({
  hash: tagged("hongbao/list-entry", u32(e.index), Buffer.from([e.kind]), e.who, u64(e.amount)), sum: e.amount,
});

function join(left, right) {
  const sum = left.sum + right.sum;
  need(sum <= MAX_AMOUNT, "a part of a list with too much money");
  return { hash: tagged("hongbao/list-node", left.hash, u64(left.sum), right.hash, u64(right.sum)), sum };
}

// checkListing: the entry leads to the root of a list of so many entries and so much money.
export function checkListing({ entry, path }, root, count, total) {
  need(entry.index >= 1 && entry.index <= count, `a list of ${count} has no entry ${entry.index}`);
  need(entry.amount >= 1n && entry.amount <= total, "an entry of no amount, or of more than all");
  let at = leafOf(entry), used = 0;
  for (let place = entry.index - 1, last = count - 1; last > 0; place >>>= 1, last >>>= 1) {
    if (place === last && place % 2 === 0) continue; // no neighbour at this height
    need(used < path.length, "a path too short");
    const other = path[used++];
    at = place % 2 === 1 ? join(other, at) : join(at, other);
  }
  need(used === path.length, "a path too long");
  need(at.sum === total, "a list of another total");
  need(hex(tagged("hongbao/list", u32(count), u64(total), at.hash)) === root, "an entry of another list");
}

const listOf = (p) => [...walk(p.terms.claim)].find((a) => a.op === "list");

// listing is the step of kind unclaimed: the entry is on the list in the terms.
export function listing(c) {
  const { file, leaf } = c, list = listOf(leaf);
  const one = decode(listingType, file.listing);
  need(list, "the terms have no list");
  need(one.entry.index === file.share, "another entry");
  checkListing(one, list.root, leaf.terms.shares, leaf.terms.total);
  c.entry = one.entry;
  return `entry ${file.share} of ${leaf.terms.shares}, ${c.entry.amount} fen`;
}

// unclaimed is the step absence of that kind: the share that the entry gives has no leaf.
export function unclaimed({ file, leaf, header }) {
  need(leaf.status !== FULL, "the packet is full");
  checkAbsence(file.absence, cat(Buffer.from("s/"), file.id, u32(file.share)), header.appHash);
  return `share ${file.share} has no leaf`;
}

// standIn is a large packet as far as its share's leaf and its send tell: as it was when it was sent.
export function standIn(alone, send, id, number, now) {
  need(send.kind === "send", "the first transaction is no send");
  need(same(send.hash, alone.sendTx), "another send than the leaf's");
  const t = send.body.terms;
  need(large(t), "a share of a packet that is not large");
  checkTerms(t, hex(send.account), alone.created);
  need(alone.created <= now, "a packet of later than now");
  const p = {
    id, sender: send.account, terms: t, sendTx: send.hash, tightened: [], created: alone.created,
    expires: after(alone.created, t.expiry), status: OPEN, closed: 0n, escrow: t.total, shares: [],
    history: alone.history,
  };
  const s = alone.share;
  need(number >= 1 && number <= t.shares, `there is no share ${number}`);
  need(alone.settles === settles(p, s), "settles at another time than the hold says");
  need((s.state === RESERVED) === (s.amount === 0n) && s.amount <= t.total, "a share of no amount, or of more than all");
  need(s.state !== RESERVED || t.split === LUCKY, "a share to be drawn, and none is");
  need(t.split !== EQUAL || s.amount * BigInt(t.shares) === t.total, "a share that is not an equal one");
  need(alone.history.count >= 1n, "a share without a history");
  checkShare(p, s, 0, now);
  return p;
}

// claimedAlone: the claim is one of this share, that the packet took when it was open.
export function claimedAlone(chain, p, tx, number, share) {
  const { listing, linkSignature, termsHash: accepted } = tx.body, claimer = tx.account, now = share.claimedAt;
  need(!same(claimer, p.sender), "a claim by the sender");
  need(same(accepted, termsHash(chain, p.terms)), "a claim of other terms");
  const list = listOf(p);
  let key = p.terms.linkKey;
  if (list) {
    need(listing && listing.entry.index === number && listing.entry.amount === share.amount, "a claim of another entry");
    checkListing(listing, list.root, p.terms.shares, p.terms.total);
    const { kind, who } = listing.entry;
    if (kind === BY_ADDRESS) need(same(who, claimer), "an entry of somebody else");
    if (kind === BY_LINK) need(linkSignature, "an entry without its link");
    if (kind === BY_LINK) key = who;
  } else {
    need(!listing, "an entry, and the packet has no list");
  }
  if (linkSignature) {
    need(key && verifySignature(linkSignature, linkDigest(chain, p.id, claimer), key), "a claim with a wrong link signature");
  }
  const world = { now, start: p.created, claimer: hex(claimer), link: linkSignature !== null, listed: !!list };
  need(met(p.terms.claim, world), "a claim that the claim rule refuses");
}
