package testnet

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"hongbao/client/cli"
	"hongbao/client/words"
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

// dirFlag is --dir as the command line has it, for the commands that hints print.
func dirFlag(c *cobra.Command) string {
	if f := c.Flag("dir"); f.Changed {
		return " --dir " + cli.ShellWord(f.Value.String())
	}
	return ""
}

// told gives the errors that a person can do something about their exit code
// and a hint.
func told(c *cobra.Command, err error) error {
	program := cli.From(c).ProgramHere()
	up := program + " testnet up" + dirFlag(c)
	switch {
	case errors.Is(err, ErrNotThere):
		return cli.Fail(cli.ExitUsage, "no_testnet", "%v", err).WithHint("make one with: %s", "新建一个:%s", up)
	case errors.Is(err, ErrNotRunning):
		return cli.Fail(cli.ExitUnreachable, "not_running", "%v", err).WithHint("start it with: %s", "启动它:%s", up)
	case errors.Is(err, ErrRunning):
		return cli.Fail(cli.ExitUsage, "already_running", "%v", err).WithHint("end it with: %s", "停止它:%s", program+" testnet down"+dirFlag(c))
	case errors.Is(err, ErrNotEmpty):
		return cli.Fail(cli.ExitUsage, "not_empty", "%v", err).WithHint("name another folder with --dir", "用 --dir 另指定一个目录")
	case errors.Is(err, node.ErrOtherRules):
		return cli.Fail(cli.ExitUsage, "stale_testnet", "%v", err).WithHint("forget it and make a new one with: %s --reset", "丢掉它,重新建一个:%s --reset", up)
	case errors.Is(err, ErrOtherFormat):
		return cli.Fail(cli.ExitUsage, "stale_testnet", "%v", err).WithHint("delete the folder, or name another with --dir", "删掉这个目录,或用 --dir 另指定一个")
	case errors.Is(err, errEnded):
		return cli.Fail(cli.ExitInternal, "node_failed", "%v", err).WithHint("if another version of hongbao made this network, forget it with: %s --reset",
			"如果它是别的版本建的,请丢掉它:%s --reset", up)
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
				return told(c, err)
			}
			if err := ctl.call(c.Context(), http.MethodPost, fmt.Sprintf("/nodes/%d/%s", number, order), nil); err != nil {
				return told(c, err)
			}
			past := map[string]string{"stop": "stopped", "start": "started", "kill": "killed"}[order]
			done := map[string]string{"stop": "已停止", "start": "已启动", "kill": "已强行结束"}[order]
			s := cli.From(c)
			s.Result(orderedJSON{number, past}, func(w io.Writer) {
				fmt.Fprintln(w, s.Say("node %[1]d %[2]s", "节点%[1]d%[3]s", number, past, done))
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
				return told(c, err)
			}
			if err := ctl.endNetwork(c.Context()); err != nil {
				return err
			}
			s := cli.From(c)
			s.Result(downJSON{"down"}, func(w io.Writer) { fmt.Fprintln(w, s.Say("down", "已停止")) })
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
				return told(c, err)
			}
			var list []NodeStatus
			if err := ctl.call(c.Context(), http.MethodGet, "/status", &list); err != nil {
				return err
			}
			s := cli.From(c)
			s.Result(statusJSON{list}, func(w io.Writer) { printStatus(w, s.Lang(), list) })
			return nil
		},
	}
}

func printStatus(w io.Writer, l words.Lang, list []NodeStatus) {
	rows := [][]string{{l.Say("node", "节点"), l.Say("state", "状态"), l.Say("height", "高度"), l.Say("in step", "同步"), "rpc", "pid"}}
	for _, s := range list {
		height, step, pid := "-", l.Say("no", "没有"), "-"
		if s.Height > 0 {
			height = strconv.FormatInt(s.Height, 10)
		}
		if s.Height > 0 && !s.InStep {
			step = l.Say("behind by %d", "差%d个", s.Behind)
		} else if s.InStep {
			step = l.Say("yes", "是")
		}
		if s.PID != 0 {
			pid = strconv.Itoa(s.PID)
		}
		rows = append(rows, []string{strconv.Itoa(s.Number), s.State.said(l), height, step, s.RPC, pid})
	}
	printTable(w, rows)
	for _, line := range ailing(l, list) {
		fmt.Fprintln(w, line)
	}
	if why := halted(l, list); why != "" {
		fmt.Fprintln(w, why)
	}
}

// printTable prints rows whose columns are as wide as what they hold, and two
// blanks between.
func printTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], words.Width(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += words.Left(cell, widths[i]+2)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
