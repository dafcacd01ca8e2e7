package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// ErrPassphrase is of a passphrase that does not open a key.
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
