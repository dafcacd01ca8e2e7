package load

import (
	"testing"
	"time"

	"hongbao/contract"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1) // 100 down to 1: order must not matter
	}
	for _, c := range []struct {
		desc string
		of   []time.Duration
		p    int
		want time.Duration
	}{
		{"none", nil, 50, 0},
		{"one is every percentile", []time.Duration{7}, 99, 7},
		{"the median of two is the lower", []time.Duration{9, 5}, 50, 5},
		{"nearest rank", hundred, 95, 95},
		{"all", hundred, 100, 100},
	} {
		if got := Percentile(c.of, c.p); got != c.want {
			t.Errorf("%s: %d, want %d", c.desc, got, c.want)
		}
	}
}

// What is planned is what a ledger accepts.
func TestStoriesFitTogether(t *testing.T) {
	for mix := range decks {
		for _, plain := range []bool{false, true} {
			cfg := &Config{Chain: "load-1", Mix: mix, Plain: plain, Rate: 100, For: 10 * time.Second}
			lanes := make([]*lane, lanesFor(mix, cfg.Rate))
			for i := range lanes {
				l := &lane{}
				for j := range mix.castSize() {
					a := newAccount(contract.Hash{1}, i*mix.castSize()+j)
					a.nonce = 1
					l.cast = append(l.cast, a)
				}
				lanes[i] = l
			}
			must(t, plan(cfg, lanes, 1))
			must(t, signAll(cfg, lanes, 1))
			planned := checkLanes(t, lanes)
			if want := cfg.txs(); planned < want || planned > want+contract.MaxShares {
				t.Errorf("%s: %d txs planned for %d", mix, planned, want)
			}
			var last time.Duration
			for _, l := range lanes {
				for _, step := range l.steps {
					last = max(last, step[len(step)-1].due)
				}
			}
			start := minPause + morePause // before the first packets of a grab are claimed
			if late := time.Second * contract.MaxShares / time.Duration(cfg.Rate); last > cfg.For+start+late {
				t.Errorf("%s: the last tx is due after %s: too few lanes", mix, last)
			}
		}
	}
}

// A campaign is claimed by an account of its own in each tx, its first, at an even pace;
// what it asks for is what was sent.
func TestCampaignFitsTogether(t *testing.T) {
	cfg := &Config{Chain: "load-1", Mix: Campaign, Rate: 100, For: 3 * time.Second}
	whole := &Config{Nodes: []string{"n"}, Funders: []string{"f"}, Mix: Campaign, Rate: 100, For: time.Second}
	must(t, whole.complete())
	terms, err := campaignTerms(cfg.txs())
	must(t, err)
	must(t, contract.CheckTerms(terms, contract.Address{1}, 0))
	if !terms.Large() || int(terms.Shares) != 300 {
		t.Errorf("%d shares", terms.Shares)
	}
	var newcomers []*account
	for i := range cfg.txs() {
		newcomers = append(newcomers, newAccount(contract.Hash{1}, i))
	}
	lanes := planCampaign(cfg, newcomers, contract.PacketID{7}, terms.Hash(cfg.Chain))
	must(t, signAll(cfg, lanes, 1))
	by, due := map[contract.Address]bool{}, map[time.Duration]bool{}
	for _, l := range lanes {
		if len(l.steps) != 1 {
			t.Fatalf("%d steps: claims wait for each other", len(l.steps))
		}
		for _, s := range l.steps[0] {
			tx, err := contract.DecodeTx(s.wire)
			must(t, err)
			m, is := tx.Message.(*contract.Claim)
			if !is || !signed(tx) || tx.Nonce != 0 || by[tx.Account] || due[s.due] || s.due >= cfg.For ||
				m.Packet != (contract.PacketID{7}) || m.TermsHash != terms.Hash(cfg.Chain) {
				t.Fatalf("due at %s: %+v", s.due, tx)
			}
			by[tx.Account], due[s.due] = true, true
		}
	}
	if len(by) != cfg.txs() {
		t.Errorf("%d claimers of %d", len(by), cfg.txs())
	}
}

// checkLanes checks that each account's nonces follow each other, that it has one
// tx in a step, that steps are due one after the other, and that claims accept
// the terms of packets that were sent. It returns how many txs there are.
func checkLanes(t *testing.T, lanes []*lane) (planned int) {
	next := map[contract.Address]uint64{}
	accepted := map[contract.PacketID]contract.Hash{}
	for _, l := range lanes {
		due := time.Duration(-minPause)
		for _, step := range l.steps {
			if step[0].due < due+minPause {
				t.Errorf("a step is due at %s, the one before at %s", step[0].due, due)
			}
			by := map[contract.Address]bool{}
			for _, s := range step {
				planned, due = planned+1, s.due
				tx, err := contract.DecodeTx(s.wire)
				if err != nil || contract.TxHash(s.wire) != s.hash || !signed(tx) {
					t.Fatalf("%v: not as it was signed", err)
				}
				if want := next[tx.Account] + 1; tx.Nonce != want || by[tx.Account] {
					t.Errorf("%s: nonce %d, want %d, in a step of its own", contract.KindName(tx.Message),
						tx.Nonce, want)
				}
				next[tx.Account], by[tx.Account] = tx.Nonce, true
				id, _ := contract.PacketOf(tx.Message)
				switch m := tx.Message.(type) {
				case *contract.Send:
					accepted[contract.NewPacketID(tx.Chain, tx.Account, tx.Nonce)] = m.Terms.Hash(tx.Chain)
					must(t, contract.CheckTerms(&m.Terms, tx.Account, 0))
				case *contract.Claim:
					if m.TermsHash != accepted[id] {
						t.Error("a claim under other terms, or of no packet")
					}
				case *contract.Recall, *contract.Return:
					if accepted[id] == (contract.Hash{}) {
						t.Errorf("a %s of no packet", contract.KindName(m))
					}
				}
			}
		}
	}
	return planned
}

func signed(tx *contract.Tx) bool {
	return contract.Schnorr{}.Verify(tx.Account, tx.Digest(), tx.Signature)
}

// A rate is sustained only while nothing at all went wrong.
func TestSustained(t *testing.T) {
	good := func() *Report {
		return &Report{Due: 2, Final: 2, InStep: true, Latencies: []time.Duration{1, MaxLatency}}
	}
	if !good().Sustained() {
		t.Fatal("a run without fault is not sustained")
	}
	for desc, spoil := range map[string]func(*Report){
		"one is missing":           func(r *Report) { r.Final-- },
		"one stands twice":         func(r *Report) { r.Twice++ },
		"one stands elsewhere":     func(r *Report) { r.Astray++ },
		"a node is of other state": func(r *Report) { r.InStep = false },
		"the slowest is too slow":  func(r *Report) { r.Latencies[1]++ },
	} {
		r := good()
		if spoil(r); r.Sustained() {
			t.Errorf("%s: sustained all the same", desc)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
