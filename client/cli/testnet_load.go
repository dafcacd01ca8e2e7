package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"hongbao/client/words"
	"hongbao/testnet"
	"hongbao/testnet/load"
)

type loadJSON struct {
	Rate        int             `json:"rate"`             // aimed at, transactions a second
	Seconds     float64         `json:"seconds"`          // from the first one to the last one final
	Groups      int             `json:"groups"`           // of accounts
	Final       int             `json:"final"`            // transactions seen final and successful
	PerSecond   float64         `json:"final_per_second"` // those, a second
	Latency     loadLatencyJSON `json:"latency_ms"`
	Failed      map[string]int  `json:"failed"`             // how many, by error code
	Unknown     int             `json:"unknown"`            // not seen final when the run ended
	Resent      int             `json:"resent"`             // attempts beyond the first
	Writes      uint64          `json:"tree_writes"`        // leaves that the first node wrote
	WritesPerTx float64         `json:"tree_writes_per_tx"` // those, a transaction
}

type loadLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	P99 float64 `json:"p99"` // of a hundred the slowest takes longer
}

type settleJSON struct {
	Payments int               `json:"payments"`          // how many were measured
	Idle     float64           `json:"idle_core_percent"` // of one core, all validators together; below 0: not measured
	Latency  settleLatencyJSON `json:"latency_ms"`
}

type settleLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	Max float64 `json:"max"` // the slowest
}

// onNetwork is the network that a measurement runs on.
type onNetwork struct {
	folder *folder
	fresh  int // validators of a network made for this alone; 0: the one that runs
}

func (o *onNetwork) flag() Flag {
	return Flag{&o.fresh, "--fresh N", "make a network of so many validators for this alone",
		"单为这一次建一个有这么多验证人的网络"}
}

// network is the running one, or a fresh one; end lets go of it.
func (o *onNetwork) network(ctx context.Context) (n *testnet.Network, end func() error, err error) {
	if o.fresh > 0 {
		return testnet.Temporary(ctx, testnet.Spec{Validators: o.fresh, Accounts: testnet.DevAccounts()})
	}
	n, err = testnet.Load(o.folder.dir())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, testnet.ErrNotThere) {
		return nil, nil, Fail(ExitUnreachable, "no_network", "%v", err).
			WithHint("start one with %s testnet up%s, or add --fresh 4", "用 %s testnet up%s 启动一个,或加上 --fresh 4",
				o.folder.s.ProgramHere(), o.folder.again())
	}
	return n, func() error { return nil }, err
}

func (f *folder) loadVerb() *Verb {
	cfg := load.Config{Rate: 100, For: 20 * time.Second}
	on := &onNetwork{folder: f}
	var journal string
	return &Verb{
		Use:   "load",
		Short: words.Both("Put the network under real traffic and measure it", "给网络施加真实流量并测量"),
		Long: words.Both(`Put the network under real traffic: send, claim, recall and pay, signed
beforehand, at a given rate for a given time. Prints finalised transactions a
second and the latency that the client sees.

The network is the one that runs in the testnet's folder, or with --fresh N one
of N validators made for this alone and removed afterwards.`,
			`给网络施加真实流量:发、领、收回和付款,事先签好,按给定的速率持续给定的时间。
打印每秒终局的交易数和客户端看到的延迟。

用的是目录里正在运行的网络;加 --fresh N 则单为这一次建一个 N 个验证人的网络,
用完删掉。`),
		Flags: []Flag{
			{&cfg.Rate, "--rate N", fmt.Sprintf("transactions a second, at most %d", load.MaxRate),
				fmt.Sprintf("每秒多少笔交易,最多 %d", load.MaxRate)},
			{&cfg.For, "--for DURATION",
				fmt.Sprintf("how long, at most %s", load.MaxFor), fmt.Sprintf("多久,最长 %s", load.MaxFor)},
			{&cfg.Groups, "--groups N",
				fmt.Sprintf("groups of %d accounts, at most %d; 0: as many as the rate needs",
					load.GroupSize, load.MaxGroups),
				fmt.Sprintf("几组账户,每组 %d 个,最多 %d 组;0 表示按速率需要", load.GroupSize, load.MaxGroups)},
			{&journal, "--journal FILE",
				"write what was sent, and what was acknowledged at which height, to this new file",
				"把发了什么、在哪个高度确认的写进这个新文件"},
			on.flag(),
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{loadJSON{}},
		Run: func(ctx context.Context, _ []string) (err error) {
			n, end, err := on.network(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			if journal != "" {
				file, err := os.OpenFile(journal, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
				if err != nil {
					return err
				}
				defer file.Close()
				cfg.Journal = file
			}
			cfg.Use(n)
			return f.load(ctx, cfg)
		},
	}
}

func (f *folder) load(ctx context.Context, cfg load.Config) error {
	s := f.s
	cfg.Progress = func(stage load.Stage, count int) {
		switch stage {
		case load.Funding:
			s.Progress(s.Say("funding %d accounts", "给%d个账户打款", count))
		case load.Signing:
			s.Progress(s.Say("signing %d transactions", "签%d笔交易", count))
		case load.Running:
			s.Progress(s.Say("%d groups, %d transactions a second, %s", "%d组,每秒%d笔,共%s", count, cfg.Rate, cfg.For))
		}
	}
	r, err := load.Run(ctx, cfg)
	if err != nil {
		return err
	}
	out := loadJSON{
		Rate: cfg.Rate, Seconds: r.Seconds, Groups: r.Groups, Final: r.Final, PerSecond: r.PerSecond(),
		Latency: loadLatencyJSON{ms(r.Percentile(50)), ms(r.Percentile(95)), ms(r.Percentile(99))},
		Failed:  r.Failed, Unknown: r.Unknown, Resent: r.Resent, Writes: r.Writes, WritesPerTx: r.WritesPerTx(),
	}
	s.Result(out, func(w io.Writer) { printLoad(w, s.Lang(), out) })
	return nil
}

func printLoad(w io.Writer, l words.Lang, out loadJSON) {
	say := func(en, zh string, args ...any) { fmt.Fprintln(w, l.Say(en, zh, args...)) }
	say("final      %d in %.1f s: %.0f a second (aimed at %d)", "完成  %d笔,用时%.1f秒:每秒%.0f笔(目标%d)",
		out.Final, out.Seconds, out.PerSecond, out.Rate)
	say("latency    p50 %.0f ms   p95 %.0f ms   p99 %.0f ms", "延迟  p50 %.0f ms   p95 %.0f ms   p99 %.0f ms",
		out.Latency.P50, out.Latency.P95, out.Latency.P99)
	say("tree       %.2f writes a transaction", "写树  每笔%.2f次", out.WritesPerTx)
	failed := 0
	for _, n := range out.Failed {
		failed += n
	}
	say("otherwise  %d failed, %d unknown, %d sent again", "其他  失败%d笔,未知%d笔,重发%d笔",
		failed, out.Unknown, out.Resent)
	for _, code := range slices.Sorted(maps.Keys(out.Failed)) {
		say("           %d %s", "      %d %s", out.Failed[code], code)
	}
}

func (f *folder) settleVerb() *Verb {
	cfg := load.SettleConfig{Count: 50, Apart: 300 * time.Millisecond}
	on, idle := &onNetwork{folder: f}, 20*time.Second
	return &Verb{
		Use: "settle",
		Short: words.Both("Measure how long a payment takes on an idle network, and what idling costs",
			"测量空闲网络上一笔付款要多久,空转要花多少"),
		Flags: []Flag{
			{&cfg.Count, "-n, --count N", "how many payments", "付几笔"},
			{&cfg.Apart, "--apart DURATION", "the least between two; a random time is added",
				"两笔之间至少隔多久,另加一段随机时间"},
			{&idle, "--idle DURATION", "how long to watch the idle network first (Linux)", "先看空闲的网络多久(Linux)"},
			on.flag(),
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{settleJSON{}},
		Run: func(ctx context.Context, _ []string) (err error) {
			n, end, err := on.network(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			return f.settle(ctx, n, cfg, idle)
		},
	}
}

func (f *folder) settle(ctx context.Context, n *testnet.Network, cfg load.SettleConfig, idle time.Duration) error {
	s := f.s
	if len(n.Accounts) < 2 {
		return errors.New("settle: needs two named accounts")
	}
	cfg.Node, cfg.Chain = n.Nodes[0].RPCURL(), n.ChainID
	cfg.Payer, cfg.Payee = n.Accounts[0].Name, n.Accounts[1].Address
	share, nodes, err := load.IdleShare(ctx, n, idle, func() {
		s.Progress(s.Say("watching the idle network for %s", "看空转的网络%s", idle))
	})
	if err != nil {
		return err
	}
	took, err := load.Settle(ctx, cfg)
	if err != nil {
		return err
	}
	out := settleJSON{Payments: len(took), Idle: share, Latency: settleLatencyJSON{
		ms(load.Percentile(took, 50)), ms(load.Percentile(took, 95)), ms(slices.Max(took)),
	}}
	s.Result(out, func(w io.Writer) {
		if share >= 0 {
			fmt.Fprintln(w, s.Say("idle     %.1f %% of one core, %d validators together, over %s",
				"空转  占一个核的%.1f %%,%d个验证人合计,看了%s", share, nodes, idle))
		}
		fmt.Fprintln(w, s.Say("payment  median %.0f ms   p95 %.0f ms   slowest %.0f ms   of %d",
			"付款  中位%.0f ms   p95 %.0f ms   最慢%.0f ms   共%d笔",
			out.Latency.P50, out.Latency.P95, out.Latency.Max, len(took)))
	})
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
