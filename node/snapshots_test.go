package node

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/cometbft/cometbft/libs/log"
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
