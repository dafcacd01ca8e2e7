package chaos_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/client/rpc"
	"hongbao/internal/ports"
	"hongbao/node"
	"hongbao/testnet"

	cfg "github.com/cometbft/cometbft/config"
)

// TestOperations walks what docs/operations.md tells and TestManyHosts does not: a
// ceremony of four strangers, a host that moves with its whole folder, one that moves
// with its keys and sign state alone, and a validator whose key is with a signer that
// goes away and comes back. At the end all nodes have the same state, and no key
// signed twice. With -campaign each host is a network namespace where this machine allows it.
//
//	go test ./testnet/chaos -campaign -run Operations -timeout 10m -v
func TestOperations(t *testing.T) {
	if !*campaign {
		t.Skip("takes two minutes: go test ./testnet/chaos -campaign -run Operations -v")
	}
	wire, elsewhere := ownHosts(t)
	if elsewhere {
		return
	}
	o := &operators{t: t, hosts: &hosts{t: t, dir: t.TempDir(), wire: wire}}
	o.ceremony("alice", "bob", "carol", "dave")
	o.moves(0, "alice-moved", func(from, to string) { must(t, os.CopyFS(to, os.DirFS(from))) })
	o.moves(1, "bob-moved", func(from, to string) {
		must(t, os.CopyFS(filepath.Join(to, "config"), os.DirFS(filepath.Join(from, "config"))))
		must(t, os.Mkdir(filepath.Join(to, "data"), 0o700))
		state, err := os.ReadFile(filepath.Join(from, "data", "priv_validator_state.json"))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, "data", "priv_validator_state.json"), state, 0o600))
	})
	o.signerAway(2)
	o.same()
}

// operators are people with a machine each, who have the command line and nothing else.
type operators struct {
	t     *testing.T
	hosts *hosts // machines[i] is the i-th person's now
	used  int    // addresses
	base  int    // the first port, where there are no namespaces
}

// person is the command line of someone who has keys and settings of his own.
func (o *operators) person(name string) *council {
	dir := filepath.Join(o.hosts.dir, "people", name)
	must(o.t, os.MkdirAll(dir, 0o700))
	return &council{t: o.t, dir: dir, home: filepath.Join(dir, "client")}
}

// machine is one that no one has used, with no home yet.
func (o *operators) machine(name string) *machine {
	o.t.Helper()
	m := &machine{number: o.used + 1, home: filepath.Join(o.hosts.dir, name), env: []string{"GOMAXPROCS=1"}}
	line := fmt.Sprintf("%s 127.0.0.%d:%d", name, o.used+2, o.base)
	if o.hosts.wire != nil {
		line = name + " " + o.hosts.wire.Addresses()[o.used]
	}
	list, err := testnet.ReadHosts(strings.NewReader(line))
	must(o.t, err)
	m.Host = list[0]
	o.used++
	return m
}

// ceremony has people begin a chain of which each assembles the genesis himself. All
// nodes of this machine listen at the same port, and none is told where to answer.
func (o *operators) ceremony(names ...string) {
	t, h := o.t, o.hosts
	t.Helper()
	var err error
	o.base, err = ports.Row(2)
	must(t, err)
	const chain = "strangers"
	pass := filepath.Join(h.dir, "passphrase")
	must(t, os.WriteFile(pass, []byte("ceremonial"), 0o600))
	var people []*council
	var money, registrations []string
	for _, name := range names {
		p, m := o.person(name), o.machine(name)
		var key struct {
			Result struct {
				Address string `json:"address"`
			} `json:"result"`
		}
		must(t, json.Unmarshal(p.run("keys", "new", "me", "--passphrase-file", pass), &key))
		cmd, out, said := h.launch(m, "node", "init", "--home", m.home, "--keys", "--name", name)
		if cmd.Wait() != nil {
			t.Fatalf("%s: node init:\n%s%s", name, out, said)
		}
		file := filepath.Join(h.dir, name+".reg")
		p.run("genesis", "register", "--node-home", m.home, "--chain-id", chain, "--name", name,
			"--address", fmt.Sprintf("%s:%d", m.Address, m.P2P), "--from", "me", "-o", file,
			"--passphrase-file", pass)
		money = append(money, "--account", key.Result.Address+"=100.00")
		registrations = append(registrations, file)
		people, h.machines = append(people, p), append(h.machines, m)
	}
	begins := time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339)
	var hash string
	for i, p := range people {
		mine := []string{"genesis", "assemble", "--chain-id", chain, "--begins", begins,
			"-o", filepath.Join(p.dir, "chain")}
		for j := range registrations { // each in another order
			mine = append(mine, "--registration", registrations[(i+j)%len(registrations)])
		}
		var made struct {
			Result struct {
				ChainID     string `json:"chain_id"`
				GenesisHash string `json:"genesis_hash"`
			} `json:"result"`
		}
		must(t, json.Unmarshal(p.run(append(mine, money...)...), &made))
		if hash == "" {
			hash = made.Result.GenesisHash
		} else if made.Result.GenesisHash != hash {
			t.Fatalf("%s has genesis %s, others %s", names[i], made.Result.GenesisHash, hash)
		}
		h.network = &testnet.Hosts{Trust: filepath.Join(p.dir, "chain", "trust.json"), Chain: made.Result.ChainID}
	}
	for i, p := range people {
		file := func(name string) string { return filepath.Join(p.dir, "chain", name) }
		o.join(h.machines[i], "--trust", file("trust.json"), "--genesis", file("genesis.json"),
			"--peers", file("peers.txt"))
	}
	for _, m := range h.machines {
		h.until(m, "the first blocks of a ceremony", func(s node.Status) bool { return s.InStep && s.Height > 3 })
	}
	t.Logf("four strangers make blocks of chain %s", h.network.Chain)
}

// join prepares a machine's home by node join, and starts its node.
func (o *operators) join(m *machine, flags ...string) joined {
	o.t.Helper()
	j := o.prepare(m, flags...)
	c, _, err := node.LoadConfig(m.home)
	must(o.t, err)
	if _, queries := m.listens(o.hosts); c.RPC.ListenAddress != "tcp://"+queries {
		o.t.Errorf("%s answers queries at %s, want %s", m.Name, c.RPC.ListenAddress, queries)
	}
	m.peer = fmt.Sprintf("%s@%s:%d", j.ID, m.Address, m.P2P)
	o.hosts.start(m)
	return j
}

// prepare runs node join --prepare on a machine.
func (o *operators) prepare(m *machine, flags ...string) joined {
	o.t.Helper()
	listen, queries := m.listens(o.hosts)
	args := append([]string{"node", "join", "--home", m.home, "--listen", listen, "--prepare",
		"--output", "json"}, flags...)
	if o.hosts.wire != nil {
		args = append(args, "--rpc", queries) // asked by this process, from another namespace
	}
	cmd, out, said := o.hosts.launch(m, args...)
	if err := cmd.Wait(); err != nil {
		o.t.Fatalf("%s: %v: %v\n%s%s", m.Name, args, err, out, said)
	}
	var answer struct {
		Result joined `json:"result"`
	}
	must(o.t, json.Unmarshal(out.Bytes(), &answer))
	return answer.Result
}

// moves takes the i-th person's host to a new machine, of which the others know by
// its IP address.
func (o *operators) moves(i int, name string, take func(from, to string)) {
	t, h := o.t, o.hosts
	t.Helper()
	old, fresh := h.machines[i], o.machine(name)
	h.end(old, syscall.SIGTERM)
	before := o.signed(old.home)
	take(old.home, fresh.home)
	must(t, os.RemoveAll(old.home))
	h.machines[i] = fresh
	other := h.machines[(i+1)%len(h.machines)]
	j := o.join(fresh, "--trust", h.network.Trust, "--peer", other.peer)
	if !j.Validator || j.Fresh || j.WaitsFor != 0 || !strings.HasPrefix(old.peer, j.ID+"@") {
		t.Errorf("a host that moved comes back as %+v, was %s", j, old.peer)
	}
	o.votes(fresh) // it dials the others, who do not know its address
	for _, m := range h.machines {
		if m == fresh {
			continue
		}
		h.end(m, syscall.SIGTERM)
		o.prepare(m, "--trust", h.network.Trust, "--peer", fresh.peer)
		c, _, err := node.LoadConfig(m.home)
		must(t, err)
		if peers := strings.Split(c.P2P.PersistentPeers, ","); len(peers) != len(h.machines)-1 ||
			!slices.Contains(peers, fresh.peer) || slices.Contains(peers, old.peer) {
			t.Errorf("%s has the peers %v, which should have %s for %s", m.Name, peers, fresh.peer, old.peer)
		}
		h.start(m)
		h.until(m, "in step after it was told of the move", isInStep)
	}
	h.until(fresh, "all others as peers", func(s node.Status) bool {
		return s.InStep && len(s.Peers) == len(h.machines)-1
	})
	o.votes(fresh)
	if now := o.signed(fresh.home); now <= before {
		t.Errorf("%s has signed up to block %d, on its old machine up to %d", name, now, before)
	}
	t.Logf("%s votes again at block %d", name, h.height(fresh))
}

// signed is the block up to which a folder says that its validator has signed.
func (o *operators) signed(dir string) int64 {
	o.t.Helper()
	var state struct {
		Height int64 `json:"height,string"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "data", "priv_validator_state.json"))
	must(o.t, err)
	must(o.t, json.Unmarshal(b, &state))
	return state.Height
}

// votes waits until a machine's validator has signed a block of after now.
func (o *operators) votes(m *machine) {
	o.t.Helper()
	o.council().until(m.Name+" votes", func() bool { return o.council().signs(m) })
}

// council asks the last person's node, which never moves.
func (o *operators) council() *council {
	last := o.hosts.machines[len(o.hosts.machines)-1]
	return &council{t: o.t, dir: o.hosts.dir, url: last.url()}
}

// signerAway takes the i-th person's key out of the node. While the signer is away the
// node follows the chain, which the three others make; then it votes again.
func (o *operators) signerAway(i int) {
	t, h := o.t, o.hosts
	t.Helper()
	m := h.machines[i]
	h.end(m, syscall.SIGTERM)
	short, err := os.MkdirTemp("", "hb") // the kernel takes a hundred letters for a socket
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(short) })
	dir, socket := filepath.Join(h.dir, "signer"), filepath.Join(short, "s")
	public, err := node.LoadValidator(m.home, m.Name)
	must(t, err)
	for _, file := range []string{"config/priv_validator_key.json", "data/priv_validator_state.json"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700))
		must(t, os.Rename(filepath.Join(m.home, file), filepath.Join(dir, file)))
	}
	must(t, node.EditConfig(m.home, func(c *cfg.Config) { c.PrivValidatorListenAddr = "unix://" + socket }))
	var signer *exec.Cmd
	var said *bytes.Buffer
	begin := func() {
		signer, _, said = h.launch(m, "node", "signer", "--home", dir, "--socket", socket,
			"--chain-id", h.network.Chain)
	}
	end := func() {
		_ = signer.Process.Signal(syscall.SIGTERM)
		must(t, signer.Wait())
		if lines := strings.Count(said.String(), "\n"); lines > 3 {
			t.Errorf("the signer says %d lines:\n%s", lines, said)
		}
	}
	address := public.PubKey.Address().String()
	signs := func() bool { return slices.Contains(o.council().signers(), address) }
	begin()
	h.start(m)
	h.until(m, "a node whose key is elsewhere in step", isInStep)
	o.council().until("the signer's votes", signs)
	end()
	from := h.height(m)
	h.until(m, "blocks without its signer", func(s node.Status) bool { return s.Height > from+8 && s.Behind <= 1 })
	if signs() {
		t.Error("its votes are in a commit while the signer is away")
	}
	begin()
	o.council().until("the signer's votes again", signs)
	if now := o.signed(dir); now <= from {
		t.Errorf("the signer has signed up to block %d, want more than %d", now, from)
	}
	h.end(m, syscall.SIGTERM)
	end()
	t.Logf("a signer was away from block %d on, and back", from)
}

// same holds the state of all nodes against each other, and asks for evidence.
func (o *operators) same() {
	t, h := o.t, o.hosts
	t.Helper()
	running := slices.DeleteFunc(slices.Clone(h.machines), func(m *machine) bool { return m.process == nil })
	at := h.height(running[0])
	var hash string
	for _, m := range running {
		st := h.until(m, "the newest block of all", func(s node.Status) bool { return s.Height >= at })
		if len(st.Self.Misbehaviors) > 0 {
			t.Errorf("%s tells of evidence: %+v", m.Name, st.Self.Misbehaviors)
		}
		client, err := rpc.Dial(m.url())
		must(t, err)
		header, err := client.SignedHeader(t.Context(), at)
		client.Close()
		must(t, err)
		if got := header.AppHash.String(); hash == "" {
			hash = got
		} else if got != hash {
			t.Errorf("%s: state %s before block %d, others %s", m.Name, got, at, hash)
		}
	}
	t.Logf("%d nodes have the same state before block %d", len(running), at)
}
