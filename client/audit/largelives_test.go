package audit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hongbao/contract"
)

// anyCampaign sends a large packet of a split, under clauses that let its sender take back
// the rest, and held shares where there is a hold.
func anyCampaign(t testing.TB, r *rand.Rand) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob")
	var terms contract.Terms
	switch r.IntN(3) {
	case 0:
		names := staff[:1+r.IntN(len(staff))]
		list := listOf(t, names...)
		return l, l.sendList(list, list.terms())
	case 1:
		terms = heldTerms(101)
	case 2:
		terms = luckyTerms(101, contract.Amount(101+r.Uint64N(1000)), "rest when sender")
	}
	if r.IntN(3) == 0 { // some expire within the story
		terms.Expiry = 600
	}
	return l, l.send(terms)
}

// happen is a block of what may happen to a campaign then.
func (l *ledger) happen(r *rand.Rand, id contract.PacketID, claimer *int) {
	after := time.Duration(1+r.IntN(200)) * time.Second
	if r.IntN(6) == 0 {
		after = time.Duration(r.IntN(3)) * time.Hour
	}
	l.block(after)
	p := l.packet(id)
	if p.Status != contract.Open || l.now().Plus(1) >= p.Expires {
		return
	}
	var txs, mine [][]byte
	own := func(m contract.Message) {
		tx := l.tx("alice", m, mine...)
		txs, mine = append(txs, tx), append(mine, tx)
	}
	left := int(p.Terms.Shares - p.Tally.Claimed)
	for range min(r.IntN(4), left) {
		*claimer++
		name := fmt.Sprint("claimer ", *claimer)
		if list := l.lists[id]; list != nil {
			txs = append(txs, l.nextEntry(id, list, len(txs)-len(mine)))
		} else {
			txs = append(txs, l.claim(name, id))
		}
		if r.IntN(8) == 0 && len(p.Tightened) == 0 && len(mine) == 0 {
			own(tightenTo(id, "rest when all(sender,within(5m))"))
		}
	}
	clause := p.ClauseHolds(0, "", l.now().Plus(1), address("alice"))
	if r.IntN(6) == 0 && len(mine) == 0 && clause > 0 && len(txs) < left {
		own(&contract.Recall{Packet: id, Clause: clause})
	}
	l.block(time.Second, txs...)
}

// nextEntry is the claim of the list's next unclaimed entry but skip.
func (l *ledger) nextEntry(id contract.PacketID, list *listed, skip int) []byte {
	for i, name := range staff[:len(list.entries)] {
		if l.leaves[string(contract.ShareKey(id, uint32(i+1)))] != nil {
			continue
		}
		if skip == 0 {
			return l.claimEntry(name, id, i+1)
		}
		skip--
	}
	l.t.Fatal("every entry is claimed")
	return nil
}

// Whatever happens to a large packet, its life and each of its shares is proven at every
// height, and so is what was not claimed.
func TestLargeLivesAreProven(t *testing.T) {
	lives, proofs := 60, map[Kind]int{}
	if testing.Short() {
		lives = 10
	}
	proven := func(f *File) {
		t.Helper()
		accepted(t, encode(t, f))
		proofs[f.Kind]++
	}
	statuses := map[contract.Status]int{}
	for n := range lives {
		r, claimer := rand.New(rand.NewPCG(uint64(n), 29)), 0
		l, id := anyCampaign(t, r)
		for range 8 {
			l.happen(r, id, &claimer)
			proven(l.proveLargePacket(id))
		}
		p := l.packet(id)
		statuses[p.Status]++
		for n := uint32(1); n <= min(p.Terms.Shares, 5); n++ {
			switch {
			case l.leaves[string(contract.ShareKey(id, n))] != nil:
				proven(l.proveLargeShare(id, n))
			case l.lists[id] != nil:
				proven(l.proveUnclaimed(id, int(n)))
			}
		}
	}
	t.Logf("%d lives, %v proofs, %v at the end", lives, proofs, statuses)
	if !testing.Short() && len(statuses) < 4 {
		t.Errorf("the lives end in %v alone", statuses)
	}
}
