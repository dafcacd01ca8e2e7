package testnet

import (
	"hongbao/client/wallet"
	"hongbao/contract"
)

// devBalance is what each named account starts with: ¥10,000.00, enough for
// every example and little enough to read.
const devBalance contract.Amount = 1_000_000

// DevAccounts are the named accounts of `testnet up`. Their keys are made from
// their names, so everybody has them: play money only.
func DevAccounts() []Account {
	var list []Account
	for _, name := range wallet.DevNames {
		list = append(list, Account{name, contract.AddressOf(wallet.DevKey(name)), devBalance})
	}
	return list
}
