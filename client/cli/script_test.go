package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts read as a manual. Beside testscript's own commands they use:
//
//	network           a fresh network, and a home set up for it; $URL is its node, $TRUST its trust file
//	network stop      ends it
//	exits N hongbao…  runs hongbao, which has to exit with N
//	get NAME PATH     $NAME = the field of the JSON just printed, such as result.link
//	settled PACKET    waits until every claimed share of the packet is its claimer's
//	flip FILE         changes one byte in the middle of a file
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("each script starts a network")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HONGBAO_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("TZ", "UTC")
			env.Setenv("GOMAXPROCS", "1") // each command is short, and many run at once
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"network": networkCmd, "exits": exitsCmd, "get": getCmd, "flip": flipCmd, "settled": settledCmd,
		},
	})
}

// running holds, by script, how its network ends.
var running sync.Map

func networkCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 1 && args[0] == "stop" {
		stop, ok := running.Load(ts.Name())
		if !ok {
			ts.Fatalf("no network runs")
		}
		ts.Check(stop.(func() error)())
		return
	}
	n, err := startNetwork(ts.MkAbs("network"))
	ts.Check(err)
	stop := sync.OnceValue(n.stop)
	running.Store(ts.Name(), stop)
	ts.Defer(func() { ts.Check(stop()) })
	ts.Check(n.newHome(ts.MkAbs("home")))
	ts.Setenv("TRUST", n.trust)
	ts.Setenv("URL", n.url)
}

func exitsCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits N hongbao ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
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

func settledCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: settled PACKET")
	}
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(100 * time.Millisecond) {
		ts.Check(ts.Exec("hongbao", "show", args[0], "--output", "json"))
		out := ts.ReadFile("stdout")
		waits := strings.Contains(out, `"state":"reserved"`) || strings.Contains(out, `"state":"held"`)
		if !waits && strings.Contains(out, `"state":"settled"`) {
			return
		}
	}
	ts.Fatalf("its shares are still not settled")
}
