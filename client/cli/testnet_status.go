package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"hongbao/client/words"
	"hongbao/testnet"
)

// networkJSON is the result of testnet status.
type networkJSON struct {
	Nodes []testnet.NodeStatus `json:"nodes"`
}

func (f *folder) statusVerb() *Verb {
	return &Verb{
		Use: "status", Short: words.Both("Say which nodes run and how far they are", "哪些节点在运行,到了哪个高度"),
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{networkJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			list, err := f.nodes(ctx)
			if err != nil {
				return err
			}
			f.s.Result(networkJSON{list}, func(w io.Writer) { printNetwork(w, f.s.Lang(), list) })
			return nil
		},
	}
}

func printNetwork(w io.Writer, l words.Lang, list []testnet.NodeStatus) {
	rows := [][]string{{
		l.Say("node", "节点"), l.Say("state", "状态"), l.Say("height", "高度"), l.Say("in step", "同步"), "rpc", "pid",
	}}
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
		rows = append(rows, []string{strconv.Itoa(s.Number), nodeState(l, s.State), height, step, s.RPC, pid})
	}
	printTable(w, rows)
	for _, line := range ailments(l, list) {
		fmt.Fprintln(w, line)
	}
	if why := standstill(l, list); why != "" {
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
