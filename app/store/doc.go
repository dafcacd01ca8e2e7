// Package store keeps the ledger on disk: a Merkle tree whose root the
// validators sign, and flat keys beside it, so that after a crash a node holds
// exactly one block's state, never a mixture of two.
//
// # One block
//
// The application executes block 7 in memory and is left with the leaves that
// changed: say a packet and the account that claimed from it.
//
//	root, err := s.Stage(leaves)          // FinalizeBlock: the app hash of block 7
//	err = s.Commit(7, blockTime, records) // Commit: the only write
//
// Stage puts the leaves into the working tree and returns its root. It writes
// nothing and forgets what was staged before, so a block that is executed twice,
// or finalised and then lost in a crash, leaves no trace. Commit writes, in one
// atomic synced batch:
//
//	t…  the tree's new nodes
//	v…  a copy of the latest value of every staged leaf
//	r…  the caller's records: entries, transactions, indexes
//	h   height, block time and root
//
// Tree version and block height are the same number. Get, Record and Records read
// the flat keys; Prove reads the tree, at any height still held.
//
// # Why a crash cannot tear it
//
// All that Commit persists is in one batch of the underlying database, and that
// batch is atomic (for goleveldb: one checksummed journal record, or, above its
// 4 MiB write buffer, one manifest edit). So it is enough that nothing else ever
// reaches the database on the tree's behalf. IAVL alone does not promise this:
// its own batch flushes itself every 100 KB, and a process killed between two
// such flushes cannot load its tree again (cosmos/iavl#1107). Therefore IAVL never
// sees the database's batches. It is given a [treeDB], which forwards its writes
// into a batch lent by the Store and ignores its wish to flush; without a lent
// batch it cannot write at all.
//
// When Commit fails, memory may be ahead of the disk and the disk may or may not
// hold the block. The Store then refuses everything; opening it again finds the
// whole old version or the whole new one.
//
// # Pruning
//
// Old versions are pruned in a batch of their own, after the block's. It is atomic
// too and names how far it went, so a crash around it only leaves versions that the
// next Commit prunes. The same batch says, for later,
//
//	o…  which nodes of the version before the new one does not have
//
// so that to prune a version is to delete what was written down of it. What is
// missing there is found by reading both trees: IAVL's own pruner does that for each
// version. The nodes that are left are those that it leaves.
//
// # Two handles on one tree
//
// IAVL's writer mutates nodes that its cache shares with readers. So the Store holds
// two handles with two caches: the writer's, changed only by Stage and Commit; and
// the reader's, used by Prove at committed heights only, through calls that look
// every root up on disk. The pruner reads nodes by itself. They meet only on disk,
// where a node is never changed, except that the pruner moves a root that later
// versions use from nonce 1 to nonce 0, for which every IAVL lookup has a fallback. A
// version that a proof is being made from is pinned, and pruning stops below it.
//
// # Moving a state to another machine
//
// Export walks one height, pinned, while blocks go on above it: the tree children
// first, and whatever records the caller asks for. Restore fills a Store from that:
// it writes as it goes, in batches of a bounded size, and the head last, in one
// synced batch, after the tree's root was found to be the one that the caller
// trusts. What a crash or a lie leaves behind has no head, and is wiped.
//
// # What the caller promises
//
// A leaf is staged only if its bytes changed: setting an equal value changes the
// root, because IAVL's leaf hash holds the version. The first block seeds at least
// two leaves: an empty tree has no proofs. A sentinel below and one above
// all other keys (the application uses "!" and "~") give every absence proof two
// neighbours. Leaves are never deleted.
package store
