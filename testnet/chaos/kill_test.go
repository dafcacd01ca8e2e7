package chaos

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/testnet"
	"hongbao/testnet/load"
)

var campaign = flag.Bool("campaign", false, "the whole campaign instead of one of each fault")

// TestMain lets this binary be a validator's process too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
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
	rate       = 80              // txs a second are offered
	calm       = 3 * time.Second // of traffic before, during and after a fault
	leastFinal = 200             // so many that the fault meets txs at every stage; a slow machine makes few more
	catchUp    = 60 * time.Second
)

func repeats() int {
	if *campaign {
		return 3
	}
	return 1
}

func TestValidatorKilledUnderTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes under load")
	}
	for i := range repeats() {
		victims := []int{1 + rand.IntN(4)}
		if *campaign {
			victims = []int{1, 2, 3, 4}
		}
		for _, victim := range victims {
			t.Run(fmt.Sprintf("round %d, validator %d", i+1, victim), func(t *testing.T) {
				underTraffic(t, func(n *testnet.Network) {
					must(t, n.KillNode(victim))
					from := height(t, n, victim%4+1)
					time.Sleep(calm)
					if to := height(t, n, victim%4+1); to < from+3 {
						t.Errorf("with validator %d dead the others went from block %d to %d in %s", victim,
							from, to, calm)
					}
					must(t, n.StartNode(t.Context(), victim))
				})
			})
		}
	}
}

func TestAllValidatorsKilledUnderTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes under load")
	}
	for i := range repeats() {
		t.Run(fmt.Sprintf("round %d", i+1), func(t *testing.T) {
			underTraffic(t, func(n *testnet.Network) {
				done := make(chan error, 4)
				for v := 1; v <= 4; v++ {
					go func() { done <- n.KillNode(v) }()
				}
				for range 4 {
					must(t, <-done)
				}
				for v := 1; v <= 4; v++ {
					must(t, n.StartNode(t.Context(), v))
				}
			})
		})
	}
}

// underTraffic makes a network, puts it under load, has a fault happen in the
// middle, and holds what clients were told against every node's chain.
func underTraffic(t *testing.T, fault func(*testnet.Network)) {
	ctx := t.Context()
	n, end, err := testnet.Temporary(ctx, testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()

	var journal bytes.Buffer
	cfg := load.Config{Chain: n.ChainID, Rate: rate, For: 4 * calm, Journal: &journal}
	for _, m := range n.Nodes {
		cfg.Nodes = append(cfg.Nodes, m.RPCURL())
	}
	for _, a := range n.Accounts {
		cfg.Funders = append(cfg.Funders, a.Name)
	}
	started := make(chan struct{})
	cfg.Started = func() { close(started) }
	type outcome struct {
		report *load.Report
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		report, err := load.Run(ctx, cfg)
		done <- outcome{report, err}
	}()
	select {
	case <-started:
	case o := <-done:
		t.Fatalf("load ended before it began: %v", o.err)
	}
	time.Sleep(calm)
	fault(n)
	o := <-done
	must(t, o.err)
	t.Logf("%d final (%.0f/s), p95 %s, %d sent again, %d unknown, failed %v",
		o.report.Final, o.report.PerSecond(), o.report.Percentile(95), o.report.Resent, o.report.Unknown,
		o.report.Failed)
	if o.report.Final < leastFinal {
		t.Errorf("%d txs became final: the fault is to be met under at least %d", o.report.Final, leastFinal)
	}
	if len(o.report.Failed) > 0 {
		t.Errorf("failed: %v", o.report.Failed)
	}
	tip := sameState(t, n)
	var clients []*rpc.Client
	for _, m := range n.Nodes {
		clients = append(clients, dial(t, n, m.Number))
	}
	checkJournal(t, clients, &journal, tip)
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

// checkJournal compares what was sent and acknowledged with the blocks of
// every node: an acknowledged tx stands exactly once, at the height told;
// nothing stands twice; nothing stands that was not sent.
func checkJournal(t *testing.T, nodes []*rpc.Client, journal *bytes.Buffer, tip int64) {
	t.Helper()
	sent, acked := map[contract.Hash]bool{}, map[contract.Hash]int64{}
	lines := bufio.NewScanner(journal)
	for lines.Scan() {
		var word, hash string
		var height int64
		fmt.Sscan(lines.Text(), &word, &hash, &height)
		h, err := contract.ParseHash(hash)
		must(t, err)
		switch word {
		case "sent":
			sent[h] = true
		case "ack":
			acked[h] = height
		}
	}
	for i, c := range nodes {
		found := map[contract.Hash]int64{}
		for at := int64(1); at <= tip; at++ {
			txs, err := c.BlockTxs(t.Context(), at)
			must(t, err)
			for i, wire := range txs {
				if i == 0 && isBeacon(wire) {
					continue // what the proposer adds to a block that owes draws
				}
				h := contract.TxHash(wire)
				if found[h] != 0 {
					t.Errorf("node %d: %s stands in blocks %d and %d", i+1, h, found[h], at)
				}
				if !sent[h] {
					t.Errorf("node %d: block %d holds %s, which nobody sent", i+1, at, h)
				}
				found[h] = at
			}
		}
		for h, at := range acked {
			if found[h] != at {
				t.Errorf("node %d: %s was acknowledged at %d, stands at %d", i+1, h, at, found[h])
			}
			record, _, err := c.Tx(t.Context(), h)
			must(t, err)
			if record == nil || record.Height != at || record.Code != contract.CodeOK {
				t.Errorf("node %d: record of %s, acknowledged at %d: %+v", i+1, h, at, record)
			}
		}
		totals, _, err := c.Summary(t.Context())
		must(t, err)
		if !totals.Supply.Holds() {
			t.Errorf("node %d: supply %+v", i+1, totals.Supply)
		}
	}
	t.Logf("%d sent, %d acknowledged, each exactly once on %d nodes up to block %d", len(sent), len(acked),
		len(nodes), tip)
	if len(acked) == 0 {
		t.Error("nothing was acknowledged: the test shows nothing")
	}
}

// isBeacon reports whether an item of a block is the proof that shares are drawn with.
func isBeacon(item []byte) bool {
	return contract.Decode(item, new(contract.BeaconItem)) == nil
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
