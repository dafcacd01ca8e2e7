package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/app/snapshot"
	"hongbao/app/store"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// newPast is a chain in which a bit of everything has happened: draws done and
// owed, shares held, settled, recalled, returned and asked for, a tightening, a
// warp, and a tx that failed.
func newPast(t testing.TB) *validatorSet {
	v := &validatorSet{chainOf(t,
		Options{Snapshots: snapshot.Dir(t.TempDir()), Store: store.Options{KeepVersions: 3}},
		testchain.Options{Genesis: testchain.Genesis("alice", "bob"), Validators: testchain.NewValidators(1)})}
	list := newStaff(t, "bob", "@voucher", "erin", "zoe")
	listed := list.terms(func(t *contract.Terms) { t.Hold = 3600 })
	equal, lucky := terms(8, 11100), luckyTerms(4, 10_000)
	held := terms(4, 900, func(t *contract.Terms) {
		t.Hold = 3600
		t.Clauses = append(t.Clauses, contract.Clause{Target: contract.HeldShares,
			When: contract.Rule{Cond: contract.Sender{}}})
	})
	v.mustBlock(0, v.Tx("alice", &contract.Pay{To: addr("zoe"), Amount: 500}))
	v.Nonces["zoe"] = 1 // as of every account that a payment made
	id, drawn, onHold := v.Send("alice", equal), v.Send("bob", lucky), v.Send("alice", held)
	staffed := v.Send("alice", listed)
	v.mustBlock(0, list.claim(v.chain, "bob", "bob", staffed, listed),
		list.claim(v.chain, "ursula", "@voucher", staffed, listed),
		list.claim(v.chain, "erin", "erin", staffed, listed))
	v.mustBlock(0, v.Tx("erin", &contract.Return{Packet: staffed, Share: 3}),
		v.Claim("bob", id, equal), v.Claim("carol", drawn, lucky), v.Claim("dave", drawn, lucky),
		v.Claim("erin", onHold, held), v.Claim("frank", onHold, held), v.Claim("zoe", onHold, held))
	v.mustBlock(0, v.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}),
		v.Tx("alice", &contract.Recall{Packet: onHold, Clause: 2, Share: 1, Reason: "DUPL"}),
		v.Tx("frank", &contract.Return{Packet: onHold, Share: 2}),
		v.Tx("alice", &contract.Ask{Packet: id, Share: 1, Reason: "CUST"}),
		v.Tx("bob", &contract.Ask{Packet: drawn, Share: 1, Reason: "AM09"}))
	v.mustBlock(0, v.Tx("bob", &contract.Answer{Packet: id, Share: 1}),
		v.Tx("alice", &contract.Tighten{Packet: onHold}), v.Tx("bob", &contract.Warp{By: 60}))
	if codes := v.block(0, v.Claim("zoe", id, equal)); codes[0] != contract.CodeRecalled {
		t.Fatal(codes)
	}
	v.mustBlock(0, v.Claim("grace", drawn, lucky)) // its draw is owed
	return v
}

// snapshotOf is the stream of the newest state of an app.
func snapshotOf(t testing.TB, a *App) (stream []byte, at contract.Time) {
	t.Helper()
	s, err := a.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	if err := s.Write(&b, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), s.Time
}

// offered is a stream as a peer offers it, and its chunks.
func offered(t testing.TB, height int64, at contract.Time, stream []byte) (*abci.Snapshot, [][]byte) {
	t.Helper()
	dir := snapshot.Dir(t.TempDir())
	w, err := dir.Create(height, at)
	if err == nil {
		_, err = w.Write(stream)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	var chunks [][]byte
	for i := range m.Chunks {
		b, err := dir.Chunk(height, uint32(i))
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, b)
	}
	hash := m.Hash()
	return &abci.Snapshot{Height: uint64(height), Format: snapshot.Format, Chunks: uint32(len(chunks)), Hash: hash[:],
		Metadata: m.Encode()}, chunks
}

// joiner is an app without a state, to which a snapshot is offered.
func joiner(t testing.TB) (*App, *dbm.MemDB) {
	t.Helper()
	db := dbm.NewMemDB()
	a, err := New(db, Options{ChainID: testChain, Store: store.Options{CacheSize: 1000, KeepVersions: 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, db
}

var errRefused = errors.New("refused")

// take gives an app a snapshot. It fails with errRefused when that was refused, and
// says who was.
func take(t testing.TB, a *App, s *abci.Snapshot, chunks [][]byte, root []byte) (rejected []string, err error) {
	t.Helper()
	offer, err := a.OfferSnapshot(t.Context(), &abci.RequestOfferSnapshot{Snapshot: s, AppHash: root})
	if err != nil {
		return nil, err
	}
	if offer.Result != abci.ResponseOfferSnapshot_ACCEPT {
		return nil, fmt.Errorf("%w: %s", errRefused, offer.Result)
	}
	for i, c := range chunks {
		res, err := a.ApplySnapshotChunk(t.Context(),
			&abci.RequestApplySnapshotChunk{Index: uint32(i), Chunk: c, Sender: "peer"})
		if err != nil {
			return nil, err
		}
		if res.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			return res.RejectSenders, fmt.Errorf("%w: %s", errRefused, res.Result)
		}
	}
	return nil, nil
}

// known is all that a node keeps, but for what a snapshot leaves out: why txs
// failed, and the tree's own keys, which differ in their names.
func known(t testing.TB, db dbm.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, prefix := range []string{"r", "v", "h"} {
		it, err := db.Iterator([]byte(prefix), []byte{prefix[0] + 1})
		if err != nil {
			t.Fatal(err)
		}
		for ; it.Valid(); it.Next() {
			key := string(it.Key())
			if strings.HasPrefix(key, "rt") {
				var r query.TxRecord
				if err := contract.Decode(it.Value(), &r); err != nil {
					t.Fatal(err)
				}
				if r.Code != contract.CodeOK {
					continue
				}
			}
			all[key] = string(it.Value())
		}
		it.Close()
	}
	return all
}

// A node that begins with a snapshot has what the others have, to the byte, goes on
// with the same blocks to the same roots, also after a restart, and offers the same
// snapshots as they.
func TestASnapshotIsTheWholeState(t *testing.T) {
	v := newPast(t)
	stream, at := snapshotOf(t, v.app)
	height, root := v.Height, v.Roots[v.Height]
	offer, chunks := offered(t, height, at, stream)
	a, db := joiner(t)
	if _, err := take(t, a, offer, chunks, root); err != nil {
		t.Fatal(err)
	}
	same := func(when string) {
		t.Helper()
		if want, got := known(t, v.DBs[0]), known(t, db); !maps.Equal(want, got) {
			for k, w := range want {
				if got[k] != w {
					t.Errorf("%s: %q is %.80q, should be %.80q", when, k, got[k], w)
				}
			}
			t.Fatalf("%s: %d keys, should be %d", when, len(got), len(want))
		}
		if a.due != v.app.due {
			t.Errorf("%s: %+v counted, should be %+v", when, a.due, v.app.due)
		}
	}
	same("restored")
	info, err := a.Info(t.Context(), nil)
	if err != nil || info.LastBlockHeight != height || !bytes.Equal(info.LastBlockAppHash, root) {
		t.Fatalf("%+v, %v", info, err)
	}
	follow := func(txs ...[]byte) {
		t.Helper()
		v.mustBlock(0, txs...)
		res, err := a.FinalizeBlock(t.Context(), v.Blocks[len(v.Blocks)-1])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(res.AppHash, v.Roots[v.Height]) {
			t.Fatalf("block %d: root %x, should be %x", v.Height, res.AppHash, v.Roots[v.Height])
		}
		if _, err := a.Commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	follow(v.Tx("bob", &contract.Pay{To: addr("carol"), Amount: 7})) // and the draw that was owed
	v.Wait(2 * time.Hour)                                            // settlements
	follow()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if a, err = New(db, Options{ChainID: testChain, Store: store.Options{KeepVersions: 3}}); err != nil {
		t.Fatal(err)
	}
	v.Wait(72 * time.Hour) // refunds and lapses
	for range 5 {
		follow()
	}
	same("some blocks later")

	theirs, _ := snapshotOf(t, v.app)
	ours, _ := snapshotOf(t, a)
	if !bytes.Equal(ours, theirs) {
		t.Error("a node that began with a snapshot makes another one")
	}
}

// items are the parts of a stream.
func items(stream []byte) (list [][]byte) {
	for len(stream) > 0 {
		n := itemHead + int(binary.BigEndian.Uint32(stream[1:]))
		list, stream = append(list, stream[:n]), stream[n:]
	}
	return list
}

// A stream that was altered anywhere, with a manifest to match, is refused with its
// sender, and so is everything else about it that is not true; what is left is an
// empty node that takes the true one.
func TestALyingSnapshotIsRefused(t *testing.T) {
	v := newPast(t)
	stream, at := snapshotOf(t, v.app)
	height, root := v.Height, v.Roots[v.Height]
	a, _ := joiner(t)
	tried := 0
	lie := func(desc string, altered []byte) {
		t.Helper()
		tried++
		offer, chunks := offered(t, height, at, altered)
		rejected, err := take(t, a, offer, chunks, root)
		if !errors.Is(err, errRefused) || !slices.Equal(rejected, []string{"peer"}) {
			t.Fatalf("%s: %v, rejected %v", desc, err, rejected)
		}
		if info, err := a.Info(t.Context(), nil); err != nil || info.LastBlockHeight != 0 {
			t.Fatalf("%s: left at height %d, %v", desc, info.LastBlockHeight, err)
		}
	}
	list := items(stream)
	kinds := map[byte]int{}
	for i, item := range list {
		kinds[item[0]]++
		for _, at := range []int{0, 4, itemHead, itemHead + (len(item)-itemHead)/2, len(item) - 1} {
			altered := slices.Clone(item)
			altered[at] ^= 1
			lie(fmt.Sprintf("item %d, byte %d", i, at), slices.Concat(slices.Concat(list[:i]...), altered,
				slices.Concat(list[i+1:]...)))
		}
		lie(fmt.Sprintf("item %d left out", i), slices.Concat(slices.Concat(list[:i]...), slices.Concat(list[i+1:]...)))
		lie(fmt.Sprintf("item %d twice", i), slices.Concat(slices.Concat(list[:i+1]...), slices.Concat(list[i:]...)))
		if i > 0 && !bytes.Equal(item, list[i-1]) {
			lie(fmt.Sprintf("item %d before the one before it", i), slices.Concat(slices.Concat(list[:i-1]...), item,
				list[i-1], slices.Concat(list[i+1:]...)))
		}
	}
	for _, kind := range []byte{itemBeacon, itemLeaf, itemInner, itemEntry, itemTx} {
		if kinds[kind] == 0 {
			t.Errorf("no item of kind %q", kind)
		}
	}
	if kinds[itemTx] < 15 || tried < 7*len(list) {
		t.Errorf("%v, %d lies", kinds, tried)
	}
	offer, chunks := offered(t, height, at, stream)
	for _, row := range []struct {
		desc  string
		alter func(*abci.Snapshot)
		root  []byte
	}{
		{"another root", func(*abci.Snapshot) {}, v.Roots[height-1]},
		{"another format", func(s *abci.Snapshot) { s.Format++ }, root},
		{"another hash", func(s *abci.Snapshot) { s.Hash = slices.Repeat([]byte{1}, 32) }, root},
		{"another height than its manifest's", func(s *abci.Snapshot) { s.Height++ }, root},
		{"more chunks than its manifest has", func(s *abci.Snapshot) { s.Chunks++ }, root},
		{"no manifest", func(s *abci.Snapshot) { s.Metadata = nil }, root},
	} {
		altered := *offer
		row.alter(&altered)
		if _, err := take(t, a, &altered, chunks, row.root); !errors.Is(err, errRefused) {
			t.Errorf("%s: %v", row.desc, err)
		}
	}
	stranger, err := New(dbm.NewMemDB(), Options{ChainID: "another", Store: store.Options{CacheSize: 100}})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := take(t, stranger, offer, chunks, root); !errors.Is(err, errRefused) {
		t.Errorf("a node of another chain: %v", err)
	}
	if _, err := take(t, a, offer, chunks, root); err != nil {
		t.Errorf("the true one after all that: %v", err)
	}
}

// A node that restores says so, whatever it was asked before.
func TestARestoringNodeKnowsNothing(t *testing.T) {
	v := newPast(t)
	stream, at := snapshotOf(t, v.app)
	offer, _ := offered(t, v.Height, at, stream)
	a, _ := joiner(t)
	ask := func() uint32 {
		res, err := a.Query(t.Context(), &abci.RequestQuery{Path: query.Leaf, Data: contract.SupplyKey})
		if err != nil {
			t.Fatal(err)
		}
		return res.Code
	}
	if code := ask(); code != uint32(contract.CodeWrongChain) {
		t.Errorf("before: code %d", code)
	}
	if _, err := take(t, a, offer, nil, v.Roots[v.Height]); err != nil {
		t.Fatal(err)
	}
	if code := ask(); code != query.Unavailable {
		t.Errorf("meanwhile: code %d", code)
	}
}

// A chunk that is not what the manifest says is asked for again, of others, and
// one out of turn begins the snapshot anew; neither costs the others' chunks.
func TestAWrongChunkIsFetchedAgain(t *testing.T) {
	v := newPast(t)
	stream, at := snapshotOf(t, v.app)
	offer, chunks := offered(t, v.Height, at, stream)
	a, _ := joiner(t)
	if _, err := take(t, a, offer, nil, v.Roots[v.Height]); err != nil {
		t.Fatal(err)
	}
	bad := slices.Clone(chunks[0])
	bad[len(bad)/2] ^= 1
	for _, chunk := range [][]byte{bad, nil, chunks[0][1:], append(slices.Clone(chunks[0]), 0)} {
		res, err := a.ApplySnapshotChunk(t.Context(), &abci.RequestApplySnapshotChunk{Chunk: chunk, Sender: "liar"})
		if err != nil || res.Result != abci.ResponseApplySnapshotChunk_RETRY ||
			!slices.Equal(res.RejectSenders, []string{"liar"}) || !slices.Equal(res.RefetchChunks, []uint32{0}) {
			t.Errorf("a chunk of %d bytes: %+v, %v", len(chunk), res, err)
		}
	}
	if n, of := a.Restoring(); n != 0 || of != len(chunks) {
		t.Errorf("%d of %d chunks", n, of)
	}
	res, err := a.ApplySnapshotChunk(t.Context(), &abci.RequestApplySnapshotChunk{Index: 7, Chunk: chunks[0]})
	if err != nil || res.Result != abci.ResponseApplySnapshotChunk_RETRY_SNAPSHOT {
		t.Errorf("a chunk out of turn: %+v, %v", res, err)
	}
	if _, err := take(t, a, offer, chunks, v.Roots[v.Height]); err != nil {
		t.Error(err)
	}
}

// A node serves what is whole on its disk, and nothing that its disk has damaged.
func TestSnapshotsAreServed(t *testing.T) {
	v := newPast(t)
	dir := v.opts.Snapshots
	for range 3 {
		s, err := v.app.Snapshot()
		v.OK(err)
		w, err := dir.Create(s.Height, s.Time)
		v.OK(err)
		v.OK(s.Write(w, nil))
		_, err = w.Finish()
		v.OK(err)
		s.Close()
		v.mustBlock(0)
	}
	v.OK(dir.Keep(2))
	if _, err := dir.Create(v.Height, 0); err != nil { // and one that is not whole
		t.Fatal(err)
	}
	list, err := v.app.ListSnapshots(t.Context(), nil)
	if v.OK(err); len(list.Snapshots) != 2 || int64(list.Snapshots[0].Height) != v.Height-1 {
		t.Fatalf("%+v", list.Snapshots)
	}
	newest := list.Snapshots[0]
	load := func(height uint64, format, chunk uint32) []byte {
		t.Helper()
		res, err := v.app.LoadSnapshotChunk(t.Context(),
			&abci.RequestLoadSnapshotChunk{Height: height, Format: format, Chunk: chunk})
		v.OK(err)
		return res.Chunk
	}
	for _, row := range []struct {
		desc          string
		height        uint64
		format, chunk uint32
		want          bool
	}{
		{"the first chunk", newest.Height, snapshot.Format, 0, true},
		{"one that there is not", newest.Height, snapshot.Format, newest.Chunks, false},
		{"of a snapshot that was deleted", newest.Height - 2, snapshot.Format, 0, false},
		{"of another format", newest.Height, snapshot.Format + 1, 0, false},
	} {
		if got := load(row.height, row.format, row.chunk) != nil; got != row.want {
			t.Errorf("%s: %v", row.desc, got)
		}
	}
	damage(t, dir, int64(newest.Height))
	if load(newest.Height, snapshot.Format, 0) != nil {
		t.Error("a damaged chunk is served")
	}
}

// damage flips a bit of a snapshot's first chunk.
func damage(t testing.TB, dir snapshot.Dir, height int64) {
	t.Helper()
	path := filepath.Join(string(dir), fmt.Sprintf("%012d", height), "0")
	b, err := os.ReadFile(path)
	if err == nil {
		b[len(b)/2] ^= 1
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
