package node

import (
	"bytes"
	"context"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/consensus"
	cstypes "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/libs/bits"
	"github.com/cometbft/cometbft/p2p"
	cmtcons "github.com/cometbft/cometbft/proto/tendermint/consensus"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

const (
	// handOnPause is how often gossip looks at a peer that is not where this node
	// is, while it has something for it.
	handOnPause = 2 * time.Millisecond
	// resendAfter is how long a peer that is behind may stay at a block, before it is sent
	// the whole block again.
	resendAfter = 5 * time.Second
	gossipName  = "GOSSIP"
)

// Gossip hands what this validator proposes and votes to each peer at once.
//
// CometBFT polls: for each peer two routines ask, every
// peer_gossip_sleep_duration, what the peer lacks. Asked rarely, each step of a
// block waits; asked often, an idle network is busy asking, and a vote that is
// under way is sent again by each who has it. Here the poll is rare, for what
// got lost or has to go round, and what is new is handed on when it is there,
// through CometBFT's own channels and its own record of what a peer has. It
// says nothing that the poll would not say, only sooner.
//
// A peer that is more than one block behind gets the blocks that it lacks, as
// by the poll, and without its pauses. If it stays at a block, it gets that block
// again: the record of what it has can be wrong, and the poll believes it for ever. A
// peer drops a part while it does not know the commit, then says that it has none, and
// the part that it dropped may be marked as received after that.
type Gossip struct {
	p2p.BaseReactor
	own        []byte // consensus address
	voting     *cstypes.RoundState
	validators int // of which there are as many as in genesis for a chain's life
	blocks     *store.BlockStore
	syncing    func() bool // whether this node itself gets its blocks from others
	bus        *types.EventBus

	mu    sync.Mutex
	said  said
	links map[p2p.Peer]chan struct{} // woken when there is something new
}

// link is a peer and what it is known to have.
type link struct {
	p2p.Peer
	*consensus.PeerState
}

// said is what this validator said at its height.
type said struct {
	proposal *cstypes.RoundState // that its newest proposal was made in; nil if none
	votes    []*types.Vote
}

// NewGossip is the reactor, which works once [Gossip.Serve] was called.
func NewGossip() *Gossip {
	g := &Gossip{links: map[p2p.Peer]chan struct{}{}}
	g.BaseReactor = *p2p.NewBaseReactor("Gossip", g)
	return g
}

// Overhear puts gossip before an application, so that it hears what this node
// proposes. It judges nothing.
func (g *Gossip) Overhear(application abci.Application) abci.Application {
	return &overheard{Application: application, gossip: g}
}

// Serve says which validator gossip works for, by its consensus address, and what
// it reads: what consensus is voting on, and goes on to change; the node's
// blocks; whether the node still gets its blocks from others; and its events. It
// comes before the node starts.
func (g *Gossip) Serve(own []byte, voting *cstypes.RoundState, blocks *store.BlockStore, syncing func() bool,
	bus *types.EventBus) {
	g.own, g.voting, g.validators = own, voting, voting.Validators.Size()
	g.blocks, g.syncing, g.bus = blocks, syncing, bus
}

// OnStart listens for this validator's votes. The switch calls it.
func (g *Gossip) OnStart() error {
	// Without a buffer, since CometBFT drops a listener whose buffer is full. It
	// waits for this one, which therefore does nothing that takes long.
	votes, err := g.bus.SubscribeUnbuffered(context.Background(), gossipName, types.EventQueryVote)
	if err != nil {
		return err
	}
	go func() {
		for {
			select {
			case <-votes.Canceled():
				return
			case m := <-votes.Out():
				if v := m.Data().(types.EventDataVote).Vote; bytes.Equal(v.ValidatorAddress, g.own) {
					g.sayVote(v)
				}
			}
		}
	}()
	return nil
}

func (g *Gossip) sayVote(v *types.Vote) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.said.votes); n > 0 && g.said.votes[n-1].Height != v.Height {
		g.said.votes = nil
	}
	// Those who read the old slice keep it.
	g.said.votes = append(g.said.votes[:len(g.said.votes):len(g.said.votes)], v)
	g.wake()
}

func (g *Gossip) sayProposal(rs cstypes.RoundState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said.proposal = &rs
	g.wake()
}

// wake wakes each link. The caller holds g.mu.
func (g *Gossip) wake() {
	for _, woken := range g.links {
		select {
		case woken <- struct{}{}:
		default: // is awake
		}
	}
}

// AddPeer begins to hand on to a peer.
func (g *Gossip) AddPeer(peer p2p.Peer) {
	state, ok := peer.Get(types.PeerStateKey).(*consensus.PeerState)
	if !ok {
		return // the consensus reactor makes it before any peer is added
	}
	woken := make(chan struct{}, 1)
	g.mu.Lock()
	g.links[peer] = woken
	g.mu.Unlock()
	go g.follow(link{peer, state}, woken)
}

// RemovePeer ends what AddPeer began.
func (g *Gossip) RemovePeer(peer p2p.Peer, _ any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.links, peer)
}

// follow hands on to a peer until it or this node ends.
func (g *Gossip) follow(peer link, woken <-chan struct{}) {
	var height int64 // at which the peer has been since
	var since time.Time
	for {
		var pause <-chan time.Time
		if g.handOn(peer) {
			pause = time.After(handOnPause)
		}
		if at := peer.GetRoundState().Height; at != height {
			height, since = at, time.Now()
		} else if time.Since(since) >= resendAfter {
			g.resend(peer, height)
			since = time.Now()
		}
		select {
		case <-woken:
		case <-pause:
		case <-peer.Quit():
			return
		case <-g.Quit():
			return
		}
	}
}

// handOn sends a peer what it can use now, and reports whether there is more
// that it will be able to use.
func (g *Gossip) handOn(peer link) (more bool) {
	at := peer.GetRoundState()
	if at.Height == 0 || g.syncing() {
		return false // the peer, or this node, gets its blocks otherwise
	}
	if at.Height < g.blocks.Height() {
		return g.catchUp(peer, at)
	}
	g.mu.Lock()
	said := g.said
	g.mu.Unlock()
	if rs := said.proposal; rs != nil {
		more = behind(at, rs.Height, rs.Round) || !g.propose(peer, rs)
	}
	for _, v := range said.votes {
		more = behind(at, v.Height, v.Round) || !g.vote(peer, v) || more
	}
	return more
}

// behind reports whether a peer has still to come to a round of a height.
func behind(at *cstypes.PeerRoundState, height int64, round int32) bool {
	return at.Height < height || at.Height == height && at.Round < round
}

// propose sends the proposal of a round, and its block, to a peer in that round.
// It reports false if the peer could not take it.
func (g *Gossip) propose(peer link, rs *cstypes.RoundState) bool {
	inRound := func(at *cstypes.PeerRoundState) bool { return at.Height == rs.Height && at.Round == rs.Round }
	at := peer.GetRoundState()
	if !inRound(at) {
		return true
	}
	if !at.Proposal {
		peer.SendProposalSetHasProposal(g.Logger, rs, at)
	}
	at = peer.GetRoundState()
	if !inRound(at) {
		return true
	}
	if !rs.ProposalBlockParts.HasHeader(at.ProposalBlockPartSetHeader) {
		return at.Proposal // with another header: the peer prefers another block
	}
	return g.parts(peer, at, rs.ProposalBlockParts.GetPart)
}

// parts sends the parts of a block that a peer lacks.
func (g *Gossip) parts(peer link, at *cstypes.PeerRoundState, part func(int) *types.Part) bool {
	for i := range at.ProposalBlockParts.Size() {
		if at.ProposalBlockParts.GetIndex(i) {
			continue
		}
		if p := part(i); p == nil || !peer.SendPartSetHasPart(p, at) {
			return false
		}
	}
	return true
}

// vote sends a vote to a peer that lacks it. It reports false if the peer could
// not take it.
func (g *Gossip) vote(peer link, v *types.Vote) bool {
	peer.EnsureVoteBitArrays(v.Height, g.validators)
	has := votesOf(peer.GetRoundState(), v)
	if has == nil || has.GetIndex(int(v.ValidatorIndex)) {
		return true
	}
	return peer.vote(v)
}

// vote sends a vote to the peer, and remembers that it was sent.
func (l link) vote(v *types.Vote) bool {
	if !l.Send(p2p.Envelope{ChannelID: consensus.VoteChannel, Message: &cmtcons.Vote{Vote: v.ToProto()}}) {
		return false
	}
	l.SetHasVote(v)
	return true
}

// votesOf is which votes a peer has of those among which v counts for it; nil if
// it has no more use for v.
func votesOf(at *cstypes.PeerRoundState, v *types.Vote) *bits.BitArray {
	switch {
	case at.Height == v.Height && at.Round == v.Round && v.Type == cmtproto.PrevoteType:
		return at.Prevotes
	case at.Height == v.Height && at.Round == v.Round:
		return at.Precommits
	case at.Height == v.Height+1 && at.LastCommitRound == v.Round && v.Type == cmtproto.PrecommitType:
		return at.LastCommit
	}
	return nil
}

// catchUp sends a peer what it lacks of the decided block that it is at, and
// reports that there are more.
func (g *Gossip) catchUp(peer link, at *cstypes.PeerRoundState) bool {
	meta, commit := g.blocks.LoadBlockMeta(at.Height), g.blocks.LoadBlockCommit(at.Height)
	if meta == nil || commit == nil {
		return false // pruned
	}
	if at.ProposalBlockParts == nil {
		peer.InitProposalBlockParts(meta.BlockID.PartSetHeader)
		at = peer.GetRoundState()
	}
	if at.Height == meta.Header.Height && at.ProposalBlockPartSetHeader.Equals(meta.BlockID.PartSetHeader) {
		g.parts(peer, at, func(i int) *types.Part { return g.blocks.LoadBlockPart(meta.Header.Height, i) })
	}
	votes := commit.WrappedExtendedCommit()
	for v := peer.PickVoteToSend(votes); v != nil && peer.vote(v); v = peer.PickVoteToSend(votes) {
	}
	return true
}

// resend sends a peer all of the decided block that it is at, whatever it is recorded to
// have: first what tells it which block, then the block.
func (g *Gossip) resend(peer link, height int64) {
	if height == 0 || height >= g.blocks.Height() || g.syncing() {
		return
	}
	meta, commit := g.blocks.LoadBlockMeta(height), g.blocks.LoadBlockCommit(height)
	if meta == nil || commit == nil {
		return // pruned
	}
	g.Logger.Info("a peer stays at a block: it is sent again", "peer", peer.ID(), "height", height)
	for i := range commit.Signatures {
		if commit.Signatures[i].BlockIDFlag != types.BlockIDFlagAbsent && !peer.vote(commit.GetVote(int32(i))) {
			return
		}
	}
	at := peer.GetRoundState()
	for i := range int(meta.BlockID.PartSetHeader.Total) {
		part := g.blocks.LoadBlockPart(height, i)
		if part == nil || at.Height != height || !peer.SendPartSetHasPart(part, at) {
			return
		}
	}
}

// overheard is the application, and gossip listens.
type overheard struct {
	abci.Application
	gossip *Gossip
}

// ProcessProposal says what this node proposes before the application judges it.
// Consensus waits for the verdict in its own goroutine, so that what stands in
// its round is exact.
func (o *overheard) ProcessProposal(ctx context.Context, req *abci.RequestProcessProposal) (
	*abci.ResponseProcessProposal, error) {
	if bytes.Equal(o.gossip.voting.Validators.GetProposer().Address, o.gossip.own) {
		o.gossip.sayProposal(*o.gossip.voting)
	}
	return o.Application.ProcessProposal(ctx, req)
}
