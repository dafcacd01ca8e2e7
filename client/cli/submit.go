package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// outcome is how a tx went: Record is nil when nobody waited for it (--wait 0,
// --dry-run).
type outcome struct {
	Hash    contract.Hash
	Tx      *contract.Tx
	Record  *query.TxRecord
	Dry     bool
	Entries []contract.Entry // what the simulation would write
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

// submit signs a message with the account's next nonce and sees the tx
// through. before runs when all is decided, just before the bytes leave, with
// the newest block's time: what must not be lost is written down there.
func (s *Session) submit(ctx context.Context, account *wallet.Account, m contract.Message, before func(tx *contract.Tx, now contract.Time) error) (*outcome, error) {
	client, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := account.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	leaf, now, err := s.settlePending(ctx, client, account)
	if err != nil {
		return nil, err
	}
	var nonce uint64 // of an account without a leaf: 0
	if leaf != nil {
		nonce = leaf.Nonce
	}
	wire, tx, err := account.Sign(s.chain, nonce, now, m)
	if err != nil {
		return nil, err
	}
	o := &outcome{Hash: contract.TxHash(wire), Tx: tx, Dry: s.Global.DryRun}
	if o.Entries, err = s.simulate(ctx, client, wire); err != nil || o.Dry {
		return o, err
	}
	if before != nil {
		if err := before(tx, now); err != nil {
			return nil, err
		}
	}
	pending := wallet.Pending{Chain: s.chain, Tx: o.Hash, Nonce: nonce, ValidUntil: tx.ValidUntil, Wire: wire}
	if err := account.Journal(pending); err != nil {
		return nil, err
	}
	s.Progress("tx %s", o.Hash)
	err = client.Broadcast(ctx, wire)
	switch {
	case err != nil && !rpc.Sent(err):
		return nil, s.withTx(errors.Join(err, account.Forget()), o.Hash)
	case err != nil && s.Global.Wait == 0:
		return nil, s.unknown(&pending)
	case s.Global.Wait == 0:
		return o, nil
	}
	o.Record, err = s.await(ctx, client, &pending)
	if err == nil || asError(err).Exit != ExitUnknown {
		err = errors.Join(err, account.Forget())
	}
	return o, err
}

// settlePending waits until the account's previous tx has ended, if a command
// before left it open, and reads the account.
func (s *Session) settlePending(ctx context.Context, client *rpc.Client, account *wallet.Account) (*contract.Account, contract.Time, error) {
	pending, err := account.Pending()
	if err != nil {
		return nil, 0, err
	}
	if pending != nil && pending.Chain == s.chain {
		limit, cancel := context.WithTimeout(ctx, max(s.Global.Wait, minSettle))
		defer cancel()
		_, err := client.Await(limit, pending.Tx, nil, pending.ValidUntil)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, 0, s.withTx(Fail(ExitRefused, "previous_pending",
				"%s: its previous transaction may still happen, until %s", account.Name, clock(pending.ValidUntil)).
				WithHint("%s tx wait %s", Invocation(), pending.Tx), pending.Tx)
		}
		if err != nil && !errors.Is(err, rpc.ErrNever) {
			return nil, 0, err
		}
	}
	if pending != nil {
		if err := account.Forget(); err != nil {
			return nil, 0, err
		}
	}
	leaf, at, err := s.account(ctx, account.Address)
	return leaf, at.Time, err
}

// minSettle is how long a command waits for the one before it even when it
// does not wait for its own tx: a few blocks.
const minSettle = 5 * time.Second

// simulate asks the node what the tx would do; what the ledger would refuse
// is refused here, before anything was sent.
func (s *Session) simulate(ctx context.Context, client *rpc.Client, wire []byte) ([]contract.Entry, error) {
	sim, _, err := client.Simulate(ctx, wire)
	if err != nil {
		return nil, err
	}
	if sim.Code != contract.CodeOK {
		return nil, refusal(sim.Code, sim.Log, sim.RetryAt)
	}
	return decodeEntries(sim.Entries)
}

func decodeEntries(encoded [][]byte) ([]contract.Entry, error) {
	entries := make([]contract.Entry, len(encoded))
	for i, b := range encoded {
		if err := contract.Decode(b, &entries[i]); err != nil {
			return nil, Fail(ExitInternal, "bad_answer", "entry %d: %v", i, err)
		}
	}
	return entries, nil
}

// await sees a tx through to its end, at most --wait long.
func (s *Session) await(ctx context.Context, client *rpc.Client, p *wallet.Pending) (*query.TxRecord, error) {
	limit, cancel := context.WithTimeout(ctx, s.Global.Wait)
	defer cancel()
	record, err := client.Await(limit, p.Tx, p.Wire, p.ValidUntil)
	switch {
	case errors.Is(err, rpc.ErrNever):
		e := refusal(contract.CodeTxExpired, "transaction: did not get into a block in time, and never will", 0)
		return nil, s.withTx(e, p.Tx)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil, s.unknown(p)
	case err != nil:
		return nil, s.withTx(err, p.Tx)
	case record.Code != contract.CodeOK:
		e := refusal(record.Code, record.Log, 0)
		e.Exit, e.Height = ExitFailed, record.Height
		return nil, s.withTx(e, p.Tx)
	}
	return record, nil
}

// unknown is the error of a tx that may still happen.
func (s *Session) unknown(p *wallet.Pending) error {
	until := ""
	if p.ValidUntil != 0 {
		until = fmt.Sprintf(", until %s of block time", clock(p.ValidUntil))
	}
	e := Fail(ExitUnknown, "outcome_unknown", "outcome unknown: the transaction may still happen%s", until)
	return s.withTx(e.WithHint("%s tx wait %s", Invocation(), p.Tx), p.Tx)
}

// withTx says which tx an error is about.
func (s *Session) withTx(err error, hash contract.Hash) error {
	e := *asError(err)
	e.Tx = &hash
	return &e
}

// dryJSON is the result of --dry-run.
type dryJSON struct {
	DryRun bool        `json:"dry_run"`
	Would  []entryJSON `json:"would"`
}

// showDry prints what a tx would do.
func (s *Session) showDry(o *outcome) error {
	s.Result(dryJSON{DryRun: true, Would: entriesJSON(o.Entries)}, func(w io.Writer) {
		seen := map[string]bool{}
		for i := range o.Entries {
			e := &o.Entries[i]
			line := fmt.Sprintf("would record: %s", e.Kind)
			if e.Posting != nil {
				line = fmt.Sprintf("would move %s from %s to %s (%s)", e.Posting.Amount.Yuan(), s.place(e.Posting.From), s.place(e.Posting.To), e.Kind)
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
