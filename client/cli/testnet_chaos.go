package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"hongbao/client/words"
	"hongbao/testnet/chaos"
)

type chaosJSON struct {
	Seed    uint64           `json:"seed"`    // of what was chosen by chance
	Full    bool             `json:"full"`    // the long campaign
	Held    bool             `json:"held"`    // every fault was done as planned, and no promise was broken
	Seconds float64          `json:"seconds"` // that it took; of a list: that it is expected to take
	Faults  []chaosFaultJSON `json:"faults"`  // in the order in which they happened
}

type chaosFaultJSON struct {
	Fault      string           `json:"fault"`               // its name, as --only takes it
	Times      int              `json:"times"`               // that it was done
	Skipped    string           `json:"skipped,omitempty"`   // why it was not tried
	Undone     string           `json:"undone,omitempty"`    // why it was not done as often as planned, in English
	Held       bool             `json:"held"`                // it was done as planned, and no promise was broken
	Broken     []chaosBreakJSON `json:"broken"`              // promises
	BackMedian float64          `json:"back_median_seconds"` // from its end to new blocks on every node
	BackMax    float64          `json:"back_max_seconds"`    // of these the longest
	Acked      int              `json:"acknowledged"`        // transactions meanwhile
	P50        float64          `json:"latency_p50_ms"`      // of those, from the first attempt
	P99        float64          `json:"latency_p99_ms"`      // of a hundred the slowest takes longer
	Packets    int              `json:"packets"`             // whose whole histories were judged
	Blocks     int64            `json:"blocks"`              // made meanwhile
	Seconds    float64          `json:"seconds"`             // of all; of a list: that it is expected to take
	Figures    []string         `json:"figures"`             // what else was measured, in English
}

type chaosBreakJSON struct {
	Promise string `json:"promise"` // its letter, as in docs/evidence.md
	Text    string `json:"text"`    // what was seen, in English
	Late    bool   `json:"late"`    // it held, and later than promised
}

// unleashing is one `testnet chaos`.
type unleashing struct {
	*folder
	cfg   chaos.Config
	quick bool
	seed  int64
	list  bool
}

func (f *folder) chaosVerb() *Verb {
	u := &unleashing{folder: f, cfg: chaos.Config{Rate: chaos.DefaultRate}}
	return &Verb{
		Use: "chaos",
		Short: words.Both("Attack networks made for this, and hold what was promised against them",
			"攻击专门新建的网络,看承诺守不守得住"),
		Long: words.Both(`Attack real validators, each a process of its own, while they are under real
traffic: kill and stop them, part them, lose and delay their packets, damage
their files, fill their disks, use their keys twice, flood them. After each
fault all blocks of all nodes are read, and the promises are held against them:

  H  every node has the same blocks and states
  S  all money adds up to the supply
  X  what a client was told stands in one block, there; nothing else does
  P  what becomes of each packet adds up; nobody has two shares of one
  R  nothing is claimed or recalled outside its time, clause or consents
  T  every node has every transaction's record
  L  new blocks on every node within ten seconds after the fault
  V  every packet's proof verifies: whole histories, judged again
  E  no node votes twice, whatever happened to its files
  A  a node stops in one line that says what to do, or not at all

The networks are made for this alone, and removed. It takes some minutes, with
--full hours, and ends by itself. Faults of the network need Linux, and
namespaces that an ordinary user may make; elsewhere they are left out, and the
table says so. Exit code 1 says that a promise was broken, or held later than
it says, or that a fault could not be done.`,
			`在真实流量之下攻击真实的验证人(各是一个进程):结束、停住、分割网络、丢包、
延迟、损坏文件、填满磁盘、同一把密钥用两次、洪水。每种故障之后读出所有节点的
所有区块,逐条核对承诺:

  H  所有节点的区块和状态相同
  S  所有的钱加起来等于总量
  X  告诉过客户的交易在那个区块里,只出现一次;没有别的
  P  每个红包的去向加得起来;没有人在一个红包里有两份
  R  没有在期限、条款、同意之外的领取或撤回
  T  每个节点都有每笔交易的记录
  L  故障之后十秒内每个节点都有新区块
  V  每个红包的证明都成立:整段历史重新判一遍
  E  不管文件出了什么事,没有节点重复投票
  A  节点要么用一行话说清怎么办再停,要么不停

网络是专门新建的,用完删掉。要几分钟,--full 要几小时,自己会结束。网络类故障
需要 Linux 和普通用户能建的命名空间;不行的话就跳过,表里会写明。
退出码 1 表示有承诺没守住、守得太晚,或有故障没做成。`),
		Flags: []Flag{
			{&u.quick, "--quick", "the short campaign, within ten minutes on two cores (default)",
				"短的一轮,两个核十分钟以内(默认)"},
			{&u.cfg.Full, "--full", "the long campaign: each fault many times", "长的一轮:每种故障许多次"},
			{&u.cfg.Only, "--only NAME", "faults whose name holds this", "只做名字里有这个的故障"},
			{&u.cfg.Times, "--times N", "how often each, instead", "每种做几次"},
			{&u.list, "--list", "list the faults, and do nothing", "列出故障,什么也不做"},
			{&u.cfg.Rate, "--rate N", "transactions a second, of small and large packets", "每秒多少笔大小红包的交易"},
			{&u.cfg.Proofs, "--proofs DIR", "keep some of the proofs here, each network's beside its trust file, for " +
				"another verifier", "把一部分证明留在这里,和各网络的信任文件一起,给别的验证程序"},
			{&u.seed, "--seed N", "of what is chosen by chance (default: a new one)", "随机选择的种子(默认:新的)"},
		},
		Reach: AtHome, Results: []any{chaosJSON{}},
		Run: func(ctx context.Context, _ []string) error { return u.run(ctx) },
	}
}

func (u *unleashing) run(ctx context.Context) error {
	s := u.s
	if u.quick && u.cfg.Full {
		return usagef("--quick and --full exclude each other")
	}
	if u.cfg.Times < 0 || u.cfg.Times > maxChaosTimes {
		return usagef("--times %d: from 1 to %d", u.cfg.Times, maxChaosTimes)
	}
	if u.cfg.Rate < 1 || u.cfg.Rate > maxChaosRate {
		return usagef("--rate %d: from 1 to %d", u.cfg.Rate, maxChaosRate)
	}
	if u.cfg.Seed = uint64(u.seed); u.seed == 0 {
		u.cfg.Seed = rand.Uint64() >> 1
	}
	plan := u.planned()
	if len(plan.Faults) == 0 {
		return usagef("--only %s: no fault has a name like that", u.cfg.Only).
			WithHint("their names: %s testnet chaos --list", "它们的名字：%s testnet chaos --list", s.ProgramHere())
	}
	if u.list {
		s.Result(plan, func(w io.Writer) {
			for _, f := range plan.Faults {
				name := faultNames[f.Fault].In(s.Lang())
				fmt.Fprintln(w, s.Say("%4d × %-20q %s", "%4d 次 %-20q %s", f.Times, f.Fault, name))
			}
			fmt.Fprintln(w, u.expected(plan.Seconds))
		})
		return nil
	}
	if !chaos.IsAside() {
		exit, err := chaos.Aside(ctx, os.Args[1:])
		if err == nil && exit != 0 {
			return exitStatus(exit)
		} else if err == nil {
			return nil
		}
		s.Progress(s.Say("no faults of the network here: %v", "这里做不了网络类故障:%v", err))
	}
	s.Progress(u.expected(plan.Seconds))
	u.cfg.Apart = chaos.IsAside()
	u.cfg.Begun = func(fault string, times int) {
		s.Progress(s.Say("%[1]s, %[2]d times", "%[1]s,%[2]d次", faultNames[fault].In(s.Lang()), times))
	}
	u.cfg.Done = func(r chaos.Row) { // a campaign that is interrupted has said what it found
		var row strings.Builder
		printChaosRow(&row, s.Lang(), chaosFault(r))
		s.Progress(strings.TrimSpace(row.String()))
	}
	out := chaosJSON{Seed: u.cfg.Seed, Full: u.cfg.Full, Held: true, Faults: []chaosFaultJSON{}}
	began := time.Now()
	rows, err := chaos.Run(ctx, u.cfg)
	for _, r := range rows {
		out.Held = out.Held && (r.Held() || r.Skipped != "")
		out.Faults = append(out.Faults, chaosFault(r))
	}
	out.Seconds = time.Since(began).Seconds()
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	s.Result(out, func(w io.Writer) { printChaos(w, s.Lang(), out) })
	if !out.Held {
		return exitStatus(ExitInternal)
	}
	return nil
}

// expected says how long a campaign takes, about.
func (u *unleashing) expected(seconds float64) string {
	return u.s.Say("it takes some %[1]d minutes on two cores", "两个核上大约要%[1]d分钟", int(seconds/60)+1)
}

// maxChaosTimes ends a campaign within days.
const maxChaosTimes = 1000

// maxChaosRate is what two cores carry beside the faults.
const maxChaosRate = 500

// planned is the campaign before anything has happened.
func (u *unleashing) planned() chaosJSON {
	out := chaosJSON{Seed: u.cfg.Seed, Full: u.cfg.Full, Held: true, Faults: []chaosFaultJSON{}}
	for _, r := range chaos.Planned(u.cfg) {
		out.Seconds += r.Seconds
		out.Faults = append(out.Faults, chaosFault(r))
	}
	return out
}

func chaosFault(r chaos.Row) chaosFaultJSON {
	out := chaosFaultJSON{Fault: r.Fault, Times: r.Times, Skipped: r.Skipped, Undone: r.Undone, Held: r.Held(),
		Broken: []chaosBreakJSON{}, BackMedian: r.Median().Seconds(), BackMax: r.Longest().Seconds(), Acked: r.Acked,
		P50: ms(r.Percentile(50)), P99: ms(r.Percentile(99)), Packets: r.Packets, Blocks: r.Blocks,
		Seconds: r.Seconds,
		Figures: append([]string{}, r.Figures...)}
	for _, b := range r.Broken {
		out.Broken = append(out.Broken, chaosBreakJSON{b.Promise, b.Text, b.Late})
	}
	return out
}

func printChaosRow(w io.Writer, l words.Lang, f chaosFaultJSON) {
	name := faultNames[f.Fault].In(l)
	if f.Skipped != "" {
		fmt.Fprintln(w, l.Say("– %[1]s: not tried: %[2]s",
			"– %[1]s:没做:这台机器不给命名空间", name, f.Skipped))
		return
	}
	mark := "✓"
	if !f.Held {
		mark = "✗"
	}
	line := l.Say("%s %s × %d: %d acknowledged, p99 %.0f ms, %d packets judged, %d blocks",
		"%s %s × %d:确认%d笔,p99 %.0f ms,核对%d个红包,%d个区块",
		mark, name, f.Times, f.Acked, f.P99, f.Packets, f.Blocks)
	if f.BackMax > 0 {
		line += l.Say("; back in %.1f s (median), %.1f s (longest)", ";恢复%.1f秒(中位),%.1f秒(最长)",
			f.BackMedian, f.BackMax)
	}
	fmt.Fprintln(w, line)
	for _, text := range f.Figures {
		fmt.Fprintln(w, "    "+text)
	}
	for _, b := range f.Broken {
		said := l.Say("    BROKEN %s: %s", "    没守住 %s:%s", b.Promise, b.Text)
		if b.Late {
			said = l.Say("    LATE %s: %s", "    晚了 %s:%s", b.Promise, b.Text)
		}
		fmt.Fprintln(w, said)
	}
	if f.Undone != "" {
		fmt.Fprintln(w, l.Say("    NOT DONE as planned: %s", "    没按计划做完:%s", f.Undone))
	}
}

func printChaos(w io.Writer, l words.Lang, out chaosJSON) {
	for _, f := range out.Faults {
		printChaosRow(w, l, f)
	}
	verdict := l.Say("every promise held", "承诺都守住了")
	if !out.Held {
		verdict = l.Say("a promise was broken, or a fault was not done", "有承诺没守住,或有故障没做成")
	}
	fmt.Fprintln(w, l.Say("%s, in %.0f s; seed %d", "%s,用时%.0f秒;种子%d", verdict, out.Seconds, out.Seed))
}
