package sim

import (
	"context"
	"sync/atomic"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app"
	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// recorder stands before a node's application and writes down which blocks it
// executed, and to what.
type recorder struct {
	abci.Application
	*trace
	node, run int
	now       func() time.Time
	details   func(*block) // adds what the driver knows of a new block
	syncing   func() bool  // whether blocks come by block sync; nil: they do not
	executed  *executed    // not yet committed
	gone      *atomic.Bool // whether the process is dead, and what it does is of no account; nil: it is not
}

// openApp starts the product's application over a node's disk. Nodes differ in how
// much of the past they keep, as operators choose: two prune with each block, and
// two have nothing to prune within a run.
func openApp(w *world, d *disk, node int, now func() time.Time) (*app.App, error) {
	keep := int64(200)
	if node%2 == 1 {
		keep = 1_000_000
	}
	return app.New(d, app.Options{VRFKey: w.vrf[node], Now: now, Signatures: w.verified[node],
		Store: store.Options{CacheSize: 1000, KeepVersions: keep}})
}

func (r *recorder) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	res, err := r.Application.FinalizeBlock(ctx, req)
	if r.isGone() {
		return res, err
	}
	if err != nil {
		r.alarm(r.now(), r.node, "FinalizeBlock: "+err.Error())
		return nil, err
	}
	r.executed = &executed{Node: r.node, Run: r.run, Height: req.Height, Hash: contract.Hash(req.Hash),
		AppHash: contract.Hash(res.AppHash), At: contract.TimeOf(r.now()), Synced: r.syncing != nil && r.syncing()}
	for _, tx := range res.TxResults {
		r.executed.Codes = append(r.executed.Codes, contract.Code(tx.Code))
	}
	defer r.lock()()
	if int64(len(r.Blocks)) >= req.Height {
		return res, nil
	}
	b := block{Height: req.Height, Time: contract.TimeOf(req.Time), At: r.executed.At, Hash: r.executed.Hash,
		Proposer: req.ProposerAddress, Txs: req.Txs}
	for _, m := range req.Misbehavior {
		b.Accused = append(b.Accused, m.Validator.Address)
	}
	if r.details != nil {
		r.details(&b)
	}
	r.Blocks = append(r.Blocks, b)
	return res, nil
}

func (r *recorder) isGone() bool { return r.gone != nil && r.gone.Load() }

// Commit notes the executed block once the application has it.
func (r *recorder) Commit(ctx context.Context, req *abci.RequestCommit) (*abci.ResponseCommit, error) {
	res, err := r.Application.Commit(ctx, req)
	if err != nil || r.isGone() {
		return res, err
	}
	defer r.lock()()
	e := r.executed
	e.At = contract.TimeOf(r.now())
	r.Executed = append(r.Executed, *e)
	if b := &r.Blocks[e.Height-1]; b.Supply.Total == 0 {
		var totals query.Totals
		answer, err := r.Application.Query(ctx, &abci.RequestQuery{Path: query.Summary})
		check(err)
		check(contract.Decode(answer.Value, &totals))
		b.Supply = totals.Supply
	}
	return res, nil
}
