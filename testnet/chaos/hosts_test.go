package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
	"hongbao/testnet/load"
)

// machine is a host's node in a process of its own.
type machine struct {
	home, url string
	env       string // one more variable; empty: none
	process   *exec.Cmd
	hold      io.Closer
}

func (m *machine) start(t *testing.T) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	log, err := os.OpenFile(filepath.Join(filepath.Dir(m.home), filepath.Base(m.home)+".log"),
		os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer log.Close()
	m.process = exec.Command(exe, "node", "start", "--home", m.home)
	m.process.Env = append(os.Environ(), node.SupervisedEnv+"=1", "GOMAXPROCS=1")
	if m.env != "" {
		m.process.Env = append(m.process.Env, m.env)
	}
	m.process.Stdout, m.process.Stderr = log, log
	m.hold, err = m.process.StdinPipe()
	must(t, err)
	must(t, m.process.Start())
	started := m.process
	t.Cleanup(func() {
		if started == m.process {
			m.end(t, syscall.SIGTERM)
			if t.Failed() {
				said, _ := os.ReadFile(log.Name())
				t.Logf("%s:\n%s", m.home, said[max(0, len(said)-4000):])
			}
		}
	})
}

func (m *machine) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	_ = m.process.Process.Signal(signal)
	if err := m.process.Wait(); err != nil && signal != syscall.SIGKILL {
		t.Errorf("%s: %v", m.home, err)
	}
	m.hold.Close()
}

// until polls the machine's status.
func (m *machine) until(t *testing.T, what string, is func(node.Status) bool) node.Status {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		st, err := node.QueryStatus(t.Context(), m.url)
		if err == nil && is(st) {
			return st
		}
		if time.Since(begin) > catchUp {
			t.Fatalf("%s: not within %s: %s (%+v, %v)", m.home, catchUp, what, st, err)
		}
	}
}

// TestHostsAreJoinedAndLost: four hosts under load; a fifth joins from the trust file
// and one peer; the disk of one is wiped, keys kept, and the same command brings it
// back. All have the same state, every acknowledged tx stands exactly once on all
// of them, and no evidence says that the one that came back signed a height twice.
func TestHostsAreJoinedAndLost(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five processes")
	}
	traffic, offered := 6*time.Second, 20
	if *campaign {
		traffic, offered = time.Minute, rate
	}
	dir := t.TempDir()
	fifth := testnet.Host{Name: "eve", Address: "127.0.0.6"}
	var lines strings.Builder
	base := freeBase(t)
	for i, name := range []string{"alice", "bob", "carol", "dave"} {
		fmt.Fprintf(&lines, "%s 127.0.0.%d:%d\n", name, i+2, base+2*i)
	}
	fifth.P2P, fifth.RPC = base+8, base+9
	hosts, err := testnet.ReadHosts(strings.NewReader(lines.String()))
	must(t, err)
	state := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	cfg := load.Config{Rate: offered, For: traffic}
	for _, a := range testnet.DevAccounts() {
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a.Address, Balance: a.Balance})
		cfg.Funders = append(cfg.Funders, a.Name)
	}
	n, err := testnet.GenerateHosts(filepath.Join(dir, "network"),
		testnet.HostsSpec{Name: "hosts-1", Hosts: hosts, State: state})
	must(t, err)
	var machines []*machine
	var peers []string
	for _, h := range n.Nodes {
		m := &machine{home: h.Home, url: fmt.Sprintf("http://%s:%d", h.Address, h.RPC)}
		m.start(t)
		machines, peers = append(machines, m), append(peers, h.Peer())
	}
	for _, m := range machines {
		m.until(t, "a first block", func(s node.Status) bool { return s.Height > 0 })
	}

	var journal bytes.Buffer
	cfg.Chain, cfg.Journal = n.Chain, &journal
	for _, m := range machines[:3] {
		cfg.Nodes = append(cfg.Nodes, m.url)
	}
	started, loaded := make(chan struct{}), make(chan error, 1)
	cfg.Started = func() { close(started) }
	var report *load.Report
	go func() {
		var err error
		report, err = load.Run(context.WithoutCancel(t.Context()), cfg)
		loaded <- err
	}()
	select {
	case <-started:
	case err := <-loaded:
		t.Fatalf("load ended before it began: %v", err)
	}

	join := func(home, name string, h testnet.Host, peers ...string) node.Joined {
		t.Helper()
		j, err := node.Join(t.Context(), home, node.JoinOptions{Name: name, ChainID: n.Chain, GenesisHash: n.Hash,
			Peers: peers, Listen: fmt.Sprintf("%s:%d", h.Address, h.P2P), RPC: fmt.Sprintf("%s:%d", h.Address, h.RPC)})
		must(t, err)
		return j
	}
	joiner := &machine{home: filepath.Join(dir, "eve"), url: fmt.Sprintf("http://%s:%d", fifth.Address, fifth.RPC)}
	join(joiner.home, "eve", fifth, peers[0])
	joiner.start(t)
	joined := joiner.until(t, "a joiner in step", func(s node.Status) bool { return s.InStep })

	lost := machines[3]
	lost.end(t, syscall.SIGKILL)
	must(t, os.RemoveAll(filepath.Join(lost.home, "data")))
	back := join(lost.home, "dave", hosts[3], peers[:3]...)
	if !back.Validator || back.Fresh || back.WaitsFor <= joined.Height {
		t.Errorf("the host that lost its disk came back as %+v; the network is past block %d", back, joined.Height)
	}
	lost.start(t)
	lost.until(t, "a wiped host at its peers' height", func(s node.Status) bool {
		return s.Height > 0 && !s.CatchingUp && s.Behind <= 1
	})
	must(t, <-loaded)
	if len(report.Failed) > 0 || report.Unknown > 0 {
		t.Errorf("failed %v, unknown %d", report.Failed, report.Unknown)
	}

	machines = append(machines, joiner)
	tip := machines[0].until(t, "a block", func(s node.Status) bool { return s.Height > 0 }).Height
	if *campaign {
		tip = max(tip, back.WaitsFor+20) // the host that came back votes again
	}
	var clients []*rpc.Client
	hashes := map[string]bool{}
	for _, m := range machines {
		st := m.until(t, "the common height", func(s node.Status) bool { return s.Height > tip })
		if len(st.Self.Misbehaviors) > 0 {
			t.Errorf("%s tells of evidence: %+v", m.home, st.Self.Misbehaviors)
		}
		c, err := rpc.Dial(m.url)
		must(t, err)
		t.Cleanup(c.Close)
		header, err := c.SignedHeader(t.Context(), tip+1)
		must(t, err)
		hashes[header.AppHash.String()] = true
		clients = append(clients, c)
	}
	if len(hashes) != 1 {
		t.Errorf("AppHashes after block %d differ: %v", tip, hashes)
	}
	checkJournal(t, clients, &journal, tip)
	t.Logf("joined at block %d; the wiped host votes from block %d on", joined.Height, back.WaitsFor)
}

// freeBase is the first of ten ports that nothing listens at.
func freeBase(t *testing.T) int {
	t.Helper()
	for base := 12_000 + os.Getpid()%7_000; base < 19_900; base += 10 {
		free := true
		for p := base; p < base+10; p++ {
			free = free && node.PortFree(p)
		}
		if free {
			return base
		}
	}
	t.Fatal("no ten free ports in a row")
	return 0
}
