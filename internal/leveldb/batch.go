package leveldb

import (
	"encoding/binary"
	"errors"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// batch is a LevelDB's batch that takes twice the room whenever it is full. goleveldb
// lets a batch of n writes grow by a part of 3,000/n at a time, so that the whole of it is
// copied n/3,000 times over: the genesis of 100,000 accounts took 3 GB to write 40 MB.
type batch struct {
	of     database
	writes *leveldb.Batch // nil: there are none
	ended  bool

	size, room int // in bytes: of the writes at most, and what they may take before they move
}

var _ dbm.Batch = (*batch)(nil)

var (
	errEnded    = errors.New("leveldb: this batch was written or closed")
	errEmptyKey = errors.New("leveldb: the key is empty")
	errNoValue  = errors.New("leveldb: the value is nil")
)

// minRoom is the room of a batch that has one write, in bytes.
const minRoom = 1 << 10

// makeRoom has room for a write of a key and a value with so many bytes.
func (b *batch) makeRoom(bytes int) error {
	if b.ended {
		return errEnded
	}
	b.size += bytes + 1 + 2*binary.MaxVarintLen32 // goleveldb's own bound
	if b.size <= b.room {
		return nil
	}
	b.room = max(2*b.size, minRoom)
	grown := leveldb.MakeBatch(b.room)
	if b.writes != nil {
		if err := b.writes.Replay(grown); err != nil {
			return err
		}
	}
	b.writes = grown
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
	b.writes.Put(key, value)
	return nil
}

func (b *batch) Delete(key []byte) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	if err := b.makeRoom(len(key)); err != nil {
		return err
	}
	b.writes.Delete(key)
	return nil
}

func (b *batch) Write() error     { return b.write(false) }
func (b *batch) WriteSync() error { return b.write(true) }

func (b *batch) write(sync bool) error {
	if b.ended {
		return errEnded
	}
	if b.writes == nil {
		b.writes = new(leveldb.Batch)
	}
	if err := b.of.DB().Write(b.writes, &opt.WriteOptions{Sync: sync}); err != nil {
		return b.of.told(err)
	}
	return b.Close()
}

// Close lets go of the writes. A batch that is closed again stays closed.
func (b *batch) Close() error {
	b.writes, b.ended = nil, true
	return nil
}
