package wallet

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hongbao/contract"
)

// typed answers every question for a passphrase.
func typed(text string) func(string) (string, error) {
	return func(string) (string, error) { return text, nil }
}

// openHome is a keyring whose owner knows the passphrase "open sesame".
func openHome(home string) *Keyring {
	k := Open(home)
	k.Passphrase = typed("open sesame")
	k.Work = 10 // tests make many keys, and protect none
	return k
}

func newKey(t *testing.T, k *Keyring, name string) Name {
	t.Helper()
	n, err := k.New(name, typed("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Dev addresses stand in genesis files and in documents: they never change.
func TestDevKeysAreTheSameForEverybody(t *testing.T) {
	const alice = "hb16zzvux9kej47sajze9h3zczxytafzpays4c4pdzhnz9nfgc66gusumsurw"
	a, again := contract.AddressOf(DevKey("alice")), contract.AddressOf(DevKey("alice"))
	if a != again || a.String() != alice || a == contract.AddressOf(DevKey("bob")) || !a.OnCurve() {
		t.Errorf("alice is %s, then %s", a, again)
	}
}

func TestParties(t *testing.T) {
	k := openHome(t.TempDir())
	lin := newKey(t, k, "lin")
	second, err := k.fresh("lin", ledger{}.use)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Keep(); err != nil {
		t.Fatal(err)
	}
	wu := contract.AddressOf(DevKey("somebody called wu"))
	if _, err := k.AddContact("wu", wu); err != nil {
		t.Fatal(err)
	}
	alice := contract.AddressOf(DevKey("alice"))
	for _, tt := range []struct {
		party string
		want  contract.Address
		err   error
	}{
		{"lin", lin.Address, nil},
		{"@lin", lin.Address, nil},
		{"lin/1", second.Address, nil},
		{"@lin/1", second.Address, nil},
		{lin.Address.String(), lin.Address, nil},
		{"alice", alice, nil},
		{"@alice", alice, nil},
		{"@wu", wu, nil},
		{"", contract.Address{}, ErrUnknown},
		{"../keys/lin", contract.Address{}, ErrUnknown},
		{"nobody", contract.Address{}, ErrUnknown},
		{"lin/0", contract.Address{}, ErrUnknown},
		{"lin/01", contract.Address{}, ErrUnknown},
		{"lin/2", contract.Address{}, ErrUnknown},
		{"alice/1", contract.Address{}, ErrUnknown},
		{"wu/1", contract.Address{}, ErrUnknown},
		{"last", contract.Address{}, ErrUnknown},
	} {
		got, err := k.Find(tt.party)
		if got.Address != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q: %s, %v", tt.party, got.Address, err)
		}
	}
	if _, err := k.Find(alice.String()[:60] + "x"); contract.CodeOf(err) != contract.CodeBadAddress {
		t.Errorf("a mistyped address: %v", err)
	}
	if a, err := k.Account(second.Address.String()); err != nil || a.Called() != "lin/1" || !a.Secret {
		t.Errorf("signing by address: %+v, %v", a, err)
	}
	for address, want := range map[contract.Address]string{lin.Address: "lin", second.Address: "lin/1", wu: "wu",
		alice: "alice", {1}: ""} {
		if got := k.NameOf(address); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
	for _, party := range []string{"wu", contract.AddressOf(DevKey("stranger")).String()} {
		a, err := k.Account(party)
		if err != nil || a.Secret || !errors.Is(a.Unlock(), ErrNoSecret) {
			t.Errorf("%s: an account without its key: %+v, %v", party, a, err)
		}
	}
}

func TestNewKeysArePrivateAndNeverOverwrite(t *testing.T) {
	home := t.TempDir()
	k := openHome(home)
	newKey(t, k, "lin")
	if _, err := k.AddContact("wu", contract.Address{1}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"lin": ErrExists, "alice": ErrExists, "wu": ErrExists, "": ErrBadName, "a/b": ErrBadName, "hb1x": ErrBadName,
		"rp1x": ErrBadName, "last": ErrBadName, "Lin": ErrBadName,
		"лin": ErrBadName, "⼩明": ErrBadName, "\uf900": ErrBadName, "2小": ErrBadName,
		strings.Repeat("小", 33): ErrBadName,
	} {
		asked := false
		_, err := k.New(name, func(string) (string, error) { asked = true; return "x", nil })
		if !errors.Is(err, want) || asked {
			t.Errorf("new key %q: %v; asked for a passphrase: %v", name, err, asked)
		}
		if _, err := k.AddContact(name, contract.Address{2}); !errors.Is(err, want) {
			t.Errorf("new contact %q: %v", name, err)
		}
	}
	for path, want := range map[string]os.FileMode{"keys": 0o700, "keys/lin.json": 0o600, "contacts.json": 0o600} {
		if info, err := os.Stat(filepath.Join(home, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "keys/lin.json"), []byte(`{"name":"lin"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Account("lin"); err == nil {
		t.Error("a damaged key file has an account")
	}
}

// Of several commands that want one name at once, one gets it; none writes
// over another's key.
func TestKeysMadeAtOnce(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	made := make([]Name, 8)
	for i := range made {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n, err := openHome(home).New("lin", typed("open sesame"))
			if err != nil && !errors.Is(err, ErrExists) {
				t.Error(err)
			}
			made[i] = n
		}()
	}
	wg.Wait()
	n := 0
	kept, err := openHome(home).Find("lin")
	for _, m := range made {
		if m != (Name{}) {
			n++
			if m.Address != kept.Address {
				t.Errorf("%s was made, %s is kept", m.Address, kept.Address)
			}
		}
	}
	if n != 1 || err != nil {
		t.Errorf("%d keys were made; %v", n, err)
	}
}

func TestWordsAreEncryptedAndComeBack(t *testing.T) {
	home := t.TempDir()
	k := openHome(home)
	lin, err := k.Import("lin", "  "+strings.ToUpper(abandon)+"\n", typed("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(home, "keys", "lin.json"))
	if err != nil || strings.Contains(string(b), "abandon") || !strings.Contains(string(b),
		"BEGIN AGE ENCRYPTED FILE") {
		t.Errorf("the key file: %s, %v", b, err)
	}
	if words, err := k.Export("lin"); err != nil || words != abandon {
		t.Errorf("exported %q, %v", words, err)
	}
	if _, err := k.Export("alice"); !errors.Is(err, ErrNoWords) {
		t.Errorf("export of a dev key: %v", err)
	}
	k.Passphrase = typed("open barley")
	if words, err := k.Export("lin"); !errors.Is(err, ErrPassphrase) || words != "" {
		t.Errorf("with a wrong passphrase: %q, %v", words, err)
	}
	for _, bad := range []string{"", "abandon"} {
		if _, err := k.Import("mei", bad, typed("x")); !errors.Is(err, ErrWords) {
			t.Errorf("import of %q: %v", bad, err)
		}
	}

	// The words are the key: in another home it is the same one.
	other := openHome(t.TempDir())
	if n, err := other.Import("mei", abandon, typed("another one")); err != nil || n.Address != lin.Address {
		t.Errorf("imported elsewhere: %+v, %v", n, err)
	}
}

func TestAKeyFileThatWasChangedDoesNotSign(t *testing.T) {
	home := t.TempDir()
	k := openHome(home)
	newKey(t, k, "lin")
	newKey(t, k, "mei")
	lin, err := k.read("lin")
	if err != nil {
		t.Fatal(err)
	}
	mei, err := k.read("mei")
	if err != nil {
		t.Fatal(err)
	}
	lin.Public = mei.Public
	if err := WriteFile(k.path("lin"), lin); err != nil {
		t.Fatal(err)
	}
	a, err := k.Account("lin")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Unlock(); err == nil || !strings.Contains(err.Error(), "do not belong together") {
		t.Errorf("unlocked: %v", err)
	}
}

func TestUseChoosesWhoSigns(t *testing.T) {
	k := openHome(t.TempDir())
	if name, err := k.Current(); name != "" || err != nil {
		t.Errorf("before use: %q, %v", name, err)
	}
	if _, err := k.Use("@bob"); err != nil {
		t.Fatal(err)
	}
	if name, err := k.Current(); name != "bob" || err != nil {
		t.Errorf("after use: %q, %v", name, err)
	}
	if _, err := k.Use("nobody"); !errors.Is(err, ErrUnknown) {
		t.Errorf("use of a stranger: %v", err)
	}
	if _, err := k.AddContact("wu", contract.Address{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Use("wu"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("use of a contact: %v", err)
	}
}

func TestContacts(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	for i := range byte(8) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := Open(home).AddContact("c"+string('0'+rune(i)), contract.Address{i}); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	k := Open(home)
	if n, err := k.RemoveContact("@c3"); err != nil || n.Address != (contract.Address{3}) {
		t.Errorf("removed %+v, %v", n, err)
	}
	if _, err := k.RemoveContact("c3"); !errors.Is(err, ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
	all, err := k.Contacts()
	if err != nil || len(all) != 7 || all[0].Name != "c0" || all[6].Name != "c7" {
		t.Errorf("%+v, %v", all, err)
	}
}

// An address that begins and ends like one this home knows was made to be
// mistaken for it.
func TestLookalikes(t *testing.T) {
	a, b := "hb1qqq"+strings.Repeat("q", 52)+"xyz", "hb1qqq"+strings.Repeat("p", 52)+"xyz"
	for _, tt := range []struct {
		desc string
		b    string
		want bool
	}{
		{"another middle", b, true},
		{"another beginning", "hb1qqp" + b[6:], false},
		{"another end", b[:60] + "p", false},
	} {
		if looksAlike(a, tt.b) != tt.want {
			t.Error(tt.desc)
		}
	}

	k := openHome(t.TempDir())
	wu := contract.AddressOf(DevKey("somebody called wu"))
	if _, err := k.AddContact("wu", wu); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]contract.Address{"wu": wu, "a stranger": contract.AddressOf(DevKey("stranger"))} {
		if like, ok := k.Lookalike(a); ok {
			t.Errorf("%s is no lookalike of %s", name, like.Name)
		}
	}
	// Its last characters are a checksum, so a twin is searched for: 2^15 tries
	// fit the end, and the beginning is copied.
	twin := wu
	for i := range 1 << 22 {
		twin[20], twin[21], twin[22] = byte(i), byte(i>>8), byte(i>>16)
		if twin != wu && looksAlike(twin.String(), wu.String()) {
			break
		}
	}
	if n, ok := k.Lookalike(twin); !ok || n.Name != "wu" {
		t.Errorf("%s against %s: %+v, %v", twin, wu, n, ok)
	}
}
