package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/types"
)

func someState(t *testing.T) contract.Genesis {
	t.Helper()
	key, err := btcec.NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	return contract.Genesis{
		Params:   contract.DefaultParams(),
		Accounts: []contract.GenesisAccount{{Address: contract.AddressOf(key), Balance: 100}},
	}
}

func newHome(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "node")
	if _, err := Init(home, InitOptions{Name: "solo", ChainID: "test-1", State: someState(t)}); err != nil {
		t.Fatal(err)
	}
	return home
}

// TestConfig pins the settings that something else relies on: the latency of
// a payment, the truth of block time, the bounds on memory, and that nothing
// listens beyond the loopback.
func TestConfig(t *testing.T) {
	c, settings, err := LoadConfig(newHome(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		desc      string
		got, want any
	}{
		{"no block without a reason", c.Consensus.CreateEmptyBlocks, false},
		{"but one each second, for the clock", c.Consensus.CreateEmptyBlocksInterval, time.Second},
		{"gossip", c.Consensus.PeerGossipSleepDuration, 25 * time.Millisecond},
		{"flush", c.P2P.FlushThrottleTimeout, 2 * time.Millisecond},
		{"no wait after a commit", c.Consensus.TimeoutCommit, time.Duration(0)},
		{"nor with every vote there", c.Consensus.SkipTimeoutCommit, true},
		{"absent proposer", c.Consensus.TimeoutPropose, 500 * time.Millisecond},
		{"absent proposer, next round", c.Consensus.TimeoutPrecommit, 250 * time.Millisecond},
		{"closed network", c.P2P.PexReactor, false},
		{"one connection an address, off the loopback", c.P2P.AllowDuplicateIP, false},
		{"loopback peers", c.P2P.AddrBookStrict, false},
		{"mempool", c.Mempool.Type, cfg.MempoolTypeFlood},
		{"recheck", c.Mempool.Recheck, true},
		{"largest tx", c.Mempool.MaxTxBytes, contract.MaxTxBytes},
		{"mempool bytes", c.Mempool.MaxTxsBytes, int64(1408 << 10)},
		{"mempool txs", c.Mempool.Size, 5280},
		{"index", c.TxIndex.Indexer, "null"},
		{"rpc", strings.HasPrefix(c.RPC.ListenAddress, "tcp://127.0.0.1:"), true},
		{"p2p", strings.HasPrefix(c.P2P.ListenAddress, "tcp://127.0.0.1:"), true},
		{"metrics only when asked for", c.Instrumentation.Prometheus, false},
		{"metrics", c.Instrumentation.PrometheusListenAddr, "127.0.0.1:26660"},
		{"metrics' names", c.Instrumentation.Namespace, "hongbao"},
		{"the host's name stays private", c.Moniker, "solo"},
		{"settings survive their file", settings, DefaultSettings()},
	} {
		if row.got != row.want {
			t.Errorf("%s: %v, expected %v", row.desc, row.got, row.want)
		}
	}
}

func TestSettingsAreRefused(t *testing.T) {
	for _, row := range []struct{ desc, file, from, to, says string }{
		{"a setting nobody reads", "config/hongbao.toml", "keep_versions", "keep_version", "keep_version"},
		{"a negative number of versions", "config/hongbao.toml", "keep_versions = 2000",
			"keep_versions = -1", "negative"},
		{"a mistyped setting of CometBFT", "config/config.toml", "timeout_commit =", "timeout_comit =",
			"timeout_comit"},
		{"fewer blocks than a peer needs", "config/hongbao.toml", "keep_blocks = 300000", "keep_blocks = 999",
			"keep_blocks"},
		{"not TOML", "config/config.toml", "moniker = ", "moniker ", "config.toml"},
		{"a value out of range", "config/config.toml", `timeout_propose = "500ms"`, `timeout_propose = "-1s"`,
			"timeout_propose"},
	} {
		t.Run(row.desc, func(t *testing.T) {
			home := newHome(t)
			edit(t, filepath.Join(home, row.file), row.from, row.to)
			if _, _, err := LoadConfig(home); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("error %v, expected one about %q", err, row.says)
			}
		})
	}
}

func TestEditConfigKeepsTheRest(t *testing.T) {
	home := newHome(t)
	edit(t, filepath.Join(home, "config/config.toml"), `timeout_propose = "500ms"`, `timeout_propose = "700ms"`)
	if err := EditConfig(home, func(c *cfg.Config) { c.RPC.ListenAddress = "tcp://127.0.0.1:1" }); err != nil {
		t.Fatal(err)
	}
	c, _, err := LoadConfig(home)
	if err != nil {
		t.Fatal(err)
	}
	if c.Consensus.TimeoutPropose != 700*time.Millisecond || c.RPC.ListenAddress != "tcp://127.0.0.1:1" {
		t.Errorf("a person's timeout is now %v, and the address %s", c.Consensus.TimeoutPropose, c.RPC.ListenAddress)
	}
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(from)) {
		t.Fatalf("%s: no %q", path, from)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(b, []byte(from), []byte(to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestInitGuardsKeys(t *testing.T) {
	home := newHome(t)
	for _, name := range []string{"priv_validator_key.json", "node_key.json", "vrf_key.json"} {
		info, err := os.Stat(filepath.Join(home, "config", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v, expected mode 0600", name, info.Mode(), err)
		}
	}
	for _, dir := range []string{"", "config", "data"} {
		if info, err := os.Stat(filepath.Join(home, dir)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("folder %q: %v %v, expected mode 0700", dir, info.Mode(), err)
		}
	}
	before, err := LoadValidator(home, "solo")
	if err != nil {
		t.Fatal(err)
	}
	var refused *Error
	for _, o := range []InitOptions{{Name: "again", ChainID: "test-1", State: someState(t)}, {Name: "again"}} {
		if _, err := Init(home, o); !errors.As(err, &refused) || refused.Code != CodeNodeExists ||
			refused.Home != home {
			t.Errorf("a second init over the same keys: %v", err)
		}
	}
	after, err := LoadValidator(home, "solo")
	if err != nil || !bytes.Equal(before.VRFKey, after.VRFKey) || !before.PubKey.Equals(after.PubKey) {
		t.Errorf("keys changed: %v", err)
	}
}

func TestGenesisNamesEachDrawKey(t *testing.T) {
	dir := t.TempDir()
	var validators []Validator
	for _, name := range []string{"node1", "node2"} {
		v, err := CreateKeys(filepath.Join(dir, name), name)
		if err != nil {
			t.Fatal(err)
		}
		validators = append(validators, v)
	}
	genesis, err := NewGenesis("test-1", time.Now(), validators, someState(t))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := types.GenesisDocFromJSON(genesis)
	if err != nil {
		t.Fatal(err)
	}
	if doc.ConsensusParams.Version.App != appVersion || doc.ConsensusParams.Block.MaxBytes != 2<<20 {
		t.Errorf("consensus params %+v", doc.ConsensusParams)
	}
	home := filepath.Join(dir, "node1")
	if err := WriteGenesis(home, genesis); err != nil {
		t.Fatal(err)
	}
	if err := checkHome(home, validators[0].PubKey); err != nil {
		t.Error(err)
	}
	for _, change := range [][2]string{{`"power": "`, `"power": "1`}, {"test-1-", "test-2-"}, {`"dev":`, ` "dev":`}} {
		if bytes.Count(genesis, []byte(change[0])) == 0 {
			t.Fatalf("no %s in %s", change[0], genesis)
		}
		if err := WriteGenesis(home, bytes.Replace(genesis, []byte(change[0]), []byte(change[1]), 1)); err != nil {
			t.Fatal(err)
		}
		if err := checkHome(home, validators[0].PubKey); contract.CodeOf(err) != contract.CodeBadGenesis {
			t.Errorf("a genesis with %s for %s: %v", change[1], change[0], err)
		}
	}
	if err := WriteGenesis(home, genesis); err != nil {
		t.Fatal(err)
	}
	if err := checkHome(home, validators[1].PubKey); err == nil {
		t.Error("a validator with another's draw key was accepted")
	}
}

func checkHome(home string, key crypto.PubKey) error {
	doc, file, err := ReadGenesis(home)
	if err != nil {
		return err
	}
	return checkGenesis(home, doc, file, key)
}

// Only a validator without which the others make no block may leave block sync at
// once, as CometBFT lets it by its power: one that is behind would call itself in
// step.
func TestNoValidatorSkipsBlockSyncBesideAQuorum(t *testing.T) {
	for _, power := range []int64{validatorPower, minPower} {
		for n := int64(1); n <= 250; n++ {
			total := n * power
			skips := power >= total/3 // blocksync.Reactor.localNodeBlocksTheChain, in integers
			if others := total - power; skips && 3*others > 2*total {
				t.Errorf("%d validators of power %d: one skips block sync, and the others go on without it", n, power)
			}
		}
	}
}

func TestGenesisIsRefused(t *testing.T) {
	home := newHome(t)
	v, err := LoadValidator(home, "solo")
	if err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(home, "config/genesis.json"), fmt.Sprintf(`"app": "%d"`, appVersion), `"app": "999"`)
	if err := checkHome(home, v.PubKey); !errors.Is(err, ErrOtherRules) {
		t.Errorf("error %v, expected %v", err, ErrOtherRules)
	}
}

func TestHomeServesOneNode(t *testing.T) {
	home := newHome(t)
	unlock, err := Lock(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), home, Options{Log: io.Discard}); !errors.Is(err, ErrInUse) {
		t.Errorf("error %v, expected %v", err, ErrInUse)
	}
	unlock()
	if unlock, err = Lock(home); err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestRunWithoutKeysSaysSo(t *testing.T) {
	home := newHome(t)
	if err := os.Remove(filepath.Join(home, "data/priv_validator_state.json")); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), home, Options{Log: io.Discard}); err == nil || !strings.Contains(err.Error(),
		"priv_validator_state") {
		t.Errorf("error %v, expected one about the lost sign state", err)
	}
}

func TestSupervisedEndsWithThePipe(t *testing.T) {
	r, w := io.Pipe()
	ctx := untilEOF(context.Background(), r)
	if err := ctx.Err(); err != nil {
		t.Fatalf("ended while the pipe is held: %v", err)
	}
	w.Close()
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
		t.Error("goes on although the pipe is closed")
	}
}

// A home made beside a node that runs does not get that node's ports.
func TestInitTakesFreePorts(t *testing.T) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", defaultPort+1))
	if err == nil {
		defer l.Close()
	} // else another program has it, which does as well
	c, _, err := LoadConfig(newHome(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(c.RPC.ListenAddress, fmt.Sprint(defaultPort+1)) || strings.HasSuffix(c.P2P.ListenAddress,
		fmt.Sprint(defaultPort)) {
		t.Errorf("ports %s and %s", c.P2P.ListenAddress, c.RPC.ListenAddress)
	}
}
