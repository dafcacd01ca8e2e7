package leveldb

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

// The reader of a damaged table is told of which database it is.
func TestDamageIsNamed(t *testing.T) {
	dir := t.TempDir()
	open := func() dbm.DB {
		db, err := Open("state", dir)
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

// A batch does what goleveldb's own does, whatever is written to it.
func TestBatch(t *testing.T) {
	ours, err := Open("ours", t.TempDir())
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
		large := rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5}).Draw(r, "large") // writes of more than a batch's room
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
			for i := range large {
				said += fmt.Sprint(b.Set([]byte{byte(i)}, bytes.Repeat([]byte{byte(len(writes))}, maxRoom/2)))
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
	}{{"ours", Open}, {"goleveldb's", func(name, dir string) (dbm.DB, error) { return dbm.NewGoLevelDB(name, dir) }}} {
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
