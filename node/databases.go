package node

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"hongbao/app/store"
	"hongbao/internal/leveldb"
	"hongbao/node/journal"

	dbm "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	cmtstate "github.com/cometbft/cometbft/proto/tendermint/state"
	cmtstore "github.com/cometbft/cometbft/proto/tendermint/store"
	sm "github.com/cometbft/cometbft/state"
	bs "github.com/cometbft/cometbft/store"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// The databases of a home, by CometBFT's names and one of our own.
const (
	ledgerDB   = "hongbao"
	blocksDB   = "blockstore"
	stateDB    = "state"
	evidenceDB = "evidence"
)

// databaseNames is the order in which they are checked: the application's
// first, which people miss most.
var databaseNames = []string{ledgerDB, blocksDB, stateDB, evidenceDB}

// heightIn reads the height that each write of a block carries.
var heightIn = map[string]journal.Height{
	ledgerDB: store.HeightIn,
	blocksDB: func(key, value []byte) int64 {
		var s cmtstore.BlockStoreState
		if string(key) != "blockStore" || s.Unmarshal(value) != nil {
			return 0
		}
		return s.Height
	},
	stateDB: func(key, value []byte) int64 {
		var s cmtstate.State
		if string(key) != "stateKey" || s.Unmarshal(value) != nil {
			return 0
		}
		return s.LastBlockHeight
	},
}

// databases are those of one home, open.
type databases map[string]dbm.DB

// openDatabases checks the home's databases for damage that LevelDB would pass
// over, all of them before any is opened: opening deletes the traces.
func openDatabases(c *cfg.Config, logger log.Logger) (databases, error) {
	damaged := func(name string, err error) error {
		return errorf(CodeDataDamaged, c.RootDir, "%s: %w", filepath.Join(c.DBDir(), name+".db"), err)
	}
	for _, name := range databaseNames {
		torn, err := journal.Check(filepath.Join(c.DBDir(), name+".db"), heightIn[name])
		if errors.As(err, new(*journal.Damage)) {
			return nil, damaged(name, err)
		} else if err != nil {
			return nil, fmt.Errorf("%s.db: %w", name, err)
		}
		if torn != nil {
			logger.Error("the end of a journal was not written whole: a power cut, or damage; it is left out",
				"file", name+".db/"+torn.File, "height", torn.Height)
		}
	}
	dbs := databases{}
	for _, name := range databaseNames {
		var options *opt.Options
		if name == ledgerDB {
			options = leveldb.AtRandom // the others are written to in order of height
		}
		db, err := leveldb.Open(name, c.DBDir(), options)
		if leveldb.IsDamage(err) {
			return nil, damaged(name, err)
		} else if err != nil {
			return nil, fmt.Errorf("%s.db: %w", name, err)
		}
		dbs[name] = db
	}
	return dbs, nil
}

// provide hands CometBFT its databases so that its own Close does nothing.
// Stop closes them while gossip goroutines that it does not wait for may still be
// reading, and those panic with "leveldb: closed". The process is about to
// end; a LevelDB that is not closed has lost nothing, because each write went
// to its journal, and every write that must survive a crash is synced anyway.
func (d databases) provide(ctx *cfg.DBContext) (dbm.DB, error) {
	if db, ok := d[ctx.ID]; ok {
		return neverClosed{db}, nil
	}
	db, err := cfg.DefaultDBProvider(ctx)
	return neverClosed{db}, err
}

type neverClosed struct{ dbm.DB }

func (neverClosed) Close() error { return nil }

// checkHeights says what CometBFT's handshake would panic about: a block is
// saved first, then executed, and the state is saved last, so that no other
// order of the three can come of a crash.
func (d databases) checkHeights(app int64) (err error) {
	defer asError(&err)
	blocks := bs.LoadBlockStoreState(d[blocksDB]).Height
	state, err := sm.NewStore(d[stateDB], sm.StoreOptions{}).Load()
	if err != nil {
		return fmt.Errorf("state.db: %w", err)
	}
	if blocks == 0 && app > 0 && app == state.LastBlockHeight &&
		bs.NewBlockStore(d[blocksDB]).LoadSeenCommit(app) != nil {
		return nil // it began with a snapshot, and stopped before the first block after that
	}
	return heightsFit(app, blocks, state.LastBlockHeight)
}

// empty reports whether there is neither a block nor a state yet.
func (d databases) empty(app int64) bool {
	state, err := sm.NewStore(d[stateDB], sm.StoreOptions{}).Load()
	return err == nil && app == 0 && state.LastBlockHeight == 0 && bs.LoadBlockStoreState(d[blocksDB]).Height == 0
}

func heightsFit(app, blocks, state int64) error {
	switch newest := max(app, state); {
	case blocks == 0 && newest > 0:
		return fmt.Errorf("blockstore.db is lost: the ledger is at block %d, and there are no blocks", newest)
	case blocks < newest:
		return fmt.Errorf("blockstore.db has lost blocks %d to %d: the ledger and state.db are past them",
			blocks+1, newest)
	case state == 0 && blocks > 1:
		return fmt.Errorf("state.db is lost: there are blocks up to %d", blocks)
	case state < blocks-1:
		return fmt.Errorf("state.db has lost blocks %d to %d, which blockstore.db has", state+1, blocks)
	}
	return nil
}

// asError turns a panic of CometBFT's start into an error of one line.
func asError(err *error) {
	if r := recover(); r != nil {
		first, _, _ := strings.Cut(fmt.Sprint(r), "\n")
		*err = errors.New(first)
	}
}
