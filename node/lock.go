package node

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"hongbao/internal/home"
)

// ErrInUse is returned for a home whose node is running.
var ErrInUse = errors.New("a node is already running there")

// Lock takes the home in dir for one process. Two nodes over one home would sign
// conflicting votes with one key. The file holds the owner's pid for people.
func Lock(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, lockFile)
	unlock, err = home.TryLock(path)
	if errors.Is(err, home.ErrLocked) {
		return nil, errorf(CodeNodeRunning, dir, "node home %s: %w", dir, ErrInUse)
	} else if err != nil {
		return nil, err
	}
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), keyPerm) // on a full disk the lock holds too
	return unlock, nil
}
