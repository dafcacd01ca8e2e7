package app

import (
	"sync"
	"sync/atomic"

	"hongbao/contract"
)

// defaultLeafCache holds what several blocks may read, and the accounts of a
// busy day. A leaf counts three times its length: its value, and what it is
// decoded to.
const defaultLeafCache = 32 << 20

// leafCache remembers committed leaves and what they decode to, so that a leaf
// is decoded once between two changes of it, however many ask: CheckTx, a
// proposal's admission, a block's and its ledger. Commit drops what it changes.
//
// A decoded leaf is shared: contract copies it before it changes anything.
type leafCache struct {
	known   *cache[string, *leaf]
	decodes atomic.Int64 // how many times a leaf was decoded
}

type leaf struct {
	value   []byte
	once    sync.Once
	decoded any
	err     error
}

func newLeafCache(bytes int) *leafCache {
	if bytes <= 0 {
		bytes = defaultLeafCache
	}
	return &leafCache{known: newCache[string, *leaf](bytes)}
}

// over is state as the cache knows it, which must be the newest committed one
// for as long as it is used.
func (c *leafCache) over(state contract.State) contract.State { return remembered{state, c} }

type remembered struct {
	contract.State
	leaves *leafCache
}

var _ contract.DecodingState = remembered{}

// Leaf implements contract.State.
func (r remembered) Leaf(key []byte) ([]byte, error) {
	l, err := r.leaf(key)
	if l == nil {
		return nil, err
	}
	return l.value, nil
}

// Decoded implements contract.DecodingState.
func (r remembered) Decoded(key []byte, decode func([]byte) (any, error)) (any, error) {
	l, err := r.leaf(key)
	if l == nil {
		return nil, err
	}
	l.once.Do(func() {
		r.leaves.decodes.Add(1)
		l.decoded, l.err = decode(l.value)
	})
	return l.decoded, l.err
}

// leaf is nil where there is none. That there is none is not remembered: names
// cost nothing.
func (r remembered) leaf(key []byte) (*leaf, error) {
	if l, known := r.leaves.known.get(string(key)); known {
		return l, nil
	}
	value, err := r.State.Leaf(key)
	if value == nil {
		return nil, err
	}
	l := &leaf{value: value}
	r.leaves.known.put(string(key), l, 3*len(value))
	return l, nil
}

func (c *leafCache) drop(changed []contract.Leaf) {
	for _, l := range changed {
		c.known.drop(string(l.Key))
	}
}
