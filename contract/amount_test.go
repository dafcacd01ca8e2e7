package contract

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	for _, row := range []struct {
		desc, in string
		fen      Amount
		bad      bool
	}{
		{"yuan and fen", "8.88", 888, false},
		{"one decimal", "8.8", 880, false},
		{"whole yuan", "8", 800, false},
		{"sign before", "¥8.88", 888, false},
		{"sign after", "8.88元", 888, false},
		{"fen", "888fen", 888, false},
		{"nothing", "0", 0, false},
		{"space around", " 8.88 ", 888, false},
		{"leading zeros", "008.08", 808, false},
		{"the most there is", "92233720368547758.07", MaxAmount, false},
		{"the most, in fen", "9223372036854775807fen", MaxAmount, false},
		{"one fen more", "92233720368547758.08", 0, true},
		{"one fen more, in fen", "9223372036854775808fen", 0, true},
		{"more than 64 bits", "99999999999999999999", 0, true},
		{"empty", "", 0, true},
		{"no digit", ".", 0, true},
		{"no yuan", ".88", 0, true},
		{"a point and no fen", "8.", 0, true},
		{"three decimals", "8.888", 0, true},
		{"two points", "8.8.8", 0, true},
		{"negative", "-8", 0, true},
		{"plus", "+8", 0, true},
		{"exponent", "1e3", 0, true},
		{"thousands", "1,000", 0, true},
		{"hexadecimal", "0x10", 0, true},
		{"underscore", "1_000", 0, true},
		{"digits of another script", "８.８８", 0, true},
		{"space inside", "8 .88", 0, true},
		{"fraction of a fen", "8.5fen", 0, true},
		{"yuan or fen, which?", "¥888fen", 0, true},
		{"yuan or fen, the other way", "888元fen", 0, true},
		{"fen twice", "888fenfen", 0, true},
		{"sign alone", "¥", 0, true},
		{"unit alone", "fen", 0, true},
	} {
		got, err := ParseAmount(row.in)
		if row.bad != (err != nil) || got != row.fen {
			t.Errorf("%s: ParseAmount(%q) = %d, %v", row.desc, row.in, got, err)
		}
		if row.bad && CodeOf(err) != CodeBadAmount {
			t.Errorf("%s: %s, want bad_amount", row.desc, CodeOf(err))
		}
	}
}

func TestAmountPrints(t *testing.T) {
	for _, row := range []struct {
		fen         Amount
		plain, yuan string
	}{
		{0, "0.00", "¥0.00"},
		{7, "0.07", "¥0.07"},
		{8880, "88.80", "¥88.80"},
		{99_999, "999.99", "¥999.99"},
		{123_450, "1234.50", "¥1,234.50"},
		{100_000_000, "1000000.00", "¥1,000,000.00"},
		{MaxAmount, "92233720368547758.07", "¥92,233,720,368,547,758.07"},
	} {
		if got := row.fen.String(); got != row.plain {
			t.Errorf("%d prints %q, want %q", row.fen, got, row.plain)
		}
		if got := row.fen.Yuan(); got != row.yuan {
			t.Errorf("%d reads %q, want %q", row.fen, got, row.yuan)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := Amount(rapid.Uint64Max(uint64(MaxAmount)).Draw(rt, "amount"))
		if got, err := ParseAmount(a.String()); err != nil || got != a {
			rt.Fatalf("%q parses to %d, %v", a.String(), got, err)
		}
	})
}

func TestAmountArithmeticIsChecked(t *testing.T) {
	for _, row := range []struct {
		desc  string
		a, b  Amount
		add   Amount
		addOK bool
		sub   Amount
		subOK bool
	}{
		{"small", 5, 3, 8, true, 2, true},
		{"equal", 5, 5, 10, true, 0, true},
		{"below zero", 3, 5, 8, true, 0, false},
		{"up to the most", MaxAmount - 1, 1, MaxAmount, true, MaxAmount - 2, true},
		{"over the most", MaxAmount, 1, 0, false, MaxAmount - 1, true},
		{"twice the most", MaxAmount, MaxAmount, 0, false, 0, true},
		{"out of range", MaxAmount + 1, 0, 0, false, MaxAmount + 1, true},
		{"wrapping", 1, 1<<64 - 1, 0, false, 0, false},
	} {
		if got, ok := row.a.Add(row.b); got != row.add || ok != row.addOK {
			t.Errorf("%s: sum %d, %v", row.desc, got, ok)
		}
		if got, ok := row.a.Sub(row.b); got != row.sub || ok != row.subOK {
			t.Errorf("%s: difference %d, %v", row.desc, got, ok)
		}
	}
}
