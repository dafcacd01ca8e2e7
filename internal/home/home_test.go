package home

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestDefaultIsWhatTheEnvironmentSays(t *testing.T) {
	for _, row := range []struct{ desc, hongbao, user, want, usual string }{
		{"a folder of one's own", "/keys", "/users/mia", "/keys", "/users/mia/.hongbao"},
		{"nothing said", "", "/users/mia", "/users/mia/.hongbao", "/users/mia/.hongbao"},
		{"a user without a home", "", "", "", ""},
	} {
		t.Setenv("HONGBAO_HOME", row.hongbao)
		t.Setenv("HOME", row.user)
		if got, usual := Default(), Usual(); got != row.want || usual != row.usual {
			t.Errorf("%s: %q, usually %q; want %q and %q", row.desc, got, usual, row.want, row.usual)
		}
	}
}

// The umask bounds a new file's mode, a folder is made for its owner alone, and
// nothing else is left beside the file.
func TestWriteFileKeepsModesAndLeavesNothing(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	dir := filepath.Join(t.TempDir(), "new")
	for name, row := range map[string]struct{ perm, want os.FileMode }{
		"key": {0o600, 0o600}, "genesis": {0o644, 0o640},
	} {
		path := filepath.Join(dir, name)
		for range 2 {
			if err := WriteFile(path, []byte(name), row.perm); err != nil {
				t.Fatal(err)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != row.want {
			t.Errorf("%s: %v (%v), want mode %v", name, info.Mode(), err, row.want)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v (%v)", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left %v (%v)", left, err)
	}
}

// A lock has one holder; another one waits, is told, or gives up with its context.
func TestOneHoldsTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second holder: %v, want %v", err, ErrLocked)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*lockPause)
	defer cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in vain: %v, want %v", err, context.DeadlineExceeded)
	}
	time.AfterFunc(4*lockPause, unlock)
	again, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := TryLock(filepath.Join(t.TempDir(), "no", "lock")); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("a lock in a folder that is missing: %v", err)
	}
}

// A pipe, a file and the null device are no terminals.
func TestIsTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, stream := range []any{r, null, nil, t} {
		if IsTerminal(stream) {
			t.Errorf("%v is said to be a terminal", stream)
		}
	}
}
