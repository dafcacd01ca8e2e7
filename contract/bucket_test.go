package contract

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The bucket in one number behaves as a bucket of tokens that fills with time,
// counted naively in nanoseconds of filling.
func TestBucketAgainstNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := &Params{BucketSize: rapid.Uint32Range(1, 20).Draw(rt, "size"), BucketPerSecond: rapid.Uint32Range(1,
			1000).Draw(rt, "per second")}
		token := int64(time.Second) / int64(p.BucketPerSecond)
		capacity := token * int64(p.BucketSize)
		stock, last, now := capacity, int64(noon), int64(noon)
		var b Bucket
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now += rapid.SampledFrom([]int64{0, 0, 0, 1, token - 1, token, token + 1, 3 * token, capacity,
				1 << 40}).Draw(rt, "pause")
			stock, last = min(capacity, stock+now-last), now
			if got, want := b.Tokens(Time(now), p), uint32(stock/token); got != want {
				rt.Fatalf("%d tokens, the naive bucket holds %d", got, want)
			}
			n := rapid.Uint32Range(1, p.BucketSize).Draw(rt, "tokens")
			cost := token * int64(n)
			next, err := b.take(Time(now), p, n)
			if (err == nil) != (stock >= cost) {
				rt.Fatalf("take with %d ns of %d in stock: %v", stock, cost, err)
			}
			if err != nil {
				if CodeOf(err) != CodeBucketEmpty || next != b {
					rt.Fatalf("a refusal with %s changes the bucket from %d to %d", CodeOf(err), b, next)
				}
				retry := err.(*Error).RetryAt
				if retry != Time(now+cost-stock) {
					rt.Fatalf("retry at %d, the naive bucket has %d tokens at %d", retry, n, now+cost-stock)
				}
				if _, err := b.take(retry, p, n); err != nil {
					rt.Fatal("no token when it was promised")
				}
				if _, err := b.take(retry-1, p, n); err == nil {
					rt.Fatal("a token a nanosecond before it was promised")
				}
				continue
			}
			b, stock = next, stock-cost
		}
	})
}

func TestBucketLimits(t *testing.T) {
	biggest := &Params{BucketSize: 1 << 20, BucketPerSecond: 1}
	if _, err := Bucket(0).take(noon, biggest, 1); err != nil {
		t.Errorf("the biggest bucket: %v", err)
	}
	if got := Bucket(0).Tokens(noon, biggest); got != 1<<20 {
		t.Errorf("the biggest bucket holds %d", got)
	}
	fastest := &Params{BucketSize: 1, BucketPerSecond: 1_000_000}
	b, err := Bucket(0).take(noon, fastest, 1)
	if err != nil || b != Bucket(noon+1000) {
		t.Errorf("the fastest bucket is full again at %d, %v", b, err)
	}
	for desc, p := range map[string]Params{
		"size 0": {BucketPerSecond: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1,
			MaxTxsPerBlock: 1},
		"rate 0": {BucketSize: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1,
			MaxTxsPerBlock: 1},
		"rate over a million": {BucketSize: 1, BucketPerSecond: 1_000_001, MaxOpenPackets: 1, MaxFirstClaims: 1,
			MaxDuePerBlock: 1, MaxTxsPerBlock: 1},
		"no txs": {BucketSize: 1, BucketPerSecond: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1},
	} {
		if err := p.check(); CodeOf(err) != CodeBadGenesis {
			t.Errorf("%s: %v", desc, err)
		}
	}
}

// Bytes count, and an account that a payment or a claim makes begins with a
// handful of tokens; one of genesis has them all. What is missing comes back as
// anything spent does.
func TestYoungBucketAndTokensOfBytes(t *testing.T) {
	p := DefaultParams()
	w := worldOf(t, &Genesis{Params: p, Accounts: []GenesisAccount{{testAddr("alice"), 100_000},
		{testAddr("bob"), 1000}}})
	terms := goodTerms()
	start := w.now
	var id PacketID
	for _, step := range []struct {
		name string
		m    func() Message
	}{
		{"alice", func() Message { id = NewPacketID(testChain, testAddr("alice"), 0); return &Send{Terms: terms} }},
		{"alice", func() Message { return &Pay{To: testAddr("paid"), Amount: 500} }},
		{"alice", func() Message { return &Pay{To: testAddr("bob"), Amount: 500} }},
		{"claimer", func() Message { return &Claim{Packet: id, TermsHash: terms.Hash(testChain)} }},
	} {
		if codes := w.block(t, w.tx(t, step.name, step.m())); codes[0] != CodeOK {
			t.Fatalf("%s: %s", step.name, codes[0])
		}
		w.now = start // no token comes back
	}
	tokens := func(name string) uint32 {
		a := w.ledger(t).account(testAddr(name))
		if a == nil {
			t.Fatalf("%s: no account", name)
		}
		return a.Bucket.Tokens(w.now, &p)
	}
	for name, want := range map[string]uint32{"paid": youngTokens, "claimer": youngTokens - 1, "bob": p.BucketSize} {
		if got := tokens(name); got != want {
			t.Errorf("%s has %d tokens, want %d", name, got, want)
		}
	}
	for size, want := range map[int]uint32{1: 1, 1024: 1, 1025: 2, MaxTxBytes: 16} {
		if got := (&Tx{size: size}).tokens(&p); got != want {
			t.Errorf("a tx of %d bytes costs %d tokens, want %d", size, got, want)
		}
	}
	if got := (&Tx{size: MaxTxBytes}).tokens(&Params{BucketSize: 3}); got != 3 {
		t.Errorf("a tx larger than the bucket costs %d tokens of 3: it could never be sent", got)
	}
	w.now = w.now.Plus(Seconds(p.BucketSize / p.BucketPerSecond))
	for _, name := range []string{"paid", "claimer"} {
		if got := tokens(name); got != p.BucketSize {
			t.Errorf("%s has %d tokens later, want a full bucket", name, got)
		}
	}
}

// The recall budget is spent without asking, so it may be spent when it is
// empty: that only keeps it empty, as of a naive bucket that cannot owe.
func TestRecallBudgetAgainstNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := (&Params{RecallBudget: rapid.Uint32Range(1, 60).Draw(rt, "budget"),
			RecallWindow: Seconds(rapid.Uint32Range(1, uint32(MaxDuration)).Draw(rt, "window"))}).recallRate()
		capacity := r.refill * Time(r.size)
		stock, now := capacity, noon
		var b Bucket
		for range rapid.IntRange(1, 100).Draw(rt, "steps") {
			pause := rapid.SampledFrom([]Time{0, 0, 0, 0, 1, r.refill - 1, r.refill, r.refill + 1, 3 * r.refill,
				capacity}).Draw(rt, "pause")
			now, stock = now+pause, min(capacity, stock+pause)
			if got, want := b.next(now, r, 1), now+max(0, r.refill-stock); got != want {
				rt.Fatalf("a token at %s, the naive bucket has one at %s", got, want)
			}
			if rapid.Bool().Draw(rt, "recall") {
				b, stock = b.spend(now, r, 1), max(0, stock-r.refill)
			}
		}
	})
}

// Recalls are charged at the next send: who recalled too often may send only
// packets without clauses, until a moment that the refusal names. A recall that
// the terms allow is never refused for it, and many of one packet count once.
func TestRecallBudget(t *testing.T) {
	params := DefaultParams()
	params.RecallBudget, params.RecallWindow = 2, 7200
	w := worldOf(t, &Genesis{Params: params, Accounts: []GenesisAccount{{testAddr("alice"), 100_000},
		{testAddr("bob"), 100_000}}})
	terms := goodTerms(func(tm *Terms) {
		tm.Hold = 600
		tm.Clauses = append(tm.Clauses, Clause{Target: HeldShares, When: Rule{Sender{}}, Reasons: []Reason{}})
	})
	var ids []PacketID
	for range 3 {
		tx := w.tx(t, "alice", &Send{Terms: terms})
		id := NewPacketID(testChain, tx.Account, tx.Nonce)
		if codes := w.block(t, tx, w.tx(t, "bob",
			&Claim{Packet: id, TermsHash: terms.Hash(testChain)})); codes[0] != CodeOK || codes[1] != CodeOK {
			t.Fatal(codes)
		}
		ids = append(ids, id)
	}
	var last Time
	for i, id := range ids {
		last = w.now
		for _, m := range []*Recall{{Packet: id, Clause: 2, Share: 1}, {Packet: id, Clause: 1}} {
			if codes := w.block(t, w.tx(t, "alice", m)); codes[0] != CodeOK {
				t.Fatalf("packet %d, share %d: %s", i+1, m.Share, codes[0])
			}
		}
	}
	plain := goodTerms(func(tm *Terms) { tm.Clauses = nil })
	if _, codes := w.run(t, w.tx(t, "alice", &Send{Terms: terms}),
		w.tx(t, "bob", &Send{Terms: terms})); codes[0] != CodeRecallBudget || codes[1] != CodeOK {
		t.Errorf("with clauses: %s, and by another: %s", codes[0], codes[1])
	}
	if _, codes := w.run(t, w.tx(t, "alice", &Send{Terms: plain})); codes[0] != CodeOK {
		t.Errorf("without clauses: %s", codes[0])
	}
	again := last.Plus(3600) // two tokens in two hours, and the third recall left none
	env := w.env()
	refused := w.ledger(t).run(&step{Env: &env, phase: PhaseTx}, w.tx(t, "alice", &Send{Terms: terms}))
	if CodeOf(refused) != CodeRecallBudget || refused.(*Error).RetryAt != again {
		t.Errorf("%v, want it possible again at %s", refused, again)
	}
	for now, want := range map[Time]Code{again - 1: CodeRecallBudget, again: CodeOK} {
		w.now = now
		if _, codes := w.run(t, w.tx(t, "alice", &Send{Terms: terms})); codes[0] != want {
			t.Errorf("at %s: %s, want %s", now, codes[0], want)
		}
	}
}
