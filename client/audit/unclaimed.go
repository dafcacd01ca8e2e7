package audit

import (
	"hongbao/contract"
)

// That an entry was not claimed is shown by three things under one root: the packet's
// leaf, whose terms the sender signed; the entry's way to the list in these terms; and
// that nothing stands under the key of the share which the entry gives. A claimed share
// has its leaf for ever.

// checkListing establishes v.entry: an entry on the list of the packet's terms, and the
// subject's.
func (v *verifier) checkListing() (*Finding, error) {
	l := new(contract.Listing)
	err := contract.Decode(v.file.Listing, l)
	if err == nil {
		err = listingInRange(l)
	}
	if err != nil {
		return nil, in("listing", err)
	}
	t := &v.packet.Terms
	root := contract.ListIn(t.Claim.Cond)
	switch {
	case root == nil:
		return nil, in("listing", fault("listing_no_list"))
	case l.Entry.Index != v.share:
		return nil, in("listing", fault("listing_other", "n", l.Entry.Index))
	}
	if err := l.Check(*root, t.Shares, t.Total); err != nil {
		return nil, in("listing", err)
	}
	v.listed = &l.Entry
	return found("listing", "n", int(v.share), "count", int(t.Shares), "amount", l.Entry.Amount), nil
}

// checkUnclaimed makes sure that the entry was not claimed: its share has no leaf.
func (v *verifier) checkUnclaimed() (*Finding, error) {
	if v.packet.Status == contract.Full {
		return nil, in("absence", fault("unclaimed_full"))
	}
	key := contract.ShareKey(v.id, v.share)
	if err := checkNonMembership(v.header.appHash(), key, v.file.Absence); err != nil {
		return nil, in("absence", err)
	}
	return found("unclaimed", "share", v.share), nil
}
