package app

import (
	"context"
	"errors"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

// maxProposalLag is how far this node's clock may be past a proposal's time
// for it to put txs in. A block's time is the median of the previous block's
// votes, so after a pause the next block is dated at the pause's beginning,
// and every window would seem longer than it is. An empty block goes first
// then, and the one after it has a fresh time.
const maxProposalLag = 5 * time.Second

// CheckTx judges a tx for the mempool: the envelope, and the first claim of an
// account without a leaf. What a message then does is the block's business.
func (a *App) CheckTx(_ context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	err := a.checkTx(req.Tx)
	if errors.Is(err, contract.ErrState) {
		return nil, err
	}
	return &abci.ResponseCheckTx{Code: uint32(contract.CodeOf(err)), Log: message(err), Info: retryAt(err), GasWanted: 1}, nil
}

func (a *App) checkTx(wire []byte) error {
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return err
	}
	check, unlock, err := a.lockCheck()
	if err != nil {
		return err
	}
	defer unlock()
	return check.Admit(tx)
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
				var adm *contract.Admission
				adm, err = contract.NewMempoolAdmission(a.state(), a.nextEnv())
				a.check = &mempool{Admission: adm}
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

// PrepareProposal fills a block from the mempool, leaving out what the block's
// own rules would refuse.
func (a *App) PrepareProposal(_ context.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	res := &abci.ResponsePrepareProposal{}
	if a.now().Sub(req.Time) > maxProposalLag {
		return res, nil
	}
	admission, err := contract.NewAdmission(a.state(), a.env(req.Height, req.Time))
	if err != nil {
		return nil, err
	}
	size := int64(0)
	for _, wire := range req.Txs {
		framed := cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{wire})
		if size+framed > req.MaxTxBytes {
			break
		}
		_, err := admit(admission, wire)
		if contract.CodeOf(err) == contract.CodeBlockFull {
			break
		}
		if err == nil {
			res.Txs = append(res.Txs, wire)
			size += framed
		}
	}
	return res, admission.Err()
}

// ProcessProposal accepts a block exactly when every tx in it is admitted in
// turn. It depends on the block and the committed state alone.
func (a *App) ProcessProposal(_ context.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	admission, err := contract.NewAdmission(a.state(), a.env(req.Height, req.Time))
	if err != nil {
		return nil, err
	}
	verdict := abci.ResponseProcessProposal_ACCEPT
	for _, wire := range req.Txs {
		if _, err := admit(admission, wire); err != nil {
			verdict = abci.ResponseProcessProposal_REJECT
			break
		}
	}
	return &abci.ResponseProcessProposal{Status: verdict}, admission.Err()
}

// admit adds a wire tx to a block or a mempool, or says why not.
func admit(admission *contract.Admission, wire []byte) (*contract.Tx, error) {
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return nil, err
	}
	return tx, admission.Admit(tx)
}

// retryAt is when a refused thing may succeed, in RFC 3339, or empty.
func retryAt(err error) string {
	var e *contract.Error
	if errors.As(err, &e) && e.RetryAt > 0 {
		return e.RetryAt.String()
	}
	return ""
}
