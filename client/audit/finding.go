package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Finding is what a check found, without a language: a stable code, and by name
// the values that belong to it. client/words has a sentence for each code.
//
// A failed check's Finding may be the frame of another, its Cause: "entry 3"
// around "the nonce was used before". The innermost cause may be an error of the
// contract, of a file's form or of a trust file.
type Finding struct {
	Code   string
	Values map[string]any
	Cause  error
}

// Error is the finding for a log: its code, and its values by name in order.
func (f *Finding) Error() string {
	var b strings.Builder
	b.WriteString(f.Code)
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		fmt.Fprintf(&b, " %s=%v", name, f.Values[name])
	}
	if f.Cause != nil {
		fmt.Fprintf(&b, ": %v", f.Cause)
	}
	return b.String()
}

// Unwrap is the cause.
func (f *Finding) Unwrap() error { return f.Cause }

// found makes a finding. values alternate between a name and its value.
func found(code string, values ...any) *Finding {
	f := &Finding{Code: code, Values: map[string]any{}}
	for i := 0; i < len(values); i += 2 {
		f.Values[values[i].(string)] = values[i+1]
	}
	return f
}

// fault is a finding that ends the verification.
func fault(code string, values ...any) error { return found(code, values...) }

// within frames err, if there is one.
func within(err error, code string, values ...any) error {
	if err == nil {
		return nil
	}
	f := found(code, values...)
	f.Cause = err
	return f
}

// in says in which part of the proof err is.
func in(part string, err error) error { return within(err, "in", "part", part) }

// atEntry says in which entry err is, by its number.
func atEntry[T int | uint64](n T, err error) error { return within(err, "entry", "n", n) }

// findingOf is err as a finding. An error from elsewhere, such as the form of a
// file, is the cause of one.
func findingOf(err error) *Finding {
	var f *Finding
	if errors.As(err, &f) && f == err {
		return f
	}
	return &Finding{Code: "error", Cause: err}
}
