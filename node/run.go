package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/libs/cli/flags"
	"github.com/cometbft/cometbft/libs/log"
	comet "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
)

// ErrConsensusFailed ends a node whose consensus stopped on an internal error.
// CometBFT would go on answering queries over a chain that stands still.
var ErrConsensusFailed = errors.New("consensus failed; the log says why")

// Options are a run's own choices; the zero value takes what the home's
// settings say and logs to standard error.
type Options struct {
	Log       io.Writer
	LogLevel  string // such as "info" or "main:info,*:warn"
	LogFormat string // plain or json
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
	logger, err := newLogger(c, opts)
	if err != nil {
		return err
	}
	// Not given back: CometBFT's databases stay open as long as the process
	// (see unclosedDB), and whoever gets the lock must find them free.
	unlock, err := Lock(home)
	if err != nil {
		return err
	}
	heldLocks.Store(home, unlock)

	pv, err := loadPrivValidator(c)
	if err != nil {
		return err
	}
	nodeKey, err := p2p.LoadNodeKey(c.NodeKeyFile())
	if err != nil {
		return fmt.Errorf("node key: %w", err)
	}
	if err := checkGenesis(home, pv.Key.PubKey); err != nil {
		return err
	}
	vrf, err := LoadVRFKey(home)
	if err != nil {
		return err
	}

	db, err := dbm.NewDB("hongbao", dbm.GoLevelDBBackend, c.DBDir())
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	application, err := newApplication(db, settings, vrf)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer func() { err = errors.Join(err, application.Close()) }()

	return serve(ctx, c, pv, nodeKey, application, opts, logger)
}

// serve runs CometBFT over the application. When it returns, no call to the
// application is under way but perhaps a query.
func serve(ctx context.Context, c *cfg.Config, pv types.PrivValidator, nodeKey *p2p.NodeKey,
	application abci.Application, opts Options, logger log.Logger) error {
	check := &ProposerCheck{Application: application, logger: logger}
	application = check
	if opts.Wrap != nil {
		application = opts.Wrap(application)
	}
	if opts.Signer != nil {
		pv = opts.Signer(pv)
	}
	n, err := comet.NewNodeWithContext(ctx, c, pv, nodeKey,
		newClients(application),
		comet.DefaultGenesisDocProviderFunc(c),
		unclosedDB,
		comet.DefaultMetricsProvider(c.Instrumentation),
		logger)
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	state, err := consensusOf(n)
	if err != nil {
		return err
	}
	check.voting = &state.RoundState
	failed := consensusEnd(state)
	if err := n.Start(); err != nil {
		return fmt.Errorf("node: %w", err)
	}
	logger.Info("node runs", "chain", n.GenesisDoc().ChainID, "rpc", c.RPC.ListenAddress,
		"p2p", c.P2P.ListenAddress, "id", nodeKey.ID(), "pid", os.Getpid())

	select {
	case <-ctx.Done():
	case <-failed:
		err = ErrConsensusFailed // and stop what still answers
	}
	logger.Info("node stops", "height", n.BlockStore().Height())
	if stopErr := n.Stop(); stopErr != nil {
		return errors.Join(err, stopErr)
	}
	n.Wait()
	// After the last block CometBFT still checks its mempool again, in a
	// goroutine that nobody waits for and that panics when the application is
	// gone. It holds this lock; kept for good, it also keeps others out.
	n.Mempool().Lock()
	return err
}

// newLogger says what the node does: one line each, to opts.Log.
func newLogger(c *cfg.Config, opts Options) (log.Logger, error) {
	w := opts.Log
	if w == nil {
		w = os.Stderr
	}
	if opts.LogLevel != "" {
		c.LogLevel = opts.LogLevel
	}
	if opts.LogFormat != "" {
		c.LogFormat = opts.LogFormat
	}
	if err := c.BaseConfig.ValidateBasic(); err != nil {
		return nil, err
	}
	logger := log.NewTMLogger(log.NewSyncWriter(w))
	if c.LogFormat == cfg.LogFormatJSON {
		logger = log.NewTMJSONLogger(log.NewSyncWriter(w))
	}
	filtered, err := flags.ParseLogLevel(c.LogLevel, logger, cfg.DefaultLogLevel)
	if err != nil {
		return nil, err
	}
	return filtered.With("module", "main"), nil
}

// unclosedDB opens CometBFT's databases so that its own Close does nothing.
// Stop closes them while gossip goroutines that nobody waits for may still be
// reading, and those panic with "leveldb: closed". The process is about to
// end; a LevelDB that is not closed has lost nothing, because each write went
// to its journal, and every write that must survive a crash is synced anyway.
func unclosedDB(ctx *cfg.DBContext) (dbm.DB, error) {
	db, err := cfg.DefaultDBProvider(ctx)
	if err != nil {
		return nil, err
	}
	return neverClosed{db}, nil
}

type neverClosed struct{ dbm.DB }

func (neverClosed) Close() error { return nil }

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
