package testnet_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/rpc"
	"hongbao/internal/ports"
	"hongbao/node"
	"hongbao/testnet"
)

// TestSavedNetworkGoesOn: a network that was saved is another one's equal in all that
// its users see: balances, histories, the clock, and proofs under the trust file of
// before; and it makes blocks on other ports.
func TestSavedNetworkGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two processes")
	}
	t.Parallel()
	n := testnet.Fresh(t, testnet.Spec{Validators: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	defer n.Close()
	run := func(n *testnet.Network) {
		t.Helper()
		if err := n.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := n.WaitInStep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	run(n)
	trust := filepath.Join(t.TempDir(), "first-trust.json")
	b, err := os.ReadFile(n.TrustFile())
	if err == nil {
		err = os.WriteFile(trust, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &prover{t, filepath.Join(t.TempDir(), "home"), trust}
	asked := n
	do := func(line string) map[string]any {
		t.Helper()
		result, _ := p.run(append(strings.Fields(line), "--node", asked.Nodes[0].RPCURL(), "--trust", trust)...)
		delete(result, "as_of")
		return result
	}
	packet, ok := do("send 9 --shares 3 --lucky --public --recall 1h")["packet"].(string)
	if !ok {
		t.FailNow()
	}
	do("claim " + packet + " --from bob")
	do("testnet warp 2h")
	do("pay 1 --to carol --from dave")
	views := []string{"balance alice", "balance bob", "balance carol", "show " + packet, "history " + packet,
		"statement bob", "statement dave"}
	var before []map[string]any
	for _, view := range views {
		before = append(before, do(view))
	}
	proofs := []string{packet, "account bob", "supply"}
	first := p.proveAll(n.Nodes[0], proofs)
	height := n.Newest(ctx)

	file := filepath.Join(t.TempDir(), "network.save")
	if _, err := testnet.Save(ctx, n.Dir, file); !errors.Is(err, testnet.ErrRunning) {
		t.Errorf("a running network is saved: %v, want %v", err, testnet.ErrRunning)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	saved, err := testnet.Save(ctx, n.Dir, file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != saved.Bytes {
		t.Errorf("the file has mode %v and %d bytes, said to be %d (%v)", info.Mode(), info.Size(), saved.Bytes, err)
	}
	// The other machine has not even the folder.
	if err := os.RemoveAll(n.Dir); err != nil {
		t.Fatal(err)
	}
	restored, err := testnet.Restore(ctx, file, filepath.Join(t.TempDir(), "elsewhere"), false)
	if err != nil {
		t.Fatal(err)
	}
	after, err := testnet.Load(restored.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if after.ChainID != n.ChainID || len(after.Nodes) != len(n.Nodes) || !slices.Equal(after.Accounts, n.Accounts) {
		t.Errorf("saved %s with %d nodes, restored %s with %d", n.ChainID, len(n.Nodes), after.ChainID,
			len(after.Nodes))
	}
	defer after.Close()
	run(after)
	asked = after
	for i, view := range views {
		if now := do(view); !reflect.DeepEqual(now, before[i]) {
			t.Errorf("%s: %v\nbefore: %v", view, now, before[i])
		}
	}
	client, err := rpc.Dial(after.Nodes[0].RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if clock, _, err := client.Clock(ctx); err != nil || clock == nil || clock.Offset != 2*3600 {
		t.Errorf("the clock: %+v (%v), want 2 h ahead", clock, err)
	}
	for i, again := range p.proveAll(after.Nodes[1], proofs) {
		if again.verdict != first[i].verdict || !reflect.DeepEqual(again.facts, first[i].facts) {
			t.Errorf("prove %s: exit %d, %v\nbefore: exit %d, %v", proofs[i], again.verdict, again.facts,
				first[i].verdict, first[i].facts)
		}
		if old := p.verify(first[i].file); old.verdict != first[i].verdict {
			t.Errorf("the proof of before, %s: exit %d, was %d", proofs[i], old.verdict, first[i].verdict)
		}
	}
	do("pay 1 --to carol --from dave")
	testnet.SameHash(t, after)
	if now := after.Newest(ctx); now <= height {
		t.Errorf("block %d, saved at block %d", now, height)
	}
	for _, s := range after.Status(ctx) {
		if len(s.Evidence) > 0 {
			t.Errorf("node %d tells of %v", s.Number, s.Evidence)
		}
	}
}

// A file of which a byte is missing or differs is refused whole, and leaves nothing.
func TestDamagedSaveIsRefused(t *testing.T) {
	n := testnet.Fresh(t, testnet.Spec{Validators: 1})
	dir := t.TempDir()
	file := filepath.Join(dir, "network.save")
	if _, err := testnet.Save(t.Context(), n.Dir, file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad, to := filepath.Join(dir, "bad.save"), filepath.Join(dir, "to", "testnet")
	refused := func(desc string, b []byte) {
		t.Helper()
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := testnet.Restore(t.Context(), bad, to, false)
		if !errors.Is(err, testnet.ErrBadSave) && !errors.Is(err, testnet.ErrSaveVersion) {
			t.Fatalf("%s: %v, want %v", desc, err, testnet.ErrBadSave)
		}
		if _, err := os.Stat(filepath.Dir(to)); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s: something is left (%v)", desc, err)
		}
	}
	for i := 0; i < len(good); i += 1 + len(good)/300 {
		flipped := bytes.Clone(good)
		flipped[i] ^= 1 << (i % 8)
		refused("a bit of byte "+strconv.Itoa(i), flipped)
	}
	for i := 0; i < len(good); i += 1 + len(good)/100 {
		refused("cut at "+strconv.Itoa(i), good[:i])
	}
	refused("the last bit", append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1))
	refused("a byte more", append(bytes.Clone(good), 0))
	refused("no save at all", []byte("hello"))

	refusal := func(b []byte) error {
		t.Helper()
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := testnet.Restore(t.Context(), bad, to, false)
		return err
	}
	if err := refusal([]byte("hongbao-testnet-save/2\n")); !errors.Is(err, testnet.ErrSaveVersion) {
		t.Errorf("a later format: %v, want %v", err, testnet.ErrSaveVersion)
	}
	if _, err := testnet.Restore(t.Context(), file, to, false); err != nil {
		t.Errorf("the whole file: %v", err)
	}
}

// What a stranger packed, with a hash that fits, gets nowhere but below its folder,
// and no network is made that is not one.
func TestForgedSaveIsRefused(t *testing.T) {
	for _, row := range []struct {
		desc  string
		heads []tar.Header
		want  error
	}{
		{"nothing", nil, testnet.ErrBadSave},
		{"a name that leads out", []tar.Header{{Name: "../letter", Typeflag: tar.TypeReg}}, testnet.ErrBadSave},
		{"an absolute name", []tar.Header{{Name: "/letter", Typeflag: tar.TypeReg}}, testnet.ErrBadSave},
		{"a link", []tar.Header{{Name: "a", Linkname: "/etc", Typeflag: tar.TypeSymlink}}, testnet.ErrBadSave},
		{"a device", []tar.Header{{Name: "a", Typeflag: tar.TypeChar}}, testnet.ErrBadSave},
		{"one file twice", []tar.Header{{Name: "a", Typeflag: tar.TypeReg}, {Name: "a", Typeflag: tar.TypeReg}},
			testnet.ErrBadSave},
		{"more than a disk", []tar.Header{{Name: "a", Typeflag: tar.TypeReg, Size: 65 << 30}}, testnet.ErrSaveTooLarge},
	} {
		var b bytes.Buffer
		b.WriteString("hongbao-testnet-save/1\n")
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		for _, h := range row.heads {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		if row.want == testnet.ErrBadSave {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b.Bytes())
		dir := t.TempDir()
		file := filepath.Join(dir, "forged.save")
		if err := os.WriteFile(file, append(b.Bytes(), sum[:]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := testnet.Restore(t.Context(), file, filepath.Join(dir, "to"), false); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.desc, err, row.want)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%s: left %v (%v)", row.desc, left, err)
		}
	}
}

// A save is of a network at rest and for play alone; where there is something it is
// restored only when asked to, and on ports that are free.
func TestWhereANetworkIsSavedAndRestored(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	file := filepath.Join(dir, "network.save")
	n := testnet.Fresh(t, testnet.Spec{Validators: 2})
	unlock, err := node.Lock(n.Nodes[1].Home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Save(ctx, n.Dir, file); !errors.Is(err, node.ErrInUse) {
		t.Errorf("a network of which a node runs: %v, want %v", err, node.ErrInUse)
	}
	unlock()
	if _, err := testnet.Save(ctx, dir, file); !errors.Is(err, testnet.ErrNotThere) {
		t.Errorf("a folder without a network: %v, want %v", err, testnet.ErrNotThere)
	}
	interrupted, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := testnet.Save(interrupted, n.Dir, file); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a refused save left %v (%v)", left, err)
	}
	if _, err := testnet.Save(ctx, n.Dir, file); err != nil {
		t.Fatal(err)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(n.Nodes[0].RPC))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := testnet.Restore(ctx, file, n.Dir, false); !errors.Is(err, testnet.ErrExists) {
		t.Errorf("over a network, unasked: %v, want %v", err, testnet.ErrExists)
	}
	letter := filepath.Join(n.Dir, "letter")
	if err := os.WriteFile(letter, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Restore(ctx, file, n.Dir, true); !errors.Is(err, testnet.ErrNotEmpty) {
		t.Errorf("over something else too: %v, want %v", err, testnet.ErrNotEmpty)
	}
	if err := os.Remove(letter); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Load(n.Dir); err != nil {
		t.Errorf("a refusal cost the network: %v", err)
	}
	if _, err := testnet.Restore(ctx, file, n.Dir, true); err != nil {
		t.Fatalf("over a network, when asked: %v", err)
	}
	again, err := testnet.Load(n.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range again.Nodes {
		if m.ID != n.Nodes[i].ID || m.RPC == n.Nodes[0].RPC || !ports.Free(m.RPC) || !ports.Free(m.P2P) {
			t.Errorf("node %d is %s at ports %d and %d; saved was %s at %d", m.Number, m.ID, m.RPC, m.P2P,
				n.Nodes[i].ID, n.Nodes[i].RPC)
		}
		c, _, err := node.LoadConfig(m.Home)
		if err != nil {
			t.Fatal(err)
		}
		other := again.Nodes[1-i]
		if at := other.ID + "@127.0.0.1:" + strconv.Itoa(other.P2P); c.P2P.PersistentPeers != at {
			t.Errorf("node %d looks for its peer at %s, want %s", m.Number, c.P2P.PersistentPeers, at)
		}
	}

	// Settings that name a file elsewhere, and other rules.
	to := filepath.Join(dir, "to")
	if err := node.EditConfig(again.Nodes[0].Home, func(c *cfg.Config) { c.DBPath = dir }); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Save(ctx, again.Dir, file); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Restore(ctx, file, to, false); !errors.Is(err, testnet.ErrBadSave) {
		t.Errorf("settings that name a folder elsewhere: %v, want %v", err, testnet.ErrBadSave)
	}
	stale := testnet.Fresh(t, testnet.Spec{Validators: 1})
	if err := testnet.MakeStale(stale.Nodes[0].Home); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Save(ctx, stale.Dir, file); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Restore(ctx, file, to, false); !errors.Is(err, node.ErrOtherRules) {
		t.Errorf("other rules: %v, want %v", err, node.ErrOtherRules)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused restore left %v", err)
	}
}

// Whatever the settings of a save say of addresses, the nodes that are made of it listen
// on the loopback interface, and dial each other alone. Their pace stays.
func TestRestoredNodesKeepToThisMachine(t *testing.T) {
	n := testnet.Fresh(t, testnet.Spec{Validators: 2})
	const far = "192.0.2.1:7"
	if err := node.EditConfig(n.Nodes[0].Home, func(c *cfg.Config) {
		c.RPC.PprofListenAddress, c.RPC.CORSAllowedOrigins = "127.0.0.1:7", []string{"*"}
		c.RPC.TLSCertFile, c.RPC.TLSKeyFile = "/etc/passwd", "/etc/passwd"
		c.P2P.ExternalAddress, c.P2P.Seeds = far, n.Nodes[0].ID+"@"+far
		c.P2P.PexReactor, c.P2P.AddrBook = true, "/etc/passwd"
		c.PrivValidatorListenAddr = "unix:///run/elsewhere.sock"
		c.TxIndex.Indexer, c.TxIndex.PsqlConn = "psql", "postgresql://"+far
		c.StateSync.RPCServers = []string{far, far}
		c.Instrumentation.Prometheus, c.Instrumentation.PrometheusListenAddr = true, "0.0.0.0:7"
		c.Consensus.TimeoutPropose = 777 * time.Millisecond
	}); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(n.Dir, "testnet.json")
	b, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(string(b), `"id": "`+n.Nodes[0].ID+`"`,
		`"id": "`+n.Nodes[1].ID+"@"+far+","+n.Nodes[0].ID+`", "host": "0.0.0.0"`, 1)
	if forged == string(b) {
		t.Fatal("the state file has no id of node 1")
	}
	if err := os.WriteFile(state, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	file, to := filepath.Join(t.TempDir(), "network.save"), filepath.Join(t.TempDir(), "to")
	if _, err := testnet.Save(t.Context(), n.Dir, file); err != nil {
		t.Fatal(err)
	}
	if _, err := testnet.Restore(t.Context(), file, to, false); err != nil {
		t.Fatal(err)
	}
	restored, err := testnet.Load(to)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range restored.Nodes {
		c, _, err := node.LoadConfig(m.Home)
		if err != nil {
			t.Fatal(err)
		}
		want := node.DefaultConfig(m.Home)
		want.Moniker, want.StateSync.RPCServers = m.Name, []string{}
		other := restored.Nodes[1-i]
		want.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", m.P2P)
		want.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", m.RPC)
		want.P2P.PersistentPeers = fmt.Sprintf("%s@127.0.0.1:%d", n.Nodes[1-i].ID, other.P2P)
		want.P2P.UnconditionalPeerIDs = n.Nodes[1-i].ID
		if i == 0 {
			want.Consensus.TimeoutPropose = 777 * time.Millisecond
		}
		for _, row := range []struct {
			part      string
			got, want any
		}{{"base", c.BaseConfig, want.BaseConfig}, {"rpc", c.RPC, want.RPC}, {"p2p", c.P2P, want.P2P},
			{"statesync", c.StateSync, want.StateSync}, {"consensus", c.Consensus, want.Consensus},
			{"tx_index", c.TxIndex, want.TxIndex}, {"instrumentation", c.Instrumentation, want.Instrumentation}} {
			if !reflect.DeepEqual(row.got, row.want) {
				t.Errorf("node %d: its settings of %s: %+v\nwant %+v", i+1, row.part, row.got, row.want)
			}
		}
	}
}

// A network that is not for development is not saved.
func TestOnlyDevNetworksAreSaved(t *testing.T) {
	n := testnet.Fresh(t, testnet.Spec{Validators: 1})
	path := filepath.Join(n.Nodes[0].Home, "config", "genesis.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	serious := bytes.Replace(b, []byte(`"dev": true`), []byte(`"dev": false`), 1)
	if bytes.Equal(serious, b) {
		t.Fatal("the genesis does not say that it is for development")
	}
	if err := os.WriteFile(path, serious, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "network.save")
	if _, err := testnet.Save(t.Context(), n.Dir, file); !errors.Is(err, testnet.ErrNotDev) {
		t.Errorf("%v, want %v", err, testnet.ErrNotDev)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file is there (%v)", err)
	}
}
