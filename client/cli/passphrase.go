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
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"

	"hongbao/client/words"
	"hongbao/internal/home"
)

// maxPassphrase bounds what is taken for a passphrase or for words, in bytes:
// more than a person types, and a wrong file is found out at once.
const maxPassphrase = 1 << 10

// fewLetters is a passphrase that is soon guessed, however dear a guess is made:
// in a day a machine tries a hundred thousand, more than the common ones of this
// length.
const fewLetters = 8

// passphrase is what opens the key of a name: the first line of
// --passphrase-file, or typed. It never stands on a command line, where every
// other user of the machine could read it.
func (s *Session) passphrase(name string) (string, error) {
	if s.Global.PassphraseFile != "" {
		return readPassphrase("--passphrase-file", s.Global.PassphraseFile)
	}
	return s.typedPassphrase(words.Passphrase(s.Lang(), name))
}

// passphraseTries is how often a person may mistype a passphrase in one command.
const passphraseTries = 3

// again says whether to ask once more after a wrong passphrase: a person yes, and
// never a file, which would say the same.
func (s *Session) again() func(name string) bool {
	tries := 1
	return func(string) bool {
		tries++
		if s.Global.PassphraseFile != "" || tries > passphraseTries {
			return false
		}
		s.warn(words.WrongPassphrase(s.Lang()))
		return true
	}
}

// newPassphrase is what shall protect a new key.
func (s *Session) newPassphrase(name string) (string, error) {
	return s.passphraseFrom(s.Global.PassphraseFile, name)
}

// passphraseFrom is a new passphrase out of a file, or where that is empty typed,
// twice.
func (s *Session) passphraseFrom(file, name string) (passphrase string, err error) {
	if file != "" {
		passphrase, err = readPassphrase("passphrase file", file)
	} else {
		passphrase, err = s.typedPassphrase(words.NewPassphrase(s.Lang(), name))
	}
	if err != nil {
		return "", err
	}
	if passphrase == "" {
		return "", usagef("passphrase: is empty")
	}
	if utf8.RuneCountInString(passphrase) < fewLetters {
		s.warn(words.ShortPassphrase(s.Lang(), fewLetters))
	}
	if file != "" {
		return passphrase, nil
	}
	again, err := s.typedPassphrase(words.PassphraseAgain(s.Lang()))
	if err == nil && again != passphrase {
		err = Fail(ExitUsage, "passphrases_differ", "the two passphrases differ: nothing was done")
	}
	return passphrase, err
}

func (s *Session) typedPassphrase(prompt string) (string, error) {
	typed, err := s.secret(prompt)
	if err == nil && len(typed) > maxPassphrase {
		err = Fail(ExitUsage, "bad_passphrase", "passphrase: longer than %d bytes", maxPassphrase)
	}
	return typed, err
}

// readPassphrase is the first line of a file, which a flag named.
func readPassphrase(flag, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", Fail(ExitUsage, "unreadable", "%s: %v", flag, err)
	}
	defer f.Close()
	const lineEnd = len("\r\n")
	line, err := bufio.NewReader(io.LimitReader(f, int64(maxPassphrase+lineEnd))).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", Fail(ExitUsage, "unreadable", "%s: %v", flag, err)
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case len(line) > maxPassphrase:
		return "", Fail(ExitUsage, "bad_passphrase", "%s %s: its first line is longer than %d bytes", flag, path,
			maxPassphrase)
	case line == "":
		return "", usagef("%s %s: its first line is empty", flag, path)
	}
	return line, nil
}

// secret asks for what the screen must not show. Stdin may be a pipe all the while, so
// the question goes to the terminal itself.
func (s *Session) secret(prompt string) (string, error) {
	if s.Secret != nil {
		return s.Secret(prompt)
	}
	missing := Fail(ExitUsage, "passphrase_needed", "%s: it has to be typed in a terminal", prompt).
		WithHint("write it into a file, and name that with --passphrase-file or HONGBAO_PASSPHRASE_FILE",
			"请把口令写进文件,用 --passphrase-file 或 HONGBAO_PASSPHRASE_FILE 指定")
	if !home.IsTerminal(s.Stdin) && !home.IsTerminal(s.Stderr) {
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
	b, err := answered(func() ([]byte, error) { return readHidden(fd) })
	if errors.Is(err, io.EOF) {
		return "", Fail(ExitDeclined, "declined", "no answer: nothing was done")
	}
	return string(b), err
}

// answered waits for an answer, or for a signal that ends the wait: Ctrl-C, Ctrl-\,
// SIGTERM, or a terminal that closes. None of these ends a read by itself, and
// without this Ctrl-\ would leave the terminal without echo.
func answered[T any](read func() (T, error)) (T, error) {
	type answer struct {
		text T
		err  error
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)
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
