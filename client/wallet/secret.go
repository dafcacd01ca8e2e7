package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/text/unicode/norm"
)

// ErrPassphrase says that a passphrase does not open a key.
var ErrPassphrase = errors.New("wrong passphrase")

const (
	// defaultWork is OWASP's advice for scrypt: 2^17 rounds of 1 KiB. Trying one
	// passphrase takes 128 MiB and about half a second.
	defaultWork = 17
	// maxWork is the most a key file may ask for: age's own default, 256 MiB.
	maxWork = 18
)

// seal encrypts text under a passphrase with 2^work rounds of scrypt, as an
// armored age file: `age -d` reads it as well.
func seal(text, passphrase string, work int) (string, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return "", err
	}
	to.SetWorkFactor(work)
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	if err := errors.Join(w.Close(), a.Close()); err != nil {
		return "", err
	}
	return out.String(), nil
}

// ErrNewPassphrase refuses a passphrase that a person could not type again.
var ErrNewPassphrase = errors.New("not a text that can be typed")

// spelling is a new passphrase as it is used: one spelling of what may be written
// in two ways, such as é (Unicode NFC). Its error wraps ErrNewPassphrase: what an
// editor saved as UTF-16, or with a byte order mark, would never be typed again.
func spelling(passphrase string) (string, error) {
	switch {
	case !utf8.ValidString(passphrase) || strings.ContainsRune(passphrase, 0):
		return "", fmt.Errorf("passphrase: %w: save it as UTF-8", ErrNewPassphrase)
	case strings.HasPrefix(passphrase, "\ufeff"):
		return "", fmt.Errorf("passphrase: %w: it begins with a byte order mark; save it as UTF-8 without one",
			ErrNewPassphrase)
	}
	return norm.NFC.String(passphrase), nil
}

// spellings are those that a passphrase may have had when its key was made.
func spellings(passphrase string) []string {
	all := []string{norm.NFC.String(passphrase), passphrase, norm.NFD.String(passphrase)}
	slices.Sort(all)
	return slices.Compact(all)
}

// openWords asks for the passphrase of a key, and is its words and the one that
// opened them.
func (k *Keyring) openWords(file *keyFile) (words, passphrase string, err error) {
	if k.Passphrase == nil {
		return "", "", fmt.Errorf("the passphrase of %s has to be typed in a terminal", file.Name)
	}
	for {
		typed, err := k.Passphrase(file.Name)
		if err != nil {
			return "", "", err
		}
		for _, passphrase := range spellings(typed) {
			words, err = open(file.Words, passphrase)
			if err == nil {
				return words, passphrase, nil
			}
			if !errors.Is(err, ErrPassphrase) {
				return "", "", fmt.Errorf("key %s: %w: %w", file.Name, ErrDamaged, err)
			}
		}
		if k.Again == nil || !k.Again(file.Name) {
			return "", "", fmt.Errorf("key %s: %w", file.Name, err)
		}
	}
}

// open is seal's inverse. Its error wraps ErrPassphrase when that is the
// reason.
func open(sealed, passphrase string) (string, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrPassphrase, err)
	}
	id.SetMaxWorkFactor(maxWork)
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(sealed)), id)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return "", ErrPassphrase
	}
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
