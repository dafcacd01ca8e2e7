package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Folders import downwards only. Each row lists what a folder may import of
// this module; a folder stands for all below it unless it has a row of its own.
var layers = []struct {
	folder string
	may    []string
}{
	{"contract", nil},
	{"internal/home", nil},
	{"internal/leveldb", nil},
	{"internal/ports", nil},
	{"internal/testchain", []string{"app/query", "contract"}},
	{"app/query", []string{"contract"}},
	{"app/store", nil},
	{"app/snapshot", []string{"contract"}},
	{"app", []string{"app/query", "app/snapshot", "app/store", "contract"}},
	{"node/journal", nil},
	{"node", []string{"app", "app/snapshot", "app/store", "contract", "internal/home",
		"internal/leveldb", "internal/ports", "node/journal"}},
	{"client/words", []string{"client/audit", "contract"}},
	{"client/wallet", []string{"contract", "internal/home"}},
	{"client/rpc", []string{"app/query", "contract"}},
	{"client/files", []string{"contract"}},
	{"client/audit", []string{"contract"}},
	{"client/evidence", []string{"client/audit", "client/rpc", "contract"}},
	{"client/submit", []string{"app/query", "client/evidence", "client/rpc", "client/wallet", "contract"}},
	{"client/web", []string{
		"client",
		"client/audit",
		"client/files",
		"client/rpc",
		"client/words",
		"contract",
	}},
	{"client/cli", []string{
		"client",
		"app/query",
		"client/audit",
		"client/evidence",
		"client/files",
		"client/rpc",
		"client/submit",
		"client/wallet",
		"client/web",
		"client/words",
		"contract",
		"internal/home",
		"node",
		"testnet",
		"testnet/chaos",
		"testnet/demo",
		"testnet/load",
	}},
	{"client", []string{
		"app/query",
		"client/audit",
		"client/evidence",
		"client/files",
		"client/rpc",
		"client/submit",
		"client/wallet",
		"contract",
	}},
	{"testnet/load", []string{
		"app/query",
		"client",
		"client/audit",
		"client/files",
		"client/rpc",
		"client/wallet",
		"contract",
		"testnet",
	}},
	{"testnet/chaos", []string{
		"app/query",
		"client",
		"client/audit",
		"client/evidence",
		"client/rpc",
		"client/wallet",
		"contract",
		"internal/ports",
		"node",
		"testnet",
		"testnet/lives",
		"testnet/load",
	}},
	{"testnet/lives", []string{"contract"}},
	{"testnet/demo", []string{
		"app/query",
		"client",
		"client/audit",
		"client/files",
		"client/rpc",
		"client/wallet",
		"client/words",
		"contract",
		"testnet",
	}},
	{"testnet", []string{"client/audit", "client/rpc", "client/wallet", "contract", "internal/home",
		"internal/ports", "node"}},
	{"", []string{"client/cli"}},
}

// contractLibraries are all that the contract may use beside the standard
// library.
var contractLibraries = []string{
	"github.com/btcsuite/btcd/btcec/v2",
	"github.com/btcsuite/btcd/btcec/v2/schnorr",
	"github.com/btcsuite/btcd/btcutil/bech32",
	"github.com/fxamacker/cbor/v2",
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519",
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf",
}

func TestImportsPointDown(t *testing.T) {
	eachFile(t, func(path string, file *ast.File) {
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		may := allowedImports(t, folder)
		for _, spec := range file.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			own, isOwn := strings.CutPrefix(name, "hongbao/")
			switch {
			case own == "internal/testchain":
				t.Errorf("%s imports %s: it is for tests alone", path, name)
			case isOwn && own != folder && !slices.Contains(may, own):
				t.Errorf("%s imports %s: against the layers", path, name)
			case !isOwn && folder == "contract" && strings.Contains(name, ".") &&
				!slices.Contains(contractLibraries, name):
				t.Errorf("%s imports %s: the contract uses the standard library and %v", path, name, contractLibraries)
			}
		}
	})
}

func allowedImports(t *testing.T, folder string) []string {
	for _, l := range layers {
		if folder == l.folder || (l.folder != "" && strings.HasPrefix(folder, l.folder+"/")) {
			return l.may
		}
	}
	t.Errorf("folder %q has no row in layers", folder)
	return nil
}

// mapRanges are the loops over maps in consensus code, each with the reason
// why its order does not matter.
var mapRanges = map[string]string{
	"contract/large.go writeBatches": "collects names, which it then sorts",
	"contract/ledger.go changes":     "the leaves are sorted by key afterwards",
}

// A clock or the order of a map would make validators disagree.
func TestConsensusCodeIsDeterministic(t *testing.T) {
	seen, maps := map[string]bool{}, map[string]bool{}
	eachFile(t, func(path string, file *ast.File) {
		if consensus(path) {
			mapNames(file, maps)
		}
	})
	eachFile(t, func(path string, file *ast.File) {
		if !consensus(path) {
			return
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			where := path + " " + fn.Name.Name
			ast.Inspect(fn, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && (n.Sel.Name == "Now" ||
						n.Sel.Name == "Since" || n.Sel.Name == "Until") && where != "app/app.go New" {
						t.Errorf("%s asks the clock (time.%s)", where, n.Sel.Name)
					}
				case *ast.CallExpr:
					if nameOf(n.Fun) == "now" && where != "app/proposal.go PrepareProposal" {
						t.Errorf("%s asks the clock of App.now", where)
					}
				case *ast.GoStmt:
					t.Errorf("%s starts a goroutine", where)
				case *ast.RangeStmt:
					if name := nameOf(n.X); maps[name] {
						seen[where] = true
						if mapRanges[where] == "" {
							t.Errorf("%s ranges over the map %s", where, name)
						}
					}
				case *ast.BasicLit:
					if n.Kind == token.FLOAT {
						t.Errorf("%s uses the float %s", where, n.Value)
					}
				case *ast.Ident:
					if n.Name == "float64" || n.Name == "float32" {
						t.Errorf("%s uses %s", where, n.Name)
					}
				}
				return true
			})
		}
	})
	for where := range mapRanges {
		if !seen[where] {
			t.Errorf("mapRanges lists %s, which has no such loop", where)
		}
	}
}

// consensus reports whether a file decides what a block does.
func consensus(path string) bool {
	folder := filepath.ToSlash(filepath.Dir(path))
	return folder == "contract" || folder == "app"
}

// mapNames collects the names of fields, parameters and variables that are
// maps. Names stand in for types here: a slice that shares its name with a map
// is to be renamed.
func mapNames(file *ast.File, into map[string]bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if _, ok := n.Type.(*ast.MapType); ok {
				for _, name := range n.Names {
					into[name.Name] = true
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if _, ok := n.Type.(*ast.MapType); ok || i < len(n.Values) && makesMap(n.Values[i]) {
					into[name.Name] = true
				}
			}
		case *ast.AssignStmt:
			for i, v := range n.Rhs {
				if makesMap(v) && len(n.Lhs) == len(n.Rhs) {
					into[nameOf(n.Lhs[i])] = true
				}
			}
		}
		return true
	})
}

// makesMap reports whether an expression is a map literal or make(map…).
func makesMap(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		_, ok := e.Type.(*ast.MapType)
		return ok
	case *ast.CallExpr:
		if fn, ok := e.Fun.(*ast.Ident); ok && fn.Name == "make" && len(e.Args) > 0 {
			_, ok := e.Args[0].(*ast.MapType)
			return ok
		}
	}
	return false
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// auditLibraries are the modules that the offline verifier may depend on beside
// the standard library, through the contract too: a reader who trusts its verdicts
// has these to read. Headers, commits and tree proofs it reads by itself.
var auditLibraries = []string{
	"github.com/btcsuite/btcd/btcec/v2",
	"github.com/btcsuite/btcd/btcutil",
	"github.com/btcsuite/btcd/chainhash/v2",
	"github.com/decred/dcrd/crypto/blake256",
	"github.com/decred/dcrd/dcrec/secp256k1/v4",
	"github.com/fxamacker/cbor/v2",
	"github.com/oasisprotocol/curve25519-voi",
	"github.com/x448/float16",
	"golang.org/x/crypto",
	"golang.org/x/sys",
}

func TestAuditIsLight(t *testing.T) {
	const format = `{{if not .Standard}}{{.ImportPath}} {{.Module.Path}}{{end}}`
	out, err := exec.Command("go", "list", "-deps", "-f", format, "hongbao/client/audit").Output()
	if err != nil {
		t.Fatal(err)
	}
	own, seen := []string{"hongbao/client/audit", "hongbao/contract"}, map[string]bool{}
	for line := range strings.Lines(string(out)) {
		name, module, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || slices.Contains(own, name) {
			continue
		}
		if seen[module] = true; !slices.Contains(auditLibraries, module) {
			t.Errorf("client/audit depends on %s", name)
		}
	}
	for _, module := range auditLibraries {
		if !seen[module] {
			t.Errorf("auditLibraries lists %s, on which client/audit does not depend", module)
		}
	}
}

// eachFile visits every Go file of the module that is not a test.
func eachFile(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		visit(path, file)
	}
}

// goFiles are the paths of every Go file of the module.
func goFiles(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go"):
			paths = append(paths, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
