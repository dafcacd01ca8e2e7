package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hongbao/contract"
)

type balanceJSON struct {
	Address  contract.Address `json:"address"`
	Name     string           `json:"name,omitempty"`
	Balance  fen              `json:"balance_fen"`
	Held     fen              `json:"held_fen"`
	Nonce    uint64           `json:"nonce"`
	Open     uint32           `json:"open_packets"`
	AsOf     asOf             `json:"as_of"`
	Verified bool             `json:"verified"`
}

func (s *Session) balanceCommand() *cobra.Command {
	return s.command(groupLook, "balance [PARTY]", "What an account can spend", cobra.MaximumNArgs(1), s.balance)
}

func (s *Session) balance(ctx context.Context, args []string) error {
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	a, now, err := s.account(ctx, address)
	if err != nil {
		return err
	}
	if a == nil {
		a = new(contract.Account)
	}
	out := balanceJSON{
		Address: address, Name: s.Keys().NameOf(address), Balance: fen(a.Balance), Held: fen(a.Held),
		Nonce: a.Nonce, Open: a.Open, AsOf: at(now), Verified: s.checked(),
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s\n", s.name(address), a.Balance.Yuan())
		if a.Held > 0 {
			fmt.Fprintf(w, "%s more is held, and not its own yet\n", a.Held.Yuan())
		}
		if a.Open > 0 {
			fmt.Fprintf(w, "%d of its packets are open\n", a.Open)
		}
	})
	return nil
}
