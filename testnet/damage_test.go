package testnet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hongbao/client/words"
	"hongbao/node"
)

// A screen says of each node what is wrong with it, and of a network why it
// makes no blocks.
func TestStatusSaysWhoAilsAndWhy(t *testing.T) {
	four := func(change func([]NodeStatus)) []NodeStatus {
		var list []NodeStatus
		for i := range 4 {
			list = append(list, NodeStatus{Number: i + 1, State: StateRunning, Height: 848, InStep: true, BlockAge: 1,
				NoBlockFor: 0.5})
		}
		change(list)
		return list
	}
	for _, row := range []struct {
		desc        string
		change      func([]NodeStatus)
		who, halted string
	}{
		{"healthy", func([]NodeStatus) {}, "", ""},
		{"one far behind", func(l []NodeStatus) { l[3].Height, l[3].InStep, l[3].Behind = 196, false, 652 },
			"node 4 is catching up: 652 blocks behind", ""},
		{"one crashed", func(l []NodeStatus) { l[3] = NodeStatus{Number: 4, State: StateCrashed} },
			"node 4 crashed", ""},
		{"one clock ahead", func(l []NodeStatus) {
			l[1].ClockOffset = 90
		}, "node 2: its clock is 1 minute 30 seconds ahead", ""},
		{"one clock behind", func(l []NodeStatus) { l[1].ClockOffset = -30 }, "node 2: its clock is 30 seconds behind",
			""},
		{"evidence", func(l []NodeStatus) {
			for i := range l {
				l[i].Evidence = []node.Evidence{{Kind: "DUPLICATE_VOTE", Validator: "1FF6", Height: 79, Block: 80}}
			}
		}, "EVIDENCE: validator 1FF6", ""},
		{"the clock set back", func(l []NodeStatus) {
			for i := range l {
				l[i].BlockAge, l[i].NoBlockFor = -1200, 30
			}
		}, "", "this machine's clock is 20 minutes behind"},
		{"standing still", func(l []NodeStatus) {
			for i := range l {
				l[i].NoBlockFor = 30
			}
		}, "", "no new block for 30 s"},
	} {
		list := four(row.change)
		lines := ailing(words.English, list)
		if (row.who == "") != (len(lines) == 0) || len(lines) > 1 ||
			!strings.Contains(strings.Join(lines, ""), row.who) {
			t.Errorf("%s: %q, expected %q", row.desc, lines, row.who)
		}
		if got := halted(words.English, list); (row.halted == "") != (got == "") || !strings.Contains(got, row.halted) {
			t.Errorf("%s: halted %q, expected %q", row.desc, got, row.halted)
		}
		if len(ailing(words.Chinese, list)) != len(lines) {
			t.Errorf("%s: Chinese says something else", row.desc)
		}
	}
	back := four(func(l []NodeStatus) { l[2].BlockAge = -61 })
	if err := new(Network).hopeless(back); err == nil || !strings.Contains(err.Error(),
		"clock is 1 minute 1 second behind") {
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
		if text := err.Error(); !strings.Contains(text, "state.db is lost") || !strings.Contains(text,
			"node resync --home "+home) || strings.Contains(text, "goroutine") {
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
	if now, err := os.ReadFile(filepath.Join(home, "data", "priv_validator_state.json")); err != nil ||
		string(now) != string(signed) {
		t.Errorf("the sign state is now %s (%v)", now, err)
	}
	if err := n.StartNode(ctx, 4); err != nil {
		t.Fatal(err)
	}
	sameHash(t, n)
}
