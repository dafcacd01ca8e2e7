package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"hongbao/client/cli"
	"hongbao/testnet"
)

// Command is `hongbao testnet load`.
func Command() *cobra.Command {
	cfg := Config{}
	var journal string
	var fresh int
	c := &cobra.Command{
		Use:   "load",
		Short: "Put the network under real traffic and measure it",
		Long: `Put the network under real traffic: send, claim, recall and pay, signed
beforehand, at a given rate for a given time. Prints finalised transactions a
second and the latency that the client sees.

The network is the one that runs in the testnet's folder, or with --fresh N one
of N validators made for this alone and removed afterwards.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			s := cli.From(c)
			n, end, err := network(c, fresh)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			if journal != "" {
				f, err := os.OpenFile(journal, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
				if err != nil {
					return err
				}
				defer f.Close()
				cfg.Journal = f
			}
			cfg.use(n)
			cfg.Progress, cfg.Lang = progressTo(s), s.Lang()
			report, err := Run(c.Context(), cfg)
			if err != nil {
				return err
			}
			s.Result(report.json(cfg), func(w io.Writer) { report.print(w, cfg) })
			return nil
		},
	}
	c.Flags().IntVar(&cfg.Rate, "rate", 100, fmt.Sprintf("transactions a second, at most %d", MaxRate))
	c.Flags().DurationVar(&cfg.For, "for", 20*time.Second, fmt.Sprintf("how long, at most %s", MaxFor))
	c.Flags().IntVar(&cfg.Groups, "groups", 0,
		fmt.Sprintf("groups of %d accounts, at most %d; 0: as many as the rate needs", groupSize, maxGroups))
	c.Flags().StringVar(&journal, "journal", "",
		"write what was sent, and what was acknowledged at which height, to this new file")
	freshFlag(c, &fresh)
	return c
}

func freshFlag(c *cobra.Command, fresh *int) {
	c.Flags().IntVar(fresh, "fresh", 0, "make a network of so many validators for this alone")
}

// progressTo writes progress where the session does, or nowhere.
func progressTo(s *cli.Session) io.Writer {
	if s.Global.Quiet {
		return nil
	}
	return s.Stderr
}

// network is the running one, or a fresh one; end lets go of it.
func network(c *cobra.Command, fresh int) (n *testnet.Network, end func() error, err error) {
	if fresh > 0 {
		return testnet.Temporary(c.Context(), testnet.Spec{Validators: fresh, Accounts: testnet.DevAccounts()})
	}
	dir := filepath.Join(cli.From(c).Global.Home, "testnet")
	if f := c.Flag("dir"); f != nil && f.Value.String() != "" {
		dir = f.Value.String()
	}
	n, err = testnet.Load(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, testnet.ErrNotThere) {
		return nil, nil, cli.Fail(cli.ExitUnreachable, "no_network", "%v", err).
			WithHint("start one with %s testnet up, or add --fresh 4", "用 %s testnet up 启动一个,或加上 --fresh 4",
				cli.From(c).ProgramHere())
	}
	return n, func() error { return nil }, err
}

// use points the run at a network.
func (c *Config) use(n *testnet.Network) {
	c.Chain = n.ChainID
	c.Nodes, c.Funders = nil, nil
	for _, m := range n.Nodes {
		c.Nodes = append(c.Nodes, m.RPCURL())
	}
	for _, a := range n.Accounts {
		c.Funders = append(c.Funders, a.Name)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r *Report) json(c Config) loadJSON {
	return loadJSON{
		Rate: c.Rate, Seconds: r.Seconds, Groups: c.Groups, Final: r.Final, PerSecond: r.PerSecond(),
		Latency: loadLatencyJSON{ms(r.Percentile(50)), ms(r.Percentile(95)), ms(r.Percentile(99))},
		Failed:  r.Failed, Unknown: r.Unknown, Resent: r.Resent, Writes: r.Writes, WritesPerTx: r.writesPerTx(),
	}
}

func (r *Report) writesPerTx() float64 {
	if r.Final == 0 {
		return 0
	}
	return float64(r.Writes) / float64(r.Final)
}

func (r *Report) print(w io.Writer, c Config) {
	say := func(en, zh string, args ...any) { fmt.Fprintln(w, c.Lang.Say(en, zh, args...)) }
	say("final      %d in %.1f s: %.0f a second (aimed at %d)", "完成  %d笔,用时%.1f秒:每秒%.0f笔(目标%d)", r.Final, r.Seconds,
		r.PerSecond(), c.Rate)
	say("latency    p50 %.0f ms   p95 %.0f ms   p99 %.0f ms", "延迟  p50 %.0f ms   p95 %.0f ms   p99 %.0f ms",
		ms(r.Percentile(50)), ms(r.Percentile(95)), ms(r.Percentile(99)))
	say("tree       %.2f writes a transaction", "写树  每笔%.2f次", r.writesPerTx())
	failed := 0
	for _, n := range r.Failed {
		failed += n
	}
	say("otherwise  %d failed, %d unknown, %d sent again", "其他  失败%d笔,未知%d笔,重发%d笔", failed, r.Unknown, r.Resent)
	codes := make([]string, 0, len(r.Failed))
	for code := range r.Failed {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		say("           %d %s", "      %d %s", r.Failed[code], code)
	}
}

// SettleCommand is `hongbao testnet settle`.
func SettleCommand() *cobra.Command {
	cfg := SettleConfig{}
	var fresh int
	c := &cobra.Command{
		Use:   "settle",
		Short: "Measure how long a payment takes on an idle network, and what idling costs",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			s := cli.From(c)
			n, end, err := network(c, fresh)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			if len(n.Accounts) < 2 {
				return errors.New("settle: needs two named accounts")
			}
			cfg.Node, cfg.Chain = n.Nodes[0].RPCURL(), n.ChainID
			cfg.Payer, cfg.Payee = n.Accounts[0].Name, n.Accounts[1].Address
			cfg.Progress, cfg.Lang = progressTo(s), s.Lang()
			var pids []int
			for _, st := range n.Status(c.Context()) {
				if st.PID > 0 {
					pids = append(pids, st.PID)
				}
			}
			idle, err := idleShare(c.Context(), pids, cfg)
			if err != nil {
				return err
			}
			took, err := Settle(c.Context(), cfg)
			if err != nil {
				return err
			}
			s.Result(settleJSON{
				Payments: len(took), Idle: idle,
				Latency: settleLatencyJSON{ms(Percentile(took, 50)), ms(Percentile(took, 95)), ms(slices.Max(took))},
			}, func(w io.Writer) {
				if idle >= 0 {
					fmt.Fprintln(w, s.Say("idle     %.1f %% of one core, %d validators together, over %s",
						"空转  占一个核的%.1f %%,%d个验证人合计,看了%s", idle, len(pids), cfg.Idle))
				}
				fmt.Fprintln(w, s.Say("payment  median %.0f ms   p95 %.0f ms   slowest %.0f ms   of %d",
					"付款  中位%.0f ms   p95 %.0f ms   最慢%.0f ms   共%d笔",
					ms(Percentile(took, 50)), ms(Percentile(took, 95)), ms(slices.Max(took)), len(took)))
			})
			return nil
		},
	}
	c.Flags().IntVarP(&cfg.Count, "count", "n", 50, "how many payments")
	c.Flags().DurationVar(&cfg.Apart, "apart", 300*time.Millisecond, "the least between two; a random time is added")
	c.Flags().DurationVar(&cfg.Idle, "idle", 20*time.Second, "how long to watch the idle network first (Linux)")
	freshFlag(c, &fresh)
	return c
}

// idleShare is the percent of one core that the processes use over cfg.Idle;
// -1 where that is not measured.
func idleShare(ctx context.Context, pids []int, cfg SettleConfig) (float64, error) {
	before, ok := cpuTime(pids)
	if cfg.Idle <= 0 || !ok || len(pids) == 0 {
		return -1, nil
	}
	if cfg.Progress != nil {
		fmt.Fprintln(cfg.Progress, cfg.Lang.Say("watching the idle network for %s", "看空转的网络%s", cfg.Idle))
	}
	begin := time.Now()
	sleep(ctx, cfg.Idle)
	after, ok := cpuTime(pids)
	if !ok {
		return -1, ctx.Err()
	}
	return 100 * (after - before).Seconds() / time.Since(begin).Seconds(), ctx.Err()
}
