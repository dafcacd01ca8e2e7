package chaos_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/testnet"
	"hongbao/testnet/chaos"
)

var campaign = flag.Bool("campaign", false, "the whole campaign instead of one of each fault")

// TestMain lets this binary be a validator's process too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
		newerProgram()
		runFaulty(os.Args)
		os.Exit(cli.Run(context.Background(), cli.NewRoot(os.Stdin, os.Stdout, os.Stderr), os.Args[1:]))
	}
	// Beside the tests under load, which run alone, all wait most of their time.
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

const (
	rate    = 80 // txs a second are offered
	catchUp = 60 * time.Second
)

// The faults that need nothing but processes, once each: `hongbao testnet chaos` does
// them, and all others, more often.
func TestPromisesHoldUnderFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes under load")
	}
	c := chaos.Config{Only: "kill-", Times: 1, Rate: rate, Seed: rand.Uint64()}
	t.Logf("seed %d", c.Seed)
	c.Done = func(r chaos.Row) {
		t.Logf("%s × %d %s: %d acknowledged, p99 %s, back in %s %v", r.Fault, r.Times, r.Skipped, r.Acked,
			r.Percentile(99), r.Longest(), r.Figures)
		for _, b := range r.Broken {
			if b.Late {
				continue // nothing was kept from other work while this one was timed
			}
			t.Errorf("%s: broken: %s: %s", r.Fault, b.Promise, b.Text)
		}
	}
	if _, err := chaos.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// sameState waits until every node has the newest block and checks that all
// agree on its AppHash; it returns a height that all have.
func sameState(t *testing.T, n *testnet.Network) int64 {
	t.Helper()
	tip := int64(0)
	for _, s := range n.Status(t.Context()) {
		tip = max(tip, s.Height)
	}
	deadline := time.Now().Add(catchUp)
	hashes := map[string][]int{}
	for _, m := range n.Nodes {
		for height(t, n, m.Number) < tip+1 {
			if time.Now().After(deadline) {
				t.Fatalf("node %d is at block %d, not at %d, after %s", m.Number, height(t, n, m.Number),
					tip+1, catchUp)
			}
			time.Sleep(100 * time.Millisecond)
		}
		h, err := dial(t, n, m.Number).SignedHeader(t.Context(), tip+1)
		must(t, err)
		hashes[h.AppHash.String()] = append(hashes[h.AppHash.String()], m.Number)
	}
	if len(hashes) != 1 {
		t.Fatalf("AppHashes after block %d differ: %v", tip, hashes)
	}
	return tip
}

func dial(t *testing.T, n *testnet.Network, number int) *rpc.Client {
	t.Helper()
	m, err := n.Node(number)
	must(t, err)
	c, err := rpc.Dial(m.RPCURL())
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// height is a node's committed height; 0 while it does not answer.
func height(t *testing.T, n *testnet.Network, number int) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, at, err := dial(t, n, number).Results(ctx)
	if err != nil {
		return 0
	}
	return at.Height
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
