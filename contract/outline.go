package contract

import (
	"bytes"

	"github.com/fxamacker/cbor/v2"
)

// outline is what admission needs to know of a committed packet. Conditions
// stay text and shares bytes, so that the dearest leaf costs less than a
// signature.
type outline struct {
	outlineLeaf
	outlineTerms
}

type outlineLeaf struct {
	_                struct{} `cbor:",toarray"`
	Sender           Address
	Terms            cbor.RawMessage
	SendTx           cbor.RawMessage
	Tightened        []cbor.RawMessage
	Created, Expires Time
	Status           Status
	Closed           Time
	Escrow           Amount
	Shares, History  cbor.RawMessage
}

type outlineLarge struct {
	_ struct{} `cbor:",toarray"`
	*outlineLeaf
	Tally cbor.RawMessage
}

type outlineTerms struct {
	_                                   struct{} `cbor:",toarray"`
	Total, Count, Split, Claim, LinkKey cbor.RawMessage
	Hold                                Seconds
	Clauses, Expiry, Scene, Memo        cbor.RawMessage
}

// decodeOutline reads a packet's leaf.
func decodeOutline(leaf []byte, o *outline) error {
	into := any(&o.outlineLeaf)
	if isArrayOf(packetFields+1, leaf) {
		into = &outlineLarge{outlineLeaf: &o.outlineLeaf}
	}
	if err := strictDecoding.Unmarshal(leaf, into); err != nil {
		return err
	}
	return strictDecoding.Unmarshal(o.Terms, &o.outlineTerms)
}

// names reports whether a clause in force names account.
func (o *outline) names(account Address) bool {
	clauses := o.Clauses
	if n := len(o.Tightened); n > 0 {
		clauses = o.Tightened[n-1]
	}
	return bytes.Contains(clauses, []byte(account.String()))
}

// share is share n, from 1; nil when it is not claimed.
func (o *outline) share(n uint32) *Share {
	var shares []Share
	if n == 0 || strictDecoding.Unmarshal(o.Shares, &shares) != nil || int(n) > len(shares) {
		return nil
	}
	return &shares[n-1]
}
