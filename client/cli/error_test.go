package cli

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hongbao/client/words"
	"hongbao/node"
	"hongbao/testnet"
)

// exitNames are the exit codes as the source names them.
var exitNames = map[string]int{
	"ExitInternal": ExitInternal, "ExitUsage": ExitUsage, "ExitRefused": ExitRefused, "ExitFailed": ExitFailed,
	"ExitUnknown": ExitUnknown, "ExitUnreachable": ExitUnreachable, "ExitInvalid": ExitInvalid,
	"ExitUntrusted": ExitUntrusted, "ExitDeclined": ExitDeclined, "ExitNotFinal": ExitNotFinal,
}

// The rows of the client's codes are those that the program fails with, with the exit
// codes that it gives them.
func TestEveryCodeOfTheProgramHasItsRow(t *testing.T) {
	used := map[string][]int{}
	for _, code := range nodeCodes(t) {
		e := fromNode(&node.Error{Code: code, Err: errors.New("it does not run")})
		if e.Code != code {
			t.Errorf("a node's %s becomes %s", code, e.Code)
		}
		used[code] = []int{e.Exit}
	}
	// Errors of package testnet that folder.told passes on by their code.
	for _, e := range []*testnet.Error{
		testnet.ErrBadHosts, testnet.ErrBadSave, testnet.ErrNotDev, testnet.ErrSaveTooLarge,
	} {
		used[e.Code] = append(used[e.Code], ExitUsage)
	}
	for _, folder := range []string{"."} {
		eachFailure(t, folder, func(where, code string, exit int) {
			if !slices.Contains(used[code], exit) {
				used[code] = append(used[code], exit)
			}
			if words.CodeNamed(code).Name == "" {
				t.Errorf("%s: code %s has no row", where, code)
			}
		})
	}
	for _, row := range words.Codes() {
		if row.Number != 0 {
			continue
		}
		if slices.Sort(used[row.Name]); !slices.Equal(used[row.Name], row.Exits) {
			t.Errorf("the row of %s has exits %v, the source has %v", row.Name, row.Exits, used[row.Name])
		}
	}
}

// nodeCodes are the codes that package node's errors have.
func nodeCodes(t *testing.T) (codes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "node", "error.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			codes = append(codes, stringsIn(spec)...)
		}
		return true
	})
	if len(codes) == 0 {
		t.Fatal("package node has no codes")
	}
	return codes
}

// eachFailure visits every call of Fail in a folder's sources. All others go
// through it or carry a code of the contract's.
func eachFailure(t *testing.T, folder string, visit func(where, code string, exit int)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 || calledName(call.Fun) != "Fail" {
				return true
			}
			where := fset.Position(call.Pos()).String()
			exit, known := exitNames[calledName(call.Args[0])]
			codes := stringsIn(call.Args[1])
			if calledName(call.Args[1]) == "Code" { // of a node's error
				return true
			}
			if !known || len(codes) == 0 {
				t.Errorf("%s: exit and code cannot be read", where)
			}
			for _, code := range codes {
				visit(where, code, exit)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stringsIn are the strings written out under a node.
func stringsIn(n ast.Node) (list []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				list = append(list, text)
			}
		}
		return true
	})
	return list
}

// calledName is the last part of a name: Fail of cli.Fail.
func calledName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestTheLocaleSaysTheLanguage(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{nil, "en"},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, "zh"},
		{map[string]string{"LANG": "zh_TW.UTF-8", "LC_ALL": "C"}, "en"},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"},
		{map[string]string{"LANG": "de_DE.UTF-8"}, "en"},
	} {
		if got := localeLanguage(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestSuggestionsAreFewSlipsAway(t *testing.T) {
	names := []string{"send", "show", "start", "status", "stop", "list", "answer", "ask"}
	for typed, want := range map[string]string{
		"sned": "did you mean send?", "stat": "did you mean start or status?", "answr": "did you mean answer?",
		"nonsense": "--help lists what there is", "": "--help lists what there is", "ak": "did you mean ask?",
	} {
		if got := usagef("").offering(typed, names).Hint.In(words.English); got != want {
			t.Errorf("%q: %s; want %s", typed, got, want)
		}
	}
}

// The operator of a node whose data is damaged is told how to get it again, and of
// one that is there already how to start it.
func TestANodesErrorSaysWhatToDo(t *testing.T) {
	exists := asError(&node.Error{Code: node.CodeNodeExists, Home: "/my node", Err: errors.New("has keys")})
	if hint := exists.Hint.In(words.English); exists.Code != node.CodeNodeExists || exists.Exit != ExitUsage ||
		!strings.Contains(hint, "node start --home '/my node'") {
		t.Errorf("%+v", exists)
	}
	e := asError(&node.Error{Code: node.CodeDataDamaged, Home: "/n4", Err: errors.New("state.db is lost")})
	hint := e.Hint.In(words.English)
	if e.Code != "data_damaged" || e.Exit != ExitInternal || !strings.Contains(hint, "node resync --home /n4") {
		t.Errorf("%+v", e)
	}
}
