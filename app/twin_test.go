package app

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"testing"

	"hongbao/app/store"
	"hongbao/contract"
)

// Two nodes that differ in everything an operator may choose, one of them
// always restarting, hold the same state after every block.
func TestTwins(t *testing.T) {
	t.Parallel()
	seeds := 6
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { t.Parallel(); runTwins(t, uint64(seed)) })
	}
}

func runTwins(t *testing.T, seed uint64) {
	p := contract.DefaultParams()
	p.MaxDuePerBlock, p.BucketSize, p.MaxFirstClaims = 3, 20, 3
	genesis := testGenesis(p, trafficNames...)
	steady := newChainWith(t, Options{Store: store.Options{CacheSize: 100_000}}, genesis)
	frail := newChainWith(t, Options{Store: store.Options{CacheSize: 4, KeepVersions: 2},
		Signatures: NewSignatureCache(1), TxCache: 2000, LeafCache: 3000}, genesis)
	tr := newTraffic(steady, seed)
	executed, failed, killed := 0, 0, 0
	kinds := map[contract.Kind]int{}
	for range 60 {
		n := tr.rng.IntN(12)
		block := tr.step(n+1, tr.rng.IntN(4) == 0)
		if tr.rng.IntN(5) == 0 {
			block = nil
		}
		// The steady twin has seen the txs in its mempool, the frail one not.
		for _, wire := range block {
			steady.CheckTx(wire)
		}
		frail.Now = steady.Now
		switch tr.rng.IntN(6) {
		case 0:
			frail.Restart(0)
		case 1:
			frail.killBeforeCommit(block)
			killed++
		}
		if a, b := steady.Accepts(block...), frail.Accepts(block...); a != b {
			t.Fatalf("block %d: one twin accepts it, the other does not", steady.Height+1)
		}
		a, b := steady.Finalize(block...), frail.Finalize(block...)
		if !bytes.Equal(a.AppHash, b.AppHash) || !reflect.DeepEqual(a, b) {
			t.Fatalf("block %d: results differ:\n%v\n%v", steady.Height, a, b)
		}
		for _, r := range a.TxResults {
			executed++
			if r.Code != 0 {
				failed++
			}
		}
		if x, y := steady.Dump("r"), frail.Dump("r"); !reflect.DeepEqual(x, y) {
			t.Fatalf("block %d: entries, txs or indexes differ", steady.Height)
		}
		if x, y := steady.Dump("v"), frail.Dump("v"); !reflect.DeepEqual(x, y) {
			t.Fatalf("block %d: leaves differ", steady.Height)
		}
		tr.settle()
	}
	for key, value := range steady.Dump("r") {
		if key[1] == 'e' {
			var e contract.Entry
			steady.OK(contract.Decode([]byte(value), &e))
			kinds[e.Kind]++
		}
	}
	for _, kind := range []contract.Kind{contract.KindRecall, contract.KindSettle, contract.KindAsk,
		contract.KindTighten, contract.KindWarp} {
		if kinds[kind] == 0 {
			t.Errorf("no entry of a %s", kind)
		}
	}
	if failed == 0 || failed == executed || killed == 0 {
		t.Errorf("%d txs, %d of them failed, %d kills: the blocks show too little", executed, failed, killed)
	}
	t.Logf("%d blocks, %d txs, %d of them failed, %d kills", steady.Height, executed, failed, killed)

	// A third twin gets all the blocks at once, as a node that joins late.
	late := newChainWith(t, Options{Store: store.Options{CacheSize: 50, KeepVersions: 1}, TxCache: 1, LeafCache: 1},
		genesis)
	for _, req := range steady.Blocks {
		late.Now = req.Time
		late.Finalize(req.Txs...)
	}
	if !bytes.Equal(late.app.store.Hash(), steady.app.store.Hash()) {
		t.Error("a node that replays the blocks holds another state")
	}
}

// killBeforeCommit executes a block and loses it.
func (c *chain) killBeforeCommit(txs [][]byte) {
	c.T.Helper()
	_, err := c.app.FinalizeBlock(context.Background(), c.Request(txs))
	c.OK(err)
	c.Restart(0)
}
