package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/libs/service"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	"github.com/cosmos/gogoproto/proto"
)

// network carries the messages of a bubble's nodes. A link behaves like TCP: in
// order, nothing lost while it lasts, and what does not arrive is sent again
// after a pause that doubles. An end that is
// gone shows by its silence alone.
type network struct {
	mu       sync.Mutex
	rng      *rand.Rand
	switches [validators]*netSwitch // nil: down
	reach    [validators][validators]bool
	delay    time.Duration // one way, at most
	lossy    int           // one message in so many is lost at first; 0 = none
	doubled  int           // one in so many arrives twice
}

func newNetwork(seed uint64) *network {
	n := &network{rng: rand.New(rand.NewPCG(seed, 2)), delay: 20 * time.Millisecond}
	n.heal()
	return n
}

func (n *network) heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.reach {
		for j := range n.reach {
			n.reach[i][j] = true
		}
	}
}

func (n *network) cut(reach [validators][validators]bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reach = reach
}

func (n *network) reaches(from, to int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.reach[from][to]
}

// luck is what happens to one message.
func (n *network) luck() (delay time.Duration, lost, twice bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delay = n.delay/4 + time.Duration(n.rng.Int64N(int64(n.delay)))
	return delay, n.lossy > 0 && n.rng.IntN(n.lossy) == 0, n.doubled > 0 && n.rng.IntN(n.doubled) == 0
}

// nodeID is a node's in the network; a number takes the place of a key.
func nodeID(node int) p2p.ID { return p2p.ID(fmt.Sprintf("%040x", node+1)) }

func nodeAddress(node int) string { return fmt.Sprintf("%s@127.0.0.1:%d", nodeID(node), 26000+node) }

// dial connects two nodes, unless either has a link to the other already.
func (n *network) dial(from, to int) error {
	n.mu.Lock()
	a, b := n.switches[from], n.switches[to]
	open := n.reach[from][to] && n.reach[to][from]
	n.mu.Unlock()
	switch {
	case a == nil || b == nil:
		return errors.New("connection refused")
	case !open:
		time.Sleep(3 * time.Second)
		return errors.New("i/o timeout")
	}
	l := &link{network: n}
	l.ends[0], l.ends[1] = newPeer(a, to, true), newPeer(b, from, false)
	for i, p := range l.ends {
		p.link, p.other = l, l.ends[1-i]
	}
	if !a.admit(l.ends[0]) || !b.admit(l.ends[1]) {
		l.close()
		return errors.New("duplicate peer")
	}
	for _, p := range l.ends {
		go p.pump()
	}
	return nil
}

// link is one connection, seen from both ends.
type link struct {
	*network
	ends [2]*peer
}

func (l *link) close() {
	for _, p := range l.ends {
		p.home.drop(p, errors.New("closed"))
	}
}

// peer is one end of a link: what a node knows of the other.
type peer struct {
	service.BaseService
	home     *netSwitch
	remote   int
	outbound bool
	link     *link
	other    *peer
	data     sync.Map
	queue    chan frame
	received atomic.Int64
}

type frame struct {
	channel byte
	bytes   []byte
	sent    time.Time
}

// sendQueue bounds what waits in a link, as buffers do.
const sendQueue = 2000

func newPeer(home *netSwitch, remote int, outbound bool) *peer {
	p := &peer{home: home, remote: remote, outbound: outbound, queue: make(chan frame, sendQueue)}
	p.BaseService = *service.NewBaseService(log.NewNopLogger(), "peer", p)
	return p
}

// pump carries what this end sends to the other.
func (p *peer) pump() {
	var last time.Time
	for {
		var f frame
		select {
		case <-p.Quit():
			p.hangUp()
			return
		case f = <-p.queue:
		}
		delay, lost, twice := p.link.luck()
		if at := f.sent.Add(delay); at.After(last) {
			last = at
		}
		time.Sleep(time.Until(last))
		arrives := func() bool { return !lost && p.link.reaches(p.home.node, p.remote) }
		for pause := 200 * time.Millisecond; !arrives(); pause = min(2*pause, time.Minute) {
			select {
			case <-p.Quit():
				p.hangUp()
				return
			case <-time.After(pause):
			}
			lost = false
		}
		p.other.receive(f)
		if twice {
			p.other.receive(f)
		}
	}
}

// hangUp tells the other end that this one is gone, if it can be told.
func (p *peer) hangUp() {
	if p.link.reaches(p.home.node, p.remote) {
		p.other.home.drop(p.other, errors.New("EOF"))
	}
}

func (p *peer) receive(f frame) {
	if !p.IsRunning() {
		return
	}
	p.received.Add(int64(len(f.bytes)))
	reactor, message := p.home.channels[f.channel].reactor, proto.Clone(p.home.channels[f.channel].message)
	if filter, ok := reactor.(p2p.MsgBytesFilter); ok && filter.FilterMsgBytes(f.channel, p, f.bytes) != nil {
		p.home.drop(p, errors.New("rejected"))
		return
	}
	check(proto.Unmarshal(f.bytes, message))
	if w, ok := message.(p2p.Unwrapper); ok {
		var err error
		message, err = w.Unwrap()
		check(err)
	}
	reactor.Receive(p2p.Envelope{ChannelID: f.channel, Src: p, Message: message})
}

// Send puts a message on its way; it waits where the link is full.
func (p *peer) Send(e p2p.Envelope) bool {
	for range 100 {
		if p.TrySend(e) {
			return true
		}
		if !p.IsRunning() {
			return false
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

// TrySend is Send without the wait.
func (p *peer) TrySend(e p2p.Envelope) bool {
	if !p.IsRunning() {
		return false
	}
	if p.home.closed.Load() {
		return true // its process is dead, and learns nothing any more
	}
	message := e.Message
	if w, ok := message.(p2p.Wrapper); ok {
		message = w.Wrap()
	}
	b, err := proto.Marshal(message)
	check(err)
	select {
	case p.queue <- frame{e.ChannelID, b, time.Now()}:
		return true
	default:
		return false
	}
}

func (p *peer) FlushStop()             { p.Stop() }
func (p *peer) ID() p2p.ID             { return nodeID(p.remote) }
func (p *peer) RemoteIP() net.IP       { return net.IPv4(127, 0, 0, 1) }
func (p *peer) RemoteAddr() net.Addr   { return &net.TCPAddr{IP: p.RemoteIP(), Port: 26000 + p.remote} }
func (p *peer) IsOutbound() bool       { return p.outbound }
func (p *peer) IsPersistent() bool     { return true }
func (p *peer) CloseConn() error       { return nil }
func (p *peer) NodeInfo() p2p.NodeInfo { return p.home.info(p.remote) }
func (p *peer) SetRemovalFailed()      {}
func (p *peer) GetRemovalFailed() bool { return false }
func (p *peer) Set(key string, v any)  { p.data.Store(key, v) }
func (p *peer) String() string         { return fmt.Sprintf("node%d", p.remote+1) }

func (p *peer) Get(key string) any {
	v, _ := p.data.Load(key)
	return v
}

func (p *peer) Status() conn.ConnectionStatus {
	var s conn.ConnectionStatus
	s.RecvMonitor.Bytes = p.received.Load()
	return s
}

func (p *peer) SocketAddr() *p2p.NetAddress {
	a, err := p2p.NewNetAddressString(nodeAddress(p.remote))
	check(err)
	return a
}

// dialer is what CometBFT alone does about peers: it dials one that is gone, and
// takes one that is silent for present.
type dialer struct {
	p2p.BaseReactor
	others []string
}

func newDialer(others []string) *dialer {
	d := &dialer{others: others}
	d.BaseReactor = *p2p.NewBaseReactor("Dialer", d)
	return d
}

// OnStart begins to dial, every two seconds as CometBFT does.
func (d *dialer) OnStart() error {
	go func() {
		for ; d.IsRunning() || d.Switch.Peers().Size() == 0; time.Sleep(2 * time.Second) {
			for _, other := range d.others {
				if a, err := p2p.NewNetAddressString(other); err == nil && !d.Switch.Peers().Has(a.ID) {
					go func() { _ = d.Switch.DialPeerWithAddress(a) }()
				}
			}
		}
	}()
	return nil
}
