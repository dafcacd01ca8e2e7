package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// Invocation is how the running program was called, for the commands that it
// prints: "go run ." or "hongbao" (the name of the executable, with the path
// if it was called by one).
func Invocation() string {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return invocation(exe, os.Args[0])
}

// goRun matches where the go command puts what `go run` runs: a temporary
// folder at the first run of a source, the build cache afterwards.
var goRun = regexp.MustCompile(`(/go-build[0-9]+/b[0-9]+/exe/|/[0-9a-f]{2}/[0-9a-f]{64}-d/)[^/]+$`)

func invocation(exe, arg0 string) string {
	switch {
	case goRun.MatchString(filepath.ToSlash(exe)):
		return "go run ."
	case arg0 == "" || filepath.IsAbs(arg0):
		return filepath.Base(exe)
	}
	return arg0
}

// Program is how to call hongbao in a command that a hint prints, so that it acts in
// the same home and asks the same node as this one.
func (s *Session) Program() string { return s.ProgramHere() + s.there }

// ProgramHere is [Session.Program] for a command that asks no node.
func (s *Session) ProgramHere() string { return Invocation() + s.here }

// keepPlace remembers which home and which node the command line names. What the
// environment says, it says to the next command as well.
func (s *Session) keepPlace(c *cobra.Command) {
	own := c.Root().PersistentFlags()
	s.here, s.there = "", ""
	if f := c.Flag("home"); f != nil && f.Changed && f == own.Lookup("home") {
		s.here = " --home " + ShellWord(s.Global.Home)
	}
	if own.Lookup("node").Changed {
		s.there = " --node " + ShellWord(s.Global.Node)
	}
}

// ShellWord is text as a shell reads it back.
func ShellWord(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
