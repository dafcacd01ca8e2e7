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
	"strings"
	"syscall"
	"time"
)

// ErrWrite is of a file that cannot be written: a disk that is full or read-only,
// a folder that is somebody else's.
var ErrWrite = errors.New("cannot write")

// ErrDamaged is of a file of the home that cannot be read, or is not what it has to
// be.
var ErrDamaged = errors.New("cannot be used")

// WriteFile writes v as JSON for its owner's eyes alone: all of it or nothing,
// and durably, so that a crash never leaves half a key or half a journal. A
// symbolic link stays one, and what is no regular file, such as a device or a
// pipe, is written to.
func WriteFile(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeBytes(path, append(b, '\n'))
}

func writeBytes(path string, b []byte) error {
	path, regular, err := followed(path)
	switch {
	case err != nil:
	case regular:
		err = replace(path, b)
	default:
		err = writeThrough(path, b)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return nil
}

// replace puts b at path once it is durable; until then what is there stays.
func replace(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir) // a new name is durable once its folder is
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

// maxLinks is how many symbolic links in a row are followed, as on Linux.
const maxLinks = 40

// followed is where the links at path lead, whether or not there is anything,
// and whether a regular file may stand there.
func followed(path string) (string, bool, error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return path, true, nil
		case err != nil:
			return "", false, err
		case info.Mode()&fs.ModeSymlink == 0:
			return path, info.Mode().IsRegular(), nil
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && strings.HasPrefix(dir, "/proc/") {
			return path, false, nil // /dev/stdout and the like: an open file, whatever its name
		}
		next, err := os.Readlink(path)
		if err != nil {
			return "", false, err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", false, fmt.Errorf("%s: too many symbolic links", path)
}

// writeThrough writes to what is there: a device or a pipe keeps what it is given.
func writeThrough(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// lock takes the lock file at path against every other command of this home;
// the kernel frees it should the process die.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrite, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrite, err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
