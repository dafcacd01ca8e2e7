package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
)

func TestStageAndCommit(t *testing.T) {
	for _, kind := range dbKinds {
		t.Run(kind, func(t *testing.T) {
			db := newDB(t, kind)
			s := mustOpen(t, db, Options{})
			if s.Height() != 0 || s.Time() != 0 || s.Hash() != nil {
				t.Fatalf("a new store is at height %d, time %d, root %x", s.Height(), s.Time(), s.Hash())
			}
			first := mustStage(t, s, Leaf{[]byte("a/x"), []byte("1")})
			if v, _ := s.Get([]byte("a/x")); v != nil || s.Writes() != 0 {
				t.Fatal("a staged leaf is visible before its commit")
			}
			root := mustStage(t, s, Leaf{[]byte("a/x"), []byte("2")}, Leaf{[]byte("a/y"), []byte("3")})
			if bytes.Equal(first, root) {
				t.Fatal("the second stage did not replace the first")
			}
			mustCommit(t, s, 1, 100, Record{[]byte("t/1"), []byte("tx")}, Record{[]byte("t/2"), []byte{}})

			if got := mustStage(t, s); !bytes.Equal(got, root) {
				t.Fatalf("a block without leaves has root %x, want %x", got, root)
			}
			mustCommit(t, s, 2, 200, Record{[]byte("t/1"), nil})

			check := func(s *Store) {
				t.Helper()
				if s.Height() != 2 || s.Time() != 200 || !bytes.Equal(s.Hash(), root) {
					t.Fatalf("height %d, time %d, root %x", s.Height(), s.Time(), s.Hash())
				}
				if v, _ := s.Get([]byte("a/x")); string(v) != "2" {
					t.Fatalf("a/x = %q", v)
				}
				if v, _ := s.Record([]byte("t/1")); v != nil {
					t.Fatalf("deleted record is %q", v)
				}
				if v, _ := s.Record([]byte("t/2")); v == nil || len(v) != 0 {
					t.Fatalf("empty record is %v, want empty but there", v)
				}
			}
			check(s)
			if s.Writes() != 2 {
				t.Fatalf("Writes() = %d, want 2", s.Writes())
			}
			if kind == "goleveldb" {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				db = reopenDB(t, db)
			}
			check(mustOpen(t, db, Options{}))
		})
	}
}

func TestRefusedArguments(t *testing.T) {
	leaf := func(k, v string) Leaf { return Leaf{[]byte(k), []byte(v)} }
	for _, tt := range []struct {
		desc   string
		leaves []Leaf
		want   string
	}{
		{"empty value", []Leaf{leaf("a", "")}, "empty value"},
		{"nil value", []Leaf{{Key: []byte("a")}}, "empty value"},
		{"empty key", []Leaf{leaf("", "1")}, "empty key"},
		{"unsorted", []Leaf{leaf("b", "1"), leaf("a", "1")}, `"a": not after "b"`},
		{"duplicate", []Leaf{leaf("a", "1"), leaf("a", "2")}, `"a": not after "a"`},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s := mustOpen(t, dbm.NewMemDB(), Options{})
			mustStage(t, s, leaf("x", "1"), leaf("y", "1"))
			if _, err := s.Stage(tt.leaves); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Stage: %v, want %q", err, tt.want)
			}
			if err := s.Commit(1, 1, nil); err == nil || !strings.Contains(err.Error(), "nothing is staged") {
				t.Fatalf("Commit after a refused Stage: %v", err)
			}
			// A refusal is not a failure: the store goes on.
			mustStage(t, s, leaf("x", "1"))
			for _, h := range []int64{-1, 0, 2} {
				if err := s.Commit(h, 1, nil); err == nil {
					t.Fatalf("committed height %d after 0", h)
				}
			}
			if err := s.Commit(1, 1, []Record{{nil, []byte("v")}}); err == nil {
				t.Fatal("committed a record without a key")
			}
			mustCommit(t, s, 1, 1)
		})
	}
	for _, opts := range []Options{{KeepVersions: -1}, {CacheSize: -1}} {
		if _, err := Open(dbm.NewMemDB(), opts); err == nil {
			t.Errorf("opened with %+v", opts)
		}
	}
}

func TestCallerMayReuseItsBuffers(t *testing.T) {
	s := mustOpen(t, dbm.NewMemDB(), Options{})
	key, value, rkey, rvalue := []byte("key"), []byte("value"), []byte("rkey"), []byte("rvalue")
	root := mustStage(t, s, Leaf{key, value})
	copy(key, "xxx")
	copy(value, "xxxxx")
	mustCommit(t, s, 1, 1, Record{rkey, rvalue})
	copy(rkey, "xxxx")
	copy(rvalue, "xxxxxx")
	copy(root, "xxxx")
	if v, _ := s.Get([]byte("key")); string(v) != "value" {
		t.Fatalf("leaf = %q", v)
	}
	if v, _ := s.Record([]byte("rkey")); string(v) != "rvalue" {
		t.Fatalf("record = %q", v)
	}
	proven, proof, err := s.Prove([]byte("key"), 1)
	if err != nil {
		t.Fatal(err)
	}
	checkProof(t, s.Hash(), []byte("key"), []byte("value"), proven, proof)
}

func TestRecordsScanInOrder(t *testing.T) {
	for _, kind := range dbKinds {
		t.Run(kind, func(t *testing.T) {
			s := mustOpen(t, newDB(t, kind), Options{})
			// Leaves and tree nodes lie on both sides of the records in the database.
			mustStage(t, s, Leaf{[]byte("a"), []byte("leaf")}, Leaf{[]byte("z"), []byte("leaf")})
			var records []Record
			for _, k := range []string{"e/3", "e/1", "t/1", "e/2", "\xff"} {
				records = append(records, Record{[]byte(k), []byte("=" + k)})
			}
			mustCommit(t, s, 1, 1, records...)
			for _, tt := range []struct {
				start, end string // "" is nil
				limit      int
				want       string
			}{
				{"", "", 9, "e/1 e/2 e/3 t/1 \xff"},
				{"e/", "e0", 9, "e/1 e/2 e/3"},
				{"e/2", "", 2, "e/2 e/3"},
				{"", "e/2", 9, "e/1"},
				{"e/2", "e/2", 9, ""},
				{"f", "e", 9, ""},
			} {
				var got []string
				err := s.Records(nilIfEmpty(tt.start), nilIfEmpty(tt.end), func(k, v []byte) bool {
					if string(v) != "="+string(k) {
						t.Errorf("%q = %q", k, v)
					}
					got = append(got, string(k))
					return len(got) < tt.limit
				})
				if err != nil || strings.Join(got, " ") != tt.want {
					t.Errorf("Records(%q, %q) = %q, %v; want %q", tt.start, tt.end, got, err, tt.want)
				}
			}
		})
	}
}

func TestClosed(t *testing.T) {
	s := mustOpen(t, newDB(t, "goleveldb"), Options{})
	mustStage(t, s, Leaf{[]byte("a"), []byte("1")}, Leaf{[]byte("b"), []byte("1")})
	mustCommit(t, s, 1, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("second Close: %v", err)
	}
	for name, err := range everyCall(s) {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestOpenRefusesForeignState(t *testing.T) {
	build := func() *dbm.MemDB {
		db := dbm.NewMemDB()
		s := mustOpen(t, db, Options{})
		for h := int64(1); h <= 3; h++ {
			mustStage(t, s, Leaf{[]byte("a"), []byte{byte(h)}}, Leaf{[]byte("b"), []byte{byte(h)}})
			mustCommit(t, s, h, h)
		}
		return db
	}
	good, _ := readHead(build())
	for _, tt := range []struct {
		desc string
		head []byte
	}{
		{"a head ahead of the tree", head{4, 4, good.root}.encode()},
		{"another root", head{3, 3, make([]byte, 32)}.encode()},
		{"an unknown format", append([]byte{9}, good.encode()[1:]...)},
		{"a short head", good.encode()[:20]},
		{"height 0", head{0, 3, good.root}.encode()},
	} {
		db := build()
		if err := db.Set(keyHead, tt.head); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(db, Options{}); err == nil {
			t.Errorf("%s: opened", tt.desc)
		}
	}
}

// A tree without a head is an interrupted restore: it is wiped. A tree ahead of its
// head is cut back.
func TestOpenCleansUp(t *testing.T) {
	run := func(s *Store, from, to int64) (roots []string) {
		for h := from; h <= to; h++ {
			r := mustStage(t, s, Leaf{[]byte("a"), []byte{byte(h)}}, Leaf{[]byte(fmt.Sprintf("b%d", h)), []byte{1}})
			mustCommit(t, s, h, h, Record{[]byte("r"), []byte{byte(h)}})
			roots = append(roots, fmt.Sprintf("%x", r))
		}
		return roots
	}
	db := dbm.NewMemDB()
	want := run(mustOpen(t, db, Options{}), 1, 4)

	db.Delete(keyHead)
	s := mustOpen(t, db, Options{})
	if n := db.Stats()["database.size"]; n != "0" {
		t.Fatalf("%s keys left without a head", n)
	}
	got := run(s, 1, 2)
	second, _ := readHead(db)
	got = append(got, run(s, 3, 4)...)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("roots after a wipe: %v, want %v", got, want)
	}

	db.Set(keyHead, second.encode())
	s = mustOpen(t, db, Options{})
	if got := run(s, 3, 4); fmt.Sprint(got) != fmt.Sprint(want[2:]) {
		t.Fatalf("roots after cutting back: %v, want %v", got, want[2:])
	}
}

func TestEmptyTree(t *testing.T) {
	s := mustOpen(t, dbm.NewMemDB(), Options{KeepVersions: 2})
	empty := sha256.Sum256(nil)
	for h := int64(1); h <= 5; h++ {
		if root := mustStage(t, s); !bytes.Equal(root, empty[:]) {
			t.Fatalf("root of nothing is %x", root)
		}
		mustCommit(t, s, h, h)
		if _, _, err := s.Prove([]byte("a"), h); !errors.Is(err, ErrEmpty) {
			t.Fatalf("Prove in an empty tree: %v", err)
		}
	}
	if s.PruneError() != nil {
		t.Fatal(s.PruneError())
	}
}
