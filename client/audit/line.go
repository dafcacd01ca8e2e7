package audit

import (
	"fmt"
	"strings"
)

// line is something said in both languages.
type line struct{ en, zh string }

// both says the same in both languages; the formats number their arguments
// where their order differs.
func both(en, zh string, args ...any) line {
	return line{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// list is "a", "a and b", or "a, b and c".
func list(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
