package audit

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// forgeries are files that a forger made, in groups; testdata/vectors/README.md
// says how they are written.
const forgeries = vectors + "/forgeries"

// refused is the verdict on a trust file that is none.
const refused Verdict = "refused"

// vector is a file, and what each verifier must find of it.
type vector struct {
	Desc    string          `json:"desc"`
	Verdict Verdict         `json:"verdict"`
	Failed  string          `json:"failed,omitempty"` // the step
	Code    string          `json:"code,omitempty"`   // of a contradiction's file
	Found   string          `json:"found,omitempty"`  // why, as this implementation says it
	Final   *bool           `json:"final,omitempty"`
	Facts   json.RawMessage `json:"facts,omitempty"`
	At      string          `json:"at,omitempty"`       // no header before this time is trusted
	NoTrust bool            `json:"no_trust,omitempty"` // there is no trust file
	Trust   patch           `json:"trust,omitempty"`    // of vectors/trust.json; empty: that itself
	Proof   patch           `json:"proof"`              // of the group's base
}

// vectorGroup is a file of vectors.
type vectorGroup struct {
	Desc  string    `json:"desc"`
	Base  []string  `json:"base"` // lines
	Cases []*vector `json:"cases"`
}

// patch writes a file by what it shares with another: pieces, one after the other.
type patch []piece

// piece is new text, a character for each byte; or this text so many times; or
// the other file's lines from one number to before another, from 0.
type piece struct {
	text     string
	times    int
	from, to int
}

func (p piece) MarshalJSON() ([]byte, error) {
	var v any = p.text
	switch {
	case p.to > 0:
		v = []int{p.from, p.to}
	case p.times > 0:
		v = []any{p.text, p.times}
	}
	b, err := encodeJSON(v)
	return bytes.TrimSuffix(b, []byte("\n")), err
}

func (p *piece) UnmarshalJSON(b []byte) error {
	*p = piece{}
	if json.Unmarshal(b, &p.text) == nil {
		return nil
	}
	if json.Unmarshal(b, &[]any{&p.from, &p.to}) == nil {
		return nil
	}
	p.from, p.to = 0, 0
	return json.Unmarshal(b, &[]any{&p.text, &p.times})
}

// apply makes the file.
func (p patch) apply(base []string) []byte {
	var b bytes.Buffer
	for _, piece := range p {
		for _, line := range base[piece.from:piece.to] {
			b.WriteString(line)
		}
		for range max(piece.times, 1) {
			for _, r := range piece.text {
				b.WriteByte(byte(r))
			}
		}
	}
	return b.Bytes()
}

// leastTimes is how often a byte repeats where a patch says so.
const leastTimes = 512

// diff writes a file as a patch of base.
func diff(base []string, file []byte) (p patch) {
	for _, line := range strings.SplitAfter(string(file), "\n") {
		at, last := -1, len(p)-1
		for i, other := range base {
			if other == line {
				at = i
			}
			if other == line && last >= 0 && p[last].to == i {
				break
			}
		}
		switch {
		case at < 0:
			p = p.add(spell(line))
		case last >= 0 && p[last].to == at && at > 0:
			p[last].to++
		default:
			p = append(p, piece{from: at, to: at + 1})
		}
	}
	return p
}

// add adds a line's pieces; a line that repeats is counted.
func (p patch) add(line patch) patch {
	if last := len(p) - 1; last >= 0 && len(line) == 1 && p[last].text == line[0].text && line[0].times == 0 {
		p[last].times = max(p[last].times, 1) + 1
		return p
	}
	return append(p, line...)
}

// spell writes a line as pieces.
func spell(line string) (p patch) {
	start := 0
	add := func(end, times int) {
		if end > start {
			var text strings.Builder
			for _, b := range []byte(line[start:end]) {
				text.WriteRune(rune(b))
			}
			p = append(p, piece{text: text.String(), times: times})
		}
		start = end
	}
	for i := 0; i < len(line); {
		end := i + 1
		for end < len(line) && line[end] == line[i] {
			end++
		}
		if n := end - i; n >= leastTimes {
			add(i, 0)
			add(i+1, n)
			start = end
		}
		i = end
	}
	add(len(line), 0)
	return p
}

// found is what this verifier finds of a vector's file.
func (v *vector) found(t testing.TB, base []string) *vector {
	t.Helper()
	got := &vector{Desc: v.Desc, At: v.At, NoTrust: v.NoTrust, Trust: v.Trust, Proof: v.Proof}
	trust, err := v.trust(t)
	if err != nil {
		got.Verdict = refused
		return got
	}
	var o Options
	if v.At != "" {
		o.At, err = time.Parse(time.RFC3339Nano, v.At)
		must(t, err)
	}
	file := v.Proof.apply(base)
	if IsContradiction(file) {
		c := VerifyContradiction(file, trust, o)
		got.Verdict = c.Verdict
		if c.Contradiction != nil {
			got.Code = c.Contradiction.Found.Code
		} else if c.Failed != nil {
			got.Code = c.Failed.Code
		}
		return got
	}
	got.fill(t, verify(file, trust, o))
	return got
}

// fill takes over what a report says.
func (v *vector) fill(t testing.TB, r Report) {
	v.Verdict, v.Final = r.Verdict, r.Final()
	if r.Facts != nil {
		v.Facts = compact(t, r.Facts)
	}
	if failed := r.Failed(); failed != nil {
		v.Failed, v.Found = failed.Name, failed.Found.Error()
	}
}

func (v *vector) trust(t testing.TB) (*Trust, error) {
	t.Helper()
	if v.NoTrust {
		return nil, nil
	}
	b, err := os.ReadFile(vectors + "/trust.json")
	must(t, err)
	if len(v.Trust) > 0 {
		b = v.Trust.apply(strings.SplitAfter(string(b), "\n"))
	}
	return ReadTrust(bytes.NewReader(b))
}

// compact is a value's JSON on one line.
func compact(t testing.TB, v any) []byte {
	t.Helper()
	b, err := encodeJSON(v)
	must(t, err)
	var line bytes.Buffer
	must(t, json.Compact(&line, b))
	return line.Bytes()
}

func readGroup(t testing.TB, path string) (g vectorGroup) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(b, &g))
	return g
}

// write writes a group: a piece of a file takes a line.
func (g *vectorGroup) write(t testing.TB, path string) {
	t.Helper()
	var b bytes.Buffer
	list := func(name string, items patch) {
		fmt.Fprintf(&b, ",\n%q: [", name)
		for i, item := range items {
			b.WriteString([]string{"\n", ",\n"}[min(i, 1)])
			b.Write(compact(t, item))
		}
		b.WriteString("]")
	}
	fmt.Fprintf(&b, "{\"desc\": %s", compact(t, g.Desc))
	var base patch
	for _, line := range g.Base {
		base = append(base, piece{text: line})
	}
	list("base", base)
	b.WriteString(",\n\"cases\": [")
	for i, v := range g.Cases {
		head := *v
		head.Proof, head.Trust = nil, nil
		b.WriteString([]string{"\n", ",\n"}[min(i, 1)])
		b.Write(bytes.TrimSuffix(compact(t, head), []byte(`,"proof":null}`)))
		if len(v.Trust) > 0 {
			list("trust", v.Trust)
		}
		list("proof", v.Proof)
		b.WriteString("}")
	}
	b.WriteString("\n]}\n")
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, b.Bytes(), 0o644))
}

var others = flag.String("vectors", "", "judge the groups of forgeries in this folder, too")

// Both verifiers find of each forgery what its vector says: this one here, the
// other in docs/verifier/vectors.js.
func TestVectors(t *testing.T) {
	paths, err := filepath.Glob(forgeries + "/*.json")
	must(t, err)
	if len(paths) == 0 {
		t.Fatal("no vectors")
	}
	more, err := filepath.Glob(filepath.Join(*others, "*.json"))
	must(t, err)
	if *others != "" && len(more) == 0 {
		t.Fatalf("no vectors in %s", *others)
	}
	if *others != "" {
		paths = append(paths, more...)
	}
	for _, path := range paths {
		g := readGroup(t, path)
		for _, v := range g.Cases {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".json")+"/"+v.Desc, func(t *testing.T) {
				found := v.found(t, g.Base)
				if v.Found == "" { // made by the second verifier
					found.Found = ""
				}
				got, want := asJSON(t, found), asJSON(t, v)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("found %s\nwant %s", compact(t, got), compact(t, want))
				}
			})
		}
	}
}

// asJSON is what a vector says, but for its files.
func asJSON(t testing.TB, v *vector) (fields map[string]any) {
	head := *v
	head.Proof, head.Trust = nil, nil
	must(t, json.Unmarshal(compact(t, head), &fields))
	return fields
}
