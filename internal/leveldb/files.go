package leveldb

import (
	"sync/atomic"
	"time"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// LevelDB merges tables beside the writers, as fast as a processor and the disk let it. The
// validators of a network write the same, and so merge at the same blocks: four of them on
// two cores merged 277 MB each, and for four seconds made blocks of 0.7 to 1.5 s.
//
// So a merge rests after each part, for up to mergeRest times as long as it worked: less, the
// more tables wait to be merged, and not at all where so many do that LevelDB delays the
// writers. longestRest bounds what a writer waits for a rest.
const (
	part        = 64 << 10 // bytes written: a millisecond's work
	mergeRest   = 9
	longestRest = 250 * time.Millisecond
)

// files are a database's. They have merges rest, and nothing that a writer waits for: not while
// memory is written out to a table, which waits for the table that is being merged; and not while
// a large batch is written in a transaction, into tables of its own.
type files struct {
	storage.Storage
	open     atomic.Bool
	flushing atomic.Bool  // memory is written out, or waits for it: at times until the next one does
	awaited  atomic.Int32 // callers that wait for tables to be written or merged
	late     int          // tables of level 0, from which on writers are delayed
	waiting  func() int   // those that there are; late once the database is being closed
	rested   time.Time    // when the last rest ended; of the one goroutine that merges
	ended    chan struct{}
	now      func() time.Time
	sleep    func(time.Duration) // for so long, or until ended is closed
}

func newFiles(s storage.Storage) *files {
	f := &files{Storage: s, ended: make(chan struct{}), now: time.Now}
	f.sleep = func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-f.ended:
		}
	}
	return f
}

// opened says that the journals are read, for which nothing rests.
func (f *files) opened(late int, waiting func() int) {
	f.late, f.waiting = late, waiting
	f.flushing.Store(false)
	f.open.Store(true)
}

// end has nothing rest any more.
func (f *files) end() {
	if f.open.Swap(false) {
		close(f.ended)
	}
}

// Create makes a file. A new journal is begun when memory is full: it is written out, and then
// its own journal is removed.
func (f *files) Create(fd storage.FileDesc) (storage.Writer, error) {
	w, err := f.Storage.Create(fd)
	if err != nil {
		return nil, err
	}
	switch fd.Type {
	case storage.TypeJournal:
		f.flushing.Store(true)
	case storage.TypeTable:
		return &table{w, f, 0}, nil
	}
	return w, nil
}

func (f *files) Remove(fd storage.FileDesc) error {
	if fd.Type == storage.TypeJournal {
		f.flushing.Store(false)
	}
	return f.Storage.Remove(fd)
}

// table is a table that is being written.
type table struct {
	storage.Writer
	of      *files
	written int // bytes of its newest part
}

func (t *table) Write(b []byte) (int, error) {
	n, err := t.Writer.Write(b)
	if t.written += n; t.written >= part {
		t.written = 0
		t.of.rest()
	}
	return n, err
}

// rest rests from what was done since the last time, if a merge may.
func (f *files) rest() {
	if !f.open.Load() || f.flushing.Load() || f.awaited.Load() > 0 {
		return
	}
	worked := min(f.now().Sub(f.rested), longestRest)
	if inTime := f.late - f.waiting(); inTime > 0 {
		f.sleep(min(worked*time.Duration(mergeRest*inTime)/time.Duration(f.late), longestRest))
	}
	f.rested = f.now()
}
