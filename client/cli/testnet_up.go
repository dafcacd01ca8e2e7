package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/internal/home"
	"hongbao/testnet"
)

// upJSON is the result of testnet up, and what --config-out writes; scripts rely
// on its names.
type upJSON struct {
	ChainID  string          `json:"chain_id"`
	Nodes    []upNodeJSON    `json:"nodes"` // in order of number
	Accounts []upAccountJSON `json:"accounts"`
	Trust    string          `json:"trust"` // the trust file
	Page     string          `json:"page"`  // for a browser
}

type upNodeJSON struct {
	RPC     string `json:"rpc"`               // for --node
	P2P     string `json:"p2p"`               // for its peers
	Home    string `json:"home"`              // its folder
	PID     int    `json:"pid"`               // of its process
	Metrics string `json:"metrics,omitempty"` // where Prometheus asks
}

type upAccountJSON struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
	Balance uint64           `json:"balance_fen,string"`
}

// up is one `testnet up`.
type up struct {
	folder    *folder
	size      int
	sizeGiven bool
	reset     bool
	metrics   bool
	configOut string

	screen upScreen
}

func (f *folder) upVerb() *Verb {
	u := &up{folder: f, size: testnet.DefaultValidators}
	return &Verb{
		Use:   "up",
		Short: words.Both("Start the network and stay with it; Ctrl-C stops it", "启动网络并守着它,按 Ctrl-C 停止"),
		Flags: []Flag{
			{given[int]{&u.size, &u.sizeGiven}, "-n, --validators N",
				fmt.Sprintf("how many, 1 to %d; those of a kept network if not given", testnet.MaxValidators),
				fmt.Sprintf("几个验证人,1 到 %d;不写就用保存的", testnet.MaxValidators)},
			{&u.reset, "--reset",
				"forget the network kept in the folder and make a new one", "丢掉目录里保存的网络,重新建一个"},
			{&u.metrics, "--metrics",
				"serve CometBFT's Prometheus metrics; a kept network goes on serving them",
				"提供 CometBFT 的 Prometheus 指标;保存的网络以后一直提供"},
			{&u.configOut, "--config-out FILE",
				"write addresses, ports and pids to this file when ready", "就绪后把地址、端口和进程号写进这个文件"},
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{upJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			if u.size < 1 || u.size > testnet.MaxValidators {
				return usagef("-n %d: 1 to %d validators", u.size, testnet.MaxValidators)
			}
			// After the first signal the default is back, so that a second
			// Ctrl-C ends even a supervisor that is stuck; the nodes see their
			// pipes close.
			ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			context.AfterFunc(ctx, stop)
			return f.told(unlessCancelled(ctx, u.run(ctx)))
		},
	}
}

// unlessCancelled is err, or nil where being told to stop is all that happened:
// so this command ends well.
func unlessCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (u *up) run(ctx context.Context) (err error) {
	s := u.folder.s
	u.screen = upScreen{out: s.Stdout, err: s.Stderr, lang: s.Lang(), dirFlag: u.folder.again()}
	u.screen.live = liveTerminal(s.Stdout) && s.Global.Output != "json"
	if s.Global.Home != home.Usual() { // another terminal need not have this environment
		u.screen.homeFlag = " --home " + ShellWord(s.Global.Home)
	}
	begin := time.Now()
	network, err := testnet.Up(ctx, u.folder.dir(), u.options())
	if err != nil {
		return err
	}
	defer func() {
		u.screen.endLive()
		err = errors.Join(unlessCancelled(ctx, err), network.Close())
	}()
	if err := u.makeDefault(network.Network, network.Answering(ctx)); err != nil {
		return err
	}
	accounts, err := network.Balances(ctx)
	if err != nil {
		return err
	}
	page, end, err := u.servePage(ctx, network.Network)
	if err != nil {
		return err
	}
	defer end()
	config := upResult(network.Network, network.Status(ctx), accounts)
	config.Page = page
	if u.configOut != "" {
		b, err := json.MarshalIndent(config, "", "  ")
		if err != nil {
			return err
		}
		if err := home.WriteFile(u.configOut, append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	s.Result(config, func(io.Writer) {
		u.screen.first(network.Network, accounts, network.Ready, time.Since(begin), page)
	})
	u.stay(ctx, network)
	return nil
}

// servePage serves the page about the network, at the usual port where it is free, until
// end is called or ctx ends.
func (u *up) servePage(ctx context.Context, n *testnet.Network) (url string, end func(), err error) {
	trust, err := readTrust(n.TrustFile())
	if err != nil {
		return "", nil, err
	}
	l, err := listenForPage(webPort)
	if err != nil {
		l, err = listenForPage(0)
	}
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan struct{})
	go func() {
		defer close(served)
		node := func() (url, chain string, err error) { return n.Answering(ctx), n.ChainID, nil }
		if err := u.folder.s.servePage(ctx, l, trust, node); err != nil {
			u.screen.report(err)
		}
	}()
	return pageURL(l), func() { cancel(); <-served }, nil
}

func (u *up) options() testnet.UpOptions {
	o := testnet.UpOptions{
		Spec:   testnet.Spec{Accounts: testnet.DevAccounts(), Metrics: u.metrics},
		Reset:  u.reset,
		OnExit: func(_ *testnet.Node, err error) { u.screen.report(err) },
		OnMove: func(n *testnet.Network, m *testnet.Node) {
			u.screen.report(fmt.Errorf("%s answers at %s now: its port was taken", m.Name, m.RPCURL()))
			if err := u.makeDefault(n, n.Nodes[0].RPCURL()); err != nil {
				u.screen.report(err)
			}
		},
	}
	if u.sizeGiven {
		o.Spec.Validators = u.size
	}
	return o
}

// makeDefault makes the network that of this home: nothing need be typed to use it.
func (u *up) makeDefault(n *testnet.Network, url string) error {
	return WriteClientFile(u.folder.s.Global.Home, ClientFile{Node: url, Trust: n.TrustFile(), ChainID: n.ChainID})
}

// stay keeps the live line fresh until told to stop.
func (u *up) stay(ctx context.Context, network *testnet.Supervisor) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if u.screen.live {
			u.screen.status(ctx, network.Network)
		}
		select {
		case <-ctx.Done():
			return
		case <-network.Asked():
			return
		case <-tick.C:
		}
	}
}

func upResult(n *testnet.Network, list []testnet.NodeStatus, accounts []testnet.Account) upJSON {
	out := upJSON{ChainID: n.ChainID, Accounts: []upAccountJSON{}, Trust: n.TrustFile()}
	for i, m := range n.Nodes {
		c := upNodeJSON{
			RPC: m.RPCURL(), P2P: fmt.Sprintf("127.0.0.1:%d", m.P2P), Home: m.Home, PID: list[i].PID,
		}
		if m.MetricsPort != 0 {
			c.Metrics = fmt.Sprintf("http://127.0.0.1:%d/metrics", m.MetricsPort)
		}
		out.Nodes = append(out.Nodes, c)
	}
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, upAccountJSON{a.Name, a.Address, uint64(a.Balance)})
	}
	return out
}
