package node

import (
	"fmt"
	"math"

	"hongbao/app"

	dbm "github.com/cometbft/cometbft-db"
	bs "github.com/cometbft/cometbft/store"
	gogotypes "github.com/cosmos/gogoproto/types"
)

// What CometBFT keeps of evidence: a key for each that waits for a block, and one for each
// that a block holds.
const (
	committedEvidence = 0x00
	pendingEvidence   = 0x01
)

// doubtedBlocks are more than a chain makes until the system has written to disk what CometBFT
// wrote without a sync.
const doubtedBlocks = 10_000

// SettleEvidence takes down in CometBFT's database, before the node is made, which evidence
// the last blocks hold.
//
// CometBFT does so when it has executed a block, without a sync, and not at all for a block
// that it executes again at a start. A validator that was killed at that moment would propose
// that evidence again at each of its turns, for days, and the others would refuse each; and if
// more than two thirds were, take it twice, where the rest ends with a consensus failure.
//
// The ledger says, of the blocks that it has executed, which hold any.
func SettleEvidence(
	evidence, blocks dbm.DB, ledger func(from int64, limit int) ([]app.Misbehavior, error),
) (err error) {
	defer asError(&err) // a block that cannot be read is a panic
	store := bs.NewBlockStore(blocks)
	newest := store.Height()
	if newest == 0 {
		return nil
	}
	known, err := ledger(newest-doubtedBlocks, math.MaxInt32)
	if err != nil {
		return err
	}
	heights := []int64{newest} // which the ledger may not have executed yet
	for _, m := range known {
		heights = append(heights, m.Block)
	}
	for _, height := range heights {
		block := store.LoadBlock(height)
		if block == nil {
			continue // it is older than those that are kept
		}
		for _, e := range block.Evidence.Evidence {
			suffix := fmt.Appendf(nil, "%016X/%X", e.Height(), e.Hash())
			value, err := (&gogotypes.Int64Value{Value: e.Height()}).Marshal()
			if err != nil {
				return err
			}
			if err := evidence.Set(append([]byte{committedEvidence}, suffix...), value); err != nil {
				return err
			}
			if err := evidence.DeleteSync(append([]byte{pendingEvidence}, suffix...)); err != nil {
				return err
			}
		}
	}
	return nil
}
