package chaos

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// The checks notice what they are for: a campaign that finds nothing may be blind.
func TestChecksNoticeWhatIsBroken(t *testing.T) {
	tx := func(b byte) contract.Hash { return contract.Hash{b} }
	for _, row := range []struct {
		desc    string
		blocks  []*block
		promise string // empty: nothing is broken
		says    string
	}{
		{"each once", []*block{{txs: []contract.Hash{tx(1)}}, {txs: []contract.Hash{tx(2)}}}, "", ""},
		{"one twice", []*block{{txs: []contract.Hash{tx(1)}}, {txs: []contract.Hash{tx(2), tx(1)}}}, "X",
			"stands in blocks"},
		{"one that no client sent", []*block{{txs: []contract.Hash{tx(1), tx(2), tx(9)}}}, "X", "no client sent"},
	} {
		t.Run(row.desc, func(t *testing.T) {
			a := &arena{journal: newJournal(), stands: map[contract.Hash]int64{}}
			for i := byte(1); i <= 2; i++ {
				line := "sent " + tx(i).String() + "\nack " + tx(i).String() + " 1\n"
				if _, err := a.journal.Write([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			var r Row
			if err := a.enter(&r, row.blocks, allWell); err != nil {
				t.Fatal(err)
			}
			if row.promise == "" {
				if len(r.Broken) > 0 {
					t.Errorf("broken: %v", r.Broken)
				}
				return
			}
			if len(r.Broken) == 0 || r.Broken[0].Promise != row.promise ||
				!strings.Contains(r.Broken[0].Text, row.says) {
				t.Errorf("broken: %v, expected %s: %s", r.Broken, row.promise, row.says)
			}
		})
	}
	one := &block{hash: "1", app: "2", txs: []contract.Hash{tx(1)}}
	for _, other := range []*block{{hash: "x", app: "2", txs: one.txs}, {hash: "1", app: "x", txs: one.txs},
		{hash: "1", app: "2"}} {
		if one.same(other) {
			t.Errorf("%+v and %+v are the same", one, other)
		}
	}
	r := Row{Back: []time.Duration{3, 1, 2}}
	if r.Longest() != 3 || r.Median() != 2 || !r.Held() {
		t.Errorf("%v: longest %d, median %d", r.Back, r.Longest(), r.Median())
	}
}

// allWell says that every transaction succeeded.
func allWell(hashes []contract.Hash) (map[contract.Hash]contract.Code, error) {
	codes := map[contract.Hash]contract.Code{}
	for _, h := range hashes {
		codes[h] = contract.CodeOK
	}
	return codes, nil
}

// A packet's life is judged from the blocks alone: had every node the same bug in its
// ledger, so that all agree and each proof verifies, the books would still say so.
func TestLivesNoticeWhatNoRuleAllows(t *testing.T) {
	const chain = "lives"
	const second = contract.Time(time.Second)
	who := func(b byte) contract.Address { return contract.Address{b} }
	sender, friend, other := who(1), who(2), who(3)
	terms := contract.Terms{Total: 10, Shares: 2, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Hold: 30, Expiry: 100, Clauses: []contract.Clause{
			{Target: contract.Rest,
				When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: 20}}}},
			{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}}}}}
	entries := []contract.ListEntry{{Index: 1, Kind: contract.WhoAddress, Who: friend, Amount: 4},
		{Index: 2, Kind: contract.WhoAddress, Who: friend, Amount: 6}}
	list, err := contract.NewList([]contract.Subtree{entries[0].Leaf(), entries[1].Leaf()})
	if err != nil {
		t.Fatal(err)
	}
	byList := terms
	byList.Split, byList.Claim.Cond = contract.ByList, contract.Listed{Root: list.Root()}
	id := contract.NewPacketID(chain, sender, 0)
	entry := func(n uint32, amount contract.Amount) *contract.Claim {
		e := entries[n-1]
		e.Amount = amount
		return &contract.Claim{Packet: id, Listing: &contract.Listing{Entry: e, Path: list.Path(n)}}
	}
	claim := &contract.Claim{Packet: id}
	recall := &contract.Recall{Packet: id, Clause: 1}
	recallShare := &contract.Recall{Packet: id, Clause: 2, Share: 1}
	type step struct {
		at contract.Time // after the send
		by contract.Address
		do contract.Message
	}
	listed := step{0, sender, &contract.Send{Terms: byList}} // instead of the packet of terms
	for _, row := range []struct {
		desc, promise, says string // empty: every step is allowed
		steps               []step
	}{
		{"claimed, recalled, returned", "", "", []step{{1, friend, claim}, {2, sender, recall},
			{30, sender, recallShare}}},
		{"claimed and returned", "", "", []step{{99, friend, claim},
			{120, friend, &contract.Return{Packet: id, Share: 1}}}},
		{"claimed twice", "P", "claimed twice", []step{{1, friend, claim}, {2, friend, claim}}},
		{"one share too many", "P", "more often", []step{{1, friend, claim}, {2, other, claim}, {3, who(4), claim}}},
		{"a share that is none", "P", "no share 1", []step{{1, friend, &contract.Return{Packet: id, Share: 1}}}},
		{"claimed after its recall", "R", "after its recall", []step{{1, sender, recall}, {2, friend, claim}}},
		{"claimed at its expiry", "R", "after it expired", []step{{100, friend, claim}}},
		{"recalled outside its window", "R", "outside its clause", []step{{20, sender, recall}}},
		{"recalled by another", "R", "outside its clause", []step{{1, friend, recall}}},
		{"recalled twice", "R", "closed", []step{{1, sender, recall}, {2, sender, recall}}},
		{"a share recalled after its hold", "R", "settled or gone", []step{{1, friend, claim},
			{31, sender, recallShare}}},
		{"a share recalled that was given back", "R", "settled or gone", []step{{1, friend, claim},
			{2, friend, &contract.Return{Packet: id, Share: 1}}, {3, sender, recallShare}}},
		{"a clause that is none", "R", "clause 3 of 2", []step{{1, sender, &contract.Recall{Packet: id, Clause: 3}}}},
		{"tightened by another", "R", "tightened", []step{{1, other, &contract.Tighten{Packet: id}}}},
		{"a packet that is none", "R", "no packet", []step{{1, friend, &contract.Claim{}}}},
		{"both entries of one claimer, one recalled", "", "", []step{listed, {1, friend, entry(2, 6)},
			{2, friend, entry(1, 4)}, {3, sender, &contract.Recall{Packet: id, Clause: 2, Share: 2}}}},
		{"an entry twice", "P", "entry 2 claimed twice", []step{
			listed, {1, friend, entry(2, 6)}, {2, friend, entry(2, 6)}}},
		{"an entry of more", "R", "against its rule", []step{listed, {1, friend, entry(2, 7)}}},
		{"another's entry", "R", "against its rule", []step{listed, {1, other, entry(1, 4)}}},
		{"an entry of a packet without a list", "R", "by no list", []step{{1, friend, entry(2, 6)}}},
		{"no entry", "R", "against its rule", []step{listed, {1, friend, claim}}},
		{"share 1 recalled when entry 2 is claimed", "P", "no share 1", []step{listed, {1, friend, entry(2, 6)},
			{2, sender, recallShare}}},
	} {
		t.Run(row.desc, func(t *testing.T) {
			a := newBooks(0)
			a.chain = chain
			var r Row
			nonces := map[contract.Address]uint64{}
			do := func(at contract.Time, by contract.Address, m contract.Message) {
				tx := &contract.Tx{Account: by, Nonce: nonces[by], Message: m}
				nonces[by]++
				a.live(&r, 1, at*second, []deed{{tx, contract.CodeOK}})
			}
			if row.steps[0] != listed {
				do(0, sender, &contract.Send{Terms: terms})
			}
			for _, s := range row.steps {
				do(s.at, s.by, s.do)
			}
			switch {
			case row.promise == "" && len(r.Broken) > 0:
				t.Errorf("broken: %v", r.Broken)
			case row.promise != "" && (len(r.Broken) != 1 || r.Broken[0].Promise != row.promise ||
				!strings.Contains(r.Broken[0].Text, row.says)):
				t.Errorf("broken: %v, expected %s: %s", r.Broken, row.promise, row.says)
			}
		})
	}
	l := &life{claims: []claimed{{number: 1, by: friend}, {number: 2, by: other, gone: true}}}
	good := contract.Packet{Shares: []contract.Share{{Claimer: friend, State: contract.Held},
		{Claimer: other, State: contract.Returned}}}
	for _, change := range []func(*contract.Packet){
		func(p *contract.Packet) { p.Shares = p.Shares[:1] },
		func(p *contract.Packet) { p.Shares[0].Claimer = other },
		func(p *contract.Packet) { p.Shares[1].State = contract.Settled },
		func(p *contract.Packet) { p.Shares[0].State = contract.ShareRecalled },
		func(p *contract.Packet) { p.Status = contract.Recalled },
	} {
		bad := good
		bad.Shares = append([]contract.Share{}, good.Shares...)
		change(&bad)
		if l.differs(&good) != "" || l.differs(&bad) == "" {
			t.Errorf("%+v: %q; %+v: %q", good, l.differs(&good), bad, l.differs(&bad))
		}
	}
}

// Each account's nonces follow each other, but for claims that failed before there was an
// account.
func TestNoncesFollow(t *testing.T) {
	pay, claim := &contract.Pay{}, &contract.Claim{}
	ok, failed := contract.CodeOK, contract.CodeFull
	for _, row := range []struct {
		desc  string
		txs   []*contract.Tx
		codes []contract.Code
		right bool // of the last
	}{
		{"one after the other", []*contract.Tx{{Message: pay}, {Nonce: 1, Message: pay}},
			[]contract.Code{ok, failed}, true},
		{"twice", []*contract.Tx{{Message: pay}, {Message: pay}}, []contract.Code{failed, ok}, false},
		{"a gap", []*contract.Tx{{Message: claim}, {Nonce: 2, Message: pay}}, []contract.Code{ok, ok}, false},
		{"after a first claim that failed", []*contract.Tx{{Message: claim}, {Message: claim}},
			[]contract.Code{failed, ok}, true},
		{"after one that spent its nonce", []*contract.Tx{{Message: claim}, {Nonce: 1, Message: pay}},
			[]contract.Code{failed, ok}, true},
		{"after one that did not fail", []*contract.Tx{{Message: claim}, {Message: claim}},
			[]contract.Code{ok, ok}, false},
	} {
		var n nonces
		var right bool
		for i, tx := range row.txs {
			right = n.follows(tx, row.codes[i])
		}
		if right != row.right {
			t.Errorf("%s: %t", row.desc, right)
		}
	}
}
