package journal

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

var campaign = flag.Bool("campaign", false, "damage every byte, not a sample")

var keyHeight = []byte("height")

func heightOf(key, value []byte) int64 {
	if string(key) != string(keyHeight) {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}

// written is a database of many batches, left as SIGKILL leaves it.
type written struct {
	files  map[string][]byte
	states []string // states[h] is what it held after h batches
}

// write makes batches batches of about size bytes. With a small buffer there are
// several tables, journals and manifest edits; opened reopens it now and then.
func write(t *testing.T, batches, size, buffer int, opened ...int) written {
	t.Helper()
	dir := t.TempDir()
	options := &opt.Options{WriteBuffer: buffer}
	db, err := leveldb.OpenFile(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	w := written{states: []string{""}}
	random := rand.New(rand.NewPCG(1, uint64(batches)))
	for h := 1; h <= batches; h++ {
		for _, at := range opened {
			if at == h {
				if db.Close() != nil {
					t.Fatal("close")
				}
				if db, err = leveldb.OpenFile(dir, options); err != nil {
					t.Fatal(err)
				}
			}
		}
		b := new(leveldb.Batch)
		b.Put(keyHeight, binary.BigEndian.AppendUint64(nil, uint64(h)))
		value := make([]byte, size)
		for i := range value {
			value[i] = byte(random.Uint32())
		}
		b.Put(fmt.Appendf(nil, "block/%04d", h), value)
		b.Put(fmt.Appendf(nil, "account/%d", h%7), fmt.Append(nil, h))
		b.Delete(fmt.Appendf(nil, "block/%04d", h-20))
		if err := db.Write(b, &opt.WriteOptions{Sync: true}); err != nil {
			t.Fatal(err)
		}
		w.states = append(w.states, contents(t, db))
	}
	if err := db.Close(); err != nil { // which writes nothing: the journal stays
		t.Fatal(err)
	}
	w.files = readAll(t, dir)
	return w
}

func contents(t *testing.T, db *leveldb.DB) string {
	t.Helper()
	var s strings.Builder
	it := db.NewIterator(nil, nil)
	defer it.Release()
	for it.Next() {
		fmt.Fprintf(&s, "%x=%x\n", it.Key(), it.Value())
	}
	if it.Error() != nil {
		return it.Error().Error()
	}
	return s.String()
}

func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = b
	}
	return files
}

// reopened is what becomes of damaged files: refused, or a height with its
// contents.
func reopened(t *testing.T, files map[string][]byte) (torn *Torn, state string, height int64, refused error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "db")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	defer os.RemoveAll(dir)
	torn, err := Check(dir, heightOf)
	if err != nil {
		if !errors.As(err, new(*Damage)) {
			t.Errorf("%v is no Damage", err)
		}
		return nil, "", 0, err
	}
	db, err := leveldb.OpenFile(dir, nil)
	if err != nil {
		return torn, "", 0, err
	}
	defer db.Close()
	if b, err := db.Get(keyHeight, nil); err == nil {
		height = heightOf(keyHeight, b)
	}
	return torn, contents(t, db), height, nil
}

// with is a copy of files in which one is another; nil removes it.
func (w written) with(name string, b []byte) map[string][]byte {
	files := map[string][]byte{}
	for n, old := range w.files {
		files[n] = old
	}
	if files[name] = b; b == nil {
		delete(files, name)
	}
	return files
}

// A damaged database opens with the first of its batches, all of them up to
// some height, or it does not open. goleveldb alone opens it with a hole.
func TestADamagedDatabaseOpensWithoutAHoleOrNotAtAll(t *testing.T) {
	for _, row := range []struct {
		desc string
		w    written
	}{
		{"one journal", write(t, 120, 1500, 0)},
		{"one journal, opened before", write(t, 120, 1500, 0, 40, 41)},
		{"tables, journals and edits", write(t, 120, 1500, 20_000, 60)},
		{"batches above a block of the journal", write(t, 12, 70_000, 0)},
	} {
		refused, opened := 0, 0
		check := func(what string, files map[string][]byte) {
			_, state, height, err := reopened(t, files)
			switch {
			case err != nil:
				refused++
			case state != row.w.states[height] && !strings.Contains(state, "corrupt"):
				t.Errorf("%s: %s: opens at %d with a hole", row.desc, what, height)
			default:
				opened++
			}
		}
		for name, b := range row.w.files {
			step := max(1, len(b)/8)
			if *campaign {
				step = max(1, len(b)/2000)
			} else if testing.Short() {
				step = max(1, len(b)/3)
			}
			for at := 0; at < len(b); at += step {
				flipped := append([]byte{}, b...)
				flipped[at] ^= 1 << (at % 8)
				check(fmt.Sprintf("%s, byte %d flipped", name, at), row.w.with(name, flipped))
				check(fmt.Sprintf("%s cut at %d", name, at), row.w.with(name, b[:at]))
				zeroed := append([]byte{}, b...)
				clear(zeroed[at:min(at+4096, len(b))])
				check(fmt.Sprintf("%s, 4 kB zeroed at %d", name, at), row.w.with(name, zeroed))
			}
			check(name+" lost", row.w.with(name, nil))
		}
		if refused == 0 || opened == 0 {
			t.Errorf("%s: %d refused, %d opened: the damage hits nothing", row.desc, refused, opened)
		}
		t.Logf("%s: %d refused, %d opened", row.desc, refused, opened)
	}
}

// journalOf is the name of the longest journal.
func (w written) journalOf() (name string) {
	for n, b := range w.files {
		if strings.HasSuffix(n, ".log") && len(b) >= len(w.files[name]) {
			name = n
		}
	}
	return name
}

func TestDamageIsNamed(t *testing.T) {
	w := write(t, 120, 1500, 0)
	name := w.journalOf()
	log := w.files[name]
	flipped := append([]byte{}, log...)
	flipped[40_000] ^= 1
	_, _, _, err := reopened(t, w.with(name, flipped))
	var d *Damage
	if !errors.As(err, &d) {
		t.Fatalf("a flip in the middle: %v", err)
	}
	if d.File != name || d.Near != 32<<10 || d.After < 20 || d.Before <= d.After+1 || d.Before > 60 {
		t.Errorf("%+v", *d)
	}
	torn, state, height, err := reopened(t, w.with(name, log[:100_000]))
	if err != nil || torn == nil || torn.Height != height || state != w.states[height] {
		t.Errorf("cut: %v, %+v, height %d", err, torn, height)
	}
	if torn, _, height, err := reopened(t, w.files); torn != nil || err != nil || height != 120 {
		t.Errorf("whole: %v, %+v, height %d", err, torn, height)
	}
	if torn, err := Check(filepath.Join(t.TempDir(), "none"), heightOf); torn != nil || err != nil {
		t.Errorf("a new database: %v, %+v", err, torn)
	}
}

// BenchmarkCheck compares reading a full journal with opening its database,
// which reads it too and writes it to a table.
func BenchmarkCheck(b *testing.B) {
	dir := b.TempDir()
	db, err := leveldb.OpenFile(dir, &opt.Options{WriteBuffer: 16 << 20})
	if err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 1000)
	for i := range 4 << 20 / len(value) {
		if err := db.Put(fmt.Append(nil, i), value, nil); err != nil {
			b.Fatal(err)
		}
	}
	db.Close()
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if _, err := Check(dir, heightOf); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			copied := b.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			db, err := leveldb.OpenFile(copied, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			db.Close()
			b.StartTimer()
		}
	})
}
