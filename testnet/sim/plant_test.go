package sim

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// plant is a bug put into a run on purpose, to see that a checker notices it. It
// stands between the product's own parts: before the application, or under its
// database. Nil is none.
type plant struct {
	desc    string
	letters string // of the checkers, any of which may notice it
	seed    uint64 // under which it is noticed
	faults  string // without which it does not show: kills, cuts, liar; or "none" at all

	top       func(node int, a abci.Application) abci.Application
	bend      func(node int) func(change) change
	torn      bool // on node 1 a sync is half a sync
	unchecked bool // no node checks who proposes
	unpulsed  bool // no node looks whether its peers are there
	unsettled bool // no node looks at its start which evidence blocks hold
	frames    bool // evidence names a validator that did nothing
}

func (p *plant) name() string {
	if p == nil {
		return ""
	}
	return p.desc
}

func (p *plant) app(node int, a abci.Application) abci.Application {
	if p == nil || p.top == nil {
		return a
	}
	return p.top(node, a)
}

func (p *plant) disk(node int, d *disk) {
	if p == nil {
		return
	}
	if p.bend != nil {
		d.bend = p.bend(node)
	}
	d.torn = p.torn && node == 0
}

// plan adds what the bug needs to show.
func (p *plant) plan(to *plan) {
	if p.still() {
		*to = plan{}
	} else if p != nil {
		to.kills = to.kills || p.faults == "kills"
		to.cuts = to.cuts || p.faults == "cuts"
		to.liar = to.liar || p.faults == "liar"
	}
}

// still reports whether the bug shows only where nothing goes wrong.
func (p *plant) still() bool { return p != nil && p.faults == "none" }

func (p *plant) settles() bool { return p == nil || !p.unsettled }

func (p *plant) careless() bool { return p != nil && p.unchecked }

// onEvery is a bend that is the same on each node, so that all agree.
func onEvery(bend func(change) change) func(int) func(change) change {
	return func(int) func(change) change { return bend }
}

// accounts bends the leaf of an account as it is written.
func accounts(bend func(*contract.Account)) func(int) func(change) change {
	return onEvery(func(c change) change {
		if !bytes.HasPrefix(c.key, []byte("va/")) {
			return c
		}
		var a contract.Account
		check(contract.Decode(c.value, &a))
		bend(&a)
		return change{c.key, contract.Encode(a)}
	})
}

// packets bends the leaf of a packet.
func packets(bend func(*contract.Packet)) func(int) func(change) change {
	return onEvery(func(c change) change {
		if !bytes.HasPrefix(c.key, []byte("vp/")) {
			return c
		}
		p := contract.Packet{ID: contract.PacketID(c.key[3:])}
		check(contract.Decode(c.value, &p))
		bend(&p)
		return change{c.key, contract.Encode(p)}
	})
}

// shares bends the leaf of a large packet's share; false drops it.
func shares(bend func(*contract.ShareLeaf) bool) func(int) func(change) change {
	return onEvery(func(c change) change {
		if !bytes.HasPrefix(c.key, []byte("vs/")) {
			return c
		}
		var leaf contract.ShareLeaf
		check(contract.Decode(c.value, &leaf))
		if !bend(&leaf) {
			return change{c.key, nil}
		}
		return change{c.key, contract.Encode(leaf)}
	})
}

// settling moves when a large packet's held shares settle: in their leaves and in the
// due queue. It leaves lucky ones as they are, which are held only when they are drawn.
func settling(by time.Duration) func(int) func(change) change {
	large := map[contract.PacketID]bool{}
	note := packets(func(p *contract.Packet) { large[p.ID] = p.Tally != nil && p.Terms.Split != contract.Lucky })(0)
	leaf := shares(func(s *contract.ShareLeaf) bool {
		if s.History.Count == 1 && s.Share.State == contract.Held {
			s.Share.ClaimedAt += contract.Time(by)
			s.Settles += contract.Time(by)
		}
		return true
	})(0)
	return onEvery(func(c change) change {
		isShare := bytes.HasPrefix(c.key, []byte("rd")) && binary.BigEndian.Uint32(c.key[len(c.key)-4:]) != 0
		if isShare && large[contract.PacketID(c.key[10:42])] {
			return change{dueLater(c.key, by), c.value}
		}
		return leaf(note(c))
	})
}

// dueLater is a due queue's key with its date moved.
func dueLater(key []byte, by time.Duration) []byte {
	key = bytes.Clone(key)
	binary.BigEndian.PutUint64(key[2:], binary.BigEndian.Uint64(key[2:])+uint64(by))
	return key
}

// expiry moves when packets expire: in their leaves and in the due queue.
func expiry(by time.Duration) func(int) func(change) change {
	leaf := packets(func(p *contract.Packet) {
		if p.History.Count == 1 {
			p.Expires += contract.Time(by)
		}
	})(0)
	return onEvery(func(c change) change {
		if bytes.HasPrefix(c.key, []byte("rd")) && binary.BigEndian.Uint32(c.key[len(c.key)-4:]) == 0 {
			return change{dueLater(c.key, by), c.value}
		}
		return leaf(c)
	})
}

// records drops some of the records under a letter.
func records(letter byte, drop func(node int, key []byte) bool) func(int) func(change) change {
	return func(node int) func(change) change {
		return func(c change) change {
			if bytes.HasPrefix(c.key, []byte{'r', letter}) && drop(node, c.key[2:]) {
				return change{c.key, nil}
			}
			return c
		}
	}
}

// between stands before an application and changes some of its calls.
type between struct {
	abci.Application
	node     int
	finalize func(*abci.RequestFinalizeBlock, *abci.ResponseFinalizeBlock) error
	date     func(*abci.RequestFinalizeBlock)
	judge    func(*abci.RequestProcessProposal) *abci.ResponseProcessProposal
	prepare  func(*abci.RequestPrepareProposal, *abci.ResponsePrepareProposal) error
	take     func(*abci.RequestCheckTx) *abci.ResponseCheckTx
	answer   func(*abci.RequestQuery, *abci.ResponseQuery)
}

func before(edit func(b *between)) func(int, abci.Application) abci.Application {
	return func(node int, a abci.Application) abci.Application {
		b := &between{Application: a, node: node}
		edit(b)
		return b
	}
}

func (b *between) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	if b.date != nil {
		own := *req
		req = &own
		b.date(req)
	}
	res, err := b.Application.FinalizeBlock(ctx, req)
	if err == nil && b.finalize != nil {
		err = b.finalize(req, res)
	}
	return res, err
}

func (b *between) ProcessProposal(ctx context.Context, req *abci.RequestProcessProposal) (
	*abci.ResponseProcessProposal, error) {
	if b.judge != nil {
		if res := b.judge(req); res != nil {
			return res, nil
		}
	}
	return b.Application.ProcessProposal(ctx, req)
}

func (b *between) PrepareProposal(ctx context.Context, req *abci.RequestPrepareProposal) (
	*abci.ResponsePrepareProposal, error) {
	res, err := b.Application.PrepareProposal(ctx, req)
	if err == nil && b.prepare != nil {
		err = b.prepare(req, res)
	}
	return res, err
}

func (b *between) CheckTx(ctx context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if b.take != nil {
		if res := b.take(req); res != nil {
			return res, nil
		}
	}
	return b.Application.CheckTx(ctx, req)
}

func (b *between) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	res, err := b.Application.Query(ctx, req)
	if err == nil && b.answer != nil {
		b.answer(req, res)
	}
	return res, err
}

var errPlanted = errors.New("planted")

// staleNonces is a mempool that never hears of blocks: of nonces it knows what
// it took itself.
func staleNonces(b *between) {
	next := map[contract.Address]uint64{}
	b.take = func(req *abci.RequestCheckTx) *abci.ResponseCheckTx {
		tx, err := contract.DecodeTx(req.Tx)
		if err != nil || req.Type == abci.CheckTxType_Recheck {
			return nil
		}
		if n, known := next[tx.Account]; known && tx.Nonce != n {
			return &abci.ResponseCheckTx{Code: uint32(contract.CodeWrongNonce)}
		}
		next[tx.Account] = tx.Nonce + 1
		return nil
	}
}

// oldAnswers has a node answer what an account was twenty questions ago, as if
// it were so now.
func oldAnswers(b *between) {
	past := map[string][][]byte{}
	b.answer = func(req *abci.RequestQuery, res *abci.ResponseQuery) {
		if req.Path != query.Leaf || req.Prove || b.node > 1 || len(res.Value) == 0 {
			return
		}
		list := append(past[string(req.Data)], res.Value)
		past[string(req.Data)] = list
		if len(list) > 20 {
			res.Value = list[len(list)-20]
		}
	}
}
