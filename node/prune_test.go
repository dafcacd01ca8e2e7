package node

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	cmtstore "github.com/cometbft/cometbft/proto/tendermint/store"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	bs "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"

	"hongbao/internal/leveldb"
)

// Blocks go a step at a time, and none that is to be kept.
func TestBlocksGoInSteps(t *testing.T) {
	for _, row := range []struct{ base, first, want int64 }{
		{1, 0, 0}, {1, 1, 0}, {1, 100, 0}, {1, 101, 101}, {101, 102, 0}, {1, 1_000_000, 101}, {0, 99, 0},
	} {
		if got := pruneTo(row.base, row.first); got != row.want {
			t.Errorf("blocks from %d on, those before %d may go: %d, want %d", row.base, row.first, got, row.want)
		}
	}
}

// Of blocks that are gone, headers and commits go when evidence no longer needs them,
// and no block that is there is touched.
func TestLeftoversAreSwept(t *testing.T) {
	const base, height = 401, 500
	begin := time.Date(2026, 2, 17, 0, 0, 0, 0, time.UTC)
	at := func(h int64) time.Time { return begin.Add(time.Duration(h) * time.Second) }
	params := types.EvidenceParams{MaxAgeNumBlocks: 150, MaxAgeDuration: 200 * time.Second}
	db := dbm.NewMemDB()
	for h := int64(1); h <= height; h++ {
		meta := types.BlockMeta{Header: types.Header{Version: cmtversion.Consensus{Block: version.BlockProtocol},
			ChainID: "c", Height: h, Time: at(h), ProposerAddress: make([]byte, 20), ValidatorsHash: make([]byte, 32)}}
		meta.BlockID = types.BlockID{Hash: meta.Header.Hash(),
			PartSetHeader: types.PartSetHeader{Total: 1, Hash: make([]byte, 32)}}
		b, err := meta.ToProto().Marshal()
		must(t, err)
		must(t, db.Set(fmt.Appendf(nil, "H:%d", h), b))
		commit := cmtproto.Commit{Height: h}
		b, err = commit.Marshal()
		must(t, err)
		must(t, db.Set(fmt.Appendf(nil, "C:%d", h), b))
	}
	state := cmtstore.BlockStoreState{Base: base, Height: height}
	b, err := state.Marshal()
	must(t, err)
	must(t, db.Set([]byte("blockStore"), b)) // where CometBFT keeps it
	blocks := bs.NewBlockStore(db)
	last := &types.Header{Height: height, Time: at(height)}
	l := &leftovers{db: db}
	for i, want := range []int{100, 100, 99, 0} {
		if swept, err := l.sweep(blocks, last, params); err != nil || swept != want {
			t.Errorf("sweep %d: %d, want %d (%v)", i+1, swept, want, err)
		}
	}
	for h := int64(1); h <= height; h++ {
		for _, kind := range []string{"H", "C"} {
			there, err := db.Has(fmt.Appendf(nil, "%s:%d", kind, h))
			must(t, err)
			if there != (h >= 300) {
				t.Fatalf("%s of block %d is there: %t", kind, h, there)
			}
		}
	}
	// Ten blocks later ten more may go; a node that was started again finds them.
	last = &types.Header{Height: height + 10, Time: at(height + 10)}
	if swept, err := (&leftovers{db: db}).sweep(blocks, last, params); err != nil || swept != 10 {
		t.Errorf("after a restart: %d swept, want 10 (%v)", swept, err)
	}
}

// A node that keeps a thousand blocks lets older ones go while it makes new ones, and
// starts again from what is left.
//
//	go test ./node -run OldBlocksGo -campaign -v
func TestOldBlocksGo(t *testing.T) {
	if !*campaign {
		t.Skip("makes 1,300 blocks: -campaign")
	}
	home := newHome(t)
	usePorts(t, home)
	c, settings, err := LoadConfig(home)
	must(t, err)
	c.Consensus.CreateEmptyBlocksInterval = 10 * time.Millisecond
	settings.KeepBlocks, settings.SnapshotEvery = minKeepBlocks, 0
	must(t, WriteConfig(c, settings))
	for _, row := range []struct{ until, first int64 }{{400, 1}, {800, 1}, {1150, 101}, {1350, 301}} {
		home = copyHome(t, home) // a process keeps the homes that it ran
		height := runUntil(t, home, row.until)
		db, err := leveldb.Open(blocksDB, filepath.Join(copyHome(t, home), "data"), nil)
		must(t, err)
		blocks := bs.NewBlockStore(db)
		if first := blocks.Base(); first < row.first || first > 1 && height-first < minKeepBlocks-1 {
			t.Errorf("at block %d those from %d on are there, want from %d on", height, first, row.first)
		} else if blocks.LoadBlock(first-1) != nil || blocks.LoadBlock(first) == nil {
			t.Errorf("block %d is there, or %d is not", first-1, first)
		}
		must(t, db.Close())
	}
}
