package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client"
	"hongbao/client/files"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// signer is the account's signing side, as the flags of every command have it.
// Before a tx is signed it is said in a line, and an address in it that looks
// like another is asked about.
func (s money) signer(ctx context.Context, account *wallet.Account) (*client.Signer, error) {
	c, err := s.Client(ctx)
	if err != nil {
		return nil, err
	}
	out := c.As(account)
	switch {
	case s.Global.DryRun:
		out.Mode = submit.DryRun
	case s.Global.Unsigned != "":
		out.Mode = submit.Unsigned
	}
	out.Confirm = func(d client.Draft) error { return s.checkLookalikes(addressesIn(d.Message)...) }
	out.Review = func(d client.Draft) error {
		s.announce(&contract.Tx{Account: account.Address, Message: d.Message})
		return nil
	}
	return out, nil
}

// announce says what will be signed.
func (s money) announce(tx *contract.Tx) {
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
func (s money) showDry(o *submit.Outcome, from *contract.Packet) error {
	if s.Global.Unsigned != "" {
		if err := writeTxFile(s.Global.Unsigned, &files.Tx{Tx: o.Tx, Packet: from}); err != nil {
			return err
		}
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
				line = s.Say("would move %s from %s to %s (%s)", "将会把%s从%s转到%s(%s)", e.Posting.Amount.Yuan(),
					s.place(e.Posting.From), s.place(e.Posting.To), kind)
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
