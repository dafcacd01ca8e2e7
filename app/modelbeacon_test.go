package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
	"pgregory.net/rapid"

	"hongbao/app/query"
	"hongbao/contract"
)

// Beacons as docs/format.md has them, made and read without the contract's code.

// proposes makes validator i the proposer of the next block, and the app its
// node: nodes differ in nothing else.
func (m *machine) proposes(i int) {
	m.opts.VRFKey = m.By(i).Validators.VRF(i)
	m.app.vrf = m.opts.VRFKey
}

// drawInput is what a beacon's proof is over.
func drawInput(chain string, height int64, block []byte) []byte {
	h := tagged("hongbao/draws", binary.BigEndian.AppendUint32(nil, uint32(len(chain))), []byte(chain),
		binary.BigEndian.AppendUint64(nil, uint64(height)), block)
	return h[:]
}

// beaconItem is CBOR of [proof 80 bytes].
func beaconItem(key ed25519.PrivateKey, input []byte) []byte {
	return append([]byte{0x81, 0x58, 80}, ecvrf.Prove(key, input)...)
}

// beacon is the item that the next block begins with, by its proposer.
func (m *machine) beacon() []byte {
	return beaconItem(m.opts.VRFKey, drawInput(testChain, m.model.owed.height, m.model.owed.block))
}

// items are the next block's: the beacon it owes, if any, and txs.
func (m *machine) items(acts []*act) [][]byte {
	if m.model.owes() {
		return append([][]byte{m.beacon()}, wires(acts)...)
	}
	return wires(acts)
}

// takeBeacon reads the record that the app made of the block's beacon, which is
// [height, block hash, proposer, proof], and proves it by the proposer's public
// key: from there on the model knows all that an auditor knows.
func (m *machine) takeBeacon() (b mBeacon) {
	owed := &m.model.owed
	if !m.model.owes() {
		return b
	}
	record := m.Ask(query.Beacon, binary.BigEndian.AppendUint64(nil, uint64(owed.height)), nil).Value
	start := slices.Concat([]byte{0x84}, contract.Encode(owed.height), []byte{0x58, 32}, owed.block, []byte{0x54},
		m.Validators.Address(m.Proposer), []byte{0x58, 80})
	if len(record) != len(start)+80 || !bytes.HasPrefix(record, start) {
		m.T.Fatalf("block %d: beacon record %x, which should begin with %x", m.Height, record, start)
	}
	ok, out := ecvrf.Verify(m.opts.VRFKey.Public().(ed25519.PublicKey), record[len(start):],
		drawInput(testChain, owed.height, owed.block))
	if !ok {
		m.T.Fatalf("block %d: the beacon on record proves nothing: %x", m.Height, record)
	}
	m.beacons[owed.height] = record
	m.spent = m.beacon()
	return mBeacon{hash: tagged("hongbao/beacon", record), out: out}
}

// checkBeacons wants every beacon still on record, and no other.
func (m *machine) checkBeacons() {
	for h := range m.Height + 1 {
		got := m.Ask(query.Beacon, binary.BigEndian.AppendUint64(nil, uint64(h)), nil).Value
		if !bytes.Equal(got, m.beacons[h]) {
			m.T.Fatalf("height %d: beacon %x on record, it was %x", h, got, m.beacons[h])
		}
	}
}

// badBeacon offers the block with something wrong in its first place: no node
// accepts it, and a node that has to execute it stops, if it has nothing good to
// draw by.
func (m *machine) badBeacon(rt *rapid.T, kept []*act) {
	txs := wires(kept)
	if !m.model.owes() {
		m.counts.add("bad beacon", "needless")
		item := m.spent
		if item == nil || oneIn(rt, 2, "made for it") {
			item = m.beacon()
		}
		m.refuses(append([][]byte{item}, txs...))
		return
	}
	good, owed := m.beacon(), m.model.owed
	by := func(key int, chain string, height int64, block []byte) []byte {
		return beaconItem(m.Validators.VRF(key), drawInput(chain, height, block))
	}
	proposer, next := m.Proposer, (m.Proposer+1)%len(m.Validators.Keys)
	flaw := turn(m, rt, "beacon's flaw", "missing", "behind", "twice", "spent", "key", "chain", "height", "block",
		"flipped", "cut", "tail", "proposer")
	m.counts.add("bad beacon", flaw)
	items := append([][]byte{nil}, txs...)
	switch flaw {
	case "missing":
		items = txs
	case "behind":
		items = append(txs, good)
		if len(txs) == 0 {
			items = [][]byte{[]byte("garbage"), good}
		}
	case "twice":
		if m.Accepts(append([][]byte{good, good}, txs...)...) {
			m.T.Fatalf("block %d: accepted with two beacons", m.Height+1)
		}
		return // it can be executed, though: the second is a bad tx
	case "spent":
		items[0] = m.spent
	case "key":
		items[0] = by(next, testChain, owed.height, owed.block)
	case "chain":
		items[0] = by(proposer, "another-chain", owed.height, owed.block)
	case "height":
		items[0] = by(proposer, testChain, owed.height+pick(rt, "off", int64(1), -1), owed.block)
	case "block":
		other := bytes.Clone(owed.block)
		other[rapid.IntRange(0, len(other)-1).Draw(rt, "byte")] ^= 1
		items[0] = by(proposer, testChain, owed.height, other)
	case "flipped":
		items[0] = bytes.Clone(good)
		items[0][rapid.IntRange(0, len(good)-1).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
	case "cut":
		items[0] = good[:rapid.IntRange(0, len(good)-1).Draw(rt, "length")]
	case "tail":
		items[0] = append(bytes.Clone(good), 0)
	case "proposer":
		items[0] = good
		m.proposes(next)
		defer m.proposes(proposer)
	}
	m.refuses(items)
	if _, err := m.app.FinalizeBlock(context.Background(), m.Request(items)); err == nil {
		m.T.Fatalf("block %d: draws by a beacon with a flaw: %s", m.Height+1, flaw)
	}
}

func (m *machine) refuses(items [][]byte) {
	if m.Accepts(items...) {
		m.T.Fatalf("block %d: accepted with a beacon that it should not have", m.Height+1)
	}
}
