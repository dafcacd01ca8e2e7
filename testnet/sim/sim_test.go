package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	campaign = flag.Bool("campaign", false, "many seeds instead of a few")
	seeds    = flag.Int("seeds", 1000, "with -campaign: how many seeds of the model")
	bubbles  = flag.Int("bubbles", 20, "with -campaign: how many seeds of the bubble")
	from     = flag.Uint64("from", 0, "the first seed")
	traceIn  = flag.String("trace", "", "a trace to be judged, and its blocks executed, again")
)

// Whatever happens, the promises hold: four applications under a model of
// consensus.
func TestModel(t *testing.T) {
	t.Parallel()
	n, length := 6, time.Minute
	switch {
	case *campaign:
		n, length = *seeds, 3*time.Minute
	case testing.Short():
		n = 2
	}
	all := &tally{}
	t.Cleanup(func() { all.report(t, n, 100, shown) })
	for seed := *from; seed < *from+uint64(n); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(seed, nil)
			m.run(length)
			all.add(report(t, m.trace))
		})
	}
}

// The same with CometBFT's own consensus, mempool, evidence and gossip.
func TestBubble(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process that computes for some seconds")
	}
	t.Parallel()
	n, length := 1, 30*time.Second
	if *campaign {
		n, length = *bubbles, 3*time.Minute
	}
	all := &tally{}
	t.Cleanup(func() { all.report(t, n, 20, shownInBubbles) })
	for seed := *from; seed < *from+uint64(n); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			tr := runBubble(t, seed, length, "")
			v := report(t, tr)
			for _, f := range replay(tr) {
				t.Error(f)
			}
			all.add(v)
		})
	}
}

// report judges a trace. One that breaks a promise is kept in a file.
func report(t *testing.T, tr *trace) *view {
	t.Helper()
	v := newView(tr)
	found := v.judge()
	for _, f := range found {
		t.Error(f)
	}
	t.Log(summary(tr))
	if len(found) > 0 {
		path := filepath.Join(os.TempDir(), fmt.Sprintf("hongbao-sim-%s-%d.json", tr.Driver, tr.Seed))
		must(t, tr.write(path))
		t.Logf("its trace: go test ./testnet/sim -run TestTrace -v -trace %s", path)
	}
	return v
}

func summary(tr *trace) string {
	codes := map[string]int{}
	for _, x := range tr.Told {
		codes[x.Code.String()]++
	}
	var list []string
	for code, n := range codes {
		list = append(list, fmt.Sprintf("%s %d", code, n))
	}
	slices.Sort(list)
	return fmt.Sprintf("%s seed %d: %d blocks, %d txs told of (%s), %d reads, %d proofs, %d faults", tr.Driver, tr.Seed,
		len(tr.Blocks), len(tr.Told), strings.Join(list, ", "), len(tr.Asked), len(tr.Proofs), len(tr.Faults))
}
