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
	frail := newChainWith(t, Options{Store: store.Options{CacheSize: 4, KeepVersions: 2}, SignatureCache: 1,
		TxCache: 2000, LeafCache: 3000}, genesis)
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
			steady.checkTx(wire)
		}
		frail.now = steady.now
		switch tr.rng.IntN(6) {
		case 0:
			frail.restart()
			frail.initIfNew(genesis)
		case 1:
			frail.killBeforeCommit(genesis, block)
			killed++
		}
		if a, b := steady.accepts(block...), frail.accepts(block...); a != b {
			t.Fatalf("block %d: one twin accepts it, the other does not", steady.height+1)
		}
		a, b := steady.finalize(block...), frail.finalize(block...)
		if !bytes.Equal(a.AppHash, b.AppHash) || !reflect.DeepEqual(a, b) {
			t.Fatalf("block %d: results differ:\n%v\n%v", steady.height, a, b)
		}
		for _, r := range a.TxResults {
			executed++
			if r.Code != 0 {
				failed++
			}
		}
		if x, y := steady.dump("r"), frail.dump("r"); !reflect.DeepEqual(x, y) {
			t.Fatalf("block %d: entries, txs or indexes differ", steady.height)
		}
		if x, y := steady.dump("v"), frail.dump("v"); !reflect.DeepEqual(x, y) {
			t.Fatalf("block %d: leaves differ", steady.height)
		}
		tr.settle()
	}
	for key, value := range steady.dump("r") {
		if key[1] == 'e' {
			var e contract.Entry
			steady.ok(contract.Decode([]byte(value), &e))
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
	t.Logf("%d blocks, %d txs, %d of them failed, %d kills", steady.height, executed, failed, killed)

	// A third twin gets all the blocks at once, as a node that joins late.
	late := newChainWith(t, Options{Store: store.Options{CacheSize: 50, KeepVersions: 1}, TxCache: 1, LeafCache: 1},
		genesis)
	for _, req := range steady.blocks {
		late.now = req.Time
		late.finalize(req.Txs...)
	}
	if !bytes.Equal(late.app.store.Hash(), steady.app.store.Hash()) {
		t.Error("a node that replays the blocks holds another state")
	}
}

// initIfNew begins the chain again with an app that has no block yet.
func (c *chain) initIfNew(g contract.Genesis) {
	if c.height == 0 {
		c.initChain(g)
	}
}

// killBeforeCommit executes a block and loses it.
func (c *chain) killBeforeCommit(g contract.Genesis, txs [][]byte) {
	c.t.Helper()
	_, err := c.app.FinalizeBlock(context.Background(), c.request(txs))
	c.ok(err)
	c.restart()
	c.initIfNew(g)
}

// dump is every key of the database under a prefix.
func (c *chain) dump(prefix string) map[string]string {
	c.t.Helper()
	all := map[string]string{}
	it, err := c.db.Iterator([]byte(prefix), []byte{prefix[0] + 1})
	c.ok(err)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		all[string(it.Key())] = string(it.Value())
	}
	return all
}
