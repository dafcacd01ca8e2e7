package testnet

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"text/tabwriter"

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
	c.PersistentFlags().String("dir", "", "the network's folder (default "+filepath.Join(node.DefaultHome(), "testnet")+")")
	c.AddCommand(upCommand(), statusCommand(), downCommand(),
		orderCommand("stop", "Ask node N to leave"),
		orderCommand("start", "Start node N again"),
		orderCommand("kill", "End node N at once, as a power cut would (SIGKILL)"))
	return c
}

// homeOf is the home of the client whose default network this is.
func homeOf(c *cobra.Command) string {
	if f := c.Flag("home"); f != nil && f.Value.String() != "" {
		return f.Value.String()
	}
	return node.DefaultHome()
}

func dirOf(c *cobra.Command) string {
	if dir := c.Flag("dir").Value.String(); dir != "" {
		return dir
	}
	return filepath.Join(homeOf(c), "testnet")
}

func wantsJSON(c *cobra.Command) bool {
	f := c.Flag("output")
	return f != nil && f.Value.String() == "json"
}

// printResult writes the one object that a script reads.
func printResult(w io.Writer, v any) error {
	return json.NewEncoder(w).Encode(map[string]any{"status": "ok", "result": v})
}

func orderCommand(order, short string) *cobra.Command {
	return &cobra.Command{
		Use:   order + " N",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := strconv.Atoi(args[0])
			if err != nil {
				return fmt.Errorf("node %q: give its number, from 1", args[0])
			}
			c.SilenceUsage = true
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return err
			}
			if err := ctl.call(c.Context(), http.MethodPost, fmt.Sprintf("/nodes/%d/%s", number, order), nil); err != nil {
				return err
			}
			past := map[string]string{"stop": "stopped", "start": "started", "kill": "killed"}[order]
			if wantsJSON(c) {
				return printResult(c.OutOrStdout(), map[string]any{"node": number, "done": past})
			}
			fmt.Fprintf(c.OutOrStdout(), "node %d %s\n", number, past)
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
			c.SilenceUsage = true
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return err
			}
			if err := ctl.endNetwork(c.Context()); err != nil {
				return err
			}
			if wantsJSON(c) {
				return printResult(c.OutOrStdout(), map[string]any{"done": "down"})
			}
			fmt.Fprintln(c.OutOrStdout(), "down")
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
			c.SilenceUsage = true
			ctl, err := openControl(dirOf(c))
			if err != nil {
				return err
			}
			var list []NodeStatus
			if err := ctl.call(c.Context(), http.MethodGet, "/status", &list); err != nil {
				return err
			}
			if wantsJSON(c) {
				return printResult(c.OutOrStdout(), map[string]any{"nodes": list})
			}
			return printStatus(c.OutOrStdout(), list)
		},
	}
}

func printStatus(w io.Writer, list []NodeStatus) error {
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
	return t.Flush()
}
