package node

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/consensus"
	cstypes "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/libs/bits"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/mock"
	cmtcons "github.com/cometbft/cometbft/proto/tendermint/consensus"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// hearer is a peer that notes what it is sent, or takes nothing.
type hearer struct {
	*mock.Peer
	mu    sync.Mutex // guards heard
	heard []string
	deaf  bool
}

// take returns what was heard since it was last called.
func (h *hearer) take() (heard []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard, h.heard = h.heard, nil
	return heard
}

func (h *hearer) Send(e p2p.Envelope) bool {
	if h.deaf {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch m := e.Message.(type) {
	case *cmtcons.Proposal:
		h.heard = append(h.heard, "proposal")
	case *cmtcons.BlockPart:
		h.heard = append(h.heard, "part")
	case *cmtcons.Vote:
		h.heard = append(h.heard, map[cmtproto.SignedMsgType]string{
			cmtproto.PrevoteType: "prevote", cmtproto.PrecommitType: "precommit"}[m.Vote.Type])
	}
	return true
}

// chatter is gossip of the first of four validators, which proposed at
// someHeight, round 1, a block of two parts, prevoted it and precommitted it.
type chatter struct {
	*Gossip
	peer link
	ears *hearer
}

func newChatter(t *testing.T) *chatter {
	t.Helper()
	v := newVoting(t, 4)
	v.enter(1)
	v.ProposalBlockParts = types.NewPartSetFromData(make([]byte, types.BlockPartSizeBytes+1), types.BlockPartSizeBytes)
	id := types.BlockID{Hash: make([]byte, 32), PartSetHeader: v.ProposalBlockParts.Header()}
	v.Proposal = types.NewProposal(someHeight, 1, -1, id)

	c := &chatter{Gossip: NewGossip(), ears: &hearer{Peer: mock.NewPeer(nil)}}
	c.SetLogger(log.NewNopLogger())
	c.own = v.Validators.Validators[0].Address
	c.validators, c.syncing = 4, func() bool { return false }
	c.blocks = store.NewBlockStore(dbm.NewMemDB())
	c.peer = link{c.ears, consensus.NewPeerState(c.ears)}
	c.sayProposal(v.RoundState)
	for _, kind := range []cmtproto.SignedMsgType{cmtproto.PrevoteType, cmtproto.PrecommitType} {
		c.sayVote(types.MakeVoteNoError(t, v.keys[0], "test-1", 0, someHeight, 1, kind, id, time.Now()))
	}
	return c
}

// enters has the peer say that it is in a round.
func (c *chatter) enters(height int64, round, lastRound int32) {
	c.peer.ApplyNewRoundStepMessage(&consensus.NewRoundStepMessage{Height: height, Round: round,
		Step: cstypes.RoundStepPropose, LastCommitRound: lastRound})
}

// hand hands on once, and returns what the peer heard by that.
func (c *chatter) hand() (heard []string, more bool) {
	c.ears.take()
	more = c.handOn(c.peer)
	return c.ears.take(), more
}

// A peer gets what it can use, once, and when it can use it.
func TestGossipHandsOnWhatAPeerLacks(t *testing.T) {
	all := []string{"proposal", "part", "part", "prevote", "precommit"}
	for _, row := range []struct {
		desc string
		peer func(*chatter)
		want []string
		more bool
	}{
		{"a peer that has not said where it is", func(*chatter) {}, nil, false},
		{"in the round", func(c *chatter) { c.enters(someHeight, 1, 0) }, all, false},
		{"in the round before", func(c *chatter) { c.enters(someHeight, 0, 0) }, nil, true},
		{"in the round after", func(c *chatter) { c.enters(someHeight, 2, 0) }, nil, false},
		{"at the height before", func(c *chatter) { c.enters(someHeight-1, 3, 0) }, nil, true},
		{"at the next height, decided in that round", func(c *chatter) { c.enters(someHeight+1, 0, 1) },
			[]string{"precommit"}, false},
		{"at the next height, decided in another", func(c *chatter) { c.enters(someHeight+1, 0, 0) }, nil, false},
		{"that has the proposal and a part from others", func(c *chatter) {
			c.enters(someHeight, 1, 0)
			c.peer.SetHasProposal(c.said.proposal.Proposal)
			c.peer.SetHasProposalBlockPart(someHeight, 1, 0)
		}, []string{"part", "prevote", "precommit"}, false},
		{"that has the prevote from others", func(c *chatter) {
			c.enters(someHeight, 1, 0)
			c.peer.EnsureVoteBitArrays(someHeight, 4)
			c.peer.ApplyHasVoteMessage(&consensus.HasVoteMessage{Height: someHeight, Round: 1,
				Type: cmtproto.PrevoteType, Index: 0})
		}, []string{"proposal", "part", "part", "precommit"}, false},
		{"that waits for another block", func(c *chatter) {
			c.enters(someHeight, 1, 0)
			c.peer.ApplyNewValidBlockMessage(&consensus.NewValidBlockMessage{Height: someHeight, Round: 1,
				BlockPartSetHeader: types.PartSetHeader{Total: 3, Hash: make([]byte, 32)},
				BlockParts:         bits.NewBitArray(3)})
		}, []string{"proposal", "prevote", "precommit"}, false},
		{"that takes nothing", func(c *chatter) { c.enters(someHeight, 1, 0); c.ears.deaf = true }, nil, true},
		{"while this node gets its blocks from others", func(c *chatter) {
			c.enters(someHeight, 1, 0)
			c.syncing = func() bool { return true }
		}, nil, false},
	} {
		c := newChatter(t)
		row.peer(c)
		if got, more := c.hand(); !slices.Equal(got, row.want) || more != row.more {
			t.Errorf("%s: heard %v, more to come %t, expected %v, %t", row.desc, got, more, row.want, row.more)
		}
		if got, _ := c.hand(); len(got) > 0 {
			t.Errorf("%s: heard %v again", row.desc, got)
		}
	}
}

// A peer that was behind hears all of it once it is there.
func TestGossipWaitsForAPeer(t *testing.T) {
	c := newChatter(t)
	for _, round := range []int32{0, 1} {
		c.enters(someHeight, round, 0)
		got, more := c.hand()
		if want := 5 * int(round); len(got) != want || more != (round == 0) {
			t.Errorf("round %d: heard %v, more to come %t", round, got, more)
		}
	}
	c.sayVote(&types.Vote{Type: cmtproto.PrevoteType, Height: someHeight + 1, ValidatorAddress: c.own})
	if n := len(c.said.votes); n != 1 {
		t.Errorf("%d votes remembered at the next height, expected 1", n)
	}
}

// saveBlocks has the node keep so many blocks, of two parts each, that three validators decided.
func (c *chatter) saveBlocks(t *testing.T, count int64) {
	v := newVoting(t, 4)
	var last *types.Commit
	for height := int64(1); height <= count; height++ {
		if last == nil {
			last = &types.Commit{}
		}
		block := types.MakeBlock(height, []types.Tx{make([]byte, types.BlockPartSizeBytes)}, last, nil)
		block.ValidatorsHash, block.ProposerAddress = v.Validators.Hash(), v.Validators.Validators[0].Address
		parts, err := block.MakePartSet(types.BlockPartSizeBytes)
		must(t, err)
		id := types.BlockID{Hash: block.Hash(), PartSetHeader: parts.Header()}
		set := types.NewVoteSet("test-1", height, 0, cmtproto.PrecommitType, v.Validators)
		for i := range 3 {
			vote := types.MakeVoteNoError(t, v.keys[i], "test-1", int32(i), height, 0, cmtproto.PrecommitType, id,
				time.Now())
			vote.ExtensionSignature = nil
			_, err := set.AddVote(vote)
			must(t, err)
		}
		last = set.MakeExtendedCommit(types.ABCIParams{}).ToCommit()
		c.blocks.SaveBlock(block, parts, last)
	}
}

// A peer several blocks behind gets the block that it is at, whole, and then the
// votes that decided it.
func TestGossipBringsAPeerUp(t *testing.T) {
	c := newChatter(t)
	c.saveBlocks(t, 3)
	c.enters(1, 0, -1)
	want := []string{"part", "part", "precommit", "precommit", "precommit"}
	if got, more := c.hand(); !slices.Equal(got, want) || !more {
		t.Errorf("heard %v, more to come %t, expected %v", got, more, want)
	}
	if got, more := c.hand(); len(got) > 0 || !more {
		t.Errorf("heard %v again, more to come %t", got, more)
	}
	c.enters(2, 0, 0)
	if got, _ := c.hand(); !slices.Equal(got, want) {
		t.Errorf("at the next block: heard %v, expected %v", got, want)
	}
}

// A peer that stays at a block gets all of it again, although it is recorded to have it.
func TestGossipSendsABlockAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChatter(t)
		c.saveBlocks(t, 3)
		c.enters(1, 0, -1)
		go c.follow(c.peer, nil)
		heard := func(after time.Duration, want ...string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := c.ears.take(); !slices.Equal(got, want) {
				t.Errorf("heard %v, expected %v", got, want)
			}
		}
		heard(resendAfter-time.Millisecond, "part", "part", "precommit", "precommit", "precommit")
		again := []string{"precommit", "precommit", "precommit", "part", "part"}
		heard(2*handOnPause, again...)
		heard(resendAfter, again...)
		c.enters(3, 0, 0) // one behind: others may be about to send it
		heard(2 * resendAfter)
		must(t, c.ears.Stop())
	})
}

// What this node proposes is said, and what others propose is not.
func TestGossipSaysItsOwnProposals(t *testing.T) {
	v := newVoting(t, 4)
	g := NewGossip()
	g.voting = &v.RoundState
	heard := g.Overhear(refusing{})
	for i := range 4 {
		g.own, g.said = v.Validators.Validators[i].Address, said{}
		res, err := heard.ProcessProposal(context.Background(), &abci.RequestProcessProposal{})
		if err != nil || res.IsAccepted() {
			t.Fatalf("the application's verdict is lost: %v %v", res, err)
		}
		own := v.Validators.GetProposer().Address.String() == v.Validators.Validators[i].Address.String()
		if said := g.said.proposal != nil; said != own {
			t.Errorf("validator %d: says the proposal: %t, expected %t", i, said, own)
		}
	}
}
