package app

import (
	"testing"

	"hongbao/contract"
)

// counted is a state of one leaf, if any, that counts how often it is read.
type counted struct {
	contract.State
	value []byte
	reads int
}

func (c *counted) Leaf([]byte) (*contract.LeafValue, error) {
	c.reads++
	return contract.NewLeafValue(c.value), nil
}

// A leaf is read once between two changes of it, and so is that there is none.
func TestLeafCache(t *testing.T) {
	key := []byte("a/alice")
	state := &counted{}
	cache := newLeafCache(0)
	for _, step := range []struct {
		desc  string
		value string // committed before it is read; empty: nothing is
		reads int    // so far
	}{
		{"an absent leaf", "", 1},
		{"again", "", 1},
		{"once it is made", "1", 2},
		{"again", "", 2},
		{"once it has changed", "2", 3},
	} {
		if step.value != "" {
			state.value = []byte(step.value)
			cache.drop([]contract.Leaf{{Key: key, Value: state.value}})
		}
		l, err := cache.over(state).Leaf(key)
		if err != nil || (l == nil) != (state.value == nil) || l != nil && string(l.Bytes) != string(state.value) {
			t.Errorf("%s: %v, %v", step.desc, l, err)
		}
		if state.reads != step.reads {
			t.Errorf("%s: read %d times, expected %d", step.desc, state.reads, step.reads)
		}
	}
}
