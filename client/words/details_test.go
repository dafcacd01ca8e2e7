package words

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

// formatAt is which argument of a function is the format of an error.
var formatAt = map[string]int{
	"fmt.Errorf": 0, "Errorf": 1, "contract.Errorf": 1, "cli.Fail": 2, "errors.New": 0, "Fail": 2, "usagef": 0,
	"refusal": 1, "fail": 1,
	"errorf": 2, "misfit": 0, "mismatch": 0, "bad": 0, "c.BadAnswerf": 0, "unlawful": 0,
}

// eachFormat visits the formats of errors that are written out in a folder's sources.
func eachFormat(t *testing.T, dir string, visit func(where, format string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at, ok := formatAt[calledAs(call.Fun)]
			if !ok || at >= len(call.Args) {
				return true
			}
			arg := call.Args[at]
			if inner, ok := arg.(*ast.CallExpr); ok && calledAs(inner.Fun) == "fmt.Sprintf" {
				arg = inner.Args[0]
			}
			if text := written(arg); text != "" {
				visit(fset.Position(call.Pos()).String(), text)
			}
			return true
		})
	}
}

// calledAs is a function as it is called: Errorf, or fmt.Errorf.
func calledAs(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// written is a text that is written out, in one piece or several; else empty.
func written(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err == nil {
			return text
		}
	case *ast.BinaryExpr:
		if x, y := written(e.X), written(e.Y); x != "" && y != "" {
			return x + y
		}
	}
	return ""
}

// bare is a format with every operand alike.
func bare(format string) string { return operand.ReplaceAllString(format, "%") }

// only reports whether a format joins operands, and says nothing itself.
func only(format string) bool {
	return !strings.ContainsFunc(operand.ReplaceAllString(format, ""), unicode.IsLetter)
}

// inside are the errors that no person meets: what a state or a proof says that no
// ledger holds ends a node or a verification, and a finding of audit tells of it.
func inside(where, format string) bool {
	return strings.Contains(where, "contract/") &&
		(strings.HasPrefix(format, "%w") || strings.HasPrefix(format, "contract: "))
}

// Every error that a person can meet has its Chinese.
func TestEveryDetailIsSaidInChinese(t *testing.T) {
	known := map[string]bool{}
	for _, d := range details {
		known[bare(d.en)] = true
	}
	seen := 0
	for _, dir := range []string{"contract", "client/audit", "client/cli", "client/evidence",
		"client/files", "client/rpc",
		"client/submit", "client/wallet", "node", "node/journal", "testnet", "testnet/load"} {
		dir = "../../" + dir
		eachFormat(t, dir, func(where, format string) {
			if only(format) || inside(where, format) {
				return
			}
			seen++
			if !known[bare(format)] {
				t.Errorf("%s: %q has no Chinese: add a row to client/words/details_*.go", where, format)
			}
		})
	}
	if seen < 200 {
		t.Errorf("found no more than %d formats", seen)
	}
}

// A row's Chinese takes the operands that its format makes, and is recognised.
func TestADetailIsRecognised(t *testing.T) {
	known := map[string]bool{}
	for _, d := range details {
		if known[bare(d.en)] {
			t.Errorf("%q: has two rows", d.en)
		}
		known[bare(d.en)] = true
		got, ok := Detail(Chinese, filled(d.en))
		typed := regexp.MustCompile(`--[a-z]+|\w+\.db|settle|rpc`).ReplaceAllString(d.en, "")
		if !ok || strings.Contains(got, "%!") || !chinese(got) && !only(typed) {
			t.Errorf("%q: %q is said %q", d.en, filled(d.en), got)
		}
	}
}

// filled is a format with an operand for each verb.
func filled(format string) string {
	return operand.ReplaceAllStringFunc(format, func(verb string) string {
		switch verb {
		case "%d":
			return "7"
		case "%q":
			return `"y"`
		}
		return "z9"
	})
}

func TestDetailsAreSaidWhole(t *testing.T) {
	for _, tt := range []struct{ en, zh string }{
		{`amount "1.005": at most two decimals`, `金额"1.005":最多两位小数`},
		{"account hb1qqqq…sx6p: has ¥3.00, needs ¥5.00", "账户hb1qqqq…sx6p有¥3.00,需要¥5.00"},
		{"packet rp1q: every share was taken at 2026-02-17T00:00:00Z", "红包rp1q在2026-02-17T00:00:00Z领完了"},
		{"dave.consent: for share 1: name it, as in rp1q/1", "dave.consent:是给第1份的:请写rp1q/1"},
		{"scene qq: holds a claimed share for 0s, these terms for 1h", "场景qq:领到的份存0s,这里写的是1h"},
		{"node http://h:1: cannot connect", "节点http://h:1:连不上"},
		{"open a.proof: no such file or directory", "打不开a.proof:没有这个文件或目录"},
		{"hold of 9000h: at most 366 days", "存放9000h:最长366天"},
		{"quantum flux", "quantum flux"},
	} {
		if got, _ := Detail(Chinese, tt.en); got != tt.zh {
			t.Errorf("%s: %s, want %s", tt.en, got, tt.zh)
		}
		if got, ok := Detail(English, tt.en); got != tt.en || !ok {
			t.Errorf("%s: in English %s", tt.en, got)
		}
	}
	if _, ok := Detail(Chinese, "quantum flux"); ok {
		t.Error("what nobody translated is taken for Chinese")
	}
}

func TestAnErrorIsToldInALine(t *testing.T) {
	for _, tt := range []struct {
		code, detail string
		en, zh       string
	}{
		{"full", "packet rp1q: every share was taken at T",
			"Too late: every share is taken. (packet rp1q: every share was taken at T)",
			"手慢了,红包派完了 (红包rp1q在T领完了)"},
		{"usage", "pay: --to is missing: say who is paid", "pay: --to is missing: say who is paid",
			"少写了--to:请写明付给谁"},
		{"internal", "quantum flux", "quantum flux", "程序遇到了意料之外的错误 (quantum flux)"},
	} {
		row := CodeNamed(tt.code)
		if en, zh := row.Tell(English, tt.detail), row.Tell(Chinese, tt.detail); en != tt.en || zh != tt.zh {
			t.Errorf("%s: %q, %q", tt.code, en, zh)
		}
	}
}
