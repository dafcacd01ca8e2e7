package wallet

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

var (
	ErrUnknown  = errors.New("no such key, and not an address")
	ErrNoSecret = errors.New("its secret key is not in this home")
	ErrExists   = errors.New("a key of that name exists")
	ErrBadName  = errors.New("a key's name is 1 to 32 of a-z, 0-9, - and _, starting with a letter")
)

// DevNames are the accounts a dev network gives money to, in order.
var DevNames = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", Faucet}

// DevKey is the key that everybody has for a name: the tagged hash of the
// name, as a secret scalar. It protects nothing.
func DevKey(name string) *btcec.PrivateKey {
	secret := contract.TaggedHash("hongbao/dev-key", []byte(name))
	var scalar btcec.ModNScalar
	if overflow := scalar.SetByteSlice(secret[:]); overflow || scalar.IsZero() {
		panic("wallet: the hash of " + name + " is no scalar, a chance of 1 in 2^127")
	}
	return btcec.PrivKeyFromScalar(&scalar)
}

// Name is a key's public side.
type Name struct {
	Name    string // empty for a bare address
	Address contract.Address
	Dev     bool // its secret is public
	Secret  bool // this home can sign for it
	Current bool
}

// Account is somebody this home can sign for.
type Account struct {
	Name    string
	Address contract.Address
	key     *btcec.PrivateKey
	home    string
}

// Keyring is the keys of a home.
type Keyring struct{ home string }

// Open is the keyring of a home, which need not exist yet.
func Open(home string) *Keyring { return &Keyring{home} }

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

type keyFile struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
	Secret  string           `json:"secret_hex"`
}

func (k *Keyring) path(name string) string {
	return filepath.Join(k.home, "keys", name+".json")
}

// New makes a random key.
func (k *Keyring) New(name string) (Name, error) {
	if !goodName.MatchString(name) || strings.HasPrefix(name, "hb1") {
		return Name{}, fmt.Errorf("%q: %w", name, ErrBadName)
	}
	if _, err := k.Find(name); err == nil {
		return Name{}, fmt.Errorf("%s: %w", name, ErrExists)
	}
	key, err := newKey()
	if err != nil {
		return Name{}, err
	}
	address := contract.AddressOf(key)
	file := keyFile{name, address, hex.EncodeToString(key.Serialize())}
	if err := WriteFile(k.path(name), file); err != nil {
		return Name{}, err
	}
	return Name{Name: name, Address: address, Secret: true}, nil
}

func newKey() (*btcec.PrivateKey, error) {
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

// Find is a party: an address, or the name of a key, with or without @. Its
// error wraps ErrUnknown, or has the contract's code for a mistyped address.
func (k *Keyring) Find(party string) (Name, error) {
	if strings.HasPrefix(party, "hb1") {
		address, err := contract.ParseAddress(party)
		return Name{Address: address}, err
	}
	name := strings.TrimPrefix(party, "@")
	if file, err := k.read(name); err == nil {
		return Name{Name: name, Address: file.Address, Secret: true}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Name{}, err
	}
	if slices.Contains(DevNames, name) {
		return Name{Name: name, Address: contract.AddressOf(DevKey(name)), Dev: true, Secret: true}, nil
	}
	return Name{}, fmt.Errorf("%q: %w", party, ErrUnknown)
}

func (k *Keyring) read(name string) (file keyFile, err error) {
	if !goodName.MatchString(name) {
		return file, fs.ErrNotExist
	}
	b, err := os.ReadFile(k.path(name))
	if err != nil {
		return file, err
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return file, fmt.Errorf("key file %s: %w", k.path(name), err)
	}
	key, err := parseSecret(file.Secret)
	if err != nil || contract.AddressOf(key) != file.Address {
		return file, fmt.Errorf("key file %s: damaged: secret and address do not belong together", k.path(name))
	}
	return file, nil
}

func parseSecret(s string) (*btcec.PrivateKey, error) {
	b, err := hex.DecodeString(s)
	var scalar btcec.ModNScalar
	if err != nil || len(b) != 32 || scalar.SetByteSlice(b) || scalar.IsZero() {
		return nil, errors.New("not a secret key")
	}
	return btcec.PrivKeyFromScalar(&scalar), nil
}

// Account is a party this home can sign for; otherwise its error wraps
// ErrNoSecret or ErrUnknown.
func (k *Keyring) Account(party string) (*Account, error) {
	n, err := k.Find(party)
	if err != nil {
		return nil, err
	}
	if n.Name == "" {
		if n, err = k.named(n.Address); err != nil {
			return nil, err
		}
	}
	key := DevKey(n.Name)
	if !n.Dev {
		file, err := k.read(n.Name)
		if err != nil {
			return nil, err
		}
		if key, err = parseSecret(file.Secret); err != nil {
			return nil, err
		}
	}
	return &Account{Name: n.Name, Address: n.Address, key: key, home: k.home}, nil
}

// named finds the key behind an address.
func (k *Keyring) named(a contract.Address) (Name, error) {
	all, err := k.List()
	if err != nil {
		return Name{}, err
	}
	for _, n := range all {
		if n.Address == a {
			return n, nil
		}
	}
	return Name{}, fmt.Errorf("%s: %w", a, ErrNoSecret)
}

// NameOf is what this home calls an address; empty for a stranger.
func (k *Keyring) NameOf(a contract.Address) string {
	n, _ := k.named(a)
	return n.Name
}

// List is every key at hand: the home's own by name, then the dev keys.
func (k *Keyring) List() ([]Name, error) {
	current, err := k.Current()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(k.path("*"))
	if err != nil {
		return nil, err
	}
	var all []Name
	taken := map[string]bool{}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		n, err := k.Find(name)
		if err != nil {
			return nil, err
		}
		taken[name] = true
		all = append(all, n)
	}
	for _, name := range DevNames {
		if !taken[name] {
			all = append(all, Name{Name: name, Address: contract.AddressOf(DevKey(name)), Dev: true, Secret: true})
		}
	}
	for i := range all {
		all[i].Current = all[i].Name == current
	}
	return all, nil
}

// Current is the name that Use chose; empty when none was.
func (k *Keyring) Current() (string, error) {
	b, err := os.ReadFile(filepath.Join(k.home, "keys", "current"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(b)), err
}

// Use makes a key the one that signs when nobody is named.
func (k *Keyring) Use(party string) (Name, error) {
	a, err := k.Account(party)
	if err != nil {
		return Name{}, err
	}
	n, err := k.Find(a.Name)
	if err != nil {
		return Name{}, err
	}
	n.Current = true
	return n, writeBytes(filepath.Join(k.home, "keys", "current"), []byte(a.Name+"\n"))
}
