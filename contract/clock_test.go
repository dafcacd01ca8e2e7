package contract

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseSeconds(t *testing.T) {
	for _, row := range []struct {
		desc, in string
		want     Seconds
		prints   string
		bad      bool
	}{
		{"seconds", "90s", 90, "1m30s", false},
		{"minutes", "2m", 120, "2m", false},
		{"hours", "24h", 86400, "24h", false},
		{"days", "3d", 259200, "72h", false},
		{"a mix", "1d1h1m1s", 90061, "25h1m1s", false},
		{"nothing", "0s", 0, "0s", false},
		{"out of order", "1s1h", 3601, "1h1s", false},
		{"the longest", "366d", MaxDuration, "8784h", false},
		{"a second longer", "366d1s", 0, "", true},
		{"overflowing", "999999999d", 0, "", true},
		{"ten digits", "0000000001s", 0, "", true},
		{"many small ones", "300d66d1s", 0, "", true},
		{"empty", "", 0, "", true},
		{"no unit", "90", 0, "", true},
		{"no number", "m", 0, "", true},
		{"a fraction", "1.5h", 0, "", true},
		{"negative", "-2m", 0, "", true},
		{"milliseconds", "5ms", 0, "", true},
		{"weeks", "1w", 0, "", true},
		{"space", "1h 30m", 0, "", true},
	} {
		got, err := ParseSeconds(row.in)
		if row.bad != (err != nil) || got != row.want {
			t.Errorf("%s: ParseSeconds(%q) = %d, %v", row.desc, row.in, got, err)
		}
		if err == nil && got.String() != row.prints {
			t.Errorf("%s: %q prints %q, want %q", row.desc, row.in, got, row.prints)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		d := Seconds(rapid.Uint32Max(uint32(MaxDuration)).Draw(rt, "seconds"))
		if got, err := ParseSeconds(d.String()); err != nil || got != d {
			rt.Fatalf("%q parses to %d, %v", d, got, err)
		}
	})
}

func TestABoundIsSaidInDays(t *testing.T) {
	for d, want := range map[Seconds]string{MaxDuration: "366 days", MaxConsentFor: "30 days", 2 * 86400: "2 days",
		86400: "24h", 3*86400 + 1: "72h1s", MaxValidFor: "10m", 0: "0s"} {
		if got := d.InDays(); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestTimeNeverWraps(t *testing.T) {
	if got := MaxTime.Plus(1); got != MaxTime {
		t.Errorf("a second after the end of time is %d", got)
	}
	if got := (MaxTime - 1).Plus(1<<32 - 1); got != MaxTime {
		t.Errorf("136 years after the end of time is %d", got)
	}
	if got := Time(5).Plus(2); got != 2_000_000_005 {
		t.Errorf("5 ns and 2 s is %d", got)
	}
}

func TestTimeText(t *testing.T) {
	for _, row := range []struct {
		desc, in string
		want     Time
		bad      bool
	}{
		{"whole seconds", "2026-02-17T00:00:00Z", TimeOf(time.Date(2026, 2, 17, 0, 0, 0, 0, time.UTC)), false},
		{"nanoseconds", "2026-02-17T00:00:00.000000001Z", TimeOf(time.Date(2026, 2, 17, 0, 0, 0, 1, time.UTC)), false},
		{"the beginning", "1970-01-01T00:00:00Z", 0, false},
		{"the end", "2262-04-11T23:47:16.854775807Z", MaxTime, false},
		{"before the beginning", "1969-12-31T23:59:59Z", 0, true},
		{"after the end", "2262-04-11T23:47:16.854775808Z", 0, true},
		{"year 9999", "9999-01-01T00:00:00Z", 0, true},
		{"another zone", "2026-02-17T08:00:00+08:00", 0, true},
		{"zeros that say nothing", "2026-02-17T00:00:00.500Z", 0, true},
		{"no zone", "2026-02-17T00:00:00", 0, true},
		{"empty", "", 0, true},
	} {
		var got Time
		if err := got.UnmarshalText([]byte(row.in)); row.bad != (err != nil) || got != row.want {
			t.Errorf("%s: %q is %d, %v", row.desc, row.in, got, err)
		}
		if !row.bad && row.want.String() != row.in {
			t.Errorf("%s: %d prints %q", row.desc, row.want, row.want)
		}
	}
}
