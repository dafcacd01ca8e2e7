// Package node runs one hongbao node: CometBFT and the application in one
// process, over one home directory.
//
// A node's life, told by its files:
//
//	config/priv_validator_key.json   signs votes; never copy it to a second machine
//	config/node_key.json             names the node to its peers
//	config/vrf_key.json              proves lucky draws; its public half stands in the genesis
//	config/genesis.json              who validates, who starts with what; the same file everywhere
//	config/config.toml               CometBFT's settings, every one of them, to edit
//	config/hongbao.toml              the application's few settings
//	data/                            blocks, state, the genesis they began with, and hongbao.db, the ledger
//	node.lock                        held while the node runs
//
// [CreateKeys] makes the keys and returns their public halves; [NewGenesis]
// joins the public halves of all validators into one document; [WriteGenesis]
// puts that document into a home. [Init] does the three for a lone node, and
// package testnet does them for several. [Run] then serves until its context
// ends. A supervisor that starts a node as a child can hold its standard input:
// when that closes, the node leaves (see [Supervised]).
//
// [QueryStatus] asks a node that runs how it is, and [Resync] makes one that is
// stopped begin anew. What an operator can do something about is an [Error] with
// a stable code. The package prints nothing but the node's log, and speaks no
// person's language: the screens are in client/cli.
//
// The settings, and what was measured for each, are in [DefaultConfig].
package node
