package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/rogpeppe/go-internal/testscript"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/node"
)

// nodeEnv makes the test binary run the node of a home instead of tests: each
// network here is one validator in a process of its own.
const nodeEnv = "TEST_HONGBAO_NODE"

// cliEnv makes it a command line: one that can be killed.
const cliEnv = "TEST_HONGBAO_CLI"

func TestMain(m *testing.M) {
	debug.SetGCPercent(200) // these processes are short, or small
	if home := os.Getenv(nodeEnv); home != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err := node.Run(node.Supervised(ctx), home, node.Options{})
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	hongbao := func() {
		root := NewRoot(os.Stdin, os.Stdout, os.Stderr)
		From(root).work = 10 // these keys protect nothing
		os.Exit(Run(context.Background(), root, os.Args[1:]))
	}
	if os.Getenv(cliEnv) != "" {
		hongbao()
	}
	// A test here waits for blocks and processes most of its time.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"hongbao": hongbao})
}

// network is a chain of one validator.
type network struct {
	url   string
	chain string // its id: testChain and the beginning of the genesis's hash
	trust string // file
	home  string // of the node
	stop  func() error
}

// startNetwork runs a network in dir until stop is called or the test binary
// is gone.
func startNetwork(dir string, configure ...func(*cfg.Config)) (*network, error) {
	home := filepath.Join(dir, "node")
	v, err := node.CreateKeys(home, "node")
	if err != nil {
		return nil, err
	}
	genesis := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for _, name := range wallet.DevNames {
		genesis.Accounts = append(genesis.Accounts, contract.GenesisAccount{
			Address: contract.AddressOf(wallet.DevKey(name)), Balance: 1_000_000,
		})
	}
	file, err := node.NewGenesis(testChain, time.Now(), []node.Validator{v}, genesis)
	if err != nil {
		return nil, err
	}
	n := &network{trust: filepath.Join(dir, "trust.json"), home: home}
	ports, err := freePorts()
	if err != nil {
		return nil, err
	}
	c := node.DefaultConfig(home)
	c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", ports[0])
	c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", ports[1])
	// What is read with a proof waits for the next header.
	c.Consensus.CreateEmptyBlocksInterval = 250 * time.Millisecond
	for _, f := range configure {
		f(c)
	}
	n.url = fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	err = errors.Join(node.WriteConfig(c, node.DefaultSettings()), node.WriteGenesis(home, file))
	if err != nil {
		return nil, err
	}
	doc, b, err := node.ReadGenesis(home)
	if err != nil {
		return nil, err
	}
	n.chain = doc.ChainID
	trust, err := audit.TrustFromGenesis(b)
	if err != nil {
		return nil, err
	}
	var believed bytes.Buffer
	if err := errors.Join(trust.Write(&believed), writeShared(n.trust, believed.Bytes())); err != nil {
		return nil, err
	}
	return n, n.start(dir)
}

const testChain = "hongbao-test-1"

func (n *network) start(dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "node.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), nodeEnv+"="+n.home, node.SupervisedEnv+"=1")
	cmd.Stdout, cmd.Stderr = log, log
	hold, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.stop = func() error {
		hold.Close()
		return cmd.Wait()
	}
	if err := n.ready(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return errors.Join(err, fmt.Errorf("node: %s", text), n.stop())
	}
	return nil
}

// ready waits for the first block.
func (n *network) ready() error {
	client, err := rpc.Dial(n.url)
	if err != nil {
		return err
	}
	defer client.Close()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if s, err := client.Status(context.Background()); err == nil && s.Height > 0 {
			return nil
		}
	}
	return errors.New("no block within 20 s")
}

// peer is where others reach the network's node.
func (n *network) peer(t *testing.T) string {
	t.Helper()
	c, _, err := node.LoadConfig(n.home)
	if err != nil {
		t.Fatal(err)
	}
	v, err := node.LoadValidator(n.home, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(v.NodeID) + "@" + strings.TrimPrefix(c.P2P.ListenAddress, "tcp://")
}

// newHome is a client's home set up for the network.
func (n *network) newHome(dir string) error {
	return WriteClientFile(dir, ClientFile{Node: n.url, Trust: n.trust, ChainID: n.chain})
}

// nextPort is where the search for free ports goes on. It stays below the range
// of outgoing connections (from 32768 on Linux), and of package testnet (from
// 20000), so that no other process takes a port before its node listens there.
var nextPort atomic.Int64

func init() { nextPort.Store(rand.Int64N(10_000)) }

func freePorts() (ports [2]int, err error) {
	for i := range ports {
		for tries := 0; ports[i] == 0; tries++ {
			if tries == 1000 {
				return ports, errors.New("no free port on 127.0.0.1")
			}
			if p := 10_000 + int(nextPort.Add(1)%10_000); node.PortFree(p) {
				ports[i] = p
			}
		}
	}
	return ports, nil
}

// slowly leaves a second between blocks, for what happens in one and between two.
func slowly(c *cfg.Config) {
	c.Consensus.TimeoutCommit, c.Consensus.SkipTimeoutCommit = time.Second, false
}

// testNetwork runs a network for one test.
func testNetwork(t *testing.T, configure ...func(*cfg.Config)) *network {
	t.Helper()
	n, err := startNetwork(t.TempDir(), configure...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Errorf("node: %v", err)
		}
	})
	return n
}
