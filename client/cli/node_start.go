package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"hongbao/client/words"
	"hongbao/node"
)

// stopGrace bounds a shutdown. A node that was told to stop and still runs after
// it is stuck; leaving at once is safe, because everything it promised is
// already synced to disk.
const stopGrace = 10 * time.Second

func (s nodes) nodeStartVerb(at atNode) *Verb {
	var opts node.Options
	return &Verb{
		Use:   "start",
		Short: words.Both("Run the node until Ctrl-C or SIGTERM", "运行节点,直到 Ctrl-C 或 SIGTERM"),
		Flags: []Flag{
			{&opts.LogLevel, "--log-level LEVEL",
				"debug, info, warn, error or module:level,... (default: config.toml's)",
				"debug、info、warn、error 或 module:level,...(默认按 config.toml)"},
			{&opts.LogFormat, "--log-format plain|json",
				"plain or json (default: config.toml's)", "plain 或 json(默认按 config.toml)"},
			{&opts.PprofPort, "--pprof PORT",
				"serve Go's profiles at 127.0.0.1:PORT/debug/pprof (see docs/performance.md)",
				"在 127.0.0.1:PORT/debug/pprof 提供 Go 的性能剖析(见 docs/performance.md)"},
		},
		Reach: AtHome,
		Run:   at(func(ctx context.Context, home string) error { return s.startNode(ctx, home, opts) }),
	}
}

// startNode runs the node of a home until a signal: in a process of its own, unless
// it has a supervisor already, so that a crash ends in a line that says why.
func (s nodes) startNode(ctx context.Context, home string, opts node.Options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if node.IsSupervised() {
		return s.runNode(node.Supervised(ctx), home, opts)
	}
	if _, _, err := node.LoadConfig(home); err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"node", "start", "--home", home, "--lang", s.Global.Lang, "--output", s.Global.Output}
	for flag, value := range map[string]string{"--log-level": opts.LogLevel, "--log-format": opts.LogFormat} {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if opts.PprofPort != 0 {
		args = append(args, "--pprof", strconv.Itoa(opts.PprofPort))
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGQUIT) // Ctrl-\ is for the node: it says what it is about
	cmd := exec.Command(binary, args...)
	cmd.Args[0] = os.Args[0] // as it was called, for its hints
	cmd.Stdout = s.Stdout
	exit, err := node.Guard(ctx.Done(), cmd, home, s.Stderr)
	if err == nil && exit != ExitOK {
		return exitStatus(exit) // the process has said why
	}
	return err
}

// runNode serves the node of a home until ctx ends.
func (s nodes) runNode(ctx context.Context, home string, opts node.Options) error {
	done := make(chan struct{})
	defer close(done)
	go func() {
		<-ctx.Done()
		select {
		case <-done:
		case <-time.After(stopGrace):
			fmt.Fprintln(s.Stderr, s.Say("hongbao: node: still not stopped after %s, leaving",
				"hongbao: 节点过了%s还没停下,强行退出", stopGrace))
			os.Exit(ExitInternal)
		}
	}()
	err := node.Run(ctx, home, opts)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // told to stop while it was still starting
	}
	return err
}
