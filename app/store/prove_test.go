package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
)

func TestProofs(t *testing.T) {
	m := newModel(t, 4, 100, 30, []int{40, 0, 10, 10, 0, 0, 10, 10, 10, 1})
	for _, kind := range dbKinds {
		t.Run(kind, func(t *testing.T) {
			disk := newDB(t, kind)
			s := mustOpen(t, disk, Options{}) // an archive
			for h := int64(1); h <= 8; h++ {
				if err := m.run(s, h); err != nil {
					t.Fatal(err)
				}
				m.check(t, s, 3) // at this height and at all before
			}
			disk = reopenDB(t, disk)
			s = mustOpen(t, disk, Options{})
			m.check(t, s, 3)

			disk = reopenDB(t, disk)
			s = mustOpen(t, disk, Options{KeepVersions: 3})
			m.check(t, s, 3) // nothing is pruned before the next commit
			if err := m.run(s, m.last()); err != nil {
				t.Fatal(err)
			}
			if s.Oldest() != 8 {
				t.Fatalf("oldest is %d, want 8", s.Oldest())
			}
			m.check(t, s, 3)

			s = mustOpen(t, reopenDB(t, disk), Options{KeepVersions: 3})
			m.check(t, s, 3)
		})
	}
}

func TestProveRefuses(t *testing.T) {
	m := newModel(t, 5, 20, 10, []int{10, 5, 5})
	s := mustOpen(t, dbm.NewMemDB(), Options{KeepVersions: 2})
	if _, _, err := s.Prove([]byte("a"), 1); !errors.Is(err, ErrFuture) {
		t.Errorf("in a new store: %v", err)
	}
	if err := m.run(s, 3); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key    string
		height int64
		want   error
	}{{"a", 4, ErrFuture}, {"a", 1, ErrPruned}, {"a", 0, nil}, {"a", -1, nil}, {"", 3, nil}} {
		_, _, err := s.Prove([]byte(tt.key), tt.height)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("Prove(%q, %d): %v, want %v", tt.key, tt.height, err, tt.want)
		}
	}
	if _, err := s.Pin(4); !errors.Is(err, ErrFuture) {
		t.Errorf("Pin(4): %v", err)
	}
}

func TestPinnedHeightIsNotPruned(t *testing.T) {
	m := newModel(t, 6, 60, 30, []int{50, 5, 5, 5, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5})
	disk := dbm.NewMemDB()
	s := mustOpen(t, disk, Options{KeepVersions: 2})
	if err := m.run(s, 4); err != nil {
		t.Fatal(err)
	}
	release, err := s.Pin(4)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Pin(4)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.run(s, 15); err != nil {
		t.Fatal(err)
	}
	release()
	release() // only counts once
	if err := m.run(s, 16); err != nil {
		t.Fatal(err)
	}
	if s.Oldest() != 4 {
		t.Fatalf("oldest is %d while 4 is pinned", s.Oldest())
	}
	m.check(t, s, 2)
	again()
	// 17-2 is the aim, reached in steps of maxPrune.
	if err := m.run(s, 17); err != nil {
		t.Fatal(err)
	}
	if want := int64(3 + maxPrune + 1); s.Oldest() != want {
		t.Fatalf("oldest is %d, want %d", s.Oldest(), want)
	}
	if err := m.run(s, m.last()); err != nil {
		t.Fatal(err)
	}
	if s.Oldest() != m.last()-1 {
		t.Fatalf("oldest is %d, want %d", s.Oldest(), m.last()-1)
	}
	m.check(t, s, 2)
}

// A tree that is damaged on disk costs the proof, not the process.
func TestProveInDamagedTree(t *testing.T) {
	m := newModel(t, 7, 50, 30, []int{40})
	disk := dbm.NewMemDB()
	if err := m.run(mustOpen(t, disk, Options{}), 1); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, disk, Options{})
	for nonce := byte(2); nonce < 80; nonce++ {
		disk.Delete(treeKey([]byte{'s', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, nonce}))
	}
	for _, key := range []string{"A", m.keys[0], m.keys[7], m.keys[7] + "x", "zz"} {
		if _, _, err := s.Prove([]byte(key), 1); err == nil {
			t.Errorf("%q was proven without the nodes for it", key)
		}
	}
}

// Proofs and reads go on while blocks are committed and versions pruned. Run it
// with -race.
func TestReadersBesideTheWriter(t *testing.T) {
	for _, kind := range dbKinds {
		t.Run(kind, func(t *testing.T) {
			blocks := 120
			if testing.Short() {
				blocks = 40
			}
			sizes := []int{150}
			for i := range blocks {
				sizes = append(sizes, i%4*5) // every fourth block changes nothing
			}
			m := newModel(t, 8, 200, 40, sizes)
			s := mustOpen(t, newDB(t, kind), Options{KeepVersions: 3, CacheSize: 100})
			if err := m.run(s, 1); err != nil {
				t.Fatal(err)
			}
			var done atomic.Bool
			var proofs, pruned atomic.Int64
			var readers sync.WaitGroup
			for i := range 3 {
				readers.Go(func() {
					rnd := rand.New(rand.NewPCG(9, uint64(i)))
					for !done.Load() {
						err := readSomething(t, m, s, rnd)
						switch {
						case err == nil:
							proofs.Add(1)
						case errors.Is(err, ErrPruned):
							pruned.Add(1)
						default:
							t.Error(err)
							return
						}
					}
				})
			}
			for h := int64(2); h <= m.last(); h++ {
				err := m.run(s, h)
				if err == nil {
					err = s.PruneError()
				}
				if err != nil {
					t.Error(err)
					break
				}
				runtime.Gosched() // on one processor the readers come after the writer
			}
			done.Store(true)
			readers.Wait()
			if proofs.Load() == 0 {
				t.Error("no proof was made meanwhile")
			}
			t.Logf("%d proofs beside %d blocks; %d came too late", proofs.Load(), blocks, pruned.Load())
			m.check(t, s, 5)
		})
	}
}

// readSomething makes two proofs from one height near the last, and checks that a
// flat value and the records are those of a height between before and after.
func readSomething(t *testing.T, m *model, s *Store, rnd *rand.Rand) error {
	before := s.Height()
	height := max(1, before-rnd.Int64N(4))
	release, err := s.Pin(height)
	if err != nil {
		return err
	}
	defer release()
	key := m.keys[rnd.IntN(len(m.keys))]
	for _, k := range []string{key, key + "x"} {
		value, proof, err := s.Prove([]byte(k), height)
		if err != nil {
			return err
		}
		checkProof(t, m.versions[height].root, []byte(k), m.versions[height].leaves[k], value, proof)
	}

	before = s.Height()
	flat, err := s.Get([]byte(key))
	if err != nil {
		return err
	}
	last := map[string]string{}
	if err := s.Records(nil, nil, func(k, v []byte) bool { last[string(k)] = string(v); return true }); err != nil {
		return err
	}
	// The batch is written just before Height says so: one height of grace.
	after := min(s.Height()+1, m.last())
	leafOK, recordsOK := false, false
	for h := before; h <= after; h++ {
		leafOK = leafOK || bytes.Equal(flat, m.versions[h].leaves[key])
		recordsOK = recordsOK || last["last"] == fmt.Sprint(h) && len(last) == len(m.versions[h].records)
	}
	if !leafOK || !recordsOK {
		return fmt.Errorf("heights %d to %d: leaf found %v, records found %v", before, after, leafOK, recordsOK)
	}
	return nil
}
