package node

import (
	"context"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
)

const (
	// impatient is by how much the timeouts of consensus grow at least when rounds
	// were too short.
	impatient = 2.0
	// relieved is by how much they shrink when every validator had a turn and no
	// round was too short.
	relieved = 0.9
	// mostPatient brings timeout_propose from 500 ms to CometBFT's own 3 s.
	mostPatient = 6.0
)

// patience fits the timeouts of consensus to the network. In config.toml they are for
// validators in one town, where a proposer that is away is to cost little. Over slow
// links rounds then end before their votes have arrived, and a block takes many of
// them. How many a block took stands in the next one. Validators that are away cost a
// round at their turns, and while each has one turn there can be only so many of
// them; if it was more, the rounds were too short. As it is read from blocks, all
// validators have the same patience.
//
// FinalizeBlock is called by the goroutine that reads the timeouts.
type patience struct {
	abci.Application
	config     *cfg.ConsensusConfig // that consensus reads
	least      cfg.ConsensusConfig  // as config.toml has it
	validators int

	factor float64
	blocks int // since the factor was looked at
	rounds int // lost in those
}

func newPatience(a abci.Application, c *cfg.ConsensusConfig, validators int) *patience {
	return &patience{Application: a, config: c, least: *c, validators: validators, factor: 1}
}

// FinalizeBlock learns from the round in which the block before was decided.
func (p *patience) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	if n := len(req.DecidedLastCommit.Votes); n > 0 {
		p.validators = n
	}
	p.saw(int(req.DecidedLastCommit.Round))
	return p.Application.FinalizeBlock(ctx, req)
}

// saw takes a block that was decided in a round, from 0.
func (p *patience) saw(round int) {
	p.blocks++
	p.rounds += round
	// So many can be away; if their turns follow each other, the first turn costs a
	// round for each of them, the next one fewer.
	away := (p.validators - 1) / 3
	switch {
	case p.rounds > away*(away+1)/2:
		// In that round the timeouts were long enough: each is longer by half of the
		// first.
		p.factor = min(mostPatient, p.factor*max(impatient, 1+float64(round)/2))
	case p.blocks >= p.validators:
		p.factor = max(1, p.factor*relieved)
	default:
		return
	}
	p.blocks, p.rounds = 0, 0
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
