package wallet

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"hongbao/contract"
)

// lookalike is how many characters at each end make two addresses look alike:
// people compare no more, and by chance it happens once in 2^30.
const lookalike = 3

func (k *Keyring) contactsPath() string { return filepath.Join(k.home, "contacts.json") }

func (k *Keyring) readContacts() (map[string]contract.Address, error) {
	contacts := map[string]contract.Address{}
	err := readJSON(k.contactsPath(), &contacts)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("contacts %w", err)
	}
	if contacts == nil { // the file says null
		contacts = map[string]contract.Address{}
	}
	return contacts, nil
}

// Contacts are the home's names for other people's addresses, by name.
func (k *Keyring) Contacts() ([]Name, error) {
	contacts, err := k.readContacts()
	if err != nil {
		return nil, err
	}
	var all []Name
	for name, a := range contacts {
		all = append(all, Name{Name: name, Address: a})
	}
	slices.SortFunc(all, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// AddContact gives an address a name, which no key and no contact may have.
func (k *Keyring) AddContact(name string, a contract.Address) (Name, error) {
	return Name{Name: name, Address: a}, k.changeContacts(func(contacts map[string]contract.Address) error {
		if err := k.Free(name); err != nil {
			return err
		}
		contacts[name] = a
		return nil
	})
}

// RemoveContact forgets a contact; ErrUnknown when there is none of that name.
func (k *Keyring) RemoveContact(name string) (Name, error) {
	removed := Name{Name: strings.TrimPrefix(name, "@")}
	return removed, k.changeContacts(func(contacts map[string]contract.Address) error {
		a, ok := contacts[removed.Name]
		if !ok {
			return fmt.Errorf("%q: %w", name, ErrUnknown)
		}
		removed.Address = a
		delete(contacts, removed.Name)
		return nil
	})
}

func (k *Keyring) changeContacts(change func(map[string]contract.Address) error) error {
	unlock, err := k.lock()
	if err != nil {
		return err
	}
	defer unlock()
	contacts, err := k.readContacts()
	if err != nil {
		return err
	}
	if err := change(contacts); err != nil {
		return err
	}
	return WriteFile(k.contactsPath(), contacts)
}

// Lookalike is a party this home knows whose address begins and ends like a,
// which it does not know: a may have been made to be mistaken for it.
func (k *Keyring) Lookalike(a contract.Address) (Name, bool) {
	all := k.known()
	if slices.ContainsFunc(all, func(n Name) bool { return n.Address == a }) {
		return Name{}, false
	}
	i := slices.IndexFunc(all, func(n Name) bool { return looksAlike(n.Address.String(), a.String()) })
	if i < 0 {
		return Name{}, false
	}
	return all[i], true
}

func looksAlike(a, b string) bool {
	const head = len("hb1") + lookalike
	return a[:head] == b[:head] && a[len(a)-lookalike:] == b[len(b)-lookalike:]
}
