package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"hongbao/client/evidence"
	"hongbao/client/wallet"
)

// goWords are those of Go and of its libraries, which no user should meet.
var goWords = regexp.MustCompile(`strconv|parsing "|invalid syntax|accepts |arg\(s\)|%!|invalid argument|shorthand|nil`)

// What is mistyped is wrong usage, said in plain words, in either language.
func TestWrongUsageIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	for _, tt := range []struct {
		args string
		want string
	}{
		{"pay 1.005 --to bob", `Not a valid amount. (amount "1.005": at most two decimals)`},
		{"pay 1,5 --to bob", "Not a valid amount."},
		{"send x --public", "Not a valid amount."},
		{"send --each 0.001 --shares 2", "at most two decimals"},
		{"pay 1 --to hb1qqqq", "hb1qqqq"},
		{"send 1 --scene freinds", "There is no scene of that name."},
		{"explain --scene freinds", "There is no scene of that name."},
		{"send 1 --recall sometimes", "sometimes"},
		{"recall last --reason becuase", "There is no such reason."},
		{"send 10 --shares 0", "--shares 0: write a number from 1 to 100"},
		{"send 10 --shares 1000001", "--shares 1000001: write a number from 1 to 1000000"},
		{"send 10 --shares -1", `--shares "-1": write a whole number, from 0 on`},
		{"send 10 --shares many", `--shares "many": write a whole number`},
		{"watch bob --count x", `--count "x": write a whole number`},
		{"balance --wait soon", `--wait "soon": write a length of time`},
		{"balance --yes=perhaps", `--yes "perhaps": write true or false`},
		{"send 10 --public --opens " + past, "is past already"},
		{"pay -1 --to bob", "-1: write an amount or a number without a sign"},
		{"pay", "pay: AMOUNT is missing"},
		{"pay 1 2 --to bob", `pay: "2" does not belong here`},
		{"answer last", "answer: accept|refuse is missing"},
		{"answer last accept now then", `answer: "now then" does not belong here`},
		{"keys list x", `keys list: "x" does not belong here`},
		{"version 7", `version: "7" does not belong here`},
	} {
		for _, lang := range []string{"en", "zh"} {
			r := u.run(append(strings.Fields(tt.args), "--lang", lang)...)
			if r.exit != ExitUsage || lang == "en" && !strings.Contains(r.Error.Message, tt.want) {
				t.Errorf("%q: exit %d: %s; want %s", tt.args, r.exit, r.stdout, tt.want)
			}
			if bad := goWords.FindString(r.stdout); bad != "" {
				t.Errorf("%q: says %q in %s", tt.args, bad, r.stdout)
			}
		}
	}
}

// Flags of every command come from the environment, all of them; what stands
// there for anything else is refused, for it may hold something back.
func TestTheEnvironmentIsReadOrRefused(t *testing.T) {
	for _, tt := range []struct {
		desc, variable string
		want           func(*Global) bool // nil: it is refused
		hint           string
	}{
		{"unsigned", "HONGBAO_UNSIGNED=f.tx", func(g *Global) bool { return g.Unsigned == "f.tx" }, ""},
		{"dry run", "HONGBAO_DRY_RUN=true", func(g *Global) bool { return g.DryRun }, ""},
		{"wait", "HONGBAO_WAIT=7s", func(g *Global) bool { return g.Wait == 7*time.Second }, ""},
		{"trust", "HONGBAO_TRUST=t", func(g *Global) bool { return g.Trust == "t" }, ""},
		{"passphrase file", "HONGBAO_PASSPHRASE_FILE=p", func(g *Global) bool { return g.PassphraseFile == "p" }, ""},
		{"empty is unset", "HONGBAO_UNSIGNED=", func(g *Global) bool { return g.Unsigned == "" }, ""},
		{"a supervised node's", "HONGBAO_SUPERVISED=1", func(*Global) bool { return true }, ""},
		{"another program's", "HONGBAOS=1", func(*Global) bool { return true }, ""},
		{"mistyped", "HONGBAO_UNSIGEND=f", nil, "HONGBAO_UNSIGNED"},
		{"a flag of some commands", "HONGBAO_FINAL=rp1x/1", nil, "on the command line"},
		{"at", "HONGBAO_AT=2099-01-01", nil, ""},
		{"recall", "HONGBAO_RECALL=2m", nil, ""},
		{"no boolean", "HONGBAO_YES=perhaps", nil, ""},
		{"no length", "HONGBAO_WAIT=soon", nil, ""},
	} {
		root := NewRoot(strings.NewReader(""), io.Discard, io.Discard)
		err := fromEnvironment(root, []string{"PATH=/bin", tt.variable})
		if tt.want != nil && (err != nil || !tt.want(&From(root).Global)) {
			t.Errorf("%s: %v, %+v", tt.desc, err, From(root).Global)
		}
		if tt.want == nil && (err == nil || asError(err).Exit != ExitUsage || !strings.Contains(asError(err).Hint.In(0),
			tt.hint) || goWords.MatchString(err.Error())) {
			t.Errorf("%s: %v", tt.desc, err)
		}
	}
	// The list is that of the flags: one that is new is read, too.
	names := 0
	root := NewRoot(strings.NewReader(""), io.Discard, io.Discard)
	for _, v := range []string{"HOME=h", "NODE=n", "FROM=f", "OUTPUT=json", "LANG=zh", "TRUST=t", "WAIT=1s", "YES=true",
		"DRY_RUN=true", "QUIET=true", "PASSPHRASE_FILE=p", "UNSIGNED=u"} {
		if err := fromEnvironment(root, []string{"HONGBAO_" + v}); err != nil {
			t.Error(err)
		}
		names++
	}
	flags := 0
	root.PersistentFlags().VisitAll(func(*pflag.Flag) { flags++ })
	if flags != names {
		t.Errorf("%d flags of every command, and %d are tried here", flags, names)
	}
	t.Setenv("HONGBAO_UNSIGEND", "f")
	u := &user{t, t.TempDir()}
	u.refused(ExitUsage, "usage", "version")
}

// asked is a stderr that tells once a question stands on it.
type asked struct {
	mu sync.Mutex
	bytes.Buffer
	question string
	once     sync.Once
	stands   chan struct{}
}

func (a *asked) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, err := a.Buffer.Write(b)
	if strings.Contains(a.String(), a.question) {
		a.once.Do(func() { close(a.stands) })
	}
	return n, err
}

// SIGTERM ends a command that waits for an answer, as Ctrl-C does.
func TestASignalEndsAQuestion(t *testing.T) {
	caught := make(chan os.Signal, 10) // so that no signal ends the test
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(caught)
	u := &user{t, t.TempDir()}
	p := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(p, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u.must("keys", "new", "lin", "--passphrase-file", p)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		in, hold := io.Pipe()
		stderr := &asked{question: "[y/N]", stands: make(chan struct{})}
		root := NewRoot(in, io.Discard, stderr)
		From(root).Terminal = func() bool { return true }
		exit := make(chan int, 1)
		go func() { exit <- Run(context.Background(), root, []string{"--home", u.home, "keys", "export", "lin"}) }()
		<-stderr.stands
		for done := false; !done; {
			if err := syscall.Kill(os.Getpid(), sig); err != nil {
				t.Fatal(err)
			}
			select {
			case code := <-exit:
				if code != ExitDeclined {
					t.Errorf("%v: exit %d", sig, code)
				}
				done = true
			case <-time.After(50 * time.Millisecond): // it may not listen yet
			}
		}
		hold.Close()
	}
}

// What will be signed is said before the passphrase is asked for, by every verb;
// and --dry-run says it too, with the terms.
func TestWhatIsSignedIsSaidFirst(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	p := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(p, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := wallet.Open(u.home)
	keys.Work = testWork
	for _, name := range []string{"lin", "mei"} {
		if _, err := keys.New(name, func(string) (string, error) { return passphrase, nil }); err != nil {
			t.Fatal(err)
		}
		u.must("pay", "1000", "--to", name, "--from", "alice")
	}
	send := func(args ...string) string {
		return u.must(append([]string{"send", "5", "--from", "lin", "--passphrase-file", p},
			args...)...)["packet"].(string)
	}
	claimed := func() string {
		id := send("--to", "mei")
		u.must("claim", id, "--from", "mei", "--passphrase-file", p)
		return id
	}
	ask := func() string {
		id := claimed()
		u.must("ask", id+"/1", "--from", "lin", "--passphrase-file", p)
		return id
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"pay", "1", "--to", "bob", "--from", "lin"}, "lin pays ¥1.00 to bob, for good"},
		{[]string{"send", "1", "--public", "--recall", "1h", "--from", "lin"},
			"the sender can take back what is unclaimed"},
		{[]string{"claim", send("--to", "mei"), "--from", "mei"}, "from lin"},
		{[]string{"recall", send("--public", "--recall", "1h"), "--from", "lin"},
			"lin recalls what is unclaimed of packet"},
		{[]string{"return", claimed(), "--from", "mei"}, "mei gives share 1"},
		{[]string{"ask", claimed() + "/1", "--from", "lin"}, "lin asks for share 1"},
		{[]string{"answer", ask(), "refuse", "--from", "mei"}, "mei refuses to give share 1"},
		{[]string{"answer", ask(), "accept", "--from", "mei"}, "a gift back"},
		{[]string{"tighten", send("--public", "--recall", "1h"), "--renounce", "--from", "lin"}, "after "},
	} {
		var stderr bytes.Buffer
		root := NewRoot(strings.NewReader("y\n"), io.Discard, &stderr)
		before := ""
		From(root).Terminal = func() bool { return true }
		From(root).Secret = func(string) (string, error) {
			before = stderr.String()
			return "", Fail(ExitDeclined, "declined", "no answer")
		}
		exit := Run(t.Context(), root, append([]string{"--home", u.home, "--lang", "en"}, tt.args...))
		if exit != ExitDeclined || !strings.Contains(before, tt.want) {
			t.Errorf("%q: exit %d: says\n%s\nwant %q before it asks for the passphrase", tt.args, exit,
				&stderr, tt.want)
		}
		dry := u.must(append(tt.args, "--dry-run")...)
		if text, _ := dry["text"].([]any); len(text) == 0 {
			t.Errorf("%q --dry-run: %v", tt.args, dry)
		}
	}
	dry := u.must("send", "1", "--public", "--recall", "1h", "--from", "lin", "--dry-run")
	var text []string
	for _, line := range dry["text"].([]any) {
		text = append(text, line.(string))
	}
	if got := strings.Join(text, "\n"); !strings.Contains(got, "the sender can take back what is unclaimed") {
		t.Errorf("send --dry-run says %s", got)
	}
	exit, stdout, _ := u.atTerminal("")("send", "1", "--public", "--recall", "1h", "--from", "lin", "--dry-run")
	if exit != ExitOK || !strings.Contains(stdout, "the sender can take back what is unclaimed") {
		t.Errorf("send --dry-run: exit %d: %s", exit, stdout)
	}
}

// A proof about something else than --final asks for is told so, in text and in
// JSON.
func TestAnotherProofThanWasAskedFor(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	id := u.must("send", "5", "--to", "bob,carol")["packet"].(string)
	u.must("claim", id, "--from", "bob")
	u.must("claim", id, "--from", "carol")
	file := filepath.Join(t.TempDir(), "a.proof")
	for _, tt := range []struct {
		args  []string
		asks  string
		exit  int
		holds bool
	}{
		{[]string{"prove", id + "/1"}, id + "/1", ExitOK, true},
		{[]string{"prove", id + "/1"}, id + "/2", ExitNotFinal, false},
		{[]string{"prove", id}, id + "/1", ExitNotFinal, false},
		{[]string{"prove", id, "--absent"}, id + "/1", ExitNotFinal, false},
		{[]string{"prove", "supply"}, id + "/1", ExitNotFinal, false},
		{[]string{"prove", "account", "bob"}, id + "/1", ExitNotFinal, false},
	} {
		os.Remove(file)
		u.must(append(tt.args, "-o", file)...)
		r := u.run("verify", file, "--trust", n.trust, "--final", tt.asks)
		if r.exit != tt.exit || r.Result["final_of"] != tt.asks || r.Result["asked"] != tt.holds {
			t.Errorf("%q --final %s: exit %d: %s", tt.args, tt.asks, r.exit, r.stdout)
		}
		_, stdout, stderr := u.atTerminal("")("verify", file, "--trust", n.trust, "--final", tt.asks)
		if text := stdout + stderr; strings.Contains(text, "%!") || tt.holds == strings.Contains(text,
			"not about whether share "+tt.asks) {
			t.Errorf("%q --final %s: %s", tt.args, tt.asks, text)
		}
	}
}

// A node that is behind is told of, and what it says is dated.
func TestALateStateIsDated(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	var stdout, stderr bytes.Buffer
	root := NewRoot(strings.NewReader(""), &stdout, &stderr)
	From(root).now = func() time.Time { return time.Now().Add(2 * evidence.MaxAge) }
	exit := Run(context.Background(), root, []string{"--home", t.TempDir(), "--node", n.url, "balance", "alice"})
	dated := regexp.MustCompile(`¥10,000.00  as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|[+-]\d\d:\d\d)\n`)
	if exit != ExitOK || !dated.MatchString(stdout.String()) || !strings.Contains(stderr.String(),
		"is behind, or its chain is halted") {
		t.Errorf("exit %d: %s%s", exit, &stdout, &stderr)
	}
}
