package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is money in fen (1/100 yuan), 0 to 2^63-1. It has no sign: money is
// never owed here, and a subtraction that would go below zero is refused.
type Amount uint64

// MaxAmount keeps every sum representable in a signed 64-bit integer, which
// is what other languages' JSON and database libraries hold.
const MaxAmount Amount = math.MaxInt64

// Add returns a+b, or false when it exceeds MaxAmount.
func (a Amount) Add(b Amount) (Amount, bool) {
	if a > MaxAmount || b > MaxAmount-a {
		return 0, false
	}
	return a + b, true
}

// Sub returns a-b, or false when b exceeds a.
func (a Amount) Sub(b Amount) (Amount, bool) {
	if b > a {
		return 0, false
	}
	return a - b, true
}

// String is the amount in yuan with two decimals and no currency sign:
// 8880 fen is "88.80".
func (a Amount) String() string {
	return fmt.Sprintf("%d.%02d", uint64(a)/100, uint64(a)%100)
}

// Yuan is the amount as people read it: "¥1,234.50".
func (a Amount) Yuan() string {
	whole := strconv.FormatUint(uint64(a)/100, 10)
	var b strings.Builder
	b.WriteString("¥")
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	fmt.Fprintf(&b, ".%02d", uint64(a)%100)
	return b.String()
}

// ParseAmount reads what people type: "8.88", "¥8.88", "8.88元" or "888fen".
// At most two decimals; no sign, exponent, or separator.
func ParseAmount(s string) (Amount, error) {
	bad := func(why string) (Amount, error) {
		return 0, Errorf(CodeBadAmount, "amount %q: %s", s, why)
	}
	t, fen := strings.CutSuffix(strings.TrimSpace(s), "fen")
	if !fen { // "¥888fen" could mean two things
		t = strings.TrimSuffix(strings.TrimPrefix(t, "¥"), "元")
	}
	whole, frac, dotted := strings.Cut(t, ".")
	if fen && dotted {
		return bad("a fen is the smallest unit")
	}
	if whole == "" || !digits(whole) || (dotted && (frac == "" || !digits(frac))) {
		return bad("write it like 8.88 or 888fen, without commas")
	}
	if len(frac) > 2 {
		return bad("at most two decimals")
	}
	if !fen {
		whole += (frac + "00")[:2]
	}
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || Amount(n) > MaxAmount {
		return bad("too large")
	}
	return Amount(n), nil
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
