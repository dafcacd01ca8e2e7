package node

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/internal/testchain"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/types"
)

// A joiner that is told to begin with a snapshot has the chain's state without the
// blocks before it, from nothing but the trust file and a peer, goes on from there,
// and is in step.
func TestJoinBySnapshot(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a chain for some seconds")
	}
	c := runningChain(t)
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		list, err := snapshotDir(c.home).Heights()
		if must(t, err); len(list) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no snapshot is made")
		}
	}
	o := c.options(t)
	o.Snapshot = true
	home := filepath.Join(t.TempDir(), "guest")
	_, err := Join(t.Context(), home, o)
	must(t, err)
	run(t, home)
	url, err := RPCURL(home)
	must(t, err)
	var s Status
	for deadline := time.Now().Add(60 * time.Second); !s.InStep; time.Sleep(50 * time.Millisecond) {
		if s, err = QueryStatus(t.Context(), url); err != nil || time.Now().After(deadline) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	var st struct {
		SyncInfo struct {
			Earliest int64 `json:"earliest_block_height,string"`
		} `json:"sync_info"`
	}
	must(t, get(t.Context(), url+"/status", &st))
	if first := st.SyncInfo.Earliest; first <= 100 {
		t.Errorf("in step at block %d, with blocks from %d on: not by a snapshot", s.Height, first)
	}

	// From this node alone no one can begin with the first block, and is told; beside one
	// that has it, it does no harm.
	guest, _, err := LoadConfig(home)
	must(t, err)
	key, err := loadNodeKey(guest)
	must(t, err)
	o = c.options(t)
	without, with := o, o
	without.Peers = []string{string(key.ID()) + "@" + strings.TrimPrefix(guest.P2P.ListenAddress, "tcp://")}
	with.Peers = append(without.Peers, o.Peers...)
	second := filepath.Join(t.TempDir(), "second")
	if _, err := Join(t.Context(), second, without); !hasCode(err, CodeBlocksGone) {
		t.Errorf("joined without the first block: %v", err)
	}
	if _, err := Join(t.Context(), second, with); err != nil {
		t.Errorf("with a peer that has the first block: %v", err)
	}
}

// An offered snapshot is held against the header that the validators signed: one under
// rules that the program does not know ends the node, and says which are needed.
func TestASnapshotIsHeldAgainstItsHeader(t *testing.T) {
	at := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	to, err := snapshotDir(t.TempDir()).Create(100, contract.TimeOf(at))
	must(t, err)
	_, err = to.Write([]byte("state"))
	must(t, err)
	m, err := to.Finish()
	must(t, err)
	offer := &abci.RequestOfferSnapshot{Snapshot: &abci.Snapshot{Height: 100, Metadata: m.Encode()}}
	for _, row := range []struct {
		desc  string
		rules uint64
		at    time.Time
		want  abci.ResponseOfferSnapshot_Result
	}{
		{"as it says", newestRules, at, abci.ResponseOfferSnapshot_UNKNOWN}, // and what the application says then
		{"of another date", newestRules, at.Add(time.Second), abci.ResponseOfferSnapshot_REJECT_SENDER},
		{"under newer rules", newestRules + 1, at, abci.ResponseOfferSnapshot_REJECT},
	} {
		header := &types.Header{ChainID: "test-1", Height: 100, Time: row.at}
		header.Version.App = row.rules
		w := &watch{Application: abci.NewBaseApplication(), outdated: make(chan error, 1),
			header: func(context.Context, int64) (*types.SignedHeader, error) {
				return &types.SignedHeader{Header: header}, nil
			}}
		for range 2 { // a refused one may be offered again
			res, err := w.OfferSnapshot(t.Context(), offer)
			if must(t, err); res.Result != row.want {
				t.Errorf("%s: %s, want %s", row.desc, res.Result, row.want)
			}
		}
		var told error
		select {
		case told = <-w.outdated:
		default:
		}
		rules := new(app.RulesError)
		if needs := errors.As(told, &rules); needs != (row.rules > newestRules) || needs && rules.Rules != row.rules {
			t.Errorf("%s: told %v", row.desc, told)
		}
	}
}

// Of old blocks those stay that were asked for, and those that a node needs which
// begins with a snapshot.
func TestBlocksThatSnapshotsNeedAreKept(t *testing.T) {
	dir := snapshotDir(t.TempDir())
	s := newSnapshots(100, dir, nil, log.NewNopLogger())
	for _, row := range []struct {
		desc               string
		snapshot           int64 // made before; 0: none more
		height, keep, want int64
	}{
		{"all are kept", 0, 5000, 0, 0},
		{"there are no more than are kept", 0, 999, 1000, 0},
		{"no snapshot", 0, 5000, 1000, 4001},
		{"a snapshot within what is kept", 4500, 5000, 1000, 4001},
		{"one of before", 3000, 5000, 1000, 3000},
		{"the older of two", 4000, 5000, 1000, 3000},
	} {
		if row.snapshot > 0 {
			w, err := dir.Create(row.snapshot, 0)
			must(t, err)
			_, err = w.Write([]byte("state"))
			must(t, err)
			_, err = w.Finish()
			must(t, err)
		}
		if got := s.retain(row.height, row.keep); got != row.want {
			t.Errorf("%s: %d, expected %d", row.desc, got, row.want)
		}
	}
}

// After a snapshot none is begun for as long as it took, a minute at least, whether or not it
// could be written.
func TestSnapshotsRest(t *testing.T) {
	var application *app.App
	c := testchain.New(t, testchain.Options{Genesis: testchain.Genesis("rich"),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			var err error
			application, err = newApplication(o.DB, DefaultSettings(), app.Options{})
			return application, err
		}})
	home := t.TempDir()
	now, takes := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC), 90*time.Second
	s := newSnapshots(1, snapshotDir(home), nil, log.NewNopLogger())
	s.now = func() time.Time { return now }
	s.take = func() (*app.Snapshot, error) {
		now = now.Add(takes)
		return application.Snapshot()
	}
	blocked := filepath.Join(home, "data")
	for _, row := range []struct {
		desc    string
		passes  time.Duration // since the last row
		blocked bool          // a file stands where the folder would
		newest  int64         // the newest snapshot afterwards; 0: there is none
	}{
		{"one that fails", 0, true, 0},
		{"89 s after its end", 89 * time.Second, false, 0},
		{"90 s after its end", time.Second, false, 3},
		{"at once", 0, false, 3},
		{"89 s after the end of the one that was made", 89 * time.Second, false, 3},
		{"90 s after it", time.Second, false, 6},
		{"a short one", 90 * time.Second, false, 7},
		{"59 s after its end", 59 * time.Second, false, 7},
		{"a minute after it", time.Second, false, 9},
	} {
		if row.desc == "a short one" {
			takes = 2 * time.Second
		}
		c.Block()
		now = now.Add(row.passes)
		if row.blocked {
			must(t, os.WriteFile(blocked, nil, 0o600))
		}
		s.told(c.Height)
		s.writing.Wait()
		if row.blocked {
			must(t, os.Remove(blocked))
		}
		var newest int64
		heights, err := s.dir.Heights()
		if must(t, err); len(heights) > 0 {
			newest = heights[0]
		}
		if newest != row.newest {
			t.Errorf("%s: the newest snapshot is of block %d, want %d", row.desc, newest, row.newest)
		}
	}
}

// From each part that it writes of a snapshot a node rests for nine times as long as that took.
func TestSnapshotsTakeATenthOfTheTime(t *testing.T) {
	now := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	var rests []time.Duration
	s := newSnapshots(1, snapshotDir(t.TempDir()), nil, log.NewNopLogger())
	s.now = func() time.Time { return now }
	s.rest = func(d time.Duration) {
		rests = append(rests, d)
		now = now.Add(d)
	}
	var written bytes.Buffer
	p := &paced{s, &written, s.now()}
	for _, took := range []time.Duration{20 * time.Millisecond, 0, time.Minute, 100 * time.Millisecond} {
		now = now.Add(took)
		_, err := p.Write([]byte("part"))
		must(t, err)
	}
	want := []time.Duration{180 * time.Millisecond, 0, longestRest, 900 * time.Millisecond}
	if !slices.Equal(rests, want) || written.String() != "partpartpartpart" {
		t.Errorf("rests %v, want %v; written %q", rests, want, written.String())
	}
}

// The age of a snapshot is counted from its block, after a restart too; where there is
// none, from the first block that a node hears of, so that one that never
// succeeds grows old.
func TestSnapshotAge(t *testing.T) {
	dir := snapshotDir(t.TempDir())
	const second = contract.Time(time.Second)
	begin := func() *snapshots { return newSnapshots(100, dir, nil, log.NewNopLogger()) }
	s := begin()
	if got := s.age(7, 7*second); got != (snapshotAge{every: 100}) {
		t.Errorf("before the first block: %+v", got)
	}
	s.told(1010)
	s.told(1011)
	if got := s.age(1099, 99*second); got != (snapshotAge{every: 100, blocks: 89}) {
		t.Errorf("without a snapshot: %+v", got)
	}
	w, err := dir.Create(1100, 100*second)
	must(t, err)
	_, err = w.Write([]byte("state"))
	must(t, err)
	_, err = w.Finish()
	must(t, err)
	want := snapshotAge{every: 100, blocks: 25, seconds: 30, there: true}
	if got := begin().age(1125, 130*second); got != want {
		t.Errorf("after a restart: %+v, want %+v", got, want)
	}
}
