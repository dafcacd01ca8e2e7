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

// send executes alice's send a minute after genesis and returns the packet's id.
func (l *ledger) send(t contract.Terms) contract.PacketID {
	wire := l.tx("alice", &contract.Send{Terms: t})
	l.block(time.Minute, wire)
	return contract.NewPacketID(testChain, address("alice"), 0)
}

func (l *ledger) packet(id contract.PacketID) *contract.Packet {
	p := new(contract.Packet)
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
		statement: "5 shares were claimed, ¥555.00 in all, and beyond every clause. ¥333.00 was recalled at 2026-02-17T21:00:09Z as wrong-amount (AM09). This is a dev chain: play money.",
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
		statement: "1 share was claimed, ¥11.10 in all, and beyond every clause. ¥22.20 is unclaimed until 2026-02-17T22:00:00Z, and could be recalled until 2026-02-17T22:00:00Z. This is a dev chain: play money.",
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
		statement: "2 shares were claimed, ¥1.00 in all, and beyond every clause. It is full since 2026-02-17T21:00:01Z: nobody can take anything back. This is a dev chain: play money.",
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
		statement: "1 share was claimed, ¥1.00 in all, and beyond every clause. ¥1.00 was refunded at 2026-02-17T22:00:01Z, after expiry. This is a dev chain: play money.",
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
		statement: "2 shares were claimed, ¥2.00 in all, and beyond every clause. 2 shares were given back by the claimer, ¥2.00 in all. ¥1.00 was recalled at 2026-02-17T21:01:02Z. This is a dev chain: play money.",
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
		statement: "Nobody has claimed. ¥5.20 is unclaimed until 2026-02-17T22:00:00Z, and nobody can recall it. This is a dev chain: play money.",
	},
}

func tellRecalled(t testing.TB) *File {
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
	return l.prove(id)
}
