package testnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/internal/home"

	"github.com/spf13/cobra"
)

// readyTimeout bounds the wait for a block, on a machine that may be busy with
// something else.
const readyTimeout = 2 * time.Minute

func upCommand() *cobra.Command {
	var u up
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the network and stay with it; Ctrl-C stops it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s := cli.From(c)
			if u.size < 1 || u.size > MaxValidators {
				return cli.Fail(cli.ExitUsage, "usage", "-n %d: 1 to %d validators", u.size, MaxValidators)
			}
			u.session, u.dir = s, dirOf(c)
			u.sizeGiven = c.Flags().Changed("validators")
			if s.Global.Home != home.Usual() { // another terminal need not have this environment
				u.homeFlag = " --home " + cli.ShellWord(s.Global.Home)
			}
			u.dirFlag = dirFlag(c)
			u.out, u.err, u.lang = s.Stdout, s.Stderr, s.Lang()
			u.live = isTerminal(u.out) && s.Global.Output != "json"
			// After the first signal the default is back, so that a second
			// Ctrl-C ends even a supervisor that is stuck; the nodes see their
			// pipes close.
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			context.AfterFunc(ctx, stop)
			return told(c, u.run(ctx))
		},
	}
	c.Flags().IntVarP(&u.size, "validators", "n", DefaultValidators, fmt.Sprintf("how many, 1 to %d; those of a kept network if not given", MaxValidators))
	c.Flags().BoolVar(&u.reset, "reset", false, "forget the network kept in the folder and make a new one")
	c.Flags().BoolVar(&u.metrics, "metrics", false, "serve CometBFT's Prometheus metrics (new networks)")
	c.Flags().StringVar(&u.configOut, "config-out", "", "write addresses, ports and pids to this file when ready")
	return c
}

// up is one `testnet up`.
type up struct {
	screen
	session   *cli.Session
	dir       string
	size      int
	sizeGiven bool
	reset     bool
	metrics   bool
	configOut string
}

func (u *up) run(ctx context.Context) (err error) {
	n, err := u.open()
	if err != nil {
		return err
	}
	n.OnExit = func(_ *Node, err error) { u.report(err) }
	n.OnMove = func(m *Node) {
		u.report(fmt.Errorf("%s answers at %s now: its port was taken", m.Name, m.RPCURL()))
		if err := n.WriteClientFile(u.session.Global.Home); err != nil {
			u.report(err)
		}
	}
	begin := time.Now()
	defer func() {
		u.endLive()
		// Being told to stop is how this command ends well.
		err = errors.Join(unlessCancelled(ctx, err), n.Close())
	}()
	if err := n.Start(ctx); err != nil {
		return err
	}
	ready, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := n.WaitReady(ready); err != nil {
		return err
	}
	ctl, err := serveControl(n)
	if err != nil {
		return err
	}
	defer ctl.close()
	if err := n.writeClientFile(u.session.Global.Home, n.answering(ctx)); err != nil {
		return err
	}
	accounts, err := n.balances(ctx)
	if err != nil {
		return err
	}
	config := n.configOut(accounts)
	if u.configOut != "" {
		if err := writeJSON(u.configOut, config); err != nil {
			return err
		}
	}
	list := n.Status(ctx)
	u.session.Result(config, func(io.Writer) { u.first(n, accounts, list, time.Since(begin)) })
	u.stay(ctx, n, ctl.down)
	return nil
}

func unlessCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// open loads the kept network or makes one.
func (u *up) open() (*Network, error) {
	if u.reset {
		if err := Reset(u.dir); err != nil {
			return nil, err
		}
	}
	n, err := Load(u.dir)
	if errors.Is(err, ErrNotThere) {
		return Generate(u.dir, Spec{Validators: u.size, Accounts: DevAccounts(), Metrics: u.metrics})
	}
	if err == nil && u.sizeGiven && u.size != len(n.Nodes) {
		return nil, cli.Fail(cli.ExitUsage, "usage", "testnet %s: has %d validators, not %d", u.dir, len(n.Nodes), u.size).
			WithHint("--reset forgets it and makes a new one", "--reset 会丢掉它,重新建一个")
	}
	return n, err
}

// stay keeps the live line fresh until told to stop.
func (u *up) stay(ctx context.Context, n *Network, down <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if u.live {
			u.status(ctx, n)
		}
		select {
		case <-ctx.Done():
			return
		case <-down:
			return
		case <-tick.C:
		}
	}
}

// WriteClientFile makes this network the default of a client's home, by its
// first node.
func (n *Network) WriteClientFile(dir string) error {
	return n.writeClientFile(dir, n.Nodes[0].RPCURL())
}

func (n *Network) writeClientFile(dir, url string) error {
	return cli.WriteClientFile(dir, cli.ClientFile{Node: url, Trust: n.TrustFile(), ChainID: n.ChainID})
}

// answering is where the first node that is in step answers.
func (n *Network) answering(ctx context.Context) string {
	for _, s := range n.Status(ctx) {
		if s.InStep {
			return s.RPC
		}
	}
	return n.Nodes[0].RPCURL()
}

// configJSON is what --config-out writes; scripts rely on its names.
type configJSON struct {
	ChainID  string           `json:"chain_id"`
	Nodes    []configNodeJSON `json:"nodes"` // in order of number
	Accounts []accountJSON    `json:"accounts"`
	Trust    string           `json:"trust"` // the trust file
}

type configNodeJSON struct {
	RPC     string `json:"rpc"`               // for --node
	P2P     string `json:"p2p"`               // for its peers
	Home    string `json:"home"`              // its folder
	PID     int    `json:"pid"`               // of its process
	Metrics string `json:"metrics,omitempty"` // where Prometheus asks
}

// balances are the network's accounts with what they hold now: a kept network's
// have spent.
func (n *Network) balances(ctx context.Context) ([]Account, error) {
	client, err := rpc.Dial(n.answering(ctx))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	accounts := slices.Clone(n.Accounts)
	for i := range accounts {
		leaf, _, err := client.Account(ctx, accounts[i].Address)
		if err != nil {
			return nil, err
		}
		if accounts[i].Balance = 0; leaf != nil {
			accounts[i].Balance = leaf.Balance
		}
	}
	return accounts, nil
}

func (n *Network) configOut(accounts []Account) configJSON {
	out := configJSON{ChainID: n.ChainID, Accounts: accountsJSON(accounts), Trust: n.TrustFile()}
	for _, m := range n.Nodes {
		c := configNodeJSON{
			RPC: m.RPCURL(), P2P: fmt.Sprintf("127.0.0.1:%d", m.P2P),
			Home: m.Home, PID: n.processStatus(m).PID,
		}
		if m.MetricsPort != 0 {
			c.Metrics = fmt.Sprintf("http://127.0.0.1:%d/metrics", m.MetricsPort)
		}
		out.Nodes = append(out.Nodes, c)
	}
	return out
}
