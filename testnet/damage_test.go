package testnet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/node"
)

// A network whose clock was set back is given up on at once: no block can come.
func TestAClockSetBackIsHopeless(t *testing.T) {
	var list []NodeStatus
	for i := range 4 {
		list = append(list, NodeStatus{Number: i + 1, State: StateRunning, Height: 848, InStep: true, BlockAge: 1})
	}
	if err := new(Network).hopeless(list); err != nil {
		t.Errorf("a healthy network: %v", err)
	}
	list[2].BlockAge = -61
	if err := new(Network).hopeless(list); err == nil || !strings.Contains(err.Error(), "clock is 1m1s behind") {
		t.Errorf("a clock set back by more than a minute: %v", err)
	}
}

// A node whose data is damaged does not take the others down with it, says what
// to do, and is back after a resync.
func TestANetworkGoesOnBesideADamagedNode(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	n := generate(t, Spec{})
	exits := make(chan error, 4)
	n.OnExit = func(_ *Node, err error) { exits <- err }
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	defer n.Close()
	up := func() {
		t.Helper()
		if err := n.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := n.WaitReady(ctx); err != nil {
			t.Fatal(err)
		}
	}
	up()
	moreBlocks(t, n, 3)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	home := n.Nodes[3].Home
	signed, err := os.ReadFile(filepath.Join(home, "data", "priv_validator_state.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(home, "data", "state.db")); err != nil {
		t.Fatal(err)
	}
	up()
	select {
	case err := <-exits:
		if text := err.Error(); !strings.Contains(text, "state.db is lost") ||
			!strings.Contains(text, "node resync --home "+home) || strings.Contains(text, "goroutine") {
			t.Errorf("node 4 says %q", text)
		}
	case <-time.After(10 * time.Second):
		t.Error("the end of node 4 is not reported")
	}
	if list := n.Status(ctx); list[3].State != StateCrashed || !list[0].InStep {
		t.Errorf("status %+v", list)
	}
	if _, err := node.Resync(home); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(filepath.Join(home, "data", "priv_validator_state.json"))
	if err != nil || string(now) != string(signed) {
		t.Errorf("the sign state is now %s (%v)", now, err)
	}
	if err := n.StartNode(ctx, 4); err != nil {
		t.Fatal(err)
	}
	sameHash(t, n)

	// Of a crash the first line is told, and the stack stays in the log.
	if err := n.Nodes[3].proc.cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	if text := (<-exits).Error(); !strings.Contains(text, "crashed: SIGABRT: abort (its log: ") ||
		strings.Contains(text, "goroutine") {
		t.Errorf("node 4 says %q", text)
	}
}
