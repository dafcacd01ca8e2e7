package wallet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"hongbao/contract"
)

// maxAddresses bounds the addresses of one key: a home lists them all.
const maxAddresses = 1000

// keyFile is keys/<name>.json.
type keyFile struct {
	Name      string `json:"name"`
	Public    string `json:"xpub"`      // BIP-32, of m/44'/1'/0'/0
	Addresses uint32 `json:"addresses"` // 0 … Addresses-1 are in use
	Words     string `json:"words"`     // a BIP-39 mnemonic, in an armored age file
}

func (f *keyFile) address(i uint32) (contract.Address, error) {
	a, err := addressAt(f.Public, i)
	if err != nil {
		err = fmt.Errorf("key %s: %w: %w", f.Name, ErrDamaged, err)
	}
	return a, err
}

func (k *Keyring) path(name string) string {
	return filepath.Join(k.home, "keys", name+".json")
}

// read reads a key's file; its error is fs.ErrNotExist or wraps ErrDamaged.
func (k *Keyring) read(name string) (file keyFile, err error) {
	path := k.path(name)
	if err := readJSON(path, &file); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("key file %w", err)
		}
		return file, err
	}
	switch {
	case file.Name != name:
		return file, fmt.Errorf("key file %s: %w: it is that of %q", path, ErrDamaged, file.Name)
	case file.Words == "" || file.Addresses == 0 || file.Addresses > maxAddresses:
		return file, fmt.Errorf("key file %s: %w: a field is missing or does not fit", path, ErrDamaged)
	}
	_, err = file.address(0)
	return file, err
}

// lock keeps other commands from adding keys, addresses and contacts.
func (k *Keyring) lock() (unlock func(), err error) {
	return lock(context.Background(), filepath.Join(k.home, "keys", "lock"))
}

// New makes a random key, protected by what passphrase answers.
func (k *Keyring) New(name string, passphrase func(name string) (string, error)) (Name, error) {
	words, err := newWords()
	if err != nil {
		return Name{}, err
	}
	return k.Import(name, words, passphrase)
}

// Import keeps the key of a mnemonic, protected by what passphrase answers. It
// asks once all else is well.
func (k *Keyring) Import(name, words string, passphrase func(name string) (string, error)) (Name, error) {
	if err := k.Free(name); err != nil {
		return Name{}, err
	}
	words, err := parseWords(words)
	if err != nil {
		return Name{}, err
	}
	file, err := k.newFile(name, words, passphrase)
	if err != nil {
		return Name{}, err
	}
	unlock, err := k.lock()
	if err != nil {
		return Name{}, err
	}
	defer unlock()
	if err := k.Free(name); err != nil {
		return Name{}, err // taken while the passphrase was typed
	}
	current, err := k.Current()
	if err != nil {
		return Name{}, err
	}
	if err := WriteFile(k.path(name), file); err != nil {
		return Name{}, err
	}
	n, err := k.Find(name)
	if err == nil && current == "" {
		return k.Use(name) // a key of one's own signs, and not a public one
	}
	return n, err
}

func (k *Keyring) newFile(name, words string, passphrase func(name string) (string, error)) (*keyFile, error) {
	chain, err := chainOf(words)
	if err != nil {
		return nil, err
	}
	public, err := publicOf(chain)
	if err != nil {
		return nil, err
	}
	sealed, err := k.protect(name, words, passphrase)
	if err != nil {
		return nil, err
	}
	return &keyFile{Name: name, Public: public, Addresses: 1, Words: sealed}, nil
}

// Export is a key's mnemonic: a reader of it has all its addresses.
func (k *Keyring) Export(party string) (words string, err error) {
	a, err := k.Account(party)
	if err != nil {
		return "", err
	}
	if _, err := a.Key(); err != nil {
		return "", err
	}
	return a.words()
}

// change writes a key's file anew, unless change leaves it as it is. The old
// file stays until the new one is durable.
func (k *Keyring) change(name string, change func(*keyFile) error) error {
	unlock, err := k.lock()
	if err != nil {
		return err
	}
	defer unlock()
	file, err := k.read(name)
	if err != nil {
		return err
	}
	before := file
	if err := change(&file); err != nil || file == before {
		return err
	}
	return WriteFile(k.path(name), file)
}

// joinIndex names address number i of a key.
func joinIndex(name string, i uint32) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s/%d", name, i)
}

// cutIndex is joinIndex's inverse; ok is false for any other spelling.
func cutIndex(text string) (name string, i uint32, ok bool) {
	name, number, slash := strings.Cut(text, "/")
	if !slash {
		return name, 0, true
	}
	n, err := strconv.ParseUint(number, 10, 32)
	return name, uint32(n), err == nil && joinIndex(name, uint32(n)) == text
}
