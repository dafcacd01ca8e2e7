// Package evidence makes what a node answers into evidence for an audit.
//
// A proof needs one leaf with its ICS-23 proof, the header that signs the state
// it stands in, and, as the kind says, entries, signed transactions and beacons.
// A [Gatherer] asks a node for them in that order:
//
//	leaf → header (an idle chain signs a state a second later) → clock → hand-overs → entries → txs → beacons
//
// [Gatherer.Gather] does so for a [Subject]; [Evidence.File] is then the proof
// file. With a trust file the leaf is verified before anything is asked for that
// rests on it, and [Gatherer.Verified] judges the whole as audit.Verify does:
// what it returns needs no belief in the node.
//
// # Errors
//
//	[Error]         the proof that was asked for cannot be: its Kind says why
//	[AnswerError]   the trust file refutes the node's answer, or does not cover it
//	rpc.Error       the node does not answer, or answers what no node would
//	contract.Error  unknown packet, unknown share
package evidence
