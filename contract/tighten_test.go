package contract

import (
	"testing"
	"time"
)

// What a Tighten is refused for, beside allowing too much.
func TestTighten(t *testing.T) {
	two := []string{"rest when all(sender,within(10m))", "share when 2 of (key(@a),key(@b),key(@c)) for FRAD,DUPL"}
	for _, row := range []struct {
		desc      string
		who       string
		old, next []string
		code      Code
	}{
		{"a shorter window", "alice", two, []string{"rest when all(sender,within(9m59s))", two[1]}, 0},
		{"fewer reasons", "alice", two, []string{two[0], "share when 2 of (key(@a),key(@b),key(@c)) for FRAD"}, 0},
		{"one more must sign", "alice", two, []string{two[0], "share when all(key(@a),key(@b),key(@c)) for FRAD,DUPL"},
			0},
		{"a key that was not named may have to sign too", "alice", []string{two[0]},
			[]string{"rest when all(sender,key(@a),within(10m))"}, 0},
		{"while untouched alone", "alice", two, []string{"rest when all(sender,untouched,within(10m))", two[1]}, 0},
		{"one clause of two", "alice", two, two[:1], 0},
		{"renounced", "alice", two, nil, 0},
		{"by another", "bob", two, nil, CodeNotSender},
		{"by one of the arbiters", "a", two, nil, CodeNotSender},
		{"the same", "alice", two, two, CodeNotTighter},
		{"the same in other words", "alice", two,
			[]string{"share when any(all(key(@a),key(@b)),all(key(@a),key(@c)),all(key(@b),key(@c))) for DUPL,FRAD",
				"rest when all(within(10m),sender)"}, CodeNotTighter},
		{"the same, the sender by her key", "alice", []string{"rest when sender"}, []string{"rest when key(@alice)"},
			CodeNotTighter},
		{"the same until expiry", "alice", []string{"rest when sender"}, []string{"rest when all(sender,within(1h))"},
			CodeNotTighter},
		// none is one more
		{"all reasons, one by one", "alice", []string{"rest when sender"},
			[]string{"rest when sender for DUPL,AM09,AC03,FRAD,CUST,TECH"}, 0},
		{"for any reason instead of two", "alice", two, []string{two[0], "share when 2 of (key(@a),key(@b),key(@c))"},
			CodeNotTighter},
		{"a longer window", "alice", two, []string{"rest when all(sender,within(11m))"}, CodeNotTighter},
		{"a shorter window for a weaker quorum", "alice", two,
			[]string{two[0], "share when all(within(1m),any(key(@a),key(@b),key(@c))) for FRAD"}, CodeNotTighter},
		{"the other target", "alice", two, []string{"share when all(sender,within(10m))"}, CodeNotTighter},
		{"another key in one's place", "alice", two, []string{"share when 2 of (key(@a),key(@b),sender) for FRAD"},
			CodeNotTighter},
		{"more in the second clause, less in the first", "alice", two, []string{"rest when all(sender,within(1m))",
			"share when sender"}, CodeNotTighter},
		{"what never could be sent: unsigned", "alice", two, []string{"rest when within(1m)"}, CodeUnsignedClause},
		{"what never could be sent: too late", "alice", two, []string{"rest when all(sender,after(1h))"},
			CodeClauseNeverTrue},
		{"what never could be sent: too long", "alice", two, []string{"rest when all(sender,within(2h))"},
			CodeClauseOutlives},
		{"what never could be sent: longer than the hold", "alice", two,
			[]string{"share when all(key(@a),key(@b),within(21m)) for FRAD"}, CodeClauseOutlives},
		{"nothing to renounce", "alice", nil, nil, CodeNotTighter},
		{"a clause where there is none", "alice", nil, two[:1], CodeNotTighter},
	} {
		w := newWorld(t, "alice", "bob", "a")
		id := NewPacketID(testChain, testAddr("alice"), 0)
		terms := goodTerms(func(tm *Terms) { tm.Clauses, tm.Hold = parsed(t, row.old...), 1200 })
		if codes := w.block(t, w.tx(t, "alice", &Send{Terms: terms})); codes[0] != CodeOK {
			t.Fatalf("%s: %s", row.desc, codes[0])
		}
		if codes := w.block(t,
			w.tx(t, row.who, &Tighten{Packet: id, Clauses: parsed(t, row.next...)})); codes[0] != row.code {
			t.Errorf("%s: %s, want %s", row.desc, codes[0], row.code)
		}
	}
}

// A packet may be tightened four times while a clause of it can still matter.
// The terms never change, and a claim signs them, not what is in force: a
// tightening in the same block cannot break it.
func TestTightenAndTheRestOfALife(t *testing.T) {
	w := newWorld(t, "alice", "bob", "carol")
	id := NewPacketID(testChain, testAddr("alice"), 0)
	terms := goodTerms(func(tm *Terms) {
		tm.Clauses, tm.Hold = parsed(t, "rest when sender", "share when sender"), 600
	})
	tighten := func(list ...string) *Tx { return w.tx(t, "alice", &Tighten{Packet: id, Clauses: parsed(t, list...)}) }
	claim := func(who string) *Tx { return w.tx(t, who, &Claim{Packet: id, TermsHash: terms.Hash(testChain)}) }
	step := func(desc string, want Code, txs ...*Tx) {
		t.Helper()
		for i, code := range w.block(t, txs...) {
			if i == len(txs)-1 && code != want || i < len(txs)-1 && code != CodeOK {
				t.Errorf("%s: transaction %d: %s", desc, i+1, code)
			}
		}
	}
	step("send", 0, w.tx(t, "alice", &Send{Terms: terms}))
	step("tighten and claim in one block", 0, tighten("rest when all(sender,within(30m))", "share when sender"),
		claim("bob"))
	step("a claim of the terms as tightened", CodeTermsMismatch,
		w.tx(t, "carol", &Claim{Packet: id, TermsHash: func() Hash {
			other := terms
			other.Clauses = parsed(t, "rest when all(sender,within(30m))", "share when sender")
			return other.Hash(testChain)
		}()}))
	step("tighten again", 0, tighten("rest when all(sender,within(20m))", "share when sender"))
	step("a claim of the original terms", 0, claim("carol"))
	step("tighten what is full, and has a held share", 0, tighten("share when sender"))
	step("the clause that is gone", CodeUnknownClause, w.tx(t, "alice", &Recall{Packet: id, Clause: 2, Share: 1}))
	step("the fourth time", 0, tighten("share when all(sender,within(5m))"))
	step("the fifth time", CodeTooManyTightenings, tighten())
	step("a recall under what is in force", 0, w.tx(t, "alice", &Recall{Packet: id, Clause: 1, Share: 1}))
	p := &Packet{ID: id}
	if err := Decode(w.leaves[string(PacketKey(id))], p); err != nil ||
		p.Terms.Hash(testChain) != terms.Hash(testChain) || len(p.Tightened) != maxTightenings {
		t.Errorf("tightened %d times, terms %s, %v", len(p.Tightened), p.Terms.Hash(testChain), err)
	}

	id = NewPacketID(testChain, testAddr("alice"), w.tx(t, "alice", &Send{}).Nonce)
	step("another", 0, w.tx(t, "alice", &Send{Terms: terms}))
	w.now = w.now.Plus(terms.Expiry)
	step("tighten what expired", CodeExpired, tighten())
	id = NewPacketID(testChain, testAddr("alice"), w.tx(t, "alice", &Send{}).Nonce)
	step("another", 0, w.tx(t, "alice", &Send{Terms: terms}))
	step("claimed by two", 0, claim("bob"), claim("carol"))
	w.now = w.now.Plus(terms.Hold) - Time(time.Second)
	if _, codes := w.run(t, tighten()); codes[0] != CodeFull {
		t.Errorf("tighten what is full and settled: %s", codes[0])
	}
	w.now--
	if _, codes := w.run(t, tighten()); codes[0] != CodeOK {
		t.Errorf("a nanosecond before it settles: %s", codes[0])
	}
}

// Clauses old and new together name eight keys at most: a table has no more
// columns.
func TestTightenComparesEightKeys(t *testing.T) {
	w := newWorld(t, "alice")
	id := NewPacketID(testChain, testAddr("alice"), 0)
	terms := goodTerms(manyKeys(7))
	w.block(t, w.tx(t, "alice", &Send{Terms: terms}))
	and := func(names ...string) []Clause {
		c := All{terms.Clauses[0].When.Cond}
		for _, n := range names {
			c = append(c, Key{testAddr(n)})
		}
		return []Clause{{Target: Rest, When: Rule{c}, Reasons: []Reason{}}}
	}
	for desc, row := range map[string]struct {
		next []Clause
		code Code
	}{
		"one more": {and("x"), 0},
		"two more": {[]Clause{{Target: Rest, When: Rule{All{Key{testAddr("b")}, Key{testAddr("x")},
			Key{testAddr("y")}}}}}, CodeTooManyKeys},
	} {
		if _, codes := w.run(t, w.tx(t, "alice", &Tighten{Packet: id, Clauses: row.next})); codes[0] != row.code {
			t.Errorf("%s: %s, want %s", desc, codes[0], row.code)
		}
	}
}
