package node

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// guardedEnv says how this test's own program, run by Guard, is to end.
const guardedEnv = "HONGBAO_TEST_GUARDED"

// This is no test by itself: it is the process that TestGuard runs.
func TestGuarded(t *testing.T) {
	switch os.Getenv(guardedEnv) {
	case "panic":
		fmt.Fprintln(os.Stderr, "a line of the log")
		go panic("block 7: its part\nis lost")
		select {}
	case "exit 2":
		fmt.Fprintln(os.Stderr, "hongbao: a reason")
		os.Exit(2)
	case "until told":
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
}

func TestGuard(t *testing.T) {
	guard := func(ending string, done <-chan struct{}) (exit int, said, home string, err error) {
		home = t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestGuarded$")
		cmd.Env = append(os.Environ(), guardedEnv+"="+ending)
		var log bytes.Buffer
		exit, err = Guard(done, cmd, home, &log)
		return exit, log.String(), home, err
	}

	_, said, home, err := guard("panic", nil)
	var crash *Error
	if !errors.As(err, &crash) || crash.Code != CodeCrashed || crash.Home != home ||
		!strings.Contains(err.Error(), "crashed: block 7: its part (") {
		t.Errorf("a panic ends with %v", err)
	}
	if said != "a line of the log\n" {
		t.Errorf("beside a panic it says %q", said)
	}
	stack, err := os.ReadFile(filepath.Join(home, crashFile))
	if text := string(stack); err != nil || !strings.HasPrefix(text, "panic: block 7") ||
		!strings.Contains(text, "guard_test.go") {
		t.Errorf("kept of a panic: %v\n%s", err, stack)
	}

	exit, said, home, err := guard("exit 2", nil)
	if exit != 2 || said != "hongbao: a reason\n" || err != nil {
		t.Errorf("an exit: %d, %q, %v", exit, said, err)
	}
	if _, err := os.Stat(filepath.Join(home, crashFile)); err == nil {
		t.Error("an exit leaves a crash file")
	}

	done := make(chan struct{})
	close(done)
	if exit, said, _, err := guard("until told", done); exit != 0 || said != "" || err != nil {
		t.Errorf("told to end: %d, %q, %v", exit, said, err)
	}
}

func TestCrashIn(t *testing.T) {
	log := "I[2026-11-27] node runs module=main\npanic: leveldb: closed [recovered]\n\tpanic: again\n\ngoroutine 1\n"
	if got := CrashIn(strings.NewReader(log)); got != "leveldb: closed [recovered]" {
		t.Errorf("%q", got)
	}
	if got := CrashIn(strings.NewReader("I[2026] said=panic: none\nhongbao: stopped\n")); got != "" {
		t.Errorf("%q", got)
	}
	if e := crashed("h", "leveldb: closed", "f"); e.Code != CodeDataDamaged {
		t.Errorf("code %s", e.Code)
	}
}
