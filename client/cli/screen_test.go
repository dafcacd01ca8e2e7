package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"hongbao/client/words"
)

func TestATerminalBreaksAndColoursLines(t *testing.T) {
	long := "During that time, it can be sent back to the sender by any two of dave, erin and frank, as fraud; not " +
		"by the sender alone."
	for _, tt := range []struct {
		desc, text, want string
		colour           bool
	}{
		{"a short line stays", "  ✓ sums\n", "  ✓ sums\n", false},
		{"a long one hangs", "  " + long + "\n",
			"  During that time, it can be sent\n    back to the sender by any two of\n    dave, erin and frank, as " +
				"fraud;\n    not by the sender alone.\n", false},
		{"Chinese takes two columns a character", "领到的钱先存24小时,期满归你。期间,甲、乙、丙中任意两人签字。\n",
			"领到的钱先存24小时,期满归你。期间,\n  甲、乙、丙中任意两人签字。\n", false},
		{"an id is not broken", "packet  " + strings.Repeat("x", 61) + "\n", "packet\n  " + strings.Repeat("x",
			61) + "\n", false},
		{"a question keeps its blank", "Recall? [y/N] ", "Recall? [y/N] ", false},
		{"several lines", "a\n\nb\n", "a\n\nb\n", false},
		{"a check that held", "✓ sums\n", "\x1b[32m✓\x1b[0m sums\n", true},
		{"one that did not", "  ✗ sums\n", "  \x1b[31m✗\x1b[0m sums\n", true},
		{"an error", "hongbao: no\nhint: yes\n", "\x1b[31mhongbao:\x1b[0m no\n\x1b[2mhint:\x1b[0m yes\n", true},
		{"a mark elsewhere is text", "say ✓\n", "say ✓\n", true},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			var b strings.Builder
			n, err := fmt.Fprint(&terminal{w: &b, columns: 38, colour: tt.colour}, tt.text)
			if err != nil || n != len(tt.text) || b.String() != tt.want {
				t.Errorf("%q (%d, %v)\nwant\n%q", b.String(), n, err, tt.want)
			}
			for _, line := range strings.Split(b.String(), "\n") {
				if !tt.colour && words.Width(line) > 38 && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%d columns: %s", words.Width(line), line)
				}
			}
		})
	}
}

func TestColoursAreForWhoWantsThem(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, true},
		{map[string]string{"TERM": "xterm-256color"}, true},
		{map[string]string{"TERM": "dumb"}, false},
		{map[string]string{"NO_COLOR": "1"}, false},
	} {
		if got := colourful(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v: %t", tt.env, got)
		}
	}
}

// A file or a pipe gets what is said unbroken and without colours.
func TestOnlyATerminalIsAScreen(t *testing.T) {
	s := new(Session)
	var b strings.Builder
	if s.screen(&b) != (plain{&b}) {
		t.Error("a buffer is taken for a terminal")
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if s.screen(null) != (plain{null}) {
		t.Error("the null device is taken for a terminal")
	}
}
