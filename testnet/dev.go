package testnet

import (
	"net/http"

	"github.com/spf13/cobra"

	"hongbao/client/cli"
	"hongbao/client/wallet"
	"hongbao/contract"
)

const (
	// devBalance is what each named account starts with: ¥10,000.00, enough for
	// every example and little enough to read.
	devBalance contract.Amount = 1_000_000
	// faucetBalance gives ten thousand wallets the default amount.
	faucetBalance contract.Amount = 100_000_000
	// faucetAmount, ¥100.00, is enough to send a packet and pay for its examples.
	faucetAmount = "100"
)

// DevAccounts are the named accounts of `testnet up`, the faucet last. Their
// keys are made from their names, so everybody has them: play money only.
func DevAccounts() []Account {
	var list []Account
	for _, name := range wallet.DevNames {
		balance := devBalance
		if name == wallet.Faucet {
			balance = faucetBalance
		}
		list = append(list, Account{name, contract.AddressOf(wallet.DevKey(name)), balance})
	}
	return list
}

func warpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "warp TIME",
		Short: "Move the network's clock forward, such as by 24h or 3d",
		Long: `Move the network's clock forward: windows close, holds settle and packets
expire as if so much time had passed. A transaction does it, so all nodes agree,
and it is in force from the next block on. There is no way back, and at most
3660 days in all. Dev chains only: on any other it is refused as not_dev_chain.`,
		Example: "  hongbao testnet warp 24h",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := aim(c)
			if err != nil {
				return err
			}
			return s.Warp(c.Context(), args[0])
		},
	}
}

func faucetCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "faucet NAME|ADDRESS [AMOUNT]",
		Short:   "Give a wallet play money, ¥100.00 unless you say how much",
		Long:    "Give a wallet play money, from the network's account of that name. Dev chains\nonly.",
		Example: "  hongbao keys new mia\n  hongbao testnet faucet mia\n  hongbao testnet faucet hb1… 888",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := aim(c)
			if err != nil {
				return err
			}
			return s.Faucet(c.Context(), args[0], append(args, faucetAmount)[1])
		},
	}
}

// aim points a command at a node that is in step in the network of the folder,
// unless it was told which node to talk to.
func aim(c *cobra.Command) (*cli.Session, error) {
	s := cli.From(c)
	if s.Global.Node != "" {
		return s, nil
	}
	ctl, err := openControl(dirOf(c))
	if err != nil {
		return nil, told(c, err)
	}
	var list []NodeStatus
	if err := ctl.call(c.Context(), http.MethodGet, "/status", &list); err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.InStep {
			s.Global.Node = m.RPC
			return s, nil
		}
	}
	return nil, cli.Fail(cli.ExitUnreachable, "not_running", "testnet %s: no node is in step", ctl.dir).
		WithHint("%s testnet status%s", "%s testnet status%s", s.ProgramHere(), dirFlag(c))
}
