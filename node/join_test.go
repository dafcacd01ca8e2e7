package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/p2p"
)

// chain is a lone validator that makes blocks until the test ends, and what a
// joiner needs to know of it.
type chain struct {
	home, peer string
	join       JoinOptions
}

// runningChain has a genesis that is sent in several chunks.
func runningChain(t *testing.T) chain {
	t.Helper()
	state := someState(t)
	for i := range 3000 {
		key, _ := btcec.PrivKeyFromBytes([]byte(fmt.Sprintf("%32d", i+1)))
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: contract.AddressOf(key), Balance: 1})
	}
	home := filepath.Join(t.TempDir(), "solo")
	v, err := Init(home, InitOptions{Name: "solo", ChainID: "test-1", State: state})
	if err != nil {
		t.Fatal(err)
	}
	usePorts(t, home)
	c, settings, err := LoadConfig(home)
	if err != nil {
		t.Fatal(err)
	}
	c.Consensus.CreateEmptyBlocksInterval = 50 * time.Millisecond
	settings.SnapshotEvery = 100 // longer than a joiner listens for them
	if err := WriteConfig(c, settings); err != nil {
		t.Fatal(err)
	}
	doc, genesis, err := ReadGenesis(home)
	if err != nil {
		t.Fatal(err)
	}
	if chunksOf(len(genesis)) < 2 {
		t.Fatalf("the genesis has %d bytes: a single chunk", len(genesis))
	}
	hash, err := contract.GenesisHash(genesis, doc.ChainID)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var log syncBuffer
	go func() { ended <- Run(ctx, home, Options{Log: &log}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the chain's node: %v\n%s", err, log.String())
		}
	})
	url, err := RPCURL(home)
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if s, err := QueryStatus(ctx, url); err == nil && s.Height > 3 {
			break
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("the chain makes no blocks\n%s", log.String())
		}
	}
	peer := string(v.NodeID) + "@" + strings.TrimPrefix(c.P2P.ListenAddress, "tcp://")
	return chain{home, peer, JoinOptions{Name: "guest", ChainID: doc.ChainID, GenesisHash: hash, Peers: []string{peer}}}
}

// options are those of a joiner at ports of its own.
func (c chain) options(t *testing.T) JoinOptions {
	o := c.join
	base := freePorts(t, 2)
	o.Listen, o.RPC = fmt.Sprintf("127.0.0.1:%d", base), fmt.Sprintf("127.0.0.1:%d", base+1)
	return o
}

func TestJoin(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a chain")
	}
	c := runningChain(t)
	t.Run("a new home", func(t *testing.T) {
		home := filepath.Join(t.TempDir(), "guest")
		j, err := Join(t.Context(), home, c.options(t))
		if err != nil {
			t.Fatal(err)
		}
		if !j.Fresh || j.Validator || j.WaitsFor != 0 {
			t.Errorf("joined as %+v", j)
		}
		_, got, err := ReadGenesis(home)
		_, want, err2 := ReadGenesis(c.home)
		if err := errors.Join(err, err2); err != nil || string(got) != string(want) {
			t.Errorf("its genesis has %d bytes, the chain's %d, %v", len(got), len(want), err)
		}
		again, err := Join(t.Context(), home, c.join)
		if err != nil || again.Fresh || again.ID != j.ID {
			t.Errorf("once more: %+v, %v", again, err)
		}
		runUntil(t, home, 5)
	})
	t.Run("a home that lost its data", func(t *testing.T) {
		home := filepath.Join(t.TempDir(), "guest")
		first, err := Join(t.Context(), home, c.options(t))
		if err != nil {
			t.Fatal(err)
		}
		settings := DefaultSettings()
		settings.KeepBlocks = 0
		if err := WriteConfig(DefaultConfig(home), settings); err != nil {
			t.Fatal(err)
		}
		remove(t, filepath.Join(home, "data"))
		remove(t, filepath.Join(home, genesisFile))
		remove(t, filepath.Join(home, "config", "config.toml"))
		// By now its key may be a validator's: it waits as one does that lost its sign state.
		again, err := Join(t.Context(), home, c.options(t))
		if err != nil || again.ID != first.ID || again.WaitsFor == 0 {
			t.Fatalf("%+v, %v", again, err)
		}
		if _, kept, err := LoadConfig(home); err != nil || kept != settings {
			t.Errorf("its settings in hongbao.toml are now %+v, were %+v (%v)", kept, settings, err)
		}
		runUntil(t, home, 5)
	})
	t.Run("homes made side by side", func(t *testing.T) { testQueriesBeside(t, c) })
	t.Run("bad days", func(t *testing.T) { testBadJoins(t, c) })
	t.Run("a lost sign state", func(t *testing.T) { testLostSignState(t, c) })
}

// Homes whose nodes are to listen at different addresses answer queries at different
// ones, too, although none of them runs yet; one that was told where to answer
// answers there.
func testQueriesBeside(t *testing.T, c chain) {
	dir := t.TempDir()
	port := freePorts(t, 8)
	for _, row := range []struct{ desc, home, listen, rpc, want string }{
		{"a new one", "a", fmt.Sprintf("127.0.0.2:%d", port), "", fmt.Sprintf("127.0.0.2:%d", port+1)},
		{"another address", "b", fmt.Sprintf("127.0.0.3:%d", port), "", fmt.Sprintf("127.0.0.3:%d", port+1)},
		{"the first moves", "a", fmt.Sprintf("127.0.0.4:%d", port), "", fmt.Sprintf("127.0.0.4:%d", port+1)},
		{"all addresses", "a", fmt.Sprintf("0.0.0.0:%d", port), "", fmt.Sprintf("127.0.0.1:%d", port+1)},
		{"told", "b", "", fmt.Sprintf("127.0.0.3:%d", port+7), fmt.Sprintf("127.0.0.3:%d", port+7)},
		{"told before", "b", fmt.Sprintf("127.0.0.5:%d", port), "", fmt.Sprintf("127.0.0.3:%d", port+7)},
	} {
		home, o := filepath.Join(dir, row.home), c.join
		o.Listen, o.RPC = row.listen, row.rpc
		if _, err := Join(t.Context(), home, o); err != nil {
			t.Errorf("%s: %v", row.desc, err)
			continue
		}
		got, _, err := LoadConfig(home)
		if err != nil || got.RPC.ListenAddress != "tcp://"+row.want {
			t.Errorf("%s: answers at %s, want %s (%v)", row.desc, got.RPC.ListenAddress, row.want, err)
		}
	}
}

func testBadJoins(t *testing.T, c chain) {
	joined := filepath.Join(t.TempDir(), "joined")
	if _, err := Join(t.Context(), joined, c.options(t)); err != nil {
		t.Fatal(err)
	}
	made := func(t *testing.T, home string) {
		t.Helper()
		if err := os.CopyFS(home, os.DirFS(joined)); err != nil {
			t.Fatal(err)
		}
	}
	_, at, _ := strings.Cut(c.peer, "@")
	id, _, _ := strings.Cut(c.peer, "@")
	altered := func(t *testing.T, home string) []byte {
		_, b, err := ReadGenesis(home)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(strings.Replace(string(b), `"balance_fen": 100`, `"balance_fen": 900`, 1))
	}
	for _, row := range []struct {
		desc   string
		code   string
		change func(t *testing.T, home string, o *JoinOptions)
	}{
		{"a trust file of another genesis", CodeWrongGenesis, func(_ *testing.T, _ string, o *JoinOptions) {
			o.GenesisHash[31] ^= 1
		}},
		{"a trust file of another chain", CodePeerOtherChain, func(_ *testing.T, _ string, o *JoinOptions) {
			o.ChainID = "other-1-00000000000000000000"
		}},
		{"a genesis file that was altered", CodeWrongGenesis, func(t *testing.T, _ string, o *JoinOptions) {
			o.Genesis = altered(t, c.home)
		}},
		{"another node at that address", CodePeerOtherID, func(_ *testing.T, _ string, o *JoinOptions) {
			o.Peers = []string{string(p2p.PubKeyToID(ed25519.GenPrivKey().PubKey())) + "@" + at}
		}},
		{"an address where nothing listens", CodePeerUnreachable, func(t *testing.T, _ string, o *JoinOptions) {
			o.Peers = []string{fmt.Sprintf("%s@127.0.0.1:%d", id, freePorts(t, 1))}
		}},
		{"a peer without an id", CodeBadPeer, func(_ *testing.T, _ string, o *JoinOptions) { o.Peers = []string{at} }},
		{"no peer", CodeNoPeers, func(_ *testing.T, _ string, o *JoinOptions) { o.Peers = nil }},
		{"a port that is taken", CodePortTaken, func(_ *testing.T, _ string, o *JoinOptions) { o.Listen = at }},
		{"an address that is none", CodeBadConfig, func(_ *testing.T, _ string, o *JoinOptions) { o.RPC = "here" }},
		{"a home whose node runs", CodeNodeRunning, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			unlock, err := Lock(home)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(unlock)
		}},
		{"half a config.toml", CodeBadConfig, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			halve(t, filepath.Join(home, "config", "config.toml"))
		}},
		{"an empty config.toml", CodeBadConfig, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			if err := os.Truncate(filepath.Join(home, "config", "config.toml"), 0); err != nil {
				t.Fatal(err)
			}
		}},
		{"half a hongbao.toml", CodeBadConfig, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			halve(t, filepath.Join(home, settingsFile))
		}},
		{"a genesis altered on a home with data", CodeGenesisChanged, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			b := altered(t, home)
			if err := errors.Join(keepGenesis(home), WriteGenesis(home, b)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a genesis altered on a home without", CodeWrongGenesis, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			if err := WriteGenesis(home, altered(t, home)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a key that is gone", CodeBadNodeHome, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			remove(t, filepath.Join(home, vrfKeyFile))
		}},
		{"half a validator key", CodeBadNodeHome, func(t *testing.T, home string, _ *JoinOptions) {
			made(t, home)
			halve(t, filepath.Join(home, "config", "priv_validator_key.json"))
			remove(t, filepath.Join(home, genesisFile)) // nothing is put back beside it
		}},
		{"a folder with something else", CodeBadNodeHome, func(t *testing.T, home string, _ *JoinOptions) {
			if err := errors.Join(os.MkdirAll(home, dirPerm),
				os.WriteFile(filepath.Join(home, "letter"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(row.desc, func(t *testing.T) {
			home, o := filepath.Join(t.TempDir(), "guest"), c.options(t)
			row.change(t, home, &o)
			before := listed(t, home)
			_, err := Join(t.Context(), home, o)
			var e *Error
			if !errors.As(err, &e) || e.Code != row.code {
				t.Errorf("error %v, expected the code %s", err, row.code)
			}
			if after := listed(t, filepath.Dir(home)); !slices.Equal(listed(t, home), before) ||
				slices.ContainsFunc(after, func(name string) bool { return strings.Contains(name, ".node-") }) {
				t.Errorf("it left %q; before %q", after, before)
			}
		})
	}
}

func halve(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// listed are the files in a folder and below, but for the lock.
func listed(t *testing.T, dir string) (list []string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Base(path) != lockFile {
			list = append(list, path)
		}
		return nil
	})
	return list
}

// A validator that has lost its sign state waits until the network has passed
// what it can have signed, as far as a peer proves where the network is.
func testLostSignState(t *testing.T, c chain) {
	home := filepath.Join(t.TempDir(), "solo")
	if err := os.CopyFS(home, os.DirFS(c.home)); err != nil {
		t.Fatal(err)
	}
	remove(t, filepath.Join(home, "data"))
	o := c.options(t)
	o.Peers = nil
	var e *Error
	if _, err := Join(t.Context(), home, o); !errors.As(err, &e) || e.Code != CodeNoPeers {
		t.Errorf("without peers: %v", err)
	}
	doc, _, err := ReadGenesis(home)
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return time.Now().Add(time.Hour) }
	if _, err := signedAtMost(t.Context(), genesisDoc{doc}, []string{c.peer}, later); !errors.As(err, &e) ||
		e.Code != CodeNoSignState {
		t.Errorf("from a block of an hour ago: %v", err)
	}
	forged, _, err := ReadGenesis(home)
	if err != nil {
		t.Fatal(err)
	}
	forged.Validators[0].PubKey = ed25519.GenPrivKey().PubKey()
	if _, err := signedAtMost(t.Context(), genesisDoc{forged}, []string{c.peer}, time.Now); !errors.As(err, &e) ||
		e.Code != CodePeerOtherChain {
		t.Errorf("from blocks that other validators signed: %v", err)
	}

	url, err := RPCURL(c.home)
	if err != nil {
		t.Fatal(err)
	}
	// The home of a validator is not dialled by itself: its peer is another node.
	keys := DefaultConfig(home)
	remove(t, keys.NodeKeyFile())
	if _, err := p2p.LoadOrGenNodeKey(keys.NodeKeyFile()); err != nil {
		t.Fatal(err)
	}
	j, err := Join(t.Context(), home, c.options(t))
	if err != nil || !j.Validator {
		t.Fatalf("%+v, %v", j, err)
	}
	now, err := QueryStatus(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	pv, err := loadPrivValidator(keys)
	if err != nil {
		t.Fatal(err)
	}
	if s := pv.LastSignState; s.Height < now.Height+signMargin/2 || s.Height+1 != j.WaitsFor ||
		s.Step != stepPrecommit {
		t.Errorf("it waits for block %d, by its sign state %d step %d; the network is at %d", j.WaitsFor, s.Height,
			s.Step, now.Height)
	}
	again, err := Join(t.Context(), home, c.join)
	if kept, err2 := loadPrivValidator(keys); err != nil || err2 != nil || again.WaitsFor != 0 ||
		kept.LastSignState.Height != pv.LastSignState.Height {
		t.Errorf("once more: %+v, %v, %v", again, err, err2)
	}
}
