package app

import (
	"container/list"
	"sync"
)

// cache remembers values up to a number of bytes, and forgets first what was
// asked for least lately. It is safe for concurrent use. What it holds changes
// how long an answer takes, never the answer.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	byKey map[K]*list.Element // of *cached[K, V]
	order *list.List          // the one asked for last in front
	bytes int
	most  int
}

type cached[K comparable, V any] struct {
	key   K
	value V
	bytes int
}

// perItem is what an item costs beside its value: map, list and key.
const perItem = 500

func newCache[K comparable, V any](mostBytes int) *cache[K, V] {
	return &cache[K, V]{byKey: map[K]*list.Element{}, order: list.New(), most: mostBytes}
}

func (c *cache[K, V]) get(key K) (value V, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, known := c.byKey[key]
	if !known {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached[K, V]).value, true
}

// put remembers a value of so many bytes, in the place of the one before it.
func (c *cache[K, V]) put(key K, value V, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(key)
	bytes += perItem
	c.byKey[key] = c.order.PushFront(&cached[K, V]{key, value, bytes})
	for c.bytes += bytes; c.bytes > c.most; {
		c.remove(c.order.Back().Value.(*cached[K, V]).key)
	}
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(key)
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byKey)
	c.order.Init()
	c.bytes = 0
}

// remove is drop for a caller that holds c.mu.
func (c *cache[K, V]) remove(key K) {
	if e, known := c.byKey[key]; known {
		c.bytes -= e.Value.(*cached[K, V]).bytes
		c.order.Remove(e)
		delete(c.byKey, key)
	}
}
