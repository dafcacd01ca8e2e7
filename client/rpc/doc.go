// Package rpc talks to a node: CometBFT's JSON-RPC over HTTP for blocks and
// transactions, and the application's queries (package query) inside it.
//
// Nothing here is verified: an answer is what one node says. What can be
// checked without believing it is in client/audit.
//
// # How a tx ends
//
// A broadcast tx may be dropped from a mempool without a word, so
// [Client.Await] polls for it and offers the same bytes again; it never
// builds a new tx. A tx carries the instant until which it may execute, and
// block time never runs backwards: once a committed block is that late and
// does not know the tx, it never happens. So every tx ends in one of
// two ways, and which one is found out by asking long enough.
package rpc
