package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// An answer is a tree: maps, lists and values as encoding/json gives them, and
// where a string holds CBOR, or a byte string in that does, a shut node above
// what CBOR gives. Lies are found by walking it, so a field that is new is lied
// about without a change here.

// shut is what stands encoded in an answer.
type shut struct{ inner any }

func (s shut) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.StdEncoding.EncodeToString(contract.Encode(s.inner)))
}

// MarshalCBOR is a byte string that holds CBOR.
func (s shut) MarshalCBOR() ([]byte, error) { return contract.Encode(contract.Encode(s.inner)), nil }

// open finds what stands encoded in v.
func open(v any) any {
	encoded := []byte(nil)
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = open(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = open(x)
		}
		return out
	case string:
		encoded, _ = base64.StdEncoding.DecodeString(v)
	case []byte:
		encoded = v
	}
	var list []any
	if len(encoded) > 1 && contract.Decode(encoded, &list) == nil {
		return shut{open(list)}
	}
	return v
}

// path leads to a node of a tree: keys of maps, indexes of lists, and inside for
// what a shut node holds.
type path []any

type inside struct{}

func (p path) String() string {
	var parts []string
	for _, s := range p {
		if s != (inside{}) {
			parts = append(parts, fmt.Sprint(s))
		}
	}
	return strings.Join(parts, ".")
}

// gone takes a node's place when it is dropped.
type gone struct{}

// edit is v with another node at p. It shares what is not on the way.
func edit(v any, p path, change func(any) any) any {
	if len(p) == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case map[string]any:
		key, c := p[0].(string), maps.Clone(v)
		if x := edit(v[key], p[1:], change); x != (gone{}) {
			c[key] = x
		} else {
			delete(c, key)
		}
		return c
	case []any:
		i, c := p[0].(int), slices.Clone(v)
		if c[i] = edit(v[i], p[1:], change); c[i] == any(gone{}) {
			c = slices.Delete(c, i, i+1)
		}
		return c
	case shut:
		return shut{edit(v.inner, p[1:], change)}
	}
	panic(fmt.Sprintf("nothing at %v", p))
}

// at is the node at p, where there is one.
func (p path) at(v any) (any, bool) {
	for _, s := range p {
		switch x := v.(type) {
		case map[string]any:
			key, _ := s.(string)
			next, ok := x[key]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, ok := s.(int)
			if !ok || i >= len(x) {
				return nil, false
			}
			v = x[i]
		case shut:
			v = x.inner
		default:
			return nil, false
		}
	}
	return v, true
}

// walk visits every node, in an order that is the same every time.
func walk(v any, p path, visit func(path, any)) {
	visit(p, v)
	down := func(step, child any) { walk(child, append(p[:len(p):len(p)], step), visit) }
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			down(k, v[k])
		}
	case []any:
		for i, x := range v {
			down(i, x)
		}
	case shut:
		down(inside{}, v.inner)
	}
}

// lie is one change of one answer.
type lie struct {
	question string
	kind     string // flip, drop, repeat, swap, older, other
	path     path
	change   func(any) any
}

func (l *lie) tell(answer any) any { return edit(answer, l.path, l.change) }

// about is the endpoint whose answer is a lie.
func (l *lie) about() string {
	if l.path == nil && l.kind == "several older" {
		return "several"
	}
	return endpoint(l.question)
}

// sort is what lies of the same kind about the same field of an endpoint's
// answers have in common.
func (l *lie) sort() string { return fmt.Sprintf("%s %s %s", l.about(), l.kind, l.path) }

// whole reports whether an answer takes another's place as it is.
func (l *lie) whole() bool {
	return (l.kind == "older" || l.kind == "other") && len(l.path) == 1 && l.path[0] == "result"
}

func (l *lie) String() string { return fmt.Sprintf("%s: %s %s", l.question, l.kind, l.path) }

// lies are those about an answer: each of its fields flipped and dropped, the
// parts of a list repeated and swapped, and each node's place taken by what
// stands there in an older answer to the same question (nil: there is none) and
// in answers to others.
func lies(question string, answer, older any, others []any, flips int) (list []lie) {
	add := func(kind string, p path, change func(any) any) { list = append(list, lie{question, kind, p, change}) }
	constant := func(v any) func(any) any { return func(any) any { return v } }
	walk(answer, nil, func(p path, v any) {
		for _, x := range unlike(v, flips) {
			add("flip", p, constant(x))
		}
		if len(p) > 0 {
			add("drop", p, constant(gone{}))
			add("drop", p, constant(nil))
		}
		if v, ok := v.([]any); ok {
			for i := range v {
				add("repeat", p, func(any) any { return slices.Insert(slices.Clone(v), i, v[i]) })
				if i > 0 {
					add("swap", p, func(any) any {
						c := slices.Clone(v)
						c[i-1], c[i] = c[i], c[i-1]
						return c
					})
				}
			}
		}
		if x, ok := p.at(older); ok && !reflect.DeepEqual(x, v) {
			add("older", p, constant(x))
		}
		for _, other := range others {
			if x, ok := p.at(other); ok && !reflect.DeepEqual(x, v) {
				add("other", p, constant(x))
			}
		}
	})
	return list
}

// unlike are values of the form of v that are not v; of a long text, at most n.
func unlike(v any, n int) (out []any) {
	places := func(size int) []int {
		if size <= n {
			n = size
		}
		at := make([]int, n)
		for i := range at {
			at[i] = (2*i + 1) * size / (2 * n)
		}
		return at
	}
	switch v := v.(type) {
	case nil:
		return []any{"x"}
	case bool:
		return []any{!v}
	case json.Number:
		i, _ := v.Int64()
		return []any{json.Number(strconv.FormatInt(i+1, 10)), json.Number(strconv.FormatInt(i-1, 10))}
	case uint64:
		return []any{v + 1, v - 1}
	case int64:
		return []any{v + 1, v - 1}
	case []byte:
		for _, i := range places(len(v)) {
			b := slices.Clone(v)
			b[i] ^= 1
			out = append(out, b)
		}
		return append(out, []byte{})
	case string:
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return []any{strconv.FormatInt(i+1, 10), strconv.FormatInt(i-1, 10), ""}
		}
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return []any{t.Add(time.Hour).Format(time.RFC3339Nano), t.Add(-time.Hour).Format(time.RFC3339Nano), ""}
		}
		for _, i := range places(len(v)) {
			b := []byte(v)
			if b[i]++; v[i] != '0' {
				b[i] = '0' // stands in hex and in base64
			}
			out = append(out, string(b))
		}
		return append(out, v+"x", "")
	}
	return nil
}

// tally counts how lies ended, by what they were about.
type tally map[string]map[string]int

func (t tally) count(row, column string) {
	if t[row] == nil {
		t[row] = map[string]int{}
	}
	t[row][column]++
}

func (t tally) add(o tally) {
	for row, columns := range o {
		for column, n := range columns {
			for range n {
				t.count(row, column)
			}
		}
	}
}

// String is a table.
func (t tally) String() string {
	columns, total := map[string]int{}, 0
	for _, row := range t {
		for c, n := range row {
			columns[c] += n
			total += n
		}
	}
	names := slices.Collect(maps.Keys(columns))
	sort.Slice(names, func(i, j int) bool { return columns[names[i]] > columns[names[j]] })
	var b strings.Builder
	fmt.Fprintf(&b, "%d lies were told\n%-24s", total, "")
	for _, c := range names {
		fmt.Fprintf(&b, "%*s", len(c)+2, c)
	}
	for _, r := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "\n%-24s", r)
		for _, c := range names {
			fmt.Fprintf(&b, "%*d", len(c)+2, t[r][c])
		}
	}
	return b.String()
}

// What is walked and written again unchanged is what was answered; and each lie
// differs from it.
func TestLiesDifferFromTheTruth(t *testing.T) {
	inner := contract.Encode([]any{uint64(7), "fen", []byte{1, 2}, contract.Encode([]any{true, nil})})
	truth := fmt.Sprintf(`{"list":[1,"2",null],"time":"2026-02-17T00:00:00Z","value":%q}`,
		base64.StdEncoding.EncodeToString(inner))
	parse := func(text string) any {
		v, err := parseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return open(v)
	}
	answer := parse(truth)
	if b, err := json.Marshal(answer); err != nil || string(b) != truth {
		t.Fatalf("%s, %v; want %s", b, err, truth)
	}
	kinds, told := map[string]int{}, map[string]bool{}
	for _, l := range lies("q", answer, parse(`{"list":[1,"3",null]}`), []any{answer}, 2) {
		b, err := json.Marshal(l.tell(answer))
		if err != nil || string(b) == truth && l.kind != "drop" { // what is nil is dropped for nil
			t.Errorf("%s: %s, %v", &l, b, err)
		}
		kinds[l.kind]++
		told[string(b)] = true
	}
	if kinds["flip"] < 20 || kinds["drop"] < 20 || kinds["repeat"] != 9 || kinds["swap"] != 6 || kinds["older"] != 3 ||
		kinds["other"] != 0 {
		t.Errorf("%v", kinds)
	}
	for _, want := range []string{`{"list":[1,"3",null]}`, `"list":[1,"3",null],`, `"list":[1,null]`,
		`"list":["2",1,null]`, `"list":[1,1,"2",null]`} {
		found := false
		for said := range told {
			found = found || strings.Contains(said, want)
		}
		if !found {
			t.Errorf("nobody said %s", want)
		}
	}
}

// parseJSON keeps numbers as they are written.
func parseJSON(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}
