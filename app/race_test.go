package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	ics23 "github.com/cosmos/ics23/go"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// Readers and the mempool may do what they like while blocks are executed and
// committed and old versions pruned: each sees one block's state, whole. Run
// it under -race.
func TestQueriesDuringCommits(t *testing.T) {
	blocks := 60
	if testing.Short() {
		blocks = 20
	}
	c := newChainWith(t, Options{Store: store.Options{CacheSize: 200, KeepVersions: 3},
		Signatures: NewSignatureCache(64)}, testGenesis(contract.DefaultParams(), trafficNames...))
	tr := newTraffic(c, 1)
	w := &watcher{app: c.app}
	w.record(nil)
	var done atomic.Bool
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := i; !done.Load(); n++ {
				if err := w.look(n); err != nil {
					w.fail(err)
					return
				}
				time.Sleep(time.Millisecond) // leave the writer its share of the machine
			}
		})
	}
	few := func() bool { return w.proofs.Load() == 0 || w.answers.Load() < 50 }
	made := 0
	for ; made < blocks || few() && made < 20*blocks; made++ { // one processor lets readers in now and then
		block := tr.step(6, false)
		w.offer(block)
		root := c.Finalize(block...).AppHash
		w.record(root)
		tr.settle()
	}
	done.Store(true)
	readers.Wait()
	for _, err := range w.errs {
		t.Error(err)
	}
	t.Logf("%d blocks, %d answers, %d of them about pruned heights, %d proofs verified", made, w.answers.Load(),
		w.pruned.Load(), w.proofs.Load())
	if few() {
		t.Error("too few queries ran beside the blocks")
	}
}

// watcher asks an app all it can be asked.
type watcher struct {
	app                     *App
	answers, pruned, proofs atomic.Int64

	mu    sync.Mutex
	roots [][]byte // by height
	wires [][]byte // recent txs
	errs  []error
}

func (w *watcher) record(root []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roots = append(w.roots, root)
}

func (w *watcher) offer(wires [][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wires = append(w.wires, wires...)
}

func (w *watcher) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
}

// recent is the newest height known to the test, its root and that of the n-th
// before, and one of the txs.
func (w *watcher) recent(n int) (height int64, root, wire []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	height = max(0, int64(len(w.roots)-1-n%6))
	if len(w.wires) > 0 {
		wire = w.wires[len(w.wires)-1-n%min(len(w.wires), 20)]
	}
	return height, w.roots[height], wire
}

func (w *watcher) look(n int) error {
	height, root, wire := w.recent(n)
	alice := addr("alice")
	switch n % 8 {
	case 0, 1:
		if height == 0 {
			return nil
		}
		key := contract.AccountKey(alice)
		if n%8 == 1 {
			key = contract.PacketKey(contract.PacketID{byte(n)})
		}
		return w.prove(key, height, root)
	case 2:
		_, err := w.ask(query.Entries, contract.Encode(query.EntriesRequest{Leaf: contract.AccountKey(alice),
			From: uint64(n % 50), Limit: 20}))
		return err
	case 3:
		_, err := w.ask(query.Packets, contract.Encode(query.PacketsRequest{Account: alice,
			Role: query.Sent, Limit: 5}))
		return err
	case 4:
		res, err := w.ask(query.Summary, nil)
		if err != nil {
			return err
		}
		var totals query.Totals
		if err := contract.Decode(res.Value, &totals); err != nil {
			return err
		}
		if !totals.Supply.Holds() {
			return fmt.Errorf("height %d: supply %+v", res.Height, totals.Supply)
		}
	case 5:
		if wire != nil {
			_, err := w.ask(query.Simulate, wire)
			return err
		}
	case 6:
		if wire != nil {
			_, err := w.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire})
			return err
		}
	case 7:
		_, err := w.ask(query.Leaf, contract.SupplyKey)
		return err
	}
	return nil
}

func (w *watcher) ask(path string, data []byte) (*abci.ResponseQuery, error) {
	res, err := w.app.Query(context.Background(), &abci.RequestQuery{Path: path, Data: data})
	w.answers.Add(1)
	if err == nil && res.Code != 0 {
		err = errors.New(path + ": " + res.Log)
	}
	return res, err
}

// prove asks for a leaf as of a height and verifies the answer.
func (w *watcher) prove(key []byte, height int64, root []byte) error {
	res, err := w.app.Query(context.Background(), &abci.RequestQuery{Path: query.Leaf, Data: key,
		Height: height, Prove: true})
	w.answers.Add(1)
	if err != nil {
		return err
	}
	if res.Code != 0 {
		if strings.Contains(res.Log, store.ErrPruned.Error()) {
			w.pruned.Add(1)
			return nil
		}
		return fmt.Errorf("proof at %d: %s", height, res.Log)
	}
	var proof ics23.CommitmentProof
	if err := proof.Unmarshal(res.ProofOps.Ops[0].Data); err != nil {
		return err
	}
	ok := ics23.VerifyNonMembership(ics23.IavlSpec, root, &proof, key)
	if len(res.Value) > 0 {
		ok = ics23.VerifyMembership(ics23.IavlSpec, root, &proof, key, res.Value)
	}
	if !ok || res.Height != height {
		return fmt.Errorf("proof at %d of %x: does not verify", height, key)
	}
	w.proofs.Add(1)
	return nil
}
