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
	InStep     bool   `json:"in_step"`            // running, and at most 2 blocks behind the newest
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

// PID is the process of a node, 0 while it has none.
func (n *Network) PID(number int) int {
	m, err := n.Node(number)
	if err != nil {
		return 0
	}
	return n.processStatus(m).PID
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

// Quorum is how many of count nodes it takes to make a block: more than 2/3 of
// them, which all have the same power.
func Quorum(count int) int { return 2*count/3 + 1 }

// waitStep returns when a node has caught up, or stepWait has passed: on a
// network that has lost too many nodes none does.
func (n *Network) waitStep(ctx context.Context, number int) {
	ctx, cancel := context.WithTimeout(ctx, stepWait)
	defer cancel()
	for !n.Status(ctx)[number-1].InStep && pause(ctx) == nil {
	}
}

// WaitReady returns when the network makes blocks: more than 2/3 of the nodes
// are in step, and one block came after the call. It does not wait for a node that
// is still catching up, or has crashed. The error says what cannot come.
func (n *Network) WaitReady(ctx context.Context) error {
	_, err := n.waitReady(ctx)
	return err
}

// waitReady is WaitReady, and returns how the nodes were when it was so.
func (n *Network) waitReady(ctx context.Context) ([]NodeStatus, error) {
	var first int64
	for {
		list := n.Status(ctx)
		if first == 0 {
			first = newestHeight(list)
		}
		inStep := count(list, func(s NodeStatus) bool { return s.InStep })
		if inStep >= Quorum(len(list)) && newestHeight(list) > first {
			return list, nil
		}
		if err := n.hopeless(list); err != nil {
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, fmt.Errorf("testnet %s: %d of %d nodes in step at block %d, it takes %d and a new block: %w",
				n.Dir, inStep, len(list), newestHeight(list), Quorum(len(list)), err)
		}
	}
}

// hopeless says why waiting is in vain: too few nodes run, or the clock was set
// back by more than the minute that CometBFT allows a block.
func (n *Network) hopeless(list []NodeStatus) error {
	if count(list, func(s NodeStatus) bool { return s.State == StateRunning }) < Quorum(len(list)) {
		for _, s := range list {
			if s.State != StateRunning {
				return fmt.Errorf("node %d is %s (its log: %s)", s.Number, s.State, n.Nodes[s.Number-1].LogFile())
			}
		}
	}
	for _, s := range list {
		if s.Height > 0 && s.BlockAge < -time.Minute.Seconds() {
			behind := time.Duration(-s.BlockAge) * time.Second
			return &node.Error{Code: node.CodeClockOff, Home: n.Dir,
				Err: fmt.Errorf("this machine's clock is %s behind the chain's last block", behind)}
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
			return fmt.Errorf("testnet %s: %d of %d nodes in step at block %d: %w", n.Dir,
				count(list, func(s NodeStatus) bool { return s.InStep }), len(list), newestHeight(list), err)
		}
	}
}
