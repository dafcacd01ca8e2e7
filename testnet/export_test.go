package testnet

import "context"

// What the tests of the command line share with those of the library.
var (
	Fresh      = generate
	Eventually = eventually
	Gone       = gone
	SameHash   = sameHash
	MakeStale  = makeStale
)

// Newest is the height of the newest block that a node has.
func (n *Network) Newest(ctx context.Context) int64 { return n.newest(ctx) }

// Left reports whether no process is over any home.
func (n *Network) Left() bool { return n.left() }
