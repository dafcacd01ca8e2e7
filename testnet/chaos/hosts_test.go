package chaos_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/ports"
	"hongbao/node"
	"hongbao/testnet"
	"hongbao/testnet/chaos"
)

// hosts are machines with a node each, of which the first have the validators. Each is
// a network namespace, or an address of this machine's loopback interface.
type hosts struct {
	t        *testing.T
	dir      string
	wire     *chaos.Wire // nil: no namespaces
	network  *testnet.Hosts
	machines []*machine
}

// machine is a host; its node is a process of its own.
type machine struct {
	testnet.Host
	number  int // of the host, from 1
	home    string
	peer    string   // ID@HOST:PORT
	env     []string // more variables
	process *exec.Cmd
	hold    io.Closer
	gone    chan error // gets how the process ended
	shown   bool       // its log's end
}

func (m *machine) url() string { return fmt.Sprintf("http://%s:%d", m.Address, m.RPC) }

// as is the machine in a list of nodes.
func (m *machine) as(number int) *testnet.Node {
	return &testnet.Node{Number: number, Name: m.Name, Home: m.home, Host: m.Address, P2P: m.P2P, RPC: m.RPC}
}

// newHosts makes hosts and, by `testnet generate --hosts`, a network of the first
// validators of them, which make a snapshot each snapshotEvery blocks.
func newHosts(t *testing.T, wire *chaos.Wire, validators int, snapshotEvery int64, state contract.Genesis,
	names ...string) *hosts {
	t.Helper()
	h := &hosts{t: t, dir: t.TempDir(), wire: wire}
	var lines strings.Builder
	base := 0
	if wire == nil {
		var err error
		base, err = ports.Row(2 * len(names))
		must(t, err)
	}
	for i, name := range names {
		if wire != nil {
			fmt.Fprintf(&lines, "%s %s\n", name, wire.Addresses()[i])
		} else {
			fmt.Fprintf(&lines, "%s 127.0.0.%d:%d\n", name, i+2, base+2*i)
		}
	}
	list, err := testnet.ReadHosts(strings.NewReader(lines.String()))
	must(t, err)
	h.network, err = testnet.GenerateHosts(filepath.Join(h.dir, "network"),
		testnet.HostsSpec{Name: "hosts-1", Hosts: list[:validators], State: state})
	must(t, err)
	for i, host := range list {
		m := &machine{Host: host, number: i + 1, home: filepath.Join(h.dir, host.Name), env: []string{"GOMAXPROCS=1"}}
		if i < validators {
			m.home, m.peer = h.network.Nodes[i].Home, h.network.Nodes[i].Peer()
			_, queries := m.listens(h)
			c, settings, err := node.LoadConfig(m.home)
			must(t, err)
			settings.SnapshotEvery, c.RPC.ListenAddress = snapshotEvery, "tcp://"+queries
			must(t, node.WriteConfig(c, settings))
		}
		h.machines = append(h.machines, m)
	}
	return h
}

// listens are where the machine's node listens for peers and for queries, which come
// from this process.
func (m *machine) listens(h *hosts) (peers, queries string) {
	address := m.Address
	if h.wire != nil {
		address = "0.0.0.0"
	}
	return fmt.Sprintf("%s:%d", address, m.P2P), fmt.Sprintf("%s:%d", address, m.RPC)
}

// launch starts this program on a machine.
func (h *hosts) launch(m *machine, args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	h.t.Helper()
	self, err := os.Executable()
	must(h.t, err)
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), m.env...)
	out, said := new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, said
	must(h.t, h.begin(m, cmd))
	return cmd, out, said
}

func (h *hosts) begin(m *machine, cmd *exec.Cmd) error {
	if h.wire == nil {
		return cmd.Start()
	}
	return h.wire.Start(m.number, cmd)
}

// start starts the machine's node. The test ends it, and then shows its log's end if
// something has failed.
func (h *hosts) start(m *machine) {
	h.t.Helper()
	self, err := os.Executable()
	must(h.t, err)
	log, err := os.OpenFile(h.log(m), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(h.t, err)
	defer log.Close()
	cmd := exec.Command(self, "node", "start", "--home", m.home)
	cmd.Env = append(append(os.Environ(), node.SupervisedEnv+"=1"), m.env...)
	cmd.Stdout, cmd.Stderr = log, log
	m.hold, err = cmd.StdinPipe()
	must(h.t, err)
	must(h.t, h.begin(m, cmd))
	m.process, m.gone = cmd, make(chan error, 1)
	gone := m.gone
	go func() { gone <- cmd.Wait() }()
	h.t.Cleanup(func() {
		if m.process == cmd {
			h.end(m, syscall.SIGTERM)
		}
		if h.t.Failed() && !m.shown {
			m.shown = true
			said, _ := os.ReadFile(h.log(m))
			h.t.Logf("%s:\n%s", m.Name, said[max(0, len(said)-4000):])
		}
	})
}

func (h *hosts) log(m *machine) string { return filepath.Join(h.dir, m.Name+".log") }

// end ends the machine's node.
func (h *hosts) end(m *machine, signal syscall.Signal) {
	h.t.Helper()
	_ = m.process.Process.Signal(signal)
	if err := <-m.gone; err != nil && signal != syscall.SIGKILL {
		h.t.Errorf("%s: %v", m.Name, err)
	}
	m.hold.Close()
	m.process = nil
}

// joined is the result of node join.
type joined struct {
	ID        string `json:"id"`
	Fresh     bool   `json:"fresh"`
	Validator bool   `json:"validator"`
	WaitsFor  int64  `json:"waits_for"`
}

// join has a machine join, with nothing but the trust file and peers, and starts its
// node. A home with keys is brought back.
func (h *hosts) join(m *machine, flags ...string) joined {
	h.t.Helper()
	listen, queries := m.listens(h)
	cmd, out, said := h.launch(m, append([]string{"node", "join", "--home", m.home, "--trust", h.network.Trust,
		"--name", m.Name, "--listen", listen, "--rpc", queries, "--prepare", "--output", "json"}, flags...)...)
	if err := cmd.Wait(); err != nil {
		h.t.Fatalf("%s cannot join: %v\n%s%s", m.Name, err, out, said)
	}
	var answer struct {
		Result joined `json:"result"`
	}
	must(h.t, json.Unmarshal(out.Bytes(), &answer))
	m.peer = fmt.Sprintf("%s@%s:%d", answer.Result.ID, m.Address, m.P2P)
	h.start(m)
	return answer.Result
}

// lose empties a machine's disk, of which its operator has a backup of the keys alone.
func (h *hosts) lose(m *machine) {
	h.t.Helper()
	h.end(m, syscall.SIGKILL)
	keys := map[string][]byte{}
	for _, name := range []string{"priv_validator_key.json", "vrf_key.json", "node_key.json"} {
		b, err := os.ReadFile(filepath.Join(m.home, "config", name))
		must(h.t, err)
		keys[name] = b
	}
	must(h.t, os.RemoveAll(m.home))
	must(h.t, os.MkdirAll(filepath.Join(m.home, "config"), 0o700))
	for name, b := range keys {
		must(h.t, os.WriteFile(filepath.Join(m.home, "config", name), b, 0o600))
	}
}

// until polls a machine's status.
func (h *hosts) until(m *machine, what string, is func(node.Status) bool) node.Status {
	h.t.Helper()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		st, err := node.QueryStatus(h.t.Context(), m.url())
		if err == nil && is(st) {
			return st
		}
		if time.Since(begin) > comesFor {
			h.t.Fatalf("%s: not within %s: %s (%+v, %v)", m.Name, comesFor, what, st, err)
		}
	}
}

// comesFor is how long what must come may take: a hundred blocks of a chain that does
// nothing, and more.
const comesFor = 2 * time.Minute

func isInStep(s node.Status) bool { return s.InStep }

// height is a machine's newest block.
func (h *hosts) height(m *machine) int64 {
	h.t.Helper()
	return h.until(m, "a block", func(s node.Status) bool { return s.Height > 0 }).Height
}

// stops waits until a machine's node ends by itself, and returns its exit code and the
// end of its log.
func (h *hosts) stops(m *machine) (exit int, said string) {
	h.t.Helper()
	select {
	case err := <-m.gone:
		m.process = nil
		if ended := new(exec.ExitError); errors.As(err, &ended) {
			exit = ended.ExitCode()
		}
	case <-time.After(comesFor):
		h.t.Fatalf("%s does not stop within %s", m.Name, comesFor)
	}
	log, err := os.ReadFile(h.log(m))
	must(h.t, err)
	return exit, string(log[max(0, len(log)-3000):])
}
