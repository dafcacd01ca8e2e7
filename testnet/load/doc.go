// Package load puts a running dev network under real traffic and says what
// came of it: `hongbao testnet load`, and the fault tests.
//
// Traffic comes from groups of accounts that each live the same small story
// over and over: one sends a packet of five, four claim, the sender recalls
// the rest and pays one of them. A group waits for each step to be final
// before the next, as people do, so the number of groups bounds what is in
// flight, and a pacer bounds the rate. All signatures are made beforehand.
//
// A tx that no node takes, or that is not seen final for a while, is sent
// again to another node as the same bytes. Latency counts from the first
// attempt to the moment the client has read the result from a node's committed
// state.
package load
