package node

import (
	"bytes"

	"hongbao/contract"
)

// Signing is who signs the chain's blocks and which rules they obey, as the node's
// ledger has it. Until block From those of the plan before still sign.
type Signing struct {
	Number     uint64       `json:"number"`      // of plans carried out
	From       int64        `json:"from"`        // the first block that these sign
	Validators []Signer     `json:"validators"`  // those with the most votes first
	Votes      uint64       `json:"votes"`       // of all
	Own        uint64       `json:"own_votes"`   // this node's; 0: it follows
	Address    string       `json:"own_address"` // of its validator key, 40 hex digits, as in Validators
	Rules      uint64       `json:"rules"`       // the version that the next block obeys
	Upgrade    *NextUpgrade `json:"upgrade"`     // null: none waits
}

// Signer is one of the validators.
type Signer struct {
	Address string `json:"address"` // consensus address, 40 hex digits
	Votes   uint64 `json:"votes"`   // its own
}

// NextUpgrade is a change of the rules that waits for its height.
type NextUpgrade struct {
	Height int64  `json:"height"` // the first block of the new rules
	Rules  uint64 `json:"rules"`  // their version
}

// signingOf tells it to the node of a consensus address; nil of a ledger that has no
// validators yet.
func signingOf(v *contract.Validators, own []byte) *Signing {
	if v == nil {
		return nil
	}
	s := &Signing{Number: v.Number, From: v.From, Validators: []Signer{}, Votes: v.Set.Power(),
		Address: hexAddress(own), Rules: v.Rules}
	for i := range v.Set {
		address := v.Set[i].Address()
		s.Validators = append(s.Validators, Signer{hexAddress(address[:]), v.Set[i].Power})
		if bytes.Equal(address[:], own) {
			s.Own = v.Set[i].Power
		}
	}
	if u := v.Upgrade; u != nil {
		s.Upgrade = &NextUpgrade{u.Height, u.Rules}
	}
	return s
}
