package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Columns is how wide a screen is taken to be: the narrowest that is common.
const Columns = 80

// Width is how many columns text takes on a screen: Chinese characters take
// two, accents that combine with the letter before them none.
func Width(text string) (n int) {
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// Left is text at the left of n columns, and Right at their right: what Printf's
// %-8s and %8s are where no character takes two.
func Left(text string, n int) string { return text + blanks(n-Width(text)) }

// Right is text at the right of n columns.
func Right(text string, n int) string { return blanks(n-Width(text)) + text }

// Cut is text in at most n columns; … stands for what was left out.
func Cut(text string, n int) string {
	if Width(text) <= n {
		return text
	}
	used := 1 // the …
	for i, r := range text {
		if used += columnsOf(r); used > n {
			return text[:i] + "…"
		}
	}
	return text
}

func blanks(n int) string { return strings.Repeat(" ", max(0, n)) }

func columnsOf(r rune) int {
	switch kind := width.LookupRune(r).Kind(); {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Wrap breaks text into lines of at most n columns: at blanks, and between
// wide characters, but not before closing punctuation. A single word wider
// than that has a line of its own, since a reader who copies it needs it whole.
func Wrap(text string, n int) (lines []string) {
	line := ""
	for _, piece := range pieces(text) {
		joined := line + piece
		if line != "" && Width(strings.TrimRight(joined, " ")) > n {
			lines = append(lines, strings.TrimRight(line, " "))
			joined = strings.TrimLeft(piece, " ")
		}
		line = joined
	}
	return append(lines, strings.TrimRight(line, " "))
}

// pieces cuts text where a line may break: each piece ends there.
func pieces(text string) (out []string) {
	rest := []rune(text)
	for i, start := 0, 0; i < len(rest); i++ {
		if i+1 == len(rest) || breaks(rest[i], rest[i+1]) {
			out = append(out, string(rest[start:i+1]))
			start = i + 1
		}
	}
	return out
}

// breaks reports whether a line may end between a and b.
func breaks(a, b rune) bool {
	switch {
	case a == ' ':
		return b != ' '
	case b == ' ' || unicode.In(b, unicode.Pe, unicode.Pf) || strings.ContainsRune(",.;:!?、。,;:!?", b):
		return false
	case unicode.In(a, unicode.Ps, unicode.Pi):
		return false
	}
	return columnsOf(a) == 2 || columnsOf(b) == 2
}
