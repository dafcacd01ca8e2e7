package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
)

// faultModel has idle blocks, small blocks, and one whose nodes take about 200 KB,
// twice IAVL's flush threshold.
func faultModel(t testing.TB) *model {
	return newModel(t, 1, 400, 600, []int{5, 0, 0, 300, 20, 0, 20, 1, 0, 250})
}

// Whatever happens to any one write, the store on disk is at the old height or at
// the new one, complete, and goes on to the same roots.
func TestEveryWriteCanFail(t *testing.T) {
	m := faultModel(t)
	opts := Options{KeepVersions: 3}

	calm := &faultDB{DB: dbm.NewMemDB()}
	if err := m.run(mustOpen(t, calm, opts), m.last()); err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, sync := range calm.writes {
		if sync {
			blocks++
		}
	}
	if want := int(m.last()); blocks != want || len(calm.writes) != 2*want-3 {
		t.Fatalf("%d blocks took %d synced writes of %d; want one for each block and one for each pruning", want,
			blocks, len(calm.writes))
	}

	for _, kind := range dbKinds {
		for _, mode := range []faultMode{refused, doubted, crash} {
			for at := 1; at <= len(calm.writes); at++ {
				if kind == "goleveldb" && testing.Short() && at%4 != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d", kind, mode, at), func(t *testing.T) {
					testFaultAt(t, m, opts, kind, mode, at, calm.writes)
				})
			}
		}
	}
}

// testFaultAt runs the model into one fault. Calm is the sequence of writes of an
// undisturbed run: true for a block, false for a pruning.
func testFaultAt(t *testing.T, m *model, opts Options, kind string, mode faultMode, at int, calm []bool) {
	disk := newDB(t, kind)
	s := mustOpen(t, &faultDB{DB: disk, mode: mode, at: at}, opts)
	err := m.run(s, m.last())

	onDisk := int64(0) // the height that must be found on disk
	for _, sync := range calm[:at-1] {
		if sync {
			onDisk++
		}
	}
	inBlock := calm[at-1]
	switch {
	case mode == crash:
		// The process went on for a while, unaware; the machine lost it all.
	case inBlock:
		if !errors.Is(err, errFault) {
			t.Fatalf("run: %v, want the fault", err)
		}
		if s.Height() != onDisk {
			t.Fatalf("height %d after a failed commit of %d", s.Height(), onDisk+1)
		}
		for name, err := range everyCall(s) {
			if !errors.Is(err, errFault) {
				t.Errorf("%s after a failed commit: %v", name, err)
			}
		}
		if mode == doubted {
			onDisk++
		}
	default: // a pruning failed: only PruneError says so, and the next block makes up for it
		if err != nil {
			t.Fatalf("run: %v", err)
		}
		onDisk = m.last()
		if last := at == len(calm); (s.PruneError() != nil) != last {
			t.Fatalf("PruneError is %v at the end (the last pruning failed: %v)", s.PruneError(), last)
		}
		m.check(t, s, 100)
	}

	s = mustOpen(t, reopenDB(t, disk), opts)
	if s.Height() != onDisk {
		t.Fatalf("reopened at height %d, want %d", s.Height(), onDisk)
	}
	m.check(t, s, 100)
	if err := m.run(s, m.last()); err != nil {
		t.Fatal(err)
	}
	m.check(t, s, 100)
}

// A read that fails while a version is pruned costs that attempt: the store notices, drops
// the batch and tries again. So it is where what was to be pruned is not written down, and the trees are
// compared.
func TestReadFailsWhilePruning(t *testing.T) {
	for _, forgets := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgets=%v", forgets), func(t *testing.T) { testReadFailsWhilePruning(t, forgets) })
	}
}

func testReadFailsWhilePruning(t *testing.T, forgets bool) {
	m := newModel(t, 2, 40, 20, []int{30, 4, 0, 4, 4, 0, 0, 4, 4, 4})
	opts := Options{KeepVersions: 2, CacheSize: 1} // a tiny cache: every node is read
	total := 0
	for readAt := 1; ; readAt++ {
		disk := dbm.NewMemDB()
		f := &faultDB{DB: disk}
		s := mustOpen(t, f, opts)
		noticed := 0
		for h := int64(1); h <= m.last(); h++ {
			if forgets {
				forgetReplaced(t, disk)
			}
			if h > opts.KeepVersions { // from now on every block's write is followed by pruning
				f.readAt = readAt
			}
			before := f.readFaults
			if err := m.run(s, h); err != nil {
				t.Fatal(err)
			}
			if f.readFaults > before {
				noticed++
			}
			if failed := f.readFaults > before; failed != (s.PruneError() != nil) {
				t.Fatalf("height %d, read %d failed: %v, but PruneError is %v", h, readAt, failed, s.PruneError())
			}
		}
		f.readAt = 0
		m.check(t, mustOpen(t, disk, opts), 2)
		total += noticed
		if noticed == 0 {
			break
		}
	}
	if total < 100 {
		t.Fatalf("only %d faults were injected", total)
	}
	t.Logf("%d faults", total)
}

// A journal cut off anywhere, as by a power failure, leaves one whole height.
func TestTornJournal(t *testing.T) {
	m := faultModel(t)
	dir := t.TempDir()
	s := mustOpen(t, openLevelDB(t, dir), Options{KeepVersions: 3})
	if err := m.run(s, m.last()); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "store.db", "*.log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("journals %v, %v; want one", logs, err)
	}
	full, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	cuts := 20
	if testing.Short() {
		cuts = 8
	}
	var heights []int64
	for i := range cuts {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		cut := len(full) * (i + 1) / (cuts + 1)
		if err := os.Truncate(filepath.Join(copied, "store.db", filepath.Base(logs[0])), int64(cut)); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, openLevelDB(t, copied), Options{KeepVersions: 3})
		heights = append(heights, s.Height())
		m.check(t, s, 100)
		if err := m.run(s, m.last()); err != nil {
			t.Fatal(err)
		}
		m.check(t, s, 100)
	}
	if !slices.IsSorted(heights) || heights[0] == heights[len(heights)-1] {
		t.Fatalf("heights found after longer and longer journals: %v", heights)
	}
}

// The reason for treeDB: over the database's own batches, IAVL writes one version
// in several pieces, and a version of which only some are on disk does not load.
func TestNaiveAdapterTears(t *testing.T) {
	m := faultModel(t)
	run := func(f *faultDB) (perVersion []int) {
		tree := iavl.NewMutableTree(naiveDB{&treeDB{db: f}}, 1000, true, iavl.NewNopLogger(), iavl.SyncOption(true))
		for _, b := range m.blocks[1:5] {
			for _, l := range b.leaves {
				if _, err := tree.Set(l.Key, l.Value); err != nil {
					t.Fatal(err)
				}
			}
			before := len(f.writes)
			if _, _, err := tree.SaveVersion(); err != nil {
				t.Fatal(err)
			}
			perVersion = append(perVersion, len(f.writes)-before)
		}
		return perVersion
	}
	writes := run(&faultDB{DB: dbm.NewMemDB()})
	if writes[0] != 1 || writes[3] < 2 {
		t.Fatalf("writes for each version: %v; this test wants several for the fourth", writes)
	}
	disk := dbm.NewMemDB()
	run(&faultDB{DB: disk, mode: crash, at: 5}) // the first write of version 4 is the last to survive
	tree := newTree(&treeDB{db: disk}, 1000)
	if _, err := tree.Load(); err == nil {
		t.Fatal("the torn version loaded")
	} else {
		t.Logf("IAVL over a naive adapter: writes for each version %v; after a crash: %v", writes, err)
	}
}

type naiveDB struct{ *treeDB }

func (n naiveDB) NewBatch() iavldb.Batch            { return &naiveBatch{Batch: n.db.NewBatch()} }
func (n naiveDB) NewBatchWithSize(int) iavldb.Batch { return n.NewBatch() }

type naiveBatch struct {
	dbm.Batch
	size int
}

func (b *naiveBatch) Set(k, v []byte) error {
	b.size += len(k) + len(v)
	return b.Batch.Set(treeKey(k), v)
}

func (b *naiveBatch) Delete(k []byte) error {
	b.size += len(k)
	return b.Batch.Delete(treeKey(k))
}

func (b *naiveBatch) GetByteSize() (int, error) { return b.size, nil }
