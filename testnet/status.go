package testnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

// State is what a node's process does.
type State string

const (
	StateRunning State = "running"
	StateStopped State = "stopped" // asked to, or killed, or never started
	StateCrashed State = "crashed" // ended by itself
)

// said is the state in the person's language.
func (s State) said(l words.Lang) string {
	switch s {
	case StateRunning:
		return l.Say("running", "运行")
	case StateStopped:
		return l.Say("stopped", "停止")
	}
	return l.Say("crashed", "出错退出")
}

// NodeStatus is what the supervisor knows of a node.
type NodeStatus struct {
	Number     int    `json:"node"`               // its number, from 1
	State      State  `json:"state"`              // of its process
	PID        int    `json:"pid,omitempty"`      // of its process
	RPC        string `json:"rpc"`                // for --node
	Height     int64  `json:"height"`             // 0 while it does not answer
	AppHash    string `json:"app_hash,omitempty"` // in the header of that height, hex
	CatchingUp bool   `json:"catching_up"`        // fetching blocks that it missed
	InStep     bool   `json:"in_step"`            // running, and at most stepLag behind the newest block
	Behind     int64  `json:"behind"`             // blocks that another node has and it does not
	// BlockAge is how old its newest block is by this machine's clock, in
	// seconds; a negative age says that the clock was set back.
	BlockAge float64 `json:"block_age_seconds"`
	// NoBlockFor is for how many seconds no block came.
	NoBlockFor float64 `json:"no_block_for_seconds"`
	// ClockOffset is by how many seconds the node's clock is ahead of the other
	// nodes'; 0 while that is not known.
	ClockOffset float64         `json:"clock_offset_seconds"`
	Evidence    []node.Evidence `json:"evidence,omitempty"` // of validators that broke the rules
}

// stepLag allows for nodes being asked one after the other on a chain that
// makes up to twenty blocks a second.
const stepLag = 2

// Status asks all nodes at once. A node that does not answer is in the list
// with height 0.
func (n *Network) Status(ctx context.Context) []NodeStatus {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	list := make([]NodeStatus, len(n.Nodes))
	var wg sync.WaitGroup
	for i, m := range n.Nodes {
		list[i] = n.processStatus(m)
		if list[i].State != StateRunning {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			if s, err := node.QueryStatus(ctx, list[i].RPC); err == nil && s.ID == m.ID {
				list[i].Height, list[i].AppHash, list[i].CatchingUp = s.Height, s.AppHash, s.CatchingUp
				list[i].BlockAge, list[i].NoBlockFor = s.BlockAge, s.Self.NoBlockFor
				list[i].ClockOffset, list[i].Evidence = s.Self.ClockOffset, s.Self.Misbehaviors
			}
		}()
	}
	wg.Wait()
	newest := newestHeight(list)
	for i := range list {
		s := &list[i]
		if s.Height > 0 {
			s.Behind = newest - s.Height
		}
		s.InStep = s.Height > 0 && !s.CatchingUp && s.Behind <= stepLag
	}
	return list
}

func (n *Network) processStatus(m *Node) NodeStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := NodeStatus{Number: m.Number, RPC: m.RPCURL(), State: StateStopped}
	switch {
	case m.proc.running():
		s.State, s.PID = StateRunning, m.proc.cmd.Process.Pid
	case m.proc != nil && !m.proc.asked:
		s.State = StateCrashed
	}
	return s
}

func newestHeight(list []NodeStatus) int64 {
	var h int64
	for _, s := range list {
		h = max(h, s.Height)
	}
	return h
}

func count(list []NodeStatus, is func(NodeStatus) bool) int {
	k := 0
	for _, s := range list {
		if is(s) {
			k++
		}
	}
	return k
}

// quorum is how many of count nodes it takes to make a block: more than 2/3 of
// them, which all have the same power.
func quorum(count int) int { return 2*count/3 + 1 }

// stallAfter is how long a network that is up goes without a block before a
// screen says so: it makes one a second.
const stallAfter = 10

// halted says why no block can be made or none comes. Else it is empty.
func halted(l words.Lang, list []NodeStatus) string {
	running, need := count(list, func(s NodeStatus) bool { return s.State == StateRunning }), quorum(len(list))
	if running < need {
		return l.Say("no blocks: %d of %d run, it takes %d", "不出块:运行%d个,共%d个,至少要%d个", running, len(list), need)
	}
	newest := slices.MaxFunc(list, func(a, b NodeStatus) int { return cmp.Compare(a.Height, b.Height) })
	if newest.Height > 0 && newest.BlockAge < -clockTolerance {
		return clockBehind(l, newest)
	}
	if idle := newest.NoBlockFor; newest.Height > 0 && idle > stallAfter {
		return l.Say("no new block for %.0f s", "%.0f秒没有新区块", idle)
	}
	return ""
}

// clockTolerance is by how many seconds clocks may differ before a screen
// speaks of it.
const clockTolerance = 5

// clockBehind says that this machine's clock was set back, so that no node takes
// part before it has passed the chain's last block, give or take a minute.
func clockBehind(l words.Lang, s NodeStatus) string {
	return l.Say("this machine's clock is %s behind the chain's last block", "这台机器的时钟比链上最后一个区块慢%s",
		words.Length(l, contract.Seconds(-s.BlockAge)))
}

// ailing says which nodes are behind, crashed or dated otherwise, one line each.
func ailing(l words.Lang, list []NodeStatus) (lines []string) {
	for _, s := range list {
		switch {
		case s.State == StateCrashed:
			lines = append(lines, l.Say("node %d crashed; its log says why", "节点%d出错退出,原因见它的日志", s.Number))
		case s.State == StateRunning && !s.InStep && s.Height > 0:
			lines = append(lines, l.Say("node %d is catching up: %d blocks behind", "节点%d正在追,还差%d个区块", s.Number, s.Behind))
		case s.State == StateRunning && !s.InStep:
			lines = append(lines, l.Say("node %d does not answer yet", "节点%d还没有应答", s.Number))
		}
		if off := s.ClockOffset; off > clockTolerance {
			lines = append(lines, l.Say("node %d: its clock is %s ahead of the others'", "节点%d的时钟比别的快%s", s.Number, words.Length(l, contract.Seconds(off))))
		} else if off < -clockTolerance {
			lines = append(lines, l.Say("node %d: its clock is %s behind the others'", "节点%d的时钟比别的慢%s", s.Number, words.Length(l, contract.Seconds(-off))))
		}
	}
	for _, s := range list {
		for _, e := range s.Evidence {
			lines = append(lines, l.Say("EVIDENCE: validator %s broke the rules of consensus at block %d", "证据:验证人 %s 在区块%d违反了共识规则", e.Validator, e.Height))
		}
		if len(s.Evidence) > 0 {
			break // every node has the same
		}
	}
	return lines
}

// waitStep returns when a node has caught up, or stepWait has passed: on a
// network that has lost too many nodes none does.
func (n *Network) waitStep(ctx context.Context, number int) {
	ctx, cancel := context.WithTimeout(ctx, stepWait)
	defer cancel()
	for !n.Status(ctx)[number-1].InStep && pause(ctx) == nil {
	}
}

// WaitReady returns when the network makes blocks: more than 2/3 of the nodes
// are in step, and one block came after the call. A node that is still catching
// up, or has crashed, keeps nobody waiting. The error says what cannot come.
func (n *Network) WaitReady(ctx context.Context) error {
	var first int64
	for {
		list := n.Status(ctx)
		if first == 0 {
			first = newestHeight(list)
		}
		inStep := count(list, func(s NodeStatus) bool { return s.InStep })
		if inStep >= quorum(len(list)) && newestHeight(list) > first {
			return nil
		}
		if err := n.hopeless(list); err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("testnet %s: %d of %d nodes in step at block %d, it takes %d and a new block: %w",
				n.Dir, inStep, len(list), newestHeight(list), quorum(len(list)), err)
		}
	}
}

// hopeless says why waiting is in vain: too few nodes run, or the clock was set
// back by more than the minute that CometBFT allows a block.
func (n *Network) hopeless(list []NodeStatus) error {
	if count(list, func(s NodeStatus) bool { return s.State == StateRunning }) < quorum(len(list)) {
		for _, s := range list {
			if s.State != StateRunning {
				return fmt.Errorf("node %d is %s (its log: %s)", s.Number, s.State, n.Nodes[s.Number-1].LogFile())
			}
		}
	}
	for _, s := range list {
		if s.Height > 0 && s.BlockAge < -time.Minute.Seconds() {
			return &node.Error{Code: node.CodeClockOff, Home: n.Dir, Err: errors.New(clockBehind(words.English, s))}
		}
	}
	return nil
}

// WaitInStep returns when every node has what the newest has and takes part.
func (n *Network) WaitInStep(ctx context.Context) error {
	if err := n.WaitReady(ctx); err != nil {
		return err
	}
	for {
		list := n.Status(ctx)
		if count(list, func(s NodeStatus) bool { return s.InStep }) == len(list) {
			return nil
		}
		for _, s := range list {
			if s.State != StateRunning {
				return fmt.Errorf("node %d is %s (its log: %s)", s.Number, s.State, n.Nodes[s.Number-1].LogFile())
			}
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("testnet %s: %s: %w", n.Dir, strings.Join(ailing(words.English, list), "; "), err)
		}
	}
}
