package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// BenchmarkClaims compares claims from a list of a million with claims of packets to a
// hundred names, in blocks of 1,000 as BenchmarkGrab has them: the same accounts claim in
// the same order, each from a chain with so many accounts. It is given in processor time,
// in leaves written, and as a ratio. A profile tells the two apart by their label.
//
//	go test ./app -run xxx -bench Claims -benchtime 5x
//	go test ./app -run xxx -bench Claims -benchtime 5x -cpuprofile FILE; go tool pprof -tagfocus 'from a list' FILE
func BenchmarkClaims(b *testing.B) {
	for _, accounts := range []int{grabActive + 1, 100_000} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			rows := []*campaign{
				{grab: newGrab(b, accounts), desc: "by name", offer: (*campaign).byName},
				{grab: newGrab(b, accounts), desc: "from a list", offer: (*campaign).fromList},
			}
			rows[1].makeList()
			for b.Loop() {
				b.StopTimer()
				var blocks [2][][][]byte
				for i, row := range rows {
					blocks[i] = slices.Collect(slices.Chunk(row.offer(row), grabTxs))
					row.Wait(time.Second)
				}
				b.StartTimer()
				for i, row := range rows {
					row.run(blocks[i])
				}
			}
			txs := float64(b.N * grabActive)
			for _, row := range rows {
				b.ReportMetric(float64(row.spent.Microseconds())/txs, "cpu-µs/claim-"+row.desc[:2])
			}
			b.ReportMetric(float64(rows[1].writes)/txs, "writes/claim")
			b.ReportMetric(float64(rows[1].spent)/float64(rows[0].spent), "×named")
		})
	}
}

// BenchmarkRest is a block in which the rest of a packet to a list of ten, or of a million, is recalled
// or expires.
//
//	go test ./app -run xxx -bench BenchmarkRest -benchtime 1500x
func BenchmarkRest(b *testing.B) {
	for _, end := range []string{"recall", "expiry"} {
		for _, count := range []uint32{10, contract.MaxListed} {
			b.Run(fmt.Sprintf("%s/shares=%d", end, count), func(b *testing.B) {
				g := testGenesis(contract.DefaultParams(), "alice")
				g.Accounts[0].Balance = contract.MaxListed
				c := newChainWith(b, Options{}, g)
				tm := terms(count, 1)
				tm.Total, tm.Split, tm.Claim.Cond = contract.MaxListed, contract.ByList, contract.Listed{}
				for b.Loop() {
					b.StopTimer()
					c.Wait(24 * time.Hour) // the budget has another recall
					id := c.Send("alice", tm)
					var txs [][]byte
					if end == "recall" {
						txs = append(txs, c.Tx("alice", &contract.Recall{Packet: id, Clause: 1}))
					} else {
						c.Wait(24 * time.Hour)
					}
					before := c.app.store.Writes()
					b.StartTimer()
					c.Block(txs...)
					b.StopTimer()
					if got := c.app.store.Writes() - before; got < 3 {
						b.Fatalf("%d leaves written: the packet did not end", got)
					}
					b.StartTimer()
				}
			})
		}
	}
}

// campaign is a chain on which all of a grab's accounts claim, one claim each.
type campaign struct {
	*grab
	desc   string
	offer  func(*campaign) [][]byte // claims by all accounts, after the sends of their packets
	spent  time.Duration
	writes int64

	entries map[string]*contract.Listing
	terms   contract.Terms // of the packet to the list
}

// byName are claims of packets to a hundred names.
func (c *campaign) byName() (claims [][]byte) {
	var sends [][]byte
	for names := range slices.Chunk(c.names, contract.MaxShares) {
		var people []contract.Address
		for _, n := range names {
			people = append(people, addr(n))
		}
		tm := terms(contract.MaxShares, 10, func(t *contract.Terms) {
			t.Claim.Cond, t.Clauses = contract.Named{Claimers: people}, nil
		})
		id := contract.NewPacketID(testChain, addr("alice"), c.Nonces["alice"])
		sends = append(sends, c.Tx("alice", &contract.Send{Terms: tm}))
		for _, n := range names {
			claims = append(claims, c.Claim(n, id, tm))
		}
	}
	c.Succeed(sends...)
	return claims
}

// makeList makes a list that has the accounts in places drawn at random among 8,192. The
// rest of a million stands beside these as subtrees.
func (c *campaign) makeList() {
	names := slices.Clone(c.names)
	for i := len(names); i < 1<<13; i++ {
		names = append(names, fmt.Sprint("absent ", i))
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	s := newStaff(c.T, names...)
	c.entries = map[string]*contract.Listing{}
	var top contract.Subtree
	for i, n := range names {
		path := s.list.Path(uint32(i + 1))
		for h := len(path); h < 20; h++ {
			path = append(path, contract.Subtree{Hash: contract.Hash{byte(h)}, Sum: 1 << h})
		}
		c.entries[n] = &contract.Listing{Entry: s.entries[i], Path: path}
		top, _ = c.entries[n].Top(contract.MaxListed)
	}
	c.terms = s.terms(func(t *contract.Terms) { t.Clauses = nil })
	c.terms.Shares, c.terms.Total = contract.MaxListed, top.Sum
	c.terms.Claim.Cond = contract.Listed{Root: contract.ListRoot(contract.MaxListed, top)}
}

// fromList are claims of one packet to the list.
func (c *campaign) fromList() (claims [][]byte) {
	id := contract.NewPacketID(testChain, addr("alice"), c.Nonces["alice"])
	c.Succeed(c.Tx("alice", &contract.Send{Terms: c.terms}))
	hash := c.terms.Hash(testChain)
	for _, n := range c.names {
		claims = append(claims, c.Tx(n, &contract.Claim{Packet: id, TermsHash: hash, Listing: c.entries[n]}))
	}
	return claims
}

// run takes blocks from their claims' arrival to their commits.
func (c *campaign) run(blocks [][][]byte) {
	writes, begin := c.app.store.Writes(), processorTime(c.T)
	pprof.Do(context.Background(), pprof.Labels("claims", c.desc), func(context.Context) {
		for _, claims := range blocks {
			c.execute(claims)
			c.Wait(time.Second)
		}
	})
	c.spent += processorTime(c.T) - begin
	c.writes += c.app.store.Writes() - writes
}
