package cli

import (
	"cmp"
	"slices"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/testnet"
)

const (
	// networkStall is how many seconds a network that is up goes without a block
	// before a screen says so: it makes one a second.
	networkStall = 10
	// clocksApart is by how many seconds clocks may differ before a screen speaks
	// of it.
	clocksApart = 5
)

// nodeState is what a node's process does.
func nodeState(l words.Lang, s testnet.State) string {
	switch s {
	case testnet.StateRunning:
		return l.Say("running", "运行")
	case testnet.StateStopped:
		return l.Say("stopped", "停止")
	}
	return l.Say("crashed", "出错退出")
}

func countNodes(list []testnet.NodeStatus, is func(testnet.NodeStatus) bool) (k int) {
	for _, s := range list {
		if is(s) {
			k++
		}
	}
	return k
}

func runs(s testnet.NodeStatus) bool   { return s.State == testnet.StateRunning }
func inStep(s testnet.NodeStatus) bool { return s.InStep }

// standstill says why no block can be made or none comes; empty where blocks
// come.
func standstill(l words.Lang, list []testnet.NodeStatus) string {
	running, need := countNodes(list, runs), testnet.Quorum(len(list))
	if running < need {
		return l.Say("no blocks: %d of %d run, it takes %d", "不出块:运行%d个,共%d个,至少要%d个",
			running, len(list), need)
	}
	newest := slices.MaxFunc(list, func(a, b testnet.NodeStatus) int { return cmp.Compare(a.Height, b.Height) })
	if newest.Height > 0 && newest.BlockAge < -clocksApart {
		return l.Say("this machine's clock is %s behind the chain's last block", "这台机器的时钟比链上最后一个区块慢%s",
			words.Length(l, contract.Seconds(-newest.BlockAge)))
	}
	if idle := newest.NoBlockFor; newest.Height > 0 && idle > networkStall {
		return l.Say("no new block for %.0f s", "%.0f秒没有新区块", idle)
	}
	return ""
}

// ailments say which nodes are behind, crashed or dated otherwise, one line each,
// and which validators broke the rules.
func ailments(l words.Lang, list []testnet.NodeStatus) (lines []string) {
	say := func(en, zh string, args ...any) { lines = append(lines, l.Say(en, zh, args...)) }
	for _, s := range list {
		switch {
		case s.State == testnet.StateCrashed:
			say("node %d crashed; its log says why", "节点%d出错退出,原因见它的日志", s.Number)
		case runs(s) && !s.InStep && s.Height > 0:
			say("node %d is catching up: %d blocks behind", "节点%d正在追,还差%d个区块", s.Number, s.Behind)
		case runs(s) && !s.InStep:
			say("node %d does not answer yet", "节点%d还没有应答", s.Number)
		}
		if off := s.ClockOffset; off > clocksApart {
			say("node %d: its clock is %s ahead of the others'", "节点%d的时钟比别的快%s",
				s.Number, words.Length(l, contract.Seconds(off)))
		} else if off < -clocksApart {
			say("node %d: its clock is %s behind the others'", "节点%d的时钟比别的慢%s",
				s.Number, words.Length(l, contract.Seconds(-off)))
		}
	}
	for _, s := range list {
		for _, e := range s.Evidence {
			say("EVIDENCE: validator %s broke the rules of consensus at block %d",
				"证据:验证人 %s 在区块%d违反了共识规则", e.Validator, e.Height)
		}
		if len(s.Evidence) > 0 {
			break // every node has the same
		}
	}
	return lines
}
