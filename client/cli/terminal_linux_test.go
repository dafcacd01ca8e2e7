package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A question for a passphrase can end in five ways. After each nothing is done,
// and the terminal shows again what is typed.
func TestTerminalEchoesAfterAPassphrase(t *testing.T) {
	for _, c := range []struct {
		desc string
		end  func(terminal *os.File, program *os.Process) error
	}{
		{"Ctrl-C", typing("\x03")},
		{"Ctrl-D", typing("\x04")},
		{`Ctrl-\`, typing("\x1c")},
		{"SIGTERM", signalling(syscall.SIGTERM)},
		{"SIGHUP", signalling(syscall.SIGHUP)},
	} {
		t.Run(c.desc, func(t *testing.T) {
			t.Parallel()
			terminal, line := openTerminal(t)
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			program := exec.Command(exe, "keys", "new", "lin", "--home", t.TempDir())
			program.Env = append(os.Environ(), cliEnv+"=1")
			program.Stdin, program.Stdout, program.Stderr = line, line, line
			program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			defer program.Process.Kill()
			// The program turns echo off before it waits; the prompt comes before that.
			screen := bufio.NewReader(terminal)
			if prompt, err := screen.ReadString(':'); err != nil || !strings.Contains(prompt, "lin") {
				t.Fatalf("prompt %q: %v", prompt, err)
			}
			for echoes(t, line) {
				time.Sleep(time.Millisecond)
			}
			if err := c.end(terminal, program.Process); err != nil {
				t.Fatal(err)
			}
			_ = program.Wait()
			if code := program.ProcessState.ExitCode(); code != ExitDeclined {
				t.Errorf("ended with %d (%v): want %d", code, program.ProcessState, ExitDeclined)
			}
			if !echoes(t, line) {
				t.Error("the terminal does not show what is typed")
			}
		})
	}
}

func typing(keys string) func(*os.File, *os.Process) error {
	return func(terminal *os.File, _ *os.Process) error {
		_, err := terminal.WriteString(keys)
		return err
	}
}

func signalling(s syscall.Signal) func(*os.File, *os.Process) error {
	return func(_ *os.File, program *os.Process) error { return program.Signal(s) }
}

// openTerminal makes a pseudo-terminal: the person's side, and the program's.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err) // a machine without pseudo-terminals
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}
