package audit

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// A sound proof is worth nothing to a reader who does not know the chain, or
// who wants a younger header; and an unsound one is worse than that.
func TestTrust(t *testing.T) {
	vals := newValidators(10, 10, 10, 10)
	other, empty := vals.trust(), vals.trust()
	other.ChainID = "hongbao-other-1-01000000000000000000"
	empty.Validators = nil
	good := tellRecalled(t)
	headerTime := genesisTime.Add(70 * time.Second)
	torn := *good
	torn.Entries = torn.Entries[:5]

	for _, c := range []struct {
		desc    string
		file    *File
		trust   *Trust
		at      time.Time
		verdict Verdict
		last    string
	}{
		{"no trust file", good, nil, time.Time{}, Untrusted, "trust"},
		{"a trust file of another chain", good, other, time.Time{}, Untrusted, "trust"},
		{"a trust value that names nobody", good, empty, time.Time{}, Untrusted, "trust"},
		{"a header as old as asked for", good, vals.trust(), headerTime, Valid, "replay"},
		{"a header a moment older", good, vals.trust(), headerTime.Add(1), Untrusted, "age"},
		{"no trust file and an entry missing", &torn, nil, time.Time{}, Invalid, "entries"},
		{"an old header and an entry missing", &torn, vals.trust(), headerTime.Add(1), Invalid, "entries"},
		{"trust in others on a chain of the same name", good, newValidators(9, 9, 9, 9).trust(), time.Time{},
			Invalid, "header"},
	} {
		r := Verify(encode(t, c.file), c.trust, Options{At: c.at})
		last := r.Checks[len(r.Checks)-1]
		if r.Verdict != c.verdict || last.Name != c.last || last.OK != (c.verdict == Valid) {
			t.Errorf("%s: %s\n%s", c.desc, r.Verdict, strings.Join(lines(r), "\n"))
		}
		if r.Verdict != Valid && !strings.HasPrefix(Statement(false, r), "Nothing is proven: ") {
			t.Errorf("%s: states %q", c.desc, Statement(false, r))
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
