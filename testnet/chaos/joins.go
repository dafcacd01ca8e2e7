package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

// extra is one more process beside the network's own.
type extra struct {
	said strings.Builder
	hold io.Closer
	gone chan struct{}
}

// begin starts the node of a home as a process of its own.
func (a *arena) begin(ctx context.Context, m *testnet.Node) (*extra, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	e := &extra{gone: make(chan struct{})}
	cmd := exec.CommandContext(ctx, self, "node", "start", "--home", m.Home)
	cmd.Stderr, cmd.Stdout = &e.said, &e.said
	if e.hold, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	cmd.Env = append(os.Environ(), node.SupervisedEnv+"=1", "GOMAXPROCS=1")
	if err := a.launch(m, cmd); err != nil {
		return nil, errors.Join(err, e.hold.Close())
	}
	go func() { _ = cmd.Wait(); close(e.gone) }()
	return e, nil
}

// ended reports whether it ended by itself.
func (e *extra) ended() bool {
	select {
	case <-e.gone:
		return true
	default:
		return false
	}
}

// end ends it, and returns what it said.
func (e *extra) end() string {
	e.hold.Close()
	<-e.gone
	return e.said.String()
}

// snapshotWait is how long a network may take to come to the block of its first
// snapshot.
const snapshotWait = 2 * time.Minute

// joining has a stranger's node join under traffic, from one peer's address and the
// genesis's hash, and compares all that it then holds with what everyone holds.
func joining(bySnapshot bool) do {
	return func(ctx context.Context, b *bout) error {
		wait, stop := context.WithTimeout(ctx, snapshotWait)
		defer stop()
		for bySnapshot && b.newest(ctx) < snapshotEvery+10 {
			if err := sleep(wait, lookPause); err != nil {
				return err
			}
		}
		m := &testnet.Node{Number: validators + 1, Home: filepath.Join(b.net.Dir, fmt.Sprintf("guest%d", b.nth))}
		defer os.RemoveAll(m.Home)
		o, err := b.joinOptions()
		if err != nil {
			return err
		}
		o.Snapshot = bySnapshot
		begin := time.Now()
		if _, err := node.Join(ctx, m.Home, o); err != nil {
			b.row.broke("A", "a node cannot join: %v", err)
			return ctx.Err()
		}
		if err := b.settle(m); err != nil {
			return err
		}
		e, err := b.begin(ctx, m)
		if err != nil {
			return err
		}
		defer e.end()
		for {
			s, err := node.QueryStatus(ctx, m.RPCURL())
			if err == nil && s.InStep {
				b.row.figure("in step at block %d, after %.1f s", s.Height, time.Since(begin).Seconds())
				break
			}
			if e.ended() || time.Since(begin) > patience {
				b.row.broke("A", "the node that joins is not in step after %s: %v; it says %s", patience, err, e.end())
				return ctx.Err()
			}
			if err := sleep(ctx, lookPause); err != nil {
				return err
			}
		}
		b.heal()
		return b.sameAs(ctx, b.row, m)
	}
}

// joinOptions are those of a node that joins by the addresses of all nodes.
func (b *bout) joinOptions() (o node.JoinOptions, err error) {
	genesis, err := os.ReadFile(filepath.Join(b.net.Nodes[0].Home, "config", "genesis.json"))
	if err != nil {
		return o, err
	}
	hash, err := contract.GenesisHash(genesis, b.chain)
	o = node.JoinOptions{Name: "guest", ChainID: b.chain, GenesisHash: hash}
	for _, peer := range b.net.Nodes {
		o.Peers = append(o.Peers, fmt.Sprintf("%s@%s:%d", peer.ID, peer.Host, peer.P2P))
	}
	return o, err
}

// sameAs holds what a node that joined says against what all say: the state of a block,
// and every record, of which those from before its first block came to it in a
// snapshot.
func (a *arena) sameAs(ctx context.Context, row *Row, m *testnet.Node) error {
	c, err := rpc.Dial(m.RPCURL())
	if err != nil {
		return err
	}
	defer c.Close()
	_, at, err := c.Results(ctx)
	if err != nil {
		return err
	}
	for begin := time.Now(); ; {
		theirs, err := blockAt(ctx, a.clients[0], at.Height)
		if err == nil {
			var own *block
			if own, err = blockAt(ctx, c, at.Height); err == nil && !own.same(theirs) {
				row.broke("H", "block %d of the node that joined is another one", at.Height)
			}
		}
		if err == nil {
			break
		}
		if time.Since(begin) > patience || ctx.Err() != nil {
			return err
		}
		_ = sleep(ctx, lookPause)
	}
	var known []contract.Hash
	for _, hash := range a.journal.all() {
		if _, told := a.journal.told(hash); told <= at.Height {
			known = append(known, hash)
		}
	}
	if err := a.records(ctx, row, m.Number, c, known); err != nil {
		row.broke("T", "the node that joined: %v", err)
	}
	row.figure("it has all %d records", len(known))
	return ctx.Err()
}
