package testchain

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	vrf "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/contract"
)

// ID is the chain's id. It ends in the beginning of GenesisHash.
const ID = "hongbao-test-1-01000000000000000000"

// GenesisHash is what the id names; no file has it.
var GenesisHash = contract.Hash{1}

// Start is the genesis time.
var Start = time.Date(2026, 2, 17, 20, 59, 0, 0, time.UTC)

// Balance is what an account of [Genesis] begins with.
const Balance contract.Amount = 1_000_000

// Key is an account's key, by its name.
func Key(name string) *btcec.PrivateKey {
	seed := sha256.Sum256([]byte("account " + name))
	key, _ := btcec.PrivKeyFromBytes(seed[:])
	return key
}

// addresses remembers [Address]: making one costs as much as a signature.
var addresses sync.Map

// Address is that of [Key].
func Address(name string) contract.Address {
	if a, known := addresses.Load(name); known {
		return a.(contract.Address)
	}
	a := contract.AddressOf(Key(name))
	addresses.Store(name, a)
	return a
}

// Genesis is a dev chain's, on which each name has [Balance].
func Genesis(names ...string) contract.Genesis {
	g := contract.Genesis{
		Params: contract.DefaultParams(), Validators: []contract.GenesisValidator{},
		Arbiters: []contract.GenesisArbiter{}, Dev: true,
	}
	for _, n := range names {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{Address: Address(n), Balance: Balance})
	}
	return g
}

// Validators are the keys that sign headers and prove draws, in CometBFT's order.
type Validators struct {
	Keys   []ed25519.PrivKey
	Powers []int64
}

// NewValidators are as many as there are powers.
func NewValidators(powers ...int64) Validators {
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
	var v Validators
	for _, o := range all {
		v.Keys, v.Powers = append(v.Keys, o.key), append(v.Powers, o.power)
	}
	return v
}

// NewValidator is one that is not among [NewValidators], told apart by n.
func NewValidator(n byte, power int64) Validators {
	return Validators{[]ed25519.PrivKey{ed25519.GenPrivKeyFromSecret([]byte{n})}, []int64{power}}
}

// Join is the update by which validator i joins.
func (v Validators) Join(i int) contract.Update {
	key := [32]byte(v.VRF(i).Public().(vrf.PublicKey))
	return contract.Update{PubKey: [32]byte(v.Keys[i].PubKey().Bytes()), Power: uint64(v.Powers[i]), VRFKey: &key}
}

// KeyProofs are those of all of them.
func (v Validators) KeyProofs() (list []contract.KeyProof) {
	for i, k := range v.Keys {
		sign := func(h contract.Hash) ([]byte, error) { return k.Sign(h[:]) }
		proof, err := contract.NewKeyProof(ID, [32]byte(k.PubKey().Bytes()), sign, v.VRF(i))
		if err != nil {
			panic(err) // no key of these fails
		}
		list = append(list, proof)
	}
	return list
}

// Approve is a plan with the approvals of validators, by their places in order.
func (v Validators) Approve(p contract.Plan, places ...int) *contract.Change {
	digest := p.Digest(ID)
	m := &contract.Change{HandOver: contract.HandOver{Plan: p}}
	for _, i := range places {
		sig, err := v.Keys[i].Sign(digest[:])
		if err != nil {
			panic(err) // no key of these fails
		}
		m.HandOver.Approvals = append(m.HandOver.Approvals,
			contract.Approval{Validator: uint32(i), Signature: [64]byte(sig)})
	}
	return m
}

// Address is the consensus address of validator i, counted from 0.
func (v Validators) Address(i int) []byte { return v.Keys[i].PubKey().Address() }

// VRF is what validator i draws with.
func (v Validators) VRF(i int) vrf.PrivateKey {
	seed := sha256.Sum256(v.Keys[i])
	return vrf.NewKeyFromSeed(seed[:])
}

// VRFHex is the public half of [Validators.VRF] as genesis and trust files spell it.
func (v Validators) VRFHex(i int) string {
	return hex.EncodeToString(v.VRF(i).Public().(vrf.PublicKey))
}

// Genesis is what a genesis registers of the validators.
func (v Validators) Genesis() (list []contract.GenesisValidator) {
	for i := range v.Keys {
		list = append(list, contract.GenesisValidator{Address: fmt.Sprintf("%X", v.Address(i)), VRFKey: v.VRFHex(i)})
	}
	return list
}

// Updates are the validators as a genesis file hands them to the application.
func (v Validators) Updates() (list []abci.ValidatorUpdate) {
	for i, k := range v.Keys {
		list = append(list, abci.Ed25519ValidatorUpdate(k.PubKey().Bytes(), v.Powers[i]))
	}
	return list
}

// Members are the validators as the contract has them.
func (v Validators) Members() contract.ValidatorSet {
	var list []contract.Validator
	for i, k := range v.Keys {
		list = append(list, contract.Validator{PubKey: [32]byte(k.PubKey().Bytes()), Power: uint64(v.Powers[i]),
			VRFKey: [32]byte(v.VRF(i).Public().(vrf.PublicKey))})
	}
	return contract.NewValidatorSet(list)
}

// Set is the validators as CometBFT has them.
func (v Validators) Set() *cmttypes.ValidatorSet {
	var vals []*cmttypes.Validator
	for i, k := range v.Keys {
		vals = append(vals, cmttypes.NewValidator(k.PubKey(), v.Powers[i]))
	}
	return cmttypes.NewValidatorSet(vals)
}

// Header is a block's, over the state that the block before it left. What no test
// is about holds a hash that is always the same.
func (v Validators) Header(chain string, height int64, at time.Time, root []byte) *cmttypes.Header {
	set := v.Set().Hash()
	return &cmttypes.Header{
		Version: cmtversion.Consensus{Block: version.BlockProtocol, App: 1}, ChainID: chain, Height: height, Time: at,
		LastBlockID: blockID(hash("last"), "parts"), LastCommitHash: hash("commit"), DataHash: hash("data"),
		ValidatorsHash: set, NextValidatorsHash: set, ConsensusHash: hash("consensus"), AppHash: root,
		LastResultsHash: hash("results"), EvidenceHash: hash("evidence"), ProposerAddress: v.Address(0),
	}
}

// Sign is a header with the vote of each validator as flags say: a commit where
// there is none.
func (v Validators) Sign(h *cmttypes.Header, flags ...cmttypes.BlockIDFlag) *cmttypes.SignedHeader {
	c := &cmttypes.Commit{Height: h.Height, BlockID: blockID(h.Hash(), "these parts")}
	for i, k := range v.Keys {
		s := cmttypes.CommitSig{BlockIDFlag: cmttypes.BlockIDFlagCommit}
		if i < len(flags) {
			s.BlockIDFlag = flags[i]
		}
		if s.BlockIDFlag != cmttypes.BlockIDFlagAbsent {
			s.ValidatorAddress = k.PubKey().Address()
			s.Timestamp = h.Time.Add(time.Duration(i) * time.Millisecond)
		}
		c.Signatures = append(c.Signatures, s)
	}
	v.Vote(h.ChainID, c)
	return &cmttypes.SignedHeader{Header: h, Commit: c}
}

// Vote signs every vote of a commit that is not absent, as it stands.
func (v Validators) Vote(chain string, c *cmttypes.Commit) {
	for i := range c.Signatures {
		if c.Signatures[i].BlockIDFlag == cmttypes.BlockIDFlagAbsent {
			continue
		}
		sig, err := v.Keys[i].Sign(c.VoteSignBytes(chain, int32(i)))
		if err != nil {
			panic(err) // no key of these fails
		}
		c.Signatures[i].Signature = sig
	}
}

func hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func blockID(block []byte, parts string) cmttypes.BlockID {
	return cmttypes.BlockID{Hash: block, PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash(parts)}}
}

// Trust is the trust file of a chain of these validators, as JSON.
func (v Validators) Trust() io.Reader {
	var list []string
	for i, k := range v.Keys {
		list = append(list, fmt.Sprintf(`{"name": "", "pub_key": %q, "power": %d, "vrf_key": %q}`,
			base64.StdEncoding.EncodeToString(k.PubKey().Bytes()), v.Powers[i], v.VRFHex(i)))
	}
	return strings.NewReader(fmt.Sprintf(`{"format": "hongbao-trust/1", "chain_id": %q, "genesis_hash": %q,
		"validators": [%s], "arbiters": [], "dev": true}`, ID, GenesisHash, strings.Join(list, ", ")))
}
