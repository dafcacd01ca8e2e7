// Packets' lives that validators, accounts and claimers all signed, lawful and
// lawless: [what happened, the step that must refuse it or "" if none, how].

import { Life, account, drawer, secret, terms, text } from "./forge.js";
import { bech32 } from "./values.js";

const sent = (t, options) => new Life(terms(t), options).send();
const life = (desc, refused, run) => ({ desc, refused, make: () => run().proof() });
const send = (desc, refused, t) => life(`send: ${desc}`, refused, () => sent(t));
const clause = (desc, refused, lines, t = {}) => send(`clauses: ${desc}`, refused, { clauses: [lines].flat(), ...t });
const claims = (desc, refused, claim, run = (l) => l.at(2, 10).claim("bob"), t = {}) =>
  life(`claim rule: ${desc}`, refused, () => run(sent({ claim, ...t })));

const YES = "", NO = "replay", DAY = 86_400;
const key = (name) => `key(${text(name)})`;
const names = (...who) => `named(${who.map(text).join(",")})`;
const many = (n, what) => Array.from({ length: n }, (_, i) => what(i));
const held = (t = {}) => sent({ hold: 7200, clauses: ["share when sender", "rest when sender"], ...t });
const lucky = (t = {}) => sent({ split: 2, total: 1000n, ...t });
const linked = { claim: "link", linkKey: account("the link") };
const offCurve = Buffer.concat([Buffer.alloc(31), Buffer.from([5])]);

const sends = [
  send("a plain packet", YES, {}),
  send("a total of 0", NO, { total: 0n, shares: 1 }),
  send("no share", NO, { shares: 0 }),
  send("100 shares", YES, { total: 100n, shares: 100 }),
  send("101 shares", NO, { total: 101n, shares: 101 }),
  send("more shares than fen, lucky", NO, { split: 2, total: 3n, shares: 4 }),
  send("an equal split with a remainder", NO, { total: 401n }),
  send("a lucky split with a remainder", YES, { total: 401n, split: 2 }),
  send("the greatest total", YES, { total: 2n ** 63n - 1n, shares: 1 }),
  send("an expiry of 0", NO, { expiry: 0, clauses: [] }),
  send("366 days of expiry and hold", YES, { expiry: 366 * DAY, hold: 366 * DAY }),
  send("a link", YES, linked),
  send("a link key without a link", NO, { linkKey: account("the link") }),
  send("a link without a key", NO, { claim: "link" }),
  send("a link among others", YES, { ...linked, claim: "all(link,within(1h))" }),
  send("a link key off the curve", NO, { claim: "link", linkKey: offCurve }),
  send("a memo", YES, { memo: secret("memo") }),
  send("an unknown scene", NO, { scene: "circus" }),
];

const clauseRules = [
  clause("none", YES, []),
  clause("four", YES, many(4, () => "rest when sender")),
  clause("five", NO, many(5, () => "rest when sender")),
  clause("more than 4096 bytes", NO, many(4, (i) => `rest when all(sender,any(${many(16, (j) => key(`k${(i + j) % 7}`)).join(",")}))`)),
  clause("8 keys", YES, `rest when any(${many(8, (i) => key(`k${i}`)).join(",")})`),
  clause("9 keys", NO, `rest when any(${many(9, (i) => key(`k${i}`)).join(",")})`),
  clause("8 keys of which one is the sender's, and sender", YES, `rest when any(sender,${key("alice")},${many(7, (i) => key(`k${i}`)).join(",")})`),
  clause("9 keys in two clauses", NO, [`rest when any(${many(8, (i) => key(`k${i}`)).join(",")})`, "rest when sender"]),
  clause("six reasons", YES, "rest when sender for DUPL,AM09,AC03,FRAD,CUST,TECH"),
  clause("reasons in another order", YES, "rest when sender for TECH,DUPL"),
  clause("a reason twice", NO, "rest when sender for DUPL,DUPL"),
  clause("an unknown reason", NO, "rest when sender for ABCD"),
  clause("no signature needed", NO, "rest when always"),
  clause("no signature needed after an hour that is outside", NO, "rest when any(sender,after(3h))"),
  clause("no signature needed if untouched", NO, "rest when any(untouched,sender)"),
  clause("no signature needed in an instant of one second", NO, "rest when any(sender,all(after(10s),within(11s)))"),
  clause("never", NO, "rest when all(sender,never)"),
  clause("never true within the packet's life", NO, "rest when all(sender,after(1h))"),
  clause("true in the last second", YES, "rest when all(sender,after(59m59s))"),
  clause("a window that ends with the packet", YES, "rest when all(sender,within(1h))"),
  clause("a window that ends after the packet", NO, "rest when all(sender,within(1h0m1s))".replace("0m", "")),
  clause("a window that opens and never ends", YES, "rest when all(sender,after(30m))"),
  clause("two windows, one after the packet", NO, "rest when all(sender,any(within(10m),all(after(2h),within(3h))))"),
  clause("two windows, one after the packet and for ever", YES, "rest when all(sender,any(within(10m),after(2h)))"),
  clause("an instant", YES, "rest when all(sender,before(2026-02-17T21:30:00Z))"),
  clause("an instant after the packet", NO, "rest when all(sender,before(2026-02-17T22:00:01Z))"),
  clause("an instant before the packet", NO, "rest when all(sender,before(2026-02-17T21:00:00Z))"),
  clause("from an instant on", YES, "rest when all(sender,from(2026-02-17T21:30:00Z))"),
  clause("from an instant of long ago", YES, "rest when all(sender,from(1970-01-01T00:00:00Z))"),
  clause("untouched", YES, "rest when all(sender,untouched)"),
  clause("16 windows", YES, `rest when all(sender,${many(15, () => "within(5m)").join(",")})`),
  clause("16 windows in two clauses", YES, many(2, () => `rest when all(sender,${many(8, () => "within(5m)").join(",")})`)),
  clause("17 windows in two clauses", NO, [8, 9].map((n) => `rest when all(sender,${many(n, () => "within(5m)").join(",")})`)),
  clause("a share clause where there is no hold", NO, "share when sender"),
  clause("a share clause", YES, "share when sender", { hold: 60 }),
  clause("a share clause that ends with the hold", YES, "share when all(sender,within(1m))", { hold: 60 }),
  clause("a share clause that ends after the hold", NO, "share when all(sender,within(1m1s))", { hold: 60 }),
  clause("a share clause of an instant", NO, "share when all(sender,before(2026-02-17T21:00:10Z))", { hold: 60 }),
  clause("a share clause that is untouched", NO, "share when all(sender,untouched)", { hold: 60 }),
  clause("a share clause that begins when the hold ends", NO, "share when all(sender,after(1m))", { hold: 60 }),
  clause("a claim's atom: link", NO, "rest when any(sender,link)"),
  clause("a claim's atom: named", NO, `rest when all(sender,${names("bob")})`),
  clause("k of n", YES, `rest when 2 of (${key("a")},${key("b")},${key("c")})`),
  clause("1 of 1", YES, "rest when 1 of (sender)"),
  clause("a key in two operands of k of n", NO, `rest when 2 of (${key("a")},all(${key("a")},${key("b")}))`),
  clause("sender and its own key in two operands of k of n", NO, `rest when 2 of (sender,${key("alice")})`),
  clause("a key twice in one operand of k of n", YES, `rest when 2 of (all(${key("a")},${key("a")}),${key("b")})`),
  clause("a key twice in all", YES, `rest when all(${key("a")},${key("a")})`),
  clause("windows in k of n", YES, "rest when 2 of (sender,within(5m))"),
  clause("k of n without a signature", NO, `rest when 1 of (sender,within(5m))`),
  clause("a key that is not on the curve", NO, `rest when key(${bech32("hb", offCurve)})`),
];

const claimRules = [
  claims("always", YES, "always"),
  claims("never", NO, "never"),
  claims("a name", YES, names("bob")),
  claims("another name", NO, names("carol")),
  claims("the sender's name alone", NO, names("alice"), (l) => l),
  claims("the sender's name among others", YES, names("alice", "bob")),
  claims("a name twice", NO, names("bob", "bob"), (l) => l),
  claims("a name twice, in two lists", YES, `any(${names("bob")},${names("bob")})`),
  claims("two lists that share a name", YES, `all(${names("bob", "carol")},${names("bob")})`),
  claims("two lists that share none", NO, `all(${names("carol")},${names("bob")})`, (l) => l),
  claims("a name off the curve", YES, `any(named(${bech32("hb", offCurve)}),${names("bob")})`),
  claims("16 windows", YES, `all(${many(16, () => "within(5m)").join(",")})`),
  claims("17 windows", NO, `any(always,all(${many(15, () => "within(5m)").join(",")}),within(5m),within(6m))`),
  claims("a window after the packet", NO, "after(1h)", (l) => l),
  claims("a window that outlives the packet", YES, "within(2h)"),
  claims("a window that is over", NO, "before(2026-02-17T20:59:59Z)", (l) => l),
  claims("an instant that is to come", YES, "from(2026-02-17T21:00:10Z)"),
  claims("an instant that is not yet", NO, "from(2026-02-17T21:00:11Z)"),
  claims("the last second", YES, "within(11s)"),
  claims("a second late", NO, "within(10s)"),
  claims("sender", NO, "sender", (l) => l),
  claims("k of n", NO, `1 of (${names("bob")},always)`, (l) => l),
  claims("untouched", NO, "untouched", (l) => l),
  claims("a link", YES, "link", (l) => l.at(2, 10).claim("bob", { link: "the link" }), linked),
  claims("a link's signature is missing", NO, "link", (l) => l.at(2, 10).claim("bob"), linked),
  claims("another link's signature", NO, "link", (l) => l.at(2, 10).claim("bob", { link: "another" }), linked),
  claims("a wrong link signature that is not needed", NO, "any(link,always)", (l) => l.at(2, 10).claim("bob", { link: "another" }), linked),
  claims("a link signature where there is no link key", NO, "always", (l) => l.at(2, 10).claim("bob", { link: "the link" })),
];

const claimCases = [
  ["by the sender", NO, () => sent().at(2, 1).claim("alice")],
  ["twice", NO, () => sent().at(2, 1).claim("bob").claim("bob")],
  ["in the last instant", YES, () => sent().at(2, 3599.999).claim("bob")],
  ["at expiry", NO, () => sent().at(2, 3600).claim("bob")],
  ["of a recalled packet", NO, () => lucky().at(2, 1).recall("alice").claim("bob")],
  ["of a full packet", NO, () => lucky({ shares: 1 }).at(2, 1).claim("bob").claim("carol")],
  ["of a refunded packet", NO, () => lucky().at(2, 3600).refund().claim("bob")],
  ["of other terms", NO, () => sent().at(2, 1).claim("bob", { accepts: terms({ total: 800n }) })],
  ["with nonce 0", YES, () => sent().at(2, 1).claim("bob", { nonce: 0n })],
  ["after a return, again", NO, () => sent().at(2, 1).claim("bob").return("bob", 1).claim("bob")],
  ["valid for 600 s", YES, () => sent().at(2, 1).claim("bob", { late: 600 })],
  ["valid for 601 s", NO, () => sent().at(2, 1).claim("bob", { late: 601 })],
  ["no longer valid", NO, () => sent().at(2, 1).claim("bob", { late: 0 })],
].map(([desc, refused, run]) => life(`claim: ${desc}`, refused, run));

const three = `2 of (${key("a")},${key("b")},${key("c")})`;
const recallCases = [
  ["in the last instant of its window", YES, () => sent().at(2, 599.999).recall("alice")],
  ["at the end of its window", NO, () => sent().at(2, 600).recall("alice")],
  ["by somebody else", NO, () => sent().at(2, 1).recall("bob")],
  ["by somebody else, with the sender's consent", YES, () => sent().at(2, 1).recall("bob", { by: ["alice"] })],
  ["by two of three", YES, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("a", { by: ["c"] })],
  ["by one of three", NO, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("a")],
  ["by three of three", YES, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("z", { by: ["a", "b", "c"] })],
  ["by one of three, twice", NO, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("a", { by: ["a"] })],
  ["with a consent twice", NO, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("z", { by: ["a", "b", "a"] })],
  ["with a consent of somebody not named", NO, () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("a", { by: ["c", "z"] })],
  ["with a wrong consent that is not needed", NO, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    const wrong = { ...l.consent("c", {}), account: account("b") };
    return l.recall("a", { consents: [l.consent("c", {}), wrong] });
  }],
  ["with a consent for 30 days", YES, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    return l.recall("a", { consents: [l.consent("c", { late: 30 * DAY })] });
  }],
  ["with a consent for longer", NO, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    return l.recall("a", { consents: [l.consent("c", { late: 30 * DAY + 1 })] });
  }],
  ["with a consent that is over", NO, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    return l.recall("a", { consents: [l.consent("c", { late: 0 })] });
  }],
  ["with a consent for another reason", NO, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    return l.recall("a", { reason: "DUPL", consents: [l.consent("c", {})] });
  }],
  ["with a consent to another clause", NO, () => {
    const l = sent({ clauses: [`rest when ${three}`, `rest when all(${three},within(5m))`] }).at(2, 1);
    return l.recall("a", { clause: 1, consents: [l.consent("c", { clause: 2 })] });
  }],
  ["with a consent to the same clause under another number", YES, () => {
    const l = sent({ clauses: [`rest when all(sender,within(5m))`, `rest when ${three}`] }).at(2, 1);
    const consents = [l.consent("c", { clause: 2 })];
    return l.tighten("alice", [`rest when ${three}`]).recall("a", { consents });
  }],
  ["with nine consents", "signatures", () => sent({ clauses: [`rest when ${three}`] }).at(2, 1).recall("z", { by: many(9, (i) => `k${i}`) })],
  ["for a reason of the list", YES, () => sent({ clauses: ["rest when sender for DUPL,FRAD"] }).at(2, 1).recall("alice", { reason: "FRAD" })],
  ["for another reason", NO, () => sent({ clauses: ["rest when sender for DUPL,FRAD"] }).at(2, 1).recall("alice", { reason: "AM09" })],
  ["for no reason where there is a list", NO, () => sent({ clauses: ["rest when sender for DUPL,FRAD"] }).at(2, 1).recall("alice")],
  ["for any reason where there is no list", YES, () => sent().at(2, 1).recall("alice", { reason: "TECH" })],
  ["for an unknown reason", NO, () => sent().at(2, 1).recall("alice", { reason: "ABCD" })],
  ["under clause 0", NO, () => sent().at(2, 1).recall("alice", { clause: 0, consents: [] })],
  ["under a clause that there is not", NO, () => sent().at(2, 1).recall("alice", { clause: 2, consents: [] })],
  ["of the rest under a share clause", NO, () => held().at(2, 1).recall("alice", { clause: 1 })],
  ["of a share under a rest clause", NO, () => held().at(2, 1).claim("bob").recall("alice", { clause: 2, share: 1 })],
  ["twice", NO, () => sent({ clauses: ["rest when sender"] }).at(2, 1).recall("alice").at(3, 2).recall("alice")],
  ["at expiry", NO, () => sent({ clauses: ["rest when sender"] }).at(2, 3600).recall("alice")],
  ["of a full packet", NO, () => sent({ total: 100n, shares: 1, clauses: ["rest when sender"] }).at(2, 1).claim("bob").at(3, 2).recall("alice")],
  ["untouched", YES, () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).recall("alice")],
  ["no longer untouched", NO, () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).claim("bob").recall("alice")],
  ["no longer untouched, after a return", NO, () => sent({ clauses: ["rest when all(sender,untouched)"] }).at(2, 1).claim("bob").return("bob", 1).recall("alice")],
  ["of a share in the last instant", YES, () => held().at(2, 1).claim("bob").at(3, 7200.999).recall("alice", { share: 1 })],
  ["of a share that is due", NO, () => held().at(2, 1).claim("bob").at(3, 7201).recall("alice", { share: 1 })],
  ["of a settled share", NO, () => held().at(2, 1).claim("bob").at(3, 7201).settle(1).recall("alice", { share: 1 })],
  ["of a recalled share", NO, () => held().at(2, 1).claim("bob").claim("carol").recall("alice", { share: 1 }).at(3, 2).recall("alice", { share: 1 })],
  ["of a returned share", NO, () => held().at(2, 1).claim("bob").claim("carol").return("bob", 1).recall("alice", { share: 1 })],
  ["of a share of a closed packet", YES, () => held().at(2, 1).claim("bob").recall("alice", { clause: 2 }).at(3, 9).recall("alice", { share: 1 })],
  ["of a share of an expired packet", YES, () => held().at(2, 1).claim("bob").at(3, 3600).refund().recall("alice", { share: 1 })],
  ["of a share in its clause's window, counted from the claim", YES, () => held({ clauses: ["share when all(sender,within(1m))"] }).at(2, 100).claim("bob").at(3, 159).recall("alice", { share: 1 })],
  ["of a share after its clause's window", NO, () => held({ clauses: ["share when all(sender,within(1m))"] }).at(2, 100).claim("bob").at(3, 160).recall("alice", { share: 1 })],
  ["of a share by its claimer, who the clause names", YES, () => held({ clauses: [`share when ${key("bob")}`] }).at(2, 1).claim("bob").recall("bob", { share: 1 })],
  ["of a share with consents", YES, () => held({ clauses: [`share when ${three} for FRAD`] }).at(2, 1).claim("bob").recall("a", { share: 1, reason: "FRAD", by: ["b"] })],
  ["of a share with consents to another share", NO, () => {
    const l = held({ clauses: [`share when ${three}`] }).at(2, 1).claim("bob").claim("carol");
    return l.recall("a", { share: 1, consents: [l.consent("b", { share: 2 })] });
  }],
  ["of the rest, with a consent given before a claim", YES, () => {
    const l = sent({ clauses: [`rest when ${three}`] }).at(2, 1);
    const consents = [l.consent("c", {})];
    return l.claim("bob").recall("a", { consents });
  }],
].map(([desc, refused, run]) => life(`recall: ${desc}`, refused, run));

const returns = [
  ["of a settled share", YES, () => sent().at(2, 1).claim("bob").return("bob", 1)],
  ["of a held share", YES, () => held().at(2, 1).claim("bob").return("bob", 1)],
  ["of a held share that is due", YES, () => held().at(2, 1).claim("bob").at(3, 7300).return("bob", 1)],
  ["by somebody else", NO, () => sent().at(2, 1).claim("bob").return("carol", 1)],
  ["by the sender", NO, () => sent().at(2, 1).claim("bob").return("alice", 1)],
  ["twice", NO, () => sent().at(2, 1).claim("bob").claim("carol").return("bob", 1).return("bob", 1)],
  ["of more than was claimed", "sums", () => sent().at(2, 1).claim("bob").return("bob", 1).return("bob", 1)],
  ["of a recalled share", NO, () => held().at(2, 1).claim("bob").claim("carol").recall("alice", { share: 1 }).return("bob", 1)],
  ["with an open question", YES, () => sent().at(2, 1).claim("bob").at(3, 2).ask("alice", 1, "DUPL").return("bob", 1)],
  ["with a question that is due to lapse", YES, () => {
    const l = sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").at(3, 2).ask("alice", 1).at(4, 3 * DAY + 2).return("bob", 1);
    l.p.shares[0].asked.state = 1;
    return l;
  }],
].map(([desc, refused, run]) => life(`return: ${desc}`, refused, run));

const questions = [
  ["for a settled share", YES, () => sent().at(2, 1).claim("bob").ask("alice", 1)],
  ["for a known reason", YES, () => sent().at(2, 1).claim("bob").ask("alice", 1, "AC03")],
  ["for an unknown reason", NO, () => sent().at(2, 1).claim("bob").ask("alice", 1, "ABCD")],
  ["by somebody else", NO, () => sent().at(2, 1).claim("bob").ask("carol", 1)],
  ["for a held share", NO, () => held().at(2, 1).claim("bob").ask("alice", 1)],
  ["for a held share that is due", NO, () => held().at(2, 1).claim("bob").at(3, 7300).ask("alice", 1)],
  ["for a returned share", NO, () => sent().at(2, 1).claim("bob").return("bob", 1).ask("alice", 1)],
  ["twice", NO, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("bob", 1, false).ask("alice", 1)],
  ["refused", YES, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("bob", 1, false)],
  ["refused, then returned all the same", YES, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("bob", 1, false).at(3, 9).return("bob", 1)],
  ["accepted", YES, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("bob", 1, true)],
  ["accepted by somebody else", NO, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("carol", 1, true)],
  ["answered twice", NO, () => sent().at(2, 1).claim("bob").ask("alice", 1).answer("bob", 1, false).answer("bob", 1, false)],
  ["never asked and refused", NO, () => sent().at(2, 1).claim("bob").answer("bob", 1, false)],
  ["answered in the last instant", YES, () => sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").ask("alice", 1).at(3, 3 * DAY + 0.999).answer("bob", 1, false)],
  ["answered late", NO, () => sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").ask("alice", 1).at(3, 3 * DAY + 1).answer("bob", 1, false)],
  ["lapsed", YES, () => sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").ask("alice", 1).at(3, 3 * DAY + 1).lapse(1)],
  ["lapsed early", NO, () => sent({ expiry: 30 * DAY }).at(2, 1).claim("bob").ask("alice", 1).at(3, 3 * DAY).lapse(1)],
].map(([desc, refused, run]) => life(`ask: ${desc}`, refused, run));

const tightened = (desc, refused, from, to, t = {}) => life(`tighten: ${desc}`, refused, () => sent({ clauses: from, ...t }).at(2, 1).tighten("alice", to));
const tightenings = [
  tightened("a shorter window", YES, ["rest when all(sender,within(10m))"], ["rest when all(sender,within(9m59s))"]),
  tightened("a longer window", NO, ["rest when all(sender,within(10m))"], ["rest when all(sender,within(10m1s))"]),
  tightened("the same", NO, ["rest when all(sender,within(10m))"], ["rest when all(sender,within(10m))"]),
  tightened("the same in other words", NO, ["rest when all(sender,within(10m))"], ["rest when all(within(10m),sender)"]),
  tightened("renounce", YES, ["rest when sender"], []),
  tightened("renounce nothing", NO, [], []),
  tightened("one clause fewer", YES, ["rest when all(sender,within(10m))", `rest when ${key("a")}`], [`rest when ${key("a")}`]),
  tightened("one clause fewer, of which another says the same", NO, ["rest when sender", "rest when all(sender,within(10m))"], ["rest when sender"]),
  tightened("one clause split in two", YES, ["rest when sender"], ["rest when all(sender,within(10m))", "rest when all(sender,after(20m))"]),
  tightened("one clause split in two without a gap", NO, ["rest when sender"], ["rest when all(sender,within(10m))", "rest when all(sender,after(10m))"]),
  tightened("a signature more", YES, [`rest when 2 of (sender,${key("a")},${key("b")})`], [`rest when all(sender,${key("a")},${key("b")})`]),
  tightened("a signature fewer", NO, [`rest when all(sender,${key("a")})`], ["rest when sender"]),
  tightened("another key", NO, [`rest when ${key("a")}`], [`rest when ${key("b")}`]),
  tightened("a reason fewer", YES, ["rest when sender for DUPL,FRAD"], ["rest when sender for DUPL"]),
  tightened("another reason", NO, ["rest when sender for DUPL"], ["rest when sender for FRAD"]),
  tightened("any reason to six", YES, ["rest when sender"], ["rest when sender for DUPL,AM09,AC03,FRAD,CUST,TECH"]),
  tightened("six reasons to any", NO, ["rest when sender for DUPL,AM09,AC03,FRAD,CUST,TECH"], ["rest when sender"]),
  tightened("untouched more", YES, ["rest when sender"], ["rest when all(sender,untouched)"]),
  tightened("untouched less", NO, ["rest when all(sender,untouched)"], ["rest when sender"]),
  tightened("a window that begins later", YES, ["rest when sender"], ["rest when all(sender,after(30m))"]),
  tightened("only an instant outside the life is less", NO, ["rest when sender"], ["rest when all(sender,within(1h))"]),
  tightened("a clause that is never true", NO, ["rest when sender"], ["rest when all(sender,never)"]),
  tightened("a clause that nobody signs", NO, ["rest when sender"], ["rest when within(10m)"]),
  tightened("a share clause to a shorter one", YES, ["share when sender"], ["share when all(sender,within(1m))"], { hold: 3600 }),
  tightened("a share clause to one that ends after the hold", NO, ["share when sender"], ["share when all(sender,within(2h))"], { hold: 3600 }),
  tightened("a share clause to a rest clause", NO, ["share when sender"], ["rest when sender"], { hold: 3600 }),
  tightened("8 keys to one of them", YES, [`rest when any(${many(8, (i) => key(`k${i}`)).join(",")})`], [`rest when ${key("k3")}`]),
  tightened("a ninth key", NO, [`rest when any(${many(8, (i) => key(`k${i}`)).join(",")})`], [`rest when all(${key("k3")},${key("k8")})`]),
  tightened("an eighth key, needed besides", YES, ["rest when sender"], [`rest when all(sender,${key("z")})`]),
  life("tighten: an instant that has passed is less", YES, () => sent({ clauses: ["rest when sender"] }).at(2, 1800).tighten("alice", ["rest when all(sender,after(30m))"])),
  life("tighten: an instant that has passed is more", NO, () => sent({ clauses: ["rest when all(sender,after(30m))"] }).at(2, 2400).tighten("alice", ["rest when all(sender,after(20m))"])),
  life("tighten: by somebody else", NO, () => sent().at(2, 1).tighten("bob", [])),
  life("tighten: four times", YES, () => [9, 8, 7, 6].reduce((l, m) => l.tighten("alice", [`rest when all(sender,within(${m}m))`]), sent().at(2, 1))),
  life("tighten: five times", NO, () => [9, 8, 7, 6, 5].reduce((l, m) => l.tighten("alice", [`rest when all(sender,within(${m}m))`]), sent().at(2, 1))),
  life("tighten: after expiry", NO, () => sent().at(2, 3600).tighten("alice", [])),
  life("tighten: after expiry, while a share is held", YES, () => held().at(2, 1).claim("bob").at(3, 3600).tighten("alice", [])),
  life("tighten: when the last held share is due", NO, () => held().at(2, 1).claim("bob").at(3, 7201).tighten("alice", [])),
  life("tighten: of a full packet with a reserved share and a hold", YES, () => lucky({ shares: 1, hold: 60, clauses: ["share when sender"] }).at(2, 1).claim("bob").tighten("alice", [])),
  life("tighten: of a full packet with a reserved share and no hold", NO, () => lucky({ shares: 1, clauses: ["rest when sender"] }).at(2, 1).claim("bob").tighten("alice", [])),
  life("tighten: of a recalled packet", NO, () => sent().at(2, 1).recall("alice").tighten("alice", [])),
  life("tighten: then recall under the new clause", YES, () => sent().at(2, 1).tighten("alice", ["rest when all(sender,within(5m))"]).at(3, 100).recall("alice")),
  life("tighten: then recall under the old clause", NO, () => sent().at(2, 1).tighten("alice", ["rest when all(sender,within(5m))"]).at(3, 400).recall("alice")),
  life("tighten: renounce, then recall", NO, () => sent().at(2, 1).tighten("alice", []).recall("alice")),
  life("tighten: a scene's packet", YES, () => sent({ scene: "friends", expiry: DAY, clauses: ["rest when all(sender,within(2m))"] }).at(2, 1).tighten("alice", [])),
];

const clock = [
  ["refund", YES, () => sent().at(2, 3600).refund()],
  ["refund early", NO, () => sent().at(2, 3599.999).refund()],
  ["refund late", YES, () => sent().at(2, 99999).refund()],
  ["refund of a full packet", NO, () => sent({ total: 100n, shares: 1 }).at(2, 1).claim("bob").at(3, 3600).refund()],
  ["settle", YES, () => held().at(2, 1).claim("bob").at(3, 7201).refund().settle(1)],
  ["settle before a refund that is due earlier", NO, () => held().at(2, 1).claim("bob").at(3, 7201).settle(1).refund()],
  ["settle early", NO, () => held({ expiry: DAY }).at(2, 1).claim("bob").at(3, 7200).settle(1)],
  ["settle twice", NO, () => held({ expiry: DAY }).at(2, 1).claim("bob").at(3, 7201).settle(1).settle(1)],
  ["settle two of one instant in order", YES, () => held({ expiry: DAY }).at(2, 1).claim("bob").claim("carol").at(3, 7201).settle(1).settle(2)],
  ["settle two of one instant out of order", NO, () => held({ expiry: DAY }).at(2, 1).claim("bob").claim("carol").at(3, 7201).settle(2).settle(1)],
  ["settle and refund of one instant", YES, () => held({ expiry: 7201 }).at(2, 1).claim("bob").at(3, 7201).refund().settle(1)],
  ["settle what was recalled", NO, () => held({ expiry: DAY }).at(2, 1).claim("bob").recall("alice", { share: 1 }).at(3, 7201).settle(1)],
  ["a lapse before a settlement", YES, () => {
    const l = held({ hold: 3 * DAY, expiry: 9 * DAY }).at(2, 0).claim("bob").at(3, 3 * DAY).settle(1).ask("alice", 1).claim("carol");
    return l.at(4, 6 * DAY).lapse(1).settle(2);
  }],
].map(([desc, refused, run]) => life(`clock: ${desc}`, refused, run));

const luckyCases = [
  ["reserved", YES, () => lucky().at(2, 1).claim("bob").claim("carol")],
  ["drawn", YES, () => lucky().at(2, 1).claim("bob").claim("carol").at(3, 2).beacon().draw().draw()],
  ["drawn by another validator", YES, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon(2).draw()],
  ["all drawn", YES, () => lucky().at(2, 1).claim("b").claim("c").claim("d").claim("e").at(3, 2).beacon().draw().draw().draw().draw()],
  ["a wrong amount", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon().draw(1, 250n)],
  ["a wrong last amount", NO, () => lucky({ shares: 1 }).at(2, 1).claim("bob").at(3, 2).beacon().draw(1, 999n).at(4, 3)],
  ["out of order", NO, () => lucky().at(2, 1).claim("bob").claim("carol").at(3, 2).beacon().draw(2).draw(1)],
  ["only the first of two", NO, () => lucky().at(2, 1).claim("bob").claim("carol").at(3, 2).beacon().draw()],
  ["a block late", NO, () => lucky().at(2, 1).claim("bob").at(4, 2).beacon(0, { height: 2n }).draw()],
  ["in the same block", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon(0, { height: 3n }).draw()],
  ["by a beacon of another block", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon(0, { height: 1n }).draw()],
  ["by a beacon that another key made", "draws", () => lucky().at(2, 1).claim("bob").at(3, 2).beacon(0, { seed: drawer(1).vrf }).draw()],
  ["with a beacon that no draw needs", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon().draw().beacon(0, { height: 1n })],
  ["something else before the draw", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).claim("carol")],
  ["an entry of the same block after the reservation", YES, () => lucky().at(2, 1).claim("bob").tighten("alice", []).at(3, 2).beacon().draw()],
  ["draws of two blocks", YES, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon().draw().claim("carol").at(4, 3).beacon().draw()],
  ["a return while reserved", NO, () => lucky().at(2, 1).claim("bob").return("bob", 1)],
  ["an ask while reserved", NO, () => lucky().at(2, 1).claim("bob").ask("alice", 1)],
  ["a recall of a reserved share", NO, () => lucky({ hold: 60, clauses: ["share when sender"] }).at(2, 1).claim("bob").recall("alice", { share: 1 })],
  ["a recall of the rest while reserved", YES, () => lucky().at(2, 1).claim("bob").recall("alice", { reason: "DUPL" }).at(3, 2).beacon().draw().end("DUPL")],
  ["a recall of the rest while reserved, not ended", NO, () => lucky().at(2, 1).claim("bob").recall("alice").at(3, 2).beacon().draw()],
  ["a recall of the rest while reserved, owed", YES, () => lucky().at(2, 1).claim("bob").recall("alice")],
  ["a recall's end with another reason", NO, () => lucky().at(2, 1).claim("bob").recall("alice", { reason: "DUPL" }).at(3, 2).beacon().draw().end("FRAD")],
  ["a recall's end before the draw", NO, () => lucky().at(2, 1).claim("bob").recall("alice").at(3, 2).end()],
  ["an end without a recall", NO, () => lucky().at(2, 1).claim("bob").at(3, 2).beacon().draw().end()],
  ["a claim after a recall while reserved", NO, () => lucky().at(2, 1).claim("bob").recall("alice").claim("carol")],
  ["a hold", YES, () => lucky({ hold: 60, clauses: ["share when sender"] }).at(2, 1).claim("bob").at(3, 2).beacon().draw().at(4, 30).recall("alice", { share: 1 })],
  ["a hold that ends before the draw", YES, () => lucky({ hold: 1 }).at(2, 1).claim("bob").at(3, 9).beacon().draw().settle(1)],
  ["a draw after expiry", YES, () => lucky().at(2, 3599).claim("bob").at(3, 3601).beacon().draw().refund()],
  ["a refund before the draw", NO, () => lucky().at(2, 3599).claim("bob").at(3, 3601).refund()],
  ["of the greatest total", YES, () => lucky({ total: 2n ** 63n - 1n, shares: 7 }).at(2, 1).claim("bob").claim("carol").at(3, 2).beacon(1).draw().draw()],
  ["of one fen each", YES, () => lucky({ total: 4n }).at(2, 1).claim("bob").claim("carol").at(3, 2).beacon(1).draw().draw()],
  ["100 in one block", YES, () => many(100, (i) => i).reduce((l) => l.draw(), many(100, (i) => `c${i}`).reduce((l, n) => l.claim(n), lucky({ total: 99_999n, shares: 100 }).at(2, 1)).at(3, 2).beacon(3))],
].map(([desc, refused, run]) => life(`lucky: ${desc}`, refused, run));

const txs = [
  life("txs: nonces that fall", NO, () => sent().at(2, 1).claim("bob", { nonce: 5n }).at(3, 2).return("bob", 1, { nonce: 4n })),
  life("txs: a nonce twice", NO, () => sent().at(2, 1).claim("bob", { nonce: 5n }).at(3, 2).return("bob", 1, { nonce: 5n })),
  life("txs: nonces that leave some out", YES, () => sent().at(2, 1).claim("bob", { nonce: 5n }).at(3, 2).return("bob", 1, { nonce: 9n })),
  life("txs: the last instant", YES, () => sent().at(2, 2 ** 24).refund()),
];

const scene = (desc, refused, name, t) => send(`${name}, ${desc}`, refused, { scene: name, hold: 0, expiry: DAY, ...t });
const arbiters = ["share when 2 of (A,B,C) for FRAD"].map((s) => s.replace("A", key("a")).replace("B", key("b")).replace("C", key("c")));
const company = [`rest when ${three} for DUPL,AM09`];
const scenes = [
  scene("as it is", YES, "wechat", { clauses: [] }),
  scene("with a clause", NO, "wechat", { clauses: ["rest when sender"] }),
  scene("with another expiry", NO, "wechat", { clauses: [], expiry: DAY - 1 }),
  scene("with a hold", NO, "wechat", { clauses: [], hold: 1 }),
  scene("as it is", YES, "alipay", { clauses: ["rest when all(sender,within(24h))"] }),
  scene("for a reason", NO, "alipay", { clauses: ["rest when all(sender,within(24h)) for DUPL"] }),
  scene("as it is", YES, "qq", { clauses: ["rest when all(sender,untouched,within(2m))"] }),
  scene("in another order", NO, "qq", { clauses: ["rest when all(untouched,sender,within(2m))"] }),
  scene("as it is", YES, "douyin-live", { clauses: [], expiry: 600 }),
  scene("as it is", YES, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, claim: names("bob"), shares: 1 }),
  scene("from an instant on", YES, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, claim: `all(${names("bob")},from(2026-02-17T21:00:01Z))`, shares: 1 }),
  scene("from an instant on, in another order", NO, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, claim: `all(from(2026-02-17T21:00:01Z),${names("bob")})`, shares: 1 }),
  scene("with clauses in another order", NO, "transfer-72h", { clauses: ["rest when sender", "share when sender"], hold: 3 * DAY, claim: names("bob"), shares: 1 }),
  scene("with two shares", NO, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, claim: names("bob"), shares: 2 }),
  scene("with two names", NO, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, claim: names("bob", "carol"), shares: 1 }),
  scene("for everybody", NO, "transfer-72h", { clauses: ["share when sender", "rest when sender"], hold: 3 * DAY, shares: 1 }),
  scene("as it is", YES, "delayed", { clauses: ["share when sender"], hold: DAY, claim: names("bob"), shares: 1 }),
  scene("as it is", YES, "friends", { clauses: ["rest when all(sender,within(2m))"] }),
  scene("as it is", YES, "workgroup", { clauses: ["rest when all(sender,within(24h))"] }),
  scene("as it is", YES, "stranger", { clauses: arbiters, hold: DAY }),
  scene("with the sender as arbiter", NO, "stranger", { clauses: [`share when 2 of (${key("a")},${key("alice")},${key("b")}) for FRAD`], hold: DAY }),
  scene("with two arbiters", NO, "stranger", { clauses: [`share when 2 of (${key("a")},${key("b")}) for FRAD`], hold: DAY }),
  scene("as it is", YES, "test-packet", { clauses: ["rest when all(sender,within(5m))"], total: 100n }),
  scene("of 101 fen", NO, "test-packet", { clauses: ["rest when all(sender,within(5m))"], total: 104n }),
  scene("as it is", YES, "enterprise", { clauses: company, claim: names("w", "x", "y", "z") }),
  scene("with more names than shares", NO, "enterprise", { clauses: company, claim: names("v", "w", "x", "y", "z") }),
  scene("as it is", YES, "coupon", { clauses: ["rest when all(sender,after(1h)) for CUST,FRAD"] }),
  scene("without its first hour", NO, "coupon", { clauses: ["rest when sender for CUST,FRAD"] }),
  scene("with the reasons in another order", NO, "coupon", { clauses: ["rest when all(sender,after(1h)) for FRAD,CUST"] }),
  scene("as it is", YES, "voucher", { clauses: [], expiry: 600, claim: names("bob"), shares: 1 }),
  scene("as it is", YES, "rain", { clauses: [], expiry: 600, claim: "always", split: 2 }),
  scene("from an instant on", YES, "rain", { clauses: [], expiry: 600, claim: "from(2026-02-17T21:00:01Z)", split: 2 }),
  scene("in equal shares", NO, "rain", { clauses: [], expiry: 600, claim: "always" }),
  scene("until an instant", NO, "rain", { clauses: [], expiry: 600, claim: "before(2026-02-17T21:00:01Z)", split: 2 }),
  scene("for one", NO, "rain", { clauses: [], expiry: 600, claim: names("bob"), split: 2 }),
];

export const cases = [
  ...sends, ...clauseRules, ...claimRules, ...claimCases, ...recallCases, ...returns, ...questions, ...tightenings, ...clock,
  ...luckyCases, ...txs, ...scenes,
];
