package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// What a line says in Chinese stands beside what it says in English, and is
// Chinese: also of lines that no tour comes by. A hint that was given one text
// alone would take its first argument for the Chinese.
func TestWhatIsSaidIsSaidInBothLanguages(t *testing.T) {
	said := 0
	for _, dir := range []string{".", "../../testnet", "../../testnet/load", "../../testnet/demo"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || f.Sel.Name != "Say" && f.Sel.Name != "WithHint" && f.Sel.Name != "Both" {
					return true
				}
				en, zh := literal(call.Args, 0), literal(call.Args, 1)
				if en == "" && zh == "" { // Say itself hands on what it is given
					return true
				}
				said++
				if !translates(zh) {
					t.Errorf("%s: %q is in Chinese %q", set.Position(call.Pos()), en, zh)
				}
				return true
			})
		}
	}
	if said < 100 {
		t.Errorf("found no more than %d lines", said)
	}
}

// literal is the i-th argument if it is a text as it stands; else empty.
func literal(args []ast.Expr, i int) string {
	if i >= len(args) {
		return ""
	}
	lit, ok := args[i].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// bare is what stands in a text for what it is given, and commands to type,
// whose program is given.
var bare = regexp.MustCompile(`%(\[\d\])?[-.\d]*[a-z]( recall last| tx wait| testnet status)?`)

// translates reports whether zh is Chinese, or all punctuation around what it is
// given.
func translates(zh string) bool {
	han := strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	return han || zh != "" && english(bare.ReplaceAllString(zh, "")) == ""
}

func TestAFormatAloneIsNotEnglish(t *testing.T) {
	for zh, want := range map[string]bool{"": false, "%s%s": true, "用 %s show REF 查看": true, "有%d个": true,
		"packet %s": false, "%[1]s tx wait %s": true} {
		if got := translates(zh); got != want {
			t.Errorf("%q: %v", zh, got)
		}
	}
}
