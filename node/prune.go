package node

import (
	"fmt"
	"sort"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/evidence"
	bs "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// pruneStep is how many blocks go at once. CometBFT syncs its block store each time,
// which for each block would be a third sync beside that of the block and the
// ledger's; and a node that is to keep fewer blocks than it has must not stand while
// a million of them go.
const pruneStep = 100

// pruneTo is the first block to be kept after a commit, where blocks from base on are
// there and those before first may go; 0: none goes now.
func pruneTo(base, first int64) int64 {
	if first-base < pruneStep {
		return 0
	}
	return base + pruneStep
}

// leftovers are the headers and commits of blocks that are gone. CometBFT leaves them
// as long as evidence may need them, and never looks at them again; here they go
// when that time is over.
type leftovers struct {
	db   dbm.DB // the block store's
	next int64  // the first that may be there; 0: not known yet
}

// any reports whether there are any.
func (l *leftovers) any(blocks *bs.BlockStore) bool {
	base := blocks.Base()
	if l.next == 0 && base > 0 {
		l.next = 1 + int64(sort.Search(int(base-1), func(i int) bool {
			return blocks.LoadBlockMeta(int64(i)+1) != nil
		}))
	}
	return l.next < base
}

// sweep deletes those that are too old for evidence after the last block, at most
// pruneStep of them. It returns how many.
func (l *leftovers) sweep(blocks *bs.BlockStore, last *types.Header, params types.EvidenceParams) (int, error) {
	batch, swept := l.db.NewBatch(), 0
	defer batch.Close()
	for ; l.any(blocks) && swept < pruneStep; l.next++ {
		meta := blocks.LoadBlockMeta(l.next)
		if meta == nil {
			continue
		}
		if !evidence.IsEvidenceExpired(last.Height, last.Time, l.next, meta.Header.Time, params) {
			break
		}
		for _, kind := range []string{"H", "C"} { // as CometBFT's block store names them
			if err := batch.Delete(fmt.Appendf(nil, "%s:%d", kind, l.next)); err != nil {
				return 0, err
			}
		}
		swept++
	}
	if swept == 0 {
		return 0, nil
	}
	return swept, batch.Write()
}
