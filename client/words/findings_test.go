package words

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hongbao/client/audit"
	"hongbao/contract"
)

// findingCalls are the codes that client/audit makes findings of, each with the
// names of its values.
func findingCalls(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("../audit/*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string][]string{"error": nil, "trust_unusable": nil, "in": {"part"}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		addFindings(codes, file)
	}
	return codes
}

// addFindings adds the codes that a file makes findings of.
func addFindings(codes map[string][]string, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name, _ := call.Fun.(*ast.Ident)
		first := map[string]int{"found": 0, "fault": 0, "within": 1}
		if name == nil {
			return true
		}
		at, ok := first[name.Name]
		if !ok || len(call.Args) <= at {
			return true
		}
		code := literal(call.Args[at])
		if code == "" {
			return true
		}
		if call.Ellipsis.IsValid() {
			codes[code] = append(codes[code], "…")
			return true
		}
		codes[code] = nil
		for i := at + 1; i < len(call.Args); i += 2 {
			codes[code] = append(codes[code], literal(call.Args[i]))
		}
		return true
	})
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok {
		text, _ := strconv.Unquote(lit.Value)
		return text
	}
	return ""
}

var slot = regexp.MustCompile(`\{([a-z_]+)[^}]*\}`)

// Every finding has a sentence in each language, which names no value that the finding lacks; and
// no sentence is left over.
func TestEveryFindingIsSaid(t *testing.T) {
	codes := findingCalls(t)
	for _, leaf := range []string{"packet", "share", "account", "supply"} {
		codes[leaf+"_leaf"] = nil // made of what the leaf is of
	}
	if len(codes) < 100 {
		t.Fatalf("only %d codes in client/audit", len(codes))
	}
	tables := []map[string]Phrase{findings, contradictions, faults}
	for code, values := range codes {
		if composed[code] != nil {
			continue
		}
		said := 0
		for _, table := range tables {
			p, ok := table[code]
			if !ok {
				continue
			}
			said++
			if frame := code == "error" || code == "in"; !frame && (p.en == "" || !chinese(p.zh)) {
				t.Errorf("%s: %q, %q", code, p.en, p.zh)
			}
			if word := leftEnglish(slot.ReplaceAllString(p.zh, "")); word != "" {
				t.Errorf("%s: %q says %q in English", code, p.zh, word)
			}
			for _, text := range []string{p.en, p.zh} {
				for _, m := range slot.FindAllStringSubmatch(text, -1) {
					if !slices.Contains(values, m[1]) {
						t.Errorf("%s: %q names %q, which is not among %v", code, text, m[1], values)
					}
				}
			}
		}
		if said != 1 {
			t.Errorf("%s: is said in %d tables", code, said)
		}
	}
	for _, table := range tables {
		for code := range table {
			if _, ok := codes[code]; !ok {
				t.Errorf("%s: client/audit finds nothing like it", code)
			}
		}
	}
}

// sameInBoth are the names that Chinese readers know by their Latin letters.
var sameInBoth = regexp.MustCompile(`CometBFT|AppHash|ICS-23|ns\b`)

// leftEnglish is the first word of a Chinese text that is in Latin letters, and
// is no name.
func leftEnglish(text string) string {
	return regexp.MustCompile(`[A-Za-z]+`).FindString(sameInBoth.ReplaceAllString(text, ""))
}

// The words that a finding's values are one of are said in Chinese, too: every
// kind, phase and part that client/audit names.
func TestTheWordsOfAFindingAreSaidInChinese(t *testing.T) {
	parts := regexp.MustCompile(`\bin\("([a-z]+)"`)
	found := 0
	paths, err := filepath.Glob("../audit/*.go")
	if err != nil {
		t.Fatal(err)
	}
	say := func(code string, values map[string]any) {
		t.Helper()
		text := Finding(Chinese, &audit.Finding{Code: code, Values: values})
		if word := leftEnglish(text); word != "" {
			t.Errorf("%s of %v: %q says %q in English", code, values, text, word)
		}
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range parts.FindAllStringSubmatch(string(source), -1) {
			found++
			say("in", map[string]any{"part": m[1]})
		}
	}
	if found < 10 {
		t.Errorf("found no more than %d parts", found)
	}
	for kind := range contract.KindChange + 1 {
		say("not_due", map[string]any{"kind": kind})
	}
	for phase := range contract.PhaseTx + 1 {
		say("entry_phase", map[string]any{"phase": phase})
	}
	for _, m := range []contract.Message{&contract.Pay{}, &contract.Send{}, &contract.Claim{}, &contract.Recall{},
		&contract.Return{}, &contract.Ask{}, &contract.Answer{}, &contract.Tighten{}, &contract.Warp{},
		&contract.Change{}} {
		say("tx_kind", map[string]any{"message": contract.KindName(m)})
	}
	for _, what := range []string{"terms", "status", "clauses", "share 3"} {
		say("packet_changed", map[string]any{"what": what, "height": 1, "later": 2})
	}
	mint := contract.Place{}
	say("unknown_move", map[string]any{"phase": contract.PhaseTx, "kind": contract.KindPay, "from": mint, "to": mint})
	for _, drawn := range []bool{false, true} {
		sums := map[string]any{"drawn": drawn}
		for _, name := range []string{"claimed", "recalled", "refunded", "escrow", "total", "sent", "terms", "back"} {
			sums[name] = contract.Amount(100)
		}
		say("sums_total", sums)
		say("sums_back", sums)
	}
}

// A finding around another is said in the reader's language, from the frame to
// the cause, which may be an error of the contract.
func TestAFaultIsSaidWhole(t *testing.T) {
	kind := map[string]any{"kind": contract.KindClaim}
	in := func(part string, cause error) *audit.Finding {
		return &audit.Finding{Code: "in", Values: map[string]any{"part": part}, Cause: cause}
	}
	entry := &audit.Finding{Code: "entry", Values: map[string]any{"n": 3},
		Cause: &audit.Finding{Code: "not_owed", Values: kind}}
	for _, tt := range []struct {
		found  *audit.Finding
		en, zh string
	}{
		{in("replay", entry), "replay: entry 3: the claim was not owed", "重放:第 3 条记录:不该有这条领取记录"},
		{in("leaf", errors.New("packet: full with 1 of 3 shares claimed")),
			"leaf: packet: full with 1 of 3 shares claimed", "叶子:红包:派完,而3份里领了1份"},
		{in("leaf", errors.New("packet: share 1: it is returned, but its question is open")),
			"leaf: packet: share 1: it is returned, but its question is open",
			"叶子:红包:第1份已退还,退还的请求却是待答复"},
	} {
		if en, zh := Finding(English, tt.found), Finding(Chinese, tt.found); en != tt.en || zh != tt.zh {
			t.Errorf("%q, %q", en, zh)
		}
	}
}
