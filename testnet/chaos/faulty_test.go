package chaos_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/node"
	"hongbao/testnet"
)

// faultFile is where a node's home names the fault that the node has.
func faultFile(home string) string { return filepath.Join(home, "fault.txt") }

// faults are what a node can be made to do, by name.
var faults = map[string]func(home string) node.Options{
	"beacons": func(home string) node.Options {
		return node.Options{Wrap: func(a abci.Application) abci.Application {
			return &liar{Application: a, home: home}
		}}
	},
	"forger":   forger,
	"careless": careless,
	"refuser":  refuser,
	"laggard":  laggard,

	"proposals": spoiler,
	"chunks":    chunks,
	"differs":   differs,
}

// runFaulty runs the process's node with the fault that it is to have, and does
// not return; it returns at once for a node without one.
func runFaulty(args []string) {
	at := slices.Index(args, "--home")
	if at < 0 || at+1 >= len(args) {
		return
	}
	home := args[at+1]
	name, err := os.ReadFile(faultFile(home))
	if os.IsNotExist(err) {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err == nil {
		err = node.Run(node.Supervised(ctx), home, faults[string(name)](home))
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// restartFaulty gives nodes, by number, their faults, and waits until all nodes
// are in step again.
func restartFaulty(t *testing.T, n *testnet.Network, which map[int]string) {
	t.Helper()
	for number, fault := range which {
		if faults[fault] == nil {
			t.Fatalf("there is no fault %q", fault)
		}
		must(t, os.WriteFile(faultFile(n.Nodes[number-1].Home), []byte(fault), 0o600))
		must(t, n.KillNode(number))
		must(t, n.StartNode(t.Context(), number))
	}
	must(t, n.WaitReady(t.Context()))
}

func notesFile(home string) string { return filepath.Join(home, "faults.txt") }

// note writes down what a faulty node did, for the test to read.
func note(home, format string, args ...any) error {
	f, err := os.OpenFile(notesFile(home), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, format+"\n", args...)
	return err
}

// notes are the lines that a faulty node has written.
func notes(t *testing.T, home string) []string {
	t.Helper()
	b, err := os.ReadFile(notesFile(home))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}
