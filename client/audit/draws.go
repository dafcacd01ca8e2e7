package audit

import (
	"hongbao/contract"
)

// beacon is what a block's draws were made with, and the seed it stands for.
type beacon struct {
	contract.Beacon
	hash   contract.Hash
	output contract.Output
}

// checkDraws establishes v.beacons: each is a proof by a trusted validator's
// VRF key over the chain, the height and the hash of a block. Without trust it
// takes the seed from the proof and checks no key: the draws can be followed then,
// but not believed. Which block each belongs to is for the replay; that the
// validator had its turn to propose the next one is not in the file.
func (v *verifier) checkDraws() (*Finding, error) {
	for i, encoded := range v.file.Beacons {
		b := new(beacon)
		err := contract.Decode(encoded, &b.Beacon)
		if err == nil && b.Height < 0 {
			err = fault("value_range", "value", b.Height)
		}
		if err == nil && v.trust == nil {
			b.output, err = b.Output()
		} else if err == nil {
			b.output, err = v.verifyBeacon(&b.Beacon)
		}
		if err != nil {
			return nil, within(err, "beacon", "n", i)
		}
		b.hash = b.Hash()
		v.beacons = append(v.beacons, b)
	}
	if v.trust == nil || len(v.beacons) == 0 {
		return nil, nil
	}
	return found("draws", "count", len(v.beacons)), nil
}

// verifyBeacon checks a beacon by the VRF key of the validator that it names.
// It may have left since, and come again with another VRF key.
func (v *verifier) verifyBeacon(b *contract.Beacon) (out contract.Output, err error) {
	err = fault("beacon_proposer", "proposer", b.Proposer)
	tried := map[[32]byte]bool{}
	for i := range v.known {
		m := &v.known[i]
		if tried[m.VRFKey] || m.Address() != b.Proposer {
			continue
		}
		if out, ok := b.Verify(v.file.ChainID, m.VRFKey); ok {
			return out, nil
		}
		tried[m.VRFKey] = true
		err = fault("beacon_proof", "proposer", b.Proposer, "height", b.Height)
	}
	return out, err
}

// owe notes what the next block owes after e, a tx with message m.
func (r *replay) owe(e *contract.Entry, m contract.Message) {
	if !r.ledger.Packet(r.id).Undrawn() {
		return
	}
	r.owed = e.Height
	if m, ok := m.(*contract.Recall); ok && m.Share == 0 {
		r.recall = &contract.AwaitingRecall{Packet: r.id, Reason: m.Reason}
	}
}

func (r *replay) undrawn() error {
	return fault("undrawn", "height", r.owed+1, "reserved", r.owed)
}

// draw makes the draw, or ends the recall that waited for the draws, that e
// says happened.
func (r *replay) draw(e *contract.Entry) error {
	unfit := fault("not_owed", "kind", e.Kind)
	switch {
	case r.owed != 0 && e.Kind == contract.KindDraw:
		if err := r.nextBeacon(e); err != nil {
			return err
		}
		share := contract.Reservation{Packet: r.id, Share: e.Share}
		if r.ledger.Draw(e, share, &r.beacon.Beacon, r.beacon.output) != nil {
			return unfit
		}
	case r.recall != nil && e.Kind == contract.KindRecall:
		if r.ledger.FinishRecall(e, *r.recall) != nil {
			return unfit
		}
		r.recall = nil
	default:
		return unfit
	}
	if r.recall == nil && !r.ledger.Packet(r.id).Undrawn() {
		r.owed = 0
	}
	return nil
}

// nextBeacon takes the beacon that e names: one for each block that draws,
// over the block that reserved.
func (r *replay) nextBeacon(e *contract.Entry) error {
	if r.beacon == nil || r.beacon.Height != r.owed {
		if len(r.beacons) == 0 {
			return fault("beacon_missing")
		}
		r.beacon, r.beacons = r.beacons[0], r.beacons[1:]
	}
	if r.beacon.Height != r.owed || e.Beacon == nil || *e.Beacon != r.beacon.hash {
		return fault("beacon_order")
	}
	return nil
}
