package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"hongbao/app"
	"hongbao/internal/leveldb"

	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/consensus"
	comet "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
	"github.com/prometheus/client_golang/prometheus"
)

// ErrConsensusFailed ends a node whose consensus stopped on an internal error.
// CometBFT would go on answering queries over a chain that stands still.
var ErrConsensusFailed = errors.New("consensus failed")

// Options are a run's own choices; the zero value takes what the home's
// settings say and logs to standard error.
type Options struct {
	Log       io.Writer
	LogLevel  string // such as "info" or "main:info,*:warn"
	LogFormat string // plain or json
	PprofPort int    // of 127.0.0.1, where profiles are served; 0: as config.toml has it
	// Wrap puts something between CometBFT and the ledger with its
	// [ProposerCheck], and Signer between CometBFT and the validator's key: faults
	// that a test wants. Nil leaves them as they are.
	Wrap   func(abci.Application) abci.Application
	Signer func(types.PrivValidator) types.PrivValidator
}

// heldLocks keeps the locks of homes from the garbage collector, which would
// close their files.
var heldLocks sync.Map

// Run serves the node of a home until ctx ends (nil) or the node cannot go on
// (an error). It returns when the ledger is closed. The home stays taken until
// the process ends.
func Run(ctx context.Context, home string, opts Options) (err error) {
	c, settings, err := LoadConfig(home)
	if err != nil {
		return err
	}
	if opts.PprofPort != 0 {
		c.RPC.PprofListenAddress = fmt.Sprintf("127.0.0.1:%d", opts.PprofPort)
	}
	logger, err := newLogger(c, opts)
	if err != nil {
		return err
	}
	// Not given back: CometBFT's databases stay open as long as the process
	// (see databases.provide), and the process that gets the lock must find them free.
	unlock, err := Lock(home)
	if err != nil {
		return err
	}
	heldLocks.Store(home, unlock)
	if err := checkPorts(c); err != nil {
		return err
	}

	warnOfOpenKeys(c, logger)
	nodeKey, err := loadNodeKey(c)
	if err != nil {
		return err
	}
	// First, because an altered genesis is seldom what its chain id says either.
	if err := sameGenesis(home); err != nil {
		return err
	}
	boundMemory()
	// Read once: that of a large chain is some 10 MB, of which each copy would stay.
	genesis, genesisBytes, err := ReadGenesis(home)
	if err != nil {
		return err
	}
	key, err := openKey(ctx, c, genesis.ChainID, logger)
	if err != nil {
		return err
	}
	remote, apart := key.PrivValidator.(*remoteSigner)
	if apart {
		defer remote.Close()
	}
	if err := checkGenesis(home, genesis, genesisBytes, key.public); err != nil {
		return err
	}
	if err := keepGenesis(home); err != nil {
		return err
	}
	if err := awaitGenesis(ctx, genesis, time.Now, logger); err != nil {
		return err
	}
	if c.P2P.PersistentPeers == "" && c.P2P.Seeds == "" && len(genesis.Validators) > 1 {
		logger.Error("config.toml names no persistent_peers: this node hears of no block unless another one dials it")
	}
	vrf, err := LoadVRFKey(home)
	if err != nil {
		return err
	}

	dbs, err := openDatabases(c, logger)
	if err != nil {
		return err
	}
	w := &watch{logger: logger, home: home, own: key.public.Address(), signed: key.signedUpTo(),
		stuck: make(chan error, 1), outdated: make(chan error, 1), shared: make(chan error, 1), named: peerIDs(c.P2P),
		evidence: genesis.ConsensusParams.Evidence}
	var application *app.App
	snapshots := newSnapshots(settings.SnapshotEvery, snapshotDir(home),
		func() (*app.Snapshot, error) { return application.Snapshot() }, logger)
	if c.Instrumentation.IsPrometheusEnabled() {
		w.metrics = newMetrics(c.Instrumentation.Namespace, genesis.ChainID, home, w.status,
			func() (app.Standing, error) { return application.Standing() }, snapshots.age)
	}
	application, err = newApplication(dbs[ledgerDB], settings, app.Options{
		VRFKey: vrf, Now: w.now, Snapshots: snapshots.dir, ChainID: genesis.ChainID,
		Rules: genesis.ConsensusParams.Version.App, Newest: newestRules,
		Told: func(d app.Done) {
			w.hear(d)
			if d.Rules > newestRules {
				w.outdated <- &app.RulesError{Chain: genesis.ChainID, Height: d.Height + 1,
					Rules: d.Rules, Newest: newestRules}
			}
			snapshots.told(d.Height)
		},
		Refused: func(err error) { logger.Error("a snapshot is not what it says", "err", err) },
	})
	if errors.As(err, new(*app.RulesError)) {
		return errorf(CodeUpgradeNeeded, home, "%w", err)
	}
	if err != nil {
		return errorf(CodeDataDamaged, home, "hongbao.db: %w", err)
	}
	defer func() {
		// What hangs may be the ledger; what it promised is on disk.
		if !hasCode(err, CodeStoodStill) {
			snapshots.end()
			switch closed := application.Close(); {
			case err == nil && leveldb.IsDamage(closed): // a merge met it
				err = errorf(CodeDataDamaged, home, "%w", closed)
			case leveldb.IsDamage(closed) && hasCode(err, CodeDataDamaged): // LevelDB says it once more
			default:
				err = errors.Join(err, closed)
			}
		}
	}()
	w.keep = func(height int64) int64 { return snapshots.retain(height, settings.KeepBlocks) }
	w.leftovers = &leftovers{db: dbs[blocksDB]}
	if err := dbs.checkHeights(application.Height()); err != nil {
		return errorf(CodeDataDamaged, home, "%s: %w", c.DBDir(), err)
	}
	if settings.FromSnapshot && dbs.empty(application.Height()) {
		// Not in config.toml: there it asks for the RPC servers of CometBFT's own provider.
		c.StateSync.Enable, c.StateSync.DiscoveryTime = true, discoveryTime
	}
	if !apart { // else the signer knows what it signed
		if err := checkSignState(home, key.file, dbs[blocksDB]); err != nil {
			return err
		}
	}

	if err := SettleEvidence(dbs[evidenceDB], dbs[blocksDB], application.Misbehaviors); err != nil {
		return errorf(CodeDataDamaged, home, "%s: %w", c.DBDir(), err)
	}

	w.Application, w.misbehaviors, w.validators = application, application.Misbehaviors, application.Validators
	if w.metrics != nil {
		if err := prometheus.Register(w.metrics); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		defer prometheus.Unregister(w.metrics)
	}
	if apart {
		remote.passed = w.passed
	} else if w.signer, err = newSigner(key.file, c.PrivValidatorStateFile()); err != nil {
		return fmt.Errorf("sign state: %w", err)
	} else {
		key.PrivValidator = w.signer
	}
	return process{c, genesis, genesisBytes, key.PrivValidator, nodeKey, w, dbs, opts, logger,
		application.HandOver}.serve(ctx)
}

// memoryGoal is what Go's collector keeps the process below, where what is in use lets it. A
// node that runs is far below; but the genesis of 100,000 accounts and a long block sync leave
// garbage of twice that behind, which the system would be given back minutes later.
const memoryGoal = 512 << 20

// boundMemory sets the goal, unless the operator has set another.
func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
}

// stopBlockSync ends block sync before the node. CometBFT stops the peers first, and with
// them goes the block that block sync has checked and is about to take: it panics.
func stopBlockSync(n *comet.Node) error {
	r, ok := n.Switch().Reactor("BLOCKSYNC")
	if !ok {
		return nil
	}
	return r.Stop()
}

// process is what one node runs with.
type process struct {
	config    *cfg.Config
	genesis   *types.GenesisDoc
	file      []byte // the genesis's exact bytes
	pv        types.PrivValidator
	nodeKey   *p2p.NodeKey
	watch     *watch // over the application
	databases databases
	opts      Options
	logger    *watchedLog
	plans     func(index uint32) (height int64, handOver []byte) // see share
}

// serve runs CometBFT over the application. When it returns, no call to the
// application is under way but perhaps a query.
func (p process) serve(ctx context.Context) error {
	logger := p.logger
	admitPeers(p.config.P2P)
	addresses := split(p.config.RPC.ListenAddress)
	n, failed, err := p.start(ctx)
	if err != nil {
		return err
	}
	stopRPC, err := serveRPC(n, p.watch, p.config.RPC, addresses, logger)
	if err != nil {
		return errors.Join(err, n.Stop())
	}
	logger.Info("node runs", "chain", n.GenesisDoc().ChainID, "rpc", strings.Join(addresses, ","),
		"p2p", p.config.P2P.ListenAddress, "id", p.nodeKey.ID(), "pid", os.Getpid())

	watching, stop := context.WithCancel(ctx)
	defer stop()
	go p.watch.run(watching, n)
	damaged := make(chan error, 1)
	go func() {
		if err := p.databases.scrub(watching, p.config, logger); err != nil {
			damaged <- err
		}
	}()
	go keepWALShort(watching, p.config.Consensus.WalFile(), logger)
	select {
	case <-ctx.Done():
	case <-failed:
		err = failure(p.config.RootDir, logger.heard.cause()) // and stop what still answers
	case err = <-damaged:
	case <-logger.heard.twice:
		err = errorf(CodeSignedTwice, p.config.RootDir, "another process signs with this node's key")
	case cause := <-p.watch.shared:
		err = errorf(CodeSignedTwice, p.config.RootDir, "%w", cause)
	case cause := <-logger.heard.noSnapshot:
		err = errorf(codeOf(cause, CodeSnapshotFailed), p.config.RootDir,
			"the state could not be taken from a snapshot: %s", cause)
	case err = <-p.watch.outdated:
		logger.Error("node stops: the next block obeys rules that this program does not know", "err", err)
		err = errorf(CodeUpgradeNeeded, p.config.RootDir, "%w", err)
	case err = <-p.watch.stuck:
		logger.Error("node stops: it stands while its peers go on", "err", err)
		return err // at once: to stop in order is to wait for what hangs
	}
	logger.Info("node stops", "height", n.BlockStore().Height())
	if stopErr := errors.Join(stopRPC(), stopBlockSync(n), n.Stop()); stopErr != nil {
		return errors.Join(err, stopErr)
	}
	n.Wait()
	// After the last block CometBFT still checks its mempool again, in a
	// goroutine that its Stop does not wait for and that panics when the application is
	// gone. It holds this lock; kept for good, it also keeps others out.
	n.Mempool().Lock()
	return err
}

// start makes the CometBFT node and starts it: the handshake replays blocks
// into the application, and consensus its own log. Both panic on what they do
// not expect.
func (p process) start(ctx context.Context) (n *comet.Node, failed <-chan struct{}, err error) {
	defer func() {
		if r := recover(); r != nil {
			p.logger.Debug("start failed", "panic", r, "stack", string(debug.Stack()))
			first, _, _ := strings.Cut(fmt.Sprint(r), "\n")
			err = failure(p.config.RootDir, first)
		}
	}()
	check := NewProposerCheck(p.watch, p.logger)
	gossip := NewGossip()
	application, pv := gossip.Overhear(check), p.pv
	if p.opts.Wrap != nil {
		application = p.opts.Wrap(application)
	}
	if p.opts.Signer != nil {
		pv = p.opts.Signer(pv)
	}
	share := newShare(p.file)
	share.plans = p.plans
	known, err := newSuccession(p.genesis)
	if err != nil {
		return nil, nil, err
	}
	provider := &trusted{share: share, doc: p.genesis, known: known}
	p.watch.header = provider.signed
	application = newPatience(application, p.config.Consensus, len(p.genesis.Validators))
	n, err = comet.NewNodeWithContext(ctx, p.config, pv, p.nodeKey, newClients(application),
		func() (*types.GenesisDoc, error) { return p.genesis, nil }, p.databases.provide,
		comet.DefaultMetricsProvider(p.config.Instrumentation), p.logger,
		comet.CustomReactors(map[string]p2p.Reactor{
			"PULSE":    NewPulse(p.config.P2P.PersistentPeers),
			"GENESIS":  share,
			gossipName: gossip,
		}),
		comet.StateProvider(provider))
	if err != nil {
		return nil, nil, fmt.Errorf("node: %w", err)
	}
	share.blocks = n.BlockStore()
	state, err := consensusOf(n)
	if err != nil {
		return nil, nil, err
	}
	check.Follow(&state.RoundState)
	gossip.Serve(p.watch.own, &state.RoundState, n.BlockStore(), n.ConsensusReactor().WaitSync, n.EventBus())
	p.config.RPC.ListenAddress = "" // or CometBFT starts a server of its own, see serveRPC
	if err := n.Start(); err != nil {
		return nil, nil, fmt.Errorf("node: %w", err)
	}
	return n, consensusEnd(state), nil
}

// failure gives a failure of consensus the code of its cause.
func failure(home, cause string) *Error {
	code := codeOf(cause, CodeConsensusFailed)
	if cause == "" {
		cause = "the log says why"
	}
	return &Error{Code: code, Home: home, Err: fmt.Errorf("%w: %s", ErrConsensusFailed, cause)}
}

// codeOf is the code of what CometBFT gives as the cause of its end; other where it
// is none that a node's operator can do something particular about.
func codeOf(cause, other string) string {
	has := func(s string) bool { return strings.Contains(cause, s) }
	switch {
	case has("and this program knows none after"): // an app.RulesError
		return CodeUpgradeNeeded
	case has("too far in the future"):
		return CodeClockOff
	case has("no space left on device"):
		return CodeDiskFull
	case has("leveldb"), has("does not match AppHash after replay"), has("committed state cannot be read"):
		return CodeDataDamaged
	}
	return other
}

// consensusOf is a node's consensus, which CometBFT hands out only as part of
// the RPC's environment.
func consensusOf(n *comet.Node) (*consensus.State, error) {
	env, err := n.ConfigureRPC()
	if err != nil {
		return nil, err
	}
	state, ok := env.ConsensusState.(*consensus.State)
	if !ok {
		return nil, fmt.Errorf("node: this CometBFT's consensus is a %T", env.ConsensusState)
	}
	return state, nil
}

// consensusEnd is closed when the consensus loop ends, which while the node
// runs means that it panicked ("CONSENSUS FAILURE" in the log). It is exact:
// an idle node, a node still catching up and a node whose peers are away all
// keep the loop, so no progress is ever mistaken for failure.
func consensusEnd(state *consensus.State) <-chan struct{} {
	end := make(chan struct{})
	go func() {
		state.Wait()
		close(end)
	}()
	return end
}
