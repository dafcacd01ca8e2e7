package cli

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"hongbao/testnet"
)

// onNetwork is the network that a measurement runs on.
type onNetwork struct {
	folder *folder
	fresh  int // validators of a network made for this alone; 0: the one that runs
}

func (o *onNetwork) flag() Flag {
	return Flag{&o.fresh, "--fresh N", "make a network of so many validators for this alone",
		"单为这一次建一个有这么多验证人的网络"}
}

// measured is a network that runs, and its processes.
type measured struct {
	*testnet.Network
	pids []int
}

// homes are the nodes' folders.
func (m *measured) homes() (list []string) {
	for _, n := range m.Nodes {
		list = append(list, n.Home)
	}
	return list
}

// network is the running one, or a fresh one; end lets go of it.
func (o *onNetwork) network(ctx context.Context) (m *measured, end func() error, err error) {
	if o.fresh > 0 {
		n, end, err := testnet.Temporary(ctx, testnet.Spec{Validators: o.fresh, Accounts: testnet.DevAccounts()})
		if err != nil {
			return nil, nil, err
		}
		return &measured{n, pids(n.Status(ctx))}, end, nil
	}
	n, err := testnet.Load(o.folder.dir())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, testnet.ErrNotThere) {
		return nil, nil, Fail(ExitUnreachable, "no_network", "%v", err).
			WithHint("start one with %s testnet up%s, or add --fresh 4", "用 %s testnet up%s 启动一个,或加上 --fresh 4",
				o.folder.s.ProgramHere(), o.folder.again())
	}
	if err != nil {
		return nil, nil, err
	}
	control, err := testnet.Open(o.folder.dir())
	if err != nil {
		return nil, nil, o.folder.told(err)
	}
	list, err := control.Status(ctx)
	return &measured{n, pids(list)}, func() error { return nil }, err
}

func pids(list []testnet.NodeStatus) (pids []int) {
	for _, s := range list {
		if s.PID > 0 {
			pids = append(pids, s.PID)
		}
	}
	return pids
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
