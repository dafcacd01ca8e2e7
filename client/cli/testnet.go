package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"hongbao/client/words"
	"hongbao/node"
	"hongbao/testnet"
)

// folder is where the network is that a verb of `hongbao testnet` is about.
type folder struct {
	s    *Session
	flag string // --dir; empty: not given
}

func (f *folder) dir() string {
	if f.flag != "" {
		return f.flag
	}
	return filepath.Join(f.s.Global.Home, "testnet")
}

// again is --dir as the command line has it, for the commands that hints print.
func (f *folder) again() string {
	if f.flag == "" {
		return ""
	}
	return " --dir " + ShellWord(f.flag)
}

func (f *folder) testnetVerb() *Verb {
	return &Verb{
		Use:   "testnet",
		Short: words.Both("Run a network of several validators on this machine", "在这台机器上运行有几个验证人的网络"),
		Shared: []Flag{
			{&f.flag, "--dir DIR", "the network's folder (default: testnet in the home)",
				"网络的目录(默认:主目录里的 testnet)"},
		},
		Reach: Alone,
		Under: []*Verb{
			f.upVerb(), f.statusVerb(), f.downVerb(), f.warpVerb(), f.faucetVerb(),
			f.orderVerb("stop", words.Both("Ask a node to leave", "让一个节点退出")),
			f.orderVerb("start", words.Both("Start a node again", "重新启动一个节点")),
			f.orderVerb("kill",
				words.Both("End a node at once, as a power cut would (SIGKILL)",
					"立刻结束一个节点,像断电一样(SIGKILL)")),
			f.saveVerb(), f.restoreVerb(),
			f.loadVerb(), f.settleVerb(), f.chaosVerb(), f.generateVerb(),
		},
	}
}

// told gives the errors that a person can do something about their exit code
// and a hint.
func (f *folder) told(err error) error {
	program := f.s.ProgramHere()
	up := program + " testnet up" + f.again()
	var coded *testnet.Error
	switch {
	case errors.Is(err, testnet.ErrNotThere):
		return Fail(ExitUsage, "no_testnet", "%v", err).WithHint("make one with: %s", "新建一个:%s", up)
	case errors.Is(err, testnet.ErrNotRunning):
		return Fail(ExitUnreachable, "not_running", "%v", err).WithHint("start it with: %s", "启动它:%s", up)
	case errors.Is(err, testnet.ErrNotReady):
		return Fail(ExitUnreachable, "not_running", "%v", err).WithHint("try again in a moment", "请稍后再试")
	case errors.Is(err, testnet.ErrRunning):
		return Fail(ExitUsage, "already_running", "%v", err).
			WithHint("end it with: %s", "停止它:%s", program+" testnet down"+f.again())
	case errors.Is(err, testnet.ErrNotEmpty):
		return Fail(ExitUsage, "not_empty", "%v", err).WithHint("name another folder with --dir",
			"用 --dir 另指定一个目录")
	case errors.Is(err, node.ErrOtherRules):
		return Fail(ExitUsage, "stale_testnet", "%v", err).
			WithHint("forget it and make a new one with: %s --reset", "丢掉它,重新建一个:%s --reset", up)
	case errors.Is(err, testnet.ErrOtherFormat):
		return Fail(ExitUsage, "stale_testnet", "%v", err).
			WithHint("delete the folder, or name another with --dir", "删掉这个目录,或用 --dir 另指定一个")
	case errors.Is(err, testnet.ErrEnded):
		return Fail(ExitInternal, "node_failed", "%v", err).
			WithHint("if another version of hongbao made this network, forget it with: %s --reset",
				"如果它是别的版本建的,请丢掉它:%s --reset", up)
	case errors.Is(err, testnet.ErrExists):
		return Fail(ExitUsage, "testnet_exists", "%v", err).
			WithHint("name another folder with --dir, or forget this network with --reset",
				"用 --dir 另指定一个目录,或用 --reset 丢掉这个网络")
	case errors.As(err, &coded): // its row says what to do
		return Fail(ExitUsage, coded.Code, "%v", err)
	case errors.As(err, new(*testnet.OtherSize)):
		return usagef("%v", err).WithHint("--reset forgets it and makes a new one", "--reset 会丢掉它,重新建一个")
	case errors.As(err, new(testnet.Refusal)):
		return usagef("%v", err)
	}
	return err
}

// orderedJSON is the result of stop, start and kill.
type orderedJSON struct {
	Node int    `json:"node"` // its number, from 1
	Done string `json:"done"` // stopped, started or killed
}

func (f *folder) orderVerb(order string, short words.Phrase) *Verb {
	return &Verb{
		Use: order + " NODE", Short: short,
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{orderedJSON{}},
		Run: func(ctx context.Context, args []string) error { return f.order(ctx, order, args[0]) },
	}
}

func (f *folder) order(ctx context.Context, order, which string) error {
	number, err := strconv.Atoi(which)
	if err != nil {
		return usagef("node %q: give its number, from 1", which)
	}
	network, err := testnet.Open(f.dir())
	if err != nil {
		return f.told(err)
	}
	do, past, done := network.StopNode, "stopped", "已停止"
	switch order {
	case "start":
		do, past, done = network.StartNode, "started", "已启动"
	case "kill":
		do, past, done = network.KillNode, "killed", "已强行结束"
	}
	if err := do(ctx, number); err != nil {
		return f.told(err)
	}
	f.s.Result(orderedJSON{number, past}, func(w io.Writer) {
		fmt.Fprintln(w, f.s.Say("node %[1]d %[2]s", "节点%[1]d%[3]s", number, past, done))
	})
	return nil
}

type downJSON struct {
	Done string `json:"done"` // down
}

func (f *folder) downVerb() *Verb {
	return &Verb{
		Use: "down", Short: words.Both("Stop the network; its state stays", "停止网络,状态保留"),
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{downJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			network, err := testnet.Open(f.dir())
			if err != nil {
				return f.told(err)
			}
			if err := network.Down(ctx); err != nil {
				return err
			}
			f.s.Result(downJSON{"down"}, func(w io.Writer) { fmt.Fprintln(w, f.s.Say("down", "已停止")) })
			return nil
		},
	}
}

// nodes says how the network's nodes are.
func (f *folder) nodes(ctx context.Context) ([]testnet.NodeStatus, error) {
	network, err := testnet.Open(f.dir())
	if err != nil {
		return nil, f.told(err)
	}
	return network.Status(ctx)
}

// aim points a command at a node that is in step in the network of the folder,
// unless it was told which node to talk to.
func (f *folder) aim(ctx context.Context) error {
	s := f.s
	if s.Global.Node != "" {
		return nil
	}
	list, err := f.nodes(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.InStep {
			s.Global.Node = m.RPC
			return nil
		}
	}
	return Fail(ExitUnreachable, "not_running", "testnet %s: no node is in step", f.dir()).
		WithHint("%s testnet status%s", "%s testnet status%s", s.ProgramHere(), f.again())
}
