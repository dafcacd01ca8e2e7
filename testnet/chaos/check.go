package chaos

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// block is what a node answers of a height.
type block struct {
	hash, app string
	at        contract.Time
	txs       []contract.Hash
	wires     [][]byte // of txs, until they are in the books
}

func (b *block) same(o *block) bool {
	return b.hash == o.hash && b.app == o.app && slices.Equal(b.txs, o.txs)
}

// blockAt asks a node for a block and its header, and holds one against the other.
func blockAt(ctx context.Context, c *rpc.Client, height int64) (*block, error) {
	h, err := c.SignedHeader(ctx, height)
	if err != nil {
		return nil, err
	}
	txs, err := c.BlockTxs(ctx, height)
	if err != nil {
		return nil, err
	}
	b := &block{hash: h.Hash().String(), app: h.AppHash.String(), at: contract.TimeOf(h.Time)}
	for i, wire := range txs {
		if i == 0 && contract.Decode(wire, new(contract.BeaconItem)) == nil {
			continue // what the proposer adds to a block that owes draws
		}
		b.txs, b.wires = append(b.txs, contract.TxHash(wire)), append(b.wires, wire)
	}
	return b, nil
}

// each does something at every node at once.
func (a *arena) each(do func(i int, c *rpc.Client) error) error {
	errs := make([]error, len(a.clients))
	var wg sync.WaitGroup
	for i, c := range a.clients {
		wg.Go(func() { errs[i] = do(i, c) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("node %d: %w", i+1, err)
		}
	}
	return nil
}

// check holds the promises against what all nodes answer of the blocks since the
// last check.
func (a *arena) check(ctx context.Context, row *Row, acked []contract.Hash) error {
	tip := a.newest(ctx)
	for _, hash := range acked {
		_, at := a.journal.told(hash)
		tip = max(tip, at) // that node may not answer now
	}
	if err := a.reach(ctx, tip+1); err != nil {
		row.broke("L", "%v", err)
		return ctx.Err()
	}
	lists := make([][]*block, len(a.clients))
	if err := a.each(func(i int, c *rpc.Client) (err error) {
		lists[i], err = a.read(ctx, c, a.checked+1, tip)
		return err
	}); err != nil {
		row.broke("H", "%v", err)
		return ctx.Err()
	}
	for i, list := range lists[1:] {
		for k := range list {
			if !list[k].same(lists[0][k]) {
				row.broke("H", "block %d of nodes 1 and %d differ", a.checked+1+int64(k), i+2)
			}
		}
	}
	number := a.victim() // whose word on how transactions ended is held against the others' proofs
	if err := a.enter(row, lists[0], func(hashes []contract.Hash) (map[contract.Hash]contract.Code, error) {
		return a.codes(ctx, number, hashes)
	}); err != nil {
		row.broke("T", "%v", err)
		return ctx.Err()
	}
	for _, hash := range acked {
		if _, told := a.journal.told(hash); a.stands[hash] != told {
			row.broke("X", "%s was acknowledged in block %d, and stands in block %d (0: none)", hash, told,
				a.stands[hash])
		}
	}
	if err := a.each(func(i int, c *rpc.Client) error { return a.records(ctx, row, i+1, c, acked) }); err != nil {
		row.broke("T", "%v", err)
		return ctx.Err()
	}
	return a.proofs(ctx, row, a.blocks[len(a.blocks)-1].at)
}

// reach waits until every node has a block.
func (a *arena) reach(ctx context.Context, height int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		heights := a.heights(ctx, a.others())
		if slices.Min(heights) >= height {
			return nil
		}
		if err := sleep(ctx, lookPause); err != nil {
			return fmt.Errorf("the nodes are at blocks %v, and not all at %d", heights, height)
		}
	}
}

func (a *arena) read(ctx context.Context, c *rpc.Client, from, to int64) (list []*block, err error) {
	for h := from; h <= to; h++ {
		b, err := blockAt(ctx, c, h)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", h, err)
		}
		list = append(list, b)
	}
	return list, nil
}

// enter takes blocks on which all agree into the books; codes says how transactions
// ended.
func (a *arena) enter(row *Row, list []*block, codes func([]contract.Hash) (map[contract.Hash]contract.Code,
	error)) error {
	for _, b := range list {
		a.checked++
		a.blocks = append(a.blocks, b)
		for _, hash := range b.txs {
			if at := a.stands[hash]; at != 0 {
				row.broke("X", "%s stands in blocks %d and %d", hash, at, a.checked)
			}
			if sent, _ := a.journal.told(hash); !sent {
				row.broke("X", "block %d holds %s, which no client sent", a.checked, hash)
			}
			a.stands[hash] = a.checked
		}
		ended, err := codes(b.txs)
		if err != nil {
			return err
		}
		var deeds []deed
		for i, wire := range b.wires {
			if tx, err := contract.DecodeTx(wire); err == nil {
				deeds = append(deeds, deed{tx, ended[b.txs[i]]})
			}
		}
		b.wires = nil
		a.live(row, a.checked, b.at, deeds)
	}
	return nil
}

// records asks a node what became of transactions, and whether its sums are right.
func (a *arena) records(ctx context.Context, row *Row, number int, c *rpc.Client, hashes []contract.Hash) error {
	for some := range slices.Chunk(hashes, query.MaxResults) {
		results, _, err := c.Results(ctx, some...)
		if err != nil {
			return err
		}
		for i, r := range results {
			if _, told := a.journal.told(some[i]); r.Height != told {
				a.broke(row, "T", "node %d: its record of %s is of block %d, a client was told %d", number, some[i],
					r.Height, told)
			}
		}
	}
	totals, at, err := c.Summary(ctx)
	if err == nil && !totals.Supply.Holds() {
		a.broke(row, "S", "node %d, block %d: supply %+v", number, at.Height, totals.Supply)
	}
	return err
}

// broke is for several goroutines.
func (a *arena) broke(row *Row, promise, format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	row.broke(promise, format, args...)
}

// whole holds all blocks and records of one node against the books, from the first
// on: nothing may be missing from the middle.
func (a *arena) whole(ctx context.Context, row *Row, number int) error {
	c := a.clients[number-1]
	for i, want := range a.blocks {
		b, err := blockAt(ctx, c, int64(i+1))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			row.broke("H", "node %d: block %d: %v", number, i+1, err)
			return nil
		}
		if !b.same(want) {
			row.broke("H", "node %d: block %d is another one", number, i+1)
		}
	}
	var known []contract.Hash // the node may not have come to what was acknowledged just now
	for _, hash := range a.journal.all() {
		if _, told := a.journal.told(hash); told <= a.checked {
			known = append(known, hash)
		}
	}
	if err := a.records(ctx, row, number, c, known); err != nil {
		row.broke("T", "node %d: %v", number, err)
	}
	return ctx.Err()
}
