package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
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
		},
		Reach: AtHome,
		Run:   at(func(ctx context.Context, home string) error { return s.runNode(ctx, home, opts) }),
	}
}

// runNode serves the node of a home until a signal, or until its supervisor is
// gone.
func (s nodes) runNode(ctx context.Context, home string, opts node.Options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx = node.Supervised(ctx)
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
