package node

import (
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	leveldberrors "github.com/syndtr/goleveldb/leveldb/errors"
)

// named is a database of a home. Where LevelDB says that a file is damaged, it says
// of which database the file is: each has a 000005.ldb.
type named struct {
	dbm.DB
	name string
}

func (d named) told(err error) error {
	if leveldberrors.IsCorrupted(err) {
		return fmt.Errorf("%s.db: %w", d.name, err)
	}
	return err
}

func (d named) Get(key []byte) ([]byte, error) {
	value, err := d.DB.Get(key)
	return value, d.told(err)
}

func (d named) Has(key []byte) (bool, error) {
	has, err := d.DB.Has(key)
	return has, d.told(err)
}

func (d named) Set(key, value []byte) error     { return d.told(d.DB.Set(key, value)) }
func (d named) SetSync(key, value []byte) error { return d.told(d.DB.SetSync(key, value)) }
func (d named) Delete(key []byte) error         { return d.told(d.DB.Delete(key)) }
func (d named) DeleteSync(key []byte) error     { return d.told(d.DB.DeleteSync(key)) }

func (d named) Iterator(start, end []byte) (dbm.Iterator, error) {
	it, err := d.DB.Iterator(start, end)
	return namedIterator{it, d}, d.told(err)
}

func (d named) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	it, err := d.DB.ReverseIterator(start, end)
	return namedIterator{it, d}, d.told(err)
}

func (d named) NewBatch() dbm.Batch { return namedBatch{d.DB.NewBatch(), d} }

type namedIterator struct {
	dbm.Iterator
	of named
}

func (i namedIterator) Error() error { return i.of.told(i.Iterator.Error()) }

type namedBatch struct {
	dbm.Batch
	of named
}

func (b namedBatch) Write() error     { return b.of.told(b.Batch.Write()) }
func (b namedBatch) WriteSync() error { return b.of.told(b.Batch.WriteSync()) }
