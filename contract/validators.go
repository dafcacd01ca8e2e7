package contract

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"math"
	"slices"
)

// Validator signs blocks, and proves what lucky shares are drawn with.
type Validator struct {
	_      struct{} `cbor:",toarray"`
	PubKey [32]byte // ed25519: signs blocks, and plans
	Power  uint64   // of its vote, at least 1
	VRFKey [32]byte // ECVRF-EDWARDS25519-SHA512-ELL2 public key (RFC 9381)
}

// Address is the consensus address that CometBFT gives to the validator.
func (v *Validator) Address() (a [20]byte) {
	h := sha256.Sum256(v.PubKey[:])
	copy(a[:], h[:])
	return a
}

// ValidatorSet is validators in CometBFT's order: by power, the greatest first,
// then by address.
type ValidatorSet []Validator

// NewValidatorSet puts validators in order.
func NewValidatorSet(list []Validator) ValidatorSet {
	set := slices.Clone(list)
	slices.SortFunc(set, func(a, b Validator) int {
		x, y := a.Address(), b.Address()
		return cmp.Or(cmp.Compare(b.Power, a.Power), bytes.Compare(x[:], y[:]))
	})
	return set
}

// Hash names the set: its keys, powers and VRF keys.
func (s ValidatorSet) Hash() Hash { return TaggedHash(tagValidators, Encode(s)) }

// Power is that of all votes, at most MaxTotalPower.
func (s ValidatorSet) Power() (total uint64) {
	for _, v := range s {
		total += v.Power
	}
	return total
}

// find is the validator with a consensus key; nil when there is none.
func (s ValidatorSet) find(key [32]byte) *Validator {
	for i := range s {
		if s[i].PubKey == key {
			return &s[i]
		}
	}
	return nil
}

const (
	// MaxTotalPower is CometBFT's bound (types.MaxTotalVotingPower).
	MaxTotalPower = math.MaxInt64 / 8
	// MaxValidators bounds a set: a trust file lists no more, and the approvals of
	// two thirds of as many fit into a tx.
	MaxValidators = 250
)

// Validators is the leaf c/validators. A change in block h is in force from block
// h+2 on, as CometBFT has it; until then the validators before it sign and draw.
type Validators struct {
	_       struct{} `cbor:",toarray"`
	Number  uint64   // of plans carried out so far
	Set     ValidatorSet
	From    int64        // the first block that Set signs
	Before  ValidatorSet // signs the blocks before From; empty until the set changes
	Rules   uint64       // the version of the rules that the next block obeys
	Upgrade *Upgrade     // what waits for its height; nil: nothing
	History History      // of plans
}

// At is who signs the block of a height: this one's, or the next one's.
func (v *Validators) At(height int64) ValidatorSet {
	if height < v.From {
		return v.Before
	}
	return v.Set
}

// ReadValidators is the leaf c/validators; nil in a state that has none.
func ReadValidators(state State) (*Validators, error) {
	c := newCommitted("", state)
	return readLeaf[Validators](c, ValidatorsKey), c.err
}

// startUpgrade makes the rules that a plan named for the block after height those
// of that block.
func (l *ledger) startUpgrade(height int64) {
	v := l.validatorsLeaf()
	if v == nil || v.Upgrade == nil || v.Upgrade.Height != height+1 {
		return
	}
	v.Rules, v.Upgrade = v.Upgrade.Rules, nil
	l.validators = v
}

// validatorsLeaf is the leaf c/validators, whose sets must not be changed; nil in a
// state that has none.
func (l *ledger) validatorsLeaf() *Validators {
	v := readLeaf[Validators](l.base, ValidatorsKey)
	for at := l; at != nil; at = at.below {
		if at.validators != nil {
			v = at.validators
			break
		}
	}
	if v == nil {
		return nil
	}
	copied := *v
	return &copied
}
