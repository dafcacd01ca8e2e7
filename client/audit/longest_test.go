package audit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// The longest lives there are fit the bounds and are accepted, in seconds: a
// hundred named claimers, and as many clauses, keys, windows, tightenings,
// consents, questions and answers as the contract lets in.
func TestLongestLives(t *testing.T) {
	for _, c := range []struct {
		desc  string
		split contract.Split
		txs   int
		do    func(f *forgery)
	}{
		{"every share asked for, refused and returned", contract.Equal, 5 + 4*contract.MaxShares, askedAndReturned},
		{"every share drawn by a beacon of its own, asked for, refused and returned", contract.Lucky,
			5 + 4*contract.MaxShares, askedAndReturned},
		{"every share recalled with eight consents", contract.Equal, 5 + 2*contract.MaxShares, func(f *forgery) {
			f.after(10)
			eachClaimer(func(_ string, n uint32) {
				var consents []contract.Consent
				for _, k := range eight {
					consents = append(consents, f.consent(k, 1, n, "TECH"))
				}
				f.recallShare("dave", 1, n, "TECH", consents...)
			})
		}},
		{"every share still held", contract.Equal, 5 + contract.MaxShares, func(f *forgery) {}},
	} {
		t.Run(c.desc, func(t *testing.T) {
			f := claimedByAll(t, c.split)
			c.do(f)
			file := encode(t, f.seal())
			start := time.Now()
			accepted(t, file)
			t.Logf("%d txs, %d entries, %d beacons, %d bytes of file, %d of leaf: %s", len(f.txs), len(f.entries),
				len(f.beacons), len(file), len(contract.Encode(&f.p)), time.Since(start))
			if len(f.txs) != c.txs {
				t.Errorf("%d txs, expected %d", len(f.txs), c.txs)
			}
		})
	}
}

// claimedByAll is a packet of a hundred named claimers under the longest
// clauses, who all took their shares, tightened four times.
func claimedByAll(t testing.TB, split contract.Split) *forgery {
	all := heaviestTerms()
	all.Split = split
	f := newForgery(t, all)
	eachClaimer(func(name string, n uint32) {
		if split == contract.Lucky {
			f.reserve(name).after(0).beacon().draw(n)
		} else {
			f.claim(name)
		}
	})
	for i := range 4 {
		f.after(contract.Seconds(i+1)).tighten("alice", heavyClauses(39-i)...)
	}
	return f
}

// heaviestTerms are as long as terms can be.
func heaviestTerms() contract.Terms {
	var list contract.Named
	eachClaimer(func(name string, _ uint32) { list.Claimers = append(list.Claimers, address(name)) })
	t := terms(contract.MaxShares, 100, heavyClauses(40)...)
	t.Hold, t.Claim.Cond = 7200, list
	return t
}

// eachClaimer is as many names as a packet has shares at most, with the share
// that each takes.
func eachClaimer(do func(name string, share uint32)) {
	for i := range contract.MaxShares {
		do(fmt.Sprintf("claimer %d", i), uint32(i+1))
	}
}

func askedAndReturned(f *forgery) {
	f.after(7200)
	eachClaimer(func(_ string, n uint32) { f.settle(n) })
	eachClaimer(func(_ string, n uint32) { f.ask("alice", n, "TECH") })
	f.after(7201)
	eachClaimer(func(name string, n uint32) { f.refuse(name, n) })
	f.after(7202)
	eachClaimer(func(name string, n uint32) { f.giveBack(name, n) })
}

var eight = []string{"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"}

// heavyClauses are about as much as may stand in a packet: 4 clauses with 8
// keys and 16 windows, in 4 kB. Fewer minutes allow less.
func heavyClauses(minutes int) (clauses []string) {
	var keys []string
	for _, k := range eight {
		keys = append(keys, "key("+address(k).String()+")")
	}
	half := "4 of (" + strings.Join(keys, ",") + ")"
	for i := range 4 {
		var ways []string
		for j := range 4 {
			who := keys[2*j] + "," + keys[2*j+1]
			if j == 0 {
				who = half
			}
			ways = append(ways, fmt.Sprintf("all(%s,within(%dm))", who, minutes+4*i+j))
		}
		clauses = append(clauses, "share when any("+strings.Join(ways, ",")+")")
	}
	return clauses
}
