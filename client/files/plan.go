package files

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"hongbao/contract"
)

const (
	joinFormat = "hongbao-join/1"
	planFormat = "hongbao-plan/1"

	// MaxJoinBytes is more than any join file has.
	MaxJoinBytes = 4 << 10
	// MaxPlanBytes is more than any plan file has: 250 validators of 200 bytes, and
	// a tx's worth of approvals in hex.
	MaxPlanBytes = 128 << 10
)

// Join is what a node's operator sends to those who are to let it in: the public
// halves of its keys, and the proof that it has the others. The file is public.
type Join struct {
	Format  string `json:"format"` // hongbao-join/1
	ChainID string `json:"chain_id"`
	Name    string `json:"name"`    // for people
	PubKey  string `json:"pub_key"` // consensus key, ed25519: 64 hex digits
	VRFKey  string `json:"vrf_key"` // 64 hex digits
	Proof   string `json:"proof"`   // contract.KeyProof, CBOR in hex
}

// NewJoin writes down a proof of both keys.
func NewJoin(chain, name string, pubKey, vrfKey [32]byte, proof contract.KeyProof) *Join {
	return &Join{Format: joinFormat, ChainID: chain, Name: name, PubKey: hex.EncodeToString(pubKey[:]),
		VRFKey: hex.EncodeToString(vrfKey[:]), Proof: hex.EncodeToString(contract.Encode(&proof))}
}

// ParseJoin reads a join file, for a chain, and verifies its proof.
func ParseJoin(b []byte, chain string) (v contract.Validator, proof contract.KeyProof, err error) {
	f := new(Join)
	if err := decodeStrictly(b, f, "join"); err != nil {
		return v, proof, err
	}
	pub, err1 := hex.DecodeString(f.PubKey)
	vrf, err2 := hex.DecodeString(f.VRFKey)
	encoded, err3 := hex.DecodeString(f.Proof)
	switch {
	case f.Format != joinFormat:
		return v, proof, fmt.Errorf("format is %q, expected %q", f.Format, joinFormat)
	case f.ChainID != chain:
		return v, proof, fmt.Errorf("for chain %q, this is %q", f.ChainID, chain)
	case errors.Join(err1, err2, err3) != nil || len(pub) != 32 || len(vrf) != 32 ||
		contract.Decode(encoded, &proof) != nil:
		return v, proof, errors.New("a field is missing")
	}
	v.PubKey, v.VRFKey = [32]byte(pub), [32]byte(vrf)
	if !proof.Verify(chain, v.PubKey, v.VRFKey) {
		return v, proof, errors.New("not signed by the keys that it names")
	}
	return v, proof, nil
}

// Plan is a plan of the validators on its way round them, for each to sign. All
// that is said of it is read from Change and Set, which the plan names by its hash.
type Plan struct {
	Format  string `json:"format"` // hongbao-plan/1
	ChainID string `json:"chain_id"`
	Set     string `json:"set"`    // the validators who decide: contract.ValidatorSet, CBOR in hex
	Change  string `json:"change"` // contract.Change with the approvals so far, CBOR in hex
}

// NewPlan writes down a change of set and the approvals that it has.
func NewPlan(chain string, set contract.ValidatorSet, change *contract.Change) *Plan {
	return &Plan{Format: planFormat, ChainID: chain, Set: hex.EncodeToString(contract.Encode(set)),
		Change: hex.EncodeToString(contract.Encode(change))}
}

// ParsePlan reads a plan file, and holds it to itself: the set is the one that the
// plan names, and what it makes of it can be. Approvals are judged by [Approvals].
func ParsePlan(b []byte) (chain string, set contract.ValidatorSet, change *contract.Change, err error) {
	f := new(Plan)
	if err := decodeStrictly(b, f, "plan"); err != nil {
		return "", nil, nil, err
	}
	if f.Format != planFormat {
		return "", nil, nil, fmt.Errorf("format is %q, expected %q", f.Format, planFormat)
	}
	members, err1 := hex.DecodeString(f.Set)
	encoded, err2 := hex.DecodeString(f.Change)
	change = new(contract.Change)
	if err := errors.Join(err1, err2, contract.Decode(members, &set), contract.Decode(encoded, change)); err != nil ||
		f.ChainID == "" {
		return "", nil, nil, errors.New("a field is missing")
	}
	if set.Hash() != change.HandOver.Plan.Before {
		return "", nil, nil, errors.New("the plan is of other validators than the file lists")
	}
	if _, err := change.HandOver.Plan.After(set); err != nil {
		return "", nil, nil, err
	}
	return f.ChainID, set, change, nil
}

// AddApproval puts an approval into a change, in its order, in the place of an
// earlier one of the same validator.
func AddApproval(change *contract.Change, a contract.Approval) {
	list := &change.HandOver.Approvals
	*list = slices.DeleteFunc(*list, func(b contract.Approval) bool { return b.Validator == a.Validator })
	*list = append(*list, a)
	slices.SortFunc(*list, func(a, b contract.Approval) int { return int(a.Validator) - int(b.Validator) })
}
