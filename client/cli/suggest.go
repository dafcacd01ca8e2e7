package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// onlyHolds reports whether a command is there for the commands under it, and
// has no arguments of its own.
func onlyHolds(c *cobra.Command) bool { return c.HasSubCommands() && c.Use == c.Name() }

// suggestUnder makes every command that only holds others refuse a name that
// it does not have, and say which it may have been.
func suggestUnder(c *cobra.Command) {
	if onlyHolds(c) {
		c.Args = noneOf
	}
	for _, sub := range c.Commands() {
		suggestUnder(sub)
	}
}

// noneOf refuses what is none of c's commands.
func noneOf(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usagef("unknown command %q for %s", args[0], c.CommandPath()).offering(args[0], names)
}

// flagError is how a flag that is wrong is told. Of a command that does not
// exist no flag is right, so it is the command that is wrong.
func flagError(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); onlyHolds(c) && len(words) > 0 {
		return noneOf(c, words)
	}
	e := usagef("%v", err)
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usagef("--%s %q: %s", invalid.GetFlag().Name, invalid.GetValue(), plainly(invalid.GetFlag(), err))
	}
	if errors.As(err, &unknown) {
		if number := unknown.GetSpecifiedShortnames(); number != "" && strings.Trim(number, "0123456789.") == "" {
			return usagef("-%s: write an amount or a number without a sign", number)
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		e = e.offering("--"+unknown.GetSpecifiedName(), names)
	}
	return e
}

// plainly says what a flag's value has to be, for err, which says in Go's words
// that it is not.
func plainly(f *pflag.Flag, err error) string {
	kind := f.Value.Type()
	if named, ok := f.Value.(*flagValue); ok {
		kind = named.Value.Type()
	}
	switch kind {
	case "bool":
		return "write true or false"
	case "int", "int32", "int64":
		return "write a whole number"
	case "uint", "uint32", "uint64":
		return "write a whole number, from 0 on"
	case "duration":
		return "write a length of time, such as 30s or 5m"
	}
	return err.Error()
}

// maxSlips is how many letters a name may be off for it to be suggested.
const maxSlips = 2

// offering hints at the names nearest to a mistyped one; without any it says
// where to look.
func (e *Error) offering(typed string, names []string) *Error {
	found := nearest(typed, names)
	if len(found) == 0 {
		return e.WithHint("--help lists what there is", "--help 列出全部")
	}
	return e.perhaps(found)
}

// perhaps hints at what was meant.
func (e *Error) perhaps(found []string) *Error {
	return e.WithHint("did you mean %[1]s?", "是不是想写 %[2]s?",
		strings.Join(found, " or "), strings.Join(found, " 或 "))
}

// sceneNamed is contract.SceneNamed, with a guess at a mistyped name.
func sceneNamed(name string) (*contract.Scene, error) {
	scene, err := contract.SceneNamed(name)
	if err == nil {
		return scene, nil
	}
	e := asError(err)
	var names []string
	for _, s := range contract.Scenes() {
		names = append(names, s.Name)
	}
	if found := nearest(name, names); len(found) > 0 {
		e = e.perhaps(found)
	}
	return nil, e
}

// unknownParty is the mistake of a name that this home does not know.
func (s *Session) unknownParty(typed string, err error) *Error {
	e := Fail(ExitUsage, "unknown_party", "%v", err)
	if names := s.nearNames(typed); len(names) > 0 {
		return e.perhaps(names)
	}
	return e.WithHint("write an address (hb1…) or a name from: %[1]s keys list, %[1]s contacts list",
		"请写地址(hb1…),或这里面的名字:%[1]s keys list、%[1]s contacts list", s.Program())
}

// named are the keys and contacts of this home. Where they cannot be read they are
// none: completions and suggestions have nowhere to say so.
func (s *Session) named() []wallet.Name {
	keys, err := s.Keys().List()
	contacts, bad := s.Keys().Contacts()
	if err != nil || bad != nil {
		return nil
	}
	return append(keys, contacts...)
}

// nearNames are the names of this home, and others, that a party was perhaps meant
// by.
func (s *Session) nearNames(typed string, others ...string) []string {
	for _, n := range s.named() {
		others = append(others, n.Name)
	}
	return nearest(strings.TrimPrefix(typed, "@"), others)
}

// nearest are the names that were perhaps meant.
func nearest(typed string, names []string) []string {
	best, found := maxSlips, []string(nil)
	for _, name := range names {
		d := slips(typed, name)
		if len(typed) > maxSlips+1 && strings.HasPrefix(name, typed) {
			d = min(d, 1) // an abbreviation
		}
		if d < best {
			best, found = d, nil
		}
		if d == best && d < len(name) {
			found = append(found, name)
		}
	}
	return found
}

// slips counts the letters by which a and b differ: left out, put in,
// replaced, or two of them swapped.
func slips(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
			case s[i-1] == t[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j], rows[i][j-1], rows[i-1][j-1])
				if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
					rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
				}
			}
		}
	}
	return rows[len(s)][len(t)]
}
