// Package app runs the contract as a CometBFT application.
//
// A tx enters through CheckTx, is proposed and judged by one shared rule
// (contract.Mempool and contract.Block), and is executed in FinalizeBlock, which
// tells the story of a contract.Block: draws of what the block before reserved
// first, then due work, then the txs. Nothing reaches the disk before Commit, which writes tree, entries,
// txs, indexes and height as one atomic synced batch (see app/store). A node
// killed at any instant therefore holds the whole of a block or none of it, and
// CometBFT replays what is missing.
//
// What was verified, decoded or read is remembered (signatures.go, txs.go,
// leaves.go), within bounds and for speed alone: a node that remembers nothing
// comes to the same blocks.
//
// The app is safe for concurrent use by CometBFT's four connections: the
// consensus connection is the one writer; CheckTx and Query read committed
// state under a lock that only Commit takes for writing.
package app
