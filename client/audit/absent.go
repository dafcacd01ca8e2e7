package audit

import (
	"bytes"
	"errors"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"
)

// checkAbsence makes sure that nothing stands under the subject's key. Leaves
// of packets and accounts are never deleted: there was never anything.
func (v *verifier) checkAbsence() (line, error) {
	if err := checkNonMembership(v.header.AppHash, v.key, v.file.LeafProof); err != nil {
		return line{}, fmt.Errorf("absence: %w", err)
	}
	return both("no leaf of %s under its AppHash", "其 AppHash 之下没有 %s", v.file.Subject), nil
}

// checkNonMembership makes sure that key has no value in the tree of this root.
// It shares nothing with [checkMembership] but the tree's format: an absence
// is not a presence that failed.
func checkNonMembership(root, key, proof []byte) error {
	var p ics23.CommitmentProof
	if err := p.Unmarshal(proof); err != nil {
		return errors.New("not an ICS-23 proof")
	}
	gap := p.GetNonexist()
	if gap == nil {
		return errors.New("not a proof of absence")
	}
	if !bytes.Equal(gap.Key, key) || gap.Left == nil || gap.Right == nil {
		return errors.New("not both neighbours of this key") // the tree's first and last leaf make sure there are
	}
	if again, err := p.Marshal(); err != nil || !bytes.Equal(again, proof) {
		return errors.New("not the one encoding of a proof")
	}
	if !ics23.VerifyNonMembership(ics23.IavlSpec, root, &p, key) {
		return errors.New("the proof does not show that nothing stands there")
	}
	return nil
}
