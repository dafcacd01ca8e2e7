package chaos_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"hongbao/node"
	"hongbao/testnet"
)

const (
	// faultEvery is how many heights lie between two refusals of the refuser and
	// lags of the laggard: not a multiple of four, so that the proposers vary.
	faultEvery = 5

	// The laggard's prevote makes more than 2/3 when the others have given the
	// round up, and while they still wait for its end.
	prevoteWait   = 600 * time.Millisecond
	precommitWait = 2 * time.Second
	lag           = prevoteWait + precommitWait/3
)

// refuser is a node that refuses a good block the first time it sees one.
func refuser(home string) node.Options {
	r := &refusal{home: home}
	return node.Options{Wrap: func(a abci.Application) abci.Application { r.Application = a; return r }}
}

type refusal struct {
	abci.Application
	home string
	mu   sync.Mutex
	last int64 // height of the last refusal
}

func (r *refusal) ProcessProposal(ctx context.Context, req *abci.RequestProcessProposal) (
	*abci.ResponseProcessProposal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Height%faultEvery == 0 && req.Height > r.last {
		r.last = req.Height
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT},
			note(r.home, "%d %X", req.Height, req.Hash)
	}
	return r.Application.ProcessProposal(ctx, req)
}

// laggard is a node that signs its first prevote late.
func laggard(string) node.Options {
	return node.Options{Signer: func(pv types.PrivValidator) types.PrivValidator { return laggingSigner{pv} }}
}

type laggingSigner struct{ types.PrivValidator }

func (s laggingSigner) SignVote(chainID string, vote *cmtproto.Vote) error {
	if vote.Type == cmtproto.PrevoteType && vote.Round == 0 && vote.Height%faultEvery == 0 {
		time.Sleep(lag)
	}
	return s.PrivValidator.SignVote(chainID, vote)
}

// A block for which more than 2/3 prevoted, but too late for its round, is
// proposed again in the next one under its first proposer's name, and accepted
// by all: also by the one that refused it before.
func TestBlockProposedAgainIsAccepted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes, two of which are faulty")
	}
	t.Parallel()
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts(),
		Configure: func(_ int, c *cfg.Config, _ *node.Settings) {
			c.Consensus.TimeoutPrevote, c.Consensus.TimeoutPrecommit = prevoteWait, precommitWait
		}})
	must(t, err)
	defer func() { must(t, end()) }()
	const refusing, lagging = 2, 3
	restartFaulty(t, n, map[int]string{refusing: "refuser", lagging: "laggard"})

	least := 1
	if *campaign {
		least = 10
	}
	c, again, seen := dial(t, n, 1), 0, 0
	for deadline := time.Now().Add(2 * catchUp); again < least; {
		if time.Now().After(deadline) {
			t.Fatalf("of %d refused blocks only %d were proposed again", seen, again)
		}
		claimLucky(t, n, 0)
		tip, refused := height(t, n, 1), notes(t, n.Nodes[refusing-1].Home)
		for ; seen < len(refused); seen++ {
			var at int64
			var hash string
			if _, err := fmt.Sscan(refused[seen], &at, &hash); err != nil {
				break // none yet
			}
			if at > tip {
				break
			}
			header, err := c.SignedHeader(t.Context(), at)
			must(t, err)
			if header.Commit.Round > 0 && header.Hash().String() == hash {
				again++
			}
			t.Logf("block %d: round %d, as refused: %t", at, header.Commit.Round, header.Hash().String() == hash)
		}
	}
	sameState(t, n)
	t.Logf("%d of %d blocks that one refused were proposed again and committed", again, seen)
}
