package node

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cmtstore "github.com/cometbft/cometbft/proto/tendermint/store"

	"hongbao/internal/leveldb"
)

var (
	campaign = flag.Bool("campaign", false, "damage every file of a node in every way, not a few")
	damageNo = flag.Int("damages", 40, "how many damages a campaign does to each database")
)

// Environment of TestDamagedNode's process: the home, and the height to come to.
const (
	damagedHome   = "HONGBAO_TEST_DAMAGED_HOME"
	damagedHeight = "HONGBAO_TEST_DAMAGED_HEIGHT"
)

// This is no test by itself: it is the node that TestStorageDamage starts, in a
// process that may crash. Like the command line it ends with its error's code and
// text.
func TestDamagedNode(t *testing.T) {
	home := os.Getenv(damagedHome)
	if home == "" {
		t.Skip("a process of TestStorageDamage")
	}
	var height int64
	var log syncBuffer
	fmt.Sscan(os.Getenv(damagedHeight), &height)
	ctx, cancel := context.WithCancel(t.Context())
	url, err := RPCURL(home)
	if err == nil {
		go func() {
			for s := (Status{}); s.Height < height || !strings.Contains(log.String(), Scrubbed); {
				time.Sleep(20 * time.Millisecond)
				s, _ = QueryStatus(ctx, url)
			}
			cancel()
		}()
		err = Run(ctx, home, Options{Log: io.MultiWriter(&log, os.Stderr), LogFormat: "json"})
	}
	var coded *Error
	if errors.As(err, &coded) {
		fmt.Fprintf(os.Stderr, "hongbao: %s: %v\n", coded.Code, err)
		os.Exit(3)
	} else if err != nil {
		fmt.Fprintf(os.Stderr, "hongbao: : %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// storageDamages are what happens to a file.
var storageDamages = []struct {
	name string
	do   func(r *rand.Rand, b []byte) []byte // nil: the file is lost
}{
	{"one bit", func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	}},
	{"cut", func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] }},
	{"empty", func(*rand.Rand, []byte) []byte { return []byte{} }},
	{"lost", func(*rand.Rand, []byte) []byte { return nil }},
	{"4 kB of zeros", func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b))
		clear(b[at:min(len(b), at+4096)])
		return b
	}},
	{"4 kB of noise", func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b))
		for i := at; i < min(len(b), at+4096); i++ {
			b[i] = byte(r.Uint32())
		}
		return b
	}},
	{"noise at its end", func(r *rand.Rand, b []byte) []byte {
		for range 1 + r.IntN(300) {
			b = append(b, byte(r.Uint32()))
		}
		return b
	}},
	{"one bit of its last 100 bytes", func(r *rand.Rand, b []byte) []byte {
		b[len(b)-1-r.IntN(min(100, len(b)))] ^= 1 << r.IntN(8)
		return b
	}},
}

// stored is what a node's databases hold that never changes again.
type stored map[string]map[string][]byte // by database, key

// TestStorageDamage damages each file of a node's data, one at a time, and starts
// the node. It has to hold everything that it held, or stop in one line that names
// the database and has a code for which the command line knows the cure. No damage
// stays unnoticed because no one reads what it is in.
//
//	go test ./node -run TestStorageDamage -campaign -v
func TestStorageDamage(t *testing.T) {
	if !*campaign {
		t.Skip("-campaign")
	}
	const blocks = 150
	// A process keeps the homes that it ran, so that each run is of a copy.
	run := func(home string, until int64) string {
		copied := copyHome(t, home)
		runUntil(t, copied, until)
		return copied
	}
	older := usedHome(t, blocks)
	home := run(run(older, blocks+40), blocks+80) // opening makes tables of journals
	kept := contentsOf(t, home)
	at := kept.height(t)                        // it may have made more blocks than were waited for
	kept.forget(contentsOf(t, run(home, at+2))) // what two blocks more change
	for _, db := range []string{ledgerDB + ".db", blocksDB + ".db", stateDB + ".db", evidenceDB + ".db", "cs.wal",
		"priv_validator_state.json", "genesis.json"} {
		t.Run(db, func(t *testing.T) {
			tally := map[string]int{}
			n := *damageNo
			if !strings.HasSuffix(db, ".db") {
				n /= 4
			}
			for i := range n {
				h := fnv.New64()
				fmt.Fprint(h, db)
				r := rand.New(rand.NewPCG(uint64(i), h.Sum64()))
				what, outcome := damageOnce(t, r, home, older, db, i, kept, at+4)
				tally[outcome]++
				if testing.Verbose() {
					t.Logf("%s: %s", what, outcome)
				}
			}
			t.Logf("%d damages: %v", n, tally)
		})
	}
}

func damageOnce(t *testing.T, r *rand.Rand, home, older, db string, i int, kept stored, until int64) (
	what, outcome string) {
	t.Helper()
	damaged := filepath.Join(t.TempDir(), "home")
	defer os.RemoveAll(filepath.Dir(damaged))
	if err := os.CopyFS(damaged, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	usePorts(t, damaged)
	at := filepath.Join(damaged, "data", db)
	if i%(len(storageDamages)+1) == len(storageDamages) {
		what = "an older copy"
		if err := os.RemoveAll(at); err != nil {
			t.Fatal(err)
		}
		if err := copyAny(at, filepath.Join(older, "data", db)); err != nil {
			t.Fatal(err)
		}
	} else {
		var files []string
		filepath.WalkDir(at, func(path string, d fs.DirEntry, err error) error {
			if info, infoErr := d.Info(); err == nil && infoErr == nil && info.Mode().IsRegular() && info.Size() > 0 {
				files = append(files, path)
			}
			return err
		})
		path := files[r.IntN(len(files))]
		d := storageDamages[i%(len(storageDamages)+1)]
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		what = strings.TrimPrefix(path, damaged+"/data/") + ": " + d.name
		if b = d.do(r, b); b == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestDamagedNode$")
	cmd.Env = append(os.Environ(), damagedHome+"="+damaged, fmt.Sprintf("%s=%d", damagedHeight, until))
	done := make(chan struct{})
	stuck := time.AfterFunc(30*time.Second, func() { close(done) })
	var log bytes.Buffer
	exit, err := Guard(done, cmd, damaged, &log)
	hung := !stuck.Stop()
	_, said, _ := strings.Cut(log.String(), "hongbao: ")
	said = strings.TrimSpace(said)
	code, text, _ := strings.Cut(said, ": ")
	name, _, _ := strings.Cut(db, ".")
	switch {
	case hung:
		t.Errorf("%s: it neither goes on nor stops\n%s", what, tailOf(log.String()))
		return what, "hangs"
	case err != nil:
		t.Errorf("%s: %v", what, err)
		return what, "crashes"
	case exit == 0:
		holes, asleep := kept.missing(t, damaged)
		if len(holes) > 0 {
			t.Errorf("%s: it goes on, and lacks %d of what it held, such as %q", what, len(holes), holes[0])
			return what, "lacks"
		}
		if asleep {
			t.Errorf("%s: it goes on, and has not noticed what it can no longer read", what)
			return what, "does not notice"
		}
		return what, "goes on, whole"
	case code != stopCode(db):
		t.Errorf("%s: code %q: %s\n%s", what, code, text, tailOf(log.String()))
	case strings.Contains(text, "\n"):
		t.Errorf("%s: more than a line: %s", what, text)
	case !strings.Contains(text, name):
		t.Errorf("%s: does not name it: %s", what, text)
	}
	return what, "stops: " + code
}

// stopCode is the code with which a node stops whose file or folder of data is damaged.
func stopCode(db string) string {
	switch db {
	case "priv_validator_state.json":
		return CodeNoSignState
	case "genesis.json":
		return CodeGenesisChanged
	}
	return CodeDataDamaged
}

func tailOf(s string) string { return s[max(0, len(s)-1500):] }

func copyAny(to, from string) error {
	if info, err := os.Stat(from); err != nil {
		return err
	} else if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// contentsOf reads all databases of a home that no process has open. The test's own
// process still has, so it reads a copy.
func contentsOf(t *testing.T, home string) stored {
	t.Helper()
	s, err := readStored(copyHome(t, home))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// height is that of the newest block.
func (s stored) height(t *testing.T) int64 {
	t.Helper()
	var state cmtstore.BlockStoreState
	if err := state.Unmarshal([]byte(s[blocksDB]["blockStore"])); err != nil {
		t.Fatal(err)
	}
	return state.Height
}

func readStored(home string) (stored, error) {
	s := stored{}
	for _, name := range databaseNames {
		db, err := leveldb.Open(name, filepath.Join(home, "data"), nil)
		if err != nil {
			return nil, err
		}
		s[name] = map[string][]byte{}
		it, err := db.Iterator(nil, nil)
		for ; err == nil && it.Valid(); it.Next() {
			s[name][string(it.Key())] = bytes.Clone(it.Value())
		}
		if err == nil {
			err = errors.Join(it.Error(), it.Close())
		}
		if err := errors.Join(err, db.Close()); err != nil {
			return s, err
		}
	}
	return s, nil
}

// forget leaves only what later still has, unchanged.
func (s stored) forget(later stored) {
	for name, pairs := range s {
		for key, value := range pairs {
			if now, there := later[name][key]; !there || !bytes.Equal(now, value) {
				delete(pairs, key)
			}
		}
	}
}

// missing is what a home no longer holds. asleep says that its databases do not tell,
// and say so.
func (s stored) missing(t *testing.T, home string) (keys []string, asleep bool) {
	t.Helper()
	now, err := readStored(home)
	if leveldb.IsDamage(err) {
		return nil, true
	} else if err != nil {
		t.Fatal(err)
	}
	for name, pairs := range s {
		for key, value := range pairs {
			if found, there := now[name][key]; !there || !bytes.Equal(found, value) {
				keys = append(keys, name+": "+key)
			}
		}
	}
	slices.Sort(keys)
	return keys, false
}
