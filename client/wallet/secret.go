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

// workFactor is scrypt's: 2^17 rounds of 1 KiB, OWASP's advice. Trying one
// passphrase takes 128 MiB and about half a second.
var workFactor = 17

// maxWorkFactor is the most a key file may ask for: age's own default, 256 MiB.
const maxWorkFactor = 18

// seal encrypts text under a passphrase, as an armored age file: `age -d` reads
// it as well.
func seal(text, passphrase string) (string, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return "", err
	}
	to.SetWorkFactor(workFactor)
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
	id.SetMaxWorkFactor(maxWorkFactor)
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
