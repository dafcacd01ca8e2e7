// A forger for the tests: it writes proof files of whatever it is told happened,
// by validators, claimers and a tree of its own, and knows none of the rules.

import { ed25519, ed25519_hasher } from "@noble/curves/ed25519.js";
import { schnorr } from "@noble/curves/secp256k1.js";
import { COMMITMENT_PROOF, SIGNED_HEADER, headerHash, lengthed, validatorsHash, voteBytes, write } from "./chain.js";
import { parse } from "./conditions.js";
import { spell } from "./files.js";
import {
  ESCROW, HOLD, KIND, PHASE, WALLET, at, beacon, beaconHash, clauseHash, consentDigest, drawInput, encodeEntry, entryHash,
  accountLeaf, clockLeaf, firstHead, linkDigest, nextHead, packetIdOf, packetLeaf, signTx, termsHash,
} from "./messages.js";
import { drawn, proofToHash } from "./draws.js";
import { SECOND, address, after, cat, encode, packetId, sha256, sha512 } from "./values.js";

export const CHAIN = "forged-1-01010101010101010101"; // of the genesis in trustFile
export const T0 = 1_771_362_000n * SECOND; // 2026-02-17T21:00:00Z
const NONE = Buffer.alloc(0);

// An account is known by its name.
export const secret = (name) => sha256(Buffer.from(name));
export const account = (name) => Buffer.from(schnorr.getPublicKey(secret(name)));
export const text = (name) => address(account(name));

const POWERS = [10n, 10n, 10n, 5n];
const validators = POWERS.map((power, i) => {
  const seed = secret(`validator ${i}`), vrf = secret(`vrf ${i}`);
  const key = Buffer.from(ed25519.getPublicKey(seed));
  return { seed, vrf, key, power, address: sha256(key).subarray(0, 20), vrfKey: Buffer.from(ed25519.getPublicKey(vrf)) };
}).sort((a, b) => (a.power === b.power ? Buffer.compare(a.address, b.address) : a.power > b.power ? -1 : 1));

export const trustFile = (chain = CHAIN) => Buffer.from(JSON.stringify({
  format: "hongbao-trust/1", chain_id: chain, genesis_hash: "01".repeat(32),
  validators: validators.map((v) => ({
    name: "", pub_key: v.key.toString("base64"), power: Number(v.power), vrf_key: v.vrfKey.toString("hex"),
  })),
  arbiters: [], dev: true,
}));

// terms with what a test does not care about filled in; conditions are text.
export const terms = (t = {}) => ({
  total: 400n, shares: 4, split: 1, linkKey: null, hold: 0, expiry: 3600, scene: "", memo: null, ...t,
  claim: parse(t.claim ?? "always"), clauses: clauses(t.clauses ?? ["rest when all(sender,within(10m))"]),
});

export const clauses = (lines) => lines.map((line) => {
  const [, target, when, reasons] = /^(rest|share) when (.*?)(?: for ([A-Z0-9,]+))?$/.exec(line);
  return { target: target === "rest" ? 1 : 2, when: parse(when), reasons: reasons ? reasons.split(",") : [] };
});

// signedHeader is a block's header by all validators. vote(i) may change the flag of one: 1 absent, 3 nil.
export function signedHeader(height, time, appHash, { chain = CHAIN, vote = () => 2n, tamper = (x) => x, tamperCommit = (x) => x } = {}) {
  const stamp = { seconds: time / SECOND, nanos: time % SECOND };
  const nothing = { hash: NONE, parts: { total: 0n, hash: NONE } };
  const header = tamper({
    version: { block: 11n, app: 1n }, chainId: Buffer.from(chain), height, time: stamp, lastBlockId: nothing,
    lastCommitHash: sha256(), dataHash: sha256(), validatorsHash: validatorsHash(validators),
    nextValidatorsHash: validatorsHash(validators), consensusHash: sha256(), appHash, lastResultsHash: sha256(),
    evidenceHash: sha256(), proposer: validators[0].address,
  });
  const blockId = { hash: headerHash({ ...header, stamp: header.time }), parts: { total: 1n, hash: sha256(Buffer.from("parts")) } };
  const commit = { height: header.height, round: 0n, blockId };
  commit.signatures = validators.map((v, i) => {
    const flag = vote(i);
    if (flag === 1n) return { flag, address: NONE, time: { seconds: -62135596800n, nanos: 0n }, signature: NONE };
    const s = { flag, address: v.address, time: stamp };
    return { ...s, signature: Buffer.from(ed25519.sign(voteBytes(s, commit, header.chainId), v.seed)) };
  });
  return write(SIGNED_HEADER, { header, commit: tamperCommit(commit) });
}

export const varints = (...n) => Buffer.from(n.map((v) => v * 2));
export const LEAF_OP = { hash: 1n, prehashKey: 0n, prehashValue: 1n, length: 1n, prefix: varints(0, 1, 3) };

// rootOf is where a node's path leads, whatever its ops say.
const rootOf = ({ key, value, leaf, path }) => path.reduce(
  (hash, op) => sha256(op.prefix, hash, op.suffix),
  sha256(leaf.prefix, lengthed(key), lengthed(sha256(value))),
);

// tree is an IAVL tree of these [key, value], in order: { root, nodes }, a node with its path to the root.
export function tree(leaves) {
  const nodes = leaves.map(([key, value]) => ({ key: Buffer.from(key), value: Buffer.from(value), leaf: LEAF_OP, path: [] }));
  const hashed = (bytes) => cat(Buffer.from([32]), bytes);
  const grow = (part) => {
    if (part.length === 1) return { hash: rootOf(part[0]), height: 0 };
    const half = Math.ceil(part.length / 2);
    const [left, right] = [part.slice(0, half), part.slice(half)].map(grow);
    const height = 1 + Math.max(left.height, right.height), start = varints(height, part.length, 3);
    part.forEach((node, i) => node.path.push(i < half
      ? { hash: 1n, prefix: cat(start, Buffer.from([32])), suffix: hashed(right.hash) }
      : { hash: 1n, prefix: cat(start, hashed(left.hash), Buffer.from([32])), suffix: NONE }));
    return { hash: sha256(start, hashed(left.hash), hashed(right.hash)), height };
  };
  return { root: grow(nodes).hash, nodes };
}

export const existence = (node) => write(COMMITMENT_PROOF, { exist: node, nonexist: null });
export const nonexistence = (key, left, right) => write(COMMITMENT_PROOF, { exist: null, nonexist: { key, left, right } });

// standing is a tree in which the value stands at key, among others: { proof, root, clock }, where clock is
// the proof of a clock if there is one.
export function standing(key, value, tamper = (node) => node, clock = null) {
  const leaves = [["!", "first"], [key, value], ["x", "another"], ["~", "last"]];
  const history = { count: 0n, head: firstHead(CHAIN, Buffer.from("c/clock")) };
  if (clock !== null) leaves.push(["c/clock", encode(clockLeaf, { offset: clock, history })]);
  const { nodes } = tree(leaves.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  const find = (key) => nodes.find((n) => n.key.equals(Buffer.from(key)));
  const node = tamper(find(key));
  return { proof: existence(node), root: rootOf(node), clock: clock === null ? NONE : existence(find("c/clock")) };
}

// file is a whole proof file about a leaf.
export function file({
  kind, subject, height, key, value = Buffer.from([0]), chain = CHAIN, time, from = 0n, head, entries = [], tail = NONE, txs = [],
  beacons = [], header, proof, root, node, offset, clock,
}) {
  const stands = standing(key, value, node, offset);
  proof ??= stands.proof, root ??= stands.root, clock ??= stands.clock;
  const list = (items) => (items.length ? items.map((b) => b.toString("base64")) : undefined);
  const fields = {
    format: "hongbao-proof/1", chain_id: chain, kind, subject, height,
    signed_header: signedHeader(height + 1n, time, root, { chain, ...header }).toString("base64"),
    leaf_proof: proof.toString("base64"), clock_proof: clock.toString("base64") || undefined, from: from || undefined,
    head: head?.toString("base64"), entries: list(entries), tail: tail.toString("base64") || undefined, txs: list(txs),
    beacons: list(beacons),
  };
  return Buffer.from(spell(Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined))));
}

// prove is a proof of ECVRF-EDWARDS25519-SHA512-ELL2.
export function prove(seed, input) {
  const { Point } = ed25519, Q = Point.Fn.ORDER;
  const suite = Buffer.from([4]);
  const number = (b) => BigInt("0x" + Buffer.from(b).reverse().toString("hex"));
  const { scalar: x, pointBytes } = ed25519.utils.getExtendedPublicKey(seed);
  const DST = cat(Buffer.from("ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_"), suite);
  const h = ed25519_hasher.encodeToCurve(cat(pointBytes, input), { DST });
  const gamma = h.multiply(x), k = number(sha512(seed, h.toBytes())) % Q;
  const points = [pointBytes, h.toBytes(), gamma.toBytes(), Point.BASE.multiply(k).toBytes(), h.multiply(k).toBytes()];
  const c = sha512(suite, Buffer.from([2]), ...points, Buffer.from([0])).subarray(0, 16);
  const s = (k + number(c) * x) % Q;
  return cat(gamma.toBytes(), c, Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse());
}

export const drawer = (i) => validators[i];

// signed is a tx with its wire form and hash.
function signed(chain, name, nonce, validUntil, message) {
  const tx = { chain, account: account(name), nonce, validUntil, message };
  const wire = signTx(tx, (digest) => Buffer.from(schnorr.sign(digest, secret(name))));
  return { ...tx, wire, hash: sha256(wire) };
}

// A Life is one packet and what is said to have happened to it.
export class Life {
  constructor(t, { sender = "alice", chain = CHAIN } = {}) {
    Object.assign(this, { chain, sender, terms: t, entries: [], txs: [], beacons: [], nonces: {}, index: 0 });
    this.at(1, 0);
  }

  // at begins block height, so many seconds after T0.
  at(height, seconds) {
    Object.assign(this, { height: BigInt(height), time: T0 + BigInt(Math.round(seconds * 1000)) * 1_000_000n, index: 0 });
    return this;
  }

  tx(name, kind, body, { late = 300, nonce } = {}) {
    nonce ??= this.nonces[name] ?? 1n;
    this.nonces[name] = nonce + 1n;
    const tx = signed(this.chain, name, nonce, this.time + BigInt(late) * SECOND, { kind, body });
    this.txs.push(tx.wire);
    return tx;
  }

  entry(phase, event) {
    const where = { seq: BigInt(this.entries.length), height: this.height, time: this.time, phase, index: this.index++ };
    const bytes = encodeEntry(where, { packet: this.id, share: 0, posting: null, reason: "", balance: this.p.escrow, ...event });
    this.entries.push({ ...where, ...event, bytes });
    return this;
  }

  send(options) {
    const { hash, ...tx } = this.tx(this.sender, "send", { terms: this.terms }, options);
    this.id = packetIdOf(this.chain, tx);
    this.p = {
      sender: tx.account, terms: this.terms, sendTx: hash, tightened: [], created: this.time, expires: after(this.time, this.terms.expiry),
      status: 1, closed: 0n, escrow: this.terms.total, shares: [],
    };
    return this.entry(PHASE.tx, { kind: KIND.send, tx: hash, posting: { from: at(WALLET, tx.account), to: at(ESCROW, this.id), amount: this.terms.total } });
  }

  close(status) { Object.assign(this.p, { status, closed: this.time }); }

  arrive(share, amount) {
    const hold = this.terms.hold > 0;
    Object.assign(share, { amount, state: hold ? 2 : 3 });
    this.p.escrow -= amount;
    return { from: at(ESCROW, this.id), to: at(hold ? HOLD : WALLET, share.claimer), amount };
  }

  home() {
    const amount = this.p.escrow;
    this.p.escrow = 0n;
    return { from: at(ESCROW, this.id), to: at(WALLET, this.p.sender), amount };
  }

  claim(name, { accepts = this.terms, link = null, ...options } = {}) {
    const claimer = account(name);
    const linkSignature = link && Buffer.from(schnorr.sign(linkDigest(this.chain, this.id, claimer), secret(link)));
    const { hash } = this.tx(name, "claim", { packet: this.id, termsHash: termsHash(this.chain, accepts), linkSignature }, options);
    const share = { claimer, amount: 0n, state: 1, claimedAt: this.time, asked: null };
    const n = this.p.shares.push(share);
    if (n === this.terms.shares) this.close(2);
    if (this.terms.split === 2) return this.entry(PHASE.tx, { kind: KIND.reserve, tx: hash, share: n });
    return this.entry(PHASE.tx, { kind: KIND.claim, tx: hash, share: n, posting: this.arrive(share, this.terms.total / BigInt(this.terms.shares)) });
  }

  inForce() { return this.p.tightened.at(-1)?.clauses ?? this.terms.clauses; }

  consent(name, { clause = 1, share = 0, reason = "", late = 3600 }) {
    const validUntil = this.time + BigInt(late) * SECOND, s = this.p.shares[share - 1];
    const digest = consentDigest(this.chain, {
      packet: this.id, clause: clauseHash(this.inForce()[clause - 1]), reason, validUntil, share, claimer: s?.claimer ?? null, amount: s?.amount ?? 0n,
    });
    return { account: account(name), validUntil, signature: Buffer.from(schnorr.sign(digest, secret(name))) };
  }

  recall(name, { share = 0, clause = 1, reason = "", by = [], consents, ...options } = {}) {
    consents ??= by.map((n) => this.consent(n, { clause, share, reason }));
    const { hash } = this.tx(name, "recall", { packet: this.id, clause, share, reason, consents }, options);
    let posting = null;
    if (share === 0) {
      this.close(3);
      if (!this.p.shares.some((s) => s.state === 1)) posting = this.home();
    } else {
      const s = this.p.shares[share - 1];
      s.state = 4;
      posting = { from: at(HOLD, s.claimer), to: at(WALLET, this.p.sender), amount: s.amount };
    }
    return this.entry(PHASE.tx, { kind: KIND.recall, tx: hash, share, reason, posting });
  }

  giveBack(share, hash) {
    const s = this.p.shares[share - 1];
    const posting = { from: at(s.state === 2 ? HOLD : WALLET, s.claimer), to: at(WALLET, this.p.sender), amount: s.amount };
    s.state = 5;
    if (s.asked?.state === 1) s.asked.state = 2;
    return this.entry(PHASE.tx, { kind: KIND.return, tx: hash, share, posting });
  }

  return(name, share, options) {
    return this.giveBack(share, this.tx(name, "return", { packet: this.id, share }, options).hash);
  }

  ask(name, share, reason = "") {
    const { hash } = this.tx(name, "ask", { packet: this.id, share, reason });
    this.p.shares[share - 1].asked = { state: 1, reason, at: this.time };
    return this.entry(PHASE.tx, { kind: KIND.ask, tx: hash, share, reason });
  }

  answer(name, share, accept) {
    const { hash } = this.tx(name, "answer", { packet: this.id, share, accept });
    if (accept) return this.giveBack(share, hash);
    if (this.p.shares[share - 1].asked) this.p.shares[share - 1].asked.state = 3;
    return this.entry(PHASE.tx, { kind: KIND.refuse, tx: hash, share });
  }

  warp(name, by) {
    const { hash } = this.tx(name, "warp", { by });
    return this.entry(PHASE.tx, { kind: KIND.warp, tx: hash });
  }

  tighten(name, lines) {
    const { hash } = this.tx(name, "tighten", { packet: this.id, clauses: clauses(lines) });
    this.p.tightened.push({ at: this.time, clauses: clauses(lines) });
    return this.entry(PHASE.tx, { kind: KIND.tighten, tx: hash });
  }

  refund() {
    this.close(4);
    return this.entry(PHASE.due, { kind: KIND.refund, posting: this.home() });
  }

  settle(share) {
    const s = this.p.shares[share - 1];
    s.state = 3;
    return this.entry(PHASE.due, { kind: KIND.settle, share, posting: { from: at(HOLD, s.claimer), to: at(WALLET, s.claimer), amount: s.amount } });
  }

  lapse(share) {
    this.p.shares[share - 1].asked.state = 4;
    return this.entry(PHASE.due, { kind: KIND.lapse, share });
  }

  // beacon is what validator i proves over a block; draws until the next use it.
  beacon(i = 0, { height = this.height - 1n, seed = validators[i].vrf } = {}) {
    const b = { height, blockHash: sha256(Buffer.from(`block ${height}`)), proposer: validators[i].address };
    b.proof = prove(seed, drawInput(this.chain, b));
    this.output = proofToHash(b.proof);
    this.beaconHash = beaconHash(b);
    this.beacons.push(encode(beacon, b));
    return this;
  }

  draw(share = this.p.shares.findIndex((s) => s.state === 1) + 1, amount = null) {
    const left = BigInt(this.terms.shares - share + 1);
    amount ??= drawn(this.output, this.id, share, this.p.escrow, left);
    return this.entry(PHASE.draw, { kind: KIND.draw, share, beacon: this.beaconHash, posting: this.arrive(this.p.shares[share - 1], amount) });
  }

  end(reason = "") {
    return this.entry(PHASE.draw, { kind: KIND.recall, reason, posting: this.home() });
  }

  // proof is the file, of the state after this block (or a later height).
  proof({ kind = "packet", share = 0, height = this.height, time = this.time + SECOND, txs = this.txs, leaf = {}, ...more } = {}) {
    const key = cat(Buffer.from("p/"), this.id);
    let head = firstHead(this.chain, key);
    for (const e of this.entries) head = nextHead(head, entryHash(e.bytes));
    const value = encode(packetLeaf, { ...this.p, history: { count: BigInt(this.entries.length), head }, ...leaf });
    const entries = ["packet", "recall"].includes(kind) ? this.entries.map((e) => e.bytes) : [];
    return file({
      kind, subject: packetId(this.id) + (share ? `/${share}` : ""), height: BigInt(height), key, value, chain: this.chain, time, txs,
      entries, beacons: kind === "packet" ? this.beacons : [], ...more,
    });
  }

  // about is a proof of another kind with these of the txs; from and entries may leave out some.
  about(kind, share, txs, { from = 0, to = this.entries.length, ...more } = {}) {
    const key = cat(Buffer.from("p/"), this.id);
    let head = firstHead(this.chain, key);
    for (const e of this.entries.slice(0, from)) head = nextHead(head, entryHash(e.bytes));
    const part = kind === "recall" ? {
      from: BigInt(from), head: from ? head : undefined, entries: this.entries.slice(from, to).map((e) => e.bytes),
      tail: cat(...this.entries.slice(to).map((e) => entryHash(e.bytes))),
    } : {};
    return this.proof({ kind, share, txs: txs.map((i) => this.txs.at(i)), ...part, ...more });
  }
}

// A Statement is an account's history; each line is an entry, whatever it says.
export class Statement {
  constructor(name, { chain = CHAIN } = {}) {
    Object.assign(this, { name, chain, id: account(name), balance: 0n, held: 0n, entries: [], txs: [], nonce: 1n, height: 0n, time: T0, index: 0 });
  }

  at(height, seconds) {
    return Object.assign(this, { height: BigInt(height), time: T0 + BigInt(seconds) * SECOND, index: 0 });
  }

  // line adds an entry; a posting is [from, to, amount].
  line(kind, phase, posting, event = {}) {
    const [from, to, amount] = posting ?? [];
    const move = (place, by) => {
      if (!place.id.equals(this.id)) return;
      if (place.kind === WALLET) this.balance += by;
      if (place.kind === HOLD) this.held += by;
    };
    if (posting) move(from, -amount), move(to, amount);
    const bytes = encodeEntry(
      { seq: BigInt(this.entries.length), height: this.height, time: this.time, phase, index: this.index++ },
      { kind, packet: null, share: 0, posting: posting ? { from, to, amount } : null, reason: "", balance: this.balance, held: this.held, ...event },
    );
    this.entries.push(bytes);
    return this;
  }

  tx(kind, body, { name = this.name, late = 300, nonce = this.nonce++ } = {}) {
    const tx = signed(this.chain, name, nonce, this.time + BigInt(late) * SECOND, { kind, body });
    this.txs.push(tx.wire);
    return tx;
  }

  genesis(amount) {
    return this.line(KIND.genesis, PHASE.genesis, [at(0, Buffer.alloc(32)), at(WALLET, this.id), amount]);
  }

  pay(to, amount, { body = { to: account(to), amount }, ...options } = {}) {
    const { hash } = this.tx("pay", body, options);
    return this.line(KIND.pay, PHASE.tx, [at(WALLET, this.id), at(WALLET, account(to)), amount], { tx: hash });
  }

  proof({ from = 0, to = this.entries.length, height = this.height || 1n, time = this.time + SECOND, leaf = {}, ...more } = {}) {
    const key = cat(Buffer.from("a/"), this.id);
    const fold = (list) => list.reduce((head, bytes) => nextHead(head, entryHash(bytes)), firstHead(this.chain, key));
    const value = encode(accountLeaf, {
      balance: this.balance, held: this.held, nonce: this.nonce, bucket: 0n, open: 0, recalls: 0n,
      history: { count: BigInt(this.entries.length), head: fold(this.entries) }, ...leaf,
    });
    return file({
      kind: "account", subject: address(this.id), height: BigInt(height), key, value, chain: this.chain, time, txs: this.txs,
      from: BigInt(from), head: from ? fold(this.entries.slice(0, from)) : undefined, entries: this.entries.slice(from, to),
      tail: cat(...this.entries.slice(to).map(entryHash)), ...more,
    });
  }
}
