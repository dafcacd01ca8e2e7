package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"hongbao/client/words"
	"hongbao/testnet/load"
)

type loadJSON struct {
	Mix       string          `json:"mix"`              // pay, grab, mixed, varied or campaign
	Plain     bool            `json:"plain"`            // packets without clauses
	Rate      int             `json:"rate"`             // due, transactions a second
	Seconds   float64         `json:"seconds"`          // from the first one due to the last one final
	Accounts  int             `json:"accounts"`         // that took part
	Due       int             `json:"due"`              // transactions
	Final     int             `json:"final"`            // of them seen final and successful
	PerSecond float64         `json:"final_per_second"` // those, a second
	Latency   loadLatencyJSON `json:"latency_ms"`       // from the instant at which a transaction was due
	Sustained bool            `json:"sustained"`        // all final once, within a second, and the nodes in step
	Failed    map[string]int  `json:"failed"`           // how many, by error code
	Unknown   int             `json:"unknown"`          // not seen final when the run ended
	Dropped   int             `json:"dropped"`          // never sent, because one before them was lost
	Resent    int             `json:"resent"`           // attempts beyond the first
	Twice     int             `json:"twice"`            // that stand in the chain more than once
	Astray    int             `json:"astray"`           // that do not stand where a node said that they do
	InStep    bool            `json:"in_step"`          // all nodes came to the same state

	Blocks      int       `json:"blocks"`                // in which they stand, empty ones among them
	Bytes       int64     `json:"bytes"`                 // of transactions in blocks
	Writes      uint64    `json:"tree_writes"`           // leaves that the first node wrote
	WritesPerTx float64   `json:"tree_writes_per_tx"`    // those, a transaction
	NodeCPU     []float64 `json:"node_cpu_seconds"`      // of each node; empty: not measured
	OwnCPU      float64   `json:"generator_cpu_seconds"` // of this process
	NodeMemory  []int64   `json:"node_memory_bytes"`     // resident at the end; empty: not measured
	// by which all nodes' folders grew, a transaction, consensus' log aside
	DiskPerTx    float64 `json:"disk_bytes_per_tx"`
	NodeCPUPerTx float64 `json:"node_cpu_us_per_tx"` // of all nodes together
}

type loadLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	P99 float64 `json:"p99"` // of a hundred the slowest takes longer
}

// loading is one `testnet load`.
type loading struct {
	*folder
	cfg       load.Config
	on        onNetwork
	mix       string
	search    bool
	rateGiven bool
	given     time.Duration // --for; 0: not given
	journal   string
}

const (
	loadRate   = 100
	searchRate = 400 // where a search begins
	loadFor    = 20 * time.Second
	searchFor  = time.Minute
)

func (f *folder) loadVerb() *Verb {
	l := &loading{folder: f, on: onNetwork{folder: f}, mix: string(load.Mixed)}
	l.cfg.Rate = loadRate
	return &Verb{
		Use:   "load",
		Short: words.Both("Put the network under real traffic and measure it", "给网络施加真实流量并测量"),
		Long: words.Both(`Put the network under real traffic at a given rate for a given time, or look
for the highest rate that it sustains. All is signed beforehand; each
transaction is due at an instant of its own, and latency counts from there to
the moment its result was read from a node's committed state. Afterwards the
blocks are read: each acknowledged transaction has to stand there once.

  mixed  packets among friends, at work, to strangers: lucky draws, links,
         holds, recalls, returns
  varied mixed, and as many packets by list and for crowds
  grab   packets of a hundred shares, claimed at once
  pay    payments
  campaign  one public packet with a share for each transaction, claimed by as
            many newcomers: 100,000 at --rate 400 --for 250s

Sustained is a rate at which nothing is dropped, every transaction is final
once, 99 of a hundred within a second, and all nodes come to the same state.

The network is the one that runs in the testnet's folder, or with --fresh N one
of N validators made for this alone and removed afterwards. A search with
--fresh makes a new one for each rate that it tries.`,
			`按给定的速率给网络施加真实流量,持续给定的时间;或找出它撑得住的最高速率。
一切事先签好;每笔交易有各自该发出的时刻,延迟从那一刻算到从节点已提交的状态
读到结果为止。之后读出区块:每笔确认过的交易都须在其中出现一次,不多不少。

  mixed  熟人、工作群、陌生人之间的红包:拼手气、链接、暂存、收回、退还
  varied mixed 再加一样多的按名单发的红包和大红包
  grab   一百份的红包,一起抢
  pay    付款
  campaign  一个公开的大红包,每笔交易一份,由同样多的新账户来领:
            --rate 400 --for 250s 就是十万份

撑得住是指:一笔不丢,每笔都终局一次,百分之九十九在一秒以内,所有节点状态一致。

用的是目录里正在运行的网络;加 --fresh N 则单为这一次建一个 N 个验证人的网络,
用完删掉。查找时加 --fresh,每试一个速率都另建一个新网络。`),
		Flags: []Flag{
			{given[int]{&l.cfg.Rate, &l.rateGiven}, "--rate N",
				fmt.Sprintf("transactions a second, at most %d; a search begins there (default of a search: %d)",
					load.MaxRate, searchRate),
				fmt.Sprintf("每秒多少笔交易,最多 %d;查找从这里开始(查找默认 %d)", load.MaxRate, searchRate)},
			{&l.given, "--for DURATION",
				fmt.Sprintf("how long, at most %s (default: %s; of a search: %s)", load.MaxFor, loadFor, searchFor),
				fmt.Sprintf("多久,最长 %s(默认 %s;查找为 %s)", load.MaxFor, loadFor, searchFor)},
			{&l.search, "--search", "look for the highest rate that is sustained", "找出撑得住的最高速率"},
			{&l.mix, "--mix NAME", "what of: " + strings.Join(load.MixNames(), ", "),
				"哪一种:" + strings.Join(load.MixNames(), "、")},
			{&l.cfg.Plain, "--plain", "packets without clauses, of which nothing can be recalled",
				"不带条款、不能收回的红包"},
			{&l.journal, "--journal FILE",
				"write what was sent, and what was acknowledged at which height, to this new file",
				"把发了什么、在哪个高度确认的写进这个新文件"},
			l.on.flag(),
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{loadJSON{}},
		Run: func(ctx context.Context, _ []string) error { return l.run(ctx) },
	}
}

func (l *loading) run(ctx context.Context) (err error) {
	l.cfg.Mix, l.cfg.For = load.Mix(l.mix), l.given
	if l.search && !l.rateGiven {
		l.cfg.Rate = searchRate
	}
	if l.cfg.For == 0 {
		if l.cfg.For = loadFor; l.search {
			l.cfg.For = searchFor
		}
	}
	if !slices.Contains(load.MixNames(), l.mix) {
		return usagef("--mix %s: one of %s", l.mix, strings.Join(load.MixNames(), ", "))
	}
	if l.journal != "" {
		file, err := os.OpenFile(l.journal, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer file.Close()
		l.cfg.Journal = file
	}
	var r *load.Report
	if l.search {
		r, err = load.Search(ctx, l.cfg.Rate, l.cfg.For, l.measure, l.probed)
	} else {
		r, err = l.measure(ctx, l.cfg.Rate, l.cfg.For)
	}
	if err != nil {
		return err
	}
	out := loadResult(r)
	l.s.Result(out, func(w io.Writer) { printLoad(w, l.s.Lang(), out) })
	return nil
}

// measure makes one run: on the network that runs, or on one made for this run alone.
func (l *loading) measure(ctx context.Context, rate int, lasts time.Duration) (r *load.Report, err error) {
	n, end, err := l.on.network(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	cfg := l.cfg
	cfg.Use(n.Network)
	cfg.Rate, cfg.For, cfg.PIDs, cfg.Progress = rate, lasts, n.pids, l.progress
	return load.Run(ctx, cfg)
}

func (l *loading) progress(stage load.Stage, count int) {
	s := l.s
	switch stage {
	case load.Funding:
		s.Progress(s.Say("funding %d accounts", "给%d个账户打款", count))
	case load.Signing:
		s.Progress(s.Say("signing %d transactions", "签%d笔交易", count))
	case load.Running:
		s.Progress(s.Say("%d transactions a second", "每秒%d笔", count))
	case load.Checking:
		s.Progress(s.Say("reading %d blocks", "读%d个区块", count))
	}
}

// probed says how a run of a search ended.
func (l *loading) probed(r *load.Report) {
	verdict := l.s.Say("not sustained", "撑不住")
	if r.Sustained() {
		verdict = l.s.Say("sustained", "撑得住")
	}
	l.s.Progress(l.s.Say("%d a second for %s: %s; %d of %d final, p99 %.0f ms",
		"每秒%d笔,持续%s:%s;%d/%d笔完成,p99 %.0f ms",
		r.Rate, r.For, verdict, r.Final, r.Due, ms(r.Percentile(99))))
}

func loadResult(r *load.Report) loadJSON {
	out := loadJSON{
		Mix: string(r.Mix), Plain: r.Plain, Rate: r.Rate, Seconds: r.Seconds, Accounts: r.Accounts, Due: r.Due,
		Final: r.Final, PerSecond: r.PerSecond(),
		Latency:   loadLatencyJSON{ms(r.Percentile(50)), ms(r.Percentile(95)), ms(r.Percentile(99))},
		Sustained: r.Sustained(), Failed: r.Failed, Unknown: r.Unknown, Dropped: r.Dropped(), Resent: r.Resent,
		Twice: r.Twice, Astray: r.Astray, InStep: r.InStep,
		Blocks: r.Blocks, Bytes: r.Bytes, Writes: r.Writes, WritesPerTx: r.PerTx(float64(r.Writes)),
		NodeCPU: []float64{}, OwnCPU: r.OwnCPU.Seconds(), NodeMemory: append([]int64{}, r.NodeMemory...),
		DiskPerTx: r.PerTx(float64(r.Disk)), NodeCPUPerTx: r.PerTx(float64(r.CPU().Microseconds())),
	}
	for _, d := range r.NodeCPU {
		out.NodeCPU = append(out.NodeCPU, d.Seconds())
	}
	return out
}

func printLoad(w io.Writer, l words.Lang, out loadJSON) {
	say := func(en, zh string, args ...any) { fmt.Fprintln(w, l.Say(en, zh, args...)) }
	say("final      %d of %d in %.1f s: %.0f a second (due: %d)", "完成  %d/%d笔,用时%.1f秒:每秒%.0f笔(应发%d笔)",
		out.Final, out.Due, out.Seconds, out.PerSecond, out.Rate)
	say("latency    p50 %.0f ms   p95 %.0f ms   p99 %.0f ms", "延迟  p50 %.0f ms   p95 %.0f ms   p99 %.0f ms",
		out.Latency.P50, out.Latency.P95, out.Latency.P99)
	say("chain      %d blocks, %d bytes of transactions", "链    %d个区块,交易%d字节", out.Blocks, out.Bytes)
	say("a tx       %.2f tree writes, %.0f bytes of disk on all nodes", "每笔  写树%.2f次,所有节点磁盘%.0f字节",
		out.WritesPerTx, out.DiskPerTx)
	if len(out.NodeCPU) > 0 {
		say("processor  %s s for the nodes, %.0f µs a tx; %.1f s here", "处理器  节点%s秒,每笔%.0f µs;本进程%.1f秒",
			joined(out.NodeCPU, "%.1f"), out.NodeCPUPerTx, out.OwnCPU)
	}
	if len(out.NodeMemory) > 0 {
		var mb []float64
		for _, b := range out.NodeMemory {
			mb = append(mb, float64(b)/1e6)
		}
		say("memory     %s MB for the nodes", "内存  节点%s MB", joined(mb, "%.0f"))
	}
	failed := 0
	for _, n := range out.Failed {
		failed += n
	}
	say("otherwise  %d failed, %d unknown, %d dropped, %d sent again", "其他  失败%d笔,未知%d笔,丢掉%d笔,重发%d笔",
		failed, out.Unknown, out.Dropped, out.Resent)
	for _, code := range slices.Sorted(maps.Keys(out.Failed)) {
		say("           %d %s", "      %d %s", out.Failed[code], code)
	}
	switch {
	case out.Twice+out.Astray > 0:
		say("BROKEN     %d stand twice, %d not where they were acknowledged", "不一致  %d笔出现多次,%d笔不在确认的位置",
			out.Twice, out.Astray)
	case !out.InStep:
		say("BROKEN     the nodes did not come to the same state", "不一致  各节点的状态不相同")
	case out.Sustained:
		say("sustained  every tx final once, all nodes in step", "撑得住  每笔终局一次,所有节点同步")
	default:
		say("not sustained; but what is final stands once, and all nodes are in step",
			"撑不住;但终局的都只出现一次,所有节点同步")
	}
}

// joined is a list of numbers with spaces between.
func joined(list []float64, format string) string {
	var parts []string
	for _, x := range list {
		parts = append(parts, fmt.Sprintf(format, x))
	}
	return strings.Join(parts, " ")
}
