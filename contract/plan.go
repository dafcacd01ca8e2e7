package contract

import (
	"bytes"

	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
)

// Plan is what the validators decide about themselves: who joins, leaves or has
// another power, or at which height other rules begin. More than two thirds of
// the power of the set before must sign it. So a plan is a hand-over, too: who
// trusts the set before takes its word for the set after.
type Plan struct {
	_          struct{} `cbor:",toarray"`
	Number     uint64   // 1 is the chain's first
	Before     Hash     // of the set that decides, see [ValidatorSet.Hash]
	ValidUntil Time     // it is carried out in an earlier block or never
	Updates    []Update // in order of key; none: Upgrade is set
	Upgrade    *Upgrade
}

// Update is what becomes of one validator.
type Update struct {
	_      struct{} `cbor:",toarray"`
	PubKey [32]byte
	Power  uint64    // 0: it leaves
	VRFKey *[32]byte // of one that joins; a validator keeps it for as long as it stays
}

// Upgrade is the version of the rules that blocks obey from a height on. With
// the version in force it calls off the one that waits; its height is 0 then.
type Upgrade struct {
	_      struct{} `cbor:",toarray"`
	Height int64
	Rules  uint64
}

// Approval is a validator's ed25519 signature under a plan, see [Plan.Digest].
type Approval struct {
	_         struct{} `cbor:",toarray"`
	Validator uint32   // its place in the set before, from 0
	Signature [64]byte
}

// HandOver is a plan and the approvals that it needs.
type HandOver struct {
	_         struct{} `cbor:",toarray"`
	Plan      Plan
	Approvals []Approval // in order of place
}

// KeyProof shows that who joins has the secret halves of its keys.
type KeyProof struct {
	_         struct{}              `cbor:",toarray"`
	Signature [64]byte              // by the consensus key over JoinDigest
	VRF       [ecvrf.ProofSize]byte // by the VRF key over JoinDigest
}

const (
	// maxUpdates bounds a plan: a ceremony's worth of newcomers, whose keys and
	// proofs leave room for the approvals in a tx.
	maxUpdates = 16
	// maxPlanLife is as long as a consent's: signatures are gathered by hand.
	maxPlanLife = MaxConsentFor
	// minUpgradeNotice is how many blocks ahead an upgrade must lie: every node has
	// then seen it in a committed state.
	minUpgradeNotice = 10
	// maxUpgradeNotice keeps a slip of the hand from standing in the way for ever:
	// a month of the fastest blocks.
	maxUpgradeNotice = 50_000_000
)

// Digest is what an approval signs. It has 32 bytes; a vote or a proposal of
// CometBFT's is longer, so that no signature is good for both.
func (p *Plan) Digest(chain string) Hash {
	return TaggedHash(tagPlan, lengthPrefixed(chain), Encode(p))
}

// JoinDigest is what both keys of a validator that joins sign.
func JoinDigest(chain string, pubKey, vrfKey [32]byte) Hash {
	return TaggedHash(tagJoin, lengthPrefixed(chain), pubKey[:], vrfKey[:])
}

// Next is the set after the hand-over, which is plan number number of chain: set
// is the one before. Approvals beyond what is needed are verified, too.
func (h *HandOver) Next(chain string, number uint64, set ValidatorSet) (ValidatorSet, error) {
	if err := h.Plan.follows(number, set); err != nil {
		return nil, err
	}
	next, err := h.Plan.After(set)
	if err != nil {
		return nil, err
	}
	return next, h.checkApprovals(chain, set)
}

// Weigh is the power of the good approvals of a set, and of all of it. Approvals
// that are not good count for nothing.
func (h *HandOver) Weigh(chain string, set ValidatorSet) (approved, total uint64) {
	digest := h.Plan.Digest(chain)
	for _, a := range h.Approvals {
		if int(a.Validator) < len(set) && a.verify(digest, set) {
			approved += set[a.Validator].Power
		}
	}
	return approved, set.Power()
}

func (a *Approval) verify(digest Hash, set ValidatorSet) bool {
	return voi.VerifyWithOptions(set[a.Validator].PubKey[:], digest[:], a.Signature[:],
		&voi.Options{Verify: voi.VerifyOptionsZIP_215})
}

func (p *Plan) follows(number uint64, set ValidatorSet) error {
	if p.Number != number || p.Before != set.Hash() {
		return Errorf(CodePlanOutdated, "plan %d: was made for other validators than plan %d is about",
			p.Number, number)
	}
	return nil
}

// checkApprovals wants good signatures of more than two thirds of the power.
func (h *HandOver) checkApprovals(chain string, set ValidatorSet) error {
	digest := h.Plan.Digest(chain)
	var power uint64
	for i, a := range h.Approvals {
		if int(a.Validator) >= len(set) || i > 0 && a.Validator <= h.Approvals[i-1].Validator {
			return Errorf(CodeBadApproval, "plan %d: approval %d names no validator, or one out of order",
				h.Plan.Number, i+1)
		}
		if !a.verify(digest, set) {
			return Errorf(CodeBadApproval, "plan %d: approval %d is not signed by validator %d", h.Plan.Number, i+1,
				a.Validator)
		}
		power += set[a.Validator].Power
	}
	if total := set.Power(); !moreThanTwoThirds(power, total) {
		return Errorf(CodeApprovalMissing, "plan %d: validators with %d of %d votes approve, more than two thirds must",
			h.Plan.Number, power, total)
	}
	return nil
}

func moreThanTwoThirds(part, total uint64) bool { return part*3 > total*2 } // totals are below 2^60

// After is the set after the plan, where set is the one that decides. Those who stay keep more
// than two thirds of the power of the set before, and of the set after, so that newcomers
// never have the chain in their hands; a validator counts with the lesser power of the two.
func (p *Plan) After(set ValidatorSet) (ValidatorSet, error) {
	bad := func(format string, args ...any) error { return Errorf(CodeBadPlan, "plan: "+format, args...) }
	if (len(p.Updates) > 0) == (p.Upgrade != nil) || len(p.Updates) > maxUpdates {
		return nil, bad("it names %d validators: 1 to %d, or an upgrade", len(p.Updates), maxUpdates)
	}
	if p.Upgrade != nil {
		return set, nil
	}
	var next []Validator
	kept, left := uint64(0), uint64(0)
	for _, v := range set {
		power := v.Power
		if u := p.update(v.PubKey); u != nil {
			if power = u.Power; power == v.Power || u.VRFKey != nil {
				return nil, bad("validator %x: keeps its power, or has another VRF key", v.Address())
			}
		}
		kept += min(power, v.Power)
		if power == 0 {
			left += v.Power
			continue
		}
		v.Power = power
		next = append(next, v)
	}
	for i, u := range p.Updates {
		switch {
		case i > 0 && bytes.Compare(p.Updates[i-1].PubKey[:], u.PubKey[:]) >= 0:
			return nil, bad("validators are not in order of key")
		case u.Power > MaxTotalPower:
			return nil, bad("a power of %d", u.Power)
		case set.find(u.PubKey) != nil:
			continue
		case u.Power == 0 || u.VRFKey == nil:
			return nil, bad("a validator that joins has a power and a VRF key, and one that is not there cannot leave")
		}
		for _, v := range append(next, set...) {
			if v.VRFKey == *u.VRFKey {
				return nil, bad("a VRF key that another validator has")
			}
		}
		next = append(next, Validator{PubKey: u.PubKey, Power: u.Power, VRFKey: *u.VRFKey})
	}
	return p.checkNext(set, NewValidatorSet(next), kept, left)
}

// checkNext bounds the set after: its size, its power, and how much of it is new.
func (p *Plan) checkNext(set, next ValidatorSet, kept, left uint64) (ValidatorSet, error) {
	total := left // CometBFT takes who leaves away last
	for _, v := range next {
		if total += v.Power; total > MaxTotalPower {
			return nil, Errorf(CodeBadPlan, "plan: the votes together exceed %d", int64(MaxTotalPower))
		}
	}
	switch {
	case len(next) > MaxValidators:
		return nil, Errorf(CodeBadPlan, "plan: %d validators, at most %d", len(next), MaxValidators)
	case !moreThanTwoThirds(kept, set.Power()) || !moreThanTwoThirds(kept, total-left):
		return nil, Errorf(CodeBadPlan,
			"plan: too much at once: those who stay keep %d votes, of %d before and %d after; "+
				"they must keep more than two thirds of both", kept, set.Power(), total-left)
	}
	return next, nil
}

// update is what the plan makes of a validator; nil: nothing.
func (p *Plan) update(key [32]byte) *Update {
	for i := range p.Updates {
		if p.Updates[i].PubKey == key {
			return &p.Updates[i]
		}
	}
	return nil
}

// strictKey refuses keys that anyone can sign with (of small order), and keys and
// signatures that have two spellings.
var strictKey = voi.Options{Verify: &voi.VerifyOptions{AllowSmallOrderR: true}}

// Verify reports whether who made the proof has both keys.
func (k *KeyProof) Verify(chain string, pubKey, vrfKey [32]byte) bool {
	digest := JoinDigest(chain, pubKey, vrfKey)
	ok, _ := ecvrf.Verify(vrfKey[:], k.VRF[:], digest[:])
	return ok && voi.VerifyWithOptions(pubKey[:], digest[:], k.Signature[:], &strictKey)
}

// NewKeyProof is made where both keys are.
func NewKeyProof(chain string, pubKey [32]byte, sign func(Hash) ([]byte, error), vrf voi.PrivateKey) (
	k KeyProof, err error,
) {
	var vrfKey [32]byte
	copy(vrfKey[:], vrf.Public().(voi.PublicKey))
	digest := JoinDigest(chain, pubKey, vrfKey)
	signature, err := sign(digest)
	copy(k.Signature[:], signature)
	copy(k.VRF[:], ecvrf.Prove(vrf, digest[:]))
	return k, err
}
