package app

import (
	"slices"
	"testing"
	"time"

	"hongbao/app/store"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

const testChain = testchain.ID

var (
	testStart = testchain.Start
	testKey   = testchain.Key
	addr      = testchain.Address
)

// chain is a test chain whose first node's inside the tests look into.
type chain struct {
	*testchain.Chain
	app  *App
	opts Options // of every node
}

// testGenesis funds names with ¥10,000.00 each.
func testGenesis(params contract.Params, names ...string) contract.Genesis {
	g := testchain.Genesis(names...)
	g.Params = params
	return g
}

func newChain(t testing.TB, names ...string) *chain {
	t.Helper()
	return newChainWith(t, Options{}, testGenesis(contract.DefaultParams(), names...))
}

func newChainWith(t testing.TB, opts Options, g contract.Genesis) *chain {
	t.Helper()
	return chainOf(t, opts, testchain.Options{Genesis: g})
}

func chainOf(t testing.TB, opts Options, o testchain.Options) *chain {
	t.Helper()
	c := &chain{opts: opts}
	if c.opts.Store == (store.Options{}) {
		c.opts.Store = store.Options{CacheSize: 1000}
	}
	o.Open = func(n testchain.NodeOptions) (testchain.Node, error) {
		opts := c.opts
		if opts.Now == nil {
			opts.Now = n.Now
		}
		if opts.VRFKey == nil {
			opts.VRFKey = n.VRFKey
		}
		a, err := New(n.DB, opts)
		if n.Index == 0 {
			c.app = a
		}
		return a, err
	}
	c.Chain = testchain.New(t, o)
	return c
}

// validatorSet is several nodes, one of each validator, with a second between
// blocks.
type validatorSet struct{ *chain }

func newValidatorSet(t testing.TB, n int, names ...string) *validatorSet {
	t.Helper()
	return &validatorSet{chainOf(t, Options{}, testchain.Options{Nodes: n,
		Genesis: testchain.Genesis(names...), Validators: testchain.NewValidators(slices.Repeat([]int64{1}, n)...)})}
}

// block is [testchain.Chain.Block] by validator i.
func (v *validatorSet) block(i int, txs ...[]byte) []contract.Code {
	v.T.Helper()
	defer v.Wait(time.Second)
	return v.By(i).Block(txs...)
}

// mustBlock is block for txs that all succeed.
func (v *validatorSet) mustBlock(i int, txs ...[]byte) {
	v.T.Helper()
	for j, code := range v.block(i, txs...) {
		if code != contract.CodeOK {
			v.T.Fatalf("block %d: tx %d: %s", v.Height, j, code)
		}
	}
}

// terms are valid terms of shares × each fen open to every account, with one
// two-minute clause for the sender, changed by edits.
func terms(shares uint32, each contract.Amount, edits ...func(*contract.Terms)) contract.Terms {
	t := contract.Terms{
		Total: contract.Amount(shares) * each, Shares: shares, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{{Target: contract.Rest,
			When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: 120}}}}},
		Expiry: 24 * 3600,
	}
	for _, e := range edits {
		e(&t)
	}
	return t
}
