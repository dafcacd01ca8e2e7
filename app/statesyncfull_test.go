package app

import (
	"errors"
	"syscall"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/store"
)

// fullDB is a database whose disk is full while full is true.
type fullDB struct {
	dbm.DB
	full bool
}

func (f *fullDB) NewBatch() dbm.Batch { return fullBatch{f.DB.NewBatch(), f} }

type fullBatch struct {
	dbm.Batch
	of *fullDB
}

func (b fullBatch) WriteSync() error {
	if b.of.full {
		return syscall.ENOSPC
	}
	return b.Batch.WriteSync()
}

// A joiner whose disk is full says so. Its peers told the truth, and none is refused.
func TestAFullDiskIsNoLie(t *testing.T) {
	v := newPast(t)
	stream, at := snapshotOf(t, v.app)
	offer, chunks := offered(t, v.Height, at, stream)
	db := &fullDB{DB: dbm.NewMemDB()}
	var refused error
	a, err := New(db, Options{ChainID: testChain, Store: store.Options{CacheSize: 1000, KeepVersions: 3},
		Refused: func(err error) { refused = err }})
	v.OK(err)
	t.Cleanup(func() { a.Close() })
	if _, err := take(t, a, offer, nil, v.Roots[v.Height]); err != nil {
		t.Fatal(err)
	}
	db.full = true
	res, err := a.ApplySnapshotChunk(t.Context(), &abci.RequestApplySnapshotChunk{Chunk: chunks[0], Sender: "peer"})
	if !errors.Is(err, syscall.ENOSPC) || res != nil || refused != nil {
		t.Errorf("%v, %v; said to be a lie: %v", res, err, refused)
	}
	db.full = false
	if _, err := take(t, a, offer, chunks, v.Roots[v.Height]); err != nil {
		t.Errorf("when there is room: %v", err)
	}
}
