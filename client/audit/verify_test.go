package audit

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vectors are files for other implementations to test against.
const vectors = "../../testdata/vectors"

var update = flag.Bool("update", false, "rewrite the vectors")

func encode(t testing.TB, f *File) []byte {
	t.Helper()
	b, err := f.Encode()
	must(t, err)
	return b
}

func lines(r Report) (all []string) {
	for _, c := range r.Checks {
		all = append(all, CheckLine(false, c))
	}
	return all
}

// What happened on the chain is what the report says, and the files that
// testdata shows to other implementations stay as they are.
func TestStories(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	var b bytes.Buffer
	must(t, trust.Write(&b))
	golden(t, "trust.json", b.Bytes())
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			file := encode(t, s.tell(t))
			golden(t, s.name+".proof", file)
			r := Verify(file, trust, Options{})
			if r.Verdict != Valid || strings.Join(lines(r), "\n") != strings.Join(s.lines, "\n") {
				t.Errorf("%s: %s\n%s\nwant\n%s", s.desc, r.Verdict, strings.Join(lines(r), "\n"),
					strings.Join(s.lines, "\n"))
			}
			if !strings.HasSuffix(Statement(false, r), s.statement) {
				t.Errorf("%s: says\n%s\nwant at its end\n%s", s.desc, Statement(false, r), s.statement)
			}
			golden(t, s.name+".json", outcomeOf(t, s.desc, r))
			t.Logf("%d bytes: %s", len(file), Statement(false, r))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join(vectors, name)
	if *update {
		must(t, os.MkdirAll(vectors, 0o755))
		must(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed: a proof made earlier would no longer verify (if that is meant, run with -update)", path)
	}
}

// A proof that is not valid states nothing; a trust value that names no validator
// is as good as none.
func TestNothingIsProven(t *testing.T) {
	unnamed, torn := newValidators(10, 10, 10, 10).trust(), tellRecalled(t)
	unnamed.Validators = nil
	torn.Entries = torn.Entries[:5]
	for _, c := range []struct {
		desc    string
		file    *File
		trust   *Trust
		verdict Verdict
	}{
		{"no trust file", tellRecalled(t), nil, Untrusted},
		{"a trust value that names no validator", tellRecalled(t), unnamed, Untrusted},
		{"no trust file and an entry missing", torn, nil, Invalid},
	} {
		r := Verify(encode(t, c.file), c.trust, Options{})
		if r.Verdict != c.verdict || !strings.HasPrefix(Statement(false, r), "Nothing is proven: ") {
			t.Errorf("%s: %s: %q", c.desc, r.Verdict, Statement(false, r))
		}
	}
}

// The verdict depends on nothing but the arguments.
func TestVerifyRepeats(t *testing.T) {
	file, trust := encode(t, tellRecalled(t)), newValidators(10, 10, 10, 10).trust()
	first := Verify(file, trust, Options{})
	for range 3 {
		if r := Verify(file, trust, Options{}); Statement(false, r) != Statement(false, first) ||
			strings.Join(lines(r), "") != strings.Join(lines(first), "") {
			t.Fatalf("%v, then %v", first, r)
		}
	}
}
