package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/client/evidence"
	"hongbao/client/words"
	"hongbao/node"
	"hongbao/testnet/chaos"
)

// Global holds the flags every command has. Flags win over HONGBAO_* in the
// environment, which win over the home's client.json.
type Global struct {
	Home   string
	Node   string // the node's RPC address; empty: client.json's
	From   string // party that signs; empty: the current key
	Output string // text or json; csv where a command says so
	Lang   string // zh or en
	Trust  string // trust file; empty: client.json's
	Wait   time.Duration
	Yes    bool
	DryRun bool
	Quiet  bool

	PassphraseFile string // its first line opens the keys; empty: a person types it
	Unsigned       string // write the tx to this file instead of signing it
}

// NewRoot is `hongbao` with every command, for [Run].
func NewRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	out := &output{w: stdout}
	s := &Session{Stdin: stdin, Stdout: out, Stderr: stderr, now: time.Now, headerWait: evidence.HeaderWait}
	s.rows = map[*cobra.Command]*Verb{}
	root := s.command(s.verbs())
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := s.start(c); err != nil {
			return err
		}
		return s.checkFlags(c)
	}
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	f := root.PersistentFlags()
	f.Lookup("home").DefValue = "~/.hongbao" // as help shows it: pages made from it are the same everywhere
	f.Lookup("lang").DefValue = ""
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(withOperands(root.UsageTemplate()), ".FlagUsages |",
		fmt.Sprintf(".FlagUsagesWrapped %d |", words.Columns)))
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title.In(words.English)})
	}
	root.SetContext(context.WithValue(context.Background(), sessionKey{}, s))
	return root
}

type sessionKey struct{}

// From is the session of the root that c hangs under. It panics under any
// other root: a programmer's error.
func From(c *cobra.Command) *Session {
	return sessionOf(c.Root())
}

func sessionOf(root *cobra.Command) *Session {
	s, ok := root.Context().Value(sessionKey{}).(*Session)
	if !ok {
		panic("cli: not under a root that NewRoot made")
	}
	return s
}

// Run executes a command line (without the program's name), prints its error
// and returns the exit code.
func Run(ctx context.Context, root *cobra.Command, args []string) int {
	s := sessionOf(root)
	// So that even a bad flag is reported in the form and the language asked for.
	if wanted(args, "output") == "json" {
		s.Global.Output = "json"
	}
	if lang := wanted(args, "lang"); lang == "zh" || lang == "en" {
		s.Global.Lang = lang
	}
	if len(args) > 0 && args[0] == "--version" { // as most programs take it
		args = append([]string{"version"}, args[1:]...)
	}
	root.SetArgs(args)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	suggestUnder(root)
	if s.Lang() == words.Chinese {
		s.inChinese(root)
	}
	err := fromEnvironment(root, os.Environ())
	if err == nil {
		s.started = false
		err = root.ExecuteContext(context.WithValue(ctx, sessionKey{}, s))
	}
	s.close()
	return s.conclude(s.exitOf(err))
}

// exitOf is the exit code of how a command ended; an error is reported.
func (s *Session) exitOf(err error) int {
	var verdict exitStatus
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &verdict):
		return int(verdict)
	case s.unwritten() != nil && errors.Is(err, s.unwritten()):
		return ExitInternal // conclude says so
	}
	if _, ok := err.(*Error); !ok && !s.started {
		err = usagef("%v", err) // cobra's own: what precedes a command's start is how it was called
	}
	return s.report(err)
}

// envPrefix begins the variables that stand for flags of every command.
const envPrefix = "HONGBAO_"

// otherVariables are read by others than this package: a supervised node, and
// cobra's completion.
var otherVariables = []string{node.SupervisedEnv, chaos.AsideEnv, envPrefix + "ACTIVE_HELP",
	envPrefix + "COMPLETION_DESCRIPTIONS"}

func variable(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets each flag of every command from HONGBAO_<NAME>, before
// the command line has its say. A variable that is none of theirs is refused: it
// may be meant to hold something back.
func fromEnvironment(root *cobra.Command, environ []string) error {
	flags, names := map[string]*pflag.Flag{}, []string{}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		flags[variable(f.Name)] = f
		names = append(names, variable(f.Name))
	})
	for _, text := range environ {
		name, value, _ := strings.Cut(text, "=")
		if !strings.HasPrefix(name, envPrefix) || value == "" || slices.Contains(otherVariables, name) {
			continue
		}
		f := flags[name]
		if f == nil {
			e := usagef("%s: no common flag has that name, and only common flags are read from the environment", name)
			if len(nearest(name, names)) > 0 {
				return e.offering(name, names)
			}
			return e.WithHint("give the flag on the command line, and unset the variable",
				"请把选项写在命令行上,并取消这个变量")
		}
		if err := f.Value.Set(value); err != nil {
			return usagef("%s=%q: %s", name, value, plainly(f, err))
		}
	}
	return nil
}

// wanted finds a global flag before flags are parsed.
func wanted(args []string, flag string) string {
	out := os.Getenv("HONGBAO_" + strings.ToUpper(flag))
	for i, a := range args {
		if a == "--" {
			break
		}
		if v, ok := strings.CutPrefix(a, "--"+flag+"="); ok {
			out = v
		} else if a == "--"+flag && i+1 < len(args) {
			out = args[i+1]
		}
	}
	return out
}

// localeLanguage is zh or en, as the locale in the environment has it: the
// first of these that is set says it (POSIX, Environment Variables).
func localeLanguage(getenv func(string) string) string {
	if strings.HasPrefix(cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")), "zh") {
		return "zh"
	}
	return "en"
}

// start checks the global flags once they are parsed.
func (s *Session) start(c *cobra.Command) error {
	s.started = true
	forms := []string{"text", "json"}
	if v := VerbOf(c); v != nil {
		forms = append(forms, v.Forms...)
	}
	for _, f := range []struct {
		name, value string
		choices     []string
	}{{"output", s.Global.Output, forms}, {"lang", s.Global.Lang, []string{"zh", "en"}}} {
		if !slices.Contains(f.choices, f.value) {
			return usagef("--%s %q: choose %s", f.name, f.value, strings.Join(f.choices, " or "))
		}
	}
	if s.Global.Wait < 0 {
		return usagef("--wait %s: write a length of time, or 0", s.Global.Wait)
	}
	err := s.checkPaths(c)
	s.keepPlace(c)
	return err
}

// checkFlags refuses a flag that was given empty: a script's unset variable
// must not mean the default, and move money by it. It also refuses --dry-run
// and --unsigned where they would not hold anything back.
func (s *Session) checkFlags(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if v := f.Value.String(); v == "" || v == "[]" {
			err = usagef("--%s is empty", f.Name).WithHint("leave it out for the default", "不写就用默认值")
		}
	})
	reach := Alone
	if v := VerbOf(c); v != nil {
		reach = v.Reach
	}
	switch {
	case err != nil:
		return err
	case s.Global.DryRun && reach < Sending:
		return usagef("--dry-run: %s makes no transaction", c.CommandPath())
	case s.Global.Unsigned != "" && reach < Signing:
		return usagef("--unsigned: %s makes no transaction", c.CommandPath())
	case s.Global.Unsigned != "" && s.Global.DryRun:
		return usagef("choose one of --dry-run and --unsigned")
	}
	return nil
}

// Progress prints a line on stderr, unless --quiet.
func (s *Session) Progress(text string) {
	if !s.Global.Quiet {
		fmt.Fprintln(s.screen(s.Stderr), redacted(text))
	}
}

// warn says on stderr what a person may have overlooked.
func (s *Session) warn(text string) { s.Progress(s.Say("warning: %s", "注意:%s", text)) }

// hint says on stderr what to do next.
func (s *Session) hint(text string) { s.Progress(s.Say("hint: %s", "提示:%s", text)) }

// envelope is the one object on stdout.
type envelope struct {
	Status string     `json:"status"`
	Result any        `json:"result,omitempty"`
	Error  *errorJSON `json:"error,omitempty"`
}

// Result prints what a command found: v as JSON, or text as it writes itself.
func (s *Session) Result(v any, text func(w io.Writer)) {
	if s.Global.Output == "json" {
		s.printJSON(envelope{Status: "ok", Result: v})
		return
	}
	text(s.screen(s.Stdout))
}
