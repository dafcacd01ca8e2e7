package testnet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hongbao/node"
)

// State is what a node's process does.
type State string

const (
	StateRunning State = "running"
	StateStopped State = "stopped" // asked to, or killed, or never started
	StateCrashed State = "crashed" // ended by itself
)

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
			}
		}()
	}
	wg.Wait()
	newest := newestHeight(list)
	for i := range list {
		s := &list[i]
		s.InStep = s.Height > 0 && !s.CatchingUp && s.Height >= newest-stepLag
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

// halted says why no block can be made, if so few nodes run: it takes more than
// 2/3 of them, which all have the same power. Else it is empty.
func halted(list []NodeStatus) string {
	running, need := count(list, func(s NodeStatus) bool { return s.State == StateRunning }), 2*len(list)/3+1
	if running >= need {
		return ""
	}
	return fmt.Sprintf("no blocks: %d of %d run, it takes %d", running, len(list), need)
}

// waitStep returns when a node has caught up, or stepWait has passed: on a
// network that has lost too many nodes none does.
func (n *Network) waitStep(ctx context.Context, number int) {
	ctx, cancel := context.WithTimeout(ctx, stepWait)
	defer cancel()
	for !n.Status(ctx)[number-1].InStep && pause(ctx) == nil {
	}
}

// WaitReady returns when every node takes part in consensus and a block has
// been made, or with the reason why that cannot come.
func (n *Network) WaitReady(ctx context.Context) error {
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
			return fmt.Errorf("testnet %s: not ready: %w", n.Dir, err)
		}
	}
}
