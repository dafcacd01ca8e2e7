package testnet

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/rpc"
	"hongbao/internal/ports"
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
		if !ports.Free(m.RPC) || !ports.Free(m.P2P) {
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

// TestNetworkNeedsNoPolling: validators that never ask what a peer lacks decide
// all the same, without one of them too, and a node that was away comes back.
func TestNetworkNeedsNoPolling(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	n := generate(t, Spec{})
	for _, m := range n.Nodes {
		if err := node.EditConfig(m.Home, func(c *cfg.Config) {
			c.Consensus.PeerGossipSleepDuration = time.Hour
		}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	defer n.Close()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	moreBlocks(t, n, 3)
	if err := n.KillNode(2); err != nil {
		t.Fatal(err)
	}
	moreBlocks(t, n, 5)
	if err := n.StartNode(ctx, 2); err != nil {
		t.Fatal(err)
	}
	moreBlocks(t, n, 5)
	sameHash(t, n)
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
