package demo_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/words"
	"hongbao/testnet/demo"
)

var update = flag.Bool("update", false, "rewrite the screen in the READMEs")

// TestMain lets this binary be a validator's process too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
		os.Exit(cli.Run(context.Background(), cli.NewRoot(os.Stdin, os.Stdout, os.Stderr), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// tell tells the story, with the program's own command line.
func tell(ctx context.Context, lang words.Lang, out io.Writer) error {
	return demo.Run(ctx, demo.Options{Lang: lang, Out: out, Type: cli.Typed, Program: "hongbao"})
}

// The READMEs show what the demo prints: times, ids and sizes aside, line by
// line.
func TestDemoPrintsWhatTheReadmesShow(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes")
	}
	temp := temporaryFolder(t)
	type telling struct {
		readme string
		lang   words.Lang
		out    bytes.Buffer
		err    error
	}
	both := []*telling{{readme: "../../README.md", lang: words.English},
		{readme: "../../README.zh.md", lang: words.Chinese}}
	var wg sync.WaitGroup
	for _, one := range both {
		wg.Go(func() { one.err = tell(t.Context(), one.lang, &one.out) })
	}
	wg.Wait()
	leftNothing(t, temp)
	for _, one := range both {
		if one.err != nil {
			t.Fatalf("%v\n%s", one.err, &one.out)
		}
		shownIn(t, one.readme, one.out.String())
		for _, line := range strings.Split(one.out.String(), "\n") {
			if n := words.Width(line); n > words.Columns {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

// shownIn compares what the demo printed with what a README shows.
func shownIn(t *testing.T, readme, printed string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```console\n\\$ go run \\. demo\n(.*?)```").FindSubmatchIndex(text)
	if block == nil {
		t.Fatalf("%s has no console block that starts with: $ go run . demo", readme)
	}
	if *update {
		shown := regexp.MustCompile(`(next: |接下来:).*`).ReplaceAllString(printed, "${1}go run . testnet up")
		fresh := string(text[:block[2]]) + shown + string(text[block[3]:])
		if err := os.WriteFile(readme, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, got := normal(string(text[block[2]:block[3]])), normal(printed)
	if want != got {
		t.Errorf("%s shows\n%s\nthe demo prints\n%s\n(go test ./testnet/demo -update rewrites it)", readme, want, got)
	}
}

// normal replaces what differs from run to run.
func normal(s string) string {
	for _, r := range []struct{ what, with string }{
		{`\d{4}-\d\d-\d\d`, "DATE"},
		{`\d\d:\d\d:\d\d (UTC|[+-]\d\d:\d\d)`, "TIME"},
		{`rp1\w+…\w+`, "PACKET"},
		{`block \d+`, "block N"},
		{`header \d+ signed by [34] of 4`, "header N signed"},
		{`(\d+ s|用时\d+秒) ·`, "N s ·"}, {`区块\d+`, "区块N"}, {`第 ?\d+ ?块`, "第N块"},
		{`\w+手气最佳`, "SOMEBODY手气最佳"},
		{`区块头 \d+ 由 [34]/4`, "区块头N"}, {`\(\d+ kB\)`, "(N kB)"},
		{`(alice|bob|carol|erin|frank) ¥\d+\.\d\d`, "$1 DRAWN"},
		{`\w+ is the luckiest`, "SOMEBODY is the luckiest"},
		{`(next: |接下来:).*`, "next"},
	} {
		s = regexp.MustCompile(r.what).ReplaceAllString(s, r.with)
	}
	return s
}

func TestDemoInterruptedLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes")
	}
	for _, after := range []time.Duration{200 * time.Millisecond, 1500 * time.Millisecond, 2500 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			temp := temporaryFolder(t)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			var out bytes.Buffer
			err := tell(ctx, words.English, &out)
			// A fast machine may be done by then; it says so exactly when it is.
			if (err == nil) != strings.Contains(out.String(), "checks held") {
				t.Errorf("after %s the demo ends with %v, having printed\n%s", after, err, out.String())
			}
			leftNothing(t, temp)
		})
	}
}

// temporaryFolder makes everything temporary go where it can be looked at.
func temporaryFolder(t *testing.T) string {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

// leftNothing checks that no file is left in temp, and no validator's process
// that worked there.
func leftNothing(t *testing.T, temp string) {
	t.Helper()
	entries, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left behind: %s", e.Name())
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if b, err := os.ReadFile(l); err == nil && bytes.Contains(b, []byte(temp)) {
			t.Errorf("still running: %s", bytes.ReplaceAll(b, []byte{0}, []byte{' '}))
		}
	}
}
