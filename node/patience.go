package node

import (
	"context"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
)

const (
	// impatient is by how much the timeouts of consensus grow when rounds were too short.
	impatient = 2.0
	// relieved is by how much they shrink when every validator had a turn and none
	// was.
	relieved = 0.9
	// mostPatient brings timeout_propose from 500 ms to CometBFT's own 3 s.
	mostPatient = 6.0
)

// patience fits the timeouts of consensus to the network. In config.toml they are for
// validators in one town, where a proposer that is away is to cost little. Over slow
// links rounds then end before their votes have arrived, and a block takes many of
// them. How many it took stands in the next block: more than there can be faulty
// validators means that the rounds were too short. As it is read from blocks, all
// validators have the same patience.
//
// FinalizeBlock is called by the goroutine that reads the timeouts.
type patience struct {
	abci.Application
	config     *cfg.ConsensusConfig // that consensus reads
	least      cfg.ConsensusConfig  // as config.toml has it
	validators int

	factor float64
	calm   int // blocks since the factor changed
}

func newPatience(a abci.Application, c *cfg.ConsensusConfig, validators int) *patience {
	return &patience{Application: a, config: c, least: *c, validators: validators, factor: 1}
}

// FinalizeBlock learns from the round in which the block before was decided.
func (p *patience) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	p.saw(int(req.DecidedLastCommit.Round))
	return p.Application.FinalizeBlock(ctx, req)
}

func (p *patience) saw(round int) {
	p.calm++
	switch faulty := (p.validators - 1) / 3; {
	case round > faulty:
		p.factor, p.calm = min(mostPatient, p.factor*impatient), 0
	case p.calm >= p.validators:
		p.factor, p.calm = max(1, p.factor*relieved), 0
	default:
		return
	}
	for _, timeout := range []struct{ now, least *time.Duration }{
		{&p.config.TimeoutPropose, &p.least.TimeoutPropose},
		{&p.config.TimeoutProposeDelta, &p.least.TimeoutProposeDelta},
		{&p.config.TimeoutPrevote, &p.least.TimeoutPrevote},
		{&p.config.TimeoutPrevoteDelta, &p.least.TimeoutPrevoteDelta},
		{&p.config.TimeoutPrecommit, &p.least.TimeoutPrecommit},
		{&p.config.TimeoutPrecommitDelta, &p.least.TimeoutPrecommitDelta},
	} {
		*timeout.now = time.Duration(float64(*timeout.least) * p.factor)
	}
}
