package words

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The detail of an error is an English sentence, made where the error is: in the
// contract, which speaks to programs, or in a package that speaks to no person.
// Over the wire only that sentence crosses. So its Chinese is found by its shape: the
// format that made it, whose operands are put into the Chinese format. An operand
// that is a detail itself is said in Chinese, too, as is the state of a share.

// detail is a format of errors, and the same in Chinese: each verb stands for an
// operand, in order, or as %[2]s by its number.
type detail struct{ en, zh string }

// shape recognises what a format makes.
type shape struct {
	text    *regexp.Regexp
	zh      string
	literal int // how many characters of it are no operand
}

// operand is a verb of a format.
var operand = regexp.MustCompile(`%[a-zA-Z]`)

// shapeOf is the shape of a detail.
func shapeOf(d detail) shape {
	var pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	literal, from := 0, 0
	for _, at := range operand.FindAllStringIndex(d.en, -1) {
		pattern.WriteString(regexp.QuoteMeta(d.en[from:at[0]]))
		literal, from = literal+at[0]-from, at[1]
		switch d.en[at[0]+1] {
		case 'd':
			pattern.WriteString(`(-?\d+)`)
		case 'q':
			pattern.WriteString(`("(?:[^"\\]|\\.)*"|'[^']*')`)
		default:
			pattern.WriteString(`(.+?)`)
		}
	}
	pattern.WriteString(regexp.QuoteMeta(d.en[from:]) + `$`)
	return shape{regexp.MustCompile(pattern.String()), d.zh, literal + len(d.en) - from}
}

// details are all of them.
var details = slices.Concat(contractDetails, commandDetails, fileDetails, nodeDetails)

// shapes are those of every detail, the most particular first.
var shapes = sync.OnceValue(func() (list []shape) {
	for _, d := range details {
		list = append(list, shapeOf(d))
	}
	slices.SortStableFunc(list, func(a, b shape) int { return cmp.Compare(b.literal, a.literal) })
	return list
})

// Detail is the detail of an error in l; false where it has no Chinese, and stays
// what it is.
func Detail(l Lang, text string) (string, bool) {
	if l == English {
		return text, true
	}
	for _, words := range []map[string]Phrase{states, statuses} {
		if word, ok := words[text]; ok {
			return word.In(l), true
		}
	}
	for _, s := range shapes() {
		found := s.text.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		operands := make([]any, len(found)-1)
		for i, part := range found[1:] {
			said, _ := Detail(l, part)
			operands[i] = said
		}
		return fmt.Sprintf(s.zh, operands...), true
	}
	// What is left is a subject, and what is wrong with it.
	for at := 0; ; {
		i := strings.Index(text[at:], ": ")
		if i < 0 {
			return text, false
		}
		at += i + 2
		if said, ok := Detail(l, text[at:]); ok {
			subject, _ := Detail(l, text[:at-2])
			return subject + ":" + said, true
		}
	}
}
