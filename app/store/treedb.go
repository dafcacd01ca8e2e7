package store

import (
	"bytes"
	"errors"

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

	// read and wrote, if set, hear of each key that IAVL reads or writes.
	read  func(key, value []byte)
	wrote func(key, value []byte) error
}

var (
	_ iavldb.DB    = (*treeDB)(nil)
	_ iavldb.Batch = treeBatch{}

	errNoBatch = errors.New("store: the tree may write only within a commit")
)

func treeKey(key []byte) []byte {
	return append([]byte{prefixTree}, key...)
}

func (t *treeDB) Get(key []byte) ([]byte, error) {
	value, err := t.db.Get(treeKey(key))
	if t.read != nil && err == nil {
		t.read(key, value)
	}
	return value, err
}

func (t *treeDB) Has(key []byte) (bool, error) { return t.db.Has(treeKey(key)) }

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

// treeBatch forwards into the lent batch, in order.
type treeBatch struct{ t *treeDB }

func (b treeBatch) Set(key, value []byte) error {
	if b.t.out == nil {
		return errNoBatch
	}
	if b.t.wrote != nil {
		if err := b.t.wrote(key, value); err != nil {
			return err
		}
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
