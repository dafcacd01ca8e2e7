package sim

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/node"
)

const validators = 4

// start is genesis time. A bubble begins in 2000, and its clock is ours to set.
var start = time.Date(2026, 2, 16, 13, 0, 0, 0, time.UTC)

// world is what all nodes of a simulation share: the genesis and every key.
type world struct {
	file []byte // the genesis file
	doc  *types.GenesisDoc
	keys [validators]crypto.PrivKey
	vrf  [validators]voi.PrivateKey

	// What each node remembers to have verified. To verify is most of what a run
	// costs, so that nodes share it, but for the last one in a quarter of the seeds.
	verified [validators]*app.SignatureCache
}

// Who lives here. The busy do everything. The payers do nothing but pay each
// other, so that clients alone can tell what each must have.
var (
	busy   = []string{"alice", "bob", "carol", "dave"}
	payers = []string{"pat", "quinn", "rosa"}
)

const judge = "judge"

// keys are made once: each costs as much as a signature.
var keys sync.Map

// owner is a key with its address.
type owner struct {
	key     *btcec.PrivateKey
	address contract.Address
}

func ownerOf(name string) *owner {
	o, known := keys.Load(name)
	if !known {
		h := sha256.Sum256([]byte("sim " + name))
		key, _ := btcec.PrivKeyFromBytes(h[:])
		o, _ = keys.LoadOrStore(name, &owner{key, contract.AddressOf(key)})
	}
	return o.(*owner)
}

func addr(name string) contract.Address { return ownerOf(name).address }

// sign signs as contract.SignDigest does, but does not verify what it signed: the
// nodes do.
func (o *owner) sign(digest contract.Hash) contract.Signature {
	sig, err := schnorr.Sign(o.key, digest[:], schnorr.FastSign())
	check(err)
	return contract.Signature(sig.Serialize())
}

// params make the limits easy to reach within a few virtual minutes.
func params() contract.Params {
	p := contract.DefaultParams()
	p.RecallBudget, p.RecallWindow = 2, 240
	p.MaxOpenPackets, p.MaxFirstClaims, p.MaxDuePerBlock = 6, 3, 5
	p.BucketSize, p.BucketPerSecond = 20, 2
	return p
}

func newWorld() *world {
	w := &world{}
	verified := app.NewSignatureCache(4096) // more than a run's txs
	var list []node.Validator
	for i := range validators {
		w.verified[i] = verified
		w.keys[i] = ed25519.GenPrivKeyFromSecret(fmt.Appendf(nil, "sim validator %d", i))
		seed := sha256.Sum256(fmt.Appendf(nil, "sim vrf %d", i))
		w.vrf[i] = voi.NewKeyFromSeed(seed[:])
		list = append(list, node.Validator{Name: fmt.Sprintf("node%d", i+1), PubKey: w.keys[i].PubKey(), Power: 10,
			VRFKey: w.vrf[i].Public().(voi.PublicKey)})
	}
	state := contract.Genesis{Params: params(), Arbiters: []contract.GenesisArbiter{{Name: judge,
		Address: addr(judge)}}}
	for _, names := range [][]string{busy, payers, {judge}} {
		for _, name := range names {
			state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: addr(name), Balance: 1_000_000})
		}
	}
	var err error
	w.file, err = node.NewGenesis("sim", start, list, state)
	check(err)
	w.doc, err = types.GenesisDocFromJSON(w.file)
	check(err)
	return w
}

// part gives the last node a memory of its own, in a quarter of the seeds.
func (w *world) part(seed uint64) {
	if seed%4 == 0 {
		w.verified[validators-1] = nil
	}
}

func (w *world) chain() string { return w.doc.ChainID }

// turn is the validator set of a height and round, whose proposer is the one
// whose turn it is.
func turn(doc *types.GenesisDoc, height int64, round int32) *types.ValidatorSet {
	var list []*types.Validator
	for _, v := range doc.Validators {
		list = append(list, types.NewValidator(v.PubKey, v.Power))
	}
	set := types.NewValidatorSet(list)
	if passed := int32(height-1) % int32(len(list)); passed > 0 { // equal powers come round
		set.IncrementProposerPriority(passed)
	}
	if round > 0 {
		set.IncrementProposerPriority(round)
	}
	return set
}

// number is a validator's, from 0, by its consensus address; -1 if it is none.
func (w *world) number(address []byte) int {
	for i, k := range w.keys {
		if string(k.PubKey().Address()) == string(address) {
			return i
		}
	}
	return -1
}

// check ends a simulation that cannot go on: a fault of the simulation's own.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
