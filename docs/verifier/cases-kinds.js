// The other kinds, headers, trees: as cases.js.

import { CHAIN, Life, Statement, T0, account, existence, file, nonexistence, standing, terms, text, tree, varints } from "./forge.js";
import { ESCROW, HOLD, KIND, OUTSIDE, PHASE, WALLET, at, packetIdOf, supplyLeaf } from "./messages.js";
import { SECOND, address, cat, encode, sha256 } from "./values.js";

const YES = "", DAY = 86_400;
const key = (name) => `key(${text(name)})`;
const three = `2 of (${key("a")},${key("b")},${key("c")})`;
const make = (group) => ([desc, refused, run]) => ({ desc: `${group}: ${desc}`, refused, make: run });
const sent = (t, options) => new Life(terms(t), options).send();
const held = (t = {}) => sent({ hold: 7200, clauses: ["share when sender", "rest when sender"], ...t }).at(2, 1).claim("bob").claim("carol");
const lucky = (t = {}) => sent({ split: 2, total: 1000n, ...t }).at(2, 1);
const share = (l, n = 1, more = {}) => l.about("share", n, [0, n], more);

const shares = [
  ["held", YES, () => share(held())],
  ["the second", YES, () => share(held(), 2)],
  ["that there is not", "leaf", () => held().about("share", 3, [0, 1])],
  ["with another's claim", "parties", () => held().about("share", 1, [0, 2])],
  ["with the claim first", "parties", () => held().about("share", 1, [1, 0])],
  ["with the send twice", "parties", () => held().about("share", 1, [0, 0])],
  ["with one transaction", "file", () => held().about("share", 1, [0])],
  ["with three transactions", "file", () => held().about("share", 1, [0, 1, 2])],
  ["of a claim of other terms", "parties", () => share(sent().at(2, 1).claim("bob", { accepts: terms({ total: 800n }) }))],
  ["of a claim that was valid too long", "parties", () => share(sent().at(2, 1).claim("bob", { late: 601 }))],
  ["of a claim that was over", "parties", () => share(sent().at(2, 1).claim("bob", { late: 0 }))],
  ["of another send", "parties", () => { const l = held(); l.p.sendTx = sha256(); return share(l); }],
  ["of another sender", "parties", () => { const l = held(); l.p.sender = account("z"); return share(l); }],
  ["of other terms in the leaf", "parties", () => { const l = held(); l.p.terms = terms({ hold: 60 }); return share(l); }],
  ["recalled", YES, () => share(held().recall("alice", { share: 1 }))],
  ["returned", YES, () => share(held().return("bob", 1))],
  ["settled", YES, () => share(held({ expiry: 9000 }).at(3, 7201).settle(1))],
  ["due", YES, () => share(held().at(3, 100), 1, { time: T0 + 7201n * SECOND })],
  ["a nanosecond before it is due", YES, () => share(held().at(3, 100), 1, { time: T0 + 7201n * SECOND - 1n })],
  ["reserved", YES, () => share(lucky().claim("bob"))],
  ["reserved with a hold and a clause", YES, () => share(lucky({ hold: 60, clauses: ["share when sender"] }).claim("bob"))],
  ["at risk in the first minute", YES, () => share(held({ clauses: ["share when all(sender,within(1m))"] }))],
  ["after its first minute", YES, () => share(held({ clauses: ["share when all(sender,within(1m))"] }).at(3, 100))],
  ["at risk in the last minute", YES, () => share(held({ clauses: ["share when all(sender,after(1h59m))"] }))],
  ["at risk now and then", YES, () => share(held({ clauses: ["share when all(sender,any(within(1m),all(after(1h),within(1h1m)),after(1h59m)))"] }).at(3, 1000))],
  ["that was at risk twice", YES, () => share(held({ clauses: ["share when all(sender,any(within(1m),all(after(1h),within(1h1m))))"] }).at(3, 4000))],
  ["at risk by its claimer alone", YES, () => share(held({ clauses: [`share when ${key("bob")}`] }))],
  ["at risk by its claimer and one of two", YES, () => share(held({ clauses: [`share when 2 of (${key("bob")},${key("a")},${key("b")})`] }))],
  ["at risk by two of three for a reason", YES, () => share(held({ clauses: [`share when ${three} for FRAD,TECH`] }))],
  ["at risk by clauses of which one needs no reason", YES, () => share(held({ clauses: [`share when ${three} for FRAD`, "share when sender"] }))],
  ["at risk by clauses for different reasons", YES, () => share(held({ clauses: [`share when ${three} for FRAD,DUPL`, "share when sender for AM09,DUPL"] }))],
  ["at risk by keys that a rest clause names in another order", YES, () => share(held({ clauses: [`rest when ${three}`, `share when all(${key("c")},${key("a")})`] }))],
  ["at risk by sets of which one holds another", YES, () => share(held({ clauses: [`share when all(sender,${key("a")}) for FRAD`, "share when sender for DUPL"] }))],
  ["at risk by somebody now and others later", YES, () => share(held({ clauses: ["share when all(sender,within(1h)) for DUPL", `share when all(${key("a")},after(1h)) for FRAD`] }))],
  ["at risk by others later alone", YES, () => share(held({ clauses: ["share when all(sender,within(1h)) for DUPL", `share when all(${key("a")},after(1h)) for FRAD`] }).at(3, 3700))],
  ["renounced", YES, () => share(held().at(3, 50).tighten("alice", []))],
  ["renounced before the claim", YES, () => share(sent({ hold: 60, clauses: ["share when sender"] }).at(2, 1).tighten("alice", []).at(3, 9).claim("bob"), 1, { txs: undefined }), true],
  ["tightened to a window that is over", YES, () => share(held().at(3, 100).tighten("alice", ["share when all(sender,within(1m))"]))],
  ["tightened twice", YES, () => share(held().at(3, 100).tighten("alice", ["share when sender"]).at(4, 200).tighten("alice", ["share when all(sender,within(10m))"]))],
  ["asked for and lapsed", YES, () => share(sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").ask("alice", 1), 1, { time: T0 + BigInt(4 * DAY) * SECOND })],
  ["of another amount", "leaf", () => { const l = held(); l.p.shares[0].amount = 99n; l.p.escrow = 201n; return share(l); }],
  ["of a packet whose escrow is too small", "leaf", () => { const l = held(); l.p.escrow = 199n; return share(l); }],
  ["of a recalled packet with something in escrow", "leaf", () => { const l = held().recall("alice", { clause: 2 }); l.p.escrow = 200n; return share(l); }],
  ["of a refunded packet with something in escrow", "leaf", () => { const l = held().at(3, 3600).refund(); l.p.escrow = 200n; return share(l); }],
  ["reserved, of a recalled packet", YES, () => share(lucky().claim("bob").recall("alice"))],
  ["reserved, of a recalled packet without escrow", "leaf", () => { const l = lucky().claim("bob").recall("alice"); l.p.escrow = 0n; return share(l); }],
  ["lucky shares of more than the total", "leaf", () => { const l = lucky().claim("bob").at(3, 2).beacon().draw(); l.p.shares[0].amount = 1001n; l.p.escrow = 0n; return share(l); }],
  ["of one fen", YES, () => share(sent({ total: 1n, shares: 1 }).at(2, 1).claim("bob"))],
].map(([desc, refused, run, odd]) => make("share")([desc, refused, odd ? () => {
  const l = sent({ hold: 60, clauses: ["share when sender"] }).at(2, 1).tighten("alice", []).at(3, 9).claim("bob");
  return l.about("share", 1, [0, 2]);
} : run]));

const recalls = [
  ["of the rest", YES, () => sent().at(2, 1).claim("bob").recall("alice", { reason: "DUPL" }).about("recall", 0, [0, -1])],
  ["of the rest, from its entry on", YES, () => sent().at(2, 1).claim("bob").recall("alice").about("recall", 0, [0, -1], { from: 2 })],
  ["of the rest, and what came after as a tail", YES, () => sent().at(2, 1).claim("bob").recall("alice").at(3, 2).ask("alice", 1).about("recall", 0, [0, 2], { from: 1, to: 3 })],
  ["of the rest, without its entry", "recall", () => sent().at(2, 1).claim("bob").recall("alice").at(3, 2).ask("alice", 1).about("recall", 0, [0, 2], { from: 3 })],
  ["of the rest, as a share's", "recall", () => sent().at(2, 1).claim("bob").recall("alice").about("recall", 1, [0, 1, -1])],
  ["of a share, as the rest's", "recall", () => held().recall("alice", { share: 1 }).about("recall", 0, [0, -1])],
  ["of a share", YES, () => held().recall("alice", { share: 1 }).about("recall", 1, [0, 1, -1])],
  ["of the second share", YES, () => held().recall("alice", { share: 2 }).at(3, 9).return("bob", 1).about("recall", 2, [0, 2, 3], { from: 3, to: 4 })],
  ["of a share, without its claim", "file", () => held().recall("alice", { share: 1 }).about("recall", 1, [0, -1])],
  ["of a share, with another recall", "recall", () => held().recall("alice", { share: 1 }).recall("alice", { share: 2 }).about("recall", 1, [0, 1, -1])],
  ["of a share whose window was over", "recall", () => held({ clauses: ["share when all(sender,within(1m))"] }).at(3, 61).recall("alice", { share: 1 }).about("recall", 1, [0, 1, -1])],
  ["of a share that was due", "recall", () => held().at(3, 7201).recall("alice", { share: 1 }).about("recall", 1, [0, 1, -1])],
  ["by nobody of the clause", "recall", () => sent().at(2, 1).recall("bob").about("recall", 0, [0, -1])],
  ["with consents", YES, () => held({ clauses: [`share when ${three} for FRAD`] }).recall("z", { share: 1, reason: "FRAD", by: ["c", "a"] }).about("recall", 1, [0, 1, -1])],
  ["with its account's own signature in the middle of the clause", YES, () => held({ clauses: [`share when ${three} for FRAD`] }).recall("b", { share: 1, reason: "FRAD", by: ["a"] }).about("recall", 1, [0, 1, -1])],
  ["with a consent for another share", "recall", () => {
    const l = held({ clauses: [`share when ${three}`] });
    return l.recall("a", { share: 1, consents: [l.consent("b", { share: 2 })] }).about("recall", 1, [0, 1, -1]);
  }],
  ["with a transaction that was over", "recall", () => sent().at(2, 1).recall("alice", { late: 0 }).about("recall", 0, [0, -1])],
  ["with a transaction that was valid too long", "recall", () => sent().at(2, 1).recall("alice", { late: 601 }).about("recall", 0, [0, -1])],
  ["under tightened clauses", YES, () => held().at(3, 5).tighten("alice", ["share when sender"]).at(4, 9).recall("alice", { share: 1 }).about("recall", 1, [0, 1, -1], { from: 4 })],
  ["under clauses that a tightening took", "recall", () => held().at(3, 5).tighten("alice", ["rest when sender"]).at(4, 9).recall("alice", { share: 1 }).about("recall", 1, [0, 1, -1], { from: 4 })],
  ["before a tightening of the same block", YES, () => held().at(3, 5).recall("alice", { share: 1 }).tighten("alice", []).about("recall", 1, [0, 1, 3], { from: 3 })],
  ["after a tightening of the same block", "recall", () => held().at(3, 5).tighten("alice", []).recall("alice", { share: 1 }).about("recall", 1, [0, 1, 4], { from: 3 })],
  ["after a tightening of the same block that is not shown", "recall", () => held().at(3, 5).tighten("alice", []).recall("alice", { share: 1 }).about("recall", 1, [0, 1, 4], { from: 4 })],
  ["of the rest, untouched", YES, () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).recall("alice").about("recall", 0, [0, -1])],
  ["of the rest, no longer untouched", "recall", () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).claim("bob").recall("alice").about("recall", 0, [0, -1])],
  ["of the rest at expiry", "leaf", () => sent({ clauses: ["rest when sender"] }).at(2, 3600).recall("alice").about("recall", 0, [0, -1])],
  ["of the rest, which the leaf says was refunded", "leaf", () => { const l = sent().at(2, 1).recall("alice"); l.p.status = 4; return l.about("recall", 0, [0, -1]); }],
  ["of the rest, which the leaf says was closed at another time", "recall", () => { const l = sent().at(2, 1).recall("alice"); l.p.closed += 1n; return l.about("recall", 0, [0, -1]); }],
  ["of a share, which the leaf says was returned", "recall", () => { const l = held().recall("alice", { share: 1 }); l.p.shares[0].state = 5; return l.about("recall", 1, [0, 1, -1]); }],
  ["that waited for draws", YES, () => lucky().claim("bob").recall("alice", { reason: "DUPL" }).at(3, 2).beacon().draw().end("DUPL").about("recall", 0, [0, -1])],
  ["that nobody had to sign for", "leaf", () => sent({ clauses: ["rest when always"] }).at(2, 1).recall("z").about("recall", 0, [0, -1])],
  ["of the rest, of another amount", "recall", () => {
    const l = sent().at(2, 1).claim("bob");
    l.p.escrow = 299n;
    return l.recall("alice").about("recall", 0, [0, -1]);
  }],
  ["that waited, with an end of another amount", "recall", () => {
    const l = lucky().claim("bob").recall("alice").at(3, 2).beacon().draw();
    l.p.escrow -= 1n;
    return l.end().about("recall", 0, [0, -1]);
  }],
  ["that waits for draws", YES, () => lucky().claim("bob").recall("alice").about("recall", 0, [0, -1])],
  ["that waited, and whose end is not shown", "recall", () => lucky().claim("bob").recall("alice").at(3, 2).beacon().draw().end().about("recall", 0, [0, -1], { to: 3 })],
  ["that waited, with something between", YES, () => lucky({ shares: 9 }).claim("b").claim("c").recall("alice").tighten("alice", []).at(3, 2).beacon().draw().draw().end().about("recall", 0, [0, 3], { from: 2 })],
  ["that waited, with an end for another reason", "recall", () => lucky().claim("bob").recall("alice", { reason: "DUPL" }).at(3, 2).beacon().draw().end("FRAD").about("recall", 0, [0, -1])],
  ["that waited, with an end two blocks later", "recall", () => lucky().claim("bob").recall("alice").at(4, 2).beacon().draw().end().about("recall", 0, [0, -1])],
  ["that waited though nothing was reserved", "leaf", () => {
    const l = lucky().claim("bob").at(3, 2).beacon().draw();
    const { hash: h } = l.tx("alice", "recall", { packet: l.id, clause: 1, share: 0, reason: "", consents: [] });
    l.close(3);
    return l.entry(PHASE.tx, { kind: KIND.recall, tx: h }).about("recall", 0, [0, -1]);
  }],
].map(make("recall"));

const unrecalled = [
  ["open", YES, () => held().about("unrecalled", 0, [])],
  ["just sent", YES, () => sent().about("unrecalled", 0, [])],
  ["full", YES, () => sent({ total: 100n, shares: 1 }).at(2, 1).claim("bob").about("unrecalled", 0, [])],
  ["refunded", YES, () => sent().at(2, 1).claim("bob").at(3, 3600).refund().about("unrecalled", 0, [])],
  ["due for a refund", YES, () => sent().at(2, 1).claim("bob").about("unrecalled", 0, [], { time: T0 + 3600n * SECOND })],
  ["returned", YES, () => held().return("bob", 1).about("unrecalled", 0, [])],
  ["lucky and full", YES, () => lucky({ shares: 1 }).claim("bob").at(3, 2).beacon().draw().about("unrecalled", 0, [])],
  ["lucky and full, not drawn", YES, () => lucky({ shares: 1 }).claim("bob").about("unrecalled", 0, [])],
  ["lucky, two of the same amount", YES, () => lucky({ shares: 2, total: 2n }).claim("bob").claim("carol").at(3, 2).beacon().draw().draw().about("unrecalled", 0, [])],
  ["recalled", "recalls", () => sent().at(2, 1).recall("alice").about("unrecalled", 0, [])],
  ["a share recalled", "recalls", () => held().recall("alice", { share: 2 }).about("unrecalled", 0, [])],
  ["with a transaction", "file", () => held().about("unrecalled", 0, [0])],
  ["at risk while untouched, and untouched", YES, () => sent({ clauses: ["rest when all(sender,untouched)"] }).about("unrecalled", 0, [])],
  ["at risk while untouched, and claimed", YES, () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).claim("bob").about("unrecalled", 0, [])],
  ["at risk after its window", YES, () => sent().at(2, 900).about("unrecalled", 0, [])],
  ["at risk in two windows", YES, () => sent({ clauses: ["rest when all(sender,any(within(1m),all(after(10m),within(20m))))"] }).at(2, 100).about("unrecalled", 0, [])],
  ["tightened", YES, () => sent({ clauses: ["rest when sender"] }).at(2, 1).tighten("alice", ["rest when all(sender,within(5m))"]).about("unrecalled", 0, [])],
].map(make("unrecalled"));

const own = (kind, who = "alice") => at(kind, account(who));
const pot = (id = sha256()) => at(ESCROW, id);
const alice = () => new Statement("alice").genesis(1000n);
const funded = () => alice().at(1, 1).pay("bob", 100n);
const hash = sha256(Buffer.from("a tx"));
const odd = (desc, refused, kind, phase, posting, event = {}) =>
  [desc, refused, () => alice().at(2, 2).line(kind, phase, posting, { ...(phase === PHASE.tx && { tx: hash }), ...event }).proof()];
const packet = sha256();

const accounts = [
  ["genesis", YES, () => alice().proof()],
  ["a payment", YES, () => funded().proof()],
  ["payments, a part", YES, () => { const s = funded().pay("carol", 1n).at(3, 3).pay("dave", 2n); return s.proof({ from: 1, to: 3, txs: s.txs.slice(0, 2) }); }],
  ["a payment of another amount", "debits", () => alice().at(1, 1).pay("bob", 100n, { body: { to: account("bob"), amount: 99n } }).proof()],
  ["a payment to somebody else", "debits", () => alice().at(1, 1).pay("bob", 100n, { body: { to: account("carol"), amount: 100n } }).proof()],
  ["a payment that another signed", "debits", () => alice().at(1, 1).pay("bob", 100n, { name: "carol" }).proof()],
  ["a payment that was over", "debits", () => alice().at(1, 1).pay("bob", 100n, { late: 0 }).proof()],
  ["a payment that was valid too long", "debits", () => alice().at(1, 1).pay("bob", 100n, { late: 601 }).proof()],
  ["payments with a nonce twice", "debits", () => alice().at(1, 1).pay("bob", 100n, { nonce: 3n }).pay("bob", 100n, { nonce: 3n }).proof()],
  ["a payment without its transaction", "debits", () => { const s = funded(); s.txs = []; return s.proof(); }],
  ["a payment's transaction twice", "debits", () => { const s = funded(); s.txs.push(s.txs[0]); return s.proof(); }],
  ["overspent", "balances", () => {
    const s = new Statement("alice").at(1, 1);
    s.balance = 100n;
    return s.pay("bob", 100n).proof();
  }],
  ["something before the first entry", "balances", () => { const s = new Statement("alice"); s.balance = 7n; return s.genesis(1000n).proof(); }],
  ["something between two entries", "balances", () => { const s = alice(); s.balance += 5n; return s.at(1, 1).pay("bob", 1n).proof(); }],
  ["something after the last entry", "balances", () => funded().proof({ leaf: { balance: 901n } })],
  ["something after the last entry that is shown", YES, () => funded().proof({ to: 1, txs: [], leaf: { balance: 901n } })],
  ["held money after the last entry", "balances", () => funded().proof({ leaf: { held: 1n } })],
  odd("paid by another", YES, KIND.pay, PHASE.tx, [own(WALLET, "bob"), own(WALLET), 5n]),
  odd("paid by itself", "debits", KIND.pay, PHASE.tx, [own(WALLET), own(WALLET), 5n]),
  odd("paid from hold", "balances", KIND.pay, PHASE.tx, [own(HOLD, "bob"), own(WALLET), 5n]),
  odd("paid nothing", "entries", KIND.pay, PHASE.tx, [own(WALLET, "bob"), own(WALLET), 0n]),
  odd("paid among others", "balances", KIND.pay, PHASE.tx, [own(WALLET, "bob"), own(WALLET, "carol"), 5n]),
  odd("paid by the clock", "entries", KIND.pay, PHASE.due, [own(WALLET, "bob"), own(WALLET), 5n]),
  odd("minted later", "entries", KIND.genesis, PHASE.tx, [at(OUTSIDE, Buffer.alloc(32)), own(WALLET), 5n]),
  odd("a transaction by the clock", "entries", KIND.refund, PHASE.due, [pot(packet), own(WALLET), 5n], { packet, tx: hash }),
  odd("a refund", YES, KIND.refund, PHASE.due, [pot(packet), own(WALLET), 5n], { packet }),
  odd("a refund of another packet", "balances", KIND.refund, PHASE.due, [pot(packet), own(WALLET), 5n], { packet: hash }),
  odd("a refund of no packet", "entries", KIND.refund, PHASE.due, [pot(packet), own(WALLET), 5n]),
  odd("a refund into hold", "balances", KIND.refund, PHASE.due, [pot(packet), own(HOLD), 5n], { packet }),
  odd("a claim", YES, KIND.claim, PHASE.tx, [pot(packet), own(WALLET), 5n], { packet, share: 1 }),
  odd("a claim into hold", YES, KIND.claim, PHASE.tx, [pot(packet), own(HOLD), 5n], { packet, share: 1 }),
  odd("a claim by the clock", "entries", KIND.claim, PHASE.draw, [pot(packet), own(HOLD), 5n], { packet, share: 1 }),
  odd("a draw", YES, KIND.draw, PHASE.draw, [pot(packet), own(HOLD), 5n], { packet, share: 1, beacon: hash }),
  odd("a draw without a beacon", "entries", KIND.draw, PHASE.draw, [pot(packet), own(HOLD), 5n], { packet, share: 1 }),
  odd("a reserve", YES, KIND.reserve, PHASE.tx, null, { packet, share: 1 }),
  odd("a reserve by the clock", "entries", KIND.reserve, PHASE.due, null, { packet, share: 1 }),
  odd("a recall that waits", YES, KIND.recall, PHASE.tx, null, { packet, reason: "DUPL" }),
  odd("a recall that waits in a draw", "balances", KIND.recall, PHASE.draw, null, { packet }),
  odd("an ask", "balances", KIND.ask, PHASE.tx, null, { packet, share: 1 }),
  odd("a recall of the rest", YES, KIND.recall, PHASE.tx, [pot(packet), own(WALLET), 5n], { packet }),
  odd("a recall of the rest after draws", YES, KIND.recall, PHASE.draw, [pot(packet), own(WALLET), 5n], { packet }),
  odd("a recall of a share", YES, KIND.recall, PHASE.tx, [own(HOLD, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a recall of a share in a draw", "balances", KIND.recall, PHASE.draw, [own(HOLD, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a recall by the clock", "entries", KIND.recall, PHASE.due, [own(HOLD, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a return from another", YES, KIND.return, PHASE.tx, [own(WALLET, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a return from another's hold", YES, KIND.return, PHASE.tx, [own(HOLD, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a return from escrow", "balances", KIND.return, PHASE.tx, [pot(packet), own(WALLET), 5n], { packet, share: 1 }),
  odd("a settlement of what is not held", "balances", KIND.settle, PHASE.due, [own(HOLD, "bob"), own(HOLD), 5n], { packet, share: 1 }),
  odd("a settlement into another's wallet", YES, KIND.settle, PHASE.due, [own(HOLD, "bob"), own(WALLET), 5n], { packet, share: 1 }),
  odd("a lapse", "balances", KIND.lapse, PHASE.due, null, { packet, share: 1 }),
  ["a claim and its settlement", YES, () => alice().at(2, 2)
    .line(KIND.claim, PHASE.tx, [pot(packet), own(HOLD), 5n], { packet, share: 1, tx: hash })
    .at(3, 9).line(KIND.settle, PHASE.due, [own(HOLD), own(WALLET), 5n], { packet, share: 1 }).proof()],
  ["a settlement of nothing held", "balances", () => {
    const s = alice().at(3, 9);
    s.held = 5n;
    return s.line(KIND.settle, PHASE.due, [own(HOLD), own(WALLET), 5n], { packet, share: 1 }).proof();
  }],
  ["a return from hold", YES, () => {
    const s = alice().at(2, 2).line(KIND.claim, PHASE.tx, [pot(packet), own(HOLD), 5n], { packet, share: 1, tx: hash });
    return s.line(KIND.return, PHASE.tx, [own(HOLD), own(WALLET, "bob"), 5n], { packet, share: 1, tx: s.tx("return", { packet, share: 1 }).hash }).proof();
  }],
  ["a return by an answer", YES, () => {
    const s = alice().at(2, 2);
    return s.line(KIND.return, PHASE.tx, [own(WALLET), own(WALLET, "bob"), 5n], { packet, share: 1, tx: s.tx("answer", { packet, share: 1, accept: true }).hash }).proof();
  }],
  ["a return by an answer that refuses", "debits", () => {
    const s = alice().at(2, 2);
    return s.line(KIND.return, PHASE.tx, [own(WALLET), own(WALLET, "bob"), 5n], { packet, share: 1, tx: s.tx("answer", { packet, share: 1, accept: false }).hash }).proof();
  }],
  ["a return of another share", "debits", () => {
    const s = alice().at(2, 2);
    return s.line(KIND.return, PHASE.tx, [own(WALLET), own(WALLET, "bob"), 5n], { packet, share: 1, tx: s.tx("return", { packet, share: 2 }).hash }).proof();
  }],
  ["a send", YES, () => {
    const s = alice().at(2, 2), tx = s.tx("send", { terms: terms() }), id = packetIdOf(CHAIN, tx);
    return s.line(KIND.send, PHASE.tx, [own(WALLET), pot(id), 400n], { packet: id, tx: tx.hash }).proof();
  }],
  ["a send of terms that no chain takes", "debits", () => {
    const s = alice().at(2, 2), tx = s.tx("send", { terms: terms({ shares: 0, scene: "circus" }) }), id = packetIdOf(CHAIN, tx);
    return s.line(KIND.send, PHASE.tx, [own(WALLET), pot(id), 400n], { packet: id, tx: tx.hash }).proof();
  }],
  ["a send of another total", "debits", () => {
    const s = alice().at(2, 2), tx = s.tx("send", { terms: terms() }), id = packetIdOf(CHAIN, tx);
    return s.line(KIND.send, PHASE.tx, [own(WALLET), pot(id), 399n], { packet: id, tx: tx.hash }).proof();
  }],
  ["a send of another packet", "debits", () => {
    const s = alice().at(2, 2), { hash: h } = s.tx("send", { terms: terms() });
    return s.line(KIND.send, PHASE.tx, [own(WALLET), pot(packet), 400n], { packet, tx: h }).proof();
  }],
  ["genesis in block 1", "entries", () => new Statement("alice").at(1, 1).genesis(5n).proof()],
  ["a payment in genesis", "entries", () => alice().line(KIND.pay, PHASE.tx, [own(WALLET, "bob"), own(WALLET), 5n], { tx: hash }).proof()],
  ["a later block", "entries", () => funded().at(9, 9).pay("bob", 1n).proof({ height: 8n })],
  ["a block at another time", "entries", () => { const s = funded(); s.time += 1n; return s.pay("bob", 1n).proof(); }],
  ["an earlier time", "entries", () => funded().at(2, 0).pay("bob", 1n).proof()],
  ["the same index", "entries", () => { const s = funded(); s.index = 0; return s.pay("bob", 1n).proof(); }],
  ["an earlier phase", "entries", () => funded().line(KIND.refund, PHASE.due, [pot(packet), own(WALLET), 5n], { packet }).proof()],
  ["an earlier block", "entries", () => alice().at(5, 5).pay("bob", 1n).at(4, 6).pay("bob", 1n).proof({ height: 5n })],
  ["another's leaf", "leaf", () => funded().proof({ subject: text("bob") })],
  ["no entry", "file", () => funded().proof({ from: 2, txs: [] })],
  ["a head without a from", "file", () => funded().proof({ head: sha256() })],
  ["a tail that is no list", "file", () => funded().proof({ tail: Buffer.alloc(31) })],
].map(make("account"));

// Trees.

const ids = [1, 3, 5, 7, 9, 11, 13].map((n) => [cat(Buffer.from("a/"), Buffer.alloc(32, n)), "an account"]);
const forest = (count) => tree([["!", "first"], ...ids.slice(0, count), ["~", "last"]]);
const absent = (n, left, right, count = 7, tamper = (x) => x, more = {}) => {
  const { root, nodes } = forest(count), id = Buffer.alloc(32, n);
  const [l, r] = tamper([nodes[left], nodes[right]]);
  const proof = nonexistence(cat(Buffer.from("a/"), id), l, r);
  return file({ kind: "absent", subject: address(id), height: 3n, key: cat(Buffer.from("a/"), id), time: T0, proof, root, ...more });
};
const absences = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => [`in gap ${i} of seven`, YES, () => absent(2 * i, i, i + 1)]),
  ...[0, 1, 2].map((i) => [`in gap ${i} of two`, YES, () => absent(2 * i, i, i + 1, 2)]),
  ["in a tree of two", YES, () => absent(4, 0, 1, 0)],
  ...[0, 1, 2, 3, 4, 5].map((i) => [`of what is there, ${i}`, "absence", () => absent(2 * i + 1, i, i + 2)]),
  ["with neighbours too far apart", "absence", () => absent(6, 2, 5)],
  ["with neighbours of another gap", "absence", () => absent(6, 1, 2)],
  ["with its neighbours swapped", "absence", () => absent(6, 4, 3)],
  ["with one neighbour twice", "absence", () => absent(6, 3, 3)],
  ["with a left neighbour alone", "absence", () => absent(6, 3, 4, 7, ([l]) => [l, null])],
  ["with a right neighbour alone", "absence", () => absent(6, 3, 4, 7, ([, r]) => [null, r])],
  ["where it stands", "absence", () => absent(5, 2, 3)],
  ["by an existence", "absence", () => {
    const { root, nodes } = forest(7), id = Buffer.alloc(32, 6);
    return file({ kind: "absent", subject: address(id), height: 3n, key: nodes[3].key, time: T0, proof: existence(nodes[3]), root });
  }],
].map(make("absence"));

const supply = (leaf, more) => file({
  kind: "supply", subject: "supply", height: 3n, time: T0, key: Buffer.from("c/supply"),
  value: encode(supplyLeaf, { wallets: 5n, escrow: 3n, held: 2n, total: 10n, ...leaf }), ...more,
});
const withLeaf = (change) => supply({}, { node: (n) => ({ ...n, leaf: { ...n.leaf, ...change } }) });
const withPath = (change) => supply({}, { node: (n) => ({ ...n, path: n.path.map(change) }) });
// prefix makes the leaf a left child, below a node that begins so.
const prefix = (p) => (op, i) => (i ? op : { ...op, prefix: p, suffix: Buffer.alloc(33) });
const twenty = Buffer.from([32]);
const supplies = [
  ["that adds up", YES, () => supply()],
  ["that does not add up", "supply", () => supply({ total: 11n })],
  ["that overflows", "supply", () => supply({ wallets: 2n ** 63n - 1n, escrow: 2n ** 63n - 1n, held: 12n, total: 10n })],
  ["of nothing", YES, () => supply({ wallets: 0n, escrow: 0n, held: 0n, total: 0n })],
  ["with a leaf op of another hash", "leaf", () => withLeaf({ hash: 2n })],
  ["with a leaf op without a hash", "leaf", () => withLeaf({ hash: 0n })],
  ["with a hashed key", "leaf", () => withLeaf({ prehashKey: 1n })],
  ["with a plain value", "leaf", () => withLeaf({ prehashValue: 0n })],
  ["with another length", "leaf", () => withLeaf({ length: 2n })],
  ["with a leaf op of another height", "leaf", () => withLeaf({ prefix: varints(1, 1, 3) })],
  ["with a leaf of another size", YES, () => withLeaf({ prefix: varints(0, 5, 3) })],
  ["with a leaf of a negative version", "leaf", () => withLeaf({ prefix: Buffer.from([0, 2, 1]) })],
  ["with a leaf prefix too long", "leaf", () => withLeaf({ prefix: varints(0, 1, 3, 3) })],
  ["with a leaf prefix too short", "leaf", () => withLeaf({ prefix: varints(0, 1) })],
  ["with a leaf version in a long varint", YES, () => withLeaf({ prefix: Buffer.from([0, 2, 0x86, 0]) })],
  ["without a leaf op", "leaf", () => supply({}, { node: (n) => n, proof: existence({ key: Buffer.from("c/supply"), value: Buffer.from([1]), leaf: null, path: [] }), root: sha256() })],
  ["with an inner op of another hash", "leaf", () => withPath((op) => ({ ...op, hash: 2n }))],
  ["with a node of height 0", "leaf", () => withPath(prefix(cat(varints(0, 2, 3), twenty)))],
  ["with a node of height 5", YES, () => withPath(prefix(cat(varints(5, 2, 3), twenty)))],
  ["with the second node of height 1", "leaf", () => withPath((op, i) => (i === 1 ? { ...op, prefix: cat(varints(1), op.prefix.subarray(1)) } : op))],
  ["with a node of a negative size", "leaf", () => withPath(prefix(cat(Buffer.from([2, 3, 6]), twenty)))],
  ["with a byte more behind the numbers", "leaf", () => withPath(prefix(cat(varints(1, 2, 3), twenty, twenty)))],
  ["with another byte behind the numbers", YES, () => withPath(prefix(cat(varints(1, 2, 3), Buffer.from([33]))))],
  ["with nothing behind the numbers", "leaf", () => withPath(prefix(varints(1, 2, 3)))],
  ["with a right child", YES, () => withPath((op, i) => (i ? op : { ...op, prefix: cat(varints(1, 2, 3), Buffer.alloc(34)), suffix: Buffer.alloc(0) }))],
  ["with 34 bytes and a suffix", "leaf", () => withPath(prefix(cat(varints(1, 2, 3), Buffer.alloc(34))))],
  ["with a suffix of 66 bytes", "leaf", () => withPath((op) => ({ ...op, suffix: Buffer.alloc(66) }))],
  ["with a suffix of 99 bytes", "leaf", () => withPath((op) => ({ ...op, suffix: Buffer.alloc(99) }))],
  ["with no suffix", "leaf", () => withPath((op) => ({ ...op, suffix: Buffer.alloc(0) }))],
  ["with a suffix of 32 bytes", "leaf", () => withPath((op) => ({ ...op, suffix: Buffer.alloc(32) }))],
  ["with a long version", YES, () => withPath(prefix(cat(varints(1, 2), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]), twenty)))],
  ["with a version of 10 bytes", "leaf", () => withPath(prefix(cat(varints(1, 2), Buffer.from([...Array(9).fill(0x80), 2]), twenty)))],
  ["without a path", YES, () => supply({}, { node: (n) => ({ ...n, path: [] }) })],
  ["with a path of 128", YES, () => supply({}, { node: (n) => ({ ...n, path: Array.from({ length: 128 }, (_, i) => ({ hash: 1n, prefix: cat(Buffer.from([0x80 | (2 * (i + 1)) & 127, (2 * (i + 1)) >> 7]), varints(2, 3), twenty), suffix: Buffer.alloc(33) })) }) })],
  ["with a path of 129", "leaf", () => supply({}, { node: (n) => ({ ...n, path: Array.from({ length: 129 }, (_, i) => ({ hash: 1n, prefix: cat(Buffer.from([0x80 | (2 * (i + 1)) & 127, (2 * (i + 1)) >> 7]), varints(2, 3), twenty), suffix: Buffer.alloc(33) })) }) })],
  ["by an absence", "leaf", () => { const { root, nodes } = forest(2); return supply({}, { proof: nonexistence(Buffer.from("c/supply"), nodes[2], nodes[3]), root }); }],
  ["with another key", "leaf", () => { const { root, nodes } = tree([["!", "first"], ["c/suppl", encode(supplyLeaf, { wallets: 5n, escrow: 3n, held: 2n, total: 10n })]]); return supply({}, { proof: existence(nodes[1]), root }); }],
].map(make("supply"));

// Headers.

const header = (header) => supply({}, { header });
const NONE = Buffer.alloc(0);
const tamper = (change) => header({ tamper: (h) => ({ ...h, ...change }) });
const signature = (i, change) => header({ tamperCommit: (c) => ({ ...c, signatures: c.signatures.map((s, n) => (n === i ? { ...s, ...change } : s)) }) });
const votes = (...flags) => header({ vote: (i) => BigInt(flags[i]) });
const headers = [
  ["of a block protocol of the past", "header", () => tamper({ version: { block: 10n, app: 1n } })],
  ["of another app version", YES, () => tamper({ version: { block: 11n, app: 7n } })],
  ["of another chain", "header", () => tamper({ chainId: Buffer.from("forged-2") })],
  ["of another height", "header", () => tamper({ height: 5n })],
  ["of a height below 0", "header", () => tamper({ height: -4n })],
  ["with a hash of 31 bytes", "header", () => tamper({ dataHash: Buffer.alloc(31) })],
  ["with hashes left out", YES, () => tamper({ dataHash: NONE, lastCommitHash: NONE, evidenceHash: NONE, consensusHash: NONE, lastResultsHash: NONE, nextValidatorsHash: NONE })],
  ["with an app hash of 33 bytes", "leaf", () => tamper({ appHash: Buffer.alloc(33) })],
  ["without an app hash", "leaf", () => tamper({ appHash: NONE })],
  ["without a validators hash", "header", () => tamper({ validatorsHash: NONE })],
  ["with another validators hash", "header", () => tamper({ validatorsHash: sha256() })],
  ["with a proposer of 19 bytes", "header", () => tamper({ proposer: Buffer.alloc(19) })],
  ["with no proposer", "header", () => tamper({ proposer: NONE })],
  ["with an unknown proposer", YES, () => tamper({ proposer: Buffer.alloc(20) })],
  ["of 1969", "header", () => tamper({ time: { seconds: -1n, nanos: 0n } })],
  ["of 1970", YES, () => tamper({ time: { seconds: 0n, nanos: 0n } })],
  ["of the year 2262", YES, () => tamper({ time: { seconds: 9223372036n, nanos: 854775807n } })],
  ["a nanosecond later", "header", () => tamper({ time: { seconds: 9223372036n, nanos: 854775808n } })],
  ["of the year 9999", "header", () => tamper({ time: { seconds: 253402300799n, nanos: 0n } })],
  ["with too many nanoseconds", "header", () => tamper({ time: { seconds: 1n, nanos: 1_000_000_000n } })],
  ["with nanoseconds below 0", "header", () => tamper({ time: { seconds: 1n, nanos: -1n } })],
  ["signed by all but the least", YES, () => votes(2, 2, 2, 1)],
  ["signed by all but one", YES, () => votes(2, 1, 2, 2)],
  ["signed by all but two", "header", () => votes(2, 1, 2, 1)],
  ["signed for nil by one", YES, () => votes(2, 3, 2, 2)],
  ["signed for nil by two", "header", () => votes(2, 3, 2, 3)],
  ["signed for something else by one", "header", () => votes(2, 4, 2, 2)],
  ["signed with flag 0 by one", "header", () => votes(2, 0, 2, 2)],
  ["signed by nobody", "header", () => votes(1, 1, 1, 1)],
  ["with a signature for another time", "header", () => signature(0, { time: { seconds: 1n, nanos: 0n } })],
  ["with a nil vote that is wrong", "header", () => header({ vote: (i) => (i === 3 ? 3n : 2n), tamperCommit: (c) => ({ ...c, signatures: c.signatures.map((s, n) => (n === 3 ? { ...s, signature: Buffer.alloc(64) } : s)) }) })],
  ["with a vote by another's address", "header", () => signature(3, { address: Buffer.alloc(20) })],
  ["with a vote of 19 bytes of address", "header", () => signature(3, { address: Buffer.alloc(19) })],
  ["with a signature of 63 bytes", "header", () => signature(3, { signature: Buffer.alloc(63) })],
  ["with a signature of 65 bytes", "header", () => signature(3, { signature: Buffer.alloc(65) })],
  ["with an absent one that has a time", "header", () => header({ vote: (i) => (i === 3 ? 1n : 2n), tamperCommit: (c) => ({ ...c, signatures: c.signatures.map((s, n) => (n === 3 ? { ...s, time: { seconds: 0n, nanos: 0n } } : s)) }) })],
  ["with an absent one that has an address", "header", () => header({ vote: (i) => (i === 3 ? 1n : 2n), tamperCommit: (c) => ({ ...c, signatures: c.signatures.map((s, n) => (n === 3 ? { ...s, address: Buffer.alloc(20) } : s)) }) })],
  ["without signatures", "header", () => header({ tamperCommit: (c) => ({ ...c, signatures: [] }) })],
  ["with one signature too few", "header", () => header({ tamperCommit: (c) => ({ ...c, signatures: c.signatures.slice(0, 3) }) })],
  ["with one signature too many", "header", () => header({ tamperCommit: (c) => ({ ...c, signatures: [...c.signatures, c.signatures[3]] }) })],
  ["with two signatures swapped", "header", () => header({ tamperCommit: (c) => ({ ...c, signatures: [1, 0, 2, 3].map((i) => c.signatures[i]) }) })],
  ["with a commit of another height", "header", () => header({ tamperCommit: (c) => ({ ...c, height: 5n }) })],
  ["with a commit of another round", "header", () => header({ tamperCommit: (c) => ({ ...c, round: 1n }) })],
  ["with a commit of a round below 0", "header", () => header({ tamperCommit: (c) => ({ ...c, round: -1n }) })],
  ["with a commit of another block", "header", () => header({ tamperCommit: (c) => ({ ...c, blockId: { ...c.blockId, hash: sha256() } }) })],
  ["with a commit of other parts", "header", () => header({ tamperCommit: (c) => ({ ...c, blockId: { ...c.blockId, parts: { total: 2n, hash: c.blockId.parts.hash } } }) })],
].map(make("header"));

// The clock of a dev chain.

const hour = (l, more) => share(l, 1, { offset: 3600, ...more });
const clocks = [
  ["of 0 s", YES, () => share(held(), 1, { offset: 0 })],
  ["of an hour", YES, () => hour(held())],
  ["that makes a share due", YES, () => share(held(), 1, { offset: 7199, time: T0 + 2n * SECOND })],
  ["of a second less", YES, () => share(held(), 1, { offset: 7198, time: T0 + 2n * SECOND })],
  ["of ten years", YES, () => share(held(), 1, { offset: 3660 * DAY })],
  ["of more than ten years", "clock", () => share(held(), 1, { offset: 3660 * DAY + 1 })],
  ["at the end of time", YES, () => share(held(), 1, { offset: 3600, time: 2n ** 63n - 1n })],
  ["of 2³² − 1 s", "clock", () => share(held(), 1, { offset: 2 ** 32 - 1 })],
  ["left out", YES, () => hour(held(), { clock: NONE })],
  ["of a packet's life", YES, () => held().at(3, 3600).refund().proof({ offset: 3600, time: T0 + 9n * SECOND })],
  ["of a packet's life, left out", "entries", () => held().at(3, 3600).refund().proof({ offset: 3600, time: T0 + 9n * SECOND, clock: NONE })],
  ["of a packet's life whose last entry is now", YES, () => held().at(3, 3600).refund().proof({ offset: 3600, time: T0 })],
  ["of a packet's life whose last entry is later than now", "entries", () => held().at(3, 3600).refund().proof({ offset: 3599, time: T0 })],
  ["that does not stand there", "clock", () => hour(held(), { clock: Buffer.from([10, 0]) })],
  ["that is another leaf", "clock", () => { const l = held(); const { proof } = standing(Buffer.from("c/clocks"), Buffer.from("x")); return hour(l, { clock: proof }); }],
  ["that is of another tree", "clock", () => hour(held(), { clock: standing(Buffer.from("p/"), Buffer.from("x"), undefined, 3600).clock })],
  ["of a supply", YES, () => supply({}, { offset: 60 })],
  ["of an absence", "clock", () => absent(6, 3, 4, 7, undefined, { clock: Buffer.from([10, 0]) })],
  ["that a packet's life warps", "replay", () => sent().at(2, 1).warp("bob", 60).proof()],
].map(make("clock"));

export const cases = [...shares, ...recalls, ...unrecalled, ...accounts, ...absences, ...supplies, ...headers, ...clocks];
