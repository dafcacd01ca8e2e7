package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

// ErrorCode is a page of the manual of errors.
type ErrorCode struct {
	Code    string        `json:"code"`
	Number  contract.Code `json:"number,omitempty"` // of the contract's codes
	Exits   []int         `json:"exits"`            // the exit codes that it comes with
	Message string        `json:"message"`          // what happened
	Hint    string        `json:"hint"`             // what to do
}

// ErrorCodes is the manual of errors: the contract's by number, then the
// client's own by name.
func ErrorCodes(l words.Lang, program string) (list []ErrorCode) {
	for _, c := range words.Codes() {
		what, do := c.Meaning(l, program)
		list = append(list, ErrorCode{c.Name, c.Number, c.Exits, what, do})
	}
	return list
}

func (s look) errorVerb() *Verb {
	return &Verb{
		Use: "error CODE", Group: groupLook,
		Short: words.Both("What an error code means, and what to do", "错误码是什么意思,该怎么办"),
		Long: words.Both(`Say what an error code means and what to do about it, by its name or, for the
codes of the contract, by its number.`,
			"说明一个错误码的意思和该怎么办。写它的名字;合约的错误码也可以写编号。"),
		Example: words.Same(`  error already_claimed
  error 19 --lang zh`),
		Reach: Alone, Results: []any{ErrorCode{}},
		Run: func(_ context.Context, args []string) error { return s.explainError(args[0]) },
	}
}

func (s look) explainError(code string) error {
	all := ErrorCodes(s.Lang(), Invocation())
	i := slices.IndexFunc(all, func(e ErrorCode) bool {
		return e.Code == code || e.Number != 0 && code == fmt.Sprint(uint32(e.Number))
	})
	if i < 0 {
		names := make([]string, len(all))
		for i, e := range all {
			names[i] = e.Code
		}
		return usagef("error code %q: unknown", code).offering(code, names)
	}
	e := all[i]
	s.Result(e, func(w io.Writer) {
		title := e.Code
		if e.Number != 0 {
			title += fmt.Sprintf(" (%d)", uint32(e.Number))
		}
		exits := strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Exits), " ", ", "), "[]")
		fmt.Fprintln(w, s.Say("%s, exit %s", "%s,退出码 %s", title, exits))
		printLines(w, []string{e.Message, e.Hint})
	})
	return nil
}
