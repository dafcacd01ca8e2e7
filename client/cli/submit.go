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

// account is the account in whose name a tx is made: --from, else the home's
// current key, else its only one, else alice on a dev network. This home has to have its key,
// unless nothing is going to be signed.
func (s money) account(ctx context.Context) (*wallet.Account, error) {
	account, err := s.self(ctx)
	if err == nil && !account.Secret && !s.Global.DryRun && s.Global.Unsigned == "" {
		return nil, Fail(ExitUsage, "no_secret_key", "%s: its secret key is not in this home", account.Called()).
			WithHint("--from takes a name from: %s keys list; or write the transaction down with --unsigned FILE, "+
				"and sign it where the key is",
				"--from 请写 %s keys list 里的名字;或用 --unsigned FILE 写下交易,到有私钥的地方签字", s.Program())
	}
	return account, err
}

// signer signs in that account's name.
func (s money) signer(ctx context.Context) (*client.Signer, error) {
	account, err := s.account(ctx)
	if err != nil {
		return nil, err
	}
	return s.signerOf(ctx, account)
}

// signerAbout is that signer, and the packet or share that text names.
func (s money) signerAbout(ctx context.Context, text string) (*client.Signer, ref, error) {
	account, err := s.account(ctx)
	if err != nil {
		return nil, ref{}, err
	}
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return nil, ref{}, err
	}
	signer, err := s.signerOf(ctx, account)
	return signer, r, err
}

// signerOf is the account's signing side, as the flags of every command have it.
// Before a tx is signed it is said in a line, and an address in it that looks
// like another is asked about.
func (s money) signerOf(ctx context.Context, account *wallet.Account) (*client.Signer, error) {
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
