// Package leveldb opens a database on disk, through CometBFT's wrapper of goleveldb. It
// adds what that lacks: a large batch costs no more per write than a small one, and an
// error about damage names the database.
package leveldb

import (
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb/errors"
)

// IsDamage reports whether an error says that a file of a database is damaged.
func IsDamage(err error) bool { return errors.IsCorrupted(err) }

// Open opens the database NAME.db in a folder, or makes it.
func Open(name, dir string) (dbm.DB, error) {
	db, err := dbm.NewGoLevelDB(name, dir)
	if err != nil {
		return nil, err
	}
	return database{db, name}, nil
}

// database is a LevelDB. Where it finds a file damaged, it says of which database the file
// is: each has a 000005.ldb.
type database struct {
	*dbm.GoLevelDB
	name string
}

func (d database) told(err error) error {
	if IsDamage(err) {
		return fmt.Errorf("%s.db: %w", d.name, err)
	}
	return err
}

func (d database) Get(key []byte) ([]byte, error) {
	value, err := d.GoLevelDB.Get(key)
	return value, d.told(err)
}

func (d database) Has(key []byte) (bool, error) {
	has, err := d.GoLevelDB.Has(key)
	return has, d.told(err)
}

func (d database) Set(key, value []byte) error     { return d.told(d.GoLevelDB.Set(key, value)) }
func (d database) SetSync(key, value []byte) error { return d.told(d.GoLevelDB.SetSync(key, value)) }
func (d database) Delete(key []byte) error         { return d.told(d.GoLevelDB.Delete(key)) }
func (d database) DeleteSync(key []byte) error     { return d.told(d.GoLevelDB.DeleteSync(key)) }

func (d database) Iterator(start, end []byte) (dbm.Iterator, error) {
	it, err := d.GoLevelDB.Iterator(start, end)
	return iterator{it, d}, d.told(err)
}

func (d database) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	it, err := d.GoLevelDB.ReverseIterator(start, end)
	return iterator{it, d}, d.told(err)
}

func (d database) NewBatch() dbm.Batch { return &batch{of: d} }

type iterator struct {
	dbm.Iterator
	of database
}

func (i iterator) Error() error { return i.of.told(i.Iterator.Error()) }
