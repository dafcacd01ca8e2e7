package cli

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"unicode"

	"github.com/cosmos/go-bip39"
)

// output is stdout. It keeps the first error of a write: a command whose result
// did not get out must not end as if it had.
type output struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.w.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// failed is the first error of a write; nil when all was written.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// Stream is what a session's Stdout writes to, as it was given.
func Stream(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.w
	}
	return w
}

// unwritten is the first error of writing results; nil where all was written.
func (s *Session) unwritten() error {
	if o, ok := s.Stdout.(*output); ok {
		return o.failed()
	}
	return nil
}

// conclude is the exit code of a command that would end with exit: not 0 if its
// result was not written. A reader that went away (… | head) knows why, and is told
// nothing.
func (s *Session) conclude(exit int) int {
	err := s.unwritten()
	if err == nil {
		return exit
	}
	if !errors.Is(err, syscall.EPIPE) {
		e := Fail(ExitInternal, "cannot_write", "the result could not be written: %v", err)
		if s.sent != nil {
			e.Message += fmt.Sprintf("; transaction %s was handed out", s.sent)
			e = e.WithHint("%s tx wait %s", "%s tx wait %s", s.Program(), s.sent)
		}
		s.reportText(e)
	}
	if exit == ExitOK {
		return ExitInternal
	}
	return exit
}

// printable keeps a stranger's text from driving the reader's terminal, from
// going on in a line of its own, and from turning the order of letters round.
func printable(text string) string { return withoutControls(text, "") }

// withoutControls puts a blank in the place of what drives a terminal or turns
// the order of letters round, but for the characters in keep.
func withoutControls(text, keep string) string {
	return strings.Map(func(r rune) rune {
		if drivesTerminal(r) && !strings.ContainsRune(keep, r) {
			return ' '
		}
		return r
	}, text)
}

func drivesTerminal(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// plain is a writer of text for people: what names, memos, files and nodes say
// stands in it, and must not reach a terminal raw.
type plain struct{ w io.Writer }

func (p plain) Write(b []byte) (int, error) {
	if _, err := p.w.Write([]byte(withoutControls(string(b), "\n\t"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// escapeControls writes what drives a terminal, and what encoding/json leaves as it
// is, as \uXXXX: such characters stand inside strings alone.
func escapeControls(encoded []byte) []byte {
	var b strings.Builder
	for _, r := range string(encoded) {
		if r > unicode.MaxASCII && drivesTerminal(r) || r == 0x7f {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return []byte(b.String())
}

// secretOfLink is what stands behind the # of a link, also where the link is
// percent-encoded.
var secretOfLink = regexp.MustCompile(`(?i)(#|%23)[kml](=|%3d)[A-Za-z0-9_%=&+/.~-]*`)

// redacted is a message without what must not get onto screens and into logs:
// the secrets of a link, and the words of a key, which a person may have put
// where something else belongs.
func redacted(message string) string {
	return withoutWords(secretOfLink.ReplaceAllString(message, "$1…"))
}

// fewWords is from how many words of BIP-39's list in a row on a text is taken
// for a key's: a key has 12 or more, and some may be mistyped.
const fewWords = 6

var letters = regexp.MustCompile(`[A-Za-z]+`)

func withoutWords(text string) string {
	var b strings.Builder
	from, first, end, count := 0, 0, 0, 0
	flush := func() {
		if count >= fewWords {
			b.WriteString(text[from:first] + "…")
			from = end
		}
		count = 0
	}
	for _, at := range letters.FindAllStringIndex(text, -1) {
		_, listed := bip39.ReverseWordMap[strings.ToLower(text[at[0]:at[1]])]
		if !listed || count > 0 && strings.Trim(text[end:at[0]], " ,\t\n") != "" {
			flush()
		}
		if listed {
			if count == 0 {
				first = at[0]
			}
			count++
			end = at[1]
		}
	}
	flush()
	return b.String() + text[from:]
}
