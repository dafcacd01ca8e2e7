package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/blocksync"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/evidence"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"

	"hongbao/node"
)

// databases are one process's: the ledger, and CometBFT's three.
type databases struct{ ledger, blocks, state, evidence *disk }

func (d *databases) all() []*disk { return []*disk{d.ledger, d.blocks, d.state, d.evidence} }

// bubbleNode is a validator of a bubble: CometBFT's own parts, put together as
// its node.NewNode does, and the product's gossip and pulse, over a network, disks
// and a clock of ours. It starts with block sync, as the product does. It has no
// RPC server, no state sync and no indexer.
type bubbleNode struct {
	*bubble
	number, run int
	dir         string // of this process: sign state and consensus log
	disks       databases
	skew        time.Duration
	dead        atomic.Bool
	process     *process    // nil before its start
	fell        atomic.Bool // it ended at a write, and what it left is to be taken up

	app       abci.Application // with what stands before it
	sw        *netSwitch
	conns     proxy.AppConns
	bus       *types.EventBus
	gossip    *node.Gossip
	recorder  *recorder
	state     *consensus.State
	mempool   *mempool.CListMempool
	blocks    *store.BlockStore
	signer    *privval.FilePV
	lastFault string
}

// start is the begin of a process. What it finds on its disks is all it knows.
func (n *bubbleNode) start() (err error) {
	defer func() {
		if r := recover(); r != nil {
			first, _, _ := strings.Cut(fmt.Sprint(r), "\n")
			err = fmt.Errorf("start: %s", first)
		}
	}()
	c := node.DefaultConfig(n.dir)
	n.process = &process{ends: n.fall}
	for _, d := range n.disks.all() {
		d.process = n.process
	}
	logger := log.NewNopLogger()
	if n.logs != nil {
		logger = n.logs(n.number)
	}

	own := func() time.Time { return time.Now().Add(n.skew) }
	a, err := openApp(n.world, n.disks.ledger, n.number, own)
	if err != nil {
		return err
	}
	if n.plant.settles() {
		if err := node.SettleEvidence(n.disks.evidence, n.disks.blocks, a.Misbehaviors); err != nil {
			return err
		}
	}
	n.recorder = &recorder{Application: n.plant.app(n.number, a), trace: n.trace, node: n.number, run: n.run,
		now: time.Now, gone: &n.process.gone}
	check := node.NewProposerCheck(n.recorder, logger)
	n.app = check
	if n.plant.careless() {
		n.app = check.Application
	}
	if n.liar != nil && n.liar.node == n.number {
		n.liar.Application, n.app = n.app, n.liar
	}
	n.gossip = node.NewGossip()
	n.app = n.gossip.Overhear(n.app)
	n.conns = proxy.NewAppConns(proxy.NewConnSyncLocalClientCreator(n.app), proxy.NopMetrics())
	if err := n.conns.Start(); err != nil {
		return err
	}
	n.bus = types.NewEventBus()
	if err := n.bus.Start(); err != nil {
		return err
	}
	return n.assemble(c, check, logger)
}

func (n *bubbleNode) assemble(c *cfg.Config, check *node.ProposerCheck, logger log.Logger) error {
	states := sm.NewStore(n.disks.state, sm.StoreOptions{DiscardABCIResponses: c.Storage.DiscardABCIResponses})
	state, err := states.LoadFromDBOrGenesisDoc(n.doc)
	if err != nil {
		return err
	}
	n.blocks = store.NewBlockStore(n.disks.blocks)
	handshake := consensus.NewHandshaker(states, state, n.blocks, n.doc)
	handshake.SetEventBus(n.bus)
	if err := handshake.Handshake(n.conns); err != nil {
		return err
	}
	if state, err = states.Load(); err != nil {
		return err
	}
	n.mempool = mempool.NewCListMempool(c.Mempool, n.conns.Mempool(), state.LastBlockHeight,
		mempool.WithPreCheck(sm.TxPreCheck(state)), mempool.WithPostCheck(sm.TxPostCheck(state)))
	n.mempool.EnableTxsAvailable()
	pool, err := evidence.NewPool(n.disks.evidence, states, n.blocks)
	if err != nil {
		return err
	}
	executor := sm.NewBlockExecutor(states, logger, n.conns.Consensus(), n.mempool, pool, n.blocks,
		sm.BlockExecutorWithBlockTimeTolerance(c.Consensus.BlockTimeTolerance))
	n.state = consensus.NewState(c.Consensus, state.Copy(), executor, n.blocks, n.mempool, pool)
	n.state.SetLogger(logger)
	n.state.SetPrivValidator(n.privValidator())
	check.Follow(&n.state.RoundState)
	reactor := consensus.NewReactor(n.state, true)
	reactor.SetEventBus(n.bus)
	own := n.keys[n.number].PubKey().Address()
	n.gossip.Serve(own, &n.state.RoundState, n.blocks, reactor.WaitSync, n.bus)
	n.recorder.syncing = reactor.WaitSync

	n.sw = newSwitch(n.network, n.world.chain(), n.number)
	n.sw.SetLogger(logger)
	n.sw.AddReactor("MEMPOOL", mempool.NewReactor(c.Mempool, n.mempool, true))
	n.sw.AddReactor("BLOCKSYNC", blocksync.NewReactor(true, c.BlockSync.AdaptiveSync, state.Copy(), executor, n.blocks,
		own, 0, blocksync.NopMetrics()))
	n.sw.AddReactor("CONSENSUS", reactor)
	n.sw.AddReactor("EVIDENCE", evidence.NewReactor(pool))
	n.sw.AddReactor("GOSSIP", n.gossip)
	var others []string
	for i := range validators {
		if i != n.number {
			others = append(others, nodeAddress(i))
		}
	}
	if n.plant == nil || !n.plant.unpulsed {
		n.sw.AddReactor("PULSE", node.NewPulse(strings.Join(others, ",")))
	} else {
		n.sw.AddReactor("DIALER", newDialer(others))
	}
	for _, r := range n.sw.reactors {
		r.SetLogger(logger)
	}
	if err := n.sw.Start(); err != nil {
		return err
	}
	go n.watch(n.state)
	return nil
}

// watch says when consensus ends by itself, as after CONSENSUS FAILURE.
func (n *bubbleNode) watch(state *consensus.State) {
	state.Wait()
	if !n.dead.Load() {
		n.alarm(time.Now(), n.number, "consensus failed")
	}
}

const (
	signState = "priv_validator_state.json"
	walFolder = "data/cs.wal"
)

// privValidator is the validator's key with the state of what it signed, on
// disk.
func (n *bubbleNode) privValidator() types.PrivValidator {
	keyFile, stateFile := filepath.Join(n.dir, "key.json"), filepath.Join(n.dir, signState)
	if _, err := os.Stat(stateFile); err != nil {
		n.signer = privval.NewFilePV(n.keys[n.number], keyFile, stateFile)
		n.signer.Save()
	} else {
		n.signer = privval.LoadFilePV(keyFile, stateFile)
	}
	return &signer{PrivValidator: n.signer, bubbleNode: n}
}

// kill ends the process: nothing that it does from now on reaches its peers, its
// disks or its signer's state. Its goroutines are stopped afterwards, and what they
// do until then is done in a world that no one looks at again.
func (n *bubbleNode) kill() *bubbleNode {
	n.dead.Store(true)
	n.sw.vanish()
	next := &bubbleNode{bubble: n.bubble, number: n.number, run: n.run + 1, skew: n.skew,
		dir: filepath.Join(n.home, fmt.Sprintf("node%d-%d", n.number+1, n.run+1))}
	next.disks = databases{n.disks.ledger.killed(n.rng), n.disks.blocks.killed(n.rng), n.disks.state.killed(n.rng),
		n.disks.evidence.killed(n.rng)}
	next.dead.Store(true)
	if n.fell.Load() {
		copyFiles(next.dir, n.leftovers())
	} else {
		copyFiles(next.dir, n.dir)
	}
	go func() {
		_ = n.sw.Stop()
		_ = n.bus.Stop()
		_ = n.conns.Stop()
	}()
	return next
}

// copyFiles copies what a process keeps outside of its databases.
func copyFiles(to, from string) {
	check(os.MkdirAll(to, 0o700))
	for _, name := range []string{"key.json", signState, walFolder} {
		from := filepath.Join(from, name)
		info, err := os.Stat(from)
		if name == walFolder && errors.Is(err, fs.ErrNotExist) {
			continue // block sync was not over, and consensus had not begun
		}
		check(err)
		if info.IsDir() {
			check(os.CopyFS(filepath.Join(to, name), os.DirFS(from)))
			continue
		}
		b, err := os.ReadFile(from)
		check(err)
		check(os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
}

// leftovers is where fall puts what the process has written.
func (n *bubbleNode) leftovers() string { return filepath.Join(n.dir, "left") }

// fall ends the process at a write, in the goroutine that writes: what it has signed and
// its consensus log are as they are now, and its peers hear of nothing that it does
// afterwards. The next beat takes up what is left.
func (n *bubbleNode) fall() {
	n.sw.closed.Store(true)
	n.fell.Store(true)
	n.dead.Store(true)
	copyFiles(n.leftovers(), n.dir)
}

// wipe leaves a dead node nothing but its key and what it signed, as the product's
// resync does.
func (n *bubbleNode) wipe() {
	n.disks = databases{newDisk(), newDisk(), newDisk(), newDisk()}
	n.plant.disk(n.number, n.disks.ledger)
	check(os.RemoveAll(filepath.Join(n.dir, walFolder)))
	n.fault(time.Now(), n.number, false, "wiped")
}
