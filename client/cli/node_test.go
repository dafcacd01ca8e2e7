package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/internal/ports"
	"hongbao/node"
)

// nodeEnv makes the test binary run the node of a home instead of tests: a network
// of one validator in a process of its own.
const nodeEnv = "TEST_HONGBAO_NODE"

func runNode(home string) (exit int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := node.Run(node.Supervised(ctx), home, node.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// startNode runs a network in dir until stop is called or the test binary is gone.
func startNode(dir string) (*network, error) {
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
	file, err := node.NewGenesis("hongbao-test-1", time.Now(), []node.Validator{v}, genesis)
	if err != nil {
		return nil, err
	}
	n := &network{trust: filepath.Join(dir, "trust.json"), home: home}
	base, err := ports.Row(2)
	if err != nil {
		return nil, err
	}
	c := node.DefaultConfig(home)
	c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", base)
	c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", base+1)
	// What is read with a proof waits for the next header.
	c.Consensus.CreateEmptyBlocksInterval = 250 * time.Millisecond
	n.url = fmt.Sprintf("http://127.0.0.1:%d", base+1)
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

// nodeNetwork runs a node for one test.
func nodeNetwork(t *testing.T) *network {
	t.Helper()
	n, err := startNode(t.TempDir())
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
