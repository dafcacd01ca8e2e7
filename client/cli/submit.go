package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hongbao/app/query"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// outcome is how a tx went: Record is nil when nobody waited for it (--wait 0),
// or when it was not sent.
type outcome struct {
	Hash    contract.Hash
	Tx      *contract.Tx
	Record  *query.TxRecord
	Dry     bool             // --dry-run or --unsigned: not sent
	Entries []contract.Entry // what the simulation would write
	Offer   *contract.Packet // that a claim is from, for --dry-run
}

// height is the block's; nil while it is not known.
func (o *outcome) height() *int64 {
	if o.Record == nil {
		return nil
	}
	return &o.Record.Height
}

// time is the block's; nil while it is not known.
func (o *outcome) time() *contract.Time {
	if o.Record == nil {
		return nil
	}
	return &o.Record.Time
}

// submit makes a tx of a message, with the account's next nonce, and sees it
// through. When the node has said what it would do, show tells the person what
// will be signed, and only then is the key asked for; nil says it in a line. keep writes down what must not be lost, just
// before the bytes leave; it may be nil.
func (s *Session) submit(ctx context.Context, account *wallet.Account, m contract.Message, show func(now contract.Time) error, keep func(tx *contract.Tx) error) (*outcome, error) {
	client, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkLookalikes(addressesIn(m)...); err != nil {
		return nil, err
	}
	unlock, err := s.lock(ctx, account)
	if err != nil {
		return nil, err
	}
	defer unlock()
	nonce, now, err := s.settlePending(ctx, client, account)
	if err != nil {
		return nil, err
	}
	o := &outcome{Tx: account.Draft(s.chain, nonce, now, wallet.ValidFor, m), Dry: s.Global.DryRun || s.Global.Unsigned != ""}
	if o.Entries, err = s.simulate(ctx, client, o.Tx); err != nil || s.Global.DryRun {
		return o, err
	}
	if show == nil {
		show = func(contract.Time) error { s.announce(o.Tx); return nil }
	}
	if err := show(now); err != nil {
		return nil, err
	}
	if o.Dry {
		o.Tx = account.Draft(s.chain, nonce, now, unsignedFor, m)
	} else if err := s.sign(ctx, client, account, o.Tx); err != nil {
		return nil, err
	}
	if keep != nil {
		if err := keep(o.Tx); err != nil {
			return nil, err
		}
	}
	if o.Dry {
		return o, s.writeUnsigned(ctx, o.Tx)
	}
	o.Hash, o.Record, err = s.offer(ctx, client, account, o.Tx)
	return o, err
}

// announce says what will be signed.
func (s *Session) announce(tx *contract.Tx) {
	for _, line := range s.says(&files.Tx{Tx: tx}) {
		s.Progress("  " + line)
	}
}

// lock gives this command the account's nonce, unless nothing will be signed.
// Another may hold it for as long as a person takes to type a passphrase, so who
// waits is told.
func (s *Session) lock(ctx context.Context, account *wallet.Account) (unlock func(), err error) {
	if s.Global.DryRun || s.Global.Unsigned != "" {
		return func() {}, nil
	}
	const patience = 2 * time.Second
	brief, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	unlock, err = account.Lock(brief)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.Progress(words.WaitingFor(s.Lang(), account.Called()))
		unlock, err = account.Lock(ctx)
	}
	return unlock, err
}

// sign signs a tx, whose time to execute starts once the passphrase was typed.
func (s *Session) sign(ctx context.Context, client *rpc.Client, account *wallet.Account, tx *contract.Tx) error {
	if err := account.Unlock(); err != nil {
		return keyError(err)
	}
	nonce, now, err := s.nextNonce(ctx, account)
	if err != nil {
		return err
	}
	if nonce != tx.Nonce {
		return refusal(contract.CodeWrongNonce, fmt.Sprintf("nonce: was %d, and now is %d", tx.Nonce, nonce), 0)
	}
	*tx = *account.Draft(tx.Chain, nonce, now, wallet.ValidFor, tx.Message)
	return account.Sign(tx)
}

// offer writes a signed tx down, prints its hash, hands the tx to the node and,
// with --wait, sees it through.
func (s *Session) offer(ctx context.Context, client *rpc.Client, account *wallet.Account, tx *contract.Tx) (contract.Hash, *query.TxRecord, error) {
	pending := wallet.NewPending(tx)
	if err := account.Journal(pending); err != nil {
		return pending.Tx, nil, err
	}
	s.Progress(s.Say("tx %s", "交易 %s", pending.Tx))
	s.sent = &pending.Tx
	refusal := client.Broadcast(ctx, pending.Wire)
	if rpc.NeverSent(refusal) {
		return pending.Tx, nil, s.withTx(errors.Join(refusal, account.Forget(s.chain)), pending.Tx)
	}
	record, err := s.see(ctx, client, account, pending, refusal)
	return pending.Tx, record, err
}

// see sees a journalled tx through, with --wait, and forgets it once it is
// settled. refusal is how the node refused it, if it did.
func (s *Session) see(
	ctx context.Context, client *rpc.Client, account *wallet.Account, pending *wallet.Pending, refusal error,
) (*query.TxRecord, error) {
	if s.Global.Wait == 0 {
		if refusal != nil {
			return nil, s.unknown(pending, refusal)
		}
		return nil, nil
	}
	record, err := s.await(ctx, client, pending, refusal)
	if err == nil || asError(err).Exit != ExitUnknown {
		err = errors.Join(err, account.Forget(s.chain))
	}
	return record, err
}

// settlePending waits until the account's previous tx has ended, if a command
// before left it open, and says what its next nonce is. What was signed then is
// offered again, as the same bytes: to make it anew could do it twice.
func (s *Session) settlePending(ctx context.Context, client *rpc.Client, account *wallet.Account) (nonce uint64, now contract.Time, err error) {
	pending, err := account.Pending(s.chain)
	if err != nil {
		return 0, 0, err
	}
	if pending != nil && !s.Global.DryRun {
		limit, cancel := context.WithTimeout(ctx, max(s.Global.Wait, minSettle))
		defer cancel()
		_ = client.Broadcast(limit, pending.Wire) // refused if it has happened: Await knows
		_, err := s.end(limit, client, pending, nil)
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, 0, s.withTx(Fail(ExitRefused, "previous_pending",
				"%s: its previous transaction may still happen, until %s", account.Called(), clock(pending.ValidUntil)).
				WithHint("%s tx wait %s", "%s tx wait %s", s.Program(), pending.Tx), pending.Tx)
		}
		if err != nil && !errors.Is(err, rpc.ErrNever) {
			return 0, 0, err
		}
		if err := account.Forget(s.chain); err != nil {
			return 0, 0, err
		}
	}
	return s.nextNonce(ctx, account)
}

// nextNonce is the account's, and the newest block's time.
func (s *Session) nextNonce(ctx context.Context, account *wallet.Account) (uint64, contract.Time, error) {
	leaf, at, err := s.account(ctx, account.Address)
	if err == nil && leaf != nil && s.checked() {
		s.before = &before{account.Address, leaf.Nonce, leaf.History}
	}
	if leaf == nil { // an account that never received money
		return 0, at.Time, err
	}
	return leaf.Nonce, at.Time, err
}

// minSettle is how long a command waits for the one before it even when it
// does not wait for its own tx: a few blocks.
const minSettle = 5 * time.Second

// simulate asks the node what the tx would do, signed or not yet; what the
// ledger would refuse is refused here, before anything was sent. What is refused
// for some seconds more is asked about again within --wait.
func (s *Session) simulate(ctx context.Context, client *rpc.Client, tx *contract.Tx) ([]contract.Entry, error) {
	var patience time.Duration
	if !s.Global.DryRun {
		patience = min(s.Global.Wait, maxAlmost)
	}
	for asked := s.now(); ; {
		sim, at, err := client.Simulate(ctx, tx.Encode())
		if err != nil {
			return nil, err
		}
		if sim.Code == contract.CodeOK {
			return rpc.DecodeEntries(sim.Entries)
		}
		refused := refusal(sim.Code, sim.Log, sim.RetryAt)
		almost := sim.RetryAt != 0 && sim.RetryAt.Std().Sub(at.Time.Std()) <= patience
		if !almost || s.now().Sub(asked) >= patience {
			return nil, refused
		}
		select {
		case <-ctx.Done():
			return nil, refused
		case <-time.After(almostPause):
		}
	}
}

const (
	// maxAlmost is how long before it is possible a thing is waited for. A
	// block's time is that of the votes for the one before, so that an idle chain
	// is up to two blocks, of a second each, behind the clock on the wall.
	maxAlmost   = 5 * time.Second
	almostPause = 200 * time.Millisecond
)

// dryJSON is the result of --dry-run.
type dryJSON struct {
	DryRun bool        `json:"dry_run"`
	Text   []string    `json:"text"` // what would be signed, in plain words, with the terms of a send and a claim
	Would  []entryJSON `json:"would"`
}

// showDry prints what a tx would do, or where it was written to.
func (s *Session) showDry(o *outcome) error {
	if s.Global.Unsigned != "" {
		return s.showUnsigned(o.Tx)
	}
	text := s.says(&files.Tx{Tx: o.Tx, Packet: o.Offer})
	s.Result(dryJSON{DryRun: true, Text: text, Would: entriesJSON(o.Entries)}, func(w io.Writer) {
		printLines(w, text)
		seen := map[string]bool{}
		for i := range o.Entries {
			e := &o.Entries[i]
			kind := words.Kind(s.Lang(), e.Kind.String())
			line := s.Say("would record: %s", "将会记下:%s", kind)
			if e.Posting != nil {
				line = s.Say("would move %s from %s to %s (%s)", "将会把%s从%s转到%s(%s)", e.Posting.Amount.Yuan(), s.place(e.Posting.From), s.place(e.Posting.To), kind)
			} else if e.Packet != nil {
				line += " " + ref{*e.Packet, e.Share}.String()
			}
			if !seen[line] {
				fmt.Fprintln(w, line)
			}
			seen[line] = true
		}
	})
	return nil
}
