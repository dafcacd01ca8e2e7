package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"

	"hongbao/internal/ports"
	"hongbao/node"
	"hongbao/testnet"
)

// twins runs a second process with a node's key, which knows nothing of what that signed. It
// stops before it votes: the blocks that it catches up with hold the node's votes. The
// node and the others go on.
func twins(ctx context.Context, b *bout) error {
	v := b.victim()
	m := b.net.Nodes[v-1]
	twin := *m
	twin.Number, twin.Home = validators+1, filepath.Join(b.net.Dir, fmt.Sprintf("twin%d", b.nth))
	defer os.RemoveAll(twin.Home)
	if err := b.copyHome(m, &twin); err != nil {
		return err
	}
	other, err := b.begin(ctx, &twin)
	if err != nil {
		return err
	}
	defer other.end()
	stopped := func() bool { return other.ended() || b.exit(v) != nil }
	for begin := time.Now(); !stopped(); {
		if time.Since(begin) > patience {
			b.row.broke("A", "two processes signed with the key of node %d for %s, and neither stopped", v, patience)
			break
		}
		if err := sleep(ctx, lookPause); err != nil {
			return err
		}
	}
	said := other.end()
	const twice = "another process signs with"
	if err := sleep(ctx, calm); err != nil { // evidence goes into one of the next blocks
		return err
	}
	evidence := 0
	for _, s := range b.net.Status(ctx) {
		evidence = max(evidence, len(s.Evidence))
	}
	b.row.figure("stopped: the node %v, the other %v; %d pieces of evidence on the chain",
		strings.Contains(fmt.Sprint(b.exit(v)), twice), strings.Contains(said, twice), evidence)
	if evidence > 0 {
		b.row.broke("E", "two processes with the key of node %d signed two votes for one block", v)
	}
	if !strings.Contains(said, twice) {
		b.row.broke("A", "the second process with the key of node %d ends with: %s", v, said)
	}
	b.heal()
	if b.exit(v) == nil {
		return nil
	}
	return b.net.StartNode(ctx, v)
}

// copyHome makes a home with a node's keys, no data, and an id of its own among
// peers.
func (a *arena) copyHome(of, twin *testnet.Node) error {
	if err := os.CopyFS(filepath.Join(twin.Home, "config"), os.DirFS(filepath.Join(of.Home, "config"))); err != nil {
		return err
	}
	key := filepath.Join(twin.Home, "config", "node_key.json")
	if err := os.Remove(key); err != nil {
		return err
	}
	if _, err := p2p.LoadOrGenNodeKey(key); err != nil {
		return err
	}
	data := filepath.Join(twin.Home, "data")
	state := []byte(`{"height":"0","round":0,"step":0}`)
	if err := errors.Join(os.Mkdir(data, 0o700),
		os.WriteFile(filepath.Join(data, "priv_validator_state.json"), state, 0o600)); err != nil {
		return err
	}
	return a.settle(twin)
}

// settle gives a node beside the network's own addresses to listen at: of the host that
// has its number, or on the loopback interface.
func (a *arena) settle(m *testnet.Node) error {
	if a.wire != nil {
		m.Host, m.P2P, m.RPC = a.wire.addresses()[m.Number-1], a.net.Nodes[0].P2P, a.net.Nodes[0].RPC
	} else {
		base, err := ports.Row(2)
		if err != nil {
			return err
		}
		m.Host, m.P2P, m.RPC = a.net.Nodes[0].Host, base, base+1
	}
	return node.EditConfig(m.Home, func(c *cfg.Config) {
		c.P2P.ListenAddress = fmt.Sprintf("tcp://%s:%d", m.Host, m.P2P)
		c.RPC.ListenAddress = fmt.Sprintf("tcp://%s:%d", m.Host, m.RPC)
	})
}
