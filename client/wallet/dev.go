package wallet

import (
	"crypto/rand"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// DevNames are the accounts a dev network gives money to, in order.
var DevNames = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", Faucet}

// Faucet is the dev account that play money comes from.
const Faucet = "faucet"

// DevKey is the key that everybody has for a name: the tagged hash of the
// name, as a secret scalar. It protects nothing.
func DevKey(name string) *btcec.PrivateKey {
	secret := contract.TaggedHash(contract.TagDevKey, []byte(name))
	var scalar btcec.ModNScalar
	if overflow := scalar.SetByteSlice(secret[:]); overflow || scalar.IsZero() {
		panic("wallet: the hash of " + name + " is no scalar, a chance of 1 in 2^127")
	}
	return btcec.PrivKeyFromScalar(&scalar)
}

func isDev(name string) bool { return slices.Contains(DevNames, name) }

func devName(name string) Name {
	return Name{Name: name, Address: contract.AddressOf(DevKey(name)), Dev: true, Secret: true}
}

// NewLink is a packet's one-time key: the holder of the secret may claim.
func NewLink() (*btcec.PrivateKey, error) {
	var secret [32]byte
	for {
		if _, err := rand.Read(secret[:]); err != nil {
			return nil, err
		}
		var scalar btcec.ModNScalar
		if overflow := scalar.SetBytes(&secret); overflow == 0 && !scalar.IsZero() {
			return btcec.PrivKeyFromScalar(&scalar), nil
		}
	}
}
