package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/types"
)

// usedHome is a home whose lone node has made blocks, stopped. With as many
// accounts, the ledger's first block alone takes several parts of its journal.
func usedHome(t *testing.T, height int64) string {
	t.Helper()
	state := someState(t)
	for range 200 {
		state.Accounts = append(state.Accounts, someState(t).Accounts...)
	}
	home := filepath.Join(t.TempDir(), "node")
	if _, err := Init(home, InitOptions{Name: "solo", ChainID: "test-1", State: state}); err != nil {
		t.Fatal(err)
	}
	usePorts(t, home)
	if err := EditConfig(home, func(c *cfg.Config) {
		c.Consensus.CreateEmptyBlocksInterval = time.Millisecond
	}); err != nil {
		t.Fatal(err)
	}
	runUntil(t, home, height)
	return home
}

func copyHome(t *testing.T, home string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "home")
	if err := os.CopyFS(copied, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	usePorts(t, copied)
	return copied
}

// journalIn is the longest journal of a database.
func journalIn(t *testing.T, home, db string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(home, "data", db+".db", "*.log"))
	if err != nil || len(list) == 0 {
		t.Fatalf("%s has no journal: %v", db, err)
	}
	longest, size := "", int64(-1)
	for _, path := range list {
		if info, err := os.Stat(path); err == nil && info.Size() > size {
			longest, size = path, info.Size()
		}
	}
	return longest
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// flip damages the journal of a database at a part of its length, with much
// written after it.
func flip(db string, part float64) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		path := journalIn(t, home, db)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := int(float64(len(b)) * part)
		if at >= (len(b)-1)>>15<<15 {
			t.Fatalf("%s has %d bytes: too few for damage before its last 32 kB", path, len(b))
		}
		b[at] ^= 4
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func lose(names ...string) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		for _, name := range names {
			remove(t, filepath.Join(home, "data", name))
		}
	}
}

const signState = "data/priv_validator_state.json"

func replace(name, text string) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		path := filepath.Join(home, name)
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func loseMeta(name string) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		list, _ := filepath.Glob(filepath.Join(home, "data", "hongbao.db", name))
		if len(list) == 0 {
			t.Fatalf("no %s", name)
		}
		for _, path := range list {
			remove(t, path)
		}
	}
}

// cut ends a database's journal early.
func cut(db string, part float64) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		path := journalIn(t, home, db)
		info, err := os.Stat(path)
		if err == nil {
			err = os.Truncate(path, int64(float64(info.Size())*part))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func rewrite(name, old, new string) func(*testing.T, string) {
	return func(t *testing.T, home string) { edit(t, filepath.Join(home, name), old, new) }
}

// A node whose files are damaged refuses to start, in one line that names the
// file, or heals itself and goes on. It never panics, and never starts with a
// hole.
func TestDamagedFilesAreRefusedByNameOrHealed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	const blocks = 150
	home := usedHome(t, blocks)
	type row struct {
		desc   string
		damage func(*testing.T, string)
		code   string // empty: it starts
		says   string
	}
	rows := []row{
		{"a bit of the ledger's journal, early", flip("hongbao", 0.1), CodeDataDamaged, "hongbao.db"},
		{"a bit of the ledger's journal, in the middle", flip("hongbao", 0.5), CodeDataDamaged, "before block"},
		{"a bit of the blocks' journal, early", flip("blockstore", 0.1), CodeDataDamaged, "blockstore.db"},
		{"a bit of the blocks' journal, in the middle", flip("blockstore", 0.5), CodeDataDamaged, "between blocks"},
		{"a bit of the state's journal, in the middle", flip("state", 0.5), CodeDataDamaged, "state.db"},
		{"the ledger's journal cut", cut("hongbao", 0.7), "", ""},
		{"the blocks' journal cut", cut("blockstore", 0.7), CodeDataDamaged, "blockstore.db has lost blocks"},
		{"the state's journal cut", cut("state", 0.7), CodeDataDamaged, "state.db has lost blocks"},
		{"the ledger lost", lose("hongbao.db"), "", ""},
		{"the blocks lost", lose("blockstore.db"), CodeDataDamaged, "blockstore.db is lost"},
		{"the state lost", lose("state.db"), CodeDataDamaged, "state.db is lost"},
		{"blocks and state lost", lose("blockstore.db", "state.db"), CodeDataDamaged, "blockstore.db is lost"},
		{"CURRENT lost", loseMeta("CURRENT*"), CodeDataDamaged, "hongbao.db: CURRENT"},
		{"the manifest lost", loseMeta("MANIFEST*"), CodeDataDamaged, "hongbao.db: CURRENT"},
		{"the sign state lost", lose("priv_validator_state.json"), CodeNoSignState,
			"priv_validator_state.json is missing"},
		{"the sign state empty", replace(signState, ""), CodeNoSignState, "priv_validator_state.json is damaged"},
		{"the sign state half", replace(signState, `{"height":"1`), CodeNoSignState,
			"priv_validator_state.json is damaged"},
		{"a sign state of nothing, as a person may write it", replace(signState, "{}"), CodeNoSignState,
			"is an old copy"},
		{"the sign state from a backup", replace(signState, `{"height":"20","round":0,"step":3}`), CodeNoSignState,
			"is an old copy"},
		{"the genesis cut", replace("config/genesis.json", "{\n"), CodeGenesisChanged, "genesis.json"},
		{"the genesis lost", lose("../config/genesis.json"), CodeGenesisChanged, "it is missing"},
		{"the settings empty", replace("config/config.toml", ""), CodeBadConfig, "config.toml"},
		{"the settings lost", lose("../config/config.toml"), CodeNoNodeHome, "config.toml"},
		{"our own settings half", replace(settingsFile, "keep_versions = 2000\n"), CodeBadConfig, "hongbao.toml"},
		{"our own settings lost", lose("../" + settingsFile), CodeBadConfig, "hongbao.toml"},
		{"the genesis altered", rewrite("config/genesis.json", `"chain_id": "`, `"chain_id": "x`), CodeGenesisChanged,
			"differs in chain_id"},
		{"money in the genesis altered", rewrite("config/genesis.json", `"balance_fen": `, `"balance_fen": 9`),
			CodeGenesisChanged, "differs in app_state"},
		{"the genesis written otherwise", rewrite("config/genesis.json", "{", "{ "), CodeGenesisChanged,
			"written in another way"},
		{"nothing", func(*testing.T, string) {}, "", ""},
	}
	for _, name := range []string{"priv_validator_key.json", "node_key.json", "vrf_key.json"} {
		path := filepath.Join("config", name)
		for desc, text := range map[string]string{"empty": "", "half": `{"priv_`, "null": "null", "of nothing": "{}"} {
			rows = append(rows, row{name + " is " + desc, replace(path, text), CodeBadNodeHome, name})
		}
		rows = append(rows, row{name + " is lost", lose("../" + path), CodeBadNodeHome, name})
	}
	for _, row := range rows {
		t.Run(row.desc, func(t *testing.T) {
			damaged := copyHome(t, home)
			row.damage(t, damaged)
			if row.code == "" {
				if height := runUntil(t, damaged, blocks+1); height <= blocks {
					t.Errorf("does not go on: height %d", height)
				}
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := Run(ctx, damaged, Options{Log: &syncBuffer{}})
			var coded *Error
			if !errors.As(err, &coded) || coded.Code != row.code {
				t.Fatalf("error %v, expected code %s", err, row.code)
			}
			if text := err.Error(); !strings.Contains(text, row.says) || strings.Contains(text, "\n") ||
				coded.Home != damaged {
				t.Errorf("%q does not say %q in one line", text, row.says)
			}
		})
	}
}

// Resync deletes what peers can send again, and not what keeps the validator
// from signing twice.
func TestResyncKeepsWhatOnlyThisNodeKnows(t *testing.T) {
	home := newHome(t)
	for _, dir := range []string{"hongbao.db", "blockstore.db", "state.db", "evidence.db", "cs.wal"} {
		if err := os.MkdirAll(filepath.Join(home, "data", dir), dirPerm); err != nil {
			t.Fatal(err)
		}
	}
	if err := keepGenesis(home); err != nil {
		t.Fatal(err)
	}
	var coded *Error
	if _, err := Resync(home); !errors.As(err, &coded) || coded.Code != CodeNoPeers {
		t.Errorf("without peers: %v", err)
	}
	if err := EditConfig(home, func(c *cfg.Config) {
		c.P2P.PersistentPeers = "0123456789012345678901234567890123456789@127.0.0.1:26656"
	}); err != nil {
		t.Fatal(err)
	}
	unlock, err := Lock(home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Resync(home); !errors.Is(err, ErrInUse) {
		t.Errorf("while it runs: %v", err)
	}
	unlock()
	deleted, err := Resync(home)
	if err != nil || len(deleted) != 5 {
		t.Errorf("deleted %v: %v", deleted, err)
	}
	left, err := os.ReadDir(filepath.Join(home, "data"))
	if err != nil || len(left) != 2 || left[0].Name() != "genesis.json" ||
		left[1].Name() != "priv_validator_state.json" {
		t.Errorf("left %v: %v", left, err)
	}
	remove(t, filepath.Join(home, "data", "priv_validator_state.json"))
	if _, err := Resync(home); !errors.As(err, &coded) || coded.Code != CodeNoSignState {
		t.Errorf("without a sign state: %v", err)
	}
}

// A node waits for its chain's beginning, and goes on as soon as the clock is
// put right.
func TestAGenesisInTheFutureIsAwaited(t *testing.T) {
	begins := time.Date(2026, 2, 17, 0, 0, 0, 0, time.UTC)
	asked := 0
	clock := func() time.Time {
		if asked++; asked > 4 {
			return begins.Add(time.Hour) // corrected
		}
		return begins.Add(-24 * time.Hour)
	}
	var out syncBuffer
	doc := &types.GenesisDoc{GenesisTime: begins}
	if err := awaitGenesis(t.Context(), doc, clock, log.NewTMLogger(&out)); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Count(text, "future") != 1 || !strings.Contains(text, "seconds=86400") {
		t.Errorf("it says %q", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func() time.Time { return time.Time{} }
	if err := awaitGenesis(ctx, doc, never, log.NewNopLogger()); !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop: %v", err)
	}
}
