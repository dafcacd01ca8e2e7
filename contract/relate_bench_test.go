package contract

import (
	"slices"
	"testing"
	"time"
)

// heavyClauses are the most work that a legal list can make: 64 parts in each
// of four clauses on one target, with eight keys and sixteen times in all. What
// a table costs most is k of n over signatures, and those take the most bytes
// of the list; short atoms fill it up. Each window lasts a while longer than
// the one before, the first of them that many seconds.
func heavyClauses(seconds Seconds) (list []Clause) {
	for i := range maxClauses {
		signed := func(keys int) Of {
			o := Of{K: 1 + keys, Operands: []Cond{Sender{}}}
			for j := range keys {
				o.Operands = append(o.Operands, Key{people[1+(i+j)%(maxClauseKeys-1)]})
			}
			return o
		}
		timed := Of{K: maxOperands, Operands: slices.Repeat([]Cond{Always{}}, maxOperands)}
		for j := range maxWindows / maxClauses {
			timed.Operands[j] = Within{seconds + Seconds(100*i+10*j)}
		}
		c := All{Sender{}, signed(7), signed(2), timed}
		for range 2 {
			c = append(c, Of{K: maxOperands - 2, Operands: append(slices.Repeat([]Cond{Always{}}, maxOperands-3),
				Sender{})})
		}
		if i == 0 {
			timed.Operands[maxOperands-1] = Untouched{}
		}
		list = append(list, Clause{Target: Rest, When: Rule{c}, Reasons: []Reason{}})
	}
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
	related := func() {
		if relate(next, terms.Clauses, people[0], noon, &terms) != allowsLess {
			b.Fatal("not less")
		}
	}
	for b.Loop() {
		related()
	}
	signature := fastest(func() {
		if !(Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			b.Fatal("not signed")
		}
	})
	checked := fastest(func() {
		if err := p.CheckTightening(next); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(fastest(related))/float64(signature), "signatures")
	b.ReportMetric(float64(checked)/float64(signature), "signatures-with-checks")
}

// fastest is the least time of many: what it takes when nothing else runs.
func fastest(do func()) time.Duration {
	best := time.Hour
	for range 500 {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}
