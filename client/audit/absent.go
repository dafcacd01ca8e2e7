package audit

import (
	"bytes"

	ics23 "github.com/cosmos/ics23/go"
)

// checkAbsence makes sure that nothing stands under the subject's key. Leaves
// of packets and accounts are never deleted: there was never anything.
func (v *verifier) checkAbsence() (*Finding, error) {
	if err := checkNonMembership(v.header.AppHash, v.key, v.file.LeafProof); err != nil {
		return nil, in("absence", err)
	}
	return found("absent", "subject", v.file.Subject), nil
}

// checkNonMembership makes sure that key has no value in the tree of this root.
// It shares nothing with [checkMembership] but the tree's format: an absence
// is not a presence that failed.
func checkNonMembership(root, key, proof []byte) error {
	var p ics23.CommitmentProof
	if err := p.Unmarshal(proof); err != nil {
		return fault("ics23_form")
	}
	gap := p.GetNonexist()
	if gap == nil {
		return fault("ics23_no_absence")
	}
	if !bytes.Equal(gap.Key, key) || gap.Left == nil || gap.Right == nil {
		return fault("ics23_neighbours") // the tree's first and last leaf make sure there are
	}
	if again, err := p.Marshal(); err != nil || !bytes.Equal(again, proof) {
		return fault("ics23_spelling")
	}
	if !ics23.VerifyNonMembership(ics23.IavlSpec, root, &p, key) {
		return fault("ics23_absence_unproven")
	}
	return nil
}
