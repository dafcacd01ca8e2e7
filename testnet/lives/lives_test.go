package lives_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/testnet/lives"
)

// A packet's life is judged from the blocks alone: had every node the same bug in its
// ledger, so that all agree and each proof verifies, the books would still say so.
func TestNoticesWhatNoRuleAllows(t *testing.T) {
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
		return &contract.Claim{Packet: id, TermsHash: byList.Hash(chain),
			Listing: &contract.Listing{Entry: e, Path: list.Path(n)}}
	}
	claim := &contract.Claim{Packet: id, TermsHash: terms.Hash(chain)}
	recall := &contract.Recall{Packet: id, Clause: 1}
	recallShare := &contract.Recall{Packet: id, Clause: 2, Share: 1}
	type step struct {
		at contract.Time // after the send
		by contract.Address
		do contract.Message
	}
	send := &contract.Send{Terms: terms}
	listed := step{0, sender, &contract.Send{Terms: byList}} // instead of the packet of terms
	// The sender's second packet, its third transaction, recalled as the first one was.
	recalledTwice := []step{{1, sender, recall}, {2, sender, send},
		{3, sender, &contract.Recall{Packet: contract.NewPacketID(chain, sender, 2), Clause: 1}}}
	for _, row := range []struct {
		desc, promise, says string // empty: every step is allowed
		steps               []step
		last                contract.Code // of the last step
	}{
		{"claimed, recalled, returned", "", "", []step{{1, friend, claim}, {2, sender, recall},
			{30, sender, recallShare}}, 0},
		{"claimed and returned", "", "", []step{{99, friend, claim},
			{120, friend, &contract.Return{Packet: id, Share: 1}}}, 0},
		{"claimed twice", "P", "claimed twice", []step{{1, friend, claim}, {2, friend, claim}}, 0},
		{"one share too many", "P", "more often", []step{{1, friend, claim}, {2, other, claim}, {3, who(4), claim}}, 0},
		{"a share that is none", "P", "no share 1", []step{{1, friend, &contract.Return{Packet: id, Share: 1}}}, 0},
		{"claimed after its recall", "R", "after its recall", []step{{1, sender, recall}, {2, friend, claim}}, 0},
		{"claimed at its expiry", "R", "after it expired", []step{{100, friend, claim}}, 0},
		{"recalled outside its window", "R", "outside its clause", []step{{20, sender, recall}}, 0},
		{"recalled by another", "R", "outside its clause", []step{{1, friend, recall}}, 0},
		{"recalled twice", "R", "closed", []step{{1, sender, recall}, {2, sender, recall}}, 0},
		{"a share recalled after its hold", "R", "settled or gone", []step{{1, friend, claim},
			{31, sender, recallShare}}, 0},
		{"a share recalled that was given back", "R", "settled or gone", []step{{1, friend, claim},
			{2, friend, &contract.Return{Packet: id, Share: 1}}, {3, sender, recallShare}}, 0},
		{"a clause that is none", "R", "clause 3 of 2", []step{
			{1, sender, &contract.Recall{Packet: id, Clause: 3}}}, 0},
		{"tightened by another", "R", "tightened", []step{{1, other, &contract.Tighten{Packet: id}}}, 0},
		{"claimed under other terms", "R", "other terms", []step{{1, friend, &contract.Claim{Packet: id}}}, 0},
		{"recalled when both are claimed", "R", "closed", []step{{1, friend, claim}, {2, other, claim},
			{3, sender, recall}}, 0},
		{"a third packet within the budget", "", "", append(recalledTwice, step{51, sender, send}), 0},
		{"a third packet beyond the budget", "R", "beyond its recall budget",
			append(recalledTwice, step{50, sender, send}), 0},
		{"the same, refused", "", "", append(recalledTwice, step{50, sender, send}), contract.CodeRecallBudget},
		{"a third packet refused within the budget", "R", "a recall budget that it has",
			append(recalledTwice, step{51, sender, send}), contract.CodeRecallBudget},
		{"a packet that is none", "R", "no packet", []step{{1, friend, &contract.Claim{}}}, 0},
		{"both entries of one claimer, one recalled", "", "", []step{listed, {1, friend, entry(2, 6)},
			{2, friend, entry(1, 4)}, {3, sender, &contract.Recall{Packet: id, Clause: 2, Share: 2}}}, 0},
		{"an entry twice", "P", "entry 2 claimed twice", []step{
			listed, {1, friend, entry(2, 6)}, {2, friend, entry(2, 6)}}, 0},
		{"an entry of more", "R", "against its rule", []step{listed, {1, friend, entry(2, 7)}}, 0},
		{"another's entry", "R", "against its rule", []step{listed, {1, other, entry(1, 4)}}, 0},
		{"an entry of a packet without a list", "R", "by no list", []step{{1, friend, entry(2, 6)}}, 0},
		{"no entry", "R", "against its rule", []step{listed, {1, friend, claim}}, 0},
		{"share 1 recalled when entry 2 is claimed", "P", "no share 1", []step{listed, {1, friend, entry(2, 6)},
			{2, sender, recallShare}}, 0},
	} {
		t.Run(row.desc, func(t *testing.T) {
			all := lives.New(chain, contract.Params{RecallBudget: 2, RecallWindow: 100})
			var wrong []lives.Wrong
			nonces := map[contract.Address]uint64{}
			steps := row.steps
			if steps[0] != listed {
				steps = append([]step{{0, sender, send}}, steps...)
			}
			for i, s := range steps {
				code := contract.CodeOK
				if i == len(steps)-1 {
					code = row.last
				}
				tx := &contract.Tx{Account: s.by, Nonce: nonces[s.by], Message: s.do}
				nonces[s.by]++
				wrong = append(wrong, all.Take(1, s.at*second, tx, code)...)
			}
			switch {
			case row.promise == "" && len(wrong) > 0:
				t.Errorf("broken: %v", wrong)
			case row.promise != "" && (len(wrong) != 1 || wrong[0].Promise != row.promise ||
				!strings.Contains(wrong[0].Text, row.says)):
				t.Errorf("broken: %v, expected %s: %s", wrong, row.promise, row.says)
			}
		})
	}
}

// What a leaf says is held against what the blocks say.
func TestDiffers(t *testing.T) {
	friend, other := contract.Address{1}, contract.Address{2}
	l := &lives.Life{Claims: []lives.Claim{{Number: 1, By: friend},
		{Number: 2, By: other, Gone: contract.Returned}}}
	good := contract.Packet{Shares: []contract.Share{{Claimer: friend, State: contract.Held},
		{Claimer: other, State: contract.Returned}}}
	if wrong := l.Differs(&good); wrong != "" {
		t.Error(wrong)
	}
	for _, row := range []struct {
		desc   string
		change func(*contract.Packet)
	}{
		{"a share is missing", func(p *contract.Packet) { p.Shares = p.Shares[:1] }},
		{"another's share", func(p *contract.Packet) { p.Shares[0].Claimer = other }},
		{"a share that was returned is kept", func(p *contract.Packet) { p.Shares[1].State = contract.Settled }},
		{"a share that was returned was recalled", func(p *contract.Packet) {
			p.Shares[1].State = contract.ShareRecalled
		}},
		{"a share is recalled", func(p *contract.Packet) { p.Shares[0].State = contract.ShareRecalled }},
		{"the rest is recalled", func(p *contract.Packet) { p.Status = contract.Recalled }},
	} {
		bad := good
		bad.Shares = slices.Clone(good.Shares)
		row.change(&bad)
		if l.Differs(&bad) == "" {
			t.Errorf("%s: not noticed", row.desc)
		}
	}
}
