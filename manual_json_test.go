package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/cli"
	"hongbao/node"
	"hongbao/testnet"
)

// What every command shows has the fields that docs/cli.md says, all of them,
// and of these types.
func TestEveryResultIsAsDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a network")
	}
	m := readManual(t)
	n := startUp(t, "-n", "1")
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("seven herons over the lake\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HONGBAO_PASSPHRASE_FILE", passphrase)
	c := checker{t: t, manual: m, home: n.home, seen: map[string]bool{}}
	c.check("testnet up", n.first)

	packet := c.run("send", "88.80", "--shares", "8", "--scene", "friends", "--public", "--memo",
		"happy new year")["packet"].(string)
	c.run("send", "8", "--shares", "2", "--dry-run")
	c.run("claim", packet, "--from", "bob")
	c.run("return", packet, "--from", "bob")
	c.run("claim", packet, "--from", "carol")
	c.run("ask", packet+"/2", "--reason", "wrong-person")
	c.run("answer", packet+"/2", "accept", "--from", "carol")
	c.run("tighten", packet, "--recall", "1m")
	c.run("recall", packet, "--reason", "wrong-amount")
	c.run("show", packet)
	c.run("show", "bob")
	c.run("pay", "8.88", "--to", "dave")
	c.run("balance", "bob")
	c.run("list", "--sent")
	c.run("history", packet)
	c.run("statement", "bob")
	c.run("explain", packet)
	c.run("explain", "--scene", "stranger")
	c.run("watch", "bob", "--from-height", "1", "--count", "1")

	lucky := c.run("send", "6", "--shares", "2", "--lucky", "--to", "bob,carol")["packet"].(string)
	c.run("claim", lucky, "--from", "bob", "--wait", "0")
	c.run("pay", "1", "--to", "alice", "--from", "bob") // which waits for the claim before it
	c.run("claim", lucky, "--from", "carol")
	c.run("show", lucky)
	c.run("history", lucky)
	c.run("list", "bob", "--claimed")

	held := c.run("send", "20", "--scene", "stranger", "--to", "grace", "--with",
		"a=dave,b=erin,c=frank")["packet"].(string)
	c.run("claim", held, "--from", "grace", "--yes")
	c.run("show", held)
	c.run("explain", held+"/1")
	consent := func(who string) string {
		file := filepath.Join(n.home, who+".consent")
		c.run("consent", held+"/1", "--reason", "fraud", "--from", who, "-o", file, "--yes")
		return file
	}
	c.run("recall", held+"/1", "--reason", "fraud", "--consent", consent("dave"), "--consent", consent("erin"))

	staff := filepath.Join(n.home, "staff.csv")
	if err := os.WriteFile(staff, []byte("Li Lei,5\nHan Meimei,0.80\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.run("send", "--list", staff)
	list := strings.TrimSuffix(staff, ".csv") + ".list"
	c.run("list", "vouchers", list, "-o", n.home)
	c.run("list", "claimed", list)
	c.run("list", "find", list, "bob")

	for _, what := range [][]string{{packet}, {packet + "/2"}, {packet, "--recall"}, {held + "/1", "--recall"},
		{"account", "bob"}, {"supply"}} {
		file := filepath.Join(n.home, "proof")
		c.run(slices.Concat([]string{"prove"}, what, []string{"-o", file})...)
		c.run("verify", file)
	}
	tx := c.run("pay", "1", "--to", "bob", "--wait", "0")["tx"].(string)
	c.run("tx", "wait", tx)
	c.run("tx", "decode", tx)
	draft, signed := filepath.Join(n.home, "draft.tx"), filepath.Join(n.home, "signed.tx")
	c.run("pay", "1", "--to", "bob", "--unsigned", draft)
	c.run("tx", "sign", draft, "-o", signed, "--yes")
	c.run("tx", "broadcast", signed)
	c.run("keys", "new", "lin")
	c.run("keys", "list")
	c.run("keys", "show", "lin")
	c.stdin = c.run("keys", "export", "lin", "--yes")["words"].(string) + "\n"
	c.run("keys", "import", "mei", "--home", t.TempDir(), "--node", "http://127.0.0.1:1")
	c.run("keys", "use", "lin")
	c.run("keys", "rescan", "lin")
	c.run("keys", "rename", "lin", "wei")
	c.run("keys", "passwd", "wei", "--new-passphrase-file", passphrase)
	c.run("keys", "rm", "wei", "--yes")
	c.run("contacts", "add", "wu", c.run("show", "dave")["address"].(string))
	c.run("contacts", "list")
	c.run("contacts", "rm", "wu")
	c.run("trust", "init", "-o", filepath.Join(n.home, "mine.json"))
	c.served("web", "--port", "0")
	c.run("scenes")
	c.run("error", "full")
	c.run("error", "no_node")
	c.run("version")
	c.failure("claim", packet, "--from", "bob")
	c.failure("pay", "--nonsense")
	c.failure("tx", "wait", strings.Repeat("0", 64), "--wait", "10ms")

	c.run("node", "status", "--home", filepath.Join(n.home, "testnet", "node1"))
	joins := filepath.Join(n.home, "joins")
	c.run("node", "init", "--home", joins, "--genesis", filepath.Join(n.home, "testnet", "node1", "config",
		"genesis.json"))
	if err := node.EditConfig(joins, func(c *cfg.Config) {
		c.P2P.PersistentPeers = strings.Repeat("0", 40) + "@127.0.0.1:1"
	}); err != nil {
		t.Fatal(err)
	}
	c.run("node", "resync", "--home", joins)
	network, err := testnet.Load(filepath.Join(n.home, "testnet"))
	if err != nil {
		t.Fatal(err)
	}
	first := network.Nodes[0]
	c.run("node", "join", "--home", filepath.Join(n.home, "joined"), "--trust", network.TrustFile(), "--peer",
		fmt.Sprintf("%s@127.0.0.1:%d", first.ID, first.P2P), "--prepare")
	strange, registration := filepath.Join(n.home, "strange"), filepath.Join(n.home, "mine.registration")
	c.run("node", "init", "--home", strange, "--keys")
	c.run("genesis", "register", "--node-home", strange, "--chain-id", "new-1", "--name", "alice", "--address",
		"192.0.2.1:26656", "--from", "alice", "-o", registration)
	c.run("genesis", "assemble", "--registration", registration, "--chain-id", "new-1", "--begins",
		"2026-01-01T00:00:00Z", "--account", c.run("show", "dave")["address"].(string)+"=1", "-o",
		filepath.Join(n.home, "born"))
	join, plan, approved := filepath.Join(n.home, "1.join"), filepath.Join(n.home, "1.plan"),
		filepath.Join(n.home, "1.approved")
	c.run("validator", "list")
	c.run("validator", "join", "--node-home", filepath.Join(n.home, "joined"), "-o", join)
	c.run("validator", "propose", "--join", join, "--power", "1", "-o", plan)
	c.run("validator", "sign", plan, "--node-home", filepath.Join(n.home, "testnet", "node1"), "-o", approved, "--yes")
	c.run("validator", "submit", approved, "--yes")
	c.run("testnet", "generate", "--validators", "2", "-o", filepath.Join(n.home, "containers"))

	c.run("testnet", "faucet", "bob")
	c.run("testnet", "warp", "1h")
	c.run("testnet", "status")
	c.run("testnet", "load", "--rate", "20", "--for", "1s")
	c.run("testnet", "settle", "--count", "2", "--idle", "1s")
	c.run("testnet", "chaos", "--list")
	c.run("testnet", "stop", "1")
	c.run("testnet", "start", "1")
	c.run("testnet", "kill", "1")
	c.run("testnet", "status")
	c.run("testnet", "down")
	save := filepath.Join(n.home, "network.save")
	c.run("testnet", "save", save)
	c.run("testnet", "restore", save, "--dir", filepath.Join(n.home, "restored"))

	for command := range m {
		if !c.seen[command] {
			t.Errorf("%s: no result of it was looked at", command)
		}
	}
}

// checker runs commands and compares their results with the manual.
type checker struct {
	t      *testing.T
	manual map[string][][]field
	home   string
	stdin  string
	seen   map[string]bool
}

func (c *checker) run(args ...string) map[string]any {
	c.t.Helper()
	command := strings.TrimPrefix(commandPath(c.t, args), "hongbao ")
	for _, instead := range []string{"--dry-run", "--unsigned"} {
		if slices.Contains(args, instead) {
			command = instead
		}
	}
	return c.check(command, c.output(args...))
}

func (c *checker) failure(args ...string) {
	c.t.Helper()
	c.check("its failure", c.output(args...))
}

// served checks a command that shows its result and then serves until Ctrl-C.
func (c *checker) served(command string, args ...string) {
	c.t.Helper()
	ctx, interrupt := context.WithCancel(c.t.Context())
	defer interrupt()
	var stdout bytes.Buffer
	shown := writerFunc(func(b []byte) (int, error) {
		interrupt()
		return stdout.Write(b)
	})
	c.runTo(ctx, shown, append([]string{command}, args...)...)
	c.check(command, stdout.Bytes())
}

// writerFunc is a function that is written to.
type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (c *checker) output(args ...string) []byte {
	var stdout bytes.Buffer
	c.runTo(c.t.Context(), &stdout, args...)
	return stdout.Bytes()
}

func (c *checker) runTo(ctx context.Context, stdout io.Writer, args ...string) {
	root := cli.NewRoot(strings.NewReader(c.stdin), stdout, io.Discard)
	cli.Run(ctx, root, append([]string{"--home", c.home, "--output", "json", "--lang", "en"}, args...))
}

// check compares an envelope's result or error with what the manual says that
// command shows.
func (c *checker) check(command string, output []byte) map[string]any {
	c.t.Helper()
	c.seen[command] = true
	var envelope struct{ Result, Error map[string]any }
	if err := json.Unmarshal(output, &envelope); err != nil {
		c.t.Fatalf("%s: %v in %q", command, err, output)
	}
	got := envelope.Result
	if command == "its failure" {
		got = envelope.Error
	}
	if got == nil {
		c.t.Fatalf("%s: %s", command, output)
	}
	var all [][]string
	for _, fields := range c.manual[command] {
		found := differences(fields, got)
		if len(found) == 0 {
			return got
		}
		all = append(all, found)
	}
	c.t.Errorf("%s is not as %s says: %q\n%s", command, manualFile, all, output)
	return got
}

// differences are what is wrong with a result by the manual.
func differences(fields []field, result map[string]any) (found []string) {
	byName := map[string]field{}
	for _, f := range fields {
		byName[f.name] = f
	}
	var object func(prefix string, o map[string]any)
	var value func(name, kind string, f field, v any)
	value = func(name, kind string, f field, v any) {
		inner, isList := strings.CutPrefix(kind, "list of ")
		switch v := v.(type) {
		case nil:
			if f.null && kind == f.kind {
				return
			}
		case []any:
			if isList {
				for _, e := range v {
					value(name+"[]", inner, f, e)
				}
				return
			}
		case map[string]any:
			if kind == "object" {
				object(name+".", v)
				return
			}
		default:
			if kind == map[string]string{"string": "string", "float64": "number",
				"bool": "bool"}[fmt.Sprintf("%T", v)] {
				return
			}
		}
		found = append(found, fmt.Sprintf("%s: %v is no %s", name, v, kind))
	}
	object = func(prefix string, o map[string]any) {
		listed := false
		for _, f := range fields {
			rest, under := strings.CutPrefix(f.name, prefix)
			if !under || strings.Contains(rest, ".") {
				continue
			}
			listed = true
			if v, ok := o[rest]; ok {
				value(f.name, f.kind, f, v)
			} else if !f.gone {
				found = append(found, f.name+": missing")
			}
		}
		for name := range o {
			if _, ok := byName[prefix+name]; !ok && listed {
				found = append(found, prefix+name+": not in the manual")
			}
		}
	}
	object("", result)
	return found
}

// readManual reads the tables of docs/cli.md, by command.
func readManual(t *testing.T) map[string][][]field {
	t.Helper()
	text, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	tables, command := map[string][][]field{}, ""
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			command = strings.TrimPrefix(strings.TrimPrefix(line, "## "), "hongbao ")
			command = strings.NewReplacer("What --dry-run shows", "--dry-run", "What --unsigned shows", "--unsigned",
				"What a failure shows", "its failure").Replace(command)
		case line == "|---|---|---|":
			tables[command] = append(tables[command], nil)
		case strings.HasPrefix(line, "| `"):
			cells := strings.Split(line, " | ")
			kind, gone := strings.CutSuffix(cells[1], ", may be absent")
			kind, null := strings.CutSuffix(kind, " or null")
			last := len(tables[command]) - 1
			tables[command][last] = append(tables[command][last], field{name: strings.Trim(cells[0], "| `"), kind: kind,
				null: null, gone: gone})
		}
	}
	return tables
}

func TestDifferencesAreSeen(t *testing.T) {
	fields := []field{
		{name: "a", kind: "string"}, {name: "b", kind: "number", null: true}, {name: "c", kind: "bool", gone: true},
		{name: "l", kind: "list of object"}, {name: "l[].x", kind: "string"},
		{name: "s", kind: "list of list of string"}, {name: "m", kind: "object"},
	}
	for _, tt := range []struct {
		json string
		want string
	}{
		{`{"a":"","b":null,"l":[],"s":[["x"]],"m":{"any":1}}`, ""},
		{`{"a":"","b":1,"c":true,"l":[{"x":"y"}],"s":[],"m":{}}`, ""},
		{`{"a":1,"b":1,"l":[],"s":[],"m":{}}`, "a: 1 is no string"},
		{`{"a":null,"b":1,"l":[],"s":[],"m":{}}`, "a: <nil> is no string"},
		{`{"a":"","l":[],"s":[],"m":{}}`, "b: missing"},
		{`{"a":"","b":"1","l":[],"s":[],"m":{}}`, "b: 1 is no number"},
		{`{"a":"","b":1,"c":0,"l":[],"s":[],"m":{}}`, "c: 0 is no bool"},
		{`{"a":"","b":1,"l":null,"s":[],"m":{}}`, "l: <nil> is no list of object"},
		{`{"a":"","b":1,"l":[{}],"s":[],"m":{}}`, "l[].x: missing"},
		{`{"a":"","b":1,"l":[],"s":["x"],"m":{}}`, "s[]: x is no list of string"},
		{`{"a":"","b":1,"l":[],"s":[],"m":{},"z":1}`, "z: not in the manual"},
	} {
		var v map[string]any
		if err := json.Unmarshal([]byte(tt.json), &v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(differences(fields, v), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.json, got, tt.want)
		}
	}
}
