package node

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	tmp2p "github.com/cometbft/cometbft/proto/tendermint/p2p"

	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
)

const (
	// pulseChannel is a channel of p2p that no reactor of CometBFT uses.
	pulseChannel = byte(0x70)
	// pulseEvery is how often a node says to each peer that it is there, and
	// looks for those that are not.
	pulseEvery = time.Second
	// silentPulses in a row without a byte from a peer mean that its packets do
	// not arrive: twice what a busy machine was seen to pause.
	silentPulses = 5
	// pulseMessages and pulseBytes bound what a peer can make a node hold.
	pulseMessages, pulseBytes = 1, 16
)

// pulse keeps the links to peers alive, or ends them. CometBFT's own pings come
// once a minute; TCP holds a connection whose packets are lost, and doubles the
// pause before it tries again, so that a network whose packets flow again after
// a minute stood still for half a minute more. Here each node sends a few bytes
// a second, hangs up on a peer of which it heard nothing for some seconds, and
// dials every persistent peer that is missing. Seconds are counted by its own
// beats: a process that was stopped has not waited.
type pulse struct {
	p2p.BaseReactor
	every time.Duration
	peers []string // to be dialled: id@host:port
	heard map[p2p.ID]hearing
}

// hearing is what was heard of a connection.
type hearing struct {
	peer   p2p.Peer
	bytes  int64
	silent int // beats since there were more
}

// NewPulse is the reactor that keeps the links to these peers (id@host:port, with
// commas between) alive, or ends them and dials again.
func NewPulse(persistentPeers string) p2p.Reactor { return newPulse(persistentPeers, pulseEvery) }

func newPulse(persistentPeers string, every time.Duration) *pulse {
	r := &pulse{every: every, peers: split(persistentPeers), heard: map[p2p.ID]hearing{}}
	r.BaseReactor = *p2p.NewBaseReactor("Pulse", r)
	return r
}

// OnStart begins the beats. The switch calls it.
func (r *pulse) OnStart() error {
	go func() {
		for {
			select {
			case <-r.Quit():
				return
			// Two nodes that dial each other at once refuse each other's
			// connection; they must not do so for ever.
			case <-time.After(r.every + rand.N(r.every/2)):
				r.beat()
			}
		}
	}()
	return nil
}

// GetChannels names the one channel. Its least priority keeps votes first.
func (r *pulse) GetChannels() []*conn.ChannelDescriptor {
	return []*conn.ChannelDescriptor{{ID: pulseChannel, Priority: 1, SendQueueCapacity: pulseMessages,
		RecvMessageCapacity: pulseBytes, MessageType: &tmp2p.Packet{}}}
}

// here is what a node says: CometBFT's own ping, on another channel.
var here = &tmp2p.Packet{Sum: &tmp2p.Packet_PacketPing{PacketPing: &tmp2p.PacketPing{}}}

// beat says to each peer that this node is there, ends what is silent, and
// dials who is missing. A peer that does not know the channel, since it runs
// something else, is left alone.
func (r *pulse) beat() {
	heard := map[p2p.ID]hearing{}
	for _, peer := range r.Switch.Peers().Copy() {
		if info, ok := peer.NodeInfo().(p2p.DefaultNodeInfo); !ok || !info.HasChannel(pulseChannel) {
			continue
		}
		peer.TrySend(p2p.Envelope{ChannelID: pulseChannel, Message: here})
		last, bytes := r.heard[peer.ID()], peer.Status().RecvMonitor.Bytes
		now := hearing{peer: peer, bytes: bytes}
		if last.peer == peer && last.bytes == bytes {
			now.silent = last.silent + 1
		}
		if now.silent == silentPulses {
			r.Switch.StopPeerForError(peer, fmt.Errorf("heard nothing for %s", silentPulses*r.every))
			continue
		}
		heard[peer.ID()] = now
	}
	r.heard = heard
	for _, peer := range r.peers {
		id, _, _ := strings.Cut(peer, "@")
		if !r.Switch.Peers().Has(p2p.ID(id)) {
			go r.dial(peer)
		}
	}
}

// dial tries once. A name is looked up each time: a peer may have moved.
func (r *pulse) dial(peer string) {
	addr, err := p2p.NewNetAddressString(peer)
	if err != nil || r.Switch.IsDialingOrExistingAddress(addr) {
		return
	}
	if err := r.Switch.DialPeerWithAddress(addr); err != nil {
		r.Logger.Debug("cannot dial", "peer", peer, "err", err)
	}
}
