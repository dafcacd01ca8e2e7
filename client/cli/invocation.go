package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"hongbao/node"
)

// Invocation is how the running program was called.
func Invocation() string { return node.Invocation() }

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
