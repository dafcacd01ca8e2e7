package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

func (s nodes) nodeStatusVerb(at atNode) *Verb {
	var watch bool
	return &Verb{
		Use:   "status",
		Short: words.Both("Say how far the node is and whom it hears", "节点到了哪个高度,听得到谁"),
		Long: words.Both(`Say how far the node is, whom it hears, and whether it is in step: it has what
its peers have, blocks come, and its clock agrees with theirs. The exit code is
0 only if it is; it is 6 if it is not, or does not answer.`,
			`节点到了哪个高度,听得到谁,是否同步:有其他节点有的区块,不断有新区块,时钟也和
它们一致。只有同步时退出码才是 0;不同步,或没有应答,退出码是 6。`),
		Flags: []Flag{
			{&watch, "--watch", "show how the node catches up, until it is in step", "显示进度,直到节点同步"},
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{node.Status{}},
		Run: at(func(ctx context.Context, home string) error { return s.nodeStatus(ctx, home, watch) }),
	}
}

func (s nodes) nodeStatus(ctx context.Context, home string, watch bool) error {
	url, err := node.RPCURL(home)
	if err != nil {
		return err
	}
	if watch {
		if _, inStep := s.follow(ctx, home, url); !inStep {
			return ctx.Err()
		}
	}
	st, err := node.QueryStatus(ctx, url)
	if errors.As(err, new(*net.OpError)) {
		return Fail(ExitUnreachable, "unreachable", "node home %s: no node answers at %s", home, url).
			WithHint("start it with: %s", "启动它:%s", nodeStart(home))
	}
	if err != nil {
		return err
	}
	s.Result(st, func(w io.Writer) { printNodeStatus(w, s.Lang(), st) })
	if !st.InStep {
		return exitStatus(ExitUnreachable)
	}
	return nil
}

func printNodeStatus(w io.Writer, l words.Lang, st node.Status) {
	say := func(en, zh string, args ...any) { fmt.Fprintln(w, l.Say(en, zh, args...)) }
	state := l.Say("in step", "同步")
	if troubles := nodeTroubles(l, st); len(troubles) > 0 {
		state = strings.Join(troubles, l.Say("; ", ";"))
	}
	peers := l.Say("none", "没有")
	if len(st.Peers) > 0 {
		peers = l.Say("%d (%s)", "%d个(%s)", len(st.Peers), strings.Join(st.Peers, " "))
		for i, p := range st.Self.PeerHeights {
			if i == 0 {
				peers += l.Say(", at", ",高度")
			}
			peers += fmt.Sprintf(" %d", p.Height)
		}
	}
	say("%s on %s: %s", "%s,链%s:%s", st.Name, st.ChainID, state)
	say("id        %s", "编号  %s", st.ID)
	say("height    %d at %s, %.0f s ago", "高度  %d,出块时间%s,%.0f秒前",
		st.Height, st.Time.Format(time.RFC3339), st.BlockAge)
	if st.Behind > 0 || st.CatchingUp {
		say("progress  %s", "进度  %s", progressLine(l, st))
	}
	say("app hash  %s", "AppHash %s", st.AppHash)
	say("peers     %s", "节点  %s", peers)
	clock := l.Say("not compared", "没有比较过")
	if st.Self.ClockKnown {
		clock = l.Say("%+.1f s from the other validators'", "和其他验证人相差%+.1f秒", st.Self.ClockOffset)
	}
	printSigning(say, l, st.Self.Signing)
	say("clock     %s, %s", "时钟  %s,%s", st.Self.Clock.Format(time.RFC3339), clock)
	if free := float64(st.Self.DiskFree) / 1e9; free > 0 {
		room := l.Say("%.1f GB free", "还有 %.1f GB", free)
		if st.Self.DiskFree < node.LowDisk {
			room += l.Say(": MAKE ROOM, the node stops when there is none", ":请腾出空间,满了节点就会停")
		}
		say("disk      %s", "磁盘  %s", room)
	}
	for _, e := range st.Self.Misbehaviors {
		say("EVIDENCE  %[1]s by validator %[2]s at block %[3]d (in block %[4]d)",
			"证据  验证人 %[2]s 在区块%[3]d违反了共识规则:%[1]s(记入区块%[4]d)", e.Kind, e.Validator, e.Height, e.Block)
	}
}

// printSigning says who signs blocks, with how many of the votes, and under which
// rules. A validator is named by the beginning of its address, as in validator list.
func printSigning(say func(en, zh string, args ...any), l words.Lang, s *node.Signing) {
	if s == nil {
		return
	}
	var names []string
	for _, v := range s.Validators {
		names = append(names, l.Say("%s %d", "%s %d票", v.Address[:min(8, len(v.Address))], v.Votes))
	}
	say("votes     %d of %d as %s, by plan %d from block %d on: %s",
		"票数  %d,共%d,本验证人%s,依第%d号计划,从区块%d起:%s",
		s.Own, s.Votes, s.Address[:min(8, len(s.Address))], s.Number, s.From, strings.Join(names, l.Say(", ", ",")))
	if u := s.Upgrade; u != nil {
		say("rules     %d; rules %d from block %d on", "规则  %d;规则%d,从区块%d起", s.Rules, u.Rules, u.Height)
		return
	}
	say("rules     %d", "规则  %d", s.Rules)
}

// nodeTroubles are what keeps a node from being in step, in words.
func nodeTroubles(l words.Lang, st node.Status) (list []string) {
	for _, t := range st.Troubles() {
		list = append(list, nodeTrouble(l, t, st))
	}
	return list
}

func nodeTrouble(l words.Lang, t node.Trouble, st node.Status) string {
	switch t {
	case node.CatchingUp:
		return l.Say("catching up", "正在追区块")
	case node.BehindPeers:
		return l.Say("behind by %d", "差%d个区块", st.Behind)
	case node.NoBlockYet:
		return l.Say("no block yet", "还没有区块")
	case node.Stalled:
		return l.Say("no new block for %.0f s", "%.0f秒没有新区块", st.Self.NoBlockFor)
	case node.OldBlock:
		return l.Say("its newest block is %s old", "最新的区块是%s前的", roughly(l, st.BlockAge))
	case node.ClockBehindChain:
		return l.Say("this machine's clock is %s behind the chain's last block",
			"这台机器的时钟比链上最后一个区块慢%s", roughly(l, -st.BlockAge))
	case node.ClockBehind:
		return l.Say("its clock is %s behind the other validators'",
			"它的时钟比其他验证人的慢%s", roughly(l, -st.Self.ClockOffset))
	case node.ClockAhead:
		return l.Say("its clock is %s ahead of the other validators'",
			"它的时钟比其他验证人的快%s", roughly(l, st.Self.ClockOffset))
	case node.SignedAhead:
		return l.Say("it casts no vote before block %[1]d: it has signed up to there",
			"它已签到区块%[1]d,之前不投票", st.Self.SignedUpTo)
	}
	panic(fmt.Sprintf("unknown trouble %d", t))
}

// roughly is a length of time, to the second.
func roughly(l words.Lang, seconds float64) string {
	return l.Say("%[1]s", "%[2]s", time.Duration(seconds)*time.Second, words.Length(l, contract.Seconds(seconds)))
}
