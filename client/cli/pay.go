package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// movedJSON is the result of pay, recall and return.
type movedJSON struct {
	Packet *contract.PacketID `json:"packet,omitempty"`
	Share  uint32             `json:"share,omitempty"`
	Amount *fen               `json:"amount_fen"`
	From   string             `json:"from"`
	To     string             `json:"to"`
	Time   *contract.Time     `json:"time"`
	Reason contract.Reason    `json:"reason,omitempty"`
	Tx     contract.Hash      `json:"tx"`
	Height *int64             `json:"height"`
}

func (s money) payVerb() *Verb {
	var to string
	return &Verb{
		Use: "pay AMOUNT --to PARTY", Group: groupMoney,
		Short: words.Both("Pay somebody directly; it is final at once", "直接付钱给一个人,立刻终局"),
		Flags: []Flag{
			{&to, "--to PARTY", "who is paid", "付给谁"},
		},
		Reach: Signing, Results: []any{movedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.pay(ctx, args[0], to) },
	}
}

func (s money) pay(ctx context.Context, amount, to string) error {
	fen, err := parseAmount(amount)
	if err != nil {
		return err
	}
	if to == "" {
		return usagef("pay: --to is missing: say who is paid")
	}
	payee, err := s.Resolve(ctx, to)
	if err != nil {
		return err
	}
	account, err := s.account(ctx)
	if err != nil {
		return err
	}
	return s.payTo(ctx, account, payee, fen)
}

// payTo pays and tells of it.
func (s money) payTo(
	ctx context.Context, account *wallet.Account, payee contract.Address, fen contract.Amount,
) error {
	signer, err := s.signerOf(ctx, account)
	if err != nil {
		return err
	}
	o, err := signer.Pay(ctx, payee, fen)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	s.Result(movedJSON{
		Amount: fenOf(fen), From: account.Address.String(), To: payee.String(),
		Time: known(o.Time()), Tx: o.Hash, Height: known(o.Height()),
	}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%[5]s %[1]s %[2]s to %[3]s%[4]s", "%[5]s付%[2]s给%[3]s%[4]s",
			verb(o, "paid", "offered"), fen.Yuan(), s.name(payee), s.when(o), account.Called()))
	})
	return nil
}

// verb is done for a tx in a block, offered for one that the command did not wait
// for: in English alone, for in Chinese the end of the line says it well enough.
func verb(o *submit.Outcome, done, offered string) string {
	if o.Record == nil {
		return offered
	}
	return done
}

// when ends a line about a tx: the block it stands in.
func (s look) when(o *submit.Outcome) string {
	if o.Record == nil {
		return s.Say(", not in a block yet", ":已提交,还没进区块")
	}
	return s.Say(", block %d, final at %s", ",%[2]s记入区块%[1]d,不会再变", o.Record.Height, clock(o.Record.Time))
}

// name is what this home calls an address, or its short form.
func (s look) name(a contract.Address) string {
	if n := s.Keys().NameOf(a); n != "" {
		return n
	}
	return a.Short()
}

// place is where money is, for people.
func (s look) place(p contract.Place) string {
	switch p.Kind {
	case contract.InWallet:
		return s.name(contract.Address(p.ID))
	case contract.InHold:
		return s.name(contract.Address(p.ID)) + s.Say(" (held)", "(存着)")
	case contract.InEscrow:
		return s.Say("packet %s", "红包%s", contract.PacketID(p.ID).Short())
	case contract.InMint:
		return s.Say("genesis", "创世")
	}
	return p.String()
}
