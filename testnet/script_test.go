package testnet_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"hongbao/testnet"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts read as a manual. Beside testscript's own commands they use:
//
//	appears FILE      waits until there is one
//	exits N hongbao…  runs hongbao, which has to exit with N
//	stale             makes the kept network one of an older version
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("each script runs four processes")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HONGBAO_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"appears": appearsCmd, "exits": exitsCmd, "stale": staleCmd,
		},
	})
}

func appearsCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: appears FILE")
	}
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s did not appear within a minute", args[0])
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

func staleCmd(ts *testscript.TestScript, _ bool, _ []string) {
	n, err := testnet.Load(ts.MkAbs("home/testnet"))
	ts.Check(err)
	for _, m := range n.Nodes {
		ts.Check(testnet.MakeStale(m.Home))
	}
}
