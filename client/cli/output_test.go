package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"hongbao/client/words"
)

// full is a disk without room, whose owner looks at what was to be written.
type full struct {
	bytes.Buffer
	err error
}

func (f *full) Write(b []byte) (int, error) {
	f.Buffer.Write(b)
	return 0, f.err
}

// No command that has something to print ends well when it could not.
func TestNoResultIsLostInSilence(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	t.Parallel()
	n := nodeNetwork(t)
	home, dir := t.TempDir(), t.TempDir()
	if err := n.newHome(home); err != nil {
		t.Fatal(err)
	}
	writeTourFiles(t, dir)
	packet, hash := "", ""
	for i, line := range strings.Split(strings.TrimSpace(tour), "\n") {
		if line == "" {
			continue
		}
		line, fails := strings.CutPrefix(line, "! ")
		line, file, _ := strings.Cut(line, " < ")
		stdin := "y\ny\ny\n"
		if name, ok := strings.CutPrefix(line, "keys rm "); ok {
			stdin = name + "\n"
		}
		if file != "" {
			b, err := os.ReadFile(strings.Replace(file, "DIR", dir, 1))
			if err != nil {
				t.Fatal(err)
			}
			stdin = string(b)
		}
		line = strings.Replace(tourLine(t, n, line, dir, packet, hash), " SHARE", " 2m", 1)
		out, errors := &full{err: syscall.ENOSPC}, new(bytes.Buffer)
		if i%5 == 0 {
			out.err = syscall.EPIPE
		}
		root := NewRoot(strings.NewReader(stdin), out, errors)
		s := sessionOf(root)
		s.work, s.Terminal = testWork, func() bool { return file == "" }
		args := append([]string{"--home", home, "--lang", "en"}, strings.Fields(line)...) // a line's own --home wins
		if i%2 == 0 {
			args = append(args, "--output", "json")
		}
		exit := Run(context.Background(), root, args)
		said := errors.String()
		switch {
		case exit == ExitOK:
			t.Errorf("%q: exit 0, and stdout has nothing of\n%s", line, out)
		case !fails && out.err == syscall.ENOSPC && !strings.Contains(said,
			"the result could not be written: no space left on device"):
			t.Errorf("%q: says %s", line, said)
		case !fails && out.err == syscall.EPIPE && strings.Contains(said, "hongbao:"):
			t.Errorf("%q: says %s to a reader who is gone", line, said)
		}
		text := out.String() + said
		if m := regexp.MustCompile(`packet(?:":"|  )(rp1\w+)`).FindStringSubmatch(out.String()); m != nil &&
			strings.HasPrefix(line, "send") {
			packet = m[1]
		}
		if m := regexp.MustCompile(`(?m)tx(?:":"| +)([0-9a-f]{64})`).FindStringSubmatch(text); m != nil {
			hash = m[1]
		}
	}
	// A transaction that was handed out is named.
	out, errors := &full{err: syscall.ENOSPC}, new(bytes.Buffer)
	root := NewRoot(strings.NewReader(""), out, errors)
	exit := Run(context.Background(), root, []string{"--home", home, "--quiet", "send", "1", "--public"})
	if exit != ExitInternal || !regexp.MustCompile(`transaction [0-9a-f]{64} was handed out`).MatchString(
		errors.String()) {
		t.Errorf("exit %d: %s", exit, errors)
	}
}

// What follows ends when its reader is gone.
func TestWatchEndsWithItsReader(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		u.must("pay", "1", "--to", "bob")
	}
	out, errors := &full{err: syscall.EPIPE}, new(bytes.Buffer)
	root := NewRoot(strings.NewReader(""), out, errors)
	exit := Run(context.Background(), root, []string{"--home", u.home, "watch", "bob", "--from-height", "1"})
	if exit != ExitInternal || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("exit %d: %s%s", exit, out, errors)
	}
}

func TestControlsNeverReachATerminal(t *testing.T) {
	evil := "boom \x1b]52;c;aGIx\x07 \u202e\u009b2J\x7f\nhongbao: paid"
	var stdout, stderr bytes.Buffer
	s := sessionOf(NewRoot(strings.NewReader(""), &stdout, &stderr))
	s.Global.Lang = "en"
	const clean = "boom  ]52;c;aGIx    2J  hongbao: paid"
	s.report(Fail(ExitInternal, "bad_answer", "node: %s", evil))
	if got := stderr.String(); !strings.HasPrefix(got, "hongbao: node: "+clean+"\n") {
		t.Errorf("%q", got)
	}
	stderr.Reset()
	s.Progress(evil)
	s.Result(nil, func(w io.Writer) { io.WriteString(w, evil) })
	if got := stderr.String() + stdout.String(); drives(got) {
		t.Errorf("%q", got)
	}
	stdout.Reset()
	s.Global.Output = "json"
	s.report(Fail(ExitInternal, "bad_answer", "node: %s", evil))
	s.Result(map[string]string{"memo": evil}, nil)
	if got := stdout.String(); drives(got) || strings.Count(got, `\u202e`) != 2 || strings.Count(got, `\u009b`) != 2 {
		t.Errorf("%q", got)
	}
	for _, line := range strings.Split(strings.TrimSpace(stdout.String()), "\n") {
		tree, err := parseJSON([]byte(line))
		if result, ok := tree.(map[string]any)["result"].(map[string]any); err != nil || ok && result["memo"] != evil {
			t.Errorf("%v, %v", tree, err)
		}
	}
}

// drives reports whether a text holds what drives a terminal, but for the ends
// of lines.
func drives(text string) bool { return withoutControls(text, "\n") != text }

func TestSecretsAreCutOutOfMessages(t *testing.T) {
	const k = "3uv6hw_SoHVabcdefghijklmnopqrstuvwxyz0123456"
	for _, text := range []string{
		"hongbao:claim?chain=c&packet=rp1q#k=" + k, "HONGBAO:CLAIM?chain=c&packet=rp1q#K=" + k, "x#m=abc&k=" + k +
			"' no such file",
		"<hongbao:claim?chain=c#k=" + k + ">", "“hongbao:claim?c#k=" + k + "”", "hongbao%3Aclaim%3Fchain%3Dc%23k%3D" +
			k, "\ufeff#k=" + k, "open ./#k=" + k + ": no such file",
	} {
		if got := redacted(text); strings.Contains(got, k[:5]) || !strings.Contains(got, "…") {
			t.Errorf("%q: %q", text, got)
		}
	}
	const mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	for _, text := range []string{mnemonic, `"` + mnemonic + `": no such key`, strings.ToUpper(mnemonic),
		strings.ReplaceAll(mnemonic, " ", ", "), strings.Replace(mnemonic, "wave", "wawe", 1)} {
		if got := redacted(text); strings.Contains(strings.ToLower(got), "winner thank yellow") ||
			!strings.Contains(got, "…") {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, e := range ErrorCodes(words.English, "hongbao") {
		if e.Number == 0 && redacted(e.Message+e.Hint) != e.Message+e.Hint {
			t.Errorf("%s: %q", e.Code, redacted(e.Message+e.Hint))
		}
	}
}
