package audit

import (
	"testing"

	"hongbao/contract"
)

const recallCaseBytes = 32_000

// A recall case is small enough to be mailed, a hundred claimers or not. What
// is larger has a list of a hundred names and five times the longest clauses in
// it, and a history of hundreds of entries behind it.
func TestRecallCaseSize(t *testing.T) {
	held := heldTerms(contract.MaxShares)
	others := func(do func(name string, share uint32)) {
		eachClaimer(func(name string, n uint32) {
			if n > 1 {
				do(name, n)
			}
		})
	}
	for _, c := range []struct {
		desc  string
		large bool // the worst that can be built: its size is told and not bounded
		build func() *File
	}{
		{"the demo's", false, func() *File {
			l, id := livesRecalled(t)
			return l.proveRecall(id, 0)
		}},
		{"one share of a hundred, the others claimed before and settled after it", false, func() *File {
			f := newForgery(t, held)
			eachClaimer(func(name string, _ uint32) { f.claim(name) })
			f.after(1).recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD")).after(7200)
			others(func(_ string, n uint32) { f.settle(n) })
			return f.recallCase(1)
		}},
		{"the first share of a hundred, the others claimed and settled after it", false, func() *File {
			f := newForgery(t, held)
			f.claim("bob").recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD"))
			others(func(name string, _ uint32) { f.claim(name) })
			f.after(7200)
			others(func(_ string, n uint32) { f.settle(n) })
			return f.recallCase(1)
		}},
		{"the rest of a packet of a hundred, after 99 claims", false, func() *File {
			f := newForgery(t, held)
			others(func(name string, _ uint32) { f.claim(name) })
			return f.after(1).recall("alice", 3, "AC03").recallCase(0)
		}},
		{"the same, and every share settled after it", false, func() *File {
			f := newForgery(t, held)
			others(func(name string, _ uint32) { f.claim(name) })
			f.after(1).recall("alice", 3, "AC03").after(7200)
			others(func(_ string, n uint32) { f.settle(n - 1) })
			return f.recallCase(0)
		}},
		{"the worst: a hundred named, the longest clauses tightened four times, 8 consents, and all others settled, " +
			"asked for, refused and returned after it", true, func() *File {
			f := newForgery(t, heaviestTerms())
			var consents []contract.Consent
			f.claim("claimer 0")
			for _, k := range eight {
				consents = append(consents, f.consent(k, 1, 1, "TECH"))
			}
			f.recallShare("dave", 1, 1, "TECH", consents...)
			others(func(name string, _ uint32) { f.claim(name) })
			for i := range 4 {
				f.after(contract.Seconds(i+1)).tighten("alice", heavyClauses(39-i)...)
			}
			f.after(7200)
			others(func(_ string, n uint32) { f.settle(n) })
			others(func(_ string, n uint32) { f.ask("alice", n, "TECH") })
			f.after(7201)
			others(func(name string, n uint32) { f.refuse(name, n) })
			f.after(7202)
			others(func(name string, n uint32) { f.giveBack(name, n) })
			return f.recallCase(1)
		}},
	} {
		t.Run(c.desc, func(t *testing.T) {
			f := c.build()
			file := encode(t, f)
			accepted(t, file)
			t.Logf("%d bytes: leaf and its proof %d, transactions %d, tail %d, header %d", len(file),
				len(f.LeafProof), len(f.Txs[0])+len(f.Txs[len(f.Txs)-1]), len(f.Tail), len(f.SignedHeader))
			if len(file) >= recallCaseBytes && !c.large {
				t.Errorf("%d bytes, expected less than %d", len(file), recallCaseBytes)
			}
		})
	}
}
