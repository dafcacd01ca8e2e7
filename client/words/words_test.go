package words

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)

// Terms as people read them, one packet after the other, in both languages.
func TestTermsInPlainWords(t *testing.T) {
	names := map[contract.Address]string{{1}: "bob", {2}: "carol", {3}: "dave"}
	name := func(a contract.Address) string { return names[a] }
	key := func(n byte) contract.Cond { return contract.Key{Address: contract.Address{n}} }
	rest := func(c contract.Cond, reasons ...contract.Reason) contract.Clause {
		return contract.Clause{Target: contract.Rest, When: contract.Rule{Cond: c}, Reasons: reasons}
	}
	var out strings.Builder
	for _, tt := range []struct {
		desc    string
		total   contract.Amount
		shares  uint32
		claim   contract.Cond
		clauses []contract.Clause
	}{
		{"a link, and nothing else", 8880, 8, contract.Link{}, nil},
		{"two minutes", 88800, 8, contract.Always{}, []contract.Clause{rest(contract.All{contract.Sender{}, contract.Within{For: 120}})}},
		{"all or nothing", 500, 1, contract.Named{Claimers: []contract.Address{{1}}},
			[]contract.Clause{rest(contract.All{contract.Untouched{}, contract.All{contract.Within{For: 600}, contract.Sender{}}})}},
		{"not at once, and for a reason", 600, 2, contract.All{contract.Link{}, contract.From{At: contract.TimeOf(noon.Add(time.Hour))}},
			[]contract.Clause{rest(contract.All{contract.Sender{}, contract.After{For: 60}}, "DUPL", "AM09")}},
		{"two of three", 600, 3, contract.Named{Claimers: []contract.Address{{1}, {2}, {3}, {4}, {5}, {6}}},
			[]contract.Clause{rest(contract.All{contract.Of{K: 2, Operands: []contract.Cond{key(1), key(2), contract.Sender{}}}, contract.Before{At: contract.TimeOf(noon.Add(2 * time.Hour))}}), rest(key(3))}},
		{"a link, and a list", 100, 1, contract.All{contract.Link{}, contract.Named{Claimers: []contract.Address{{1}}}}, nil},
		{"what no sentence fits is shown as it is written", 100, 1, contract.Any{contract.Link{}, contract.After{For: 60}},
			[]contract.Clause{rest(contract.Any{contract.Sender{}, contract.All{key(1), contract.Untouched{}}})}},
	} {
		terms := &contract.Terms{Total: tt.total, Shares: tt.shares, Claim: contract.Rule{Cond: tt.claim}, Clauses: tt.clauses, Expiry: 24 * 3600}
		out.WriteString("# " + tt.desc + "\n")
		for _, l := range []Lang{English, Chinese} {
			out.WriteString(strings.Join(Terms(l, terms, contract.TimeOf(noon), name, noon), "\n") + "\n")
		}
		out.WriteString("\n")
	}
	golden := filepath.Join("testdata", "terms.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != out.String() {
		t.Errorf("differs from %s (%v); -update writes it anew:\n%s", golden, err, out.String())
	}
}

func TestClockShowsTheDayOnlyWhenItIsAnother(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{noon, "20:00:00"},
		{noon.Add(4*time.Hour - time.Nanosecond), "23:59:59"},
		{noon.Add(4 * time.Hour), "2026-02-18 00:00:00"},
	} {
		if got := Clock(contract.TimeOf(tt.at), noon.In(shanghai)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestEveryRefusalIsSaidInBothLanguages(t *testing.T) {
	for code, p := range refusals {
		if p.en == "" || p.zh == "" {
			t.Errorf("%s: %+v", code, p)
		}
	}
	known := map[string]bool{}
	for _, c := range contract.Codes() {
		known[c.String()] = true
	}
	for code, p := range hints {
		if p.en == "" || !known[code] {
			t.Errorf("hint for %s: %+v", code, p)
		}
	}
	if got := Hint(English, "link_required", "go run ."); strings.Contains(got, "%s") || strings.Count(got, "go run . claim") != 2 {
		t.Errorf("%q", got)
	}
}
