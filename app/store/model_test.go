package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
)

// block is the input of one height, and version what the store must hold after it.
type block struct {
	leaves  []Leaf
	records []Record
	time    int64
}

type version struct {
	root    []byte
	time    int64
	leaves  map[string][]byte
	records map[string][]byte
}

// model is a run of blocks and, for every height, the right answer. Index 0 is the
// empty store.
type model struct {
	blocks   []block
	versions []version
	keys     []string // every leaf key that is ever set
}

// newModel makes up blocks and runs them undisturbed. Sizes are the number of
// leaves in each block.
func newModel(t testing.TB, seed uint64, keyCount, valueSize int, sizes []int) *model {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, seed))
	m := &model{blocks: make([]block, 1), versions: make([]version, 1)}
	m.versions[0] = version{leaves: map[string][]byte{}, records: map[string][]byte{}}
	s := mustOpen(t, dbm.NewMemDB(), Options{})
	for i, size := range sizes {
		height := int64(i + 1)
		b := block{time: 1_000_000 * height}
		changed := map[string][]byte{}
		for len(changed) < size {
			value := make([]byte, 1+valueSize/2+rnd.IntN(valueSize))
			for j := range value {
				value[j] = byte(rnd.Uint32())
			}
			changed[fmt.Sprintf("a/%04d", 2*rnd.IntN(keyCount))] = value
		}
		for _, k := range slices.Sorted(maps.Keys(changed)) {
			b.leaves = append(b.leaves, Leaf{[]byte(k), changed[k]})
		}
		b.records = []Record{
			{fmt.Appendf(nil, "e/%04d", height), fmt.Appendf(nil, "entry %d", height)},
			{[]byte("last"), fmt.Append(nil, height)},
		}
		if height > 3 {
			b.records = append(b.records, Record{fmt.Appendf(nil, "e/%04d", height-3), nil})
		}
		root := mustStage(t, s, b.leaves...)
		mustCommit(t, s, height, b.time, b.records...)
		m.add(b, root)
	}
	last := m.versions[len(m.versions)-1]
	m.keys = slices.Sorted(maps.Keys(last.leaves))
	return m
}

func (m *model) add(b block, root []byte) {
	prev := m.versions[len(m.versions)-1]
	v := version{root, b.time, maps.Clone(prev.leaves), maps.Clone(prev.records)}
	for _, l := range b.leaves {
		v.leaves[string(l.Key)] = l.Value
	}
	for _, r := range b.records {
		if r.Value == nil {
			delete(v.records, string(r.Key))
		} else {
			v.records[string(r.Key)] = r.Value
		}
	}
	m.blocks, m.versions = append(m.blocks, b), append(m.versions, v)
}

func (m *model) last() int64 { return int64(len(m.blocks) - 1) }

// run commits blocks up to a height and stops at the first error.
func (m *model) run(s *Store, to int64) error {
	for h := s.Height() + 1; h <= to; h++ {
		b := m.blocks[h]
		root, err := s.Stage(b.leaves)
		if err != nil {
			return err
		}
		if !bytes.Equal(root, m.versions[h].root) {
			return fmt.Errorf("height %d: root %x, undisturbed run has %x", h, root, m.versions[h].root)
		}
		if err := s.Commit(h, b.time, b.records); err != nil {
			return err
		}
	}
	return nil
}

// check compares everything the store holds with the model at the store's height.
// Proofs are made for every nth key at every height held.
func (m *model) check(t testing.TB, s *Store, nth int) {
	t.Helper()
	h := s.Height()
	v := m.versions[h]
	if s.Time() != v.time || !bytes.Equal(s.Hash(), v.root) {
		t.Fatalf("height %d: time %d, root %x; want %d, %x", h, s.Time(), s.Hash(), v.time, v.root)
	}
	for _, k := range m.keys {
		got, err := s.Get([]byte(k))
		if err != nil || !bytes.Equal(got, v.leaves[k]) {
			t.Fatalf("height %d: leaf %q: %d bytes, %v; want %d bytes", h, k, len(got), err, len(v.leaves[k]))
		}
	}
	records := map[string][]byte{}
	if err := s.Records(nil, nil, func(k, v []byte) bool { records[string(k)] = v; return true }); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(records, v.records, bytes.Equal) {
		t.Fatalf("height %d: records %q, want %q", h, records, v.records)
	}
	m.checkProofs(t, s, nth)
}

func (m *model) checkProofs(t testing.TB, s *Store, nth int) {
	t.Helper()
	for h := s.Oldest(); h <= s.Height(); h++ {
		v := m.versions[h]
		keys := []string{"A", "zz"} // before and after every leaf
		for i := 0; i < len(m.keys); i += nth {
			k := m.keys[i]
			keys = append(keys, k, k+"x") // and between any two
		}
		for _, k := range keys {
			if len(v.leaves) == 0 {
				continue
			}
			value, proof, err := s.Prove([]byte(k), h)
			if err != nil {
				t.Fatal(err)
			}
			checkProof(t, v.root, []byte(k), v.leaves[k], value, proof)
		}
	}
	if _, _, err := s.Prove([]byte("A"), s.Height()+1); !errors.Is(err, ErrFuture) {
		t.Fatalf("Prove ahead of the store: %v", err)
	}
	if old := s.Oldest() - 1; old >= 1 {
		if _, _, err := s.Prove([]byte("A"), old); !errors.Is(err, ErrPruned) {
			t.Fatalf("Prove of a pruned height: %v", err)
		}
	}
}
