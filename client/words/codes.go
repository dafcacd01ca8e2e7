package words

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"hongbao/contract"
)

// Code is a row of the table of error codes: what a person hears, and what the
// manual says. In its texts %s stands for how hongbao was called.
type Code struct {
	Name   string        // stable; of the contract's codes it follows from the number
	Number contract.Code // 0: one of the client's own

	// Exits are the exit codes that it comes with; client/cli names them. Those of the
	// contract come with 3 before a block and 4 in one; with 2 as well where no ledger
	// need be asked to see that something is not written as it has to be.
	Exits []int

	Said   Phrase // what a person hears before the detail; none of the client's own: the detail alone
	What   Phrase // what happened
	Do     Phrase // what to do about it
	Advise bool   // whether Do stands beside the error, too
}

// Codes is the table: the contract's by number, then the client's own by name.
var Codes = sync.OnceValue(func() []Code {
	list := slices.Concat(txCodes, packetCodes, termCodes, listCodes, clientCodes, nodeCodes)
	for i := range list {
		c := &list[i]
		if c.Number == 0 {
			continue
		}
		c.Name = c.Number.String()
		if c.Exits == nil {
			c.Exits = []int{3, 4}
		}
	}
	slices.SortFunc(list, func(a, b Code) int {
		if own := a.Number == 0; own != (b.Number == 0) {
			return map[bool]int{true: 1, false: -1}[own]
		}
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
	return list
})

// CodeNamed is the row of a code; the zero row where there is none.
func CodeNamed(name string) Code {
	list := Codes()
	if i := slices.IndexFunc(list, func(c Code) bool { return c.Name == name }); i >= 0 {
		return list[i]
	}
	return Code{}
}

// Tell is an error in a line: what a person hears first, and the detail. Where the
// detail has no Chinese, it stands behind what happened.
func (c *Code) Tell(l Lang, detail string) string {
	said, ok := Detail(l, detail)
	first := c.Said.In(l)
	if !ok {
		first = cmp.Or(first, strings.TrimSuffix(c.What.zh, "。"))
	}
	if first == "" {
		return said
	}
	return first + " (" + said + ")"
}

// Meaning is what happened and what to do, where program is how hongbao was called.
func (c *Code) Meaning(l Lang, program string) (what, do string) {
	fill := func(p Phrase) string { return strings.ReplaceAll(p.In(l), "%s", program) }
	return fill(c.What), fill(c.Do)
}

// Advice is what stands beside an error about what to do, as half a sentence; empty
// where nothing helps.
func (c *Code) Advice(l Lang, program string) string {
	if !c.Advise {
		return ""
	}
	_, do := c.Meaning(l, program)
	first, size := utf8.DecodeRuneInString(do)
	return string(unicode.ToLower(first)) + strings.TrimRight(do[size:], ".。")
}
