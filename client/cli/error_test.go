package cli

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hongbao/client/words"
	"hongbao/node"
)

// exitNames are the exit codes as the source names them.
var exitNames = map[string]int{
	"ExitInternal": ExitInternal, "ExitUsage": ExitUsage, "ExitRefused": ExitRefused, "ExitFailed": ExitFailed, "ExitUnknown": ExitUnknown,
	"ExitUnreachable": ExitUnreachable, "ExitInvalid": ExitInvalid, "ExitUntrusted": ExitUntrusted, "ExitDeclined": ExitDeclined, "ExitNotFinal": ExitNotFinal,
}

// Whatever code the program can fail with stands in the manual, with the exit
// codes it comes with, and is explained; and nothing else does.
func TestEveryCodeOfTheProgramIsInTheManual(t *testing.T) {
	used := map[string][]int{}
	for _, folder := range []string{".", "../../node", "../../testnet"} {
		eachFailure(t, folder, func(where, code string, exit int) {
			if !slices.Contains(used[code], exit) {
				used[code] = append(used[code], exit)
			}
			if !slices.Contains(clientExits[code], exit) {
				t.Errorf("%s: code %s with exit %d is not in clientExits", where, code, exit)
			}
		})
	}
	for code, exits := range clientExits {
		if slices.Sort(used[code]); !slices.Equal(used[code], exits) {
			t.Errorf("clientExits has %s with exits %v, the source has it with %v", code, exits, used[code])
		}
	}
	if got, want := words.ClientCodes(), slices.Sorted(maps.Keys(clientExits)); !slices.Equal(got, want) {
		t.Errorf("explained are %v\nused are %v", got, want)
	}
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
			if calledName(call.Args[1]) == "code" { // of a row of the file's table
				codes = stringsIn(tableOf(file))
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

// tableOf is the one table of a file whose name ends in Errors.
func tableOf(file *ast.File) (table ast.Node) {
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasSuffix(v.Names[0].Name, "Errors") {
			table = v.Values[0]
		}
		return true
	})
	return table
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

// Each code of a node is among those that the client explains.
func TestNodeErrorsAreThoseOfANode(t *testing.T) {
	codes := []string{
		node.CodeClockOff, node.CodeConsensusFailed, node.CodeDataDamaged, node.CodeDiskFull, node.CodeGenesisChanged,
		node.CodeNoPeers, node.CodeNoSignState, node.CodeSignedTwice,
	}
	if !slices.Equal(nodeErrors, codes) {
		t.Errorf("%v, a node has %v", nodeErrors, codes)
	}
	e := asError(&node.Error{Code: node.CodeDataDamaged, Home: "/n4", Err: errors.New("state.db is lost")})
	if e.Code != "data_damaged" || e.Exit != ExitInternal || !strings.Contains(e.Hint.In(words.English), "node resync --home /n4") {
		t.Errorf("%+v", e)
	}
}
