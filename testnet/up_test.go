package testnet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hongbao/client/cli"
	"hongbao/node"
	"hongbao/testnet"
)

// TestMain lets this test program stand in for hongbao: networks run their
// own executable, which here is it.
func TestMain(m *testing.M) {
	hongbao := func() {
		os.Exit(cli.Run(context.Background(), cli.NewRoot(os.Stdin, os.Stdout, os.Stderr), os.Args[1:]))
	}
	if len(os.Args) > 1 && (os.Args[1] == "node" || os.Args[1] == "testnet") {
		hongbao()
	}
	// A test here waits for processes most of its time.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"hongbao": hongbao})
}

// upConfig is what --config-out writes, as a script reads it.
type upConfig struct {
	ChainID  string   `json:"chain_id"`
	Nodes    []upNode `json:"nodes"`
	Accounts []struct {
		Name string `json:"name"`
	} `json:"accounts"`
	Trust string `json:"trust"`
}

type upNode struct {
	RPC     string `json:"rpc"`
	PID     int    `json:"pid"`
	Metrics string `json:"metrics"`
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

// begin starts `testnet up`. A test that ends before it takes it along, and waits
// until the nodes are gone too.
func begin(t *testing.T, home string, stdout, stderr io.Writer, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"testnet", "up", "--home", home}, args...)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState != nil {
			return
		}
		cmd.Process.Kill()
		cmd.Wait()
		if n, err := testnet.Load(filepath.Join(home, "testnet")); err == nil {
			testnet.Eventually(t, "the nodes leave with their supervisor", n.Left)
		}
	})
	return cmd
}

// startUp runs `testnet up` and returns when it is ready.
func startUp(t *testing.T, home string) (cmd *exec.Cmd, screen *bytes.Buffer, c upConfig) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.json")
	screen = new(bytes.Buffer)
	cmd = begin(t, home, screen, os.Stderr, "--config-out", config)
	testnet.Eventually(t, "testnet up is ready", func() bool {
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
	n, err := testnet.Load(filepath.Join(home, "testnet"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Nodes) != 4 || c.Nodes[0].RPC != n.Nodes[0].RPCURL() || c.Nodes[0].PID == 0 ||
		len(c.Accounts) != 11 || c.Trust != n.TrustFile() {
		t.Errorf("config %+v", c)
	}
	var client cli.ClientFile
	b, err := os.ReadFile(filepath.Join(home, "client.json"))
	if err != nil || json.Unmarshal(b, &client) != nil ||
		!slices.ContainsFunc(c.Nodes, func(m upNode) bool { return m.RPC == client.Node }) {
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
	if n, err = testnet.Load(n.Dir); err != nil {
		t.Fatal(err)
	}
	moved := n.Nodes[0].RPCURL()
	b, err = os.ReadFile(filepath.Join(home, "client.json"))
	if err != nil || json.Unmarshal(b, &client) != nil || client.Node != moved || moved == c.Nodes[0].RPC {
		t.Errorf("node 1 moved from %s to %s, the home's default is %+v (%v)", c.Nodes[0].RPC, moved, client, err)
	}

	// Nothing survives a supervisor that could not say good-bye.
	cmd.Process.Kill()
	cmd.Wait()
	testnet.Eventually(t, "the nodes leave with their supervisor", n.Left)
	testnet.Gone(t, n)
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
	testnet.Gone(t, n)
}

// TestKilledStart: a supervisor that is killed at any moment of a start leaves
// no node behind, and the next one goes on from there.
func TestKilledStart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	for _, after := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 1000 * time.Millisecond} {
		cmd := begin(t, home, nil, nil)
		time.Sleep(after)
		cmd.Process.Kill()
		cmd.Wait()
		n, err := testnet.Load(filepath.Join(home, "testnet"))
		if errors.Is(err, testnet.ErrNotThere) {
			continue // it was still being made
		}
		if err != nil {
			t.Fatal(err)
		}
		testnet.Eventually(t, "the nodes leave with their supervisor", n.Left)
		testnet.Gone(t, n)
	}
	cmd, _, _ := startUp(t, home)
	if out, exit := hongbao(t, "testnet", "down", "--home", home); exit != cli.ExitOK {
		t.Errorf("down: exit %d, said %q", exit, out)
	}
	cmd.Wait()
}

// TestInterruptedStart: Ctrl-C at any moment of a start is a clean end.
func TestInterruptedStart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	moments := []struct {
		desc    string
		reached func(*testnet.Network) bool
	}{
		{"the network is made", func(*testnet.Network) bool { return true }},
		{"a node runs", func(n *testnet.Network) bool { return !n.Left() }},
		{"blocks are made", func(n *testnet.Network) bool {
			s, err := node.QueryStatus(t.Context(), n.Nodes[0].RPCURL())
			return err == nil && s.Height > 0
		}},
	}
	for _, moment := range moments {
		home := filepath.Join(t.TempDir(), "home")
		var said bytes.Buffer
		cmd := begin(t, home, nil, &said)
		testnet.Eventually(t, moment.desc, func() bool {
			n, err := testnet.Load(filepath.Join(home, "testnet"))
			return err == nil && moment.reached(n)
		})
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v, said %q", moment.desc, err, said.String())
		}
		n, err := testnet.Load(filepath.Join(home, "testnet"))
		if err != nil {
			t.Fatal(err)
		}
		testnet.Gone(t, n)
	}
}
