package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/files"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// submitter submits transactions as the flags of every command have it.
func (s *Session) submitter(ctx context.Context) (*submit.Submitter, error) {
	g, err := s.gatherer(ctx)
	if err != nil {
		return nil, err
	}
	out := &submit.Submitter{
		State: g, Wait: s.Global.Wait,
		Waiting: func(a *wallet.Account) { s.Progress(words.WaitingFor(s.Lang(), a.Called())) },
		Sent: func(tx contract.Hash) {
			s.Progress(s.Say("tx %s", "交易 %s", tx))
			s.sent = &tx
		},
	}
	switch {
	case s.Global.DryRun:
		out.Mode = submit.DryRun
	case s.Global.Unsigned != "":
		out.Mode = submit.Unsigned
	}
	return out, nil
}

// submit makes a tx of a message, with the account's next nonce, and sees it
// through. When the node has said what it would do, show tells the person what
// will be signed, and only then is the key asked for; nil says it in a line.
// keep writes down what must not be lost, just before the bytes leave; it may be
// nil.
func (s *Session) submit(
	ctx context.Context, account *wallet.Account, m contract.Message,
	show func(now contract.Time) error, keep func(tx *contract.Tx) error,
) (*submit.Outcome, error) {
	sub, err := s.submitter(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkLookalikes(addressesIn(m)...); err != nil {
		return nil, err
	}
	review := func(tx *contract.Tx, now contract.Time) error {
		if show != nil {
			return show(now)
		}
		s.announce(tx)
		return nil
	}
	o, err := sub.Submit(ctx, account, m, submit.Hooks{Review: review, Keep: keep})
	if err == nil && sub.Mode == submit.Unsigned {
		err = s.writeUnsigned(ctx, o.Tx)
	}
	return o, err
}

// announce says what will be signed.
func (s *Session) announce(tx *contract.Tx) {
	for _, line := range s.says(&files.Tx{Tx: tx}) {
		s.Progress("  " + line)
	}
}

// dryJSON is the result of --dry-run.
type dryJSON struct {
	DryRun bool        `json:"dry_run"`
	Text   []string    `json:"text"` // what would be signed, in plain words, with the terms of a send and a claim
	Would  []entryJSON `json:"would"`
}

// showDry prints what a tx would do, or where it was written to. from is the
// packet that a claim is about; else nil.
func (s *Session) showDry(o *submit.Outcome, from *contract.Packet) error {
	if s.Global.Unsigned != "" {
		return s.showUnsigned(o.Tx)
	}
	text := s.says(&files.Tx{Tx: o.Tx, Packet: from})
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
