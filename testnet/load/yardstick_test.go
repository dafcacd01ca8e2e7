package load

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/cometbft/cometbft/abci/example/kvstore"
	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

var (
	campaign     = flag.Bool("campaign", false, "measure, which takes minutes and a machine that does nothing else")
	yardstickFor = flag.Duration("yardstick-for", 20*time.Second, "how long each rate is to be sustained")
	rounds       = flag.Int("rounds", 2, "of kvstore and hongbao, one after the other")
	kvstoreRate  = flag.Int("kvstore-rate", 1500, "where the search begins, for kvstore")
	hongbaoRate  = flag.Int("hongbao-rate", 400, "where the search begins, for hongbao")
)

// kvstoreEnv makes this test binary, as a node's process, serve CometBFT's kvstore.
// The program itself has no such door.
const kvstoreEnv = "HONGBAO_TEST_KVSTORE"

// TestMain lets this binary be a validator's process too.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "node" && os.Args[3] == "--home" {
		os.Exit(serve(os.Args[4]))
	}
	os.Exit(m.Run())
}

// serve runs the node of a home, over the ledger or kvstore.
func serve(home string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var opts node.Options
	if os.Getenv(kvstoreEnv) != "" {
		opts.Wrap = func(own abci.Application) abci.Application {
			return yardstick{kvstore.NewInMemoryApplication(), own}
		}
	}
	if err := node.Run(node.Supervised(ctx), home, opts); err != nil {
		fmt.Fprintln(os.Stderr, "hongbao:", err)
		return 1
	}
	return 0
}

// yardstick is kvstore behind a node that answers for its own health.
type yardstick struct {
	*kvstore.Application
	own abci.Application
}

func (y yardstick) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	if req.Path == "/node" {
		return y.own.Query(ctx, req)
	}
	return y.Application.Query(ctx, req)
}

// TestYardstick compares the highest rates that this ledger and CometBFT's own
// kvstore sustain: behind the same node, with the same settings, four processes
// each, one after the other and again.
func TestYardstick(t *testing.T) {
	if !*campaign {
		t.Skip("a measurement: -campaign")
	}
	var kv, ours []int
	for range *rounds {
		kv = append(kv, sustainedRate(t, true, *kvstoreRate))
		ours = append(ours, sustainedRate(t, false, *hongbaoRate))
		t.Logf("sustained for %s: kvstore %d, hongbao %d, ratio %.3f", *yardstickFor, kv[len(kv)-1], ours[len(ours)-1],
			float64(ours[len(ours)-1])/float64(kv[len(kv)-1]))
	}
	t.Logf("kvstore %v, hongbao %v: ratio of the means %.3f", kv, ours, mean(ours)/mean(kv))
}

func mean(list []int) (sum float64) {
	for _, n := range list {
		sum += float64(n)
	}
	return sum / float64(len(list))
}

func sustainedRate(t *testing.T, yardstick bool, begin int) int {
	if yardstick {
		t.Setenv(kvstoreEnv, "1")
		defer os.Unsetenv(kvstoreEnv)
	}
	run := func(ctx context.Context, rate int, lasts time.Duration) (*Report, error) {
		n, end, err := testnet.Temporary(ctx, testnet.Spec{Accounts: testnet.DevAccounts()})
		must(t, err)
		defer func() { must(t, end()) }()
		cfg := Config{Rate: rate, For: lasts}
		cfg.Use(n)
		for _, s := range n.Status(ctx) {
			cfg.PIDs = append(cfg.PIDs, s.PID)
		}
		if !yardstick {
			return Run(ctx, cfg)
		}
		b := kvstoreBench(t, cfg)
		defer b.close()
		return b.measure(ctx)
	}
	r, err := Search(t.Context(), begin, *yardstickFor, run, func(r *Report) {
		t.Logf("  %d a second for %s: sustained %v; %d of %d final, p99 %s, nodes' CPU %s, generator's %s",
			r.Rate, r.For, r.Sustained(), r.Final, r.Due, r.Percentile(99).Round(time.Millisecond), r.CPU(), r.OwnCPU)
	})
	must(t, err)
	return r.Rate
}

// kvstoreBytes is how long a tx is: about what one of ours has.
const kvstoreBytes = 250

// kvstoreBench is a bench whose txs are random and independent of each other.
func kvstoreBench(t *testing.T, cfg Config) *bench {
	must(t, cfg.complete())
	nodes, err := newPool(cfg.Nodes)
	must(t, err)
	b := &bench{cfg: cfg, nodes: nodes, watch: newWatcher(nodes)}
	b.watch.newest = func(ctx context.Context, c *rpc.Client) (int64, error) {
		s, err := c.Status(ctx)
		return s.Height, err
	}
	last := int64(0)
	b.watch.collect = func(ctx context.Context, c *rpc.Client, height int64) error {
		if last == 0 {
			last = height - 1
		}
		for ; last < height; last++ {
			txs, err := c.BlockTxs(ctx, last+1)
			if err != nil {
				return err
			}
			for _, wire := range txs {
				b.watch.hand(contract.TxHash(wire), query.Result{Height: last + 1})
			}
		}
		return nil
	}
	b.prepare = func(context.Context) ([]*lane, error) {
		var lanes []*lane
		for i := range cfg.txs() {
			wire, random := make([]byte, kvstoreBytes), make([]byte, kvstoreBytes/2)
			rand.Read(random)
			hex.Encode(wire, random)
			wire[64] = '='
			lanes = append(lanes, &lane{steps: story{{{wire: wire, hash: contract.TxHash(wire),
				due: time.Duration(i) * time.Second / time.Duration(cfg.Rate)}}}})
		}
		return lanes, nil
	}
	b.writes = func(context.Context) (uint64, int64, error) {
		height, err := b.watch.newest(t.Context(), nodes.all[0])
		return 0, height, err
	}
	watching, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.watch.run(watching); close(done) }()
	b.stop = func() { cancel(); <-done; nodes.close() }
	return b
}
