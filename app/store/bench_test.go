package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCommit commits 1,000 random leaves of 150 bytes a block, in a tree of
// 100,000 leaves on goleveldb.
func BenchmarkCommit(b *testing.B) {
	const accounts, changed = 100_000, 1_000
	for _, keep := range []int64{0, 10} {
		b.Run(fmt.Sprintf("keep=%d", keep), func(b *testing.B) {
			s := mustOpen(b, newDB(b, "goleveldb"), Options{KeepVersions: keep})
			rnd := rand.New(rand.NewPCG(1, 1))
			height := int64(0)
			commit := func(leaves []Leaf) {
				height++
				mustStage(b, s, leaves...)
				mustCommit(b, s, height, height)
			}
			for i := 0; i < accounts; i += 10_000 {
				commit(benchLeaves(i, 10_000, func(n int) int { return n }, height))
			}
			for range 12 { // until pruning has begun
				commit(nil)
			}
			for b.Loop() {
				gap := accounts / changed
				commit(benchLeaves(0, changed, func(n int) int { return n*gap + rnd.IntN(gap) }, height))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/changed, "µs/leaf")
			if err := s.PruneError(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func benchLeaves(from, n int, index func(int) int, salt int64) []Leaf {
	leaves := make([]Leaf, n)
	for i := range leaves {
		value := make([]byte, 150)
		binary.BigEndian.PutUint64(value, uint64(salt))
		leaves[i] = Leaf{fmt.Appendf(nil, "a/%08d", index(from+i)), value}
	}
	return leaves
}

func BenchmarkProve(b *testing.B) {
	s := mustOpen(b, newDB(b, "goleveldb"), Options{})
	mustStage(b, s, benchLeaves(0, 100_000, func(n int) int { return n }, 1)...)
	mustCommit(b, s, 1, 1)
	rnd := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		if _, _, err := s.Prove(fmt.Appendf(nil, "a/%08d", rnd.IntN(100_000)), 1); err != nil {
			b.Fatal(err)
		}
	}
}
