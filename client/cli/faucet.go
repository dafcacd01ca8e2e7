package cli

import (
	"context"

	"hongbao/client/words"
)

// faucetAmount, ¥100.00, is enough to send a packet and pay for its examples.
const faucetAmount = "100"

func (f *folder) faucetVerb() *Verb {
	return &Verb{
		Use: "faucet NAME|ADDRESS [AMOUNT]",
		Short: words.Both("Give a wallet play money, ¥100.00 unless you say how much",
			"给钱包发游戏币,不写金额就是 ¥100.00"),
		Long: words.Both("Give a wallet play money, from the network's account of that name. Dev chains\nonly.",
			"从网络的 faucet 账户给钱包发游戏币。只能用于测试链。"),
		Example: words.Same("  hongbao keys new mia\n  hongbao testnet faucet mia\n  hongbao testnet faucet hb1… 888"),
		Reach:   Signing, Results: []any{movedJSON{}},
		Run: func(ctx context.Context, args []string) error {
			if err := f.aim(ctx); err != nil {
				return err
			}
			return f.payPlayMoney(ctx, args[0], append(args, faucetAmount)[1])
		},
	}
}

// payPlayMoney pays play money to a party, from the dev account that is there for
// it. It fails on a chain that is not for development.
func (f *folder) payPlayMoney(ctx context.Context, party, amount string) error {
	fen, err := parseAmount(amount)
	if err != nil {
		return err
	}
	account, err := f.faucet(ctx)
	if err != nil {
		return err
	}
	payee, err := f.s.Resolve(ctx, party)
	if err != nil {
		return err
	}
	return money{look{f.s}}.payTo(ctx, account, payee, fen)
}
