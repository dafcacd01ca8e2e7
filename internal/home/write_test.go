package home

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is no regular file is written to and stays what it is; a symbolic link
// stays one, and the file behind it gets the text.
func TestAFileIsNeverPutInAnothersPlace(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(path string) {
		t.Helper()
		if err := WriteFile(path, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(path, text string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), text) {
			t.Errorf("%s: %q, %v; want %s", path, b, err, text)
		}
	}
	// From a pipe comes what was written, and it is still a pipe.
	piped := func(path string, read io.Reader) {
		t.Helper()
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 1)
		go func() {
			b := make([]byte, 1<<10)
			n, _ := read.Read(b)
			got <- string(b[:n])
		}()
		write(path)
		if text := <-got; !strings.Contains(text, path) {
			t.Errorf("%s: gave %q", path, text)
		}
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: became another file (%v)", path, err)
		}
	}
	if err := syscall.Mkfifo(at("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	fifo, err := os.OpenFile(at("fifo"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer fifo.Close()
	piped(at("fifo"), fifo)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	piped(fmt.Sprintf("/dev/fd/%d", w.Fd()), r)

	if err := os.Mkdir(at("dots"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(at("dots/key"))
	links := map[string]string{
		"key": "dots/key", "again": "key", "new": filepath.Join(dir, "dots/new"), "pipe": "fifo",
	}
	for link, to := range links {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	write(at("key"))
	holds(at("dots/key"), at("key"))
	write(at("again"))
	holds(at("dots/key"), at("again"))
	write(at("new"))
	holds(at("dots/new"), at("new"))
	piped(at("pipe"), fifo)
	for _, link := range []string{"key", "again", "new", "pipe"} {
		if info, err := os.Lstat(at(link)); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s: is no link any more (%v)", link, err)
		}
	}
	if err := os.Symlink("round", at("round")); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(at("round"), nil, 0o600); err == nil {
		t.Error("a link to itself was written to")
	}
	if err := WriteFile(dir, nil, 0o600); err == nil {
		t.Error("a folder was written to")
	}
}

// A disk that is full half way through a write costs nothing of what was there.
func TestAFailedWriteLeavesWhatWasThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.proof")
	if err := WriteFile(path, []byte("good"), 0o600); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 10, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, make([]byte, 4<<10), 0o600); err == nil {
		t.Fatal("more was written than may be")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "good" {
		t.Errorf("%d bytes stand there, %v", len(b), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left %v (%v)", left, err)
	}
}
