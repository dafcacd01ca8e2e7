package load

import (
	"sync"
	"time"

	"hongbao/client/rpc"
)

// sulk is how long a node that failed to answer is left alone.
const sulk = 2 * time.Second

// pool spreads calls over the nodes that answer.
type pool struct {
	mu    sync.Mutex
	all   []*rpc.Client
	until []time.Time // when a node that failed is tried again
	next  int
}

func newPool(urls []string) (*pool, error) {
	p := &pool{until: make([]time.Time, len(urls))}
	for _, u := range urls {
		c, err := rpc.Dial(u)
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, c)
	}
	return p, nil
}

func (p *pool) close() {
	for _, c := range p.all {
		c.Close()
	}
}

// pick is the next node in turn that has not just failed, else the next.
func (p *pool) pick() *rpc.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for range p.all {
		p.next = (p.next + 1) % len(p.all)
		if p.until[p.next].Before(now) {
			break
		}
	}
	return p.all[p.next]
}

// blame leaves a node alone for a while.
func (p *pool) blame(c *rpc.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.all {
		if p.all[i] == c {
			p.until[i] = time.Now().Add(sulk)
		}
	}
}
