package testnet

import (
	"hongbao/client/wallet"
	"hongbao/contract"
)

const (
	// devBalance is what each named account starts with: ¥10,000.00, enough for
	// every example and little enough to read.
	devBalance contract.Amount = 1_000_000
	// faucetBalance gives ten thousand wallets the default amount.
	faucetBalance contract.Amount = 100_000_000
)

// DevAccounts are the named accounts of `testnet up`, the faucet last. Their
// keys are made from their names, so that everyone has them: play money only.
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
