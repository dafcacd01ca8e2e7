package contract

import (
	"slices"
	"testing"
	"time"
)

// heavyClauses are the most work that a legal list can make: 64 parts in each
// of four clauses on one target, with eight keys and sixteen times in all. A
// table of k of n costs k times n steps, so nearly all of them stand in 16 of
// 16; short atoms leave room for it. Each window lasts a while longer than the
// one before, the first of them that many seconds.
func heavyClauses(seconds Seconds) (list []Clause) {
	for i := range maxClauses {
		c := All{Sender{}}
		for range 3 {
			c = append(c, Of{K: maxOperands, Operands: slices.Repeat([]Cond{Always{}}, maxOperands)})
		}
		c = append(c, Of{K: 10, Operands: slices.Repeat([]Cond{Always{}}, 10)})
		atoms := c[1].(Of).Operands
		atoms[0], atoms[1] = Key{people[1+2*i%7]}, Key{people[1+(2*i+1)%7]}
		for j := range maxWindows / maxClauses {
			atoms[2+j] = Within{seconds + Seconds(100*i+10*j)}
		}
		list = append(list, Clause{Target: Rest, When: Rule{c}, Reasons: []Reason{}})
	}
	list[0].When.Cond.(All)[4].(Of).Operands[0] = Untouched{}
	return list
}

// BenchmarkRelate compares the most expensive lists of clauses that a Tighten
// may name. signatures is what it costs in verified signatures, as each tx has
// at least one: a tighten must not be a way to buy a node's time cheaply.
func BenchmarkRelate(b *testing.B) {
	terms := goodTerms(func(t *Terms) { t.Clauses = heavyClauses(1000) })
	next := heavyClauses(999)
	p := &Packet{Sender: people[0], Terms: terms, Created: noon}
	if err := CheckTerms(&terms, people[0], noon); err != nil {
		b.Fatal(err)
	}
	if err := p.CheckTightening(next); err != nil {
		b.Fatal(err)
	}
	tx := &Tx{Chain: testChain, Message: &Tighten{Clauses: next}}
	if err := tx.Sign(testKey("alice")); err != nil {
		b.Fatal(err)
	}
	const rounds = 200
	start := time.Now()
	for range rounds {
		if !tx.verify(Schnorr{}) {
			b.Fatal("not signed")
		}
	}
	signature := time.Since(start) / rounds
	for b.Loop() {
		if relate(next, terms.Clauses, people[0], noon, &terms) != allowsLess {
			b.Fatal("not less")
		}
	}
	relating := b.Elapsed() / time.Duration(b.N)
	start = time.Now()
	for range rounds {
		if err := p.CheckTightening(next); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(relating)/float64(signature), "signatures")
	b.ReportMetric(float64(time.Since(start)/rounds)/float64(signature), "signatures-with-checks")
}
