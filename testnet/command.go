package testnet

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"hongbao/client/cli"
	"hongbao/node"

	"github.com/spf13/cobra"
)

// Command is `hongbao testnet`.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "testnet",
		Short: "Run a network of several validators on this machine",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().String("dir", "", "the network's folder (default: testnet in the home)")
	c.AddCommand(upCommand(), statusCommand(), downCommand(), warpCommand(), faucetCommand(),
		orderCommand("stop", "Ask node N to leave"),
		orderCommand("start", "Start node N again"),
		orderCommand("kill", "End node N at once, as a power cut would (SIGKILL)"))
	return c
}

func dirOf(c *cobra.Command) string {
	if dir := c.Flag("dir").Value.String(); dir != "" {
		return dir
	}
	return filepath.Join(cli.From(c).Global.Home, "testnet")
}

// told gives the errors that a person can do something about their exit code
// and a hint.
func told(err error) error {
	up := cli.Invocation() + " testnet up"
	switch {
	case errors.Is(err, ErrNotThere):
		return cli.Fail(cli.ExitUsage, "no_testnet", "%v", err).WithHint("make one with: %s", up)
	case errors.Is(err, ErrNotRunning):
		return cli.Fail(cli.ExitUnreachable, "not_running", "%v", err).WithHint("start it with: %s", up)
	case errors.Is(err, ErrRunning):
		return cli.Fail(cli.ExitUsage, "already_running", "%v", err).WithHint("end it with: %s testnet down", cli.Invocation())
	case errors.Is(err, ErrNotEmpty):
		return cli.Fail(cli.ExitUsage, "not_empty", "%v", err).WithHint("name another folder with --dir")
	case errors.Is(err, node.ErrOtherRules):
		return cli.Fail(cli.ExitUsage, "stale_testnet", "%v", err).WithHint("forget it and make a new one with: %s --reset", up)
	case errors.Is(err, ErrOtherFormat):
		return cli.Fail(cli.ExitUsage, "stale_testnet", "%v", err).WithHint("delete the folder, or name another with --dir")
	case errors.Is(err, errEnded):
		return cli.Fail(cli.ExitInternal, "node_failed", "%v", err).WithHint("if another version of hongbao made this network, forget it with: %s --reset", up)
	}
	return err
}

func orderCommand(order, short string) *cobra.Command {
	return &cobra.Command{
		Use:   order + " N",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := strconv.Atoi(args[0])
			if err != nil {
				return cli.Fail(cli.ExitUsage, "usage", "node %q: give its number, from 1", args[0])
			}
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return told(err)
			}
			if err := ctl.call(c.Context(), http.MethodPost, fmt.Sprintf("/nodes/%d/%s", number, order), nil); err != nil {
				return told(err)
			}
			past := map[string]string{"stop": "stopped", "start": "started", "kill": "killed"}[order]
			cli.From(c).Result(orderedJSON{number, past}, func(w io.Writer) {
				fmt.Fprintf(w, "node %d %s\n", number, past)
			})
			return nil
		},
	}
}

func downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop the network; its state stays",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return told(err)
			}
			if err := ctl.endNetwork(c.Context()); err != nil {
				return err
			}
			cli.From(c).Result(downJSON{"down"}, func(w io.Writer) { fmt.Fprintln(w, "down") })
			return nil
		},
	}
}

func statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say which nodes run and how far they are",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return told(err)
			}
			var list []NodeStatus
			if err := ctl.call(c.Context(), http.MethodGet, "/status", &list); err != nil {
				return err
			}
			cli.From(c).Result(statusJSON{list}, func(w io.Writer) { printStatus(w, list) })
			return nil
		},
	}
}

func printStatus(w io.Writer, list []NodeStatus) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "node\tstate\theight\tin step\trpc\tpid")
	for _, s := range list {
		height, step, pid := "-", "no", "-"
		if s.Height > 0 {
			height = strconv.FormatInt(s.Height, 10)
		}
		if s.CatchingUp {
			step = "catching up"
		} else if s.InStep {
			step = "yes"
		}
		if s.PID != 0 {
			pid = strconv.Itoa(s.PID)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", s.Number, s.State, height, step, s.RPC, pid)
	}
	t.Flush()
	if why := halted(list); why != "" {
		fmt.Fprintln(w, why)
	}
}
