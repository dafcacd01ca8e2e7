package cli

import "testing"

func TestAMemoCannotDriveATerminal(t *testing.T) {
	if got := printable("新\x1b[2J\u009b年\r\n快乐"); got != "新 [2J 年  快乐" {
		t.Errorf("%q", got)
	}
}

// What a stranger wrote is shown on one line, and reads as it was written.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"新年快乐 👨‍👩‍👧":           "新年快乐 👨‍👩‍👧",
		"\x1b[2Jgone\r\nfinal": " [2Jgone  final",
		"\u009b2J":             " 2J",
		"a\u2028b\u2029c":      "a b c",
		"\u202e00.1¥ +\u2066":  " 00.1¥ + ",
		"\u200fx\u061c":        " x ",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
