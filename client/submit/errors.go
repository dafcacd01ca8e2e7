package submit

import (
	"errors"
	"fmt"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Refused is the error of a tx that did not happen and never will. Nothing
// changed. It wraps a contract.Error with its code.
type Refused struct {
	Code    contract.Code
	Msg     string
	RetryAt contract.Time  // when the same may succeed; 0: waiting is no help
	Tx      *contract.Hash // nil: nothing was signed
}

func (e *Refused) Error() string { return e.Msg }
func (e *Refused) Unwrap() error {
	return &contract.Error{Code: e.Code, Msg: e.Msg, RetryAt: e.RetryAt}
}

// Failed is the error of a tx that stands in a block and did nothing there. It
// wraps a contract.Error with its code.
type Failed struct {
	Code   contract.Code
	Msg    string
	Tx     contract.Hash
	Height int64 // of the block; 0 where the trust file bears out the failure and not the place
}

func (e *Failed) Error() string { return e.Msg }
func (e *Failed) Unwrap() error { return &contract.Error{Code: e.Code, Msg: e.Msg} }

// Unknown is the error of a tx that may still happen, or that happened and whose effect
// could not be read. It happens once or never: follow it with
// [Submitter.Follow], and do not make it anew. It wraps Why.
type Unknown struct {
	Tx         contract.Hash
	ValidUntil contract.Time // block time at which it can no longer happen; 0: not known here
	Height     int64         // of the block in which it stands; 0: of none yet
	Why        error         // what is known: a node's refusal, or what is wrong with its answers
}

func (e *Unknown) Error() string {
	if e.Height != 0 {
		return fmt.Sprintf("the transaction stands in block %d; what it did could not be read: %v", e.Height, e.Why)
	}
	text := "outcome unknown: the transaction may still happen"
	if e.ValidUntil != 0 {
		text += fmt.Sprintf(", until %s of block time", e.ValidUntil)
	}
	return text
}

func (e *Unknown) Unwrap() error { return e.Why }

// Unread is the error of a tx that stands in a block, after which what it did
// could not be read: it must not look like one that did nothing. Of an outcome
// without a block, and of no error, it is err.
func (o *Outcome) Unread(err error) error {
	if err == nil || o.Record == nil {
		return err
	}
	return &Unknown{Tx: o.Hash, ValidUntil: o.Tx.ValidUntil, Height: o.Record.Height, Why: err}
}

// PreviousPending is the error of an account whose previous tx may still happen.
type PreviousPending struct {
	Account    string // what the wallet calls it
	Tx         contract.Hash
	ValidUntil contract.Time // block time
}

func (e *PreviousPending) Error() string {
	return fmt.Sprintf("%s: its previous transaction may still happen, until %s", e.Account, e.ValidUntil)
}

// NotSent is the error of a signed tx of which nothing left this process.
type NotSent struct {
	Tx  contract.Hash
	Err error
}

func (e *NotSent) Error() string { return e.Err.Error() }
func (e *NotSent) Unwrap() error { return e.Err }

// settledError is the error of a tx that never happens: why is rpc.ErrNever,
// with the node's refusal if there was one.
func settledError(p *wallet.Pending, why error) *Refused {
	e := &Refused{Code: contract.CodeTxExpired, Tx: &p.Tx,
		Msg: "transaction: did not get into a block in time, and never will"}
	var refused *rpc.Error
	if errors.As(why, &refused) && refused.Kind == rpc.Refused {
		e.Code, e.Msg = refused.Code, refused.Msg
	}
	return e
}

// UnprovenError says that a node names the block of a tx, and does not prove that
// the tx stands there.
type UnprovenError struct {
	Node   string // its URL
	Height int64  // of the block that it names
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("node %s: says that the transaction stands in block %d, and proves nothing of it",
		e.Node, e.Height)
}
