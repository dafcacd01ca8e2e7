package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"hongbao/internal/ports"
	"hongbao/node"
)

const (
	// stepWait is how long a node that was started again may take to catch up
	// before the caller is told that it is still catching up.
	stepWait = 15 * time.Second
	// portAttempts bounds how often a start that lost its ports to another
	// process is tried with others.
	portAttempts = 5
	// leftoverWait is how long nodes of a supervisor that was killed may take
	// to notice and leave. They need a fraction of a second.
	leftoverWait = 15 * time.Second
	// bootTimeout is how long a node may take to answer its first query. It
	// replays what it had not finished first.
	bootTimeout = 60 * time.Second
	// bootAsk is how long one such query may take, from a busy machine.
	bootAsk   = time.Second
	pollPause = 50 * time.Millisecond
)

// Start starts every node and returns when each answers queries. Kept ports
// that another process has taken meanwhile are replaced. ctx bounds the start
// alone; the network runs until Close.
func (n *Network) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.unlock != nil {
		return fmt.Errorf("testnet %s: %w", n.Dir, ErrRunning)
	}
	if err := node.CheckStart(n.Nodes[0].Home, time.Now()); err != nil {
		return fmt.Errorf("testnet %s: %w", n.Dir, err)
	}
	unlock, err := lockDir(n.Dir)
	if err != nil {
		return err
	}
	if err := n.addMetrics(); err != nil {
		unlock()
		return err
	}
	for attempt := 1; ; attempt++ {
		err = n.startAll(ctx)
		if err == nil {
			n.unlock = unlock
			return nil
		}
		n.stopAll()
		if !errors.Is(err, errPortTaken) || attempt == portAttempts {
			unlock()
			return err
		}
	}
}

var errPortTaken = errors.New("a port was taken")

func (n *Network) startAll(ctx context.Context) error {
	if err := n.waitForLeftovers(ctx); err != nil {
		return err
	}
	if err := n.movePorts(n.Nodes); err != nil {
		return err
	}
	for _, m := range n.Nodes {
		if err := n.startNode(m); err != nil {
			return err
		}
	}
	// A node that cannot start, such as one whose data is damaged, keeps the
	// others from nothing as long as they can make blocks.
	var failed []error
	for _, m := range n.Nodes {
		err := waitBoot(ctx, m, m.proc)
		if err != nil && (!errors.Is(err, ErrEnded) || len(n.Nodes)-len(failed) <= Quorum(len(n.Nodes))) {
			return errors.Join(append(failed, err)...)
		} else if err != nil {
			failed = append(failed, err)
		}
	}
	for _, m := range n.Nodes {
		n.watch(m, m.proc)
	}
	return nil
}

// movePorts gives new ports to those nodes whose own are taken.
func (n *Network) movePorts(nodes []*Node) error {
	var moved []*Node
	for _, m := range nodes {
		if !ports.Free(m.RPC) || !ports.Free(m.P2P) || m.MetricsPort != 0 && !ports.Free(m.MetricsPort) {
			moved = append(moved, m)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	return n.assignPorts(moved)
}

func (n *Network) waitForLeftovers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leftoverWait)
	defer cancel()
	for _, m := range n.Nodes {
		for {
			unlock, err := node.Lock(m.Home)
			if err == nil {
				unlock()
				break
			}
			if !errors.Is(err, node.ErrInUse) {
				return err
			}
			if pause(ctx) != nil {
				return err
			}
		}
	}
	return nil
}

// startNode runs one node. n.mu is held.
func (n *Network) startNode(m *Node) error {
	binary := n.Binary
	if binary == "" {
		var err error
		if binary, err = os.Executable(); err != nil {
			return err
		}
	}
	p, err := n.startProcess(binary, m, max(1, runtime.NumCPU()/len(n.Nodes)))
	if err != nil {
		return err
	}
	m.proc = p
	return nil
}

// watch reports the end of a node that has once answered, unless its end
// was asked for. One that never answers fails its start instead.
func (n *Network) watch(m *Node, p *process) {
	if n.OnExit == nil {
		return
	}
	go func() {
		<-p.done
		n.mu.Lock()
		unasked := !p.asked
		n.mu.Unlock()
		if unasked {
			n.OnExit(m, exitError(m, p))
		}
	}()
}

func exitError(m *Node, p *process) error {
	reason := "it ended"
	if p.err != nil {
		reason = p.err.Error()
	}
	if last := p.lastWords(m.LogFile()); last != "" {
		reason += ": " + last
	}
	return fmt.Errorf("%s %w: %s (its log: %s)", m.Name, ErrEnded, reason, m.LogFile())
}

// waitBoot returns when the node of this process answers queries.
func waitBoot(ctx context.Context, m *Node, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	for {
		// The id tells our node from a stranger who got the port first, and
		// who may never answer at all. A node that answers but does not listen
		// to peers yet may still lose its other port.
		ask, done := context.WithTimeout(ctx, bootAsk)
		s, err := node.QueryStatus(ask, m.RPCURL())
		done()
		if err == nil && s.ID == m.ID && s.Listening {
			return nil
		}
		if !p.running() {
			t := p.said(m.LogFile())
			if strings.Contains(t, "address already in use") {
				return fmt.Errorf("%s: %w", m.Name, errPortTaken)
			}
			if p.crash(m.LogFile()) != "" {
				return exitError(m, p) // the stack is in the log
			}
			return fmt.Errorf("%w\n%s", exitError(m, p), t)
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("%s does not answer: %w (its log: %s)", m.Name, err, m.LogFile())
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollPause):
		return nil
	}
}

// StartNode starts a node that was stopped, killed or has crashed, and
// returns when it answers queries; it may still be catching up then.
func (n *Network) StartNode(ctx context.Context, number int) error {
	n.mu.Lock()
	m, err := n.node(number)
	if err == nil && m.proc.running() {
		err = fmt.Errorf("%s: %w", m.Name, ErrRunning)
	}
	if err == nil {
		// Its peers, which run, keep dialling the old port; the node itself
		// dials them, so one new port does not part them.
		was := m.RPC
		if err = n.movePorts([]*Node{m}); m.RPC != was && n.OnMove != nil {
			n.OnMove(m)
		}
	}
	if err == nil {
		err = n.startNode(m)
	}
	if err != nil {
		n.mu.Unlock()
		return err
	}
	p := m.proc
	n.mu.Unlock()
	err = waitBoot(ctx, m, p)
	if err == nil || p.running() {
		n.watch(m, p) // also when ctx ended first: the node goes on starting
	}
	return err
}

// StopNode asks a node to leave and returns when it is gone.
func (n *Network) StopNode(number int) error { return n.endNode(number, (*process).stop) }

// KillNode sends SIGKILL: the node gets no chance to finish anything.
func (n *Network) KillNode(number int) error { return n.endNode(number, (*process).kill) }

func (n *Network) endNode(number int, end func(*process)) error {
	n.mu.Lock()
	m, err := n.node(number)
	if err == nil && !m.proc.running() {
		err = fmt.Errorf("%s: %w", m.Name, ErrNotRunning)
	}
	if err != nil {
		n.mu.Unlock()
		return err
	}
	p := m.proc
	p.asked = true
	n.mu.Unlock()
	end(p)
	return nil
}

// node is the node of a number in a network that runs. n.mu is held.
func (n *Network) node(number int) (*Node, error) {
	if n.unlock == nil {
		return nil, fmt.Errorf("testnet %s: %w", n.Dir, ErrNotRunning)
	}
	return n.Node(number)
}

// Close stops every node and returns when no process is left. It may be
// called at any time, and again.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopAll()
	if n.unlock != nil {
		n.unlock()
		n.unlock = nil
	}
	return nil
}

// stopAll ends all nodes at once. n.mu is held, so that none starts meanwhile.
func (n *Network) stopAll() {
	var wg sync.WaitGroup
	for _, m := range n.Nodes {
		if !m.proc.running() {
			continue
		}
		m.proc.asked = true
		wg.Add(1)
		go func() {
			defer wg.Done()
			m.proc.stop()
		}()
	}
	wg.Wait()
}
