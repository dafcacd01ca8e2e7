package node

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// crashFile, in a node's home, keeps what Go printed when the node's process
// crashed last.
const crashFile = "crash.log"

// IsSupervised reports whether a supervisor holds this process's standard input.
func IsSupervised() bool { return os.Getenv(SupervisedEnv) == "1" }

// Guard runs a node in a process of its own, cmd, until it ends by itself or done is
// closed, and returns its exit code. CometBFT panics in goroutines of its own, where
// no other code of the process can catch that. What the process then prints goes
// into the file crash.log of its home, and the error is a line that says what failed.
//
// What it prints otherwise goes to log. The caller sets the command line of cmd.
func Guard(done <-chan struct{}, cmd *exec.Cmd, home string, log io.Writer) (exit int, err error) {
	hold, err := cmd.StdinPipe() // closed, however this process ends: see Supervised
	if err != nil {
		return 0, err
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	cmd.Env = append(cmd.Environ(), SupervisedEnv+"=1")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-done:
		case <-ended:
		}
		hold.Close()
	}()
	path := filepath.Join(home, crashFile)
	cause, readErr := splitCrash(said, log, path)
	err = cmd.Wait()
	var ending *exec.ExitError
	switch {
	case cause != "":
		return 0, crashed(home, cause, path)
	case errors.As(err, &ending) && ending.ExitCode() < 0:
		return 0, errorf(CodeCrashed, home, "node home %s: its process ended by %s", home, ending)
	case errors.As(err, &ending):
		return ending.ExitCode(), nil
	}
	return 0, errors.Join(err, readErr)
}

// splitCrash copies what a process says to log, and from a crash on to the file at
// path. cause is what the crash says first, empty where there is none.
func splitCrash(said io.Reader, log io.Writer, path string) (cause string, err error) {
	lines, to := bufio.NewReader(said), log
	for {
		line, end := lines.ReadString('\n')
		if cause == "" {
			if cause = crashLine(line); cause != "" {
				f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, keyPerm)
				if err == nil {
					defer f.Close()
					to = f
				} // else the stack is seen
			}
		}
		if _, failed := io.WriteString(to, line); failed != nil && err == nil {
			err = failed // and go on reading, or the process would stand still
		}
		if end != nil {
			return cause, err
		}
	}
}

// CrashIn is the first line of a crash in what a node's process said, as its log
// keeps it; empty where there is none.
func CrashIn(said io.Reader) string {
	for lines := bufio.NewReader(said); ; {
		line, err := lines.ReadString('\n')
		if cause := crashLine(line); cause != "" || err != nil {
			return cause
		}
	}
}

// crashLine is what a line says of a crash, if Go begins to print one with it. No
// line of a node's log begins like that.
func crashLine(line string) string {
	for _, begin := range []string{"panic: ", "fatal error: ", "runtime: ", "SIGQUIT: ", "SIGABRT: "} {
		if strings.HasPrefix(line, begin) {
			return strings.TrimSpace(strings.TrimPrefix(line, "panic: "))
		}
	}
	return ""
}

// crashed is the error of a node whose process crashed, with the code of its cause.
func crashed(home, cause, path string) *Error {
	return &Error{codeOf(cause, CodeCrashed), home, fmt.Errorf("node home %s: crashed: %s (all that it said: %s)",
		home, cause, path)}
}
