package home

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// dirPerm is of a folder that WriteFile has to make: what lies in a home is its
// owner's alone.
const dirPerm = 0o700

// WriteFile puts b at path: all of it or nothing, and durably, so that a crash
// never leaves half a key or half a genesis. A new file gets perm, less the
// umask. A symbolic link stays one, and what is no regular file, such as a
// device or a pipe, is written to. A folder that is missing is made.
func WriteFile(path string, b []byte, perm fs.FileMode) error {
	return Write(path, perm, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// Write is WriteFile of what fill writes, however long that is. When fill fails, what
// stood at path stays.
func Write(path string, perm fs.FileMode, fill func(io.Writer) error) error {
	path, regular, err := followed(path)
	if err != nil {
		return err
	}
	if !regular {
		return writeThrough(path, fill)
	}
	return replace(path, perm, fill)
}

// replace puts what fill writes at path once it is durable; until then what is there
// stays.
func replace(path string, perm fs.FileMode, fill func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, dirPerm); err != nil {
		return err
	}
	fresh := filepath.Join(dir, ".new-"+rand.Text())
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(fresh)
		}
	}()
	if err := fill(f); err != nil {
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
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(dir) // a new name is durable once its folder is
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
func writeThrough(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}

// Remove deletes the file at path, durably.
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
