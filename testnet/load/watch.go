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

	mu      sync.Mutex
	pending map[contract.Hash]chan query.Result
}

func newWatcher(nodes *pool) *watcher {
	return &watcher{nodes: nodes, pending: map[contract.Hash]chan query.Result{}}
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
		_, at, err := n.Results(ctx)
		if err == nil && at.Height > last {
			err = w.collect(ctx, n)
			last = at.Height
		}
		if err != nil {
			w.nodes.blame(n)
			n, last = w.nodes.pick(), 0 // the next node may be behind, or ahead
		}
		sleep(ctx, watchPause)
	}
}

// collect asks for everything pending and hands out what is final.
func (w *watcher) collect(ctx context.Context, n *rpc.Client) error {
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
		w.mu.Lock()
		for i, r := range results {
			if ch := w.pending[chunk[i]]; ch != nil && r.Height > 0 {
				ch <- r
				delete(w.pending, chunk[i])
			}
		}
		w.mu.Unlock()
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
