package wallet

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hongbao/contract"
)

// The first key of one's own is the one in use, and no later one takes its place.
func TestTheFirstKeyIsInUse(t *testing.T) {
	k := openHome(t.TempDir())
	if n := newKey(t, k, "lin"); !n.Current {
		t.Errorf("the first key: %+v", n)
	}
	if n := newKey(t, k, "mei"); n.Current {
		t.Errorf("the second key: %+v", n)
	}
	if name, err := k.Current(); name != "lin" || err != nil {
		t.Errorf("in use: %q, %v", name, err)
	}
}

func TestRenameKeepsAllButTheName(t *testing.T) {
	k := openHome(t.TempDir())
	lin := newKey(t, k, "lin")
	newKey(t, k, "mei")
	fresh, err := k.fresh("lin", ledger{}.use)
	if err != nil || fresh.Keep() != nil {
		t.Fatal(err)
	}
	if _, err := k.Use("lin/1"); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]error{"mei": ErrExists, "alice": ErrExists, "lin": ErrExists, "A b": ErrBadName} {
		if _, err := k.Rename("lin", to); !errors.Is(err, want) {
			t.Errorf("to %q: %v", to, err)
		}
	}
	if n, err := k.Rename("lin", "zhao"); err != nil || n.Address != lin.Address || n.Name != "zhao" {
		t.Fatalf("%+v, %v", n, err)
	}
	if _, err := k.Find("lin"); !errors.Is(err, ErrUnknown) {
		t.Errorf("lin: %v", err)
	}
	if name, _ := k.Current(); name != "zhao/1" {
		t.Errorf("in use: %s", name)
	}
	a, err := k.Account("zhao/1")
	if err != nil || a.Address != fresh.Address || a.Unlock() != nil {
		t.Errorf("%+v, %v", a, err)
	}
}

// Whatever goes wrong with a new passphrase, the old one opens the key.
func TestAChangedPassphraseOpensAndTheOldOneDoesNot(t *testing.T) {
	k := openHome(t.TempDir())
	if _, err := k.Import("lin", abandon, typed("open sesame")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\ufeffone", "o\x00n\x00e\x00", "\xff\xfeo"} {
		if err := k.ChangePassphrase("lin", typed(bad)); !errors.Is(err, ErrNewPassphrase) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := os.Chmod(filepath.Join(k.home, "keys"), 0o500); err != nil {
		t.Fatal(err)
	}
	if err := k.ChangePassphrase("lin", typed("one")); os.Getuid() != 0 && !errors.Is(err, ErrWrite) {
		t.Errorf("in a folder that is read-only: %v", err)
	}
	if err := os.Chmod(filepath.Join(k.home, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // nothing is read-only for root
		k.Passphrase = typed("one")
		if err := k.ChangePassphrase("lin", typed("open sesame")); err != nil {
			t.Fatal(err)
		}
		k.Passphrase = typed("open sesame")
	}
	if words, err := k.Export("lin"); err != nil || words != abandon {
		t.Errorf("with the old passphrase: %v", err)
	}
	if err := k.ChangePassphrase("lin", typed("open barley")); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Export("lin"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("with the old passphrase, after the change: %v", err)
	}
	k.Passphrase = typed("open barley")
	if words, err := k.Export("lin"); err != nil || words != abandon {
		t.Errorf("with the new one: %v", err)
	}
}

func TestTheKeyInUseIsRemovedLast(t *testing.T) {
	k := openHome(t.TempDir())
	newKey(t, k, "lin")
	newKey(t, k, "mei")
	if err := k.Remove("lin"); !errors.Is(err, ErrCurrent) {
		t.Errorf("the key in use: %v", err)
	}
	for _, name := range []string{"mei", "lin"} {
		if err := k.Remove(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := k.Find(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	if name, err := k.Current(); name != "" || err != nil {
		t.Errorf("in use: %q, %v", name, err)
	}
}

// A wrong passphrase is asked for again as often as Again says.
func TestAWrongPassphraseIsAskedForAgain(t *testing.T) {
	k := openHome(t.TempDir())
	newKey(t, k, "lin")
	asked := 0
	k.Passphrase = func(string) (string, error) {
		asked++
		return map[bool]string{true: "open sesame", false: "typo"}[asked == 3], nil
	}
	k.Again = func(string) bool { return asked < 3 }
	if _, err := k.Export("lin"); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	k.Again = func(string) bool { return asked < 5 }
	if _, err := k.Export("lin"); !errors.Is(err, ErrPassphrase) || asked != 5 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

// é has two spellings, and a keyboard gives either.
func TestAPassphraseOpensInEitherSpelling(t *testing.T) {
	composed, decomposed := norm.NFC.String("café"), norm.NFD.String("café")
	if composed == decomposed {
		t.Fatal("they are the same")
	}
	for _, made := range []string{composed, decomposed} {
		k := openHome(t.TempDir())
		if _, err := k.New("lin", typed(made)); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{composed, decomposed} {
			k.Passphrase = typed(at)
			if _, err := k.Export("lin"); err != nil {
				t.Errorf("made as %x, typed as %x: %v", made, at, err)
			}
		}
		// A key that was made before spellings were told apart.
		file, err := k.read("lin")
		if err != nil {
			t.Fatal(err)
		}
		if file.Words, err = seal(abandon, made, k.Work); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(k.path("lin"), file); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{composed, decomposed} {
			k.Passphrase = typed(at)
			if _, err := k.Export("lin"); err != nil {
				t.Errorf("made long ago as %x, typed as %x: %v", made, at, err)
			}
		}
	}
}

// What a sync tool, a Mac or an accident leaves among the keys stops nothing but
// the use of what it damaged. A home's path is a path, and no pattern.
func TestStrayFilesAmongTheKeys(t *testing.T) {
	home := filepath.Join(t.TempDir(), "g[1] *?")
	k := openHome(home)
	lin := newKey(t, k, "lin")
	newKey(t, k, "mei")
	key, err := os.ReadFile(k.path("lin"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"._lin.json": {0, 5, 22, 7}, "lin (conflicted copy).json": key, "lin-backup.json": key, "empty.json": nil,
		".DS_Store": {1}, "mei.json": bytes.Replace(key, []byte(`"name": "lin"`), []byte(`"name": "mei`), 1),
		"current~": nil,
		"bom.json": append([]byte("\ufeff"), bytes.Replace(key, []byte(`"name": "lin"`), []byte(`"name": "bom"`),
			1)...),
	} {
		if err := os.WriteFile(filepath.Join(home, "keys", name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(home, "keys", "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	var skipped []string
	k.Skipped = func(err error) { skipped = append(skipped, err.Error()) }
	all, err := k.List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range all {
		if !n.Dev {
			names = append(names, n.Name)
		}
	}
	if !slices.Equal(names, []string{"bom", "lin"}) || len(skipped) != 6 {
		t.Errorf("keys %q; skipped:\n%s", names, strings.Join(skipped, "\n"))
	}
	if n := k.NameOf(lin.Address); n != "bom" && n != "lin" {
		t.Errorf("lin is called %q", n)
	}
	if _, err := k.Account("mei"); !errors.Is(err, ErrDamaged) {
		t.Errorf("the damaged key itself: %v", err)
	}
	if a, err := k.Account(lin.Address.String()); err != nil || !a.Secret {
		t.Errorf("by its address: %+v, %v", a, err)
	}
}

func TestDamagedContactsStopOnlyWhatNeedsThem(t *testing.T) {
	k := openHome(t.TempDir())
	lin := newKey(t, k, "lin")
	wu := contract.AddressOf(DevKey("somebody called wu"))
	if _, err := k.AddContact("wu", wu); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(k.contactsPath())
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		if err := os.WriteFile(k.contactsPath(), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(append([]byte("\ufeff"), b...))
	if n, err := k.Find("wu"); err != nil || n.Address != wu {
		t.Errorf("behind a byte order mark: %+v, %v", n, err)
	}
	write(b[:len(b)/2])
	told := 0
	k.Skipped = func(error) { told++ }
	if n, err := k.Find("lin"); err != nil || n != (Name{Name: "lin", Address: lin.Address, Secret: true}) {
		t.Errorf("a key: %+v, %v", n, err)
	}
	if _, ok := k.Lookalike(wu); ok || told != 1 {
		t.Errorf("a lookalike is looked for, and %d warnings are given", told)
	}
	if _, err := k.Find("wu"); !errors.Is(err, ErrDamaged) {
		t.Errorf("a contact: %v", err)
	}
	if _, err := k.AddContact("mei", wu); !errors.Is(err, ErrDamaged) {
		t.Errorf("adding one: %v", err)
	}
	if now, _ := os.ReadFile(k.contactsPath()); !bytes.Equal(now, b[:len(b)/2]) {
		t.Error("damaged contacts were written over")
	}
}

func TestATxIsFoundInAHomeOfAnyPath(t *testing.T) {
	k := openHome(filepath.Join(t.TempDir(), "g[x"))
	a, err := k.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	tx := a.Draft("c", 0, 1, ValidFor, &contract.Pay{Amount: 1})
	p := NewPending(tx)
	if err := a.Journal(p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.home, "accounts", "hb1damaged@c.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := k.FindPending(p.Tx); err != nil || found == nil {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := k.FindPending(contract.Hash{1}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a tx that may stand in the damaged journal: %v", err)
	}
}

// Which word it is, is said; the word is not.
func TestWrongWordsAreNamedByTheirNumbers(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(abandon, "about", "abuot", 1):        "these are not in the list of words: number 12",
		"abandno abandon xx" + strings.Repeat(" abandon", 9): "these are not in the list of words: number 1, 3",
		strings.TrimSuffix(abandon,
			" about"): "there are 11, and have to be 12, 15, 18, 21 or 24",
		strings.Replace(abandon, "abandon about", "about abandon", 1): "they do not fit together",
		"": "there are 0",
	} {
		_, err := parseWords(text)
		if !errors.Is(err, ErrWords) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(),
			"aband") || strings.Contains(err.Error(), "abuot") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
