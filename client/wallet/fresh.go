package wallet

import (
	"errors"
	"fmt"

	"hongbao/contract"
)

// ErrOpen refuses one more fresh address: so many claims with new addresses are
// still open that a restore might not look as far.
var ErrOpen = errors.New("too many claims with new addresses are still open")

// Gap is how many addresses in a row that were never used end a key, where it is
// brought back from its words. BIP-44 says 20; here a claim that loses its race
// in a block leaves one, so they are looked at further.
const Gap = 100

// freshAhead is how many addresses in a row may stay unused before the first of
// them is taken again. Half of Gap: what was used last is always within it, with
// room for claims whose outcome is still open.
const freshAhead = Gap / 2

// Use is what is known of an address.
type Use int

const (
	NeverUsed Use = iota // nothing ever happened in its name
	StillOpen            // something in its name may still happen
	InUse
)

// Fresh is an account of a's key at an address that was never used: the next in
// the order of BIP-44, or, where too many before it were never used either, the
// first of those. Nothing is written down: [Account.Keep] does that, once
// something is about to leave in the address's name.
func (a *Account) Fresh(use func(*Account) (Use, error)) (*Account, error) {
	name, err := a.Key()
	if err != nil {
		return nil, err
	}
	file, err := a.keys.read(name)
	if err != nil {
		return nil, err
	}
	look := func(i uint32) (*Account, Use, error) {
		address, err := file.address(i)
		if err != nil {
			return nil, 0, err
		}
		at := &Account{Name: Name{Name: joinIndex(name, i), Address: address, Secret: true}, keys: a.keys}
		u, err := use(at)
		return at, u, err
	}
	last := file.Addresses - 1 // the last that was used; 0 counts as used
	for ; last > 0; last-- {
		_, u, err := look(last)
		if err != nil {
			return nil, err
		}
		if u == InUse {
			break
		}
	}
	next := file.Addresses
	if next > last+freshAhead {
		next = last + 1
	}
	for ; next < maxAddresses; next++ {
		if next >= last+Gap {
			return nil, fmt.Errorf("%s: %w", name, ErrOpen)
		}
		at, u, err := look(next)
		if err != nil || u == NeverUsed {
			return at, err
		}
		if u == InUse { // by the same key in another home
			last = next
		}
	}
	return nil, fmt.Errorf("%s: has used %d addresses, the most a key may have", name, maxAddresses)
}

// Keep writes a fresh address down, so that its key has it from now on.
func (a *Account) Keep() error {
	name, index, _ := cutIndex(a.Name.Name)
	return a.keys.extend(name, func(file *keyFile) (uint32, error) {
		return max(file.Addresses, index+1), nil
	})
}

// Restore brings back the addresses that a key had elsewhere, as far as used
// knows them: it looks gap addresses beyond the last that was used.
func (k *Keyring) Restore(name string, gap uint32, used func(contract.Address) (bool, error)) error {
	return k.extend(name, func(file *keyFile) (uint32, error) {
		known := file.Addresses
		for i := known; i < min(known+min(gap, maxAddresses), maxAddresses); i++ {
			a, err := file.address(i)
			if err != nil {
				return 0, err
			}
			if yes, err := used(a); err != nil {
				return 0, err
			} else if yes {
				known = i + 1
			}
		}
		return known, nil
	})
}

// extend sets how many addresses of a key are in use.
func (k *Keyring) extend(name string, addresses func(*keyFile) (uint32, error)) error {
	return k.change(name, func(file *keyFile) error {
		n, err := addresses(file)
		file.Addresses = n
		return err
	})
}
