package node

import (
	"bytes"
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
	consensus "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/libs/log"
)

// ProposerCheck refuses a block whose header names another proposer than the
// one whose turn it was. CometBFT lets a proposer write any validator's address
// there, and a lucky draw is made with the VRF key of the validator that the
// header names: without this check a proposer could draw with the key of any
// validator it colludes with.
//
// It reads what consensus is voting on, in consensus' own goroutine, which holds
// the lock and waits for the answer: what it reads is exact, and the getter that
// takes the lock would never return.
type ProposerCheck struct {
	abci.Application
	voting *consensus.RoundState // set before consensus starts
	logger log.Logger
}

// NewProposerCheck puts the check before an application. It judges once
// [ProposerCheck.Follow] was called.
func NewProposerCheck(application abci.Application, logger log.Logger) *ProposerCheck {
	return &ProposerCheck{Application: application, logger: logger}
}

// Follow says what consensus is voting on, which consensus goes on to change. It
// comes before consensus starts.
func (c *ProposerCheck) Follow(voting *consensus.RoundState) { c.voting = voting }

// ProcessProposal refuses a block of the wrong proposer and leaves the rest to
// the application.
func (c *ProposerCheck) ProcessProposal(ctx context.Context, req *abci.RequestProcessProposal) (
	*abci.ResponseProcessProposal, error) {
	if !proposerHadTurn(c.voting, req.Hash, req.ProposerAddress) {
		c.logger.Error("refused a block that does not name its proposer", "height", req.Height, "round", c.voting.Round,
			"proposer", c.voting.Validators.GetProposer().Address, "named", log.NewLazySprintf("%X",
				req.ProposerAddress))
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
	}
	return c.Application.ProcessProposal(ctx, req)
}

// proposerHadTurn reports whether the block of this hash and proposer may be
// voted for in rs' round: its proposer is that round's; or more than 2/3 have
// prevoted for it in this round or an earlier one, and it is proposed again.
//
// The honest validator that prevoted for a block before any other did so under
// the first rule. So a block that is decided was first proposed in a round of
// its proposer, as long as at most 2/3 of the power are dishonest. Liveness is
// that of Tendermint's paper: what a correct validator proposes again has such
// prevotes, consensus gossips them with the proposal and waits for them, and a
// validator that lacks them when its timeout ends prevotes nil.
func proposerHadTurn(rs *consensus.RoundState, hash, proposer []byte) bool {
	if bytes.Equal(rs.Validators.GetProposer().Address, proposer) {
		return true
	}
	for round := rs.Round; round >= 0; round-- {
		if block, ok := rs.Votes.Prevotes(round).TwoThirdsMajority(); ok && bytes.Equal(block.Hash, hash) {
			return true
		}
	}
	return false
}
