package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"hongbao/app"
	"hongbao/app/store"
	"hongbao/contract"
	"hongbao/internal/home"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/viper"
)

// Limits of the mempool and the wire. What a single transaction may measure is
// contract.MaxTxBytes; a longer one never enters a mempool, so no block and no
// peer has to carry it.
const (
	// mempoolCache is how many fulls of the mempool are remembered, which is more
	// than a full pool and a full block, so that a transaction just committed is
	// not gossiped round once more.
	mempoolCache = 4
	// blockBytes keeps a block a fraction of a second of gossip; CometBFT's
	// own default is about 53 MB.
	blockBytes = 2 << 20
)

// Settings are the application's own, in config/hongbao.toml.
type Settings struct {
	// KeepVersions is how many past versions of the state tree can be queried
	// and proven; 0 keeps all of them. Entries and transactions are never
	// pruned, so histories stay complete at any value.
	KeepVersions int64 `mapstructure:"keep_versions"`
	// CacheSize is how many tree nodes stay in memory.
	CacheSize int `mapstructure:"cache_size"`
	// SnapshotEvery is of every how many blocks a snapshot is made, for nodes that
	// begin with one; 0 makes none.
	SnapshotEvery int64 `mapstructure:"snapshot_every"`
	// KeepBlocks is how many blocks are kept; 0 keeps all. Histories, transactions
	// and proofs do not need them.
	KeepBlocks int64 `mapstructure:"keep_blocks"`
	// FromSnapshot lets a node without blocks begin with a snapshot of its peers.
	FromSnapshot bool `mapstructure:"from_snapshot"`
}

// minKeepBlocks lets a peer that stood for some minutes catch up, and a ledger that
// lost its last blocks in a crash.
const minKeepBlocks = 1000

// defaultKeepBlocks is more than three days of a chain at rest, which makes a block a
// second: longer than evidence is admitted, and than a node is down over a weekend.
const defaultKeepBlocks = 300_000

// DefaultSettings keeps enough versions for a proof to be fetched at leisure
// after the block that it speaks of: at least a minute of the fastest blocks.
func DefaultSettings() Settings {
	return Settings{KeepVersions: 2000, CacheSize: store.DefaultCacheSize, SnapshotEvery: 2000,
		KeepBlocks: defaultKeepBlocks}
}

func (s Settings) validate() error {
	switch {
	case s.KeepVersions < 0:
		return fmt.Errorf("keep_versions: %d is negative (0 keeps all)", s.KeepVersions)
	case s.CacheSize < 0:
		return fmt.Errorf("cache_size: %d is negative", s.CacheSize)
	case s.KeepBlocks != 0 && s.KeepBlocks < minKeepBlocks:
		return fmt.Errorf("keep_blocks: %d: must be 0 (keeps all) or at least %d", s.KeepBlocks, minKeepBlocks)
	case s.SnapshotEvery < 0:
		return fmt.Errorf("snapshot_every: %d is negative (0 makes none)", s.SnapshotEvery)
	}
	return nil
}

var settingsTemplate = template.Must(template.New("hongbao.toml").
	Parse(`# The application's settings; CometBFT's are in config.toml beside this file.

# How many past versions of the state tree can be queried and proven (0: all).
# Entries and transactions are never pruned, whatever this says.
keep_versions = {{.KeepVersions}}

# How many nodes of the state tree stay in memory.
cache_size = {{.CacheSize}}

# A snapshot of every how many blocks is made, for nodes that begin with one (0: none).
snapshot_every = {{.SnapshotEvery}}

# How many blocks are kept (0: all). Fewer bound the disk; nodes that join need a
# snapshot then, where no other node keeps all. Entries and transactions stay.
keep_blocks = {{.KeepBlocks}}

# Whether this node, while it has no blocks, begins with a snapshot of its peers.
from_snapshot = {{.FromSnapshot}}
`))

// DefaultConfig is CometBFT's configuration for this application, on the
// loopback interface. Latency first: a payment on an idle network should be
// final before a person notices.
func DefaultConfig(home string) *cfg.Config {
	c := cfg.DefaultConfig().SetRoot(home)
	c.ProxyApp, c.ABCI = "hongbao", "local" // the application is in this process; nothing is dialled
	c.Moniker = "node"                      // CometBFT's default is the host's name, which peers need not know
	c.LogLevel = "main:info,*:warn"         // a line when something changes or breaks, none per block

	// A header's time is the median of the previous block's votes, so a chain
	// that sleeps dates its next transaction at the moment it fell asleep.
	// A block each second bounds that lag.
	c.Consensus.CreateEmptyBlocks = false
	c.Consensus.CreateEmptyBlocksInterval = time.Second
	// CometBFT polls for what a peer lacks. A validator's own proposals and votes
	// do not wait for that (see gossip), so this is how long they take to go round
	// where two validators have no link.
	c.Consensus.PeerGossipSleepDuration = 25 * time.Millisecond
	c.Consensus.TimeoutCommit = 0
	c.Consensus.SkipTimeoutCommit = true
	// What an absent proposer costs the others: timeout_propose for the block
	// that does not come, then timeout_precommit before the next round. Each
	// round adds the delta, so a slow machine still finds one long enough.
	c.Consensus.TimeoutPropose = 500 * time.Millisecond
	c.Consensus.TimeoutProposeDelta = 250 * time.Millisecond
	c.Consensus.TimeoutPrevote = 250 * time.Millisecond
	c.Consensus.TimeoutPrevoteDelta = 250 * time.Millisecond
	c.Consensus.TimeoutPrecommit = 250 * time.Millisecond
	c.Consensus.TimeoutPrecommitDelta = 250 * time.Millisecond

	c.P2P.ListenAddress = "tcp://127.0.0.1:26656"
	c.P2P.FlushThrottleTimeout = 2 * time.Millisecond
	// The validators are known by name: no peer exchange, no address book. Who
	// is let in, and that a lost peer is dialled each second, see admitPeers and
	// pulse.
	c.P2P.PexReactor = false
	c.P2P.AddrBookStrict = false
	c.P2P.AllowDuplicateIP = false
	// A full block crosses a link in a tenth of a second.
	c.P2P.SendRate = 20 << 20
	c.P2P.RecvRate = 20 << 20

	// The "app" mempool would reap only twice a second.
	c.Mempool.Type = cfg.MempoolTypeFlood
	c.Mempool.Recheck = true
	c.Mempool.MaxTxBytes = contract.MaxTxBytes
	// The app keeps the pool from being full, see app.MempoolTxs.
	c.Mempool.Size = app.MempoolTxs
	c.Mempool.MaxTxsBytes = int64(app.MempoolBytes)
	c.Mempool.CacheSize = mempoolCache * app.MempoolTxs

	c.RPC.ListenAddress = "tcp://127.0.0.1:26657"
	c.RPC.MaxBodyBytes = rpcBodyBytes
	c.RPC.MaxHeaderBytes = rpcHeaderBytes
	c.RPC.MaxSubscriptionClients = rpcSubscribers

	// The application keeps every transaction with its height and result, so
	// CometBFT's index and its copy of all results would be second books.
	c.TxIndex.Indexer = "null"
	c.Storage.DiscardABCIResponses = true

	c.Instrumentation.Prometheus = false
	c.Instrumentation.PrometheusListenAddr = "127.0.0.1:26660"
	c.Instrumentation.Namespace = "hongbao"
	return c
}

// WriteConfig writes both files of settings. Comments that a person added to
// config.toml are lost, values are kept.
func WriteConfig(c *cfg.Config, s Settings) error {
	if err := writeCometConfig(c); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := settingsTemplate.Execute(&b, s); err != nil {
		return err
	}
	return home.WriteFile(filepath.Join(c.RootDir, settingsFile), b.Bytes(), filePerm)
}

// EditConfig changes CometBFT's settings in place, as when ports move.
func EditConfig(home string, edit func(*cfg.Config)) error {
	c, _, err := LoadConfig(home)
	if err != nil {
		return err
	}
	edit(c)
	return writeCometConfig(c)
}

// writeCometConfig goes by way of a second file: CometBFT writes to a file
// alone, not atomically, and a node whose config.toml is half a file does not
// start.
func writeCometConfig(c *cfg.Config) error {
	path := filepath.Join(c.RootDir, "config", "config.toml")
	fresh := path + ".new"
	cfg.WriteConfigFile(fresh, c)
	b, err := os.ReadFile(fresh)
	if err != nil {
		return err
	}
	return errors.Join(home.WriteFile(path, b, filePerm), os.Remove(fresh))
}

// LoadConfig reads both files, checks them, and refuses settings that no one
// reads: a mistyped one would otherwise silently stay at its default.
func LoadConfig(home string) (*cfg.Config, Settings, error) {
	c := DefaultConfig(home)
	path := filepath.Join(home, "config", "config.toml")
	if err := readTOML(path, c, lastSetting); errors.Is(err, fs.ErrNotExist) {
		return nil, Settings{}, errorf(CodeNoNodeHome, home, "node home %s: has no config/config.toml", home)
	} else if err != nil {
		return nil, Settings{}, badConfig(home, path, err)
	}
	c.SetRoot(home)
	if err := errors.Join(c.ValidateBasic(), checkRPC(c.RPC), checkSigner(c)); err != nil {
		return nil, Settings{}, badConfig(home, path, err)
	}
	s, err := loadSettings(home)
	return c, s, err
}

// loadSettings reads hongbao.toml. A node without it would delete the blocks that it was
// told to keep.
func loadSettings(home string) (s Settings, err error) {
	path := filepath.Join(home, settingsFile)
	if err = readTOML(path, &s, lastOwnSetting); err == nil {
		err = s.validate()
	}
	if err != nil {
		return s, badConfig(home, path, err)
	}
	return s, nil
}

func badConfig(home, path string, err error) error {
	return errorf(CodeBadConfig, home, "%s: %w", path, err)
}

// The settings with which config.toml, as CometBFT writes it, and hongbao.toml end. A file
// without its last one was not written whole: all that it lacks would be at its default.
const (
	lastSetting    = "instrumentation.namespace"
	lastOwnSetting = "from_snapshot"
)

// readTOML reads a file of settings, which has to have the last one.
func readTOML(path string, into any, last string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(bytes.NewReader(b)); err != nil {
		return err
	}
	if !v.IsSet(last) {
		return fmt.Errorf("it was not written whole: its last setting, %s, is missing", last)
	}
	return v.UnmarshalExact(into)
}
