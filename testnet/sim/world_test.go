package sim

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

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
}

// Who lives here. The busy do everything. The payers do nothing but pay each
// other, so that clients alone can tell what each must have.
var (
	busy   = []string{"alice", "bob", "carol", "dave"}
	payers = []string{"pat", "quinn", "rosa"}
)

const judge = "judge"

func keyOf(name string) *btcec.PrivateKey {
	h := sha256.Sum256([]byte("sim " + name))
	key, _ := btcec.PrivKeyFromBytes(h[:])
	return key
}

// addresses are made once: each costs as much as a signature.
var addresses sync.Map

func addr(name string) contract.Address {
	a, known := addresses.Load(name)
	if !known {
		a = contract.AddressOf(keyOf(name))
		addresses.Store(name, a)
	}
	return a.(contract.Address)
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
	var list []node.Validator
	for i := range validators {
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
