package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/app/snapshot"
	"hongbao/app/store"
	"hongbao/contract"
)

// Version is the newest version of the rules that this program knows. It counts up
// whenever a block would do something else, or a leaf hold it. A chain begins with
// its genesis' version.app; its validators agree on the height of the next one.
const Version uint64 = 5

// Options configure a node's app. No option changes what a block does.
type Options struct {
	Store      store.Options
	Signatures *SignatureCache  // that apps of one process may share; nil = its own
	TxCache    int              // bytes of decoded txs remembered; 0 = enough for a full mempool and two blocks
	LeafCache  int              // bytes of committed leaves remembered; 0 = enough for several blocks
	Now        func() time.Time // for PrepareProposal alone; nil = time.Now
	// VRFKey proves the draws of the blocks this node proposes; a node without
	// one, which is no validator's, proposes none that owes draws.
	VRFKey ed25519.PrivateKey
	// Told hears of each block after it is committed, before the next one begins;
	// nil: no listener.
	Told func(Done)
	// Snapshots is where peers are served from; empty: they are offered none.
	Snapshots snapshot.Dir
	// ChainID is of which chain a snapshot may be taken; empty: of none. Refused
	// hears why one was not what it said; nil: no listener.
	ChainID string
	Refused func(error)
	// Rules is the version of the rules that the genesis names; 0: Version. Newest is
	// the newest that may come into force later; 0: Version.
	Rules, Newest uint64
}

// App is the ABCI application over one database.
type App struct {
	abci.BaseApplication
	store  *store.Store
	sigs   *SignatureCache
	txs    *txCache
	leaves *leafCache // of the committed state, like which Commit alone changes it
	now    func() time.Time
	vrf    ed25519.PrivateKey
	told   func(Done)

	snapshots snapshot.Dir
	chainID   string // of the snapshots that may be taken
	refusal   func(error)
	rules     uint64 // that the chain begins with
	newest    uint64 // that this app knows

	mu      sync.RWMutex    // guards what Commit and InitChain change: the committed state, and the fields below
	chain   string          // empty until InitChain
	genesis *genesis        // the state below block 1; nil once that is committed
	check   *mempool        // judges CheckTx since the last Commit; nil = start afresh
	waited  *room           // of the mempool before the last Commit
	served  map[whose]int64 // the height at which each last had a place in a block
	due     dueTally

	restoring *restoring // the snapshot connection's alone but for mu; nil: none

	// Of the consensus connection alone:
	pending *pendingBlock // executed, not yet committed
	pace    allowance     // after the last committed block
}

// mempool is CheckTx's own state.
type mempool struct {
	sync.Mutex
	*contract.Mempool
	room *room
	now  contract.Time
}

// pendingBlock is what Commit will write.
type pendingBlock struct {
	height  int64
	time    contract.Time // as the validators date it: a dev chain's clock stands in the state
	changed []contract.Leaf
	records []store.Record
	txs     []*contract.DecodedTx // that had their turn
	due     []contract.DueChange
	done    Done
}

var _ abci.Application = (*App)(nil)

// New opens the app over db, which from then on belongs to it.
func New(db dbm.DB, opts Options) (*App, error) {
	s, err := store.Open(db, opts.Store)
	if err != nil {
		return nil, err
	}
	a := &App{
		store: s, now: opts.Now, vrf: opts.VRFKey, told: opts.Told,
		snapshots: opts.Snapshots, chainID: opts.ChainID, refusal: opts.Refused,
		sigs: opts.Signatures, txs: newTxCache(opts.TxCache),
		leaves: newLeafCache(opts.LeafCache), pace: newAllowance(), served: map[whose]int64{},
		rules: cmp.Or(opts.Rules, Version), newest: cmp.Or(opts.Newest, Version),
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.sigs == nil {
		a.sigs = NewSignatureCache(0)
	}
	if a.refusal == nil {
		a.refusal = func(error) {}
	}
	if s.Height() > 0 {
		chain, err := s.Record(chainRecord)
		if err != nil || chain == nil {
			return nil, errors.Join(fmt.Errorf("app: the database names no chain"), err, s.Close())
		}
		a.chain = string(chain)
	}
	if err := a.checkRules(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := a.countDue(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return a, nil
}

// Close closes the database. No call but queries may be under way.
func (a *App) Close() error { return a.store.Close() }

// Height is the last committed block's.
func (a *App) Height() int64 { return a.store.Height() }

// Info tells CometBFT where to go on.
func (a *App) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	rules := a.rules
	if v, err := contract.ReadValidators(a.bareState()); err != nil {
		return nil, err
	} else if v != nil {
		rules = v.Rules
	}
	return &abci.ResponseInfo{
		Data:             "hongbao",
		AppVersion:       rules,
		LastBlockHeight:  a.store.Height(),
		LastBlockAppHash: a.store.Hash(),
	}, nil
}

// InitChain makes block zero in memory. CometBFT calls it again until block 1
// is committed, so it writes nothing and may be repeated.
func (a *App) InitChain(_ context.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h := a.store.Height(); h > 0 {
		return nil, fmt.Errorf("app: InitChain at height %d", h)
	}
	if req.InitialHeight > 1 {
		return nil, fmt.Errorf("app: initial height %d: a chain starts at 1", req.InitialHeight)
	}
	doc, err := contract.ParseGenesis(req.AppStateBytes)
	if err != nil {
		return nil, err
	}
	validators, err := genesisValidators(req.Validators, doc)
	if err != nil {
		return nil, err
	}
	g, err := newGenesis(req.ChainId, req.Time, doc, validators, a.rules)
	if err != nil {
		return nil, err
	}
	root, err := a.store.Stage(storeLeaves(g.leaves))
	if err != nil {
		return nil, err
	}
	a.chain, a.genesis, a.check = req.ChainId, g, nil
	a.leaves.clear() // of a block zero before this one
	return &abci.ResponseInitChain{AppHash: root}, nil
}

// FinalizeBlock executes a decided block in memory.
func (a *App) FinalizeBlock(_ context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	if want := a.store.Height() + 1; req.Height != want {
		return nil, fmt.Errorf("app: FinalizeBlock %d, expected %d", req.Height, want)
	}
	if err := a.checkRules(); err != nil {
		return nil, err
	}
	env, err := a.env(req.Height, contract.TimeOf(req.Time))
	if err != nil {
		return nil, err
	}
	block, err := contract.NewBlock(a.state(), env)
	if err != nil {
		return nil, err
	}
	x := &execution{app: a, env: env, block: block, results: make([]*abci.ExecTxResult, len(req.Txs))}
	first, err := x.draw(req)
	if err != nil {
		return nil, fmt.Errorf("app: block %d: %w", req.Height, err)
	}
	if err := block.Due(); err != nil {
		return nil, err
	}
	for i := first; i < len(req.Txs); i++ {
		x.run(uint32(i), req.Txs[i])
	}
	if err := block.Seal(req.Hash); err != nil {
		return nil, fmt.Errorf("app: block %d: %w", req.Height, err)
	}
	pending, root, err := x.stage()
	if err != nil {
		return nil, err
	}
	pending.time = contract.TimeOf(req.Time)
	x.records.addMisbehavior(req)
	pending.records = x.records.list
	a.pending = pending
	return &abci.ResponseFinalizeBlock{TxResults: x.results, AppHash: root,
		ValidatorUpdates: updatesOf(block), ConsensusParamUpdates: rulesOf(block)}, nil
}

// execution is a block on its way through FinalizeBlock.
type execution struct {
	app     *App
	env     contract.Env
	block   *contract.Block
	results []*abci.ExecTxResult
	records blockRecords
	txs     []*contract.DecodedTx // that were admitted
	done    Done
}

// draw draws what the block owes, and returns the index of its first tx: a block
// that owes draws begins with a beacon. Two thirds of the validators judged the
// block, so that a bad beacon here means that they broke the rules: an honest
// node stops rather than draw by anything else.
func (x *execution) draw(req *abci.RequestFinalizeBlock) (first int, err error) {
	if x.block.Owed().Height == 0 {
		return 0, nil
	}
	x.done.Drawn = len(x.block.Owed().Shares)
	beacon, err := x.block.Draw(firstItem(req.Txs), req.ProposerAddress)
	if err != nil {
		return 0, err
	}
	x.records.put(beaconKey(beacon.Height), contract.Encode(beacon))
	x.results[0] = &abci.ExecTxResult{}
	return 1, nil
}

// run executes the tx at index. One that cannot be admitted should not be here,
// since two thirds of the validators judged the block. It does nothing, alike on
// every node.
func (x *execution) run(index uint32, wire []byte) {
	tx, err := x.app.admit(x.block, wire)
	if err == nil {
		err = x.block.Apply(index, tx)
		x.records.addTx(x.env, index, tx, wire, err)
		x.txs = append(x.txs, tx)
		x.done.Txs = append(x.done.Txs, outcomeOf(tx, err))
	}
	x.results[index] = &abci.ExecTxResult{Code: uint32(contract.CodeOf(err)), Log: message(err)}
}

// stage takes the block's changes into the tree, in memory, and into the
// records. Block 1 brings block zero with it.
func (x *execution) stage() (p *pendingBlock, root []byte, err error) {
	leaves, entries, due, err := x.block.Changes()
	if err != nil {
		return nil, nil, err
	}
	x.done.Height = x.env.Height
	x.done.Rules, _ = x.block.NewRules()
	p = &pendingBlock{height: x.env.Height, txs: x.txs, due: due, done: x.done}
	if g := x.app.genesis; g != nil {
		leaves = g.under(leaves)
		entries = append(g.entries, entries...)
		x.records.put(chainRecord, []byte(x.app.chain))
	}
	x.records.addEntries(entries)
	if err := x.records.addClaims(x.app.bareState(), leaves, entries); err != nil {
		return nil, nil, err
	}
	x.records.addDue(due)
	p.changed = leaves
	root, err = x.app.store.Stage(storeLeaves(leaves))
	return p, root, err
}

// Commit makes the executed block durable, in one atomic synced batch.
func (a *App) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	p := a.pending
	if p == nil {
		return nil, errors.New("app: Commit without FinalizeBlock")
	}
	if err := a.commit(p); err != nil {
		return nil, err
	}
	if a.told != nil {
		a.told(p.done)
	}
	return &abci.ResponseCommit{}, nil
}

func (a *App) commit(p *pendingBlock) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.store.Commit(p.height, int64(p.time), p.records); err != nil {
		return err
	}
	a.leaves.drop(p.changed)
	for _, d := range p.due {
		a.due.change(d)
	}
	a.settle(p)
	a.pending, a.genesis, a.check = nil, nil, nil
	return nil
}

// env is the environment of a block that the validators date t, over the
// clock that the block before left.
func (a *App) env(height int64, t contract.Time) (contract.Env, error) {
	clock, err := contract.ReadClock(a.state())
	return contract.Env{Chain: a.chain, Height: height, Time: clock.Now(t), Verifier: a.sigs}, err
}

// nextEnv is the environment of the next block as far as it is known: the
// validators date it no earlier than the last one. The caller holds a.mu.
func (a *App) nextEnv() (contract.Env, error) {
	t := contract.Time(a.store.Time())
	if a.genesis != nil {
		t = a.genesis.time
	}
	return a.env(a.store.Height()+1, t)
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func storeLeaves(leaves []contract.Leaf) []store.Leaf {
	out := make([]store.Leaf, len(leaves))
	for i, l := range leaves {
		out[i] = store.Leaf(l)
	}
	return out
}
