// Package load puts a dev network under real traffic and says what came of it:
// `hongbao testnet load`, and the fault tests.
//
// # Traffic
//
// Traffic comes from lanes. A lane is a few accounts that live one story after
// another: one sends a packet, others claim, and what happens then is the
// story's (see Mix). A step of a story waits until the one before it is final, as
// people do, so that each account has one transaction under way.
//
// The loop is open: before the clock starts each transaction is signed and has
// the instant at which it is due, and none waits for the network to be ready for
// more. Latency counts from that instant to the moment the client has read the
// result from a node's committed state, so that a network which falls behind
// cannot slow down its own measurement.
//
// A transaction that no node takes, or that is not seen final for a while, is
// sent again to another node as the same bytes; one that there was no room for, less and
// less often. Bytes go out through client/rpc:
// package client reads the nonce, simulates and journals for each transaction,
// which would measure the wallet. [Settle] and [Proof] measure that, through
// package client.
//
// # What is held against the chain
//
// When the traffic has ended, every block that it filled is read: each
// acknowledged transaction has to stand there once, at the height that was
// acknowledged, and all nodes have to come to the same state. [Search] looks for
// the highest rate at which all of this holds and nothing is dropped.
package load
