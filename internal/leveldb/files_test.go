package leveldb

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// A merge rests for less, the more tables wait; nothing else rests.
func TestRest(t *testing.T) {
	const ms = time.Millisecond
	for _, row := range []struct {
		desc     string
		worked   time.Duration
		waiting  int // of 8
		closed   bool
		flushing bool
		awaited  int32
		want     time.Duration
	}{
		{"a part of a millisecond", ms, 0, false, false, 0, 9 * ms},
		{"half of the tables wait", ms, 4, false, false, 0, 4500 * time.Microsecond},
		{"all but one wait", 8 * ms, 7, false, false, 0, 9 * ms},
		{"writers are delayed", ms, 8, false, false, 0, 0},
		{"more wait", ms, 12, false, false, 0, 0},
		{"a slow part", 100 * ms, 0, false, false, 0, longestRest},
		{"the first part for an hour", time.Hour, 0, false, false, 0, longestRest},
		{"the first part for an hour, as all but one wait", time.Hour, 7, false, false, 0, longestRest},
		{"memory is written out", ms, 0, false, true, 0, 0},
		{"a caller waits", ms, 0, false, false, 1, 0},
		{"it is not open", ms, 0, true, false, 0, 0},
	} {
		var slept time.Duration
		now := time.Unix(1_800_000_000, 0)
		f := newFiles(nil)
		f.now, f.sleep = func() time.Time { return now }, func(d time.Duration) { slept += d }
		if !row.closed {
			f.opened(8, func() int { return row.waiting })
		}
		f.flushing.Store(row.flushing)
		f.awaited.Store(row.awaited)
		f.rested = now.Add(-row.worked)
		if f.rest(); slept != row.want {
			t.Errorf("%s: rests for %s, expected %s", row.desc, slept, row.want)
		}
	}
}

// diary is a database's files, and what LevelDB itself logs that it does.
type diary struct {
	storage.Storage
	mu       sync.Mutex
	flushing bool // memory is written out, or waits for a merge to come to the end of a table
	writing  bool // a table of it was made: no merge goes on
	merges   int  // begun
}

func (d *diary) Create(fd storage.FileDesc) (storage.Writer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writing = d.writing || d.flushing && fd.Type == storage.TypeTable
	return d.Storage.Create(fd)
}

func (d *diary) Log(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case strings.HasPrefix(line, "memdb@flush N"):
		d.flushing = true
	case strings.HasPrefix(line, "memdb@flush committed"):
		d.flushing, d.writing = false, false
	case strings.HasPrefix(line, "table@compaction L"):
		d.merges++
	}
}

func (d *diary) now() (writing bool, merges int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writing, d.merges
}

// small has LevelDB write tables often.
var small = &opt.Options{WriteBuffer: 1 << 20, CompactionTableSize: 256 << 10, CompactionTotalSize: 2 << 20,
	Compression: opt.NoCompression}

func openSmall(t *testing.T) (dbm.DB, *files, *diary) {
	t.Helper()
	s, err := storage.OpenFile(filepath.Join(t.TempDir(), "small.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	d := &diary{Storage: s}
	f := newFiles(d)
	db, err := open("small", f, small)
	if err != nil {
		t.Fatal(err)
	}
	return db, f, d
}

// scatter writes so many values of 1 kB at random keys.
func scatter(t *testing.T, set func(key, value []byte) error, random *rand.Rand, n int) {
	t.Helper()
	for range n {
		if err := set(binary.BigEndian.AppendUint64(nil, random.Uint64()), make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
}

// Of what LevelDB does merging rests, and nothing else: neither what a full memory waits for nor what a
// caller does.
func TestMergingRests(t *testing.T) {
	db, f, d := openSmall(t)
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 1))
	var rests atomic.Int32
	f.sleep = func(rest time.Duration) {
		writing, merges := d.now()
		if rests.Add(1); writing || merges == 0 || rest <= 0 {
			t.Errorf("rests for %s: memory is written out: %v; %d merges have begun", rest, writing, merges)
		}
	}
	b := db.NewBatch()
	scatter(t, b.Set, random, 20_000)
	if err := b.WriteSync(); err != nil {
		t.Fatal(err)
	}
	if err := db.Compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	if n := rests.Load(); n > 0 {
		t.Errorf("a large batch and its merging, for which the caller waits, rested %d times", n)
	}
	for range 500 {
		if scatter(t, db.Set, random, 1000); rests.Load() >= 20 {
			return
		}
		time.Sleep(10 * time.Millisecond) // memory is written out at once, and then merging goes on
	}
	t.Errorf("500 MB of writes: %d rests", rests.Load())
}

// Writers wait for no rest, however many tables wait: here a rest ends with the database.
func TestWritersWaitForNoRest(t *testing.T) {
	db, f, _ := openSmall(t)
	f.waiting = func() int { return f.late }
	f.sleep = func(time.Duration) { <-f.ended }
	scatter(t, db.Set, rand.New(rand.NewPCG(2, 2)), 30_000)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// How many tables wait is what LevelDB says of level 0.
func TestTablesOfLevel0(t *testing.T) {
	db, f, _ := openSmall(t)
	random := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		scatter(t, db.Set, random, 1000)
		for range 100 { // a merge may end in between
			before := strings.Count(levelOf(db, 0), ":")
			if f.waiting() == before {
				break
			} else if strings.Count(levelOf(db, 0), ":") == before {
				t.Fatalf("%d tables wait, %d are of level 0", f.waiting(), before)
			}
		}
	}
	if f.late != 8 {
		t.Errorf("writers are delayed from %d tables on", f.late)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if f.waiting() != f.late {
		t.Errorf("closed: %d tables wait", f.waiting())
	}
}

// levelOf is what LevelDB tells of a level's tables, one a line.
func levelOf(db dbm.DB, level int) string {
	_, rest, _ := strings.Cut(db.Stats()["leveldb.sstables"], "--- level "+string(rune('0'+level))+" ---\n")
	tables, _, _ := strings.Cut(rest, "---")
	return tables
}

// Close waits for no rest, and only the first one closes.
func TestCloseEndsARest(t *testing.T) {
	db, f, _ := openSmall(t)
	resting, sleep := make(chan struct{}, 1), f.sleep
	f.sleep = func(time.Duration) {
		select {
		case resting <- struct{}{}:
		default:
		}
		sleep(time.Hour)
	}
	random := rand.New(rand.NewPCG(4, 4))
	go func() { // the last write ends with the database
		for db.Set(binary.BigEndian.AppendUint64(nil, random.Uint64()), make([]byte, 1<<10)) == nil {
		}
	}()
	<-resting
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); !errors.Is(err, leveldb.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}
}

// A journal of many parts is read when a database is opened; nothing rests.
func TestOpeningRestsNot(t *testing.T) {
	dir := t.TempDir()
	db, err := Open("journal", dir, small)
	if err != nil {
		t.Fatal(err)
	}
	scatter(t, db.Set, rand.New(rand.NewPCG(5, 5)), 900)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := storage.OpenFile(filepath.Join(dir, "journal.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	f := newFiles(s)
	f.sleep = func(time.Duration) { t.Error("it rests") }
	if db, err = open("journal", f, small); err != nil {
		t.Fatal(err)
	}
	if f.flushing.Load() {
		t.Error("it would never rest")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
