package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hongbao/internal/home"
)

// ErrWrite says that a file cannot be written: the disk is full or read-only, or
// the folder is another user's.
var ErrWrite = errors.New("cannot write")

// ErrDamaged says that a file of the home cannot be read, or does not have the
// right form.
var ErrDamaged = errors.New("cannot be used")

// WriteFile writes v as JSON for its owner's eyes alone, by [home.WriteFile].
// Its errors wrap [ErrWrite].
func WriteFile(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeBytes(path, append(b, '\n'))
}

func writeBytes(path string, b []byte) error {
	if err := home.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return nil
}

// readJSON reads a file of the home. A byte order mark is no part of it: some
// editors put one there. Where the file is not there, its error is fs.ErrNotExist,
// else it wraps ErrDamaged.
func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), v)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
}

// lock takes the lock file at path against every other command of this home.
// A lock file that cannot be made is ErrWrite.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrite, err)
	}
	unlock, err = home.Lock(ctx, path)
	if errors.As(err, new(*fs.PathError)) {
		return nil, fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return unlock, err
}
