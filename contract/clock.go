package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Time is an instant of block time: UTC nanoseconds since 1970, never
// negative. Block time is CometBFT's BFT time; nothing here asks a clock.
type Time int64

// MaxTime is the last representable instant (2262).
const MaxTime Time = math.MaxInt64

// Seconds is a length of time in whole seconds, the only unit terms speak.
type Seconds uint32

// TimeOf converts a time.Time between 1970 and 2262.
func TimeOf(t time.Time) Time { return Time(t.UnixNano()) }

// Std is the instant as a time.Time in UTC.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// String is RFC 3339 in UTC with the fewest decimals that lose nothing.
func (t Time) String() string { return t.Std().Format(time.RFC3339Nano) }

// MarshalText writes RFC 3339.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes, and no other spelling.
func (t *Time) UnmarshalText(text []byte) error {
	std, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return err
	}
	read := TimeOf(std)
	if read < 0 || read.String() != string(text) {
		return fmt.Errorf("time %q: write it in UTC, like 2026-02-17T00:00:00Z, from 1970 to 2262", text)
	}
	*t = read
	return nil
}

// Plus is t+d, held at MaxTime rather than wrapping round.
func (t Time) Plus(d Seconds) Time {
	n := Time(d) * Time(time.Second)
	if t > MaxTime-n {
		return MaxTime
	}
	return t + n
}

// String is the one spelling of a length: hours, minutes, seconds, each left
// out when zero: 24h, 1h30m, 90s is 1m30s.
func (d Seconds) String() string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []struct {
		size Seconds
		name string
	}{{3600, "h"}, {60, "m"}, {1, "s"}} {
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// InDays is a bound as a message says it: 366 days, not 8784h; what is no whole
// number of days as String spells it.
func (d Seconds) InDays() string {
	const day = 24 * 3600
	if d < 2*day || d%day != 0 {
		return d.String()
	}
	return fmt.Sprintf("%d days", d/day)
}

// ParseSeconds reads a length as String spells it, and any other mix of whole
// d, h, m and s, such as 90s or 3d. At most MaxDuration.
func ParseSeconds(s string) (Seconds, error) {
	bad := Errorf(CodeBadCondition,
		"duration %q: write it with a unit, like 2m, 24h or 1h30m, at most %s", s, MaxDuration.InDays())
	var total uint64
	for rest := s; rest != ""; {
		i := strings.IndexAny(rest, "dhms")
		if i < 1 || i > 9 || !digits(rest[:i]) {
			return 0, bad
		}
		n, err := strconv.ParseUint(rest[:i], 10, 32)
		if err != nil {
			return 0, bad
		}
		unit := map[byte]uint64{'d': 86400, 'h': 3600, 'm': 60, 's': 1}[rest[i]]
		total += n * unit
		if total > uint64(MaxDuration) {
			return 0, bad
		}
		rest = rest[i+1:]
	}
	if s == "" {
		return 0, bad
	}
	return Seconds(total), nil
}

// MaxDuration bounds every window, hold and expiry: a year of leap seconds
// and all. Unclaimed money must come home in a sender's lifetime.
const MaxDuration Seconds = 366 * 24 * 3600
