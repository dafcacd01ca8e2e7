// Package words says things to people: amounts, times, terms, refusals, and what
// a verification found, in English and Chinese. Nothing here is read by a program; programs read codes
// and JSON.
package words

import (
	"fmt"
	"time"

	"hongbao/contract"
)

// Lang is a language.
type Lang int

// The languages.
const (
	English Lang = iota
	Chinese
)

// pick is the text in l.
func (l Lang) pick(en, zh string) string {
	if l == Chinese {
		return zh
	}
	return en
}

// Say is what a line says in l. Both languages stand next to each other where the
// line is made, as formats for the same args; either may take them in another
// order, or leave some out, by naming their numbers: %[2]s.
func (l Lang) Say(en, zh string, args ...any) string {
	return fmt.Sprintf(l.pick(en, zh), args...)
}

// Phrase is a text in both languages.
type Phrase struct{ en, zh string }

// Both is a text to be said later, with args as for [Lang.Say].
func Both(en, zh string, args ...any) Phrase {
	return Phrase{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// Same is a text that is the same in both languages: what is typed.
func Same(text string) Phrase { return Phrase{text, text} }

// In is the text in l.
func (p Phrase) In(l Lang) string { return l.pick(p.en, p.zh) }

// And is p and then q, as one text.
func (p Phrase) And(q Phrase) Phrase { return Phrase{p.en + "; " + q.en, p.zh + ";" + q.zh} }

// Clock is t as a screen shows it, in the zone of now, the reader's: with date
// and zone, for it may be read later, or elsewhere.
func Clock(t contract.Time, now time.Time) string {
	local := t.Std().In(now.Location())
	if _, offset := local.Zone(); offset == 0 {
		return local.Format("2006-01-02 15:04:05") + " UTC"
	}
	return local.Format("2006-01-02 15:04:05 -07:00")
}

// Count is n of something: 1 share, 8 shares.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
