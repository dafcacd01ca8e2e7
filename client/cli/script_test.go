package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"
)

// The scripts read as a manual. Beside testscript's own commands they use:
//
//	network           a fresh chain, and a home set up for it; $URL is its node, $TRUST its trust file
//	network node      the same, of a node in a process of its own
//	network stop      ends it
//	hongbao…          is hongbao, which has to exit with 0; < FILE at the end is its stdin
//	exits N hongbao…  is hongbao, which has to exit with N
//	get NAME PATH     $NAME = the field of the JSON just printed, such as result.link
//	settled PACKET    waits until every claimed share of the packet is its claimer's
//	flip FILE         changes one byte in the middle of a file
//
// hongbao is called in this process, which stands in the script's folder and has its
// environment: so one script runs at a time. `exec hongbao` is a process.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("it is all that the command line does")
	}
	dir, err := filepath.Abs("testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripts{t: t, running: map[string]func() error{}, env: []string{"HOME", "LC_ALL", "LC_MESSAGES", "LANG"}}
	NewRoot(nil, nil, nil).PersistentFlags().VisitAll(func(f *pflag.Flag) { s.env = append(s.env, variable(f.Name)) })
	for _, name := range s.env {
		t.Setenv(name, "") // and back at the end
	}
	t.Chdir(t.TempDir())
	zone, program := time.Local, os.Args[0]
	time.Local, os.Args[0] = time.UTC, "hongbao"
	t.Cleanup(func() { time.Local, os.Args[0] = zone, program })
	bin := t.TempDir()
	if exe, err := os.Executable(); err != nil || os.Symlink(exe, filepath.Join(bin, "hongbao")) != nil {
		t.Fatal("no hongbao to exec", err)
	}
	testscript.RunT(oneByOne{t}, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HONGBAO_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
			env.Setenv(cliEnv, "1")
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"network": s.network, "hongbao": s.hongbao, "exits": s.exits, "get": getCmd, "flip": flipCmd,
			"settled": s.settled,
		},
	})
}

// oneByOne is a test whose scripts do not run in parallel.
type oneByOne struct{ *testing.T }

func (o oneByOne) Parallel()     {}
func (o oneByOne) Verbose() bool { return testing.Verbose() }
func (o oneByOne) Run(name string, run func(testscript.T)) {
	o.T.Run(name, func(t *testing.T) { run(oneByOne{t}) })
}

type scripts struct {
	t       *testing.T
	env     []string                // the variables that hongbao reads
	running map[string]func() error // how each script's network ends
}

func (s *scripts) network(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("network")
	var n *network
	var err error
	switch {
	case len(args) == 0:
		n, err = serveChain(s.t, dir)
	case slices.Equal(args, []string{"node"}):
		n, err = startNode(dir)
	case slices.Equal(args, []string{"stop"}) && s.running[ts.Name()] != nil:
		ts.Check(s.running[ts.Name()]())
		return
	default:
		ts.Fatalf("usage: network [node|stop], and stop after the others")
	}
	ts.Check(err)
	stop := sync.OnceValue(n.stop)
	s.running[ts.Name()] = stop
	ts.Defer(func() { ts.Check(stop()) })
	ts.Check(n.newHome(ts.MkAbs("home")))
	ts.Setenv("TRUST", n.trust)
	ts.Setenv("URL", n.url)
}

// run is a command line in the script's place.
func (s *scripts) run(ts *testscript.TestScript, stdout, stderr io.Writer, args ...string) (exit int) {
	stdin := ""
	if n := len(args); n > 2 && args[n-2] == "<" {
		stdin, args = ts.ReadFile(args[n-1]), args[:n-2]
	}
	ts.Check(os.Chdir(ts.MkAbs(".")))
	for _, name := range s.env {
		ts.Check(os.Setenv(name, ts.Getenv(name)))
	}
	root := NewRoot(strings.NewReader(stdin), stdout, stderr)
	From(root).work = testWork
	return Run(context.Background(), root, args)
}

func (s *scripts) hongbao(ts *testscript.TestScript, neg bool, args []string) {
	if exit := s.run(ts, ts.Stdout(), ts.Stderr(), args...); (exit != 0) != neg {
		ts.Fatalf("exit %d", exit)
	}
}

func (s *scripts) exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || args[1] != "hongbao" {
		ts.Fatalf("usage: exits N hongbao ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := s.run(ts, ts.Stdout(), ts.Stderr(), args[2:]...); got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
}

func (s *scripts) settled(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: settled PACKET")
	}
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		var out bytes.Buffer
		if exit := s.run(ts, &out, ts.Stderr(), "show", args[0], "--output", "json"); exit != 0 {
			ts.Fatalf("exit %d: %s", exit, &out)
		}
		said := out.String()
		waits := strings.Contains(said, `"state":"reserved"`) || strings.Contains(said, `"state":"held"`)
		if !waits && strings.Contains(said, `"state":"settled"`) {
			return
		}
	}
	ts.Fatalf("its shares are still not settled")
}

func getCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: get NAME PATH")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for _, field := range strings.Split(args[1], ".") {
		m, ok := v.(map[string]any)
		if !ok || m[field] == nil {
			ts.Fatalf("no %s in it", args[1])
		}
		v = m[field]
	}
	if s, ok := v.(string); ok {
		ts.Setenv(args[0], s)
		return
	}
	b, err := json.Marshal(v)
	ts.Check(err)
	ts.Setenv(args[0], string(b))
}

func flipCmd(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}
