package store

import (
	"bytes"
	"fmt"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

// The root depends on what was staged and committed, and on nothing else: not on
// pruning, cache size, restarts, or stages that were never committed. And pruning
// leaves exactly the nodes of the versions it keeps.
func TestTwins(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		archive := mustOpen(t, dbm.NewMemDB(), Options{})
		opts := Options{
			KeepVersions: rapid.Int64Range(1, 4).Draw(r, "keep"),
			CacheSize:    rapid.SampledFrom([]int{1, 7, 1000}).Draw(r, "cache"),
		}
		disk := dbm.NewMemDB()
		pruned := mustOpen(t, disk, opts)

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
			if rapid.IntRange(0, 3).Draw(r, "restart") == 0 {
				pruned = mustOpen(t, disk, opts)
			}
		}
		for k := range 12 {
			m.keys = append(m.keys, leafName(k))
		}
		m.check(t, archive, 1)
		m.check(t, pruned, 1)
		if pruned.Oldest() != max(1, int64(blocks)-opts.KeepVersions+1) {
			r.Fatalf("oldest is %d of %d, keeping %d", pruned.Oldest(), blocks, opts.KeepVersions)
		}
		if t.Failed() {
			r.FailNow()
		}
	})
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
func TestPruningLeavesNoGarbage(t *testing.T) {
	sizes := []int{50, 0, 0, 3, 0, 7, 1, 1, 0, 0, 0, 20, 0}
	m := newModel(t, 3, 60, 10, sizes)
	for _, restart := range []bool{false, true} {
		disk := dbm.NewMemDB()
		opts := Options{KeepVersions: 1}
		s := mustOpen(t, disk, opts)
		for h := int64(1); h <= m.last(); h++ {
			if err := m.run(s, h); err != nil {
				t.Fatal(err)
			}
			want := 2*len(m.versions[h].leaves) - 1
			if sizes[h-1] == 0 {
				want++
			}
			if got := countKeys(t, disk, prefixTree); got != want {
				t.Fatalf("height %d, restarts %v: %d tree keys, want %d", h, restart, got, want)
			}
			if restart {
				s = mustOpen(t, disk, opts)
			}
		}
		m.check(t, s, 1)
	}
}

func countKeys(t testing.TB, db dbm.DB, prefix byte) (n int) {
	t.Helper()
	it, err := db.Iterator(prefixRange(prefix, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		n++
	}
	return n
}
