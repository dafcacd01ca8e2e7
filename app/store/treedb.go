package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	iavldb "github.com/cosmos/iavl/db"
)

// treeDB is the database as IAVL sees it: the keys under prefixTree, and no way
// to write except into a batch lent by the Store.
type treeDB struct {
	db dbm.DB

	// out receives IAVL's writes. Nil except while the Store wants them; the
	// reader's handle never has one.
	out dbm.Batch

	// flush writes out, for good, where a restore lets IAVL do so; nil: only the Store
	// writes.
	flush func() error

	// strict makes err remember the first failed read. Only the pruner sets it:
	// see Get.
	strict bool
	err    error
}

var (
	_ iavldb.DB    = (*treeDB)(nil)
	_ iavldb.Batch = treeBatch{}

	errNoBatch = errors.New("store: the tree may write only within a commit")
)

func treeKey(key []byte) []byte {
	return append([]byte{prefixTree}, key...)
}

// Get reads one of the tree's keys.
//
// IAVL's pruner compares two versions with iterators whose errors it does not
// look at: when a node of the newer version cannot be read, it takes the rest of
// the older version for orphans and deletes nodes that are in use. So a strict
// treeDB notes every failed read, and the pruner's batch is dropped if there was
// one. A node that is missing counts as failed; only roots, nonce 1, are looked
// for where they may rightly be absent.
func (t *treeDB) Get(key []byte) ([]byte, error) {
	value, err := t.db.Get(treeKey(key))
	if t.strict && t.err == nil {
		if err != nil {
			t.err = err
		} else if value == nil && isInnerNodeKey(key) {
			t.err = fmt.Errorf("tree node %x is missing", key[1:])
		}
	}
	return value, err
}

// isInnerNodeKey reports whether key is s‖version‖nonce with a nonce other than 1.
func isInnerNodeKey(key []byte) bool {
	return len(key) == 1+8+4 && key[0] == 's' && binary.BigEndian.Uint32(key[9:]) != 1
}

func (t *treeDB) Has(key []byte) (bool, error) {
	has, err := t.db.Has(treeKey(key))
	if t.strict && t.err == nil {
		t.err = err
	}
	return has, err
}

func (t *treeDB) Iterator(start, end []byte) (iavldb.Iterator, error) {
	it, err := t.db.Iterator(treeRange(start, end))
	if err != nil {
		return nil, err
	}
	return treeIterator{it}, nil
}

func (t *treeDB) ReverseIterator(start, end []byte) (iavldb.Iterator, error) {
	it, err := t.db.ReverseIterator(treeRange(start, end))
	if err != nil {
		return nil, err
	}
	return treeIterator{it}, nil
}

func treeRange(start, end []byte) ([]byte, []byte) {
	return prefixRange(prefixTree, start, end)
}

// Close does nothing: the database is the Store's.
func (t *treeDB) Close() error { return nil }

func (t *treeDB) NewBatch() iavldb.Batch              { return treeBatch{t} }
func (t *treeDB) NewBatchWithSize(_ int) iavldb.Batch { return treeBatch{t} }

// treeBatch forwards into the lent batch, in order: a later write to the same key
// wins, which pruning relies on.
type treeBatch struct{ t *treeDB }

func (b treeBatch) Set(key, value []byte) error {
	if b.t.out == nil {
		return errNoBatch
	}
	return b.t.out.Set(treeKey(key), value)
}

func (b treeBatch) Delete(key []byte) error {
	if b.t.out == nil {
		return errNoBatch
	}
	return b.t.out.Delete(treeKey(key)) // treeKey copies: IAVL may pass an iterator's buffer
}

// Write and WriteSync write nothing. IAVL calls them when it thinks the batch is
// large enough and when it is done; the Store alone decides when to write. Only an
// import, which reads at its end what it wrote, may have that on disk by then.
func (b treeBatch) Write() error { return nil }
func (b treeBatch) Close() error { return nil }
func (b treeBatch) WriteSync() error {
	if b.t.flush == nil {
		return nil
	}
	return b.t.flush()
}

// GetByteSize is 0 so that IAVL sees no reason to flush.
func (b treeBatch) GetByteSize() (int, error) { return 0, nil }

// treeIterator strips the prefix from the keys.
type treeIterator struct{ dbm.Iterator }

func (it treeIterator) Key() []byte { return it.Iterator.Key()[1:] }

func (it treeIterator) Domain() (start, end []byte) {
	start, end = it.Iterator.Domain()
	return bytes.TrimPrefix(start, []byte{prefixTree}), bytes.TrimPrefix(end, []byte{prefixTree})
}

// prefixRange turns a range of keys under a prefix into one of database keys. A
// nil start or end is the first or the last key under the prefix.
func prefixRange(prefix byte, start, end []byte) ([]byte, []byte) {
	first := append([]byte{prefix}, start...)
	if end == nil {
		return first, []byte{prefix + 1}
	}
	return first, append([]byte{prefix}, end...)
}
