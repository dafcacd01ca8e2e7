package submit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hongbao/app/query"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Mode is how far a tx goes.
type Mode int

const (
	Sign     Mode = iota // it is signed and handed out
	DryRun               // it is simulated, and no more
	Unsigned             // it is made for another home to sign, within contract.MaxValidFor
)

// Submitter submits txs to one node. Its fields are set before its first use;
// after that it may be used from several goroutines.
type Submitter struct {
	State *evidence.Gatherer // the node; with a trust file, how a tx ended is proven
	Wait  time.Duration      // for the outcome; 0: not at all
	Mode  Mode

	// Waiting hears that another process holds the account's nonce, which can
	// take as long as a person types a passphrase; nil: it is not told.
	Waiting func(*wallet.Account)
	// Sent hears of a signed tx, just before its bytes leave; nil: it is not told.
	Sent func(tx contract.Hash)
}

// Hooks are what a caller does on the way of one tx. Each may be nil, and an
// error of one ends it.
type Hooks struct {
	// Review shows what will be signed, once the node has said what it would do
	// and before the key is asked for. now is the newest block's time.
	Review func(tx *contract.Tx, now contract.Time) error
	// Keep writes down what must not be lost, just before the bytes leave.
	Keep func(tx *contract.Tx) error
}

// Outcome is how far a tx came.
type Outcome struct {
	Tx      *contract.Tx
	Hash    contract.Hash    // zero where Tx is not signed
	Entries []contract.Entry // what the simulation would write
	Sent    bool             // its bytes left
	// Record is the block's; nil where nothing was sent, or Wait is 0. With a
	// trust file that of a failed tx has no height: see Failed.
	Record *query.TxRecord
}

// Height is that of the tx's block; 0 while it is not known.
func (o *Outcome) Height() int64 {
	if o.Record == nil {
		return 0
	}
	return o.Record.Height
}

// Time is the block's; 0 while it is not known.
func (o *Outcome) Time() contract.Time {
	if o.Record == nil {
		return 0
	}
	return o.Record.Time
}

// Submit makes a tx of m in account's name, with its next nonce, and takes it as
// far as the mode says.
func (s *Submitter) Submit(
	ctx context.Context, account *wallet.Account, m contract.Message, h Hooks,
) (*Outcome, error) {
	unlock, err := s.lock(ctx, account)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := s.settlePrevious(ctx, account); err != nil {
		return nil, err
	}
	at, err := s.read(ctx, account.Address)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Tx: account.Draft(s.State.Chain, at.nonce, at.Time, wallet.ValidFor, m)}
	if o.Entries, err = s.simulate(ctx, o.Tx); err != nil || s.Mode == DryRun {
		return o, err
	}
	if h.Review != nil {
		if err := h.Review(o.Tx, at.Time); err != nil {
			return nil, err
		}
	}
	if s.Mode == Unsigned {
		o.Tx = account.Draft(s.State.Chain, at.nonce, at.Time, contract.MaxValidFor, m)
	} else if at, err = s.sign(ctx, account, o.Tx); err != nil {
		return nil, err
	}
	if h.Keep != nil {
		if err := h.Keep(o.Tx); err != nil {
			return nil, err
		}
	}
	if s.Mode == Unsigned {
		return o, nil
	}
	return o, s.offer(ctx, account, o, at)
}

// lockPatience is how long another process may hold the account before Waiting
// is called.
const lockPatience = 2 * time.Second

// lock gives this process the account's nonce, unless nothing will be signed.
func (s *Submitter) lock(ctx context.Context, account *wallet.Account) (unlock func(), err error) {
	if s.Mode != Sign {
		return func() {}, nil
	}
	brief, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	unlock, err = account.Lock(brief)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		if s.Waiting != nil {
			s.Waiting(account)
		}
		unlock, err = account.Lock(ctx)
	}
	return unlock, err
}

// state is an account as it is before a tx of it is made.
type state struct {
	rpc.At  // of the newest block
	account contract.Address
	nonce   uint64
	history contract.History // where it is proven; else empty
}

// read is the account's state. One that never received money has nonce 0.
func (s *Submitter) read(ctx context.Context, a contract.Address) (state, error) {
	leaf, at, err := s.leaf(ctx, a)
	if err != nil {
		return state{}, err
	}
	out := state{At: at, account: a}
	if leaf != nil {
		out.nonce = leaf.Nonce
		if s.State.Trust != nil {
			out.history = leaf.History
		}
	}
	return out, nil
}

// leaf is the account's, proven with a trust file; nil when it has none.
func (s *Submitter) leaf(ctx context.Context, a contract.Address) (*contract.Account, rpc.At, error) {
	if s.State.Trust == nil {
		return s.State.Node.Account(ctx, a)
	}
	leaf, e, err := s.State.Account(ctx, a)
	if err != nil {
		return nil, rpc.At{}, err
	}
	return leaf, e.At, nil
}

// sign signs a tx, whose time to execute starts once the passphrase was typed.
func (s *Submitter) sign(ctx context.Context, account *wallet.Account, tx *contract.Tx) (state, error) {
	if err := account.Unlock(); err != nil {
		return state{}, err
	}
	at, err := s.read(ctx, account.Address)
	if err != nil {
		return at, err
	}
	if at.nonce != tx.Nonce {
		msg := fmt.Sprintf("nonce: was %d, and now is %d", tx.Nonce, at.nonce)
		return at, &Refused{Code: contract.CodeWrongNonce, Msg: msg}
	}
	*tx = *account.Draft(tx.Chain, at.nonce, at.Time, wallet.ValidFor, tx.Message)
	return at, account.Sign(tx)
}

// offer writes a signed tx down, hands it to the node and, with Wait, sees it
// through. at is the state that it was made in.
func (s *Submitter) offer(ctx context.Context, account *wallet.Account, o *Outcome, at state) error {
	p := wallet.NewPending(o.Tx)
	if err := account.Journal(p); err != nil {
		return err
	}
	o.Hash, o.Sent = p.Tx, true
	if s.Sent != nil {
		s.Sent(p.Tx)
	}
	refusal := s.State.Node.Broadcast(ctx, p.Wire)
	if rpc.NeverSent(refusal) {
		o.Sent = false
		return &NotSent{p.Tx, errors.Join(refusal, account.Forget(p.Chain))}
	}
	return s.see(ctx, account, o, &flight{s, p, at}, refusal)
}

// see sees a journalled tx through, with Wait, and forgets it once it is
// settled. refusal is how the node refused it, if it did.
func (s *Submitter) see(
	ctx context.Context, account *wallet.Account, o *Outcome, f *flight, refusal error,
) (err error) {
	if s.Wait == 0 {
		if refusal != nil {
			return f.unknown(refusal)
		}
		return nil
	}
	o.Record, err = f.await(ctx, s.Wait, refusal)
	if !errors.As(err, new(*Unknown)) {
		err = errors.Join(err, account.Forget(f.tx.Chain))
	}
	return err
}

// minSettle is how long a tx waits for the one before it even with
// Wait 0: a few blocks.
const minSettle = 5 * time.Second

// settlePrevious waits until the account's previous tx has ended, if it was left
// open. What was signed then is offered again, as the same bytes: to make it anew
// could do it twice.
func (s *Submitter) settlePrevious(ctx context.Context, account *wallet.Account) error {
	p, err := account.Pending(s.State.Chain)
	if err != nil || p == nil || s.Mode == DryRun {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, max(s.Wait, minSettle))
	defer cancel()
	_ = s.State.Node.Broadcast(limit, p.Wire) // refused if it has happened: end knows
	_, err = (&flight{s, p, state{}}).end(limit, nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &PreviousPending{account.Called(), p.Tx, p.ValidUntil}
	case err != nil && !errors.Is(err, rpc.ErrNever):
		return err
	}
	return account.Forget(p.Chain)
}

const (
	// maxAlmost is how long before it is possible a thing is waited for. A
	// block's time is that of the votes for the one before, so that an idle chain
	// is up to two blocks, of a second each, behind the clock on the wall.
	maxAlmost   = 5 * time.Second
	almostPause = 200 * time.Millisecond
)

// simulate asks the node what the tx would do, signed or not yet; what the
// ledger would refuse is refused here, before anything was sent. What is refused
// for some seconds more is asked about again within Wait.
func (s *Submitter) simulate(ctx context.Context, tx *contract.Tx) ([]contract.Entry, error) {
	var patience time.Duration
	if s.Mode != DryRun {
		patience = min(s.Wait, maxAlmost)
	}
	for asked := time.Now(); ; {
		sim, at, err := s.State.Node.Simulate(ctx, tx.Encode())
		if err != nil {
			return nil, err
		}
		if sim.Code == contract.CodeOK {
			return rpc.DecodeEntries(sim.Entries)
		}
		refused := &Refused{Code: sim.Code, Msg: sim.Log, RetryAt: sim.RetryAt}
		almost := sim.RetryAt != 0 && sim.RetryAt.Std().Sub(at.Time.Std()) <= patience
		if !almost || time.Since(asked) >= patience {
			return nil, refused
		}
		select {
		case <-ctx.Done():
			return nil, refused
		case <-time.After(almostPause):
		}
	}
}

// Broadcast sends a tx that was signed elsewhere and sees it through; in mode
// DryRun it says what the tx would do. It may be called again with a tx that was
// sent before. What is simulated carries no signature: with a signed tx a node
// could do more than answer.
func (s *Submitter) Broadcast(ctx context.Context, account *wallet.Account, tx *contract.Tx) (*Outcome, error) {
	unlock, err := s.lock(ctx, account)
	if err != nil {
		return nil, err
	}
	defer unlock()
	p, err := account.Pending(s.State.Chain)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Tx: tx, Hash: contract.TxHash(tx.Encode())}
	if p != nil && p.Tx == o.Hash && s.Mode == Sign { // sent before, and not settled
		if s.Sent != nil {
			s.Sent(o.Hash)
		}
		o.Sent = true
		return o, s.see(ctx, account, o, &flight{s, p, state{}}, s.State.Node.Broadcast(ctx, p.Wire))
	}
	if err := s.settlePrevious(ctx, account); err != nil {
		return nil, err
	}
	at, err := s.read(ctx, tx.Account)
	if err != nil {
		return nil, err
	}
	record, _, err := s.State.Node.Tx(ctx, o.Hash)
	if err != nil {
		return nil, err
	}
	if record == nil || s.Mode == DryRun {
		if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			return nil, &Refused{Code: contract.CodeBadSignature, Msg: "transaction: its signature is not good"}
		}
		unsigned := *tx
		unsigned.Signature = contract.Signature{}
		if o.Entries, err = s.simulate(ctx, &unsigned); err != nil || s.Mode == DryRun {
			return o, err
		}
	}
	return o, s.offer(ctx, account, o, at)
}
