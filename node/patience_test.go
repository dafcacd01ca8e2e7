package node

import (
	"testing"
	"time"
)

// Rounds that were too short make the next ones longer, and what a validator that is
// away costs does not.
func TestPatience(t *testing.T) {
	for _, row := range []struct {
		desc   string
		rounds []int // of blocks, one after the other
		times  int   // over
		least  time.Duration
		most   time.Duration // timeout_propose afterwards
	}{
		{"all in the first round", []int{0}, 100, 500 * time.Millisecond, 500 * time.Millisecond},
		{"one of four is away", []int{0, 0, 0, 1}, 100, 500 * time.Millisecond, 500 * time.Millisecond},
		{"one block took three rounds", []int{2}, 1, time.Second, time.Second},
		{"one block took nine rounds", []int{8}, 1, 2500 * time.Millisecond, 2500 * time.Millisecond},
		{"two of four blocks took two rounds", []int{0, 1, 0, 1}, 1, time.Second, time.Second},
		{"every block takes three rounds", []int{2}, 100, 3 * time.Second, 3 * time.Second},
		{"it was so, and is over", append([]int{2, 2, 2}, make([]int, 100)...), 1,
			500 * time.Millisecond, 500 * time.Millisecond},
		{"it was so, and one is away", append([]int{2, 2, 2}, 0, 1, 0, 0), 1, 2 * time.Second, 3 * time.Second},
	} {
		t.Run(row.desc, func(t *testing.T) {
			c := DefaultConfig(t.TempDir()).Consensus
			delta := c.TimeoutPropose / c.TimeoutPrecommit
			p := newPatience(nil, c, 4)
			for range row.times {
				for _, r := range row.rounds {
					p.saw(r)
				}
			}
			if c.TimeoutPropose < row.least || c.TimeoutPropose > row.most ||
				c.TimeoutPropose/c.TimeoutPrecommit != delta {
				t.Errorf("timeout_propose %s, timeout_precommit %s", c.TimeoutPropose, c.TimeoutPrecommit)
			}
		})
	}
}
