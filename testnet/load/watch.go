package load

import (
	"context"
	"sync"
	"time"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// watchPause is how often a watcher looks whether there is a new block: well
// under a block's 50 ms, so that it adds little to what it measures.
const watchPause = 5 * time.Millisecond

// watcher learns the results of many txs together from committed state.
type watcher struct {
	nodes *pool
	// newest is the height that a node has committed, and collect hands out what
	// its state, of that height, says of the txs that are pending.
	newest  func(context.Context, *rpc.Client) (int64, error)
	collect func(context.Context, *rpc.Client, int64) error

	mu      sync.Mutex
	pending map[contract.Hash]chan query.Result
}

func newWatcher(nodes *pool) *watcher {
	w := &watcher{nodes: nodes, pending: map[contract.Hash]chan query.Result{}}
	w.newest = func(ctx context.Context, n *rpc.Client) (int64, error) {
		_, at, err := n.Results(ctx)
		return at.Height, err
	}
	w.collect = w.collectResults
	return w
}

// expect returns where the result of a tx will arrive, once.
func (w *watcher) expect(hash contract.Hash) <-chan query.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := make(chan query.Result, 1)
	w.pending[hash] = ch
	return ch
}

func (w *watcher) forget(hash contract.Hash) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pending, hash)
}

// run watches one node until ctx ends, another when that fails.
func (w *watcher) run(ctx context.Context) {
	n, last := w.nodes.pick(), int64(0)
	for ctx.Err() == nil {
		height, err := w.newest(ctx, n)
		if err == nil && height > last {
			err = w.collect(ctx, n, height)
			last = height
		}
		if err != nil {
			w.nodes.blame(n)
			n, last = w.nodes.pick(), 0 // the next node may be behind, or ahead
		}
		sleep(ctx, watchPause)
	}
}

// collectResults asks for everything pending.
func (w *watcher) collectResults(ctx context.Context, n *rpc.Client, _ int64) error {
	w.mu.Lock()
	hashes := make([]contract.Hash, 0, len(w.pending))
	for h := range w.pending {
		hashes = append(hashes, h)
	}
	w.mu.Unlock()
	for len(hashes) > 0 {
		chunk := hashes[:min(len(hashes), query.MaxResults)]
		hashes = hashes[len(chunk):]
		results, _, err := n.Results(ctx, chunk...)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Height > 0 {
				w.hand(chunk[i], r)
			}
		}
	}
	return nil
}

// hand gives a tx's result to the one that expects it, if any does.
func (w *watcher) hand(hash contract.Hash, r query.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch := w.pending[hash]; ch != nil {
		ch <- r
		delete(w.pending, hash)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
