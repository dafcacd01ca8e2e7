package audit

import (
	"bytes"
	"errors"
	"fmt"

	"hongbao/contract"

	ics23 "github.com/cosmos/ics23/go"
)

// checkLeaf establishes v.packet: the leaf of the packet the file is about,
// under the root in v.header.
func (v *verifier) checkLeaf() (string, error) {
	id, err := contract.ParsePacketID(v.file.Subject)
	if err != nil {
		return "", fmt.Errorf("subject: %w", err)
	}
	key := contract.PacketKey(id)
	if err := checkMembership(v.header.AppHash, key, v.file.Leaf, v.file.LeafProof); err != nil {
		return "", fmt.Errorf("leaf does not match: %w", err)
	}
	v.id, v.packet = id, new(contract.Packet)
	if err := contract.Decode(v.file.Leaf, v.packet); err != nil {
		return "", fmt.Errorf("leaf: %w", err)
	}
	return "packet leaf under its AppHash", nil
}

// checkMembership makes sure that key has value in the tree of this root. Only
// a plain existence proof will do: the batch and compressed forms of ICS-23
// have been forged before, and presence is not argued from absence.
func checkMembership(root, key, value, proof []byte) error {
	var p ics23.CommitmentProof
	if err := p.Unmarshal(proof); err != nil {
		return errors.New("not an ICS-23 proof")
	}
	if p.GetExist() == nil {
		return errors.New("not a proof of existence")
	}
	if again, err := p.Marshal(); err != nil || !bytes.Equal(again, proof) {
		return errors.New("not the one encoding of a proof")
	}
	if !ics23.VerifyMembership(ics23.IavlSpec, root, &p, key, value) {
		return errors.New("the proof does not lead from it to the root")
	}
	return nil
}
