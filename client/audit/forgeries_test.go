package audit

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// forged is a file that a forger made, and the step that must find it out.
type forged struct {
	desc    string
	failed  string  // empty: the file is good
	verdict Verdict // empty: invalid if a step fails, else valid
	file    func(t testing.TB) []byte

	// The reader's side, where it is not the chain's trust file and no policy.
	trust   []byte
	noTrust bool
	at      time.Time
}

// A forgedGroup's first file is good, and the others are written by what they
// share with it.
var forgedGroups = []struct {
	name, desc string
	make       func(t testing.TB) []forged
}{
	{"files", "by a forger who can write files and owns accounts, but no validator", forgedFiles},
	{"lives", "signed by validators who do as they are told: a packet's life", forgedLives},
	{"leaves", "signed by validators who do as they are told: a packet's leaf, of which each field is derived",
		forgedLeaves},
	{"clauses", "signed by validators who do as they are told: holds, consents, questions, tightenings", forgedClauses},
	{"draws", "signed by validators who do as they are told: lucky draws", forgedDraws},
	{"amounts", "signed by validators who do as they are told: parts of a packet's life, which the terms bind, too",
		forgedAmounts},
	{"values", "signed by validators who do as they are told: values outside their range", forgedValues},
	{"readers", "what a reader trusts: powers, keys, other chains, how old a header may be", forgedReaders},
	{"spellings", "what another reader of JSON or base64 would take for the same, and files beyond the bounds",
		forgedSpellings},
	{"handovers", "by a forger who has half of each set of validators, whose chain changed them four times",
		forgedHandOvers},
	{"campaigns", "signed by validators who do as they are told: large packets, their shares and lists",
		forgedCampaigns},
	{"trust", "trust files, under which a good proof is judged", forgedTrust},
}

// The vectors are what the forgers make: what was made once is found out for
// ever.
func TestForgeries(t *testing.T) {
	if testing.Short() {
		t.Skip("makes each forgery again; TestVectors judges what is there")
	}
	for _, group := range forgedGroups {
		t.Run(group.name, func(t *testing.T) {
			path := filepath.Join(forgeries, group.name+".json")
			list := group.make(t)
			g := vectorGroup{Desc: group.desc, Base: strings.SplitAfter(string(list[0].file(t)), "\n")}
			for _, f := range list {
				g.Cases = append(g.Cases, f.vector(t, g.Base))
			}
			if *update {
				for _, v := range g.Cases {
					got := v.found(t, g.Base)
					v.Code, v.Found, v.Final, v.Facts = got.Code, got.Found, got.Final, got.Facts
				}
				g.write(t, path)
			}
			old := readGroup(t, path)
			if len(old.Cases) != len(g.Cases) || !slices.Equal(old.Base, g.Base) {
				t.Fatalf("%s: %d cases are made, %d are there, or of another base", path, len(g.Cases), len(old.Cases))
			}
			for i, v := range g.Cases {
				o := old.Cases[i]
				v.Code, v.Found, v.Final, v.Facts = o.Code, o.Found, o.Final, o.Facts
				if !reflect.DeepEqual(v, o) {
					t.Errorf("%s: is made otherwise now (if that is meant, run with -update)", v.Desc)
				}
			}
		})
	}
}

// vector writes a forgery down.
func (f *forged) vector(t testing.TB, base []string) *vector {
	v := &vector{Desc: f.desc, Verdict: f.verdict, Failed: f.failed, NoTrust: f.noTrust,
		Proof: diff(base, f.file(t))}
	switch {
	case v.Verdict != "":
	case f.failed != "":
		v.Verdict = Invalid
	default:
		v.Verdict = Valid
	}
	if f.trust != nil {
		b, err := os.ReadFile(vectors + "/trust.json")
		must(t, err)
		v.Trust = diff(strings.SplitAfter(string(b), "\n"), f.trust)
	}
	if !f.at.IsZero() {
		v.At = f.at.UTC().Format(time.RFC3339Nano)
	}
	return v
}

// accepted makes sure that a file is valid.
func accepted(t testing.TB, file []byte) {
	t.Helper()
	if r := verify(file, newValidators(10, 10, 10, 10).trust(), Options{}); r.Verdict != Valid {
		t.Errorf("%s: %s", r.Verdict, Statement(false, r))
	}
}
