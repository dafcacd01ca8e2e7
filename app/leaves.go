package app

import "hongbao/contract"

// defaultLeafCache holds what several blocks may read, and the accounts of a
// busy day. A leaf counts four times its length: its bytes, what they decode to,
// and what admission takes from a packet's.
const defaultLeafCache = 32 << 20

// leafCache remembers committed leaves, so that a leaf is read and decoded once
// between two changes of it, however many ask: CheckTx, a proposal and a block.
// Commit drops what it changes.
type leafCache struct {
	known *cache[string, *contract.LeafValue]
}

func newLeafCache(bytes int) *leafCache {
	if bytes <= 0 {
		bytes = defaultLeafCache
	}
	return &leafCache{known: newCache[string, *contract.LeafValue](bytes)}
}

// over is state as the cache knows it, which must be the newest committed one
// for as long as it is used.
func (c *leafCache) over(state contract.State) contract.State { return remembered{state, c} }

type remembered struct {
	contract.State
	leaves *leafCache
}

// Leaf implements contract.State. That there is no such leaf is not remembered:
// names cost nothing.
func (r remembered) Leaf(key []byte) (*contract.LeafValue, error) {
	if l, known := r.leaves.known.get(string(key)); known {
		return l, nil
	}
	l, err := r.State.Leaf(key)
	if l == nil {
		return nil, err
	}
	r.leaves.known.put(string(key), l, 4*len(l.Bytes))
	return l, nil
}

func (c *leafCache) drop(changed []contract.Leaf) {
	for _, l := range changed {
		c.known.drop(string(l.Key))
	}
}
