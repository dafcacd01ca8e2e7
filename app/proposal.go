package app

import (
	"context"
	"errors"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

// Bounds on a proposal.
const (
	// proposalTime is how long a proposer fills a block. The others wait
	// timeout_propose (node.DefaultConfig: 500 ms) for it, and it has to reach them.
	proposalTime = 150 * time.Millisecond
	// sureTxs may stand in a block however late or slow its proposer is. Were
	// there none, whatever makes proposers slow would stop every payment.
	sureTxs = 100
	// maxProposalLag is how far this node's clock may be past a proposal's time
	// for it to be filled. A block's time is the median of the votes for the block
	// before, so that after a pause a block is dated at the pause's beginning, and
	// every window would seem longer than it is.
	maxProposalLag = 5 * time.Second
	// maxSlowLag is how far it may be for sureTxs, see [App.mostTxs]: half of a
	// tx's longest life, after which a tx signed now would be dated too early to
	// be admitted.
	maxSlowLag = time.Duration(contract.MaxValidFor) * time.Second / 2
)

// CheckTx judges a tx for the mempool: the envelope, and the first claim of an
// account without a leaf. What a message then does is the block's business.
func (a *App) CheckTx(_ context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	err := a.checkTx(req.Tx)
	if errors.Is(err, contract.ErrState) {
		return nil, err
	}
	return &abci.ResponseCheckTx{
		Code: uint32(contract.CodeOf(err)), Log: message(err), Info: retryAt(err), GasWanted: 1,
	}, nil
}

func (a *App) checkTx(wire []byte) error {
	tx, err := a.txs.read(wire)
	if err != nil {
		return err
	}
	check, unlock, err := a.lockCheck()
	if err != nil {
		return err
	}
	defer unlock()
	place, err := check.room.find(check.Mempool, tx, check.now)
	if err != nil {
		return err
	}
	if err := a.txs.admit(check, tx); err != nil {
		return err
	}
	check.room.take(tx, place)
	return nil
}

// lockCheck is the mempool's state over the newest committed one, made afresh
// after each Commit, locked together with the committed state it reads.
func (a *App) lockCheck() (check *mempool, unlock func(), err error) {
	for {
		a.mu.RLock()
		if check := a.check; check != nil {
			check.Lock()
			return check, func() { check.Unlock(); a.mu.RUnlock() }, nil
		}
		a.mu.RUnlock()

		a.mu.Lock()
		if a.check == nil {
			if a.chain == "" {
				err = contract.Errorf(contract.CodeWrongChain, "chain: not started yet")
			} else {
				a.check, err = a.newMempool()
			}
			if err != nil {
				a.check = nil
				a.mu.Unlock()
				return nil, nil, err
			}
		}
		a.mu.Unlock()
	}
}

func (a *App) newMempool() (*mempool, error) {
	env, err := a.nextEnv()
	if err != nil {
		return nil, err
	}
	pool, err := contract.NewMempool(a.state(), env)
	return &mempool{Mempool: pool, room: newRoom(a.waited), now: env.Time}, err
}

// proposed is an empty block of a height and a date.
func (a *App) proposed(height int64, t time.Time) (*contract.Block, error) {
	if err := a.checkRules(); err != nil {
		return nil, err
	}
	env, err := a.env(height, contract.TimeOf(t))
	if err != nil {
		return nil, err
	}
	return contract.NewBlock(a.state(), env)
}

// PrepareProposal fills a block from the mempool, leaving out what the block's
// own rules would refuse. A block that owes draws begins with its beacon.
//
// How much it takes depends on this node's clock, which is read nowhere else.
func (a *App) PrepareProposal(
	_ context.Context, req *abci.RequestPrepareProposal,
) (*abci.ResponsePrepareProposal, error) {
	begin := a.now()
	res := &abci.ResponsePrepareProposal{}
	block, err := a.proposed(req.Height, req.Time)
	if err != nil {
		return nil, err
	}
	if owed := block.Owed(); owed.Height != 0 {
		if a.vrf == nil {
			return nil, errors.New("app: the next block owes draws, and this node has no VRF key to prove them with")
		}
		res.Txs = append(res.Txs, contract.ProveBeacon(a.vrf, a.chain, &owed))
	}
	room := req.MaxTxBytes - cmttypes.ComputeProtoSizeForTxs(cmttypes.ToTxs(res.Txs))
	most := a.mostTxs(begin, req.Time, len(req.Txs))
	pace, urgent, preludes := a.pace.until(req.Time), laneSize[pressing].bytes, maxPreludes
	var chosen []waiting
	for _, w := range a.ordered(req.Txs) {
		late := len(chosen) >= sureTxs && a.now().Sub(begin) > proposalTime
		if len(chosen) == most || late || block.Full() {
			break
		}
		left := pace.of(w.size)
		switch {
		case w.lane == pressing && w.pressed:
			left = &urgent
		case w.pressed:
			left = &preludes
		}
		if w.size > *left {
			continue
		}
		framed := cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{w.wire})
		if framed > room {
			continue // a smaller one behind it may fit
		}
		if a.txs.admit(block, w.tx) == nil {
			chosen = append(chosen, w)
			room -= framed
			*left -= w.size
		}
	}
	res.Txs = append(res.Txs, inPoolOrder(chosen)...)
	return res, block.Err()
}

// mostTxs is how many of the txs at hand a proposal of a block dated at may
// hold at now: all while its date is fresh, none after a pause. An empty block
// goes first then, and the one after it has a fresh date.
//
// On a chain where every block takes long, no block would ever have one. There
// the block before took long too: it was decided at the date of this one, so
// that what lies between their dates is how long it took. A proposal no later
// than twice that is not what follows a pause, and takes sureTxs.
func (a *App) mostTxs(now, at time.Time, all int) int {
	var before time.Duration
	if a.store.Height() > 0 {
		before = at.Sub(time.Unix(0, a.store.Time()))
	}
	switch lag := now.Sub(at); {
	case lag <= maxProposalLag:
		return all
	case lag <= 2*min(before, maxSlowLag/2):
		return min(all, sureTxs)
	}
	return 0
}

// ProcessProposal accepts a block exactly when it begins with the beacon it
// owes, if any, and every tx in it is admitted in turn. It depends on the block
// and the committed state alone.
func (a *App) ProcessProposal(
	_ context.Context, req *abci.RequestProcessProposal,
) (*abci.ResponseProcessProposal, error) {
	block, err := a.proposed(req.Height, req.Time)
	if err != nil {
		return nil, err
	}
	verdict := abci.ResponseProcessProposal_ACCEPT
	if a.judge(block, req.Txs, req.ProposerAddress) != nil {
		verdict = abci.ResponseProcessProposal_REJECT
	}
	return &abci.ResponseProcessProposal{Status: verdict}, block.Err()
}

// judge refuses a block that owes draws and does not begin with its proposer's
// proof, or that holds anything else but txs with a place in it.
func (a *App) judge(block *contract.Block, txs [][]byte, proposer []byte) error {
	if block.Owed().Height != 0 {
		if err := block.CheckBeacon(firstItem(txs), proposer); err != nil {
			return err
		}
		txs = txs[1:]
	}
	for _, wire := range txs {
		if _, err := a.admit(block, wire); err != nil {
			return err
		}
	}
	return nil
}

// firstItem is what a block begins with: a beacon when it owes draws. It is nil
// in an empty block.
func firstItem(txs [][]byte) []byte {
	if len(txs) == 0 {
		return nil
	}
	return txs[0]
}

// retryAt is when a refused thing may succeed, in RFC 3339, or empty.
func retryAt(err error) string {
	var e *contract.Error
	if errors.As(err, &e) && e.RetryAt > 0 {
		return e.RetryAt.String()
	}
	return ""
}
