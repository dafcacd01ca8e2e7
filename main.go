// Hongbao runs red packets as conditional contracts, on a chain of validators
// that need not trust each other. See README.md.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"hongbao/client/cli"
	"hongbao/testnet"
	"hongbao/testnet/demo"
	"hongbao/testnet/load"
)

func main() {
	// A reader that goes away (… | head) must not end a command that has a
	// network to clear away; its writes fail instead.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is back: a second Ctrl-C ends the
	// program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

// run executes one command line.
func run(ctx context.Context, args []string) int {
	return cli.Run(ctx, commands(os.Stdin, os.Stdout, os.Stderr), args)
}

// commands joins the packages' commands.
func commands(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := cli.NewRoot(stdin, stdout, stderr)
	networks := testnet.Command()
	networks.AddCommand(load.Command(), load.SettleCommand())
	root.AddCommand(demo.Command(), networks)
	return root
}
