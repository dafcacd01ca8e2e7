package app

import (
	"fmt"
	"testing"
	"time"

	"hongbao/contract"
)

// BenchmarkClaims claims in blocks of a hundred: from packets to a hundred names, and
// from packets to a list of a million, of which these claimers are the first.
//
//	go test ./app -run '^$' -bench Claims
func BenchmarkClaims(b *testing.B) {
	const claimers = 100
	names := []string{"alice"}
	var people []contract.Address
	for i := range 128 { // a whole part of the list
		names = append(names, fmt.Sprint("claimer ", i))
		people = append(people, addr(names[i+1]))
	}
	named := terms(claimers, 10, func(t *contract.Terms) {
		t.Claim.Cond, t.Clauses = contract.Named{Claimers: people[:claimers]}, nil
	})
	s := newStaff(b, names[1:]...)
	// The rest of the million stands beside these as subtrees.
	var above []contract.Subtree
	for i := len(s.list.Path(1)); i < 20; i++ {
		above = append(above, contract.Subtree{Hash: contract.Hash{byte(i)}, Sum: 1 << i})
	}
	path := func(i int) []contract.Subtree { return append(s.list.Path(uint32(i+1)), above...) }
	first := &contract.Listing{Entry: s.entries[0], Path: path(0)}
	top, ok := first.Top(contract.MaxListed)
	if !ok {
		b.Fatal("too much money")
	}
	listed := s.terms(func(t *contract.Terms) { t.Clauses = nil })
	listed.Shares, listed.Total = contract.MaxListed, top.Sum
	listed.Claim.Cond = contract.Listed{Root: contract.ListRoot(contract.MaxListed, top)}
	for _, row := range []struct {
		desc  string
		terms contract.Terms
		claim func(c *chain, i int, id contract.PacketID) []byte
	}{
		{"by name", named, func(c *chain, i int, id contract.PacketID) []byte {
			return c.Claim(names[i+1], id, named)
		}},
		{"from a list", listed, func(c *chain, i int, id contract.PacketID) []byte {
			return c.Tx(names[i+1], &contract.Claim{Packet: id, TermsHash: listed.Hash(testChain),
				Listing: &contract.Listing{Entry: s.entries[i], Path: path(i)}})
		}},
	} {
		b.Run(row.desc, func(b *testing.B) {
			g := testGenesis(contract.DefaultParams(), names...)
			g.Accounts[0].Balance = contract.MaxAmount / 2
			c := newChainWith(b, Options{}, g)
			for b.Loop() {
				b.StopTimer()
				id := c.Send("alice", row.terms)
				var block [][]byte
				for i := range claimers {
					block = append(block, row.claim(c, i, id))
				}
				b.StartTimer()
				for i, r := range c.Finalize(block...).TxResults {
					if r.Code != 0 {
						b.Fatalf("claim %d: %s", i, r.Log)
					}
				}
				b.StopTimer()
				c.Wait(time.Minute) // the buckets fill
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*claimers), "µs/claim")
		})
	}
}
