package words

import (
	"slices"
	"strings"
	"testing"
)

func TestWidthIsThatOfAScreen(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{"", 0}, {"¥88.80", 6}, {"红包", 4}, {"领到就是你的,谁也拿不走。", 25}, {"rp1q7…x4", 8}, {"e\u0301",
			1}, {"✓ ok", 4},
	} {
		if got := Width(tt.text); got != tt.want {
			t.Errorf("%q takes %d columns, want %d", tt.text, got, tt.want)
		}
	}
}

func TestWhatIsCutFits(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"block 35 · 1/2", 14, "block 35 · 1/2"}, {"block 35 · 1/2", 13, "block 35 · 1…"}, {"区块35", 6, "区块35"},
		{"区块35", 5, "区块…"}, {"区块35", 4, "区…"},
	} {
		if got := Cut(tt.text, tt.n); got != tt.want || Width(got) > tt.n {
			t.Errorf("%q in %d columns: %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
}

func TestColumnsAreFilledAsAScreenShowsThem(t *testing.T) {
	for _, tt := range []struct {
		text, left, right string
		n                 int
	}{
		{"sent", "sent   ", "   sent", 7}, {"发出", "发出   ", "   发出", 7}, {"没答复", "没答复", "没答复", 5},
	} {
		if left, right := Left(tt.text, tt.n), Right(tt.text, tt.n); left != tt.left || right != tt.right {
			t.Errorf("%q in %d columns: %q and %q, want %q and %q", tt.text, tt.n, left, right, tt.left, tt.right)
		}
	}
}

func TestWrapBreaksWhereReadersExpectIt(t *testing.T) {
	for _, tt := range []struct {
		desc, text string
		n          int
		want       []string
	}{
		{"at blanks", "one two three", 7, []string{"one two", "three"}},
		{"a line that just fits", "one two", 7, []string{"one two"}},
		{"a word wider than the line stays whole", "see rp1qqqqqqqqqq now", 6, []string{"see", "rp1qqqqqqqqqq", "now"}},
		{"between Chinese characters", "红包已过期", 4, []string{"红包", "已过", "期"}},
		{"not before closing punctuation", "红包,过期。", 4, []string{"红", "包,", "过", "期。"}},
		{"not within a command", "用 hongbao show REF 看", 8, []string{"用", "hongbao", "show REF", "看"}},
		{"nothing", "", 8, []string{""}},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			got := Wrap(tt.text, tt.n)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Every page of the manual fits a screen, and loses nothing by being wrapped.
func TestWrapKeepsTheText(t *testing.T) {
	for _, l := range []Lang{English, Chinese} {
		for _, c := range Codes() {
			what, _ := c.Meaning(l, "go run .")
			lines := Wrap(what, Columns)
			for _, line := range lines {
				if Width(line) > Columns {
					t.Errorf("%s: %d columns: %s", c.Name, Width(line), line)
				}
			}
			blank := func(s string) string { return strings.ReplaceAll(s, " ", "") }
			if blank(strings.Join(lines, "")) != blank(what) {
				t.Errorf("%s: %q became %q", c.Name, what, lines)
			}
		}
	}
}
