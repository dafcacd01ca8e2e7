package node

import (
	"net"
	"sync"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
)

// A link whose packets are lost, on a connection that TCP holds, is another
// link a few beats later; one whose packets flow is left alone.
func TestASilentLinkIsReplaced(t *testing.T) {
	if testing.Short() {
		t.Skip("waits some seconds")
	}
	t.Parallel()
	c := cfg.DefaultP2PConfig()
	c.AllowDuplicateIP, c.DialTimeout, c.HandshakeTimeout = true, time.Second, time.Second
	far := startSwitch(t, c, "")
	hole := newBlackhole(t, far.NodeInfo())
	near := startSwitch(t, c, string(far.NodeInfo().ID())+"@"+hole.addr())

	first := linkTo(t, near, far, nil)
	back := linkTo(t, far, near, nil)
	time.Sleep(2 * silentPulses * testBeat)
	if now := near.Peers().Get(far.NodeInfo().ID()); now != first {
		t.Fatal("a link whose packets flow was ended")
	}
	hole.swallow()
	linkTo(t, near, far, first)
	linkTo(t, far, near, back)
}

// testBeat is short, and yet as long as a busy machine may pause.
const testBeat = 200 * time.Millisecond

// startSwitch is a node's links alone.
func startSwitch(t *testing.T, c *cfg.P2PConfig, peers string) *p2p.Switch {
	t.Helper()
	sw := p2p.MakeSwitch(c, 0, func(_ int, sw *p2p.Switch) *p2p.Switch {
		sw.AddReactor("PULSE", newPulse(peers, testBeat))
		return sw
	})
	sw.SetLogger(log.NewNopLogger())
	must(t, sw.Start())
	t.Cleanup(func() { sw.Stop() })
	return sw
}

// linkTo waits for a peer that is not the one before.
func linkTo(t *testing.T, sw, other *p2p.Switch, before p2p.Peer) p2p.Peer {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if now := sw.Peers().Get(other.NodeInfo().ID()); now != nil && now != before {
			return now
		}
		if time.Now().After(deadline) {
			t.Fatal("no new link")
		}
	}
}

// blackhole stands between a node and who dials it. Connections it has
// swallowed stay open and carry nothing any more, as with a network that loses
// every packet.
type blackhole struct {
	listener net.Listener
	mu       sync.Mutex
	dead     []chan struct{}
}

func newBlackhole(t *testing.T, to p2p.NodeInfo) *blackhole {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	h := &blackhole{listener: l}
	addr, err := to.NetAddress()
	must(t, err)
	t.Cleanup(func() { l.Close(); h.swallow() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", addr.DialString())
			if err != nil {
				in.Close()
				continue
			}
			t.Cleanup(func() { in.Close(); out.Close() })
			dead := make(chan struct{})
			h.mu.Lock()
			h.dead = append(h.dead, dead)
			h.mu.Unlock()
			go carry(in, out, dead)
			go carry(out, in, dead)
		}
	}()
	return h
}

func (h *blackhole) addr() string { return h.listener.Addr().String() }

func (h *blackhole) swallow() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, dead := range h.dead {
		close(dead)
	}
	h.dead = nil
}

// carry copies until dead, and then reads no more and closes nothing.
func carry(from, to net.Conn, dead chan struct{}) {
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		select {
		case <-dead:
			return
		default:
		}
		if err == nil {
			_, err = to.Write(b[:n])
		}
		if err != nil {
			from.Close()
			to.Close()
			return
		}
	}
}
