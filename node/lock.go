package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrInUse is returned for a home whose node is running.
var ErrInUse = errors.New("a node is already running there")

// Lock takes a home for one process. Two nodes over one home would sign
// conflicting votes with one key. The lock is the kernel's: it ends with the
// process however that ends, and the file holds the owner's pid for people.
func Lock(home string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(home, lockFile), os.O_RDWR|os.O_CREATE, keyPerm)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("node home %s: %w", home, ErrInUse)
		}
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() { f.Close() }, nil
}
