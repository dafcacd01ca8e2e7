package sim

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometbft/cometbft/libs/log"
)

// job is what a child process runs.
type job struct {
	Seed   uint64
	Length time.Duration
	Home   string
	Plant  string
}

const jobVariable = "HONGBAO_SIM_JOB"

// TestMain lets this binary be the process of one bubble too.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400) // runs are small, and collecting them is work that no checker needs
	if os.Getenv(jobVariable) != "" {
		// CometBFT's files register for a signal. The first to do so starts a
		// goroutine that waits in the system, which a bubble must not hold.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	os.Exit(m.Run())
}

// runBubble runs a bubble in a process of its own, because CometBFT's files leave
// goroutines behind, with which a bubble cannot end.
func runBubble(t *testing.T, seed uint64, length time.Duration, plant string) *trace {
	t.Helper()
	home, err := os.MkdirTemp(memory(), "hongbao-sim-")
	must(t, err)
	defer os.RemoveAll(home)
	spec, err := json.Marshal(job{seed, length, home, plant})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestBubbleProcess$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), jobVariable+"="+string(spec))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, last(out, 4000))
	}
	tr, err := readTrace(filepath.Join(home, "trace.json"))
	must(t, err)
	return tr
}

// memory is a folder whose files cost no disk: CometBFT syncs its log and its
// signer's state with every vote.
func memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestBubbleProcess is the child's side of runBubble.
func TestBubbleProcess(t *testing.T) {
	spec := os.Getenv(jobVariable)
	if spec == "" {
		t.Skip("a bubble's process")
	}
	var j job
	must(t, json.Unmarshal([]byte(spec), &j))
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(j.Seed, j.Home, plantNamed(j.Plant))
		if os.Getenv("HONGBAO_SIM_LOG") != "" {
			b.logs = func(node int) log.Logger {
				return log.NewTMLogger(log.NewSyncWriter(os.Stderr)).With("node", node+1)
			}
		}
		b.live(j.Length)
		b.rest()
		if err := b.write(filepath.Join(j.Home, "trace.json")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	})
}

// plantNamed is a planted bug by its description; nil for none.
func plantNamed(desc string) *plant {
	for _, p := range append(slices.Clone(plants), bubblePlants...) {
		if p.desc == desc {
			return p
		}
	}
	return nil
}
