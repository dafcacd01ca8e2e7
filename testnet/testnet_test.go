package testnet

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hongbao/client/audit"
	"hongbao/contract"
	"hongbao/node"

	cfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
)

func generate(t *testing.T, spec Spec) *Network {
	t.Helper()
	if spec.Accounts == nil {
		spec.Accounts = DevAccounts()
	}
	n, err := Generate(filepath.Join(t.TempDir(), "testnet"), spec)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGenerateAndLoad(t *testing.T) {
	n := generate(t, Spec{Metrics: true, Configure: func(number int, c *cfg.Config, s *node.Settings) {
		s.KeepVersions = int64(number)
	}})
	if len(n.Nodes) != DefaultValidators || !strings.HasPrefix(n.ChainID, DefaultName+"-") || len(n.Accounts) != 11 {
		t.Fatalf("%d nodes of %s, %d accounts", len(n.Nodes), n.ChainID, len(n.Accounts))
	}
	taken := map[int]bool{}
	for i, m := range n.Nodes {
		for _, p := range []int{m.RPC, m.P2P, m.MetricsPort} {
			if taken[p] || p == 0 {
				t.Errorf("node %d: port %d is taken", m.Number, p)
			}
			taken[p] = true
		}
		c, s, err := node.LoadConfig(m.Home)
		if err != nil {
			t.Fatal(err)
		}
		if s.KeepVersions != int64(i+1) || c.Moniker != m.Name || !c.Instrumentation.Prometheus {
			t.Errorf("node %d: settings %+v, moniker %s", m.Number, s, c.Moniker)
		}
		for _, p := range n.Nodes {
			at := p.ID + "@127.0.0.1:" + strconv.Itoa(p.P2P)
			if has := strings.Contains(c.P2P.PersistentPeers, at); has != (p != m) {
				t.Errorf("node %d: peers %s: %s is there: %v", m.Number, c.P2P.PersistentPeers, at, has)
			}
		}
	}
	again, err := Load(n.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range again.Nodes {
		if *m != *n.Nodes[i] {
			t.Errorf("node %d: loaded %+v, generated %+v", i+1, m, n.Nodes[i])
		}
	}
	if !slices.Equal(again.Accounts, n.Accounts) || again.ChainID != n.ChainID {
		t.Errorf("loaded %s %v", again.ChainID, again.Accounts)
	}
}

// TestTrustFileNamesTheGenesis: what verifiers believe is what nodes run.
func TestTrustFileNamesTheGenesis(t *testing.T) {
	n := generate(t, Spec{})
	f, err := os.Open(n.TrustFile())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	trust, err := audit.ReadTrust(f)
	if err != nil {
		t.Fatal(err)
	}
	if trust.ChainID != n.ChainID || !trust.Dev || len(trust.Validators) != 4 {
		t.Errorf("trust %+v", trust)
	}
	for i, m := range n.Nodes {
		v, err := node.LoadValidator(m.Home, m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := trust.Validators[i]; got.Name != m.Name || !bytes.Equal(got.PubKey, v.PubKey.Bytes()) {
			t.Errorf("node %d: trusted as %+v", m.Number, got)
		}
		doc, genesis, err := node.ReadGenesis(m.Home)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := contract.GenesisHash(genesis, doc.ChainID); err != nil || got != trust.GenesisHash {
			t.Errorf("node %d: genesis %s, trusted %s: %v", m.Number, got, trust.GenesisHash, err)
		}
	}
}

func TestGenerateIntoAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		if _, err := Generate(dir, Spec{Validators: 1, Accounts: DevAccounts()}); err != nil {
			t.Fatal(err)
		}
		if err := Reset(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		desc, dir string
		spec      Spec
	}{
		{"a folder with something in it", full, Spec{Accounts: DevAccounts()}},
		{"more validators than a machine can run", filepath.Join(t.TempDir(), "x"),
			Spec{Validators: 17, Accounts: DevAccounts()}},
		{"a negative number of them", filepath.Join(t.TempDir(), "x"), Spec{Validators: -1, Accounts: DevAccounts()}},
		{"nobody with money", filepath.Join(t.TempDir(), "x"), Spec{}},
	} {
		before, _ := os.ReadDir(filepath.Dir(row.dir))
		if _, err := Generate(row.dir, row.spec); err == nil {
			t.Errorf("%s: accepted", row.desc)
		}
		if after, _ := os.ReadDir(filepath.Dir(row.dir)); len(after) != len(before) {
			t.Errorf("%s: left %v behind", row.desc, after)
		}
	}
}

func TestTakenPortIsReplaced(t *testing.T) {
	n := generate(t, Spec{})
	before := []int{n.Nodes[0].RPC, n.Nodes[1].RPC, n.Nodes[1].P2P}
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(n.Nodes[1].P2P))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := n.movePorts(n.Nodes); err != nil {
		t.Fatal(err)
	}
	if n.Nodes[0].RPC != before[0] {
		t.Error("node 1 moved although its ports are free")
	}
	if n.Nodes[1].RPC == before[1] || n.Nodes[1].P2P == before[2] {
		t.Error("node 2 kept a port that is taken")
	}
	again, err := Load(n.Dir)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := node.LoadConfig(n.Nodes[0].Home)
	if err != nil {
		t.Fatal(err)
	}
	if at := "127.0.0.1:" + strconv.Itoa(again.Nodes[1].P2P); !strings.Contains(c.P2P.PersistentPeers, at) {
		t.Errorf("node 1 looks for its peers at %s, node 2 is at %s", c.P2P.PersistentPeers, at)
	}
}

func TestResetDeletesOnlyItsOwn(t *testing.T) {
	n := generate(t, Spec{Validators: 1})
	letter := filepath.Join(n.Dir, "letter")
	if err := os.WriteFile(letter, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockDir(n.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Reset(n.Dir); !errors.Is(err, ErrRunning) {
		t.Errorf("reset of a running network: %v, expected %v", err, ErrRunning)
	}
	unlock()
	if err := Reset(n.Dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(n.Dir)
	if err != nil || len(left) != 1 || left[0].Name() != "letter" {
		t.Errorf("left: %v %v, expected the letter alone", left, err)
	}
	if err := Reset(n.Dir); err != nil {
		t.Errorf("a folder without a network: %v", err)
	}
	elsewhere := []byte(`{"format":"hongbao-testnet/1","nodes":[{"home":".."}]}`)
	if err := os.WriteFile(filepath.Join(n.Dir, stateFile), elsewhere, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Reset(n.Dir); err == nil {
		t.Error("a state file that names a folder elsewhere was believed")
	}
}

// makeStale turns a node's genesis into one of an older version of the rules.
func makeStale(home string) error {
	doc, _, err := node.ReadGenesis(home)
	if err != nil {
		return err
	}
	doc.ConsensusParams.Version.App--
	b, err := cmtjson.Marshal(doc)
	if err != nil {
		return err
	}
	return node.WriteGenesis(home, b)
}

// TestStaleNetwork: a network of other rules is refused before a process runs.
func TestStaleNetwork(t *testing.T) {
	n := generate(t, Spec{Validators: 1})
	if err := makeStale(n.Nodes[0].Home); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); !errors.Is(err, node.ErrOtherRules) {
		t.Errorf("%v, expected %v", err, node.ErrOtherRules)
	}
	if n.Nodes[0].proc != nil {
		t.Error("a process was started")
	}
}

// The page for operators has the unit that generate writes, for who joins without it.
func TestUnitIsTheManuals(t *testing.T) {
	b, err := os.ReadFile("../docs/hongbao.service")
	if err != nil || string(b) != Unit {
		t.Errorf("docs/hongbao.service is not what testnet generate writes (%v)", err)
	}
}
