package wallet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"hongbao/contract"
)

var (
	ErrUnknown  = errors.New("not a key, a contact or an address")
	ErrNoSecret = errors.New("its secret key is not in this home")
	ErrNoWords  = errors.New("has no words of its own: everybody can make it from its name")
	ErrExists   = errors.New("that name is taken")
	ErrBadName  = errors.New("a name is 1 to 32 of a-z, Chinese characters, 0-9, - and _, " +
		"starts with a letter or a Chinese character, and is not like an address, a packet or the word last")
)

// Name is a party's public side.
type Name struct {
	Name    string // empty for a bare address
	Address contract.Address
	Dev     bool // its secret is public
	Secret  bool // this home can sign for it
	Current bool
}

// Keyring is the keys and the contacts of a home.
type Keyring struct {
	home string

	// Passphrase asks for what opens the key of a name, each time its secret is
	// needed; after a wrong one again, as often as Again says so. Without Again
	// there is one try.
	Passphrase func(name string) (string, error)
	Again      func(name string) bool

	// Skipped is told of each file in the home that is passed over, because it
	// cannot be used; nil hears of none.
	Skipped func(err error)

	// Work is how dear new keys make a guess at their passphrase: 2^Work rounds
	// of scrypt, at most 18.
	Work int
}

// Open is the keyring of a home, such as the command line's ~/.hongbao. The home
// need not exist yet: dev keys are in every keyring.
func Open(home string) *Keyring { return &Keyring{home: home, Work: defaultWork} }

// nameForm is how a name may be spelt. Of all scripts it takes two whose letters
// do not look like each other's, and of Chinese the unified ideographs without
// their compatibility twins and radicals: two names that look the same are one.
var nameForm = regexp.MustCompile(`^[a-z` + han + `][a-z` + han + `0-9_-]{0,31}$`)

const han = `\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{20000}-\x{2EE5D}\x{30000}-\x{323AF}` // Unicode 15.1, Blocks.txt

// goodName keeps a name from being taken for anything else that stands where a
// party or a packet is named.
func goodName(name string) bool {
	return nameForm.MatchString(name) && !strings.HasPrefix(name, "hb1") && !strings.HasPrefix(name, "rp1") &&
		name != "last"
}

// Free says whether a new key or contact may have a name.
func (k *Keyring) Free(name string) error {
	if !goodName(name) {
		return fmt.Errorf("%q: %w", name, ErrBadName)
	}
	if isDev(name) {
		return fmt.Errorf("%s: %w: it is a public key for play money", name, ErrExists)
	}
	if _, err := k.Find(name); !errors.Is(err, ErrUnknown) {
		if err == nil {
			err = fmt.Errorf("%s: %w", name, ErrExists)
		}
		return err
	}
	return nil
}

// Find is a party: an address, or the name of a key (a dev key too) or a contact,
// with or without @. Its error wraps ErrUnknown, or has the contract's code for a
// mistyped address.
func (k *Keyring) Find(party string) (Name, error) {
	if strings.HasPrefix(party, "hb1") {
		address, err := contract.ParseAddress(party)
		return Name{Address: address}, err
	}
	name := strings.TrimPrefix(party, "@")
	base, index, ok := cutIndex(name)
	unknown := fmt.Errorf("%q: %w", party, ErrUnknown)
	if !ok || !goodName(base) {
		return Name{}, unknown
	}
	file, err := k.read(base)
	switch {
	case err == nil && index < file.Addresses:
		address, err := file.address(index)
		return Name{Name: name, Address: address, Secret: true}, err
	case err == nil || index > 0:
		return Name{}, unknown
	case !errors.Is(err, fs.ErrNotExist):
		return Name{}, err
	case isDev(name):
		return devName(name), nil
	}
	contacts, err := k.readContacts()
	if err != nil {
		return Name{}, err
	}
	if address, ok := contacts[name]; ok {
		return Name{Name: name, Address: address}, nil
	}
	return Name{}, unknown
}

// Addresses are those of a key of this home, in their order.
func (k *Keyring) Addresses(name string) ([]Name, error) {
	file, err := k.read(name)
	if err != nil {
		return nil, err
	}
	var all []Name
	for i := range file.Addresses {
		address, err := file.address(i)
		if err != nil {
			return nil, err
		}
		all = append(all, Name{Name: joinIndex(name, i), Address: address, Secret: true})
	}
	return all, nil
}

// List is every key at hand: the home's own by name, each with all its
// addresses, then the dev keys. A file that holds no key is passed over.
func (k *Keyring) List() ([]Name, error) {
	current, err := k.Current()
	if err != nil {
		return nil, err
	}
	files, err := k.files()
	if err != nil {
		return nil, err
	}
	var all []Name
	for _, f := range files {
		name := strings.TrimSuffix(f, ".json")
		if !goodName(name) {
			k.skip(fmt.Errorf("key file %s: %w: %q is not the name of a key", k.path(name), ErrDamaged, name))
			continue
		}
		own, err := k.Addresses(name)
		if err != nil {
			k.skip(err)
		}
		all = append(all, own...)
	}
	for _, name := range DevNames {
		all = append(all, devName(name))
	}
	for i := range all {
		all[i].Current = all[i].Name == current
	}
	return all, nil
}

// files are the names of the files in the folder of keys that may hold one.
func (k *Keyring) files() (names []string, err error) {
	files, err := os.ReadDir(filepath.Join(k.home, "keys"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) == ".json" {
			names = append(names, f.Name())
		}
	}
	return names, nil
}

// Own are the names of the home's own keys, those too whose files are damaged.
func (k *Keyring) Own() (names []string, err error) {
	files, err := k.files()
	for _, f := range files {
		if name := strings.TrimSuffix(f, ".json"); goodName(name) {
			names = append(names, name)
		}
	}
	return names, err
}

func (k *Keyring) skip(err error) {
	if k.Skipped != nil {
		k.Skipped(err)
	}
}

// known is every name of this home: its keys, then its contacts. What cannot be
// read is passed over.
func (k *Keyring) known() []Name {
	all, err := k.List()
	if err != nil {
		k.skip(err)
	}
	contacts, err := k.Contacts()
	if err != nil {
		k.skip(err)
	}
	return append(all, contacts...)
}

// NameOf is what this home calls an address; empty for a stranger.
func (k *Keyring) NameOf(a contract.Address) string {
	for _, n := range k.known() {
		if n.Address == a {
			return n.Name
		}
	}
	return ""
}

// Current is the name that Use chose; empty when none was.
func (k *Keyring) Current() (string, error) {
	b, err := os.ReadFile(k.currentPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return strings.TrimSpace(string(b)), nil
}

func (k *Keyring) currentPath() string { return filepath.Join(k.home, "keys", "current") }

// Use makes a key the one that signs when none is named.
func (k *Keyring) Use(party string) (Name, error) {
	a, err := k.Account(party)
	if err != nil {
		return Name{}, err
	}
	if !a.Secret {
		return Name{}, fmt.Errorf("%s: %w", party, ErrNoSecret)
	}
	n := a.Name
	n.Current = true
	return n, writeBytes(k.currentPath(), []byte(n.Name+"\n"))
}
