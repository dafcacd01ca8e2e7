// Hongbao runs red packets as conditional contracts, on a chain of validators
// that need not trust each other. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"hongbao/client/cli"
)

func main() {
	// A reader that goes away (… | head) must not end a command that has a
	// network to clear away; its writes fail instead.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is back: a second Ctrl-C ends the
	// program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, cli.NewRoot(os.Stdin, os.Stdout, os.Stderr), os.Args[1:]))
}
