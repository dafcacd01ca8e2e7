package testnet

import (
	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
)

// devBalance is what each named account starts with: ¥10,000.00, enough for
// every example and little enough to read.
const devBalance contract.Amount = 1_000_000

var devNames = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"}

// DevAccounts are the named accounts of `testnet up`. Their keys are made from
// their names, so everybody has them: play money only.
func DevAccounts() []Account {
	var list []Account
	for _, name := range devNames {
		secret := contract.TaggedHash("hongbao/dev-key", []byte(name))
		key, _ := btcec.PrivKeyFromBytes(secret[:])
		list = append(list, Account{name, contract.AddressOf(key), devBalance})
	}
	return list
}
