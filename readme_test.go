package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// readmes are those that a new user may start from, with the locale they are
// read in.
var readmes = []struct{ file, locale string }{{"README.md", "C.UTF-8"}, {"README.zh.md", "zh_CN.UTF-8"}}

// line is a command of a console block, and what the block shows of its output.
type line struct {
	command string
	shown   []string
}

// What a README says to type works, typed in its order on a fresh network, and
// what it shows is what comes.
func TestTheReadmesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two networks")
	}
	t.Parallel()
	for _, readme := range readmes {
		t.Run(readme.file, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, readme.locale)
			for _, l := range consoleLines(t, readme.file) {
				if strings.HasPrefix(l.command, "go run . testnet up") {
					r.up(l.command)
				} else {
					r.types(l)
				}
			}
		})
	}
}

// The Chinese README has the commands of the English one.
func TestTheReadmesAreInStep(t *testing.T) {
	commands := func(file string) (list []string) {
		for _, l := range consoleLines(t, file) {
			command, _, _ := strings.Cut(l.command, " #")
			list = append(list, strings.TrimSpace(command))
		}
		return list
	}
	english, chinese := commands(readmes[0].file), commands(readmes[1].file)
	for i := range max(len(english), len(chinese)) {
		if i >= len(english) || i >= len(chinese) || english[i] != chinese[i] {
			t.Fatalf("they part at command %d:\n%q\n%q", i+1, english[min(i, len(english)):],
				chinese[min(i, len(chinese)):])
		}
	}
	headings := func(file string) int { return strings.Count(read(t, file), "\n## ") }
	if headings(readmes[0].file) != headings(readmes[1].file) {
		t.Error("they have different chapters")
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// consoleLines are the commands in a file's console blocks, but for the demo,
// which has a test of its own.
func consoleLines(t *testing.T, file string) (lines []line) {
	t.Helper()
	blocks := regexp.MustCompile("(?ms)^```console\n(.*?)^```$").FindAllStringSubmatch(read(t, file), -1)
	for _, block := range blocks {
		if strings.HasPrefix(block[1], "$ go run . demo") {
			continue
		}
		for _, text := range strings.Split(strings.TrimSuffix(block[1], "\n"), "\n") {
			if command, ok := strings.CutPrefix(text, "$ "); ok {
				lines = append(lines, line{command: command})
			} else if len(lines) > 0 {
				last := &lines[len(lines)-1]
				last.shown = append(last.shown, text)
			}
		}
	}
	if len(lines) == 0 {
		t.Fatalf("%s: has no console block", file)
	}
	return lines
}

// reader is a person at a shell with an empty home.
type reader struct {
	t    *testing.T
	dir  string
	env  []string
	link string // that was printed last
}

func newReader(t *testing.T, locale string) *reader {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// `go run .` is this binary, and a person says yes to what is asked.
	script := "#!/bin/sh\nshift 2\nexec '" + exe + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	passphrase := filepath.Join(dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("seven herons over the lake\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &reader{t: t, dir: dir, env: append(os.Environ(),
		"PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "HONGBAO_HOME=", "HONGBAO_YES=true", "HONGBAO_PASSPHRASE_FILE="+
			passphrase, "LC_ALL="+locale, "TZ=UTC")}
}

func (r *reader) shell(command string) *exec.Cmd {
	command = strings.NewReplacer("LINK", r.link, "hb1…", contract.AddressOf(wallet.DevKey("bob")).String()).
		Replace(command)
	c := exec.Command("sh", "-c", "exec "+command)
	c.Dir, c.Env = r.dir, r.env
	return c
}

// up starts a network and waits until it says what to type next.
func (r *reader) up(command string) {
	r.t.Helper()
	c := r.shell(command)
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan error, 1)
	lines, ready := bufio.NewScanner(out), false
	for !ready && lines.Scan() {
		ready = strings.HasPrefix(lines.Text(), "Ctrl-C")
	}
	go func() {
		for lines.Scan() {
		}
		ended <- c.Wait()
	}()
	r.t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt) // `go run .` was replaced by what it runs
		if err := <-ended; err != nil {
			r.t.Errorf("%s: %v\n%s", command, err, &stderr)
		}
	})
	if !ready {
		r.t.Fatalf("%s: does not say that it is ready", command)
	}
}

func (r *reader) types(l line) {
	r.t.Helper()
	c := r.shell(l.command)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		r.t.Fatalf("$ %s\n%s%s%v", l.command, &stdout, &stderr, err)
	}
	if link := regexp.MustCompile(`hongbao:claim\?\S+`).FindString(stdout.String()); link != "" {
		r.link = link
	}
	got := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	if l.shown != nil && !slices.EqualFunc(l.shown, got, sameButForThisRun) {
		r.t.Errorf("$ %s\nis shown with\n%s\nand prints\n%s", l.command, strings.Join(l.shown, "\n"),
			strings.Join(got, "\n"))
	}
}

// ofThisRun is what differs from run to run: times, and the heights that follow
// them in a history; packets' ids; and blocks.
var ofThisRun = regexp.MustCompile(
	`(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d( UTC| [+-]\d\d:\d\d)?( +\d+ )?|rp1[0-9a-z]+(…[0-9a-z]+)?|(block |区块)\d+`)

func sameButForThisRun(a, b string) bool {
	return ofThisRun.ReplaceAllString(a, "…") == ofThisRun.ReplaceAllString(b, "…")
}
