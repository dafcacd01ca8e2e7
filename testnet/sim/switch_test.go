package sim

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/libs/service"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cosmos/gogoproto/proto"
)

// netSwitch joins a node's reactors to the network, as p2p.Switch does over TCP.
type netSwitch struct {
	service.BaseService
	network  *network
	chain    string
	node     int
	names    []string // of the reactors, in order
	reactors map[string]p2p.Reactor
	channels map[byte]channel
	peers    *p2p.PeerSet
	mu       sync.Mutex // guards which peers there are
	closed   atomic.Bool
}

type channel struct {
	reactor p2p.Reactor
	message proto.Message
}

var _ p2p.Switcher = (*netSwitch)(nil)

func newSwitch(n *network, chain string, node int) *netSwitch {
	s := &netSwitch{network: n, chain: chain, node: node, reactors: map[string]p2p.Reactor{},
		channels: map[byte]channel{}, peers: p2p.NewPeerSet()}
	s.BaseService = *service.NewBaseService(log.NewNopLogger(), "switch", s)
	return s
}

// AddReactor takes a reactor in. All come before the start.
func (s *netSwitch) AddReactor(name string, r p2p.Reactor) p2p.Reactor {
	for _, c := range r.GetChannels() {
		s.channels[c.ID] = channel{r, c.MessageType}
	}
	s.names = append(s.names, name)
	s.reactors[name] = r
	r.SetSwitch(s)
	return r
}

// OnStart starts the reactors and opens the node to the network.
func (s *netSwitch) OnStart() error {
	for _, name := range s.names {
		if err := s.reactors[name].Start(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	s.network.switches[s.node] = s
	return nil
}

// vanish takes the node off the network, as the end of its process does.
func (s *netSwitch) vanish() {
	s.network.mu.Lock()
	if s.network.switches[s.node] == s {
		s.network.switches[s.node] = nil
	}
	s.network.mu.Unlock()
	s.mu.Lock()
	s.closed.Store(true)
	s.mu.Unlock()
	for _, p := range s.peers.Copy() {
		s.drop(p.(*peer), fmt.Errorf("node ends"))
	}
}

// OnStop stops the reactors.
func (s *netSwitch) OnStop() {
	for _, name := range s.names {
		if r := s.reactors[name]; r.IsRunning() {
			_ = r.Stop()
		}
	}
}

// admit takes a peer in, unless it is there already.
func (s *netSwitch) admit(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() || s.peers.Has(p.ID()) {
		return false
	}
	for _, name := range s.names {
		s.reactors[name].InitPeer(p)
	}
	check(p.Start())
	check(s.peers.Add(p))
	for _, name := range s.names {
		s.reactors[name].AddPeer(p)
	}
	return true
}

// drop ends a peer at this end; its link tells the other.
func (s *netSwitch) drop(p *peer, why any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.IsRunning() {
		return
	}
	_ = p.Stop()
	for _, name := range s.names {
		s.reactors[name].RemovePeer(p, why)
	}
	s.peers.Remove(p)
}

func (s *netSwitch) StopPeerForError(p p2p.Peer, why any) { s.drop(p.(*peer), why) }
func (s *netSwitch) StopPeerGracefully(p p2p.Peer)        { s.drop(p.(*peer), nil) }
func (s *netSwitch) Peers() p2p.IPeerSet                  { return s.peers }
func (s *netSwitch) Log() log.Logger                      { return s.Logger }
func (s *netSwitch) NodeInfo() p2p.NodeInfo               { return s.info(s.node) }
func (s *netSwitch) RemoveReactor(string, p2p.Reactor)    {}
func (s *netSwitch) MaxNumOutboundPeers() int             { return validators }
func (s *netSwitch) AddPersistentPeers([]string) error    { return nil }
func (s *netSwitch) AddPrivatePeerIDs([]string) error     { return nil }
func (s *netSwitch) AddUnconditionalPeerIDs([]string) error {
	return nil
}
func (s *netSwitch) DialPeersAsync([]string) error         { return nil }
func (s *netSwitch) IsPeerPersistent(*p2p.NetAddress) bool { return true }
func (s *netSwitch) IsPeerUnconditional(p2p.ID) bool       { return true }
func (s *netSwitch) MarkPeerAsGood(p2p.Peer)               {}

func (s *netSwitch) Reactor(name string) (p2p.Reactor, bool) {
	r, ok := s.reactors[name]
	return r, ok
}

func (s *netSwitch) NumPeers() (outbound, inbound, dialing int) { return s.peers.Size(), 0, 0 }

// DialPeerWithAddress tries once.
func (s *netSwitch) DialPeerWithAddress(a *p2p.NetAddress) error {
	return s.network.dial(s.node, int(a.Port)-26000)
}

func (s *netSwitch) IsDialingOrExistingAddress(a *p2p.NetAddress) bool { return s.peers.Has(a.ID) }

func (s *netSwitch) BroadcastAsync(e p2p.Envelope) {
	for _, p := range s.peers.Copy() {
		go p.Send(e)
	}
}

func (s *netSwitch) TryBroadcast(e p2p.Envelope) {
	for _, p := range s.peers.Copy() {
		p.TrySend(e)
	}
}

// info is what a node says of itself.
func (s *netSwitch) info(node int) p2p.NodeInfo {
	i := p2p.DefaultNodeInfo{DefaultNodeID: nodeID(node), Network: s.chain, ListenAddr: fmt.Sprintf("127.0.0.1:%d",
		26000+node)}
	for id := range s.channels {
		i.Channels = append(i.Channels, id)
	}
	return i
}
