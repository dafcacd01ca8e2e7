package home

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrLocked is of a lock that another process holds.
var ErrLocked = errors.New("another process holds the lock")

// lockPause is between two tries of Lock: short beside what a command does
// under a lock, a signature and a write.
const lockPause = 5 * time.Millisecond

// TryLock takes the lock file at path for this process, and makes the file if
// it is missing. Its error is ErrLocked while another process, or another
// caller in this one, has the lock. The lock is the kernel's: it ends with the
// process however that ends. The folder has to be there.
func TryLock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
}

// Lock is TryLock that waits its turn, until ctx ends: then it returns ctx's
// error.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, err = TryLock(path)
		if !errors.Is(err, ErrLocked) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPause):
		}
	}
}
