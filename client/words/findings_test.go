package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
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

// Every finding has a sentence, which names no value that the finding lacks; and
// no sentence is left over.
func TestEveryFindingIsSaid(t *testing.T) {
	codes := findingCalls(t)
	for _, leaf := range []string{"packet", "account"} {
		codes[leaf+"_leaf"] = nil // made of what the leaf is of
	}
	if len(codes) < 100 {
		t.Fatalf("only %d codes in client/audit", len(codes))
	}
	for code, values := range codes {
		holds, isFinding := findings[code]
		if p, ok := contradictions[code]; ok {
			holds, isFinding = p, true
		}
		fault, isFault := faults[code]
		if composed[code] != nil {
			continue
		}
		if isFinding == isFault {
			t.Errorf("%s: says what holds: %t, and why not: %t", code, isFinding, isFault)
		}
		if isFinding && (holds.en == "" || !chinese(holds.zh)) {
			t.Errorf("%s: %q, %q", code, holds.en, holds.zh)
		}
		for _, text := range []string{holds.en, holds.zh, fault} {
			for _, m := range slot.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(values, m[1]) {
					t.Errorf("%s: %q names %q, which is not among %v", code, text, m[1], values)
				}
			}
		}
	}
	for code := range maps.Keys(findings) {
		if _, ok := codes[code]; !ok {
			t.Errorf("%s: client/audit finds nothing like it", code)
		}
	}
	for code := range maps.Keys(contradictions) {
		if _, ok := codes[code]; !ok {
			t.Errorf("%s: no two proofs contradict each other so", code)
		}
	}
	for code := range maps.Keys(faults) {
		if _, ok := codes[code]; !ok {
			t.Errorf("%s: client/audit finds nothing like it", code)
		}
	}
}
