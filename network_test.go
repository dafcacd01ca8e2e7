package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hongbao/client/cli"
)

// TestMain lets this binary be the program too: networks here are started as
// users start them.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		main()
		return
	}
	os.Exit(m.Run())
}

// upNetwork is a `testnet up` in a process of its own.
type upNetwork struct {
	home  string
	first []byte // the object it shows when it is ready
}

// startUp runs a network until the test ends.
func startUp(t *testing.T, flags ...string) *upNetwork {
	t.Helper()
	n := &upNetwork{home: filepath.Join(t.TempDir(), "home")}
	log, err := os.Create(filepath.Join(t.TempDir(), "up.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	up := exec.Command(exe, append([]string{"testnet", "up", "--home", n.home, "--output", "json"}, flags...)...)
	up.Stderr = log
	stdout, err := up.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	out := bufio.NewReader(stdout)
	if n.first, err = out.ReadBytes('\n'); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Errorf("testnet up: %v\n%s%s", err, n.first, text)
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		ended <- up.Wait()
	}()
	t.Cleanup(func() {
		_ = up.Process.Signal(os.Interrupt) // it may have been told to go down
		if err := <-ended; err != nil {
			text, _ := os.ReadFile(log.Name())
			t.Errorf("testnet up: %v\n%s", err, text)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return n
}

// commandPath is the command that a command line names.
func commandPath(t *testing.T, args []string) string {
	t.Helper()
	c, _, err := cli.NewRoot(strings.NewReader(""), io.Discard, io.Discard).Find(args)
	if err != nil {
		t.Fatal(err)
	}
	return c.CommandPath()
}

// Ctrl-C reaches each process of a terminal's group, and chaos runs itself again as another one: it
// is told once, and takes its networks away.
func TestChaosEndsWithoutATrace(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	left := func() []string { found, _ := filepath.Glob(filepath.Join(work, "*")); return found }
	chaos := exec.Command(exe, "testnet", "chaos", "--only", "nothing", "--times", "1", "--home", t.TempDir())
	chaos.Env = append(os.Environ(), "TMPDIR="+work)
	chaos.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said strings.Builder
	chaos.Stdout, chaos.Stderr = &said, &said
	if err := chaos.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- chaos.Wait() }()
	for len(left()) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it had made a network: %v\n%s", err, &said)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := syscall.Kill(-chaos.Process.Pid, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	err = <-ended
	if found := left(); err == nil || len(found) > 0 {
		t.Errorf("%v; it leaves %q\n%s", err, found, &said)
	}
}
