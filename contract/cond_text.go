package contract

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Bounds on a condition. Evaluation visits each node once, so these bound the
// work of every recall and claim.
const (
	maxCondDepth = 8    // all(any(2 of (...))) is 3; no scene needs more than 4
	maxCondNodes = 64   // a truth table over 8 keys repeats this 256 times
	maxNamed     = 100  // one name per share, and a packet has at most 100
	maxCondBytes = 8192 // 100 names of 61 characters and their commas, and room
	maxOperands  = 16   // twice the keys a packet's clauses may hold
)

// Print is the one text form of c, and its form on the wire: no spaces but
// those around "of", lengths as Seconds.String, instants in whole UTC seconds.
func Print(c Cond) string {
	var b strings.Builder
	printCond(&b, c)
	return b.String()
}

func printCond(b *strings.Builder, c Cond) {
	list := func(name string, operands []Cond) {
		b.WriteString(name)
		for i, o := range operands {
			b.WriteByte("(,"[min(i, 1)])
			printCond(b, o)
		}
		b.WriteByte(')')
	}
	switch c := c.(type) {
	case Always:
		b.WriteString("always")
	case Never:
		b.WriteString("never")
	case Within:
		fmt.Fprintf(b, "within(%s)", c.For)
	case After:
		fmt.Fprintf(b, "after(%s)", c.For)
	case Before:
		fmt.Fprintf(b, "before(%s)", c.At)
	case From:
		fmt.Fprintf(b, "from(%s)", c.At)
	case Untouched:
		b.WriteString("untouched")
	case Sender:
		b.WriteString("sender")
	case Key:
		fmt.Fprintf(b, "key(%s)", c.Address)
	case Link:
		b.WriteString("link")
	case Named:
		b.WriteString("named")
		for i, a := range c.Claimers {
			b.WriteByte("(,"[min(i, 1)])
			b.WriteString(a.String())
		}
		b.WriteByte(')')
	case Listed:
		fmt.Fprintf(b, "list(%s)", c.Root)
	case All:
		list("all", c)
	case Any:
		list("any", c)
	case Of:
		list(strconv.Itoa(c.K)+" of ", c.Operands)
	default:
		panic("contract: unknown Cond")
	}
}

// Parse reads a condition. Spaces between tokens and other spellings of a
// length (90s for 1m30s) are welcome; Print(Parse(s)) is the canonical form.
// Everything refused has CodeBadCondition, CodeConditionTooDeep or
// CodeConditionTooLarge.
func Parse(s string) (Cond, error) {
	if len(s) > maxCondBytes {
		return nil, Errorf(CodeConditionTooLarge, "condition of %d bytes: at most %d", len(s), maxCondBytes)
	}
	p := &condParser{rest: s}
	c, err := p.cond(1)
	if err != nil {
		return nil, err
	}
	if p.space(); p.rest != "" {
		return nil, p.bad("the end")
	}
	// A length may print longer than it was typed; what is read must also be
	// readable in its one spelling.
	if len(s) > maxCondBytes/2 && len(Print(c)) > maxCondBytes {
		return nil, Errorf(CodeConditionTooLarge, "condition of %d bytes: at most %d", len(Print(c)), maxCondBytes)
	}
	return c, nil
}

// parsePrinted is Parse of what Print prints, in half the time; false for other
// spellings and for what is no condition at all.
func parsePrinted(s string) (Cond, bool) {
	if len(s) > maxCondBytes {
		return nil, false
	}
	p := &condParser{rest: s, printed: true}
	c, err := p.cond(1)
	return c, err == nil && p.rest == ""
}

type condParser struct {
	rest    string
	nodes   int
	printed bool // refuse every spelling but Print's
}

func (p *condParser) bad(want string) error {
	got := p.rest
	if len(got) > 20 {
		got = strings.ToValidUTF8(got[:20], "") + "…"
	}
	if got == "" {
		got = "the end"
	}
	return Errorf(CodeBadCondition, "condition: expected %s, got %q", want, got)
}

func (p *condParser) space() {
	if !p.printed {
		p.rest = strings.TrimLeft(p.rest, " \t\n")
	}
}

// of takes the word between the number and the operands of a k of.
func (p *condParser) of() bool {
	if p.printed {
		return p.take(" of ")
	}
	return p.take("of")
}

// take removes a token that starts the rest, after any space.
func (p *condParser) take(token string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

// word takes the longest run of letters, digits and the marks of an instant.
func (p *condParser) word() string {
	p.space()
	i := 0
	for i < len(p.rest) {
		ch := p.rest[i]
		if (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && (ch < '0' || ch > '9') && ch != '-' && ch != ':' {
			break
		}
		i++
	}
	w := p.rest[:i]
	p.rest = p.rest[i:]
	return w
}

func (p *condParser) cond(depth int) (Cond, error) {
	if depth > maxCondDepth {
		return nil, Errorf(CodeConditionTooDeep, "condition: nested deeper than %d", maxCondDepth)
	}
	if p.nodes++; p.nodes > maxCondNodes {
		return nil, Errorf(CodeConditionTooLarge, "condition: more than %d parts", maxCondNodes)
	}
	before := p.rest
	switch w := p.word(); w {
	case "always":
		return Always{}, nil
	case "never":
		return Never{}, nil
	case "untouched":
		return Untouched{}, nil
	case "sender":
		return Sender{}, nil
	case "link":
		return Link{}, nil
	case "within", "after":
		d, err := argument(p, p.seconds)
		if w == "within" {
			return Within{d}, err
		}
		return After{d}, err
	case "before", "from":
		t, err := argument(p, parseInstant)
		if w == "before" {
			return Before{t}, err
		}
		return From{t}, err
	case "key":
		a, err := argument(p, ParseAddress)
		return Key{a}, err
	case "named":
		list, err := listOf(p, maxNamed, func() (Address, error) { return ParseAddress(p.word()) })
		return Named{list}, err
	case "list":
		root, err := argument(p, ParseHash)
		return Listed{root}, err
	case "all", "any":
		list, err := listOf(p, maxOperands, func() (Cond, error) { return p.cond(depth + 1) })
		if w == "all" {
			return All(list), err
		}
		return Any(list), err
	default:
		k, err := strconv.Atoi(w)
		if err != nil || strconv.Itoa(k) != w || !p.of() {
			p.rest = before
			return nil, p.bad("a condition")
		}
		list, err := listOf(p, maxOperands, func() (Cond, error) { return p.cond(depth + 1) })
		if err != nil {
			return nil, err
		}
		if k < 1 || k > len(list) {
			return nil, Errorf(CodeBadCondition, "condition: %d of %d operands: ask for 1 to %d",
				k, len(list), len(list))
		}
		return Of{k, list}, nil
	}
}

func (p *condParser) seconds(s string) (Seconds, error) {
	d, err := ParseSeconds(s)
	if err == nil && p.printed && d.String() != s {
		return 0, p.bad(d.String())
	}
	return d, err
}

// argument reads "(" word ")".
func argument[T any](p *condParser, parse func(string) (T, error)) (v T, err error) {
	if !p.take("(") {
		return v, p.bad("(")
	}
	if v, err = parse(p.word()); err != nil {
		return v, Errorf(CodeBadCondition, "condition: %v", err)
	}
	if !p.take(")") {
		return v, p.bad(")")
	}
	return v, nil
}

// listOf reads "(" item "," ... ")" with 1 to most items.
func listOf[T any](p *condParser, most int, item func() (T, error)) (list []T, err error) {
	if !p.take("(") {
		return nil, p.bad("(")
	}
	for {
		v, err := item()
		if err != nil {
			if CodeOf(err) == CodeBadAddress {
				err = Errorf(CodeBadCondition, "condition: %v", err)
			}
			return nil, err
		}
		if list = append(list, v); len(list) > most {
			return nil, Errorf(CodeConditionTooLarge, "condition: a list of more than %d", most)
		}
		if p.take(")") {
			return list, nil
		}
		if !p.take(",") {
			return nil, p.bad(", or )")
		}
	}
}

// parseInstant reads an instant in whole seconds of UTC. Terms speak no finer.
func parseInstant(s string) (Time, error) {
	const layout = "2006-01-02T15:04:05Z"
	t, err := time.Parse(layout, s)
	if err != nil || t.Format(layout) != s || t.Year() < 1970 || t.Year() > 2261 {
		return 0, fmt.Errorf("instant %q: write it like 2026-02-17T00:00:00Z", s)
	}
	return TimeOf(t), nil
}

// Rule is a condition as a field of what is signed: CBOR text, the form that
// Print gives. A second spelling of the same condition is refused, so its
// bytes and its meaning are one to one.
type Rule struct{ Cond Cond }

// MarshalCBOR writes the text form; a rule without a condition is "", which no
// decoder accepts.
func (r Rule) MarshalCBOR() ([]byte, error) {
	if r.Cond == nil {
		return cbor.Marshal("")
	}
	return cbor.Marshal(Print(r.Cond))
}

// UnmarshalCBOR reads the text form.
func (r *Rule) UnmarshalCBOR(b []byte) error {
	var s string
	if err := strictDecoding.Unmarshal(b, &s); err != nil {
		return err
	}
	if cond, ok := parsePrinted(s); ok {
		r.Cond = cond
		return nil
	}
	cond, err := Parse(s)
	if err != nil {
		return err
	}
	if Print(cond) != s {
		return Errorf(CodeNotCanonical, "condition %q: the one spelling is %q", s, Print(cond))
	}
	r.Cond = cond
	return nil
}
