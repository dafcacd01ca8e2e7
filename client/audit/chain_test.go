package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/testchain"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
)

// The tests run the contract itself over a state in memory and a real tree, and
// sign real headers: all that a network does, without one. Every key and time is
// fixed, so each file comes out the same each time.
//
// The test chain's application would make other vectors: it writes genesis into
// the tree together with block 1, and counts a block's beacon among its txs.

const testChain = testchain.ID

var (
	genesisTime = testchain.Start
	accountKey  = testchain.Key
	address     = testchain.Address
)

// validators are the test chain's, of which a trust file can be made.
type validators struct{ testchain.Validators }

func newValidators(powers ...int64) validators { return validators{testchain.NewValidators(powers...)} }

func (v validators) trust() *Trust {
	t, err := ReadTrust(v.Trust())
	if err != nil {
		panic(err)
	}
	return t
}

// signHeader makes the header of block height over root, with a vote of each
// validator as flags say (commit where there is none).
func (v validators) signHeader(chain string, height int64, at time.Time, root []byte,
	flags ...cmttypes.BlockIDFlag) *cmttypes.SignedHeader {
	return v.Sign(v.Header(chain, height, at, root), flags...)
}

// wireOf is a signed header as a file holds it.
func wireOf(t testing.TB, h *cmttypes.SignedHeader) []byte {
	t.Helper()
	b, err := h.ToProto().Marshal()
	must(t, err)
	return b
}

// ledger is a chain: committed state, tree, and what a node serves beside it.
type ledger struct {
	t      testing.TB
	vals   validators // in office at first
	office []office   // those after them
	handed [][]byte   // contract.HandOver of each change
	leaves map[string][]byte
	due    []contract.Due
	tree   *iavl.MutableTree

	height  int64
	time    time.Time
	times   []time.Time // of every block, from 1
	entries map[string][][]byte
	txs     map[contract.Hash][]byte
	beacons map[int64][]byte // by the block that reserved
	lists   map[contract.PacketID]*listed
}

func newLedger(t testing.TB, names ...string) *ledger {
	t.Helper()
	g := testchain.Genesis(names...)
	g.Dev = false
	return ledgerOf(t, g)
}

// newDevLedger is a newLedger that has a clock.
func newDevLedger(t testing.TB, names ...string) *ledger {
	t.Helper()
	return ledgerOf(t, testchain.Genesis(names...))
}

func ledgerOf(t testing.TB, g contract.Genesis) *ledger {
	t.Helper()
	l := &ledger{
		t: t, vals: newValidators(10, 10, 10, 10), leaves: map[string][]byte{}, tree: newTree(),
		time: genesisTime, entries: map[string][][]byte{}, txs: map[contract.Hash][]byte{},
		beacons: map[int64][]byte{}, lists: map[contract.PacketID]*listed{},
	}
	g.Validators = l.vals.Genesis()
	leaves, entries, err := contract.InitState(testChain, genesisTime, &g, l.vals.Members(), 1)
	must(t, err)
	l.write(leaves, entries)
	if w, ok := t.(*witness); ok {
		w.chain = l
	}
	return l
}

func newTree() *iavl.MutableTree {
	return iavl.NewMutableTree(iavldb.NewMemDB(), 100, true, iavl.NewNopLogger())
}

func (l *ledger) Leaf(key []byte) (*contract.LeafValue, error) {
	return contract.NewLeafValue(l.leaves[string(key)]), nil
}

func (l *ledger) Due(until contract.Time, limit int) (items []contract.Due, err error) {
	for _, d := range l.due {
		if d.At <= until && len(items) < limit {
			items = append(items, d)
		}
	}
	return items, nil
}

func (l *ledger) ShareOf(id contract.PacketID, claimer contract.Address) (uint32, error) {
	for key, value := range l.leaves {
		if of, number, ok := contract.SplitShareKey([]byte(key)); ok && of == id {
			var leaf contract.ShareLeaf
			if err := contract.Decode(value, &leaf); err != nil || leaf.Share.Claimer == claimer {
				return number, err
			}
		}
	}
	return 0, nil
}

func (l *ledger) write(leaves []contract.Leaf, entries []contract.ChainEntry) {
	for _, leaf := range leaves {
		l.leaves[string(leaf.Key)] = leaf.Value
		_, err := l.tree.Set(leaf.Key, leaf.Value)
		must(l.t, err)
	}
	for _, e := range entries {
		l.entries[string(e.Leaf)] = append(l.entries[string(e.Leaf)], e.Entry)
	}
}

// now is what the contract takes the ledger's time for.
func (l *ledger) now() contract.Time {
	clock, err := contract.ReadClock(l)
	must(l.t, err)
	return clock.Now(contract.TimeOf(l.time))
}

// tx signs a message of name's with its next nonce, counting the txs before it
// in a block.
func (l *ledger) tx(name string, m contract.Message, earlier ...[]byte) []byte {
	l.t.Helper()
	tx := &contract.Tx{Chain: testChain, ValidUntil: l.now().Plus(300), Message: m}
	if b := l.leaves[string(contract.AccountKey(address(name)))]; b != nil {
		var a contract.Account
		must(l.t, contract.Decode(b, &a))
		tx.Nonce = a.Nonce + uint64(len(earlier))
	}
	must(l.t, tx.Sign(accountKey(name)))
	return tx.Encode()
}

// block executes txs, all of which must succeed, the given time after the
// block before.
func (l *ledger) block(after time.Duration, txs ...[]byte) {
	l.t.Helper()
	l.height++
	l.time = l.time.Add(after)
	l.times = append(l.times, l.time)
	env := contract.Env{Chain: testChain, Height: l.height, Time: l.now(), Verifier: contract.Schnorr{}}
	block, err := contract.NewBlock(l, env)
	must(l.t, err)
	l.draw(block)
	must(l.t, block.Due())
	for i, wire := range txs {
		tx, err := contract.ReadTx(wire)
		must(l.t, err)
		must(l.t, block.Admit(tx))
		must(l.t, block.Apply(uint32(i), tx))
		l.txs[tx.Hash] = wire
	}
	must(l.t, block.Seal(blockHash(l.height)))
	leaves, entries, due, err := block.Changes()
	must(l.t, err)
	l.write(leaves, entries)
	for _, d := range due {
		l.due = slices.DeleteFunc(l.due, func(x contract.Due) bool { return x == d.Due })
		if !d.Remove {
			l.due = append(l.due, d.Due)
		}
	}
	slices.SortFunc(l.due, func(a, b contract.Due) int {
		return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.Packet[:], b.Packet[:]), cmp.Compare(a.Share, b.Share))
	})
	_, v, err := l.tree.SaveVersion()
	must(l.t, err)
	if v != l.height {
		l.t.Fatalf("tree version %d at height %d", v, l.height)
	}
}

func blockHash(height int64) []byte {
	h := sha256.Sum256([]byte{byte(height)})
	return h[:]
}

// draw makes what the block before owes; each validator proposes in its turn.
func (l *ledger) draw(block *contract.Block) {
	l.t.Helper()
	owed := block.Owed()
	if owed.Height == 0 {
		return
	}
	vals := l.inOffice(l.height)
	i := int(l.height) % len(vals.Keys)
	b, err := block.Draw(contract.ProveBeacon(vals.VRF(i), testChain, &owed), vals.Address(i))
	must(l.t, err)
	l.beacons[owed.Height] = contract.Encode(b)
}

// header signs the state as it is.
func (l *ledger) header() *cmttypes.SignedHeader {
	return l.inOffice(l.height+1).signHeader(testChain, l.height+1, l.time.Add(time.Second), l.tree.Hash())
}

// prove makes the proof file of a packet as a client would.
func (l *ledger) prove(id contract.PacketID) *File {
	l.t.Helper()
	entries := l.entries[string(contract.PacketKey(id))]
	hashes, err := TxHashes(entries)
	must(l.t, err)
	heights, err := BeaconHeights(entries)
	must(l.t, err)
	var beacons [][]byte
	for _, h := range heights {
		beacons = append(beacons, l.beacons[h])
	}
	return l.build(KindPacket, id.String(), contract.PacketKey(id),
		Evidence{Entries: entries, Txs: l.wires(hashes), Beacons: beacons})
}

// build completes the evidence of a proof about the leaf of this key.
func (l *ledger) build(kind Kind, subject string, key []byte, e Evidence) *File {
	l.t.Helper()
	e.Header, e.LeafProof = wireOf(l.t, l.header()), proofOf(l.t, l.tree, key)
	e.HandOvers = l.handedBy(l.height + 1)
	if l.leaves[string(contract.ClockKey)] != nil {
		e.ClockProof = proofOf(l.t, l.tree, contract.ClockKey)
	}
	f, err := Build(kind, subject, e)
	must(l.t, err)
	return f
}

// wires are txs by their hashes.
func (l *ledger) wires(hashes []contract.Hash) (txs [][]byte) {
	for _, h := range hashes {
		txs = append(txs, l.txs[h])
	}
	return txs
}

func proofOf(t testing.TB, tree *iavl.MutableTree, key []byte) []byte {
	t.Helper()
	proof, err := tree.GetProof(key)
	must(t, err)
	b, err := proof.Marshal()
	must(t, err)
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
