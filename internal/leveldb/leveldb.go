// Package leveldb opens a database on disk, through CometBFT's wrapper of goleveldb. It
// adds what that lacks: a large batch costs no more per write than a small one, and an
// error about damage names the database.
package leveldb

import (
	"fmt"
	"sync/atomic"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// IsDamage reports whether an error says that a file of a database is damaged.
func IsDamage(err error) bool { return errors.IsCorrupted(err) }

// AtRandom are the options of a database that is written to at random. With goleveldb's own,
// 4 MB of writes in memory and 10 MB in the first level, a ledger of 80 MB spent as much
// processor time on merging its tables as on executing blocks. Hashes and signatures are most
// of what it holds: to compress them would save an eighth of the disk, and
// double what the slowest hundredth of transactions waits near the highest rate.
// To find a key in a table takes the table's index, 140 kB: with goleveldb's own 8 MB for blocks,
// those of a million accounts do not fit, and a block of newcomers' claims took 1.4 times as long.
var AtRandom = &opt.Options{
	WriteBuffer:         32 << 20,
	CompactionTotalSize: 256 << 20,
	CompactionTableSize: 8 << 20,
	BlockCacheCapacity:  64 << 20,
	Compression:         opt.NoCompression,
}

// Open opens the database NAME.db in a folder, or makes it. Nil options are goleveldb's own.
func Open(name, dir string, options *opt.Options) (dbm.DB, error) {
	db, err := dbm.NewGoLevelDBWithOpts(name, dir, options)
	if err != nil {
		return nil, err
	}
	return database{db, name, options.GetWriteBuffer(), new(atomic.Pointer[error])}, nil
}

// database is a LevelDB. Where it finds a file damaged, it says of which database the file
// is: each has a 000005.ldb.
type database struct {
	*dbm.GoLevelDB
	name    string
	room    int                    // of a batch, in bytes: goleveldb writes no larger one into its journal
	stopped *atomic.Pointer[error] // why it takes no writes any more; of nil: it takes them
}

// stop keeps a database from being written to after a transaction that could be neither
// begun nor committed. goleveldb then never gives back its lock for writers: each later
// write would wait for ever, and so would Close, which also deletes tables that the
// database may name by now. As it is left, it opens as after a crash: with the whole
// transaction or without it.
func (d database) stop(err error) error {
	d.stopped.CompareAndSwap(nil, &err)
	return err
}

// try writes, unless the database is stopped.
func (d database) try(write func(*leveldb.DB) error) error {
	if why := d.stopped.Load(); why != nil {
		return d.told(*why)
	}
	return d.told(write(d.DB()))
}

// Close closes the database, unless it is stopped.
func (d database) Close() error {
	if d.stopped.Load() != nil {
		return nil
	}
	return d.GoLevelDB.Close()
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

func (d database) Set(key, value []byte) error {
	return d.try(func(*leveldb.DB) error { return d.GoLevelDB.Set(key, value) })
}

func (d database) SetSync(key, value []byte) error {
	return d.try(func(*leveldb.DB) error { return d.GoLevelDB.SetSync(key, value) })
}

func (d database) Delete(key []byte) error {
	return d.try(func(*leveldb.DB) error { return d.GoLevelDB.Delete(key) })
}

func (d database) DeleteSync(key []byte) error {
	return d.try(func(*leveldb.DB) error { return d.GoLevelDB.DeleteSync(key) })
}

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
