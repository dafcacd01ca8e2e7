package wallet

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// ValidFor is how long after the newest block a tx may still execute. A
// person waits less, and whatever was left open is settled by then.
const ValidFor contract.Seconds = 60

// Account is the one in whose name a tx is made. Whether this home can sign
// it, Secret says.
type Account struct {
	Name
	keys *Keyring
	key  *btcec.PrivateKey // once it is unlocked
}

// Account is the account of a party; its error is that of Find. A bare address
// is that of the key it belongs to, if this home has it.
func (k *Keyring) Account(party string) (*Account, error) {
	n, err := k.Find(party)
	if err != nil {
		return nil, err
	}
	if n.Name == "" {
		n = k.owner(n)
	}
	a := &Account{Name: n, keys: k}
	if n.Dev {
		a.key = DevKey(n.Name)
	}
	return a, nil
}

// owner is n with the name of the key or contact it belongs to.
func (k *Keyring) owner(n Name) Name {
	for _, known := range k.known() {
		if known.Address == n.Address {
			return known
		}
	}
	return n
}

// Called is what to call the account in a message.
func (a *Account) Called() string {
	if a.Name.Name != "" {
		return a.Name.Name
	}
	return a.Address.Short()
}

// Key is the name of the key with words that the account is of, in this home;
// its error wraps ErrNoWords or ErrNoSecret.
func (a *Account) Key() (string, error) {
	if a.Dev {
		return "", fmt.Errorf("%s: %w", a.Called(), ErrNoWords)
	}
	if !a.Secret {
		return "", fmt.Errorf("%s: %w", a.Called(), ErrNoSecret)
	}
	name, _, _ := cutIndex(a.Name.Name)
	return name, nil
}

// Unlock asks for the passphrase, if one protects the key, so that signing
// then takes no time. Its error wraps ErrNoSecret or ErrPassphrase.
func (a *Account) Unlock() error {
	if a.key != nil {
		return nil
	}
	if !a.Secret {
		return fmt.Errorf("%s: %w", a.Called(), ErrNoSecret)
	}
	words, err := a.words()
	if err != nil {
		return err
	}
	_, index, _ := cutIndex(a.Name.Name)
	key, err := secretAt(words, index)
	if err != nil {
		return err
	}
	if contract.AddressOf(key) != a.Address {
		return fmt.Errorf("key %s: damaged: its words and its address do not belong together", a.Called())
	}
	a.key = key
	return nil
}

func (a *Account) words() (string, error) {
	name, _, _ := cutIndex(a.Name.Name)
	file, err := a.keys.read(name)
	if err != nil {
		return "", err
	}
	words, _, err := a.keys.openWords(&file)
	return words, err
}

// Draft is the account's next tx, not signed yet. Its valid_until is drawn
// from the last second of validFor: signing is deterministic, and two commands
// that want the same at the same nonce must not make the same tx, or each would
// take the other's outcome for its own.
func (a *Account) Draft(chain string, nonce uint64, now contract.Time, validFor contract.Seconds,
	m contract.Message) *contract.Tx {
	until := now.Plus(validFor) - contract.Time(rand.Int64N(int64(time.Second)))
	return &contract.Tx{Chain: chain, Account: a.Address, Nonce: nonce, ValidUntil: until, Message: m}
}

// Sign signs a tx of this account.
func (a *Account) Sign(tx *contract.Tx) error {
	if tx.Account != a.Address {
		return fmt.Errorf("%s: the transaction is of %s", a.Called(), tx.Account)
	}
	if err := a.Unlock(); err != nil {
		return err
	}
	return tx.Sign(a.key)
}

// Consent signs that clause may be used on share (from 1; 0 = the rest) of a
// packet, for reason, by any tx in a block before until. It panics
// when the packet has no such share.
func (a *Account) Consent(chain string, p *contract.Packet, clause *contract.Clause, share uint32,
	reason contract.Reason, until contract.Time) (contract.Consent, error) {
	if err := a.Unlock(); err != nil {
		return contract.Consent{}, err
	}
	sig, err := contract.SignDigest(a.key, contract.ConsentDigest(chain, p, clause, share, reason, until))
	return contract.Consent{Account: a.Address, ValidUntil: until, Signature: sig}, err
}

// SignRegistration signs a registration of the ceremony with which a chain begins. Its digest is
// under a tag of its own, so that the signature is good for nothing else.
func (a *Account) SignRegistration(digest contract.Hash) (contract.Signature, error) {
	if err := a.Unlock(); err != nil {
		return contract.Signature{}, err
	}
	return contract.SignDigest(a.key, digest)
}

// SignLink lets claimer claim from a packet with its link's key.
func SignLink(link *btcec.PrivateKey, chain string, packet contract.PacketID,
	claimer contract.Address) (contract.Signature, error) {
	return contract.SignDigest(link, contract.LinkDigest(chain, packet, claimer))
}
