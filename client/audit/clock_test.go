package audit

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// On a dev chain "now" is where the chain's clock is, which the file proves and
// the report says.
func TestDevClock(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	l, id := livesWarped(t)
	f := l.prove(id)
	r := Verify(encode(t, f), trust, Options{})
	if want := contract.TimeOf(l.time.Add(time.Second)).Plus(5400); r.Verdict != Valid || r.Proven.Time != want ||
		r.Facts.Time != want {
		t.Fatalf("%s: proven at %+v, want %s", Statement(false, r), r.Facts, want)
	}
	if d := r.Facts.DevClock; d == nil || *d != 5400 {
		t.Errorf("the clock is proven to be %v ahead", d)
	}

	// A file that hides the clock is judged by an earlier time: what it then
	// calls final is final, and it calls less so.
	f.ClockProof = nil
	if r := Verify(encode(t, f), trust, Options{}); r.Verdict != Valid || r.Facts.DevClock != nil ||
		!strings.Contains(Statement(false, r),
			"NOT FINAL: 1 share, ¥1.00 in all, can be taken back by others until 2026-02-17T22:00:01Z") {
		t.Errorf("without its clock: %s, %s", r.Verdict, Statement(false, r))
	}

	// How old a header may be is about the validators' time.
	if r := Verify(encode(t, l.prove(id)), trust, Options{At: l.time.Add(2 * time.Second)}); r.Verdict != Untrusted {
		t.Errorf("a header that a warp made young: %s", r.Verdict)
	}

	unmoved := newDevLedger(t, "alice")
	r = Verify(encode(t, unmoved.prove(unmoved.send(terms(1, 520)))), trust, Options{})
	if all := strings.Join(lines(r), "\n"); r.Verdict != Valid || !strings.Contains(all, "✓ DEV CLOCK: not moved") ||
		*r.Facts.DevClock != 0 {
		t.Errorf("%s\n%s", r.Verdict, all)
	}
}

// Every kind of proof shows the clock, and a share's finality goes by it.
func TestEveryKindShowsTheClock(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	l, id := livesWarped(t)
	share := l.build(KindShare, subject(id, 1), contract.PacketKey(id), Evidence{Txs: l.wires(l.parties(id, 1))})
	for _, f := range []*File{
		share,
		l.build(KindUnrecalled, id.String(), contract.PacketKey(id), Evidence{}),
		l.build(KindAccount, address("bob").String(), contract.AccountKey(address("bob")),
			Evidence{Entries: l.history(contract.AccountKey(address("bob")))}),
		l.build(KindSupply, supplySubject, contract.SupplyKey, Evidence{}),
	} {
		r := Verify(encode(t, f), trust, Options{})
		if r.Verdict != Valid || r.Facts.DevClock == nil || r.Checks[1].Name != "clock" {
			t.Errorf("%s: %s\n%s", f.Kind, Statement(false, r), strings.Join(lines(r), "\n"))
		}
	}
	if r := Verify(encode(t, share), trust, Options{}); r.Final() == nil || !*r.Final() {
		t.Errorf("a share that others could take until an hour ago: %s", Statement(false, r))
	}
	share.ClockProof = nil
	if r := Verify(encode(t, share), trust, Options{}); r.Final() == nil || *r.Final() {
		t.Errorf("the same, with the clock hidden: %s", Statement(false, r))
	}
}

// A clock that is not the chain's is refused.
func TestForgedClocks(t *testing.T) {
	dev, serious := newValidators(10, 10, 10, 10).trust(), newValidators(10, 10, 10, 10).trust()
	serious.Dev = false
	l, id := livesWarped(t)
	other := newDevLedger(t, "alice", "bob")
	other.block(time.Second, other.tx("bob", &contract.Warp{By: 7200}))
	for _, row := range []struct {
		desc  string
		trust *Trust
		proof []byte
		check string
		says  string
	}{
		{"on a chain that has none", serious, proofOf(t, l.tree, contract.ClockKey), "clock", "no dev chain"},
		{"another leaf", dev, proofOf(t, l.tree, contract.SupplyKey), "clock", "does not match"},
		{"another chain's", dev, proofOf(t, other.tree, contract.ClockKey), "clock", "does not match"},
		{"another chain's, without trust", nil, proofOf(t, other.tree, contract.ClockKey), "clock", "does not match"},
		{"no proof at all", dev, []byte("clock"), "clock", "not a plain ICS-23 proof"},
		{"a proof too long", dev, make([]byte, maxProofBytes+1), "file", "more than"},
	} {
		f := l.prove(id)
		f.ClockProof = row.proof
		r := Verify(encode(t, f), row.trust, Options{})
		if last := r.Checks[len(r.Checks)-1]; r.Verdict != Invalid || last.Name != row.check ||
			!strings.Contains(Say(last.Found), row.says) {
			t.Errorf("%s: %s: %s: %s", row.desc, r.Verdict, last.Name, Say(last.Found))
		}
	}
}
