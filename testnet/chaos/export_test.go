package chaos

import (
	"context"
	"io"
	"os/exec"

	"hongbao/testnet"
)

// Court holds what the nodes of a network answer against what clients were told, with
// the checks of a campaign. The network runs without it, and traffic goes on meanwhile.
type Court struct{ arena *arena }

// NewCourt judges the nodes of n, of which each has all blocks.
func NewCourt(n *testnet.Network, seed uint64) (*Court, error) {
	a := newBooks(seed)
	a.net = n
	return &Court{a}, a.dial()
}

// Journal takes what clients are told, as load.Config.Journal does.
func (c *Court) Journal() io.Writer { return c.arena.journal }

// Judge holds all promises of the blocks since it was called last, on all nodes.
func (c *Court) Judge(ctx context.Context) (row Row, err error) {
	acked, took := c.arena.journal.take()
	row.Acked, row.Took = len(acked), took
	return row, c.arena.check(ctx, &row, acked)
}

// Dismiss is for the last node, which is not asked from now on.
func (c *Court) Dismiss() {
	last := len(c.arena.clients) - 1
	c.arena.clients[last].Close()
	c.arena.clients, c.arena.net.Nodes = c.arena.clients[:last], c.arena.net.Nodes[:last]
}

// Compare holds a node that has not all blocks against what was judged.
func (c *Court) Compare(ctx context.Context, row *Row, m *testnet.Node) error {
	return c.arena.sameAs(ctx, row, m)
}

// Blocks is up to which block promises were judged.
func (c *Court) Blocks() int64 { return c.arena.checked }

// Close ends the connections.
func (c *Court) Close() {
	for _, client := range c.arena.clients {
		client.Close()
	}
}

// Wire is hosts with a network namespace each, beside this process, which has to be in
// one of its own, see [Aside].
type Wire struct{ wire *wire }

// NewWire makes so many hosts.
func NewWire(count int) (*Wire, error) {
	w, err := newWire(count)
	return &Wire{w}, err
}

// Start starts a process on a host, from 1.
func (w *Wire) Start(host int, cmd *exec.Cmd) error { return w.wire.start(host, cmd) }

// Addresses are those of the hosts.
func (w *Wire) Addresses() []string { return w.wire.addresses() }

// End is when no process uses it any more.
func (w *Wire) End() error { return w.wire.end() }
