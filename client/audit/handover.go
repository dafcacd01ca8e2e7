package audit

import (
	"slices"

	"hongbao/contract"
)

const (
	// maxHandOvers is a change of validators a week for nineteen years.
	maxHandOvers = 1000
	// maxHandOverBytes bounds all of a file's together: the approvals in it are some
	// 15,000 signatures, about as many as the longest statement's transactions have.
	maxHandOverBytes = 1 << 20
)

// checkHandOvers establishes v.set, who signs the header, and v.known, all who
// ever did: the trust file's validators, and from them on whom each set of
// validators, by more than 2/3 of its power, made its successors. Without trust it
// only reads what the file says.
func (v *verifier) checkHandOvers() error {
	var set contract.ValidatorSet
	if v.trust != nil {
		set = v.trust.ValidatorSet()
		v.known = slices.Clone(set)
	}
	for i, b := range v.file.HandOvers {
		var h contract.HandOver
		err := contract.Decode(b, &h)
		if err == nil {
			err = planInRange(&h.Plan)
		}
		if err == nil && v.trust != nil {
			set, err = h.Next(v.file.ChainID, uint64(i+1), set)
		}
		if err != nil {
			return within(err, "hand_over", "n", i+1)
		}
		v.known = append(v.known, set...)
	}
	if v.trust != nil {
		v.set = v.trust.named(set)
	}
	return nil
}

// named is a set with the names that the trust file has.
func (t *Trust) named(set contract.ValidatorSet) (list []validator) {
	for _, m := range set {
		list = append(list, validator{t.nameOf(m.PubKey), m.Address(), m.PubKey[:], int64(m.Power)})
	}
	return list
}

// inOrder is the trust file's own validators, in CometBFT's order.
func (t *Trust) inOrder() []validator { return t.named(t.ValidatorSet()) }

// ValidatorSet is the trust file's validators, in CometBFT's order: the first
// hand-over is theirs.
func (t *Trust) ValidatorSet() contract.ValidatorSet {
	var list []contract.Validator
	for _, v := range t.Validators {
		list = append(list, contract.Validator{PubKey: [32]byte(v.PubKey), Power: uint64(v.Power), VRFKey: v.vrfKey()})
	}
	return contract.NewValidatorSet(list)
}

// nameOf is the name that the trust file gives to a validator; empty for one that
// joined later.
func (t *Trust) nameOf(key [32]byte) string {
	for _, v := range t.Validators {
		if string(v.PubKey) == string(key[:]) {
			return v.Name
		}
	}
	return ""
}

// HandOverOf is the hand-over in a wire tx, as a proof file holds it: no more
// approvals than it needs, and those of the greatest power. Where the set before is
// not known, it is what the tx holds, and so is the set after not known.
func HandOverOf(wire []byte, before contract.ValidatorSet) (b []byte, after contract.ValidatorSet, err error) {
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return nil, nil, err
	}
	m, ok := tx.Message.(*contract.Change)
	if !ok {
		return nil, nil, fault("tx_kind", "message", contract.KindName(tx.Message))
	}
	h := m.HandOver
	if len(before) == 0 {
		return contract.Encode(&h), nil, nil
	}
	after, err = h.Next(tx.Chain, h.Plan.Number, before)
	if err != nil {
		return nil, nil, err
	}
	// Places are in order of power: the first ones that are enough are the fewest.
	var power uint64
	for i, a := range h.Approvals {
		if power += before[a.Validator].Power; power*3 > before.Power()*2 {
			h.Approvals = h.Approvals[:i+1]
			break
		}
	}
	return contract.Encode(&h), after, nil
}
