package testnet

import (
	"testing"

	"hongbao/contract"
)

// TestFaucetIsRich: the account that play money comes from has most of it.
func TestFaucetIsRich(t *testing.T) {
	list := DevAccounts()
	var others contract.Amount
	for _, a := range list[:len(list)-1] {
		others += a.Balance
	}
	if faucet := list[len(list)-1]; faucet.Name != "faucet" || faucet.Balance < others {
		t.Errorf("the last of the dev accounts is %+v; the others have %s", faucet, others)
	}
}
