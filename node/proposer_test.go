package node

import (
	"bytes"
	"context"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	consensus "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/libs/log"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

const someHeight = 7

// voting is a height of n validators of equal power, whose keys are in the order
// of the set.
type voting struct {
	consensus.RoundState
	keys []types.PrivValidator
}

func newVoting(t *testing.T, n int) *voting {
	t.Helper()
	set, keys := types.RandValidatorSet(n, 1)
	return &voting{RoundState: consensus.RoundState{Height: someHeight, Validators: set,
		Votes: consensus.NewHeightVoteSet("test-1", someHeight, set)}, keys: keys}
}

// enter goes on to a round as CometBFT's enterNewRound does.
func (v *voting) enter(round int32) {
	if v.Round < round {
		v.Validators = v.Validators.CopyIncrementProposerPriority(round - v.Round)
	}
	v.Round = round
	v.Votes.SetRound(round + 1)
}

// prevote has validators prevote for a block, or nil, in a round.
func (v *voting) prevote(t *testing.T, round int32, block []byte, validators ...int) {
	t.Helper()
	id := types.BlockID{}
	if block != nil {
		id = types.BlockID{Hash: block, PartSetHeader: types.PartSetHeader{Total: 1, Hash: block}}
	}
	for _, i := range validators {
		vote := types.MakeVoteNoError(t, v.keys[i], "test-1", int32(i), someHeight, round, cmtproto.PrevoteType,
			id, time.Now())
		if added, err := v.Votes.AddVote(vote, "peer", false); err != nil || !added {
			t.Fatalf("vote of %d in round %d: %t %v", i, round, added, err)
		}
	}
}

// accepting is an application that accepts every block.
type accepting struct{ abci.BaseApplication }

// A block names the proposer of the round that is voted on, or has been
// prevoted for by more than 2/3 before.
func TestBlockOfTheWrongProposerIsRefused(t *testing.T) {
	block, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	tests := []struct {
		desc     string
		round    int32
		proposer int32 // whose round it is that the header names
		prepare  func(v *voting)
		refused  bool
	}{
		{desc: "round 0, its own proposer", round: 0, proposer: 0},
		{desc: "round 0, the next round's proposer", round: 0, proposer: 1, refused: true},
		{desc: "round 0, the last to have a turn", round: 0, proposer: 3, refused: true},
		{desc: "round 2, its own proposer", round: 2, proposer: 2},
		{desc: "round 2, a later one's", round: 2, proposer: 3, refused: true},
		{desc: "round 1, round 0's proposer, whose block nobody prevoted", round: 1, proposer: 0, refused: true},
		{desc: "round 4, of four: the first one's turn again", round: 4, proposer: 0},
		{desc: "round 1, round 0's block, which three of four prevoted", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 0, block, 0, 1, 3) }},
		{desc: "round 3, round 0's block, prevoted for in round 1", round: 3, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 1, block, 0, 1, 2) }},
		{desc: "round 1, round 0's block, which two of four prevoted", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 0, block, 0, 1); v.prevote(t, 0, nil, 2, 3) }, refused: true},
		{desc: "round 1, round 0's proposer, three of four prevoted for another block of it", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 0, other, 0, 1, 3) }, refused: true},
		{desc: "round 1, round 0's proposer, three of four prevoted nil", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 0, nil, 0, 1, 3) }, refused: true},
		{desc: "round 1, two prevoted in round 0 and another in round 1", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 0, block, 0, 1); v.prevote(t, 1, block, 2) }, refused: true},
		{desc: "round 0, the block for which three of four prevoted before it came", round: 0, proposer: 2,
			prepare: func(v *voting) { v.prevote(t, 0, block, 1, 2, 3) }},
		{desc: "round 1, prevoted for only in round 2", round: 1, proposer: 0,
			prepare: func(v *voting) { v.prevote(t, 2, block, 0, 1, 2) }, refused: true},
	}
	for _, tt := range tests {
		v := newVoting(t, 4)
		named := v.Validators.Copy()
		if tt.proposer > 0 {
			named.IncrementProposerPriority(tt.proposer)
		}
		v.enter(tt.round)
		if tt.prepare != nil {
			tt.prepare(v)
		}
		check := &ProposerCheck{Application: accepting{}, voting: &v.RoundState, logger: log.NewNopLogger()}
		res, err := check.ProcessProposal(t.Context(), &abci.RequestProcessProposal{Height: someHeight, Hash: block,
			ProposerAddress: named.GetProposer().Address})
		if err != nil {
			t.Fatal(err)
		}
		if refused := res.Status == abci.ResponseProcessProposal_REJECT; refused != tt.refused {
			t.Errorf("%s: refused %t, expected %t", tt.desc, refused, tt.refused)
		}
	}
}

// The rest is the application's to judge.
func TestProposerCheckLeavesTheVerdictToTheApplication(t *testing.T) {
	v := newVoting(t, 1)
	check := &ProposerCheck{Application: refusing{}, voting: &v.RoundState, logger: log.NewNopLogger()}
	res, err := check.ProcessProposal(t.Context(), &abci.RequestProcessProposal{Height: someHeight,
		ProposerAddress: v.Validators.GetProposer().Address})
	if err != nil || res.Status != abci.ResponseProcessProposal_REJECT {
		t.Errorf("status %v, error %v, expected the application's refusal", res.Status, err)
	}
}

type refusing struct{ abci.BaseApplication }

func (refusing) ProcessProposal(context.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
}
