package audit

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// tellWarped: bob's share is held for two hours and others may take it back in
// the first; ninety minutes are skipped.
func tellWarped(t testing.TB) (*ledger, contract.PacketID) {
	l := newDevLedger(t, "alice", "bob")
	id := l.send(terms2h("share when all(sender,within(1h))"))
	l.block(time.Second, l.claim("bob", id))
	l.block(time.Second, l.tx("bob", &contract.Warp{By: 5400}))
	return l, id
}

// On a dev chain "now" is where the chain's clock is, which the file proves and
// the report says.
func TestDevClock(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	l, id := tellWarped(t)
	f := l.prove(id)
	golden(t, "warped.proof", encode(t, f))
	r := Verify(encode(t, f), trust, Options{})
	if all := strings.Join(lines(r), "\n"); r.Verdict != Valid || !strings.Contains(all, "✓ DEV CLOCK: 1h30m ahead of the validators' clocks") {
		t.Errorf("%s\n%s", r.Verdict, all)
	}
	if !strings.Contains(r.Statement, "beyond every clause. 1 share is held until 2026-02-17T23:00:01Z") || strings.Contains(r.Statement, "NOT FINAL") {
		t.Errorf("it says %s", r.Statement)
	}
	if want := contract.TimeOf(l.time.Add(time.Second)).Plus(5400); r.Packet.Time != want {
		t.Errorf("proven at %s, want %s", r.Packet.Time, want)
	}

	// A file that hides the clock is judged by an earlier time: what it then
	// calls final is final, and it calls less so.
	hidden := *f
	hidden.ShowClock(nil, nil)
	if r := Verify(encode(t, &hidden), trust, Options{}); r.Verdict != Valid || !strings.Contains(r.Statement, "NOT FINAL: 1 share, ¥1.00 in all, can be taken back by others until 2026-02-17T22:00:01Z") {
		t.Errorf("without its clock: %s, %s", r.Verdict, r.Statement)
	}

	// How old a header may be is about the validators' time.
	if r := Verify(encode(t, f), trust, Options{At: l.time.Add(2 * time.Second)}); r.Verdict != Untrusted {
		t.Errorf("a header that a warp made young: %s", r.Verdict)
	}

	// What happened after the warp is later than the header, and cannot be told
	// without the clock.
	l.block(time.Second, l.tx("bob", &contract.Return{Packet: id, Share: 1}))
	f = l.prove(id)
	if r := Verify(encode(t, f), trust, Options{}); r.Verdict != Valid {
		t.Errorf("an entry after the warp: %s", r.Statement)
	}
	f.ShowClock(nil, nil)
	if r := Verify(encode(t, f), trust, Options{}); r.Verdict != Invalid || !strings.Contains(r.Statement, "the last entry is of 2026-02-17T22:30:03Z, and it is 2026-02-17T21:00:04Z yet at the header") {
		t.Errorf("an entry after the warp, without the clock: %s, %s", r.Verdict, r.Statement)
	}

	unmoved := newDevLedger(t, "alice")
	r = Verify(encode(t, unmoved.prove(unmoved.send(terms(1, 520)))), trust, Options{})
	if all := strings.Join(lines(r), "\n"); r.Verdict != Valid || !strings.Contains(all, "✓ DEV CLOCK: not moved") {
		t.Errorf("%s\n%s", r.Verdict, all)
	}
}

// A clock that is not the chain's is refused, whoever shows it.
func TestForgedClocks(t *testing.T) {
	dev := newValidators(10, 10, 10, 10).trust()
	serious := newValidators(10, 10, 10, 10).trust()
	serious.Dev = false
	l, id := tellWarped(t)
	faster, err := contract.ReadClock(l)
	must(t, err)
	faster.Offset += 7200
	other := newDevLedger(t, "alice", "bob")
	other.block(time.Second, other.tx("bob", &contract.Warp{By: 7200}))

	for _, row := range []struct {
		desc  string
		trust *Trust
		edit  func(f *File)
		check string
		says  string
	}{
		{"the chain's own", dev, func(*File) {}, "", ""},
		{"on a chain that has none", serious, func(*File) {}, "clock", "no dev chain"},
		{"faster than it is", dev, func(f *File) { f.Clock = contract.Encode(faster) }, "clock", "does not match"},
		{"another leaf", dev, func(f *File) { f.ShowClock(f.Leaf[:60], f.LeafProof) }, "clock", "does not match"},
		{"another chain's", dev, func(f *File) {
			f.ShowClock(other.leaves[string(contract.ClockKey)], proofOf(t, other.tree, contract.ClockKey))
		}, "clock", "does not match"},
		{"without a proof", dev, func(f *File) { f.ClockProof = nil }, "file", "belong together"},
		{"a proof without a clock", dev, func(f *File) { f.Clock = nil }, "file", "belong together"},
		{"one too long", dev, func(f *File) { f.Clock = make([]byte, maxClockBytes+1) }, "file", "at most 64"},
	} {
		f := l.prove(id)
		row.edit(f)
		r := Verify(encode(t, f), row.trust, Options{})
		last := r.Checks[len(r.Checks)-1]
		if row.check == "" && r.Verdict == Valid {
			continue
		}
		if r.Verdict != Invalid || last.Name != row.check || !strings.Contains(last.Detail, row.says) {
			t.Errorf("%s: %s: %s: %s", row.desc, r.Verdict, last.Name, last.Detail)
		}
	}
}
