package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

// The root depends on what was staged and committed, and on nothing else: not on
// pruning, cache size, restarts, or stages that were never committed. And pruning
// leaves exactly the nodes of the versions it keeps.
func TestTwins(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		all := dbm.NewMemDB()
		archive := mustOpen(t, all, Options{})
		drawOptions := func() Options {
			return Options{
				KeepVersions: rapid.Int64Range(0, 4).Draw(r, "keep"),
				CacheSize:    rapid.SampledFrom([]int{1, 7, 1000}).Draw(r, "cache"),
			}
		}
		opts := drawOptions()
		disk := dbm.NewMemDB()
		pruned, oldest := mustOpen(t, disk, opts), int64(1)

		m := &model{blocks: make([]block, 1), versions: []version{{}}}
		m.versions[0] = version{leaves: map[string][]byte{}, records: map[string][]byte{}}
		seeded := rapid.IntRange(0, 3).Draw(r, "seeded leaves")
		blocks := rapid.IntRange(1, 25).Draw(r, "blocks")
		for h := int64(1); h <= int64(blocks); h++ {
			leaves := drawLeaves(r, h)
			if h == 1 {
				leaves = leaves[:min(seeded, len(leaves))]
			}
			root := mustStage(t, archive, leaves...)
			mustCommit(t, archive, h, h)
			m.add(block{leaves: leaves, time: h}, root)

			for range rapid.IntRange(0, 2).Draw(r, "stages in vain") {
				mustStage(t, pruned, drawLeaves(r, -h)...)
			}
			if got := mustStage(t, pruned, leaves...); !bytes.Equal(got, root) {
				r.Fatalf("height %d: roots %x and %x", h, root, got)
			}
			mustCommit(t, pruned, h, h)
			if err := pruned.PruneError(); err != nil {
				r.Fatalf("height %d: %v", h, err)
			}
			if opts.KeepVersions > 0 {
				oldest = max(oldest, min(h-opts.KeepVersions+1, oldest+maxPrune))
			}
			if rapid.IntRange(0, 3).Draw(r, "restart") == 0 {
				opts = drawOptions()
				pruned = mustOpen(t, disk, opts)
			}
			if rapid.IntRange(0, 3).Draw(r, "forget") == 0 {
				forgetReplaced(t, disk)
			}
		}
		for k := range 12 {
			m.keys = append(m.keys, leafName(k))
		}
		m.check(t, archive, 1)
		m.check(t, pruned, 1)
		if pruned.Oldest() != oldest {
			r.Fatalf("oldest is %d of %d, want %d", pruned.Oldest(), blocks, oldest)
		}
		// Of a tree of one leaf IAVL's pruner leaves a root behind. The first block has two or more.
		if oldest > 1 && len(m.versions[1].leaves) > 1 {
			pruneAsIAVL(t, all, oldest-1)
			if got, want := treeOf(t, disk), treeOf(t, all); !maps.Equal(got, want) {
				r.Fatalf("pruned to %d of %d: only here %x, only where IAVL pruned %x", oldest, blocks,
					missing(got, want), missing(want, got))
			}
		}
		checkReplaced(t, disk, pruned)
		if t.Failed() {
			r.FailNow()
		}
	})
}

// checkReplaced asks that nothing stays written down of versions that are pruned.
func checkReplaced(t testing.TB, db dbm.DB, s *Store) {
	t.Helper()
	it, err := db.Iterator(prefixRange(prefixReplaced, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		version := int64(binary.BigEndian.Uint64(it.Key()[1:]))
		if version < s.Oldest() || version >= s.Height() {
			t.Errorf("height %d, pruned below %d: what is written down of version %d is of no use", s.Height(),
				s.Oldest(), version)
		}
	}
}

// pruneAsIAVL deletes versions by IAVL's own pruner.
func pruneAsIAVL(t *testing.T, db dbm.DB, to int64) {
	batch := db.NewBatch()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(newTree(&treeDB{db: db, out: batch}, 1000).DeleteVersionsTo(to))
	must(batch.Write())
}

// missing are the keys of one that the other lacks, or has another value of.
func missing(of, in map[string]string) (list []string) {
	for k, v := range of {
		if w, there := in[k]; !there || w != v {
			list = append(list, k)
		}
	}
	return list
}

// treeOf is all that the database holds of the tree.
func treeOf(t testing.TB, db dbm.DB) map[string]string {
	t.Helper()
	it, err := db.Iterator(prefixRange(prefixTree, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	list := map[string]string{}
	for ; it.Valid(); it.Next() {
		value := bytes.Clone(it.Value())
		if id, is := nodeIDOf(value); is { // to a root by the name under which it was last read
			value = id.key()
		}
		list[string(it.Key())] = string(value)
	}
	return list
}

// forgetReplaced loses what was written down to be pruned.
func forgetReplaced(t testing.TB, db dbm.DB) {
	t.Helper()
	it, err := db.Iterator(prefixRange(prefixReplaced, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for ; it.Valid(); it.Next() {
		keys = append(keys, bytes.Clone(it.Key()))
	}
	it.Close()
	for _, k := range keys {
		if err := db.Delete(k); err != nil {
			t.Fatal(err)
		}
	}
}

func drawLeaves(r *rapid.T, salt int64) (leaves []Leaf) {
	for k := range 12 {
		if rapid.IntRange(0, 3).Draw(r, "set") == 0 {
			leaves = append(leaves, Leaf{[]byte(leafName(k)), fmt.Append(nil, salt, k)})
		}
	}
	return leaves
}

func leafName(k int) string { return fmt.Sprintf("a/%02d", k) }

// A tree of n leaves has 2n-1 nodes. After pruning to one version that is what the
// database holds, and one reference where the last block changed nothing.
//
// So it is after a restore of a height that changed nothing, whose root is an older version's.
func TestPruningLeavesNoGarbage(t *testing.T) {
	sizes := []int{50, 0, 0, 3, 0, 7, 1, 1, 0, 0, 0, 20, 0}
	m := newModel(t, 3, 60, 10, sizes)
	const restored = 3
	from := mustOpen(t, dbm.NewMemDB(), Options{})
	if err := m.run(from, restored); err != nil {
		t.Fatal(err)
	}
	nodes := exported(t, from, restored)
	for _, restart := range []bool{false, true} {
		disk := dbm.NewMemDB()
		opts := Options{KeepVersions: 1}
		s := mustOpen(t, disk, opts)
		if restart {
			if err := restore(s, m, restored, nodes); err != nil {
				t.Fatal(err)
			}
		}
		for h := s.Height() + 1; h <= m.last(); h++ {
			if err := m.run(s, h); err != nil {
				t.Fatal(err)
			}
			want := 2*len(m.versions[h].leaves) - 1
			if sizes[h-1] == 0 {
				want++
			}
			if got := len(treeOf(t, disk)); got != want {
				t.Fatalf("height %d, restarts %v: %d tree keys, want %d", h, restart, got, want)
			}
			checkReplaced(t, disk, s)
			if restart {
				s = mustOpen(t, disk, opts)
			}
		}
		m.check(t, s, 1)
	}
}
