package leveldb

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

// The reader of a damaged table is told of which database it is.
func TestDamageIsNamed(t *testing.T) {
	dir := t.TempDir()
	open := func() dbm.DB {
		db, err := Open("state", dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if err := db.Set([]byte("key"), make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	db.Close()
	open().Close() // makes a table of the journal
	tables, err := filepath.Glob(filepath.Join(dir, "state.db", "*.ldb"))
	if err != nil || len(tables) != 1 {
		t.Fatalf("tables %v: %v", tables, err)
	}
	b, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if err := os.WriteFile(tables[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer db.Close()
	_, get := db.Get([]byte("key"))
	_, has := db.Has([]byte("key"))
	it, err := db.Iterator(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for what, err := range map[string]error{"Get": get, "Has": has, "Iterator": it.Error()} {
		if err == nil || !strings.HasPrefix(err.Error(), "state.db: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A database does what CometBFT's own wrapper does, whatever is asked of it.
func TestDatabase(t *testing.T) {
	ours, err := Open("ours", t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := dbm.NewGoLevelDB("theirs", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	walk := func(it dbm.Iterator, err error) (said string) {
		if err != nil {
			return "refused"
		}
		for ; it.Valid(); it.Next() {
			said += fmt.Sprintf("%x=%x,", it.Key(), it.Value())
		}
		start, end := it.Domain()
		return said + fmt.Sprint(start, end, it.Error(), it.Close())
	}
	rapid.Check(t, func(r *rapid.T) {
		key := rapid.OneOf(rapid.SliceOfN(rapid.ByteRange(0, 2), 0, 3), rapid.Just[[]byte](nil))
		r.Repeat(map[string]func(*rapid.T){"ask": func(r *rapid.T) {
			k, v, end := key.Draw(r, "key"), key.Draw(r, "value"), key.Draw(r, "end")
			ask := map[string]func(db dbm.DB) string{
				"Set":        func(db dbm.DB) string { return fmt.Sprint(db.Set(k, v) == nil) },
				"SetSync":    func(db dbm.DB) string { return fmt.Sprint(db.SetSync(k, v) == nil) },
				"Delete":     func(db dbm.DB) string { return fmt.Sprint(db.Delete(k) == nil) },
				"DeleteSync": func(db dbm.DB) string { return fmt.Sprint(db.DeleteSync(k) == nil) },
				"Get": func(db dbm.DB) string {
					v, err := db.Get(k)
					return fmt.Sprint(v, v == nil, err == nil)
				},
				"Has": func(db dbm.DB) string {
					has, err := db.Has(k)
					return fmt.Sprint(has, err == nil)
				},
				"Iterator":        func(db dbm.DB) string { return walk(db.Iterator(k, end)) },
				"ReverseIterator": func(db dbm.DB) string { return walk(db.ReverseIterator(k, end)) },
			}
			what := rapid.SampledFrom(slices.Sorted(maps.Keys(ask))).Draw(r, "what")
			if a, b := ask[what](ours), ask[what](theirs); a != b {
				r.Fatalf("%s: ours %s, theirs %s", what, a, b)
			}
		}})
	})
	for i, ask := range []func(db dbm.DB) string{
		func(db dbm.DB) string { return fmt.Sprint(db.Compact(nil, nil)) },
		func(db dbm.DB) string { return walk(db.Iterator(nil, nil)) }, // of tables, where it was memory
		func(db dbm.DB) string { return fmt.Sprint(db.Close()) },
		func(db dbm.DB) string { return fmt.Sprint(db.Close()) },
		func(db dbm.DB) string {
			_, err := db.Get([]byte{1})
			return fmt.Sprint(err, db.Set([]byte{1}, nil) == nil)
		},
		func(db dbm.DB) string { return walk(db.Iterator(nil, nil)) },
	} {
		if a, b := ask(ours), ask(theirs); a != b {
			t.Errorf("%d: ours %s, theirs %s", i, a, b)
		}
	}
}

// maxRoom is the room of a batch under goleveldb's own options.
const maxRoom = 4 << 20

// A batch does what goleveldb's own does, whatever is written to it.
func TestBatch(t *testing.T) {
	ours, err := Open("ours", t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	theirs, err := dbm.NewGoLevelDB("theirs", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	rapid.Check(t, func(r *rapid.T) {
		sync := rapid.Bool().Draw(r, "sync")
		writes := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) [2][]byte {
			return [2][]byte{
				rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(r, "key"),
				rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 700), rapid.Just[[]byte](nil)).Draw(r, "value"),
			}
		}), 0, 50).Draw(r, "writes")
		const half, fits = maxRoom / 2, maxRoom - 12 // fits: alone, with a key of a byte, it fills the room
		large := rapid.SampledFrom([][]int{{}, {}, {}, {half}, {half, half}, {half, half, half, half, half}, {fits},
			{fits, 1}, {fits + 1}, {1, fits}, {maxRoom + 1000, 1}}).Draw(r, "large") // bytes of more writes
		var ends [2]string
		for i, db := range []dbm.DB{ours, theirs} {
			b, said := db.NewBatch(), ""
			for _, w := range writes {
				if w[1] == nil && len(w[0])%2 == 1 {
					said += fmt.Sprint(b.Delete(w[0]) == nil)
				} else {
					said += fmt.Sprint(b.Set(w[0], w[1]) == nil)
				}
			}
			for i, size := range large {
				said += fmt.Sprint(b.Set([]byte{byte(i)}, bytes.Repeat([]byte{byte(len(writes))}, size)))
			}
			if sync {
				said += fmt.Sprint(b.WriteSync())
			} else {
				said += fmt.Sprint(b.Write())
			}
			said += fmt.Sprint(b.Set([]byte("k"), []byte("v")) == nil, b.Delete([]byte("k")) == nil, b.Write() == nil,
				b.Close())
			it, err := db.Iterator(nil, nil)
			if err != nil {
				r.Fatal(err)
			}
			for ; it.Valid(); it.Next() {
				said += fmt.Sprintf("%x=%x,", it.Key(), sha256.Sum256(it.Value()))
			}
			ends[i] = said + fmt.Sprint(it.Error(), it.Close())
		}
		if ends[0] != ends[1] {
			r.Fatalf("ours   %s\ntheirs %s", ends[0], ends[1])
		}
	})
}

// BenchmarkBatch is a batch of as many writes as the genesis of 100,000 accounts makes,
// and the same by goleveldb's own.
func BenchmarkBatch(b *testing.B) {
	const writes, size = 400_000, 100
	for _, row := range []struct {
		desc string
		open func(name, dir string) (dbm.DB, error)
	}{
		{"ours", func(name, dir string) (dbm.DB, error) { return Open(name, dir, nil) }},
		{"goleveldb's", func(name, dir string) (dbm.DB, error) { return dbm.NewGoLevelDB(name, dir) }},
	} {
		b.Run(row.desc, func(b *testing.B) {
			db, err := row.open("bench", b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			b.ReportAllocs()
			value := make([]byte, size)
			for b.Loop() {
				batch := db.NewBatch()
				for i := range uint32(writes) {
					if err := batch.Set(binary.BigEndian.AppendUint32(nil, i), value); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fileLimit is as long as a file may be while a disk is full, in bytes.
const fileLimit = 1 << 20

// fillDisk has each write fail that makes a file longer than fileLimit, until empty is
// called.
func fillDisk(t *testing.T) (empty func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: fileLimit, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	empty = func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) }
	t.Cleanup(empty)
	return empty
}

// A batch that meets a full disk, at any point of its transaction, leaves nothing of
// itself, and no one waits for ever: neither a later write nor Close.
func TestALargeBatchMeetsAFullDisk(t *testing.T) {
	random := rand.NewChaCha8([32]byte{})
	noise := func(n int) []byte { // which no table makes shorter
		b := make([]byte, n)
		random.Read(b)
		return b
	}
	for _, row := range []struct {
		desc          string
		before        int // bytes that wait in memory
		writes, bytes int // of the batch
		goesOn        bool
	}{
		{"when the transaction begins", 2 << 20, 12, 1 << 20, false},
		{"in the middle of it", 0, 12, 1 << 20, true},
		{"when it is committed", 0, 110_000, 24, false},
	} {
		t.Run(row.desc, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open("full", dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.SetSync([]byte("before"), append(noise(row.before), 1)); err != nil {
				t.Fatal(err)
			}
			b := db.NewBatch()
			for i := range row.writes {
				if err := b.Set(binary.BigEndian.AppendUint32(nil, uint32(i)), noise(row.bytes)); err != nil {
					t.Fatal(err)
				}
			}
			inTime := func(what string, do func() error) error {
				t.Helper()
				done := make(chan error, 1)
				go func() { done <- do() }()
				select {
				case err := <-done:
					return err
				case <-time.After(30 * time.Second):
					t.Fatalf("%s: waits for ever", what)
					return nil
				}
			}
			empty := fillDisk(t)
			if err := inTime("the batch", b.WriteSync); err == nil {
				t.Fatal("the disk was not full")
			}
			empty()
			if b.Write() == nil || b.Set([]byte("k"), []byte("v")) == nil {
				t.Error("a batch that failed can be written once more, and half of it is gone")
			}
			err = inTime("a write", func() error { return db.SetSync([]byte("after"), []byte("1")) })
			if goesOn := err == nil; goesOn != row.goesOn {
				t.Errorf("a later write: %v", err)
			}
			second := db.NewBatch()
			if err := second.Set([]byte("second"), []byte("1")); err != nil {
				t.Fatal(err)
			}
			if err := inTime("a batch", second.WriteSync); (err == nil) != row.goesOn {
				t.Errorf("a later batch: %v", err)
			}
			if err := inTime("Close", db.Close); err != nil {
				t.Errorf("Close: %v", err)
			}
			copied := t.TempDir() // of a database that was left as it is, this process has the lock
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			again, err := Open("full", copied, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			left := ""
			it, err := again.Iterator(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer it.Close()
			for ; it.Valid(); it.Next() {
				left += fmt.Sprintf("%q ", it.Key())
			}
			want := `"before" `
			if row.goesOn {
				want = `"after" "before" "second" `
			}
			if left != want || it.Error() != nil {
				t.Errorf("opened again it holds %.200s, %v", left, it.Error())
			}
		})
	}
}
