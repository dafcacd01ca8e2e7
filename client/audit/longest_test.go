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
	var names []string
	var list contract.Named
	for i := range contract.MaxShares {
		names = append(names, fmt.Sprintf("claimer %d", i))
		list.Claimers = append(list.Claimers, address(names[i]))
	}
	each := func(do func(name string, share uint32)) {
		for i, n := range names {
			do(n, uint32(i+1))
		}
	}
	askedAndReturned := func(f *forgery) {
		f.after(7200)
		each(func(_ string, n uint32) { f.settle(n) })
		each(func(_ string, n uint32) { f.ask("alice", n, "TECH") })
		f.after(7201)
		each(func(name string, n uint32) { f.refuse(name, n) })
		f.after(7202)
		each(func(name string, n uint32) { f.giveBack(name, n) })
	}
	for _, c := range []struct {
		desc  string
		split contract.Split
		txs   int
		do    func(f *forgery)
	}{
		{"every share asked for, refused and returned", contract.Equal, 5 + 4*contract.MaxShares, askedAndReturned},
		{"every share drawn by a beacon of its own, asked for, refused and returned", contract.Lucky, 5 + 4*contract.MaxShares, askedAndReturned},
		{"every share recalled with eight consents", contract.Equal, 5 + 2*contract.MaxShares, func(f *forgery) {
			f.after(10)
			each(func(_ string, n uint32) {
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
			all := terms(contract.MaxShares, 100, heavyClauses(40)...)
			all.Split, all.Hold, all.Claim.Cond = c.split, 7200, list
			f := newForgery(t, all)
			each(func(name string, n uint32) {
				if c.split == contract.Lucky {
					f.reserve(name).after(0).beacon().draw(n)
				} else {
					f.claim(name)
				}
			})
			for i := range 4 {
				f.after(contract.Seconds(i+1)).tighten("alice", heavyClauses(39-i)...)
			}
			c.do(f)
			file := encode(t, f.seal())
			start := time.Now()
			refused(t, file, "", "")
			t.Logf("%d txs, %d entries, %d beacons, %d bytes of file, %d of leaf: %s", len(f.txs), len(f.entries), len(f.beacons), len(file), len(contract.Encode(&f.p)), time.Since(start))
			if len(f.txs) != c.txs {
				t.Errorf("%d txs, expected %d", len(f.txs), c.txs)
			}
		})
	}
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
