package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	vrf "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// The tests run the contract itself over a state in memory and a real tree,
// and sign real headers: all that a network does, without one. Every key and
// time is fixed, so each file comes out the same each time.

const testChain = "hongbao-test-1-01000000000000000000" // under the genesis hash 01000…

var genesisTime = time.Date(2026, 2, 17, 20, 59, 0, 0, time.UTC)

func accountKey(name string) *btcec.PrivateKey {
	seed := sha256.Sum256([]byte("account " + name))
	key, _ := btcec.PrivKeyFromBytes(seed[:])
	return key
}

func address(name string) contract.Address { return contract.AddressOf(accountKey(name)) }

// validators are the keys that sign headers, in CometBFT's order.
type validators struct {
	keys   []ed25519.PrivKey
	powers []int64
}

func newValidators(powers ...int64) validators {
	type one struct {
		key   ed25519.PrivKey
		power int64
	}
	var all []one
	for i, p := range powers {
		all = append(all, one{ed25519.GenPrivKeyFromSecret([]byte{byte(i)}), p})
	}
	slices.SortFunc(all, func(a, b one) int {
		return cmp.Or(cmp.Compare(b.power, a.power), bytes.Compare(a.key.PubKey().Address(), b.key.PubKey().Address()))
	})
	var v validators
	for _, o := range all {
		v.keys, v.powers = append(v.keys, o.key), append(v.powers, o.power)
	}
	return v
}

func (v validators) trust() *Trust {
	t := &Trust{Format: TrustFormat, ChainID: testChain, GenesisHash: contract.Hash{1}, Arbiters: []TrustArbiter{},
		Dev: true}
	for i, k := range v.keys {
		t.Validators = append(t.Validators, TrustValidator{
			PubKey: k.PubKey().Bytes(), Power: v.powers[i],
			VRFKey: hex.EncodeToString(vrfKey(k).Public().(vrf.PublicKey)),
		})
	}
	return t
}

// set is the validators as CometBFT has them.
func (v validators) set() *cmttypes.ValidatorSet {
	var vals []*cmttypes.Validator
	for i, k := range v.keys {
		vals = append(vals, cmttypes.NewValidator(k.PubKey(), v.powers[i]))
	}
	return cmttypes.NewValidatorSet(vals)
}

// wireOf is a signed header as a file holds it.
func wireOf(t testing.TB, h *cmttypes.SignedHeader) []byte {
	t.Helper()
	b, err := h.ToProto().Marshal()
	must(t, err)
	return b
}

// vrfKey is what the validator of a consensus key draws with.
func vrfKey(consensus ed25519.PrivKey) vrf.PrivateKey {
	seed := sha256.Sum256(consensus)
	return vrf.NewKeyFromSeed(seed[:])
}

// signHeader makes the header of block height over root, with a vote of each
// validator as flags say (commit where there is none).
func (v validators) signHeader(t testing.TB, chain string, height int64, at time.Time, root []byte,
	flags ...cmttypes.BlockIDFlag) *cmttypes.SignedHeader {
	t.Helper()
	hash := func(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }
	set := v.set().Hash()
	h := &cmttypes.Header{
		Version: cmtversion.Consensus{Block: version.BlockProtocol, App: 1}, ChainID: chain, Height: height, Time: at,
		LastBlockID: cmttypes.BlockID{Hash: hash("last"),
			PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash("parts")}},
		LastCommitHash: hash("commit"), DataHash: hash("data"), ValidatorsHash: set, NextValidatorsHash: set,
		ConsensusHash: hash("consensus"), AppHash: root, LastResultsHash: hash("results"),
		EvidenceHash:    hash("evidence"),
		ProposerAddress: v.keys[0].PubKey().Address(),
	}
	c := &cmttypes.Commit{
		Height: height, Round: 0,
		BlockID: cmttypes.BlockID{Hash: h.Hash(),
			PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash("these parts")}},
	}
	for i, k := range v.keys {
		flag := cmttypes.BlockIDFlagCommit
		if i < len(flags) {
			flag = flags[i]
		}
		s := cmttypes.CommitSig{BlockIDFlag: flag}
		if flag != cmttypes.BlockIDFlagAbsent {
			s.ValidatorAddress, s.Timestamp = k.PubKey().Address(), at.Add(time.Duration(i)*time.Millisecond)
		}
		c.Signatures = append(c.Signatures, s)
		if flag != cmttypes.BlockIDFlagAbsent {
			sig, err := k.Sign(c.VoteSignBytes(chain, int32(i)))
			must(t, err)
			c.Signatures[i].Signature = sig
		}
	}
	return &cmttypes.SignedHeader{Header: h, Commit: c}
}

// ledger is a chain: committed state, tree, and what a node serves beside it.
type ledger struct {
	t      testing.TB
	vals   validators
	leaves map[string][]byte
	due    []contract.Due
	tree   *iavl.MutableTree

	height  int64
	time    time.Time
	times   []time.Time // of every block, from 1
	entries map[string][][]byte
	txs     map[contract.Hash][]byte
	beacons map[int64][]byte // by the block that reserved
}

func newLedger(t testing.TB, names ...string) *ledger {
	t.Helper()
	return ledgerOf(t, &contract.Genesis{Params: contract.DefaultParams()}, names...)
}

// newDevLedger is a newLedger that has a clock.
func newDevLedger(t testing.TB, names ...string) *ledger {
	t.Helper()
	return ledgerOf(t, &contract.Genesis{Params: contract.DefaultParams(), Dev: true}, names...)
}

func ledgerOf(t testing.TB, g *contract.Genesis, names ...string) *ledger {
	t.Helper()
	l := &ledger{
		t: t, vals: newValidators(10, 10, 10, 10), leaves: map[string][]byte{}, tree: newTree(),
		time: genesisTime, entries: map[string][][]byte{}, txs: map[contract.Hash][]byte{},
		beacons: map[int64][]byte{},
	}
	for _, n := range names {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{Address: address(n), Balance: 1_000_000})
	}
	for i, v := range l.vals.trust().Validators {
		address := l.vals.keys[i].PubKey().Address()
		g.Validators = append(g.Validators, contract.GenesisValidator{Address: address.String(), VRFKey: v.VRFKey})
	}
	leaves, entries, err := contract.InitState(testChain, genesisTime, g)
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
	key := l.vals.keys[l.height%int64(len(l.vals.keys))]
	b, err := block.Draw(contract.ProveBeacon(vrfKey(key), testChain, &owed), key.PubKey().Address())
	must(l.t, err)
	l.beacons[owed.Height] = contract.Encode(b)
}

// header signs the state as it is.
func (l *ledger) header() *cmttypes.SignedHeader {
	return l.vals.signHeader(l.t, testChain, l.height+1, l.time.Add(time.Second), l.tree.Hash())
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
