package node

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"hongbao/internal/home"

	"github.com/spf13/cobra"
)

// stopGrace bounds a shutdown. A node that has been told to stop and still
// runs after it is stuck; leaving at once is safe, because everything it
// promised is already synced to disk.
const stopGrace = 10 * time.Second

// Command is `hongbao node`. Its --home is the node's own folder, since a
// machine may have several; everywhere else --home is the one of [home.Default].
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "node",
		Short: "Run one validator or follower",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().String("home", "", "the node's folder (default "+filepath.Join(home.Default(), "node")+")")
	c.AddCommand(initCommand(), startCommand(), statusCommand(), resyncCommand())
	return c
}

func homeFlag(c *cobra.Command) string {
	if dir := flagOr(c, "home", ""); dir != "" {
		return dir
	}
	return filepath.Join(home.Default(), "node")
}

// flagOr reads a flag that this command or one above it may define.
func flagOr(c *cobra.Command, name, otherwise string) string {
	if f := c.Flag(name); f != nil {
		return f.Value.String()
	}
	return otherwise
}

func startCommand() *cobra.Command {
	var opts Options
	c := &cobra.Command{
		Use:   "start",
		Short: "Run the node until Ctrl-C or SIGTERM",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			c.SilenceUsage = true
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			ctx = Supervised(ctx)
			done := make(chan struct{})
			defer close(done)
			go func() {
				<-ctx.Done()
				select {
				case <-done:
				case <-time.After(stopGrace):
					fmt.Fprintf(os.Stderr, "hongbao: node: still not stopped after %s, leaving\n", stopGrace)
					os.Exit(1)
				}
			}()
			err := Run(ctx, homeFlag(c), opts)
			if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil // told to stop while it was still starting
			}
			return err
		},
	}
	c.Flags().StringVar(&opts.LogLevel, "log-level", "", "debug, info, warn, error or module:level,... (default: config.toml's)")
	c.Flags().StringVar(&opts.LogFormat, "log-format", "", "plain or json (default: config.toml's)")
	return c
}
