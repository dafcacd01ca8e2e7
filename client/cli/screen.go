package cli

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"hongbao/client/words"
	"hongbao/internal/home"
)

// screen is where text for people goes: on a terminal lines are broken to its
// width and marks are coloured; anywhere else text stays as it is, one line for
// what is one line, so that it can be searched.
func (s *Session) screen(w io.Writer) io.Writer {
	stream := Stream(w)
	if !home.IsTerminal(stream) {
		return plain{w}
	}
	columns, _, err := term.GetSize(int(stream.(*os.File).Fd()))
	if err != nil || columns < narrowest {
		columns = words.Columns
	}
	return &terminal{w: w, columns: columns, colour: colourful(os.Getenv)}
}

// narrowest is the least width that text is broken to: below it a terminal does
// not know its own, or nothing reads well.
const narrowest = 40

// colourful reports whether the user wants colours: https://no-color.org.
func colourful(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// terminal breaks and colours the lines written to it. It takes each Write for
// whole lines, or for a question that the answer follows.
type terminal struct {
	w       io.Writer
	columns int
	colour  bool
}

func (t *terminal) Write(b []byte) (int, error) {
	var out strings.Builder
	for line := range strings.SplitAfterSeq(withoutControls(string(b), "\n\t"), "\n") {
		text, newline := strings.CutSuffix(line, "\n")
		out.WriteString(t.line(text))
		if newline {
			out.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(t.w, out.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// line breaks a line that is too long; what follows its first part hangs two
// columns further in.
func (t *terminal) line(text string) string {
	if words.Width(text) > t.columns {
		rest := strings.TrimLeft(text, " ")
		indent := text[:min(len(text)-len(rest), t.columns/2)]
		parts := words.Wrap(rest, t.columns-len(indent)-2)
		trailing := text[len(strings.TrimRight(text, " ")):]
		text = indent + strings.Join(parts, "\n  "+indent) + trailing
	}
	if !t.colour {
		return text
	}
	for _, m := range marks {
		if strings.HasPrefix(strings.TrimLeft(text, " "), m.mark) {
			return strings.Replace(text, m.mark, "\x1b["+m.sgr+"m"+m.mark+"\x1b[0m", 1)
		}
	}
	return text
}

// marks are what a line may begin with, and the colours that this has.
var marks = []struct{ mark, sgr string }{
	{"✓", "32"},        // green
	{"✗", "31"},        // red
	{"hongbao:", "31"}, // an error
	{"hint:", "2"},     // faint
	{"提示:", "2"},
}
