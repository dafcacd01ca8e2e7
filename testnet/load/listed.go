package load

import (
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// entryList is a list whose entries are, in turn, for a claimer's address and for a link,
// each for a fen more than the one before.
type entryList struct {
	entries []contract.ListEntry
	keys    []*btcec.PrivateKey // of the links; nil for the others
	tree    *contract.List
}

// newEntryList lists the claimers of the packet that the sender makes next.
func newEntryList(sender *account, claimers []*account) (*entryList, error) {
	l := &entryList{}
	var leaves []contract.Subtree
	for i, a := range claimers {
		e := contract.ListEntry{Index: uint32(i + 1), Kind: contract.WhoAddress, Who: a.addr,
			Amount: shareAmount + contract.Amount(i)}
		var key *btcec.PrivateKey
		if i%2 == 1 {
			key = linkKey(sender, i)
			e.Kind, e.Who = contract.WhoLink, contract.AddressOf(key)
		}
		l.entries, l.keys, leaves = append(l.entries, e), append(l.keys, key), append(leaves, e.Leaf())
	}
	var err error
	l.tree, err = contract.NewList(leaves)
	return l, err
}

// entry is the one of claimer i, with its path, and the key that has to sign; nil: none.
func (l *entryList) entry(i int) (*contract.Listing, *btcec.PrivateKey) {
	return &contract.Listing{Entry: l.entries[i], Path: l.tree.Path(uint32(i + 1))}, l.keys[i]
}

// linkKey is link i of a sender's next packet: of its secret and nonce, so that a run needs
// no other randomness.
func linkKey(sender *account, i int) *btcec.PrivateKey {
	secret := contract.TaggedHash(contract.TagDevKey, sender.key.Serialize(),
		fmt.Appendf(nil, "link %d of %d", i, sender.nonce))
	key, _ := btcec.PrivKeyFromBytes(secret[:])
	return key
}
