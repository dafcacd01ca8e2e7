package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"hongbao/client/words"
)

// maxPassphrase bounds what is read as a passphrase or as words.
const maxPassphrase = 1 << 10

// passphrase is what opens the key of a name: the first line of
// --passphrase-file, or typed. It never stands on a command line, where every
// other user of the machine could read it.
func (s *Session) passphrase(name string) (string, error) {
	if s.Global.PassphraseFile != "" {
		return readPassphrase(s.Global.PassphraseFile)
	}
	return s.secret(words.Passphrase(s.lang(), name))
}

// newPassphrase is what shall protect a new key; typed, it is typed twice.
func (s *Session) newPassphrase(name string) (string, error) {
	if s.Global.PassphraseFile != "" {
		return readPassphrase(s.Global.PassphraseFile)
	}
	first, err := s.secret(words.NewPassphrase(s.lang(), name))
	if err != nil {
		return "", err
	}
	if first == "" {
		return "", usagef("passphrase: is empty")
	}
	again, err := s.secret(words.PassphraseAgain(s.lang()))
	if err == nil && again != first {
		err = Fail(ExitUsage, "passphrases_differ", "the two passphrases differ: nothing was done")
	}
	return first, err
}

func readPassphrase(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", Fail(ExitUsage, "unreadable", "--passphrase-file: %v", err)
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, maxPassphrase)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", Fail(ExitUsage, "unreadable", "--passphrase-file: %v", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usagef("--passphrase-file %s: its first line is empty", path)
	}
	return line, nil
}

// secret asks for what nobody shall see. Stdin may be a pipe all the while, so
// the question goes to the terminal itself.
func (s *Session) secret(prompt string) (string, error) {
	if s.Secret != nil {
		return s.Secret(prompt)
	}
	missing := Fail(ExitUsage, "passphrase_needed", "%s: nobody is at a terminal to type it", prompt).
		WithHint("write it into a file, and name that with --passphrase-file or HONGBAO_PASSPHRASE_FILE")
	if !isTerminal(s.Stdin) && !isTerminal(s.Stderr) {
		return "", missing
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", missing
	}
	defer tty.Close()
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", missing
	}
	defer term.Restore(fd, before) // Ctrl-C leaves the reader behind, and what it did to the terminal
	fmt.Fprintf(tty, "%s: ", prompt)
	defer fmt.Fprintln(tty)
	b, err := answered(func() ([]byte, error) { return term.ReadPassword(fd) })
	if errors.Is(err, io.EOF) {
		return "", Fail(ExitDeclined, "declined", "no answer: nothing was done")
	}
	return string(b), err
}

// answered waits for a person's answer, or for Ctrl-C, which does not end a
// read by itself.
func answered[T any](read func() (T, error)) (T, error) {
	type answer struct {
		text T
		err  error
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	given := make(chan answer, 1)
	go func() {
		text, err := read()
		given <- answer{text, err}
	}()
	select {
	case a := <-given:
		return a.text, a.err
	case <-interrupted:
		var none T
		return none, context.Canceled
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
