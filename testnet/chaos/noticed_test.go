package chaos_test

import (
	"context"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
	"hongbao/testnet/chaos"
)

// planted is a node with a bug.
type planted struct {
	abci.Application
	bug
	height atomic.Int64
}

// bug is in what a node answers, in when it does, or in what it makes of a block.
type bug struct {
	answer  func(*planted, *abci.RequestQuery, *abci.ResponseQuery)
	asleep  bool // from slumber on
	crashes bool // when it starts with blocks
	accuses bool // a validator, at slumber: what its ledger then says came of two votes
}

const (
	// slumber is the block at which a bug shows itself, by when the node has joined the others.
	slumber = 40
	asleep  = time.Minute
	// forgets is how many blocks ago a node's records begin to be missing.
	forgets = 20
)

// answered changes an answer to a path; others it leaves.
func answered[T any](at string, change func(*planted, *T)) func(*planted, *abci.RequestQuery, *abci.ResponseQuery) {
	return func(p *planted, req *abci.RequestQuery, res *abci.ResponseQuery) {
		var a T
		if req.Path == at && contract.Decode(res.Value, &a) == nil {
			change(p, &a)
			res.Value = contract.Encode(a)
		}
	}
}

// plants are the bugs, the promise that each breaks, and the fault under which it does.
var plants = map[string]struct {
	bug     bug
	promise string
	nodes   []int
	fault   string
}{
	"tells wrong heights": {bug{answer: answered(query.Results, func(_ *planted, p *query.ResultPage) {
		for i := range p.Results {
			if p.Results[i].Height > 0 {
				p.Results[i].Height++
			}
		}
	})}, "X", everyone, "nothing"},
	"loses old records": {bug{answer: answered(query.Results, func(n *planted, p *query.ResultPage) {
		for i := range p.Results {
			if p.Results[i].Height < n.height.Load()-forgets {
				p.Results[i] = query.Result{}
			}
		}
	})}, "T", []int{3}, "nothing"},
	"makes a fen": {bug{answer: answered(query.Summary, func(_ *planted, s *query.Totals) {
		s.Supply.Wallets++
	})}, "S", []int{2}, "nothing"},
	"proves another leaf": {bug{answer: func(_ *planted, _ *abci.RequestQuery, res *abci.ResponseQuery) {
		for i := range res.ProofOps.GetOps() {
			proof := slices.Clone(res.ProofOps.Ops[i].Data)
			proof[len(proof)/2] ^= 1
			res.ProofOps.Ops[i].Data = proof
		}
	}}, "V", []int{4}, "nothing"},
	"falls asleep": {bug{asleep: true}, "L", []int{1, 2}, "nothing"},
	"crashes":      {bug{crashes: true}, "A", everyone, "wal-cut"},
	"votes twice":  {bug{accuses: true}, "E", everyone, "one-key-twice"},
}

// everyone is for a fault that happens to a node by chance, or that all must agree on.
var everyone = []int{1, 2, 3, 4}

func plantedFault(name string) func(string) node.Options {
	return func(string) node.Options {
		p := &planted{bug: plants[name].bug}
		return node.Options{Wrap: func(a abci.Application) abci.Application { p.Application = a; return p }}
	}
}

func init() {
	for name := range plants {
		faults[name] = plantedFault(name)
	}
}

func (p *planted) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	res, err := p.Application.Query(ctx, req)
	if err == nil && p.answer != nil {
		p.answer(p, req, res)
	}
	return res, err
}

func (p *planted) Info(ctx context.Context, req *abci.RequestInfo) (*abci.ResponseInfo, error) {
	res, err := p.Application.Info(ctx, req)
	if err == nil && p.crashes && res.LastBlockHeight > 0 {
		panic("planted")
	}
	return res, err
}

func (p *planted) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	p.height.Store(req.Height)
	if p.asleep && req.Height >= slumber {
		time.Sleep(asleep)
	}
	if p.accuses && req.Height == slumber {
		of := req.DecidedLastCommit.Votes[0].Validator
		req.Misbehavior = append(req.Misbehavior, abci.Misbehavior{Type: abci.MisbehaviorType_DUPLICATE_VOTE,
			Validator: of, Height: req.Height - 1, Time: req.Time, TotalVotingPower: 4 * of.Power})
	}
	return p.Application.FinalizeBlock(ctx, req)
}

// What is checked after each fault notices a bug of its kind in a node. Those of H and of
// P and R, where every node has the same bug, are planted in the books themselves:
// TestChecksNoticeWhatIsBroken, TestLivesNoticeWhatNoRuleAllows.
func TestPlantedBugsAreNoticed(t *testing.T) {
	if !*campaign {
		t.Skip("takes five minutes: go test ./testnet/chaos -campaign -run PlantedBugs -v")
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			c := chaos.Config{Only: plant.fault, Times: 1, Rate: 40, Prepare: func(n *testnet.Network) {
				for _, number := range plant.nodes {
					must(t, os.WriteFile(faultFile(n.Nodes[number-1].Home), []byte(name), 0o600))
				}
			}}
			rows, err := chaos.Run(t.Context(), c)
			must(t, err)
			for _, r := range rows {
				for _, b := range r.Broken {
					if b.Promise == plant.promise {
						t.Logf("%s: %s", b.Promise, b.Text)
						return
					}
				}
				t.Errorf("%s is not broken: %v", plant.promise, r.Broken)
			}
		})
	}
}
