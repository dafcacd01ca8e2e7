package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// user is a person at a home.
type user struct {
	t    *testing.T
	home string
}

// ran is what a command line did.
type ran struct {
	exit           int
	stdout, stderr string
	Status         string
	Result         map[string]any
	Error          struct {
		Code    string
		Number  int
		Message string
		Hint    string
		Exit    int
		Tx      string
		Height  int64
	}
}

// run runs a command line with --output json and checks what holds for every
// one: exactly one object on stdout, and exit codes that agree.
func (u *user) run(args ...string) *ran { return u.runWith("", args...) }

func (u *user) runWith(stdin string, args ...string) *ran {
	u.t.Helper()
	var stdout, stderr bytes.Buffer
	r := new(ran)
	root := NewRoot(strings.NewReader(stdin), &stdout, &stderr)
	r.exit = Run(context.Background(), root, append([]string{"--home", u.home, "--output", "json", "--lang", "en"},
		args...))
	r.stdout, r.stderr = stdout.String(), stderr.String()
	if c, _, err := root.Find(args); err == nil {
		if v := VerbOf(c); v != nil && !slices.Contains(v.ExitCodes(), r.exit) {
			u.t.Errorf("%q: exit %d, and its row has %v", args, r.exit, v.ExitCodes())
		}
	}
	d := json.NewDecoder(strings.NewReader(r.stdout))
	if err := d.Decode(r); err != nil {
		u.t.Fatalf("%q: stdout is no object: %v\n%s\n%s", args, err, r.stdout, r.stderr)
	}
	if d.More() || strings.Count(r.stdout, "\n") != 1 {
		u.t.Errorf("%q: more than one line of JSON: %s", args, r.stdout)
	}
	if (r.Status == "error") != (r.Error.Code != "") || (r.Status == "error" && r.Error.Exit != r.exit) {
		u.t.Errorf("%q: exit %d, %s", args, r.exit, r.stdout)
	}
	return r
}

// must is run for a command line that has to succeed.
func (u *user) must(args ...string) map[string]any {
	u.t.Helper()
	r := u.run(args...)
	if r.exit != 0 {
		u.t.Fatalf("%q: exit %d: %s%s", args, r.exit, r.stdout, r.stderr)
	}
	return r.Result
}

// refused is run for a command line that has to fail with a code.
func (u *user) refused(exit int, code string, args ...string) *ran {
	u.t.Helper()
	r := u.run(args...)
	if r.exit != exit || r.Error.Code != code {
		u.t.Errorf("%q: exit %d, code %q; want %d, %q\n%s%s", args, r.exit, r.Error.Code, exit, code,
			r.stdout, r.stderr)
	}
	return r
}
