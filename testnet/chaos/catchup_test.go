package chaos_test

import (
	"testing"
	"time"

	"hongbao/testnet"
	"hongbao/testnet/load"
)

const (
	fullRate = 600              // txs a second: more than four validators on two cores take
	fullFor  = 45 * time.Second // of which the node is away for a third
	away     = fullFor / 3
	inStep   = 3 // blocks behind the newest
)

// How fast a node that was away gets blocks, from the start of its process on, while
// the others make them out of a full mempool, as a multiple of how fast they make
// them. It has to come up with them; how fast depends on the machine, which runs all
// four.
func TestCatchUpUnderAFullMempool(t *testing.T) {
	if !*campaign {
		t.Skip("takes two minutes: go test ./testnet/chaos -campaign -run CatchUp -v")
	}
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()
	cfg := load.Config{Rate: fullRate, For: fullFor}
	cfg.Use(n)
	cfg.Nodes = cfg.Nodes[:3]
	done := beginLoad(t, cfg)

	time.Sleep(fullFor / 10)
	own := height(t, n, 4)
	must(t, n.StopNode(4))
	time.Sleep(away)
	begin, newest := time.Now(), height(t, n, 1)
	back := make(chan error, 1)
	go func() { back <- n.StartNode(t.Context(), 4) }()
	missing, top, at := newest-own, newest, own
	for at+inStep < top && time.Since(begin) < catchUp {
		time.Sleep(100 * time.Millisecond)
		top, at = max(top, height(t, n, 1)), max(at, height(t, n, 4)) // 0 from one that does not answer
	}
	took := time.Since(begin).Seconds()
	must(t, <-back)
	o := <-done
	must(t, o.err)
	t.Logf("%d blocks behind; %.1f s until in step: %.1f blocks a second, while %.1f were made: %.1f times; "+
		"%d of %d txs final, p50 %s", missing, took, float64(at-own)/took, float64(top-newest)/took,
		float64(at-own)/float64(max(1, top-newest)), o.report.Final, o.report.Due, o.report.Percentile(50))
	if missing <= inStep {
		t.Errorf("%d blocks behind after %s away: this test shows nothing", missing, away)
	}
	sameState(t, n)
}

// loaded is what came of a load.
type loaded struct {
	report *load.Report
	err    error
}

// beginLoad puts a network under load, and returns when the first tx is due.
func beginLoad(t *testing.T, cfg load.Config) <-chan loaded {
	t.Helper()
	started, done := make(chan struct{}), make(chan loaded, 1)
	cfg.Started = func() { close(started) }
	go func() {
		report, err := load.Run(t.Context(), cfg)
		done <- loaded{report, err}
	}()
	select {
	case <-started:
	case o := <-done:
		t.Fatalf("load ended before it began: %v", o.err)
	}
	return done
}
