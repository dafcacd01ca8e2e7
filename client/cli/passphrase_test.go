package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hongbao/client/wallet"
)

// atTerminal is a person at a terminal, who answers questions with answers and
// types secrets unseen.
func (u *user) atTerminal(answers string, secrets ...string) func(args ...string) (exit int, stdout, stderr string) {
	return func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		root := NewRoot(strings.NewReader(answers), &stdout, &stderr)
		s := From(root)
		s.Terminal = func() bool { return true }
		s.work = testWork
		s.Secret = func(prompt string) (string, error) {
			stderr.WriteString(prompt + "\n")
			if len(secrets) == 0 {
				u.t.Fatalf("%q: asked once too often for %s", args, prompt)
			}
			next := secrets[0]
			secrets = secrets[1:]
			return next, nil
		}
		exit := Run(context.Background(), root, append([]string{"--home", u.home}, args...))
		if len(secrets) > 0 {
			u.t.Errorf("%q: %q were not asked for", args, secrets)
		}
		return exit, stdout.String(), stderr.String()
	}
}

func TestAPersonTypesPassphrases(t *testing.T) {
	u := &user{t, t.TempDir()}
	const words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	for _, tt := range []struct {
		desc    string
		answers string
		secrets []string
		args    string
		exit    int
		want    string
	}{
		{"twice the same", "", []string{"one", "one"}, "keys new lin", ExitOK, "the same once more"},
		{"twice, and not the same", "", []string{"one", "two"}, "keys new mei", ExitUsage,
			"the two passphrases differ: nothing was done"},
		{"nothing", "", []string{""}, "keys new mei", ExitUsage, "is empty"},
		{"none for a name that is taken", "", nil, "keys new lin", ExitUsage, "lin: that name is taken"},
		{"words, unseen", "", []string{words, "one", "one"}, "keys import mei", ExitOK, "the words of mei"},
		{"wrong words, and no passphrase", "", []string{"legal winner"}, "keys import wu", ExitUsage,
			"not the words of a key"},
		{"export, and then no", "n\n", nil, "keys export lin", ExitDeclined,
			"Whoever reads them has its money. Show them? [y/N]"},
		{"in Chinese", "n\n", nil, "keys export lin --lang zh", ExitDeclined, "谁看到谁就能动里面的钱。要显示吗?"},
		{"a name that is taken, before any words", "", nil, "keys import mei", ExitUsage, "mei: that name is taken"},
		{"which word is wrong", "", []string{strings.Replace(words, "wave", "waev", 1)}, "keys import wu", ExitUsage,
			"these are not in the list of words: number 5"},
		{"a passphrase that is soon guessed", "", []string{"a", "b"}, "keys new wu", ExitUsage, "fewer than 8 letters"},
		{"one that is too long", "", []string{strings.Repeat("a", 1025)}, "keys new wu", ExitUsage,
			"longer than 1024 bytes"},
		{"one that cannot be typed", "", []string{"\ufeffone", "\ufeffone"}, "keys new wu", ExitUsage,
			"byte order mark"},
		{"export with a wrong passphrase", "y\n", []string{"two", "two", "two"}, "keys export mei", ExitUsage,
			"key mei: wrong passphrase"},
		{"export, mistyped once", "y\n", []string{"two", "one"}, "keys export mei", ExitOK, words},
		{"another passphrase", "", []string{"one", "open sesame", "open sesame"}, "keys passwd mei", ExitOK,
			"a passphrase to protect mei with"},
		{"another one, mistyped", "", []string{"open sesame", "one", "two"}, "keys passwd mei", ExitUsage,
			"the two passphrases differ"},
		{"export with the old one", "y\n", []string{"one", "open sesame"}, "keys export mei", ExitOK,
			"wrong passphrase: once more"},
		{"and back", "", []string{"open sesame", "one", "one"}, "keys passwd mei", ExitOK, ""},
		{"remove, and another name", "mai\n", nil, "keys rm mei", ExitDeclined,
			"only its words bring it back. Type its name:"},
		{"remove the key in use", "", nil, "keys rm lin", ExitUsage, "lin: is the key in use"},
		{"export", "y\n", []string{"one"}, "keys export mei", ExitOK, words},
	} {
		exit, stdout, stderr := u.atTerminal(tt.answers, tt.secrets...)(strings.Fields(tt.args)...)
		if exit != tt.exit || !strings.Contains(stderr+stdout, tt.want) {
			t.Errorf("%s: exit %d: %s%s", tt.desc, exit, stdout, stderr)
		}
	}
	if got := u.must("keys", "list")["keys"].([]any); len(got) != len(wallet.DevNames)+2 {
		t.Errorf("%d keys: %v", len(got), got)
	}
}

func TestAPassphraseIsTheFirstLineOfItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passphrase")
	for text, want := range map[string]string{
		"open sesame": "open sesame", "open sesame\n": "open sesame", "open sesame\r\n": "open sesame",
		" open sesame \nthe rest\n": " open sesame ", "\nopen sesame": "", "": "",
		strings.Repeat("a", 1024) + "\r\nb": strings.Repeat("a", 1024), strings.Repeat("a", 1025): "",
		strings.Repeat("a", 5000) + "\n": "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readPassphrase("--passphrase-file", path); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// The terms are on the screen before the passphrase is asked for, and a wrong
// one costs nothing.
func TestTheTermsComeBeforeThePassphrase(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	if exit, _, stderr := u.atTerminal("", "one", "one")("keys", "new", "lin"); exit != ExitOK {
		t.Fatal(stderr)
	}
	u.must("pay", "100", "--to", "lin", "--from", "alice")
	exit, stdout, stderr := u.atTerminal("", "two", "two", "two")("send", "8", "--public", "--recall", "2m",
		"--from", "lin")
	terms, asked := strings.Index(stderr, "¥8.00 for one person"), strings.Index(stderr, "passphrase of lin")
	if exit != ExitUsage || stdout != "" || terms < 0 || asked < terms || !strings.Contains(stderr,
		"wrong passphrase") {
		t.Errorf("exit %d: %s%s", exit, stdout, stderr)
	}
	u.refused(ExitUsage, "no_last", "show", "last")
	if exit, _, stderr := u.atTerminal("", "one")("send", "8", "--public", "--recall", "2m", "--from",
		"lin"); exit != ExitOK {
		t.Errorf("exit %d: %s", exit, stderr)
	}
	// What the ledger refuses is refused before a person types anything.
	if exit, _, stderr := u.atTerminal("")("pay", "93", "--to", "bob", "--from", "lin"); exit != ExitRefused ||
		!strings.Contains(stderr, "Not enough money") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
	if got := u.must("balance", "lin"); got["balance_fen"] != "9200" {
		t.Errorf("lin: %v", got)
	}
}
