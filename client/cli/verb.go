package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/client/words"
)

// Verb is a row of the table of commands. Help in both languages, the manual,
// the number of arguments, completion, and what --dry-run, --unsigned and
// --output may do all come from it.
type Verb struct {
	// Use is the usage line. Its words in capitals are arguments: brackets, or a
	// flag as the alternative, make one optional, and its name says how it is
	// completed (see completers).
	Use     string
	Group   string // of the overview; empty under another verb
	Short   words.Phrase
	Long    words.Phrase // zero: Short says it all
	Example words.Phrase // zero: none

	Flags  []Flag // of this verb
	Shared []Flag // of this verb and all under it

	Reach   Reach
	Exits   []int    // exit codes beyond those of its reach
	Forms   []string // values of --output beyond text and json
	Results []any    // one value of each type that --output json shows; none: it prints text alone

	Run   func(ctx context.Context, args []string) error // nil: it is there for those under it
	Under []*Verb
}

// Reach is how far a verb goes. Each reach includes those before it.
type Reach int

const (
	Alone   Reach = iota // reads no file of the home
	AtHome               // reads and writes files
	Asking               // asks a node
	Sending              // hands a transaction out, so --dry-run holds something back
	Signing              // makes that transaction, so --unsigned can write it down
)

// ExitCodes are those that v can end with, in order.
func (v *Verb) ExitCodes() []int {
	list := []int{ExitOK, ExitInternal, ExitUsage, ExitDeclined}
	if v.Reach >= Asking {
		list = append(list, ExitRefused, ExitUnreachable, ExitInvalid, ExitUntrusted)
	}
	if v.Reach >= Sending {
		list = append(list, ExitFailed, ExitUnknown)
	}
	list = append(list, v.Exits...)
	slices.Sort(list)
	return slices.Compact(list)
}

// Flag is a flag of a verb.
type Flag struct {
	Value any    // pointer to where it goes; what stands there is the default
	Usage string // as it is written: "-o, --out FILE"; the word says how its value is completed
	En    string
	Zh    string
}

// name is the flag's long name, its letter, and the word for its value.
func (f *Flag) name() (long, letter, takes string) {
	text, takes, _ := strings.Cut(f.Usage[strings.Index(f.Usage, "--")+2:], " ")
	if rest, ok := strings.CutPrefix(f.Usage, "-"); ok && rest[0] != '-' {
		letter = rest[:1]
	}
	return text, letter, takes
}

func (f *Flag) said(l words.Lang) string {
	if l == words.Chinese {
		return f.Zh
	}
	return f.En
}

// given is the value of a flag of which it matters whether it was given.
type given[T any] struct {
	value *T
	is    *bool
}

// flagValue names a flag's value by its word in help, where pflag would name it by
// a Go type.
type flagValue struct {
	pflag.Value
	takes string
	given *bool
}

func (v *flagValue) Type() string { return v.takes }

func (v *flagValue) String() string {
	if text := v.Value.String(); text != "[]" {
		return text
	}
	return ""
}

func (v *flagValue) Set(text string) error {
	if v.given != nil {
		*v.given = true
	}
	return v.Value.Set(text)
}

// define makes f one of the flags of a set.
func (f *Flag) define(fs *pflag.FlagSet) {
	long, letter, takes := f.name()
	var is *bool
	switch v := f.Value.(type) {
	case *bool:
		fs.BoolVarP(v, long, letter, *v, f.En)
		return // it takes no value
	case *string:
		fs.StringVarP(v, long, letter, *v, f.En)
	case *[]string:
		fs.StringArrayVarP(v, long, letter, *v, f.En)
	case *int:
		fs.IntVarP(v, long, letter, *v, f.En)
	case *int64:
		fs.Int64VarP(v, long, letter, *v, f.En)
	case *uint32:
		fs.Uint32VarP(v, long, letter, *v, f.En)
	case given[uint32]:
		fs.Uint32VarP(v.value, long, letter, *v.value, f.En)
		is = v.is
	case given[int]:
		fs.IntVarP(v.value, long, letter, *v.value, f.En)
		is = v.is
	case *time.Duration:
		fs.DurationVarP(v, long, letter, *v, f.En)
	default:
		panic(fmt.Sprintf("cli: --%s goes into a %T", long, f.Value)) // a programmer's error
	}
	flag := fs.Lookup(long)
	flag.Value = &flagValue{flag.Value, takes, is}
	flag.DefValue = flag.Value.String()
}

// Instead are the results that stand in the place of a verb's own: with --dry-run,
// with --unsigned, and of a failure.
func Instead() (dryRun, unsigned, failure any) { return dryJSON{}, carriedJSON{}, errorJSON{} }

// VerbOf is the row that a command was made of; nil for cobra's own commands.
func VerbOf(c *cobra.Command) *Verb { return From(c).rows[c] }

// command makes the command of a row, and of those under it.
func (s *Session) command(v *Verb) *cobra.Command {
	c := &cobra.Command{Use: v.Use, GroupID: v.Group, Args: takes(v.Use)}
	c.RunE = func(c *cobra.Command, args []string) error { return v.Run(c.Context(), args) }
	if v.Run == nil {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	s.take(c, v)
	for _, under := range v.Under {
		c.AddCommand(s.command(under))
	}
	return c
}

// take gives a command its row's flags and texts.
func (s *Session) take(c *cobra.Command, v *Verb) {
	s.rows[c] = v
	for i := range v.Flags {
		v.Flags[i].define(c.Flags())
	}
	for i := range v.Shared {
		v.Shared[i].define(c.PersistentFlags())
	}
	v.speak(c, words.English)
	completing{s}.completable(c, v)
}

// speak has the help of a command say what its row says in a language.
func (v *Verb) speak(c *cobra.Command, l words.Lang) {
	c.Short, c.Long, c.Example = v.Short.In(l), v.Long.In(l), v.Example.In(l)
	for _, f := range slices.Concat(v.Flags, v.Shared) {
		long, _, _ := f.name()
		c.LocalFlags().Lookup(long).Usage = f.said(l)
	}
}

// slot is an argument of a usage line.
type slot struct {
	words    string // alternatives, which "|" separates
	optional bool
}

// slots are the arguments of a usage line, in order: "answer REF accept|refuse"
// has REF and accept|refuse. Flags and their values are none.
func slots(use string) (list []slot) {
	line := strings.Fields(strings.ReplaceAll(use, " | ", "|"))
	for i := 1; i < len(line); i++ {
		if strings.HasPrefix(line[i], "-") {
			i++ // its value
			continue
		}
		word := strings.Trim(line[i], "[]")
		optional := word != line[i]
		word, _, flag := strings.Cut(word, "|--")
		for more := flag; more; { // its value, and further alternatives
			i++
			more = strings.Contains(line[i], "|--")
		}
		list = append(list, slot{word, optional || flag})
	}
	return list
}

// takes refuses arguments that a usage line has no place for, and too few.
func takes(use string) cobra.PositionalArgs {
	all := slots(use)
	least := len(all)
	for least > 0 && all[least-1].optional {
		least--
	}
	return func(c *cobra.Command, args []string) error {
		var e *Error
		switch {
		case len(args) > len(all):
			e = usagef("%s: %q does not belong here", under(c), strings.Join(args[len(all):], " "))
		case len(args) >= least:
			return nil
		default:
			word := all[len(args)].words
			e = usagef("%s: %s is missing", under(c), word)
			if how, known := written[word]; known {
				return e.WithHint("write it like: %[1]s, where %[2]s is %[3]s", "请这样写:%[1]s,%[2]s 写成 %[4]s",
					form(c), word, how.In(words.English), how.In(words.Chinese))
			}
		}
		return e.WithHint("write it like: %s", "请这样写:%s", form(c))
	}
}

// under is the path of a command below hongbao, with which every error begins.
func under(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ") }

// form is how a command is written.
func form(c *cobra.Command) string { return strings.TrimSuffix(c.UseLine(), " [flags]") }
