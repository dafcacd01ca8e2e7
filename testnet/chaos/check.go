package chaos

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// proofsOfRow is how many packets of a row are proven and verified.
const proofsOfRow = 3

// block is what a node answers of a height.
type block struct {
	hash, app string
	txs       []contract.Hash
	packets   []contract.PacketID // sent in it
}

func (b *block) same(o *block) bool {
	return b.hash == o.hash && b.app == o.app && slices.Equal(b.txs, o.txs)
}

// blockAt asks a node for a block and its header, and holds one against the other.
func blockAt(ctx context.Context, c *rpc.Client, chain string, height int64) (*block, error) {
	h, err := c.SignedHeader(ctx, height)
	if err != nil {
		return nil, err
	}
	txs, err := c.BlockTxs(ctx, height)
	if err != nil {
		return nil, err
	}
	b := &block{hash: h.Hash().String(), app: h.AppHash.String()}
	for i, wire := range txs {
		if i == 0 && contract.Decode(wire, new(contract.BeaconItem)) == nil {
			continue // what the proposer adds to a block that owes draws
		}
		b.txs = append(b.txs, contract.TxHash(wire))
		if tx, err := contract.DecodeTx(wire); err == nil && isSend(tx) {
			b.packets = append(b.packets, contract.NewPacketID(chain, tx.Account, tx.Nonce))
		}
	}
	return b, nil
}

func isSend(tx *contract.Tx) bool { _, is := tx.Message.(*contract.Send); return is }

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
	packets := a.enter(row, lists[0])
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
	return a.proofs(ctx, row, packets)
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
		b, err := blockAt(ctx, c, a.net.ChainID, h)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", h, err)
		}
		list = append(list, b)
	}
	return list, nil
}

// enter takes blocks on which all agree into the books, and returns the packets
// that were sent in them.
func (a *arena) enter(row *Row, list []*block) (packets []contract.PacketID) {
	for _, b := range list {
		a.checked++
		a.blocks = append(a.blocks, b)
		packets = append(packets, b.packets...)
		for _, hash := range b.txs {
			if at := a.stands[hash]; at != 0 {
				row.broke("X", "%s stands in blocks %d and %d", hash, at, a.checked)
			}
			if sent, _ := a.journal.told(hash); !sent {
				row.broke("X", "block %d holds %s, which no client sent", a.checked, hash)
			}
			a.stands[hash] = a.checked
		}
	}
	return packets
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

// proofs has a node prove some packets, and the supply, and verifies that as its reader
// does. A packet's proof holds its whole history, which is judged again: that its
// heads fold (T), its money adds up (P), and each step was allowed (R).
func (a *arena) proofs(ctx context.Context, row *Row, packets []contract.PacketID) error {
	file, err := os.Open(a.net.TrustFile())
	if err != nil {
		return err
	}
	defer file.Close()
	trust, err := audit.ReadTrust(file)
	if err != nil {
		return err
	}
	a.random.Shuffle(len(packets), func(i, j int) { packets[i], packets[j] = packets[j], packets[i] })
	subjects := []client.Subject{{Kind: audit.KindSupply}}
	for _, id := range packets[:min(proofsOfRow, len(packets))] {
		subjects = append(subjects, client.Subject{Kind: audit.KindPacket, Packet: id})
	}
	for _, s := range subjects {
		number := a.victim()
		if err := prove(ctx, a.net.Nodes[number-1].RPCURL(), s, trust); err != nil && ctx.Err() == nil {
			row.broke("V", "node %d: proof of %s %s: %v", number, s.Kind, s.Packet, err)
		}
	}
	return ctx.Err()
}

func prove(ctx context.Context, url string, s client.Subject, trust *audit.Trust) error {
	c, err := client.Dial(ctx, url, client.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	file, err := c.Prove(ctx, s)
	if err != nil {
		return err
	}
	bytes, err := file.Encode()
	if err != nil {
		return err
	}
	report := audit.Verify(bytes, trust, audit.Options{})
	if failed := report.Failed(); failed != nil {
		return fmt.Errorf("%s: %s", report.Verdict, failed.Name)
	}
	return nil
}

// whole holds all blocks and records of one node against the books, from the first
// on: nothing may be missing from the middle.
func (a *arena) whole(ctx context.Context, row *Row, number int) error {
	c := a.clients[number-1]
	for i, want := range a.blocks {
		b, err := blockAt(ctx, c, a.net.ChainID, int64(i+1))
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
