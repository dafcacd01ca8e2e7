package testnet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/node"
)

// eventually waits for something that a healthy network does in seconds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func (n *Network) newest(ctx context.Context) int64 { return newestHeight(n.Status(ctx)) }

// moreBlocks waits until the network has made some.
func moreBlocks(t *testing.T, n *Network, more int64) {
	t.Helper()
	from := n.newest(t.Context())
	eventually(t, "more blocks", func() bool { return n.newest(t.Context()) >= from+more })
}

// sameHash waits until all nodes are in step, and compares what they computed.
func sameHash(t *testing.T, n *Network) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := n.WaitInStep(ctx); err != nil {
		t.Fatal(err)
	}
	height, want := n.newest(ctx), ""
	for _, m := range n.Nodes {
		client, err := rpc.Dial(m.RPCURL())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		eventually(t, m.Name+" has the common height", func() bool {
			header, err := client.SignedHeader(ctx, height)
			if err != nil {
				return false
			}
			got := header.AppHash.String()
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("%s: app hash %s at height %d, others %s", m.Name, got, height, want)
			}
			return true
		})
	}
}

// gone checks that nothing of a network is left: no process over a home, no
// listener on a port.
func gone(t *testing.T, n *Network) {
	t.Helper()
	for _, m := range n.Nodes {
		unlock, err := node.Lock(m.Home)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		unlock()
		if !node.PortFree(m.RPC) || !node.PortFree(m.P2P) {
			t.Errorf("%s: a port is still taken", m.Name)
		}
	}
}

// TestNetworkLosesAndRegainsNodes: the others go on without a node that was
// stopped or killed, and when it is back it computes what they did.
func TestNetworkLosesAndRegainsNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	n := generate(t, Spec{})
	n.OnExit = func(m *Node, err error) { t.Errorf("unasked: %v", err) }
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	defer n.Close()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.WaitInStep(ctx); err != nil {
		t.Fatal(err)
	}
	sameHash(t, n)
	other, err := Load(n.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(ctx); !errors.Is(err, ErrRunning) {
		t.Errorf("a second supervisor: %v, expected %v", err, ErrRunning)
	}
	for _, row := range []struct {
		desc string
		end  func(int) error
		node int
	}{{"stop", n.StopNode, 2}, {"kill", n.KillNode, 3}} {
		if err := row.end(row.node); err != nil {
			t.Fatalf("%s: %v", row.desc, err)
		}
		if s := n.Status(ctx)[row.node-1]; s.State != StateStopped {
			t.Errorf("%s: node is %s", row.desc, s.State)
		}
		if err := row.end(row.node); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s again: %v, expected %v", row.desc, err, ErrNotRunning)
		}
		moreBlocks(t, n, 3)
		if err := n.StartNode(ctx, row.node); err != nil {
			t.Fatalf("start after %s: %v", row.desc, err)
		}
		sameHash(t, n)
	}
	if err := n.StartNode(ctx, 1); !errors.Is(err, ErrRunning) {
		t.Errorf("start of a running node: %v, expected %v", err, ErrRunning)
	}
	if err := n.KillNode(5); !errors.Is(err, ErrNoNode) {
		t.Errorf("kill of node 5 of 4: %v, expected %v", err, ErrNoNode)
	}
	for _, m := range n.Nodes {
		if err := n.KillNode(m.Number); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	gone(t, n)

	// The next run goes on from there, although one of the ports has gone.
	height := n.heightOnDisk(t)
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(n.Nodes[3].RPC))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	moreBlocks(t, n, 1)
	if now := n.newest(ctx); now < height {
		t.Errorf("height %d after all were killed at %d", now, height)
	}
	sameHash(t, n)
	if err := errors.Join(n.Close(), n.Close()); err != nil {
		t.Fatal(err)
	}
	gone(t, n)
}

// heightOnDisk is the last height that node 1 signed for.
func (n *Network) heightOnDisk(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(n.Nodes[0].Home, "data", "priv_validator_state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Height int64 `json:"height,string"`
	}
	if err := json.Unmarshal(b, &state); err != nil {
		t.Fatal(err)
	}
	return state.Height - 1 // the block under way was perhaps never decided
}

// hongbao runs a command of this program to its end.
func hongbao(t *testing.T, args ...string) (stdout string, exit int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// startUp runs `testnet up` and returns when it is ready.
func startUp(t *testing.T, home string) (cmd *exec.Cmd, screen *bytes.Buffer, c configJSON) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.json")
	screen = new(bytes.Buffer)
	cmd = exec.Command(os.Args[0], "testnet", "up", "--home", home, "--config-out", config)
	cmd.Stdout, cmd.Stderr = screen, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	eventually(t, "testnet up is ready", func() bool {
		b, err := os.ReadFile(config)
		return err == nil && json.Unmarshal(b, &c) == nil
	})
	return cmd, screen, c
}

// TestUpFromTheCommandLine drives a network from other processes, kills its
// supervisor, and starts it again.
func TestUpFromTheCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	order := func(args ...string) (string, int) {
		t.Helper()
		return hongbao(t, append([]string{"testnet", "--home", home}, args...)...)
	}
	if _, exit := order("status"); exit != cli.ExitUsage {
		t.Errorf("status before there is a network: exit %d", exit)
	}
	cmd, screen, c := startUp(t, home)
	n, err := Load(filepath.Join(home, "testnet"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Nodes) != 4 || c.Nodes[0].RPC != n.Nodes[0].RPCURL() || c.Nodes[0].PID == 0 || len(c.Accounts) != 11 ||
		c.Trust != n.TrustFile() {
		t.Errorf("config %+v", c)
	}
	var client cli.ClientFile
	if b, err := os.ReadFile(filepath.Join(home, "client.json")); err != nil || json.Unmarshal(b, &client) != nil ||
		!slices.ContainsFunc(c.Nodes, func(m configNodeJSON) bool { return m.RPC == client.Node }) {
		t.Errorf("the home's default is %+v (%v)", client, err)
	}
	if _, exit := order("up"); exit != cli.ExitUsage {
		t.Errorf("a second up: exit %d", exit)
	}
	for _, row := range []struct {
		args []string
		exit int
		says string
	}{
		{[]string{"kill", "2"}, cli.ExitOK, "node 2 killed"},
		{[]string{"kill", "2"}, cli.ExitUsage, ""},
		{[]string{"start", "2"}, cli.ExitOK, "node 2 started"},
		{[]string{"stop", "4"}, cli.ExitOK, "node 4 stopped"},
		{[]string{"status"}, cli.ExitOK, "4     stopped"},
		{[]string{"start", "4"}, cli.ExitOK, "node 4 started"},
		{[]string{"stop", "5"}, cli.ExitUsage, ""},
		{[]string{"stop", "x"}, cli.ExitUsage, ""},
	} {
		if out, exit := order(row.args...); exit != row.exit || !strings.Contains(out, row.says) {
			t.Errorf("%v: exit %d, said %q; expected %d and %q", row.args, exit, out, row.exit, row.says)
		}
	}

	// A node whose port has gone meanwhile gets another, and the home's default
	// follows it.
	if out, exit := order("stop", "1"); exit != cli.ExitOK {
		t.Fatalf("stop 1: exit %d, said %q", exit, out)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(n.Nodes[0].RPC))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if out, exit := order("start", "1"); exit != cli.ExitOK {
		t.Errorf("start 1 elsewhere: exit %d, said %q", exit, out)
	}
	if n, err = Load(n.Dir); err != nil {
		t.Fatal(err)
	}
	moved := n.Nodes[0].RPCURL()
	if b, err := os.ReadFile(filepath.Join(home, "client.json")); err != nil || json.Unmarshal(b, &client) != nil ||
		client.Node != moved || moved == c.Nodes[0].RPC {
		t.Errorf("node 1 moved from %s to %s, the home's default is %+v (%v)", c.Nodes[0].RPC, moved, client, err)
	}

	// Nothing survives a supervisor that could not say good-bye.
	cmd.Process.Kill()
	cmd.Wait()
	eventually(t, "the nodes leave with their supervisor", n.left)
	gone(t, n)
	if first := screen.String(); strings.ContainsAny(first, "\x1b\r") || !strings.Contains(first, "4 of 4 running") {
		t.Errorf("the first screen, not on a terminal:\n%s", first)
	}
	if _, exit := order("down"); exit != cli.ExitUnreachable {
		t.Errorf("down without a supervisor: exit %d", exit)
	}

	if _, exit := order("up", "-n", "7"); exit != cli.ExitUsage {
		t.Errorf("up with another number of validators: exit %d", exit)
	}
	cmd, _, again := startUp(t, home)
	if again.Nodes[0].RPC != moved {
		t.Errorf("ports were not kept: %s, before %s", again.Nodes[0].RPC, moved)
	}
	if out, exit := order("down"); exit != cli.ExitOK {
		t.Errorf("down: exit %d, said %q", exit, out)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("up, told to end: %v", err)
	}
	gone(t, n)
}

// TestPortLostAtTheLastMoment: the port was free when it was looked at.
func TestPortLostAtTheLastMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a process")
	}
	t.Parallel()
	for _, row := range []struct {
		desc string
		port func(*Node) int
	}{
		{"rpc", func(m *Node) int { return m.RPC }},
		{"p2p", func(m *Node) int { return m.P2P }},
	} {
		n := generate(t, Spec{Validators: 1})
		m := n.Nodes[0]
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(row.port(m)))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := n.startNode(m); err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if err := waitBoot(t.Context(), m, m.proc); !errors.Is(err, errPortTaken) {
			t.Errorf("%s: %v, expected %v", row.desc, err, errPortTaken)
		}
	}
}

// TestKilledStart: a supervisor that is killed at any moment of a start leaves
// no node behind, and the next one goes on from there.
func TestKilledStart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	home := filepath.Join(t.TempDir(), "home")
	for _, after := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 1000 * time.Millisecond} {
		cmd := exec.Command(os.Args[0], "testnet", "up", "--home", home)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		cmd.Process.Kill()
		cmd.Wait()
		n, err := Load(filepath.Join(home, "testnet"))
		if errors.Is(err, ErrNotThere) {
			continue // it was still being made
		}
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the nodes leave with their supervisor", n.left)
		gone(t, n)
	}
	cmd, _, _ := startUp(t, home)
	if out, exit := hongbao(t, "testnet", "down", "--home", home); exit != cli.ExitOK {
		t.Errorf("down: exit %d, said %q", exit, out)
	}
	cmd.Wait()
}

// left reports whether no process is over any home.
func (n *Network) left() bool {
	for _, m := range n.Nodes {
		unlock, err := node.Lock(m.Home)
		if err != nil {
			return false
		}
		unlock()
	}
	return true
}

// TestInterruptedStart: Ctrl-C at any moment of a start is a clean end.
func TestInterruptedStart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	moments := []struct {
		desc    string
		reached func(*Network) bool
	}{
		{"the network is made", func(*Network) bool { return true }},
		{"a node runs", func(n *Network) bool { return !n.left() }},
		{"blocks are made", func(n *Network) bool {
			s, err := node.QueryStatus(t.Context(), n.Nodes[0].RPCURL())
			return err == nil && s.Height > 0
		}},
	}
	for _, moment := range moments {
		home := filepath.Join(t.TempDir(), "home")
		cmd := exec.Command(os.Args[0], "testnet", "up", "--home", home)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, moment.desc, func() bool {
			n, err := Load(filepath.Join(home, "testnet"))
			return err == nil && moment.reached(n)
		})
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v, said %q", moment.desc, err, said.String())
		}
		n, err := Load(filepath.Join(home, "testnet"))
		if err != nil {
			t.Fatal(err)
		}
		gone(t, n)
	}
}
