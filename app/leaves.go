package app

import "hongbao/contract"

// defaultLeafCache holds what several blocks may read, and the accounts of a
// busy day. A leaf counts four times its length: its bytes, what they decode to,
// and what admission takes from a packet's.
const defaultLeafCache = 32 << 20

// absentLeaves holds some ten thousand names of no leaf: newcomers between CheckTx and their block.
// They have a room of their own, because names cost nothing and would take that of leaves.
const absentLeaves = 5 << 20

// leafCache remembers committed leaves, so that a leaf is read and decoded once
// between two changes of it, however many ask: CheckTx, a proposal and a block.
// Commit drops what it changes.
type leafCache struct {
	known  *cache[string, *contract.LeafValue]
	absent *cache[string, struct{}]
}

func newLeafCache(bytes int) *leafCache {
	if bytes <= 0 {
		bytes = defaultLeafCache
	}
	return &leafCache{newCache[string, *contract.LeafValue](bytes), newCache[string, struct{}](absentLeaves)}
}

// over is state as the cache knows it, which must be the newest committed one
// for as long as it is used.
func (c *leafCache) over(state contract.State) contract.State { return remembered{state, c} }

type remembered struct {
	contract.State
	leaves *leafCache
}

// Leaf implements contract.State.
func (r remembered) Leaf(key []byte) (*contract.LeafValue, error) {
	if l, known := r.leaves.known.get(string(key)); known {
		return l, nil
	}
	if _, absent := r.leaves.absent.get(string(key)); absent {
		return nil, nil
	}
	l, err := r.State.Leaf(key)
	if err != nil {
		return nil, err
	}
	if l == nil {
		r.leaves.absent.put(string(key), struct{}{}, 0)
		return nil, nil
	}
	r.leaves.known.put(string(key), l, 4*len(l.Bytes))
	return l, nil
}

// clear is for a state that came in the place of another.
func (c *leafCache) clear() {
	c.known.clear()
	c.absent.clear()
}

func (c *leafCache) drop(changed []contract.Leaf) {
	for _, l := range changed {
		c.known.drop(string(l.Key))
		c.absent.drop(string(l.Key))
	}
}
