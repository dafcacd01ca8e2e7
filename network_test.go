package main

import (
	"bufio"
	"hongbao/client/cli"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
