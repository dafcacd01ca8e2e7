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

// bug is in what a node answers, or in when it does.
type bug struct {
	answer func(*planted, *abci.RequestQuery, *abci.ResponseQuery)
	asleep bool // from slumber on
}

const (
	// slumber is the block at which a node falls asleep, by when it has joined the others.
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

// plants are the bugs, and the promise that each breaks.
var plants = map[string]struct {
	bug     bug
	promise string
	nodes   []int
}{
	"tells wrong heights": {bug{answer: answered(query.Results, func(_ *planted, p *query.ResultPage) {
		for i := range p.Results {
			if p.Results[i].Height > 0 {
				p.Results[i].Height++
			}
		}
	})}, "X", []int{1, 2, 3, 4}},
	"loses old records": {bug{answer: answered(query.Results, func(n *planted, p *query.ResultPage) {
		for i := range p.Results {
			if p.Results[i].Height < n.height.Load()-forgets {
				p.Results[i] = query.Result{}
			}
		}
	})}, "T", []int{3}},
	"makes a fen": {bug{answer: answered(query.Summary, func(_ *planted, s *query.Totals) {
		s.Supply.Wallets++
	})}, "S", []int{2}},
	"proves another leaf": {bug{answer: func(_ *planted, _ *abci.RequestQuery, res *abci.ResponseQuery) {
		for i := range res.ProofOps.GetOps() {
			proof := slices.Clone(res.ProofOps.Ops[i].Data)
			proof[len(proof)/2] ^= 1
			res.ProofOps.Ops[i].Data = proof
		}
	}}, "V", []int{4}},
	"falls asleep": {bug{asleep: true}, "L", []int{1, 2}},
}

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

func (p *planted) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	p.height.Store(req.Height)
	if p.asleep && req.Height >= slumber {
		time.Sleep(asleep)
	}
	return p.Application.FinalizeBlock(ctx, req)
}

// What is checked after each fault notices a bug of its kind in a node. Those of H and of
// P and R, where every node has the same bug, are planted in the books themselves:
// TestChecksNoticeWhatIsBroken, TestLivesNoticeWhatNoRuleAllows.
func TestPlantedBugsAreNoticed(t *testing.T) {
	if !*campaign {
		t.Skip("takes four minutes: go test ./testnet/chaos -campaign -run PlantedBugs -v")
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			c := chaos.Config{Only: "nothing", Rate: 40, Prepare: func(n *testnet.Network) {
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
