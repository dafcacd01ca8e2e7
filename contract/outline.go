package contract

import (
	"bytes"

	"github.com/fxamacker/cbor/v2"
)

// outline is what admission wants to know of a committed packet. Conditions
// stay text and shares bytes, so that the dearest leaf costs less than a
// signature.
type outline struct {
	_      struct{} `cbor:",toarray"`
	Sender Address
	Terms  struct {
		_                                   struct{} `cbor:",toarray"`
		Total, Shares, Split, Rule, LinkKey cbor.RawMessage
		Hold                                Seconds
		Clauses, Expiry, Scene, Memo        cbor.RawMessage
	}
	SendTx           cbor.RawMessage
	Tightened        []cbor.RawMessage
	Created, Expires Time
	Status           Status
	Closed           Time
	Escrow           Amount
	Shares, History  cbor.RawMessage
}

// outline is that of a packet in the committed state; nil when there is none.
func (a *Admission) outline(id PacketID) *outline {
	leaf := a.view.leaf(PacketKey(id))
	if leaf == nil {
		return nil
	}
	o, err := outlineOf(leaf)
	if err != nil {
		a.view.fail(PacketKey(id), err)
		return nil
	}
	return o
}

func outlineOf(leaf []byte) (*outline, error) {
	o := new(outline)
	return o, strictDecoding.Unmarshal(leaf, o)
}

// names reports whether a clause in force names account.
func (o *outline) names(account Address) bool {
	clauses := o.Terms.Clauses
	if n := len(o.Tightened); n > 0 {
		clauses = o.Tightened[n-1]
	}
	return bytes.Contains(clauses, []byte(account.String()))
}

// share is share n, from 1; nil when nobody has claimed it.
func (o *outline) share(n uint32) *Share {
	var shares []Share
	if n == 0 || strictDecoding.Unmarshal(o.Shares, &shares) != nil || int(n) > len(shares) {
		return nil
	}
	return &shares[n-1]
}

// Pressing reports whether tx is a recall, a return or an answer that the
// committed state may well accept: the money is still there, and the account has
// part in it. Such a tx has a deadline. It says nothing of signatures, windows
// and reasons, which cost more to judge.
func (a *Admission) Pressing(tx *Tx) bool {
	id, n := PacketOf(tx.Message)
	switch tx.Message.(type) {
	case *Recall, *Return, *Answer:
	default:
		return false
	}
	o := a.outline(id)
	if o == nil {
		return false
	}
	now, share := a.env.Time, o.share(n)
	mine := share != nil && share.Claimer == tx.Account
	switch m := tx.Message.(type) {
	case *Recall:
		there := o.Status == Open && now < o.Expires
		if m.Share != 0 {
			there = share != nil && share.State == Held && now < share.ClaimedAt.Plus(o.Terms.Hold)
		}
		return there && (o.Sender == tx.Account || o.names(tx.Account))
	case *Answer:
		return mine && share.openAsk(now)
	}
	return mine && (share.State == Held || share.State == Settled)
}

// Newcomer reports whether tx is the claim of an account without a leaf, and who
// funded the packet: newcomers cost nothing to make, packets do.
func (a *Admission) Newcomer(tx *Tx) (funder Address, is bool) {
	claim, ok := tx.Message.(*Claim)
	if !ok || a.sender(tx.Account).leaf {
		return Address{}, false
	}
	if o := a.outline(claim.Packet); o != nil {
		funder = o.Sender
	}
	return funder, true
}
