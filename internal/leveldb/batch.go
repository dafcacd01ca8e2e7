package leveldb

import (
	"encoding/binary"
	"errors"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// batch is a LevelDB's batch of any size. goleveldb lets a batch of n writes grow by a part of
// 3,000/n at a time, so that the whole of it is copied n/3,000 times over: the genesis of
// 100,000 accounts took 3 GB to write 40 MB. Here its room doubles up to the database's; then another
// one begins, and all are written in one transaction, as goleveldb writes one so large.
type batch struct {
	of    *database
	full  []*leveldb.Batch // in order
	last  *leveldb.Batch   // nil: there are no writes
	ended bool

	size, room int // in bytes: of last's writes at most, and what they may take
}

var _ dbm.Batch = (*batch)(nil)

var (
	errEnded    = errors.New("leveldb: this batch was written or closed")
	errEmptyKey = errors.New("leveldb: the key is empty")
	errNoValue  = errors.New("leveldb: the value is nil")
)

// minRoom is the room of a batch that has one write, in bytes.
const minRoom = 1 << 10

// makeRoom has room in last for a write of a key and a value with so many bytes.
func (b *batch) makeRoom(bytes int) error {
	if b.ended {
		return errEnded
	}
	bytes += 1 + 2*binary.MaxVarintLen32 // goleveldb's own bound
	if b.size += bytes; b.size <= b.room {
		return nil
	}
	if b.room >= b.of.room {
		b.full, b.last, b.size = append(b.full, b.last), nil, bytes
	}
	b.room = max(min(2*b.size, b.of.room), b.size, minRoom)
	grown := leveldb.MakeBatch(b.room)
	if b.last != nil {
		if err := b.last.Replay(grown); err != nil {
			return err
		}
	}
	b.last = grown
	return nil
}

func (b *batch) Set(key, value []byte) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	if value == nil {
		return errNoValue
	}
	if err := b.makeRoom(len(key) + len(value)); err != nil {
		return err
	}
	b.last.Put(key, value)
	return nil
}

func (b *batch) Delete(key []byte) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	if err := b.makeRoom(len(key)); err != nil {
		return err
	}
	b.last.Delete(key)
	return nil
}

func (b *batch) Write() error     { return b.write(false) }
func (b *batch) WriteSync() error { return b.write(true) }

// write ends the batch, also when it fails: half of it may be let go of by then.
func (b *batch) write(sync bool) error {
	if b.ended {
		return errEnded
	}
	defer b.Close()
	if b.last == nil {
		b.last = new(leveldb.Batch)
	}
	if len(b.full) == 0 && b.size <= b.of.room {
		return b.of.write(func(db *leveldb.DB) error { return db.Write(b.last, &opt.WriteOptions{Sync: sync}) })
	}
	return b.of.write(b.transact)
}

// transact writes all parts in one transaction.
func (b *batch) transact(db *leveldb.DB) error {
	b.of.files.awaited.Add(1)
	defer b.of.files.awaited.Add(-1)
	transaction, err := db.OpenTransaction()
	if err != nil {
		return b.of.stop(err)
	}
	parts := append(b.full, b.last)
	for i := range parts {
		if err := transaction.Write(parts[i], nil); err != nil {
			transaction.Discard()
			return err
		}
		parts[i] = nil // is in the transaction
	}
	if err := transaction.Commit(); err != nil {
		return b.of.stop(err)
	}
	return nil
}

// Close lets go of the writes. A batch that is closed again stays closed.
func (b *batch) Close() error {
	b.full, b.last, b.ended = nil, nil, true
	return nil
}
