package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/client/cli"
	"hongbao/client/words"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

const manualFile = "docs/cli.md"

// results is what a command shows with --output json; none of one that prints text
// alone, and of cobra's own.
func results(c *cobra.Command) []any {
	if v := cli.VerbOf(c); v != nil {
		return v.Results
	}
	return nil
}

// docs/cli.md says what the commands say of themselves, and what they show.
func TestTheManualIsThatOfTheCommands(t *testing.T) {
	got := manual(t)
	if *update {
		if err := os.WriteFile(manualFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	wanted, now := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(wanted), len(now)) {
		if wanted[i] != now[i] {
			t.Fatalf("%s:%d says\n%s\nthe commands say\n%s\n(go test . -run Manual -update writes it anew)", manualFile,
				i+1, wanted[i], now[i])
		}
	}
	t.Fatalf("%s has %d lines, the commands make %d (go test . -run Manual -update writes it anew)", manualFile,
		len(wanted), len(now))
}

// root is the whole program's, as it is on any machine.
func root(t *testing.T) *cobra.Command {
	t.Setenv("HONGBAO_HOME", "~/.hongbao")
	return cli.NewRoot(strings.NewReader(""), io.Discard, io.Discard)
}

func manual(t *testing.T) string {
	var b strings.Builder
	top := root(t)
	top.InitDefaultHelpCmd()
	top.InitDefaultCompletionCmd()
	b.WriteString(manualHead)
	fmt.Fprintf(&b, "## Exit codes\n\n")
	for code, means := range cli.ExitCodes() {
		fmt.Fprintf(&b, "%d. %s\n", code, means)
	}
	fmt.Fprintf(&b, "\n## Flags of every command\n\n```\n%s```\n",
		top.PersistentFlags().FlagUsagesWrapped(words.Columns))
	eachCommand(top, func(c *cobra.Command) { describe(t, &b, c) })
	dryRun, unsigned, failure := cli.Instead()
	b.WriteString("\n## What --dry-run shows\n\nInstead of the command's own result:\n\n")
	writeFields(&b, fieldsOf(t, dryRun))
	b.WriteString("\n## What --unsigned shows\n\nInstead of the command's own result:\n\n")
	writeFields(&b, fieldsOf(t, unsigned))
	b.WriteString("\n## What a failure shows\n\nIn `error`:\n\n")
	writeFields(&b, fieldsOf(t, failure))
	writeCodes(&b)
	return b.String()
}

// eachCommand visits the commands that do something, in order.
func eachCommand(c *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if !sub.Hidden && (!sub.HasSubCommands() || sub.Use != sub.Name()) {
			visit(sub)
		}
		eachCommand(sub, visit)
	}
}

// Every help page fits a screen.
func TestHelpFitsEightyColumns(t *testing.T) {
	top := root(t)
	check := func(c *cobra.Command) {
		var out strings.Builder
		c.SetOut(&out)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split(out.String(), "\n") {
			if n := words.Width(text); n > words.Columns {
				t.Errorf("%s --help: %d columns: %s", c.CommandPath(), n, text)
			}
		}
	}
	check(top)
	eachCommand(top, check)
}

// comment is what an example says of a command line beside it.
var comment = regexp.MustCompile(`\S {3,}[a-z]`)

// Every help page is there in Chinese, its flags and examples too, and fits a screen.
func TestHelpIsThereInChinese(t *testing.T) {
	english := map[string]*cobra.Command{}
	remember := func(c *cobra.Command) { english[c.CommandPath()] = c }
	everyCommand(root(t), remember)
	everyCommand(root(t), func(c *cobra.Command) {
		var out strings.Builder
		top := cli.NewRoot(strings.NewReader(""), &out, io.Discard)
		line := append(strings.Fields(c.CommandPath())[1:], "--help", "--lang", "zh")
		if exit := cli.Run(t.Context(), top, line); exit != cli.ExitOK {
			t.Fatalf("%q: exit %d", line, exit)
		}
		zh, _, err := top.Find(line[:len(line)-3])
		en := english[c.CommandPath()]
		if err != nil || zh.CommandPath() != c.CommandPath() {
			t.Fatalf("%q: found %s, %v", line, zh.CommandPath(), err)
		}
		said := func(what, zh, en string) {
			if en != "" && (zh == en || !hasHan(zh)) {
				t.Errorf("%s: %s is in Chinese %q (client/words/help*.go)", c.CommandPath(), what, zh)
			}
		}
		said("what it does", zh.Short, en.Short)
		said("its description", zh.Long, en.Long)
		if comment.MatchString(en.Example) {
			said("its example", zh.Example, en.Example)
		}
		en.LocalFlags().VisitAll(func(f *pflag.Flag) {
			said("--"+f.Name, zh.LocalFlags().Lookup(f.Name).Usage, f.Usage)
		})
		for _, text := range strings.Split(out.String(), "\n") {
			if n := words.Width(text); n > words.Columns {
				t.Errorf("%s --help --lang zh: %d columns: %s", c.CommandPath(), n, text)
			}
		}
	})
}

// everyCommand visits a root and all under it, those too that only hold others.
func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	if c.Parent() == nil {
		c.InitDefaultHelpCmd()
		c.InitDefaultCompletionCmd()
	}
	if !c.Hidden {
		visit(c)
	}
	for _, sub := range c.Commands() {
		everyCommand(sub, visit)
	}
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func describe(t *testing.T, b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n", c.CommandPath())
	fmt.Fprintf(b, "%s.\n\n```\n%s\n", c.Short, strings.TrimSuffix(c.UseLine(), " [flags]"))
	if c.Example != "" {
		fmt.Fprintf(b, "\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	if flags := ownFlags(c); flags.HasAvailableFlags() {
		fmt.Fprintf(b, "\n%s", flags.FlagUsagesWrapped(words.Columns))
	}
	fmt.Fprintf(b, "```\n")
	if c.Long != "" && !strings.HasPrefix(c.CommandPath(), "hongbao completion") { // cobra's own: shells' details
		fmt.Fprintf(b, "\n%s\n", c.Long)
	}
	if v := cli.VerbOf(c); v != nil {
		codes := strings.Trim(strings.ReplaceAll(fmt.Sprint(v.ExitCodes()), " ", ", "), "[]")
		fmt.Fprintf(b, "\nExit codes: %s.\n", codes)
	}
	for i, v := range results(c) {
		fmt.Fprintf(b, "\n%s\n\n", []string{"Result:", "Or, of an account:"}[i])
		writeFields(b, fieldsOf(t, v))
	}
}

// ownFlags are a command's, and those that it shares with the others under the same
// one: not those of every command.
func ownFlags(c *cobra.Command) *pflag.FlagSet {
	own := pflag.NewFlagSet(c.Name(), pflag.ContinueOnError)
	own.AddFlagSet(c.NonInheritedFlags())
	c.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if c.Root().PersistentFlags().Lookup(f.Name) != f {
			own.AddFlag(f)
		}
	})
	return own
}

// goName is a word that only this program's source has.
var goName = regexp.MustCompile(`\b[a-z]+[A-Z]\w*`)

func writeFields(b *strings.Builder, fields []field) {
	fmt.Fprintf(b, "| field | type | |\n|---|---|---|\n")
	for _, f := range fields {
		kind := f.kind
		if f.null {
			kind += " or null"
		}
		if f.gone {
			kind += ", may be absent"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.name, kind, strings.ReplaceAll(f.means, "|", "\\|"))
	}
}

func writeCodes(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Error codes\n\n`hongbao error CODE` says the same, in 中文 too.\n\n")
	for _, e := range cli.ErrorCodes(words.English, "hongbao") {
		number := ""
		if e.Number != 0 {
			number = fmt.Sprintf(" (%d)", uint32(e.Number))
		}
		fmt.Fprintf(b, "- `%s`%s: %s %s\n", e.Code, number, e.Message, e.Hint)
	}
}

const manualHead = `# The command line

Made from the commands themselves: ` + "`go test . -run Manual -update`" + ` writes this
page, and a test fails when it is not theirs.

A PARTY is an address (hb1…) or a name that this home knows, with or without @.
A REF is a packet (rp1… or its beginning), a share of one (rp1…/3), the hash of
a transaction about one, or last: the packet last sent or claimed here. Amounts
are written 8.88, 8.88元 or 888fen, lengths of time 90s, 2m, 24h or 1h30m, and
points in time in RFC 3339: 2026-02-17T00:00:00Z.

Results go to stdout, progress and hints to stderr; a result that could not be
written never ends with 0. A flag of every command may also be given as HONGBAO_
and its name in the environment, such as HONGBAO_LANG=zh or HONGBAO_DRY_RUN=true;
a variable of that prefix that stands for none of them is refused. NO_COLOR turns
colours off; away from a terminal there are none.

With --output json exactly one object stands on stdout, also on failure:

    {"status":"ok","result":{…}}
    {"status":"error","error":{…}}

Alone ` + "`watch`" + ` prints one such object for each entry, a line each; ` + "`completion`" + `,
` + "`demo`" + ` and ` + "`node start`" + ` print text. Money is a string of fen, heights and numbers of
shares (from 1) are numbers, times are RFC 3339 in UTC. Fields may be added;
those that are there keep their meaning.

`
