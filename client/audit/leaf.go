package audit

import (
	"hongbao/contract"
)

// checkLeaf establishes v.leaf, and v.packet or v.account: what stands under the
// subject's key, under the root in v.header.
func (v *verifier) checkLeaf() (*Finding, error) {
	_, err := v.proveLeaf()
	if err != nil {
		return nil, err
	}
	what := "packet"
	switch v.file.Kind {
	case KindSupply:
		v.supply, what = new(contract.Supply), "supply"
		err = contract.Decode(v.leaf, v.supply)
		if err == nil {
			err = amountsInRange(v.supply.Wallets, v.supply.Escrow, v.supply.Held, v.supply.Total)
		}
	case KindAccount:
		v.account, what = new(contract.Account), "account"
		err = contract.Decode(v.leaf, v.account)
		if err == nil {
			err = accountInRange(v.account)
		}
	case KindLargeShare:
		v.alone, what = new(contract.ShareLeaf), "share"
		if err = contract.Decode(v.leaf, v.alone); err == nil {
			err = shareLeafInRange(v.alone)
		}
	default:
		v.packet = &contract.Packet{ID: v.id}
		if err = contract.Decode(v.leaf, v.packet); err == nil {
			err = packetInRange(v.packet)
		}
		if err == nil {
			err = v.fitsKind(v.packet)
		}
	}
	if err != nil {
		return nil, in("leaf", err)
	}
	return found(what + "_leaf"), nil
}

// fitsKind refuses a packet that the file's kind is not about, and one that no chain holds
// where no replay makes the whole leaf anew.
func (v *verifier) fitsKind(p *contract.Packet) error {
	large := v.file.Kind == KindLargePacket || v.file.Kind == KindUnclaimed
	switch {
	case p.Tally != nil && !large:
		return fault("large_packet")
	case p.Tally == nil && large:
		return fault("small_packet")
	case !large && int(v.share) > len(p.Shares):
		return fault("share_unclaimed", "share", v.share)
	case v.file.Kind == KindPacket || v.file.Kind == KindLargePacket:
		return nil
	}
	return p.Check(v.now())
}

// Leaf is what stands under a key of the tree after block Height.
type Leaf struct {
	Value  []byte // empty: nothing
	Height int64
	Time   contract.Time // on the chain, at the header that signs it
}

// VerifyLeaf judges a leaf by itself, as the steps "header" and "leaf", or
// "absence", of [Verify] do. A program that gathers a proof can rely on it while
// it asks for the rest. absent is whether the leaf's proof is to show that nothing
// stands under key. The leaf is nil unless the report is valid; the report has no
// facts.
func VerifyLeaf(e Evidence, key []byte, absent bool, trust *Trust, o Options) (leaf *Leaf, r Report) {
	defer func() {
		if p := recover(); p != nil {
			leaf, r = nil, Report{}
			r.fail("leaf", fault("panic", "value", p))
		}
	}()
	file, err := Build("", "", e)
	if err != nil {
		r.fail("header", err)
		return nil, r
	}
	v := &verifier{file: file, trust: trust, opts: o, key: key}
	steps := []step{{"header", v.checkHeader}, {"clock", v.checkClock}, {"leaf", v.proveLeaf}}
	if absent {
		steps[2] = step{"absence", v.checkAbsence}
	}
	if !v.run(steps, &r) {
		return nil, r
	}
	r.Verdict = Valid
	return &Leaf{v.leaf, file.Height, v.now()}, r
}

// proveLeaf establishes v.leaf.
func (v *verifier) proveLeaf() (*Finding, error) {
	value, err := checkMembership(v.header.appHash(), v.key, v.file.LeafProof)
	if err != nil {
		return nil, within(err, "leaf_mismatch")
	}
	v.leaf = value
	return nil, nil
}
