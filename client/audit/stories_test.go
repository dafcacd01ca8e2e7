package audit

import (
	"testing"
	"time"

	"hongbao/contract"
)

// The lives of packets that the tests are about.

// terms are n equal shares of each fen, open to everybody, for an hour.
func terms(n uint32, each contract.Amount, clauses ...string) contract.Terms {
	t := contract.Terms{
		Total: contract.Amount(n) * each, Shares: n, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Expiry: 3600,
	}
	for _, s := range clauses {
		c, err := contract.ParseClause(s)
		if err != nil {
			panic(err)
		}
		t.Clauses = append(t.Clauses, c)
	}
	return t
}

// heldTerms are n shares of ¥1.00, each held for two hours, under every kind of
// clause.
func heldTerms(n uint32) contract.Terms {
	t := terms(n, 100,
		"share when 2 of (key("+address("lin").String()+"),key("+address("wu").String()+"),key("+
			address("mei").String()+")) for FRAD",
		"share when all(sender,within(1h))",
		"rest when sender")
	t.Hold, t.Expiry = 7200, expiry
	return t
}

// luckyTerms are total in n lucky shares.
func luckyTerms(n uint32, total contract.Amount, clauses ...string) contract.Terms {
	t := terms(n, 1, clauses...)
	t.Split, t.Total = contract.Lucky, total
	return t
}

// send executes alice's send a minute after genesis and returns the packet's id.
func (l *ledger) send(t contract.Terms) contract.PacketID {
	wire := l.tx("alice", &contract.Send{Terms: t})
	l.block(time.Minute, wire)
	return contract.NewPacketID(testChain, address("alice"), 0)
}

// consent is name's signature under a recall.
func (l *ledger) consent(name string, id contract.PacketID, clause int, share uint32,
	reason contract.Reason) contract.Consent {
	p := l.packet(id)
	c := signedConsent{chain: testChain, id: id, p: *p, clause: p.InForce()[clause-1], share: share, reason: reason,
		until: contract.TimeOf(l.time).Plus(3600)}
	return c.sign(l.t, name)
}

func (l *ledger) packet(id contract.PacketID) *contract.Packet {
	p := &contract.Packet{ID: id}
	must(l.t, contract.Decode(l.leaves[string(contract.PacketKey(id))], p))
	return p
}

// claim signs a claim, with the link's key where there is one.
func (l *ledger) claim(name string, id contract.PacketID, link ...string) []byte {
	m := &contract.Claim{Packet: id, TermsHash: l.packet(id).Terms.Hash(testChain)}
	for _, key := range link {
		sig, err := contract.SignDigest(accountKey(key), contract.LinkDigest(testChain, id, address(name)))
		must(l.t, err)
		m.Link = &sig
	}
	return l.tx(name, m)
}

var stories = []struct {
	name string
	desc string
	tell func(t testing.TB) *File

	lines     []string
	statement string
}{
	{
		name: "recalled", desc: "the demo: ¥888.00 by mistake, five claim, the rest is recalled",
		tell: tellRecalled,
		lines: []string{
			"✓ header 5 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 5 claims and 1 recall signed",
			"✓ 7 entries fold to the head",
			"✓ 555.00 claimed + 333.00 recalled = 888.00",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "5 shares were claimed, ¥555.00 in all, and beyond every clause. ¥333.00 was recalled at " +
			"2026-02-17T21:00:09Z as wrong-amount (AM09). This is a dev chain: play money.",
	},
	{
		name: "open", desc: "a link packet of which one share of three was claimed",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob")
			terms := terms(3, 1110, "2m", "rest when 2 of (sender,key("+address("lin").String()+")) for FRAD,DUPL")
			link := [32]byte(address("link"))
			terms.Claim, terms.LinkKey = contract.Rule{Cond: contract.Link{}}, &link
			id := l.send(terms)
			l.block(time.Second, l.claim("bob", id, "link"))
			return l.prove(id)
		},
		lines: []string{
			"✓ header 3 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send and 1 claim signed",
			"✓ 2 entries fold to the head",
			"✓ 11.10 claimed + 22.20 in escrow = 33.30",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "1 share was claimed, ¥11.10 in all, and beyond every clause. ¥22.20 is unclaimed until " +
			"2026-02-17T22:00:00Z, and could be recalled until 2026-02-17T22:00:00Z. This is a dev chain: play money.",
	},
	{
		name: "full", desc: "two names, one of them new to the chain, both claimed in one block",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob")
			terms := terms(2, 50)
			terms.Claim.Cond = contract.Named{Claimers: []contract.Address{address("bob"), address("carol")}}
			id := l.send(terms)
			l.block(time.Second, l.claim("carol", id), l.claim("bob", id))
			return l.prove(id)
		},
		lines: []string{
			"✓ header 3 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send and 2 claims signed",
			"✓ 3 entries fold to the head",
			"✓ 1.00 claimed = 1.00",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "2 shares were claimed, ¥1.00 in all, and beyond every clause. It is full since " +
			"2026-02-17T21:00:01Z: nobody can take anything back. This is a dev chain: play money.",
	},
	{
		name: "expired", desc: "one share claimed, the rest refunded by the clock",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob")
			id := l.send(terms(2, 100, "rest when all(sender,untouched)"))
			l.block(time.Second, l.claim("bob", id))
			l.block(time.Hour)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 4 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send and 1 claim signed",
			"✓ 3 entries fold to the head",
			"✓ 1.00 claimed + 1.00 refunded = 2.00",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "1 share was claimed, ¥1.00 in all, and beyond every clause. ¥1.00 was refunded at " +
			"2026-02-17T22:00:01Z, after expiry. This is a dev chain: play money.",
	},
	{
		name: "returned", desc: "both claimers give their share back, one before the packet closed",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol")
			id := l.send(terms(3, 100, "rest when all(sender,after(1m))"))
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id))
			l.block(time.Second, l.tx("carol", &contract.Return{Packet: id, Share: 2}))
			l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
			l.block(time.Second, l.tx("bob", &contract.Return{Packet: id, Share: 1}))
			return l.prove(id)
		},
		lines: []string{
			"✓ header 6 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 2 claims, 1 recall and 2 returns signed",
			"✓ 6 entries fold to the head",
			"✓ 2.00 claimed + 1.00 recalled = 3.00 (2.00 of it returned)",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "2 shares were claimed, ¥2.00 in all. 2 shares were given back by the claimer, ¥2.00 in all. " +
			"¥1.00 was recalled at 2026-02-17T21:01:02Z. This is a dev chain: play money.",
	},
	{
		name: "untouched", desc: "just sent, with no clause at all",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice")
			return l.prove(l.send(terms(1, 520)))
		},
		lines: []string{
			"✓ header 2 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send signed",
			"✓ 1 entry folds to the head",
			"✓ 5.20 in escrow = 5.20",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "Nobody has claimed. ¥5.20 is unclaimed until 2026-02-17T22:00:00Z, and nobody can recall it. " +
			"This is a dev chain: play money.",
	},
	{
		name: "held",
		desc: "two arbiters of three recall a held share; one share settled, one was given back, one may still be " +
			"recalled",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol", "dave", "erin", "lin", "mei")
			id := l.send(heldTerms(4))
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id), l.claim("dave", id))
			l.block(time.Minute, l.tx("dave", &contract.Return{Packet: id, Share: 3}))
			l.block(time.Minute, l.tx("lin", &contract.Recall{Packet: id, Clause: 1, Share: 2, Reason: "FRAD",
				Consents: []contract.Consent{l.consent("mei", id, 1, 2, "FRAD")}}))
			l.block(90 * time.Minute)
			l.block(time.Second, l.claim("erin", id))
			l.block(time.Hour)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 8 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 4 claims, 1 recall and 1 return signed",
			"✓ 8 entries fold to the head",
			"✓ 4.00 claimed = 4.00 (1.00 of it recalled from hold and 1.00 of it returned)",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "4 shares were claimed, ¥4.00 in all. NOT FINAL: 1 share, ¥1.00 in all, can be taken back by " +
			"others until 2026-02-18T00:32:02Z. 1 share was recalled from hold as fraud (FRAD), ¥1.00 in all. 1 " +
			"share was given back by the claimer, ¥1.00 in all. 1 share is beyond every clause, ¥1.00 in all. 1 " +
			"share is held until 2026-02-18T00:32:02Z. It is full since 2026-02-17T22:32:02Z. This is a dev chain: " +
			"play money.",
	},
	{
		name: "asked", desc: "three settled shares asked for: accepted, refused, and left without an answer",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol", "dave")
			id := l.send(heldTerms(3))
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id), l.claim("dave", id))
			l.block(2 * time.Hour)
			ask := func(n uint32) contract.Message { return &contract.Ask{Packet: id, Share: n, Reason: "AC03"} }
			first := l.tx("alice", ask(1))
			second := l.tx("alice", ask(2), first)
			l.block(time.Second, first, second, l.tx("alice", ask(3), first, second))
			l.block(time.Hour)
			l.block(time.Second, l.tx("bob", &contract.Answer{Packet: id, Share: 1, Accept: true}),
				l.tx("carol", &contract.Answer{Packet: id, Share: 2}))
			l.block(71 * time.Hour)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 8 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 3 claims, 3 asks and 2 answers signed",
			"✓ 13 entries fold to the head",
			"✓ 3.00 claimed = 3.00 (1.00 of it returned)",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "3 shares were claimed, ¥3.00 in all. 1 share was given back by the claimer, ¥1.00 in all. 2 " +
			"shares are beyond every clause, ¥2.00 in all. The sender asked for 3 shares back: 1 accepted, 1 " +
			"refused and 1 lapsed. It is full since 2026-02-17T21:00:01Z: nobody can take anything back. This is a " +
			"dev chain: play money.",
	},
	{
		name: "renounced",
		desc: "tightened, then renounced while two shares were held: they are final before they settle",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol")
			id := l.send(heldTerms(3))
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id))
			tighter := terms(1, 1, "share when all(sender,within(30m)) for FRAD").Clauses
			l.block(time.Minute, l.tx("alice", &contract.Tighten{Packet: id, Clauses: tighter}))
			l.block(time.Minute, l.tx("alice", &contract.Tighten{Packet: id}))
			return l.prove(id)
		},
		lines: []string{
			"✓ header 5 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 2 claims and 2 tightenings signed",
			"✓ 5 entries fold to the head",
			"✓ 2.00 claimed + 1.00 in escrow = 3.00",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "The sender renounced every clause at 2026-02-17T21:02:01Z. 2 shares were claimed, ¥2.00 in all, " +
			"and beyond every clause. 2 shares are held until 2026-02-17T23:00:01Z. ¥1.00 is unclaimed until " +
			"2026-02-22T01:00:00Z, and nobody can recall it. This is a dev chain: play money.",
	},
	{
		name: "lucky", desc: "four lucky shares, claimed two to a block",
		tell: tellLucky,
		lines: []string{
			"✓ header 5 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send and 4 claims signed",
			"✓ 9 entries fold to the head",
			"✓ 2 beacons are trusted validators' proofs; whose turn it was is the word of more than 2/3",
			"✓ 88.80 drawn = 88.80",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "4 shares were claimed, ¥88.80 in all, and beyond every clause. The luckiest is share 1, of " +
			"hb164x5pjzeszz8legr4gvt50e889kzl8uzp9qk20tkeaupqf9d58jq096q0q, with ¥33.75. It is full since " +
			"2026-02-17T21:00:02Z: nobody can take anything back. This is a dev chain: play money.",
	},
	{
		name: "lucky-recalled",
		desc: "two shares reserved and the rest recalled in one block, which the draws come before",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol")
			id := l.send(luckyTerms(5, 8880, "2m"))
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id),
				l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
			l.block(time.Second)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 4 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 2 claims and 1 recall signed",
			"✓ 7 entries fold to the head",
			"✓ 1 beacon is a trusted validator's proof; whose turn it was is the word of more than 2/3",
			"✓ 28.08 drawn + 60.72 recalled = 88.80",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "2 shares were claimed, ¥28.08 in all, and beyond every clause. ¥60.72 was recalled at " +
			"2026-02-17T21:00:01Z as wrong-amount (AM09). This is a dev chain: play money.",
	},
	{
		name: "lucky-owed", desc: "proven while the last block's claims wait for their draws",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol", "dave")
			id := l.send(luckyTerms(5, 8880, "2m"))
			l.block(time.Second, l.claim("bob", id))
			l.block(time.Second, l.claim("carol", id), l.claim("dave", id))
			return l.prove(id)
		},
		lines: []string{
			"✓ header 4 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send and 3 claims signed",
			"✓ 5 entries fold to the head",
			"✓ 1 beacon is a trusted validator's proof; whose turn it was is the word of more than 2/3",
			"✓ 17.91 drawn + 70.89 in escrow = 88.80",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "3 shares were claimed, ¥17.91 drawn so far, and beyond every clause. 2 shares are reserved: " +
			"their amounts are drawn in block 4. ¥70.89, less what is drawn, is unclaimed until " +
			"2026-02-17T22:00:00Z, and could be recalled until 2026-02-17T21:02:00Z. This is a dev chain: play money.",
	},
	{
		name: "lucky-held",
		desc: "lucky shares drawn into hold: one recalled, one given back, one settled, one at risk",
		tell: func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob", "carol", "dave", "erin")
			terms := luckyTerms(4, 8880, "share when all(sender,within(1h)) for FRAD")
			terms.Hold, terms.Expiry = 7200, expiry
			id := l.send(terms)
			l.block(time.Second, l.claim("bob", id), l.claim("carol", id))
			l.block(time.Second, l.claim("dave", id),
				l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Share: 1, Reason: "FRAD"}),
				l.tx("carol", &contract.Return{Packet: id, Share: 2}))
			l.block(time.Second)
			l.block(2 * time.Hour)
			l.block(time.Second, l.claim("erin", id))
			l.block(time.Second)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 8 signed by 4 of 4 (> 2/3)",
			"✓ packet leaf under its AppHash",
			"✓ send, 4 claims, 1 recall and 1 return signed",
			"✓ 12 entries fold to the head",
			"✓ 3 beacons are trusted validators' proofs; whose turn it was is the word of more than 2/3",
			"✓ 88.80 drawn = 88.80 (33.75 of it recalled from hold and 33.34 of it returned)",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "4 shares were claimed, ¥88.80 in all. The luckiest is share 1, of " +
			"hb164x5pjzeszz8legr4gvt50e889kzl8uzp9qk20tkeaupqf9d58jq096q0q, with ¥33.75. NOT FINAL: 1 share, ¥8.95 " +
			"in all, can be taken back by others until 2026-02-18T00:00:04Z. 1 share was recalled from hold as " +
			"fraud (FRAD), ¥33.75 in all. 1 share was given back by the claimer, ¥33.34 in all. 1 share is beyond " +
			"every clause, ¥12.76 in all. 1 share is held until 2026-02-18T01:00:04Z. It is full since " +
			"2026-02-17T23:00:04Z. This is a dev chain: play money.",
	},
	{
		name: "warped",
		desc: "a dev chain's clock was moved past the last instant at which others could take a held share",
		tell: func(t testing.TB) *File {
			l, id := livesWarped(t)
			return l.prove(id)
		},
		lines: []string{
			"✓ header 4 signed by 4 of 4 (> 2/3)",
			"✓ DEV CLOCK: 1h30m ahead of the validators' clocks",
			"✓ packet leaf under its AppHash",
			"✓ send and 1 claim signed",
			"✓ 2 entries fold to the head",
			"✓ 1.00 claimed + 1.00 in escrow = 2.00",
			"✓ replay of the signed transactions gives the same leaf",
		},
		statement: "1 share was claimed, ¥1.00 in all, and beyond every clause. 1 share is held until " +
			"2026-02-17T23:00:01Z. ¥1.00 was unclaimed at expiry, 2026-02-17T22:00:00Z, and goes back to the " +
			"sender. This is a dev chain: play money.",
	},
}

// livesWarped: bob's share is held for two hours, and others may take it back in
// the first; ninety minutes are skipped.
func livesWarped(t testing.TB) (*ledger, contract.PacketID) {
	l := newDevLedger(t, "alice", "bob")
	id := l.send(terms2h("share when all(sender,within(1h))"))
	l.block(time.Second, l.claim("bob", id))
	l.block(time.Second, l.tx("bob", &contract.Warp{By: 5400}))
	return l, id
}

func tellLucky(t testing.TB) *File {
	l := newLedger(t, "alice", "bob", "carol", "dave")
	id := l.send(luckyTerms(4, 8880, "2m"))
	l.block(time.Second, l.claim("bob", id), l.claim("carol", id))
	l.block(time.Second, l.claim("erin", id), l.claim("dave", id))
	l.block(time.Second)
	return l.prove(id)
}

func tellRecalled(t testing.TB) *File {
	l, id := livesRecalled(t)
	return l.prove(id)
}

func livesRecalled(t testing.TB) (*ledger, contract.PacketID) {
	names := []string{"bob", "carol", "dave", "erin", "frank"}
	l := newLedger(t, append([]string{"alice", "grace", "heidi", "ivan"}, names...)...)
	id := l.send(terms(8, 11100, "rest when all(sender,within(2m)) for DUPL,AM09"))
	var txs [][]byte
	for _, n := range names {
		txs = append(txs, l.claim(n, id))
	}
	l.block(4*time.Second, txs[:3]...)
	l.block(time.Second, txs[3:]...)
	l.block(4*time.Second, l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
	return l, id
}
