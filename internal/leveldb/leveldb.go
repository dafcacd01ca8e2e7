// Package leveldb opens a database on disk, goleveldb, as CometBFT and the ledger use one. To
// CometBFT's own wrapper it adds: a large batch costs no more per write than a small one, an
// error about damage names the database, and merging tables leaves the processor to the writers.
package leveldb

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb"
	damage "github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// IsDamage reports whether an error says that a file of a database is damaged.
func IsDamage(err error) bool {
	return errors.As(err, new(*damage.ErrCorrupted)) || errors.As(err, new(*storage.ErrCorrupted))
}

// AtRandom are the options of a database that is written to, and read, at random. With goleveldb's own,
// 4 MB of writes in memory and 100 MB in level 1, a ledger of 80 MB spent as much
// processor time on merging its tables as on executing blocks. Hashes and signatures are most
// of what it holds: to compress them would save an eighth of the disk, and
// double what the slowest hundredth of transactions waits near the highest rate.
// To find a key in a table takes the table's index, 140 kB: with goleveldb's own 8 MB for blocks,
// those of a million accounts do not fit, and a block of newcomers' claims took 1.4 times as long.
//
// A read looks into each table of level 0, where a filter saves it the block and a short level the
// rest. LevelDB would have a table merged after 2,000 reads that went on to another, which are three
// blocks' (decision 33).
var AtRandom = &opt.Options{
	WriteBuffer:            32 << 20,
	CompactionL0Trigger:    2,         // tables
	CompactionTotalSize:    256 << 20, // of level 0; level 1 has ten times as much
	CompactionTableSize:    8 << 20,
	DisableSeeksCompaction: true,
	Filter:                 filter.NewBloomFilter(10), // bits a key: one in a hundred is looked for in vain
	BlockCacheCapacity:     64 << 20,
	Compression:            opt.NoCompression,
}

// Open opens the database NAME.db in a folder, or makes it. Nil options are goleveldb's own.
func Open(name, dir string, options *opt.Options) (dbm.DB, error) {
	s, err := storage.OpenFile(filepath.Join(dir, name+".db"), options.GetReadOnly())
	if err != nil {
		return nil, err
	}
	db, err := open(name, newFiles(s), options)
	if err != nil {
		s.Close()
	}
	return db, err
}

func open(name string, f *files, options *opt.Options) (dbm.DB, error) {
	db, err := leveldb.Open(f, options)
	if err != nil {
		return nil, err
	}
	late := options.GetWriteL0SlowdownTrigger()
	f.opened(late, func() int {
		count, err := db.GetProperty("leveldb.num-files-at-level0")
		n, err2 := strconv.Atoi(count)
		if err != nil || err2 != nil {
			return late
		}
		return n
	})
	return &database{db: db, files: f, name: name, room: options.GetWriteBuffer()}, nil
}

// database is a LevelDB. Where it finds a file damaged, it says of which database the file
// is: each has a 000005.ldb.
type database struct {
	db    *leveldb.DB
	files *files
	name  string
	room  int // of a batch, in bytes: goleveldb writes no larger one into its journal

	writing sync.Mutex // one at a time, as goleveldb writes; and none when it closes
	stopped error      // why it takes no writes any more; of the one that holds writing
}

// stop keeps a database from being written to after a transaction that could be neither
// begun nor committed. goleveldb then never gives back its lock for writers: each later
// write would wait for ever, and so would Close, which also deletes tables that the
// database may name by now. As it is left, it opens as after a crash: with the whole
// transaction or without it.
func (d *database) stop(err error) error {
	d.stopped = err
	return err
}

// write writes, unless the database is stopped.
func (d *database) write(do func(*leveldb.DB) error) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.stopped != nil {
		return d.told(d.stopped)
	}
	return d.told(do(d.db))
}

// Close closes the database, unless it is stopped, when the write that it is at has ended. The
// first Close has the files: the second must not give them to the next one that opens them.
func (d *database) Close() error {
	d.files.end()
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.stopped != nil {
		return nil
	}
	err := d.db.Close()
	if err == leveldb.ErrClosed {
		return err
	}
	if notClosed := d.files.Close(); err == nil {
		err = notClosed
	}
	return d.told(err)
}

func (d *database) told(err error) error {
	if IsDamage(err) {
		return fmt.Errorf("%s.db: %w", d.name, err)
	}
	return err
}

func (d *database) Get(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, errEmptyKey
	}
	value, err := d.db.Get(key, nil)
	if err == leveldb.ErrNotFound {
		return nil, nil
	} else if err != nil {
		return nil, d.told(err)
	}
	return value, nil
}

func (d *database) Has(key []byte) (bool, error) {
	value, err := d.Get(key)
	return value != nil, err
}

func (d *database) Set(key, value []byte) error     { return d.set(key, value, false) }
func (d *database) SetSync(key, value []byte) error { return d.set(key, value, true) }
func (d *database) Delete(key []byte) error         { return d.delete(key, false) }
func (d *database) DeleteSync(key []byte) error     { return d.delete(key, true) }

func (d *database) set(key, value []byte, sync bool) error {
	switch {
	case len(key) == 0:
		return errEmptyKey
	case value == nil:
		return errNoValue
	}
	return d.write(func(db *leveldb.DB) error { return db.Put(key, value, &opt.WriteOptions{Sync: sync}) })
}

func (d *database) delete(key []byte, sync bool) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	return d.write(func(db *leveldb.DB) error { return db.Delete(key, &opt.WriteOptions{Sync: sync}) })
}

func (d *database) NewBatch() dbm.Batch { return &batch{of: d} }

// Compact merges tables, beside the writers.
func (d *database) Compact(start, end []byte) error {
	d.files.awaited.Add(1)
	defer d.files.awaited.Add(-1)
	if err := d.write(func(*leveldb.DB) error { return nil }); err != nil {
		return err
	}
	return d.told(d.db.CompactRange(util.Range{Start: start, Limit: end}))
}

// properties are goleveldb's, by their names, but for leveldb.blockpool, which it reads without a lock.
var properties = []string{"leveldb.stats", "leveldb.sstables", "leveldb.cachedblock", "leveldb.openedtables",
	"leveldb.alivesnaps", "leveldb.aliveiters"}

func (d *database) Stats() map[string]string {
	stats := map[string]string{}
	for _, name := range properties {
		if value, err := d.db.GetProperty(name); err == nil {
			stats[name] = value
		}
	}
	return stats
}

func (d *database) Print() error {
	stats, err := d.db.GetProperty("leveldb.stats")
	if err != nil {
		return err
	}
	fmt.Println(stats)
	it, err := d.Iterator(nil, nil)
	if err != nil {
		return err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		fmt.Printf("%X\t%X\n", it.Key(), it.Value())
	}
	return it.Error()
}
