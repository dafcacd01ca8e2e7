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

// A time that is passed on to another place, or read tomorrow, is the same time.
func TestClockShowsTheDayAndTheZone(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	for _, tt := range []struct {
		at   time.Time
		in   *time.Location
		want string
	}{
		{noon, shanghai, "2026-02-17 20:00:00 +08:00"},
		{noon.Add(4*time.Hour - time.Nanosecond), shanghai, "2026-02-17 23:59:59 +08:00"},
		{noon.Add(4 * time.Hour), shanghai, "2026-02-18 00:00:00 +08:00"},
		{noon, time.FixedZone("NST", -12600), "2026-02-17 08:30:00 -03:30"},
		{noon, time.UTC, "2026-02-17 12:00:00 UTC"},
		{noon, time.FixedZone("GMT", 0), "2026-02-17 12:00:00 UTC"},
	} {
		if got := Clock(contract.TimeOf(tt.at), noon.In(tt.in)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestTheLuckiestIsNamed(t *testing.T) {
	for l, want := range map[Lang]string{English: "bob is the luckiest: ¥23.10, share 3",
		Chinese: "手气最佳:bob,¥23.10,第3份"} {
		if got := Luckiest(l, "bob", 2310, 3); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a lucky share is worth is not said of any before it is drawn.
func TestNoLuckyShareHasAnAmountBeforehand(t *testing.T) {
	for _, e := range examples {
		if !e.lucky || e.shares == 1 {
			continue
		}
		s := e.subject(t)
		for _, l := range []Lang{Chinese, English} {
			text := strings.Join(Explain(l, s), " ")
			for _, wrong := range []string{s.Packet.Terms.ShareAmount().Yuan(), " each.", "每份¥", "每人¥"} {
				if strings.Contains(text, wrong) {
					t.Errorf("%s: says %q: %s", e.desc, wrong, text)
				}
			}
			if s.Share == 0 && !strings.Contains(text, l.pick("at random", "随机")) {
				t.Errorf("%s: does not say that chance decides: %s", e.desc, text)
			}
		}
	}
}
