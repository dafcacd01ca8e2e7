package wallet

import (
	"errors"
	"fmt"
	"hongbao/internal/home"
)

// ErrCurrent refuses to remove the key in use while another could take its place.
var ErrCurrent = errors.New("is the key in use")

// ChangePassphrase protects a key with what fresh answers from now on. The old
// file stays until the new one is durable.
func (k *Keyring) ChangePassphrase(name string, fresh func(name string) (string, error)) error {
	file, err := k.read(name)
	if err != nil {
		return err
	}
	words, _, err := k.openWords(&file)
	if err != nil {
		return err
	}
	sealed, err := k.protect(name, words, fresh)
	if err != nil {
		return err
	}
	return k.change(name, func(now *keyFile) error {
		if now.Words != file.Words {
			return fmt.Errorf("%s: %w: another command changed it meanwhile", name, ErrWrite)
		}
		now.Words = sealed
		return nil
	})
}

// protect is words encrypted under what passphrase answers.
func (k *Keyring) protect(name, words string, passphrase func(name string) (string, error)) (string, error) {
	typed, err := passphrase(name)
	if err != nil {
		return "", err
	}
	secret, err := spelling(typed)
	if err != nil {
		return "", err
	}
	return seal(words, secret, k.Work)
}

// Rename gives a key another name, and its further addresses with it. The key is
// under both for a moment, and never under none.
func (k *Keyring) Rename(old, name string) (Name, error) {
	unlock, err := k.lock()
	if err != nil {
		return Name{}, err
	}
	defer unlock()
	file, err := k.read(old)
	if err != nil {
		return Name{}, err
	}
	if err := k.Free(name); err != nil {
		return Name{}, err
	}
	current, err := k.Current()
	if err != nil {
		return Name{}, err
	}
	file.Name = name
	if err := WriteFile(k.path(name), file); err != nil {
		return Name{}, err
	}
	if base, index, ok := cutIndex(current); ok && base == old {
		current = joinIndex(name, index)
		if err := writeBytes(k.currentPath(), []byte(current+"\n")); err != nil {
			return Name{}, err
		}
	}
	if err := k.remove(k.path(old)); err != nil {
		return Name{}, err
	}
	n, err := k.Find(name)
	n.Current = current == name
	return n, err
}

// MayRemove is nil where Remove would do it: ErrCurrent, where the key is in use and
// there are others.
func (k *Keyring) MayRemove(name string) error {
	current, err := k.Current()
	if err != nil {
		return err
	}
	own, err := k.Own()
	if err != nil {
		return err
	}
	if base, _, _ := cutIndex(current); base == name && len(own) > 1 {
		return fmt.Errorf("%s: %w", name, ErrCurrent)
	}
	return nil
}

// Remove deletes a key's file, a damaged one too: but for its words the key is
// gone.
func (k *Keyring) Remove(name string) error {
	unlock, err := k.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := k.MayRemove(name); err != nil {
		return err
	}
	if err := k.remove(k.path(name)); err != nil {
		return err
	}
	if current, err := k.Current(); err != nil {
		return err
	} else if base, _, _ := cutIndex(current); base == name {
		return k.remove(k.currentPath())
	}
	return nil
}

func (k *Keyring) remove(path string) error {
	if err := home.Remove(path); err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return nil
}
