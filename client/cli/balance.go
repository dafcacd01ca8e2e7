package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

type balanceJSON struct {
	Address contract.Address `json:"address"`
	Name    string           `json:"name,omitempty"`
	Balance fen              `json:"balance_fen"`
	Held    fen              `json:"held_fen"`
	Nonce   uint64           `json:"nonce"`
	Open    uint32           `json:"open_packets"`
	// of a key of this home that has further addresses: all of them together
	Key      *keyBalanceJSON `json:"key,omitempty"`
	AsOf     asOf            `json:"as_of"`
	Verified bool            `json:"verified"`
}

// keyBalanceJSON is what a key holds at all its addresses.
type keyBalanceJSON struct {
	Balance   fen                  `json:"balance_fen"`
	Held      fen                  `json:"held_fen"`
	Open      uint32               `json:"open_packets"`
	Addresses []addressBalanceJSON `json:"addresses"` // those that were used
}

type addressBalanceJSON struct {
	Address contract.Address `json:"address"`
	Name    string           `json:"name"`
	Balance fen              `json:"balance_fen"`
	Held    fen              `json:"held_fen"`
}

func (s look) balanceVerb() *Verb {
	return &Verb{
		Use: "balance [PARTY]", Group: groupLook,
		Short: words.Both("What an account can spend", "一个账户能花多少钱"),
		Long: words.Both(`Say what an account can spend. A key of this home is one with its further
addresses, which claim --fresh made: their money is listed, and added up. Each
address spends its own: pay --from name/1.`,
			`一个账户能花多少钱。这个主目录里的密钥,连同 claim --fresh 给它生成的其他地址
算在一起:逐个列出,再合计。每个地址的钱要从它自己付:pay --from name/1。`),
		Reach: Asking, Results: []any{balanceJSON{}},
		Run: s.balance,
	}
}

func (s look) balance(ctx context.Context, args []string) error {
	all, err := s.selves(ctx, args)
	if err != nil {
		return err
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	address := all[0].Address
	out := balanceJSON{Address: address, Name: s.Keys().NameOf(address)}
	key := keyBalanceJSON{Addresses: []addressBalanceJSON{}}
	for i, n := range all {
		a, now, err := c.Account(ctx, n.Address)
		if err != nil {
			return err
		}
		if i == 0 {
			out.AsOf, out.Verified = at(now), s.checked()
			c = c.AsOf(now.Height)
		}
		if a == nil {
			continue
		}
		if i == 0 {
			out.Balance, out.Held, out.Nonce, out.Open = fen(a.Balance), fen(a.Held), a.Nonce, a.Open
		}
		key.Balance, key.Held, key.Open = key.Balance+fen(a.Balance), key.Held+fen(a.Held), key.Open+a.Open
		key.Addresses = append(key.Addresses, addressBalanceJSON{n.Address, n.Name, fen(a.Balance), fen(a.Held)})
	}
	if len(all) > 1 {
		out.Key = &key
	}
	s.Result(out, func(w io.Writer) { s.showBalance(w, &key, &out) })
	return nil
}

func (s look) showBalance(w io.Writer, key *keyBalanceJSON, out *balanceJSON) {
	address, late := out.Address, ""
	if s.stale(out.AsOf.Time) {
		late = s.Say("  as of %s", "  截至%s", clock(out.AsOf.Time))
	}
	fmt.Fprintf(w, "%s  %s%s\n", s.name(address), contract.Amount(key.Balance).Yuan(), late)
	if len(key.Addresses) > 1 || len(key.Addresses) == 1 && key.Addresses[0].Address != address {
		for _, a := range key.Addresses {
			fmt.Fprintf(w, "  %s  %s\n", words.Left(a.Name, 8), contract.Amount(a.Balance).Yuan())
		}
	}
	if key.Held > 0 {
		fmt.Fprintln(w, s.Say("%s more is held, and not its own yet", "另有%s存着,还没到账",
			contract.Amount(key.Held).Yuan()))
	}
	switch {
	case key.Open == 1:
		fmt.Fprintln(w, s.Say("1 of its packets is open", "有1个红包还没领完"))
	case key.Open > 1:
		fmt.Fprintln(w, s.Say("%d of its packets are open", "有%d个红包还没领完", key.Open))
	}
}

// selves are the addresses that a reading command is about: a key of this home with
// all its further addresses, where it is named, or none is and it is in use; else
// one.
func (s look) selves(ctx context.Context, args []string) ([]wallet.Name, error) {
	address, err := s.Self(ctx, args)
	if err != nil {
		return nil, err
	}
	one := []wallet.Name{{Address: address}}
	if len(args) > 0 && strings.HasPrefix(args[0], "hb1") {
		return one, nil // an address is that address
	}
	account, err := s.Keys().Account(address.String())
	if err != nil {
		return nil, err
	}
	if key, err := account.Key(); err == nil && key == account.Called() {
		return s.Keys().Addresses(key)
	}
	return one, nil
}
