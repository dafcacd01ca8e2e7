package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"hongbao/client/words"
	"hongbao/testnet/load"
)

type settleJSON struct {
	Idle float64 `json:"idle_core_percent"` // of one core, all validators together; below 0: unknown
	// by which one node grows at rest, consensus' log aside; below 0: unknown
	DiskDay  float64            `json:"disk_bytes_a_day"`
	Payments int                `json:"payments"`           // how many were measured
	Latency  settleLatencyJSON  `json:"latency_ms"`         // of a payment
	Proofs   int                `json:"proofs"`             // how many were measured
	Proof    *settleLatencyJSON `json:"proof_ms,omitempty"` // from send to verified proof
}

type settleLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	P99 float64 `json:"p99"` // of a hundred the slowest takes longer
	Max float64 `json:"max"` // the slowest
}

func settleLatency(took []time.Duration) settleLatencyJSON {
	return settleLatencyJSON{ms(load.Percentile(took, 50)), ms(load.Percentile(took, 95)),
		ms(load.Percentile(took, 99)), ms(slices.Max(took))}
}

// settling is one `testnet settle`.
type settling struct {
	*folder
	on     onNetwork
	cfg    load.SettleConfig
	proofs int
	idle   time.Duration
	under  int // txs a second of other traffic
}

func (f *folder) settleVerb() *Verb {
	t := &settling{folder: f, on: onNetwork{folder: f}, idle: 20 * time.Second}
	t.cfg.Count, t.cfg.Apart = 50, 300*time.Millisecond
	return &Verb{
		Use: "settle",
		Short: words.Both("Measure how long a payment takes on an idle network, and what idling costs",
			"测量空闲网络上一笔付款要多久,空转要花多少"),
		Long: words.Both(`Measure how long a payment takes on an idle network, and what idling costs: the
nodes' share of a core, and the bytes by which a node grows in a day.

With --proofs N also: how long it takes to send a packet, claim it, and verify
the proof of the share. With --under N all of this happens under so many other
transactions a second.`,
			`测量空闲网络上一笔付款要多久,空转要花多少:节点占一个核的几成,一个节点一天
长多少字节。

加 --proofs N 还测:发一个红包、领取、再验证这一份的证明,共要多久。
加 --under N 则在每秒这么多笔其他交易之下测。`),
		Flags: []Flag{
			{&t.cfg.Count, "-n, --count N", "how many payments", "付几笔"},
			{&t.proofs, "--proofs N", "how many packets to send, claim and prove", "发、领、证明几个红包"},
			{&t.under, "--under N", "under so many other transactions a second", "在每秒这么多笔其他交易之下"},
			{&t.cfg.Apart, "--apart DURATION", "the least between two; a random time is added",
				"两笔之间至少隔多久,另加一段随机时间"},
			{&t.idle, "--idle DURATION", "how long to watch the idle network first (Linux)",
				"先看空闲的网络多久(Linux)"},
			t.on.flag(),
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{settleJSON{}},
		Run: func(ctx context.Context, _ []string) (err error) {
			n, end, err := t.on.network(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			return t.run(ctx, n)
		},
	}
}

func (t *settling) run(ctx context.Context, n *measured) (err error) {
	s := t.s
	if len(n.Accounts) < 2 {
		return errors.New("settle: needs two named accounts")
	}
	t.cfg.Node, t.cfg.Chain = n.Nodes[0].RPCURL(), n.ChainID
	t.cfg.Payer, t.cfg.Payee = n.Accounts[0].Name, n.Accounts[1].Name
	if t.cfg.Trust, err = readTrust(n.TrustFile()); err != nil {
		return err
	}
	if t.idle > 0 {
		s.Progress(s.Say("watching the idle network for %s", "看空转的网络%s", t.idle))
	}
	rest, err := load.AtRest(ctx, n.pids, n.homes(), t.idle)
	if err != nil {
		return err
	}
	out := settleJSON{Idle: rest.Percent, DiskDay: rest.DiskDay, Payments: t.cfg.Count, Proofs: t.proofs}
	if err := t.underLoad(ctx, n, func(ctx context.Context) error { return t.measure(ctx, &out) }); err != nil {
		return err
	}
	s.Result(out, func(w io.Writer) { t.print(w, out, rest.Nodes) })
	return nil
}

func (t *settling) measure(ctx context.Context, out *settleJSON) error {
	took, err := load.Settle(ctx, t.cfg)
	if err != nil {
		return err
	}
	out.Latency = settleLatency(took)
	if t.proofs == 0 {
		return nil
	}
	cfg := t.cfg
	cfg.Count = t.proofs
	if took, err = load.Prove(ctx, cfg); err != nil {
		return err
	}
	proof := settleLatency(took)
	out.Proof = &proof
	return nil
}

// underLoad does something while the other traffic lasts, which ends with it.
func (t *settling) underLoad(ctx context.Context, n *measured, do func(context.Context) error) error {
	if t.under == 0 {
		return do(ctx)
	}
	started, done := make(chan struct{}), make(chan error, 1)
	traffic, stop := context.WithCancel(ctx)
	defer stop()
	cfg := load.Config{Rate: t.under, For: min(load.MaxFor, load.MaxTxs/time.Duration(t.under)*time.Second),
		Started: func() { close(started) }}
	cfg.Use(n.Network)
	go func() {
		_, err := load.Run(traffic, cfg)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-started:
	}
	if err := do(ctx); err != nil {
		return err
	}
	select {
	case err := <-done:
		return errors.Join(errors.New("settle: the other traffic ended first"), err)
	default:
	}
	stop()
	<-done
	return nil
}

func (t *settling) print(w io.Writer, out settleJSON, nodes int) {
	s := t.s
	if out.Idle >= 0 {
		fmt.Fprintln(w, s.Say("idle     %.1f %% of one core, %d validators together, over %s",
			"空转  占一个核的%.1f %%,%d个验证人合计,看了%s", out.Idle, nodes, t.idle))
	}
	if out.DiskDay >= 0 {
		fmt.Fprintln(w, s.Say("disk     %.0f MB a day for one node", "磁盘  一个节点一天%.0f MB", out.DiskDay/1e6))
	}
	line := func(what string, l settleLatencyJSON, count int) {
		fmt.Fprintln(w, s.Say("%s  median %.0f ms   p95 %.0f ms   p99 %.0f ms   slowest %.0f ms   of %d",
			"%s  中位%.0f ms   p95 %.0f ms   p99 %.0f ms   最慢%.0f ms   共%d笔",
			what, l.P50, l.P95, l.P99, l.Max, count))
	}
	line(s.Say("payment", "付款"), out.Latency, out.Payments)
	if out.Proof != nil {
		line(s.Say("proof  ", "证明"), *out.Proof, out.Proofs)
	}
}
