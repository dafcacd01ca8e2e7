package words

import (
	"flag"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)

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
