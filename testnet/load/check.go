package load

import (
	"context"
	"errors"
	"time"

	"hongbao/contract"
)

// inStepFor is how long all nodes may take to come to the state of the first.
const inStepFor = 20 * time.Second

// check waits until all nodes are in the same state, reads the blocks that the traffic
// filled, and holds what was acknowledged against them.
func (t *traffic) check(ctx context.Context) error {
	r := t.report
	for _, pid := range t.cfg.PIDs {
		if bytes := memory(pid); bytes > 0 {
			r.NodeMemory = append(r.NodeMemory, bytes)
		}
	}
	counted := r.to
	for _, height := range t.acked { // the node that acknowledged it may have been ahead of the first
		r.to = max(r.to, height)
	}
	t.progress(Checking, int(r.to-r.from))
	var err error
	if r.InStep, err = t.inStep(ctx, r.to); err != nil {
		return err
	} else if !r.InStep {
		r.to = counted // which the first has
	}
	found := map[contract.Hash]int64{}
	node := t.nodes.all[0]
	for at := r.from + 1; at <= r.to; at++ {
		txs, err := node.BlockTxs(ctx, at)
		if err != nil {
			return err
		}
		r.Blocks++
		for _, wire := range txs {
			r.Bytes += int64(len(wire))
			hash := contract.TxHash(wire)
			if found[hash] != 0 {
				r.Twice++
			}
			found[hash] = at
		}
	}
	for hash, height := range t.acked {
		if found[hash] != height {
			r.Astray++
		}
	}
	return nil
}

// inStep reports whether all nodes have the same state after the block of a
// height, as the header of the next one signs it.
func (t *traffic) inStep(ctx context.Context, height int64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, inStepFor)
	defer cancel()
	var state string
	for _, n := range t.nodes.all {
		for {
			h, err := n.SignedHeader(ctx, height+1)
			if err == nil {
				if state != "" && state != h.AppHash.String() {
					return false, nil
				}
				state = h.AppHash.String()
				break
			}
			if sleep(ctx, 100*time.Millisecond); errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return false, nil
			} else if ctx.Err() != nil {
				return false, ctx.Err()
			}
		}
	}
	return true, nil
}
