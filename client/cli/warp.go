package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/wallet"
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

// Warp moves a dev chain's clock forward by a length such as 24h or 3d. It
// fails on every other chain.
func (s *Session) Warp(ctx context.Context, by string) error {
	length, err := contract.ParseSeconds(by)
	if err != nil {
		return usagef("warp: %v", err)
	}
	client, err := s.Node(ctx)
	if err != nil {
		return err
	}
	account, err := s.faucet(ctx)
	if err != nil {
		return err
	}
	o, err := s.submit(ctx, account, &contract.Warp{By: length}, nil, nil)
	if err != nil {
		return err
	}
	if o.Dry {
		return s.showDry(o)
	}
	clock, now, err := client.Clock(ctx)
	if err != nil {
		return err
	}
	if clock == nil {
		return Fail(ExitInternal, "bad_answer", "node %s: a dev chain without a clock", client.URL())
	}
	s.Result(warpJSON{length, clock.Offset, now.Time, o.Hash, o.height()}, func(w io.Writer) {
		if o.Record == nil {
			fmt.Fprintf(w, "offered a warp by %s, not in a block yet\n", length)
			return
		}
		fmt.Fprintf(w, "it is %s on %s, %s ahead of the validators' clocks\n", now.Time.Std().Format("2006-01-02 15:04:05 UTC"), s.chain, clock.Offset)
	})
	return nil
}

// faucet is the account that warps and gives play money away, for all of a dev
// chain may sign with its key. On any other chain there is none.
func (s *Session) faucet(ctx context.Context) (*wallet.Account, error) {
	dev, err := s.onDev(ctx)
	if err != nil {
		return nil, err
	}
	if !dev {
		return nil, refusal(contract.CodeNotDevChain, fmt.Sprintf("chain %s: is not a dev chain", s.chain), 0)
	}
	return s.Keys().Account(wallet.Faucet)
}
