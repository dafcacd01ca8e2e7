package wallet

import "hongbao/contract"

// Faucet is the dev account that play money comes from.
const Faucet = "faucet"

// DevAccount signs for one of DevNames with the key that everybody has, even
// where the home has a key of its own by that name.
func (k *Keyring) DevAccount(name string) *Account {
	key := DevKey(name)
	return &Account{Name: name, Address: contract.AddressOf(key), key: key, home: k.home}
}
