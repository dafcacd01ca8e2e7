package node

import (
	"sync/atomic"

	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cometbft/cometbft/store"
)

const (
	// genesisChannel is a channel of p2p that no reactor of CometBFT uses.
	genesisChannel = byte(0x71)
	// genesisChunk is how many bytes of the genesis a message carries, and
	// genesisMessage the message with what stands around them.
	genesisChunk   = 256 << 10
	genesisMessage = genesisChunk + 64
	// askedBefore is where a peer keeps the number of chunks that it was sent.
	askedBefore = "hongbao.genesis"
)

// share sends the genesis to peers that ask for it, so that a joiner needs no
// other door than the one for peers. CometBFT's RPC has the genesis, too, but in
// a spelling of its own, whose hash is another, and most operators keep RPC to
// themselves. A connection is sent each chunk once, in order: what a stranger
// can make a node send is bounded by the places for peers.
type share struct {
	p2p.BaseReactor
	genesis []byte            // the file's exact bytes
	blocks  *store.BlockStore // whose headers it sends; set before it starts
	asked   atomic.Value      // p2p.ID of the peer whose answers are awaited
	answers chan answered     // of that one, and of those asked before
	// plans is the hand-over of a place, from 0, and the height of the block that
	// carried it out; nil: there is none.
	plans func(index uint32) (height int64, handOver []byte)
}

// maxAnswers is how many headers wait for the one who asked.
const maxAnswers = 16

// answered is what a peer said.
type answered struct {
	by p2p.ID
	*ssproto.ChunkResponse
}

func newShare(genesis []byte) *share {
	r := &share{genesis: genesis, answers: make(chan answered, maxAnswers)}
	r.BaseReactor = *p2p.NewBaseReactor("Genesis", r)
	return r
}

// GetChannels names the one channel, on which CometBFT's own messages for the
// chunks of a snapshot are spoken. Votes go before it.
func (r *share) GetChannels() []*conn.ChannelDescriptor {
	return []*conn.ChannelDescriptor{genesisDescriptor()}
}

func genesisDescriptor() *conn.ChannelDescriptor {
	return &conn.ChannelDescriptor{ID: genesisChannel, Priority: 1, SendQueueCapacity: 1,
		RecvMessageCapacity: genesisMessage, MessageType: &ssproto.Message{}}
}

// Receive answers a request for the next chunk, and no other, for a plan of the
// validators, or for the signed header of a height; and keeps the answer to such a one.
func (r *share) Receive(e p2p.Envelope) {
	if answer, is := e.Message.(*ssproto.ChunkResponse); is {
		if by := e.Src.ID(); r.asked.Load() == by { // else it was not asked for
			select {
			case r.answers <- answered{by, answer}:
			default:
			}
		}
		return
	}
	if request, is := e.Message.(*ssproto.ChunkRequest); is && request.Format == plansFormat {
		height, handOver := r.plans(request.Index)
		e.Src.TrySend(p2p.Envelope{ChannelID: genesisChannel, Message: &ssproto.ChunkResponse{Height: uint64(height),
			Format: plansFormat, Index: request.Index, Chunk: handOver, Missing: handOver == nil}})
		return
	}
	if request, is := e.Message.(*ssproto.ChunkRequest); is && request.Height > 0 {
		header := signedHeader(r.blocks, int64(request.Height))
		e.Src.TrySend(p2p.Envelope{ChannelID: genesisChannel, Message: &ssproto.ChunkResponse{
			Height: request.Height, Chunk: header, Missing: header == nil}})
		return
	}
	request, ok := e.Message.(*ssproto.ChunkRequest)
	next, _ := e.Src.Get(askedBefore).(uint32)
	count := chunksOf(len(r.genesis))
	if !ok || request.Index != next || next >= count {
		return
	}
	e.Src.Set(askedBefore, next+1)
	from := int(next) * genesisChunk
	e.Src.TrySend(p2p.Envelope{ChannelID: genesisChannel, Message: &ssproto.ChunkResponse{
		Format: count, Index: next, Chunk: r.genesis[from:min(from+genesisChunk, len(r.genesis))],
	}})
}

// chunksOf is in how many chunks a genesis of so many bytes is sent.
func chunksOf(size int) uint32 { return uint32((size + genesisChunk - 1) / genesisChunk) }
