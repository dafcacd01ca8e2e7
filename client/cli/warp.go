package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// warpJSON is the result of testnet warp.
type warpJSON struct {
	By     contract.Seconds `json:"by_seconds"`     // how far it was moved
	Offset contract.Seconds `json:"offset_seconds"` // of all warps so far
	Time   contract.Time    `json:"time"`           // what time it now is on the chain
	Tx     contract.Hash    `json:"tx"`
	Height *int64           `json:"height"`
}

func (f *folder) warpVerb() *Verb {
	return &Verb{
		Use:   "warp DURATION",
		Short: words.Both("Move the network's clock forward, such as by 24h or 3d", "把网络的时钟拨快,如 24h 或 3d"),
		Long: words.Both(`Move the network's clock forward: windows close, holds settle and packets
expire as if so much time had passed. A transaction does it, so all nodes agree,
and it is in force from the next block on. There is no way back, and at most
3660 days in all. Dev chains only: on any other it is refused as not_dev_chain.`,
			`把网络的时钟拨快:时限到期、存放的到账、红包过期,就像真过了这么久。拨钟是一笔
交易,所以各节点一致,从下一个区块起生效。拨了不能回头,总共最多 3660 天。只能用于
测试链,别的链会拒绝(not_dev_chain)。`),
		Example: words.Same("  hongbao testnet warp 24h\n  hongbao testnet warp 3d\n  hongbao testnet warp 1h30m"),
		Reach:   Signing, Results: []any{warpJSON{}},
		Run: func(ctx context.Context, args []string) error {
			if err := f.aim(ctx); err != nil {
				return err
			}
			return f.warp(ctx, args[0])
		},
	}
}

// warp moves a dev chain's clock forward by a length such as 24h or 3d. It
// fails on every other chain.
func (f *folder) warp(ctx context.Context, by string) error {
	length, err := parseSeconds(by)
	if err != nil {
		return usagef("warp: %v", err)
	}
	s := f.s
	account, err := f.faucet(ctx)
	if err != nil {
		return err
	}
	signer, err := money{look{s}}.signerOf(ctx, account)
	if err != nil {
		return err
	}
	o, err := signer.Warp(ctx, length)
	if err != nil {
		return err
	}
	if !o.Sent {
		return money{look{s}}.showDry(o, nil)
	}
	if o.Record != nil { // wait for the block in which it is in force: what falls due by it is done there
		if err := s.client.AwaitBlock(ctx, o.Record.Height); err != nil {
			return o.Unread(err)
		}
	}
	clock, now, err := s.client.Clock(ctx)
	if err != nil {
		return o.Unread(err)
	}
	s.Result(warpJSON{length, clock.Offset, now.Time, o.Hash, known(o.Height())}, func(w io.Writer) {
		if o.Record == nil {
			fmt.Fprintln(w, s.Say("offered a warp by %[1]s, not in a block yet", "拨快%[2]s:已提交,还没进区块", length,
				words.Length(s.Lang(), length)))
			return
		}
		fmt.Fprintln(w, s.Say("it is %[1]s on %[2]s, %[3]s ahead of the validators' clocks",
			"链%[2]s上现在是%[1]s,比验证人的时钟快%[4]s",
			now.Time.Std().Format("2006-01-02 15:04:05 UTC"), s.chain, clock.Offset,
			words.Length(s.Lang(), clock.Offset)))
	})
	return nil
}

// faucet is the account that warps and gives play money away, for all of a dev
// chain may sign with its key. On any other chain there is none.
func (f *folder) faucet(ctx context.Context) (*wallet.Account, error) {
	dev, err := f.s.onDev(ctx)
	if err != nil {
		return nil, err
	}
	if !dev {
		return nil, refusal(contract.CodeNotDevChain, fmt.Sprintf("chain %s: is not a dev chain", f.s.chain), 0)
	}
	return f.s.Keys().Account(wallet.Faucet)
}
