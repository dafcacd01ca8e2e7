package contract

import (
	"fmt"
	"testing"
	"time"
)

// A warp is in force from the next block on, and for good; time itself goes on
// meanwhile.
func TestWarp(t *testing.T) {
	w := newDevWorld(t, "alice", "bob")
	terms := goodTerms(func(tm *Terms) { tm.Shares, tm.Total = 1, 100 })
	id := NewPacketID(testChain, testAddr("alice"), 0)
	ok := func(tx *Tx) {
		t.Helper()
		if codes := w.block(t, tx); codes[0] != CodeOK {
			t.Fatal(codes[0])
		}
	}
	ok(w.tx(t, "alice", &Send{Terms: terms}))

	// In the warp's own block time is as it was: the packet can be claimed there.
	before := w.env().Time
	claim := w.tx(t, "carol", &Claim{Packet: id, TermsHash: terms.Hash(testChain)})
	if b, codes := w.run(t, w.tx(t, "bob", &Warp{By: terms.Expiry}), claim); codes[0] != CodeOK || codes[1] != CodeOK ||
		b.ledger.chainClock().Offset != terms.Expiry {
		t.Fatalf("a claim beside the warp: %v, the clock %+v", codes, b.ledger.chainClock())
	}
	ok(w.tx(t, "bob", &Warp{By: terms.Expiry}))
	if got, want := w.env().Time, before.Plus(terms.Expiry+1); got != want {
		t.Errorf("the next block is at %s, want %s", got, want)
	}
	if codes := w.block(t, claim); codes[0] != CodeTxExpired {
		t.Errorf("a transaction signed before the warp: %s", codes[0])
	}
	l := w.ledger(t)
	if p := l.packet(id); p.Status != Expired || p.Closed != before.Plus(terms.Expiry+1) {
		t.Errorf("the packet is %s, closed at %s", p.Status, p.Closed)
	}
	if b := l.account(testAddr("bob")); b.Nonce != 1 || b.History.Count != 1 {
		t.Errorf("bob, who warped: %+v", b)
	}
}

// Only dev chains warp, only forward, and only so far.
func TestWarpIsRefused(t *testing.T) {
	warped := func(by ...Seconds) *world {
		w := newDevWorld(t, "alice")
		for _, by := range by {
			if codes := w.block(t, w.tx(t, "alice", &Warp{By: by})); codes[0] != CodeOK {
				t.Fatal(codes[0])
			}
		}
		return w
	}
	ten := []Seconds{MaxDuration, MaxDuration, MaxDuration, MaxDuration, MaxDuration, MaxDuration, MaxDuration,
		MaxDuration, MaxDuration, MaxDuration}
	for _, row := range []struct {
		desc  string
		world *world
		who   string
		by    Seconds
		code  Code
	}{
		{"a second on a dev chain", warped(), "alice", 1, CodeOK},
		{"a second on any other chain", newWorld(t, "alice"), "alice", 1, CodeNotDevChain},
		{"nothing on any other chain", newWorld(t, "alice"), "alice", 0, CodeNotDevChain},
		{"by nothing", warped(), "alice", 0, CodeBadWarp},
		{"the longest", warped(), "alice", MaxDuration, CodeOK},
		{"a second longer", warped(), "alice", MaxDuration + 1, CodeBadWarp},
		{"back, as a number that wraps round", warped(3600), "alice", 1<<32 - 3600, CodeBadWarp},
		{"as far as there is", warped(ten[1:]...), "alice", MaxDuration, CodeOK},
		{"a second beyond", warped(ten...), "alice", 1, CodeBadWarp},
		{"by somebody without an account", warped(), "nobody", 1, CodeUnknownAccount},
	} {
		before := row.world.leaves[string(ClockKey)]
		if codes := row.world.block(t, row.world.tx(t, row.who, &Warp{By: row.by})); codes[0] != row.code {
			t.Errorf("%s: %s, want %s", row.desc, codes[0], row.code)
		}
		if after := row.world.leaves[string(ClockKey)]; (string(before) != string(after)) != (row.code == CodeOK) {
			t.Errorf("%s: the clock was %x and is %x", row.desc, before, after)
		}
	}
}

// The clock's history is every warp, in order, bound to chain and leaf.
func TestWarpsAreTheClocksHistory(t *testing.T) {
	w := newDevWorld(t, "alice", "bob")
	w.block(t, w.tx(t, "alice", &Warp{By: 60}), w.tx(t, "bob", &Warp{By: 30}),
		w.tx(t, "bob", &Warp{By: MaxDuration + 1}))
	w.block(t, w.tx(t, "bob", &Warp{By: 10}))
	head, count := FirstHead(testChain, ClockKey), uint64(0)
	for _, e := range w.entries {
		if string(e.Leaf) != string(ClockKey) {
			continue
		}
		var got Entry
		if err := Decode(e.Entry, &got); err != nil {
			t.Fatal(err)
		}
		if got.Seq != count || e.Seq != count || got.Kind != KindWarp || got.Tx == nil || got.Posting != nil ||
			got.Packet != nil {
			t.Errorf("entry %d: %+v", count, got)
		}
		head = NextHead(head, got.Hash())
		count++
	}
	c, err := ReadClock(w)
	if err != nil {
		t.Fatal(err)
	}
	if c.Offset != 100 || count != 3 || c.History != (History{Count: count, Head: head}) {
		t.Errorf("clock %+v after %d entries that fold to %s", c, count, head)
	}
}

// The farthest warp and the longest window stay inside Time for two hundred
// years of real blocks.
func TestWarpsEndBeforeTimeDoes(t *testing.T) {
	c := &Clock{Offset: MaxOffset}
	late := TimeOf(time.Date(2250, 1, 1, 0, 0, 0, 0, time.UTC))
	if end := c.Now(late).Plus(MaxDuration); end == MaxTime {
		t.Error("time ends")
	}
	if (*Clock)(nil).Now(late) != late {
		t.Error("a chain without a clock has another time than its blocks")
	}
}

// The bytes of a warp: its tx, the clock it leaves, and the clock's history.
func TestWarpGolden(t *testing.T) {
	w := newDevWorld(t, "alice")
	line := func(name string, v any) string { return fmt.Sprintf("%s: %x", name, v) }
	first := FirstHead(testChain, ClockKey)
	lines := []string{line("key", ClockKey), line("clock at genesis", w.leaves[string(ClockKey)]),
		line("first head", first[:])}
	for _, by := range []Seconds{24 * 3600, MaxDuration} {
		tx := w.tx(t, "alice", &Warp{By: by})
		digest, hash := tx.Digest(), TxHash(tx.Encode())
		w.block(t, tx)
		lines = append(lines, "", "# alice warps by "+by.String(), line("wire", tx.Encode()), line("digest", digest[:]),
			line("hash", hash[:]),
			line("entry", w.entries[len(w.entries)-1].Entry), line("clock", w.leaves[string(ClockKey)]))
	}
	golden(t, "warp", lines)
}
