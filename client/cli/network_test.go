package cli

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(200) // these processes are short, or small
	if home := os.Getenv(nodeEnv); home != "" {
		os.Exit(runNode(home))
	}
	if os.Getenv(cliEnv) != "" {
		root := NewRoot(os.Stdin, os.Stdout, os.Stderr)
		From(root).work = testWork
		os.Exit(Run(context.Background(), root, os.Args[1:]))
	}
	// A test here waits for blocks and processes most of its time.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// cliEnv makes the test binary a command line instead of tests: one that can be
// killed.
const cliEnv = "TEST_HONGBAO_CLI"

// testWork is the work factor of keys that protect nothing. [Session] has the
// product's own unless a test says otherwise.
const testWork = 10

// network is a chain that answers at a URL.
type network struct {
	url   string
	chain string // its id
	trust string // file
	stop  func() error

	server *testchain.Server // nil of a node
	home   string            // of the node, where there is one
}

// serveChain begins a chain that this process answers for, in blocks as they are
// asked for and at the time of the wall. Its files are in dir.
func serveChain(t testing.TB, dir string) (*network, error) {
	genesis := testchain.Genesis()
	for _, name := range wallet.DevNames {
		genesis.Accounts = append(genesis.Accounts, contract.GenesisAccount{
			Address: contract.AddressOf(wallet.DevKey(name)), Balance: testchain.Balance,
		})
	}
	c := testchain.New(t, testchain.Options{
		Genesis: genesis, Start: time.Now(), Validators: testchain.NewValidators(1),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			return app.New(o.DB, app.Options{Now: o.Now, VRFKey: o.VRFKey})
		},
	})
	trust, err := io.ReadAll(c.Validators.Trust())
	if err != nil {
		return nil, err
	}
	n := &network{chain: testchain.ID, trust: filepath.Join(dir, "trust.json"), server: c.Serve()}
	n.server.Next = testchain.OnTheWall
	n.url, n.stop = n.server.URL, func() error { n.server.Close(); return nil }
	return n, errors.Join(os.MkdirAll(dir, 0o700), writeShared(n.trust, trust))
}

// newHome is a client's home set up for the network.
func (n *network) newHome(dir string) error {
	return WriteClientFile(dir, ClientFile{Node: n.url, Trust: n.trust, ChainID: n.chain})
}

// testNetwork is a chain of a test's own.
func testNetwork(t *testing.T) *network {
	t.Helper()
	n, err := serveChain(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
