package contract

import "bytes"

// LeafHistory is how many entries a leaf's history has and what they fold to; nil
// for a leaf without a history.
func LeafHistory(key, value []byte) (*History, error) {
	switch {
	case bytes.Equal(key, ClockKey):
		var c Clock
		err := Decode(value, &c)
		return &c.History, err
	case bytes.Equal(key, ValidatorsKey):
		var v Validators
		err := Decode(value, &v)
		return &v.History, err
	case len(key) == len(AccountKey(Address{})) && bytes.HasPrefix(key, []byte("a/")):
		var a Account
		err := Decode(value, &a)
		return &a.History, err
	case len(key) == len(PacketKey(PacketID{})) && bytes.HasPrefix(key, []byte("p/")):
		p := Packet{ID: PacketID(key[2:])}
		err := Decode(value, &p)
		return &p.History, err
	}
	if _, _, ok := SplitShareKey(key); ok {
		var s ShareLeaf
		err := Decode(value, &s)
		return &s.History, err
	}
	return nil, nil
}

// Due is the work that the packet has in the due queue: its refund while it is
// open, the settlement of each held share, and the lapse of each open question.
func (p *Packet) Due() (items []Due) {
	if p.Status == Open {
		items = append(items, Due{At: p.Expires, Packet: p.ID})
	}
	for i, s := range p.Shares {
		share := uint32(i + 1)
		if s.State == Held {
			items = append(items, Due{At: p.SettlesAt(share), Packet: p.ID, Share: share})
		}
		if s.Asked != nil && s.Asked.State == AskOpen {
			items = append(items, Due{At: s.Asked.LapsesAt(), Packet: p.ID, Share: share})
		}
	}
	return items
}

// TellsTxAt reports whether the history of the leaf at key is the one that tells of
// e's transaction first: the packet's that it is about, or of a large packet's share
// the share's, else the payer's, else that of the validators or the clock. Every tx that
// succeeded made one such entry.
func (e *Entry) TellsTxAt(key []byte) bool {
	switch {
	case e.Tx == nil:
		return false
	case e.Packet != nil:
		return e.Claims == nil && bytes.Equal(key, PacketKey(*e.Packet)) ||
			e.Share != 0 && bytes.Equal(key, ShareKey(*e.Packet, e.Share))
	case e.Posting != nil:
		return bytes.Equal(key, e.Posting.From.leaf())
	}
	if e.Kind == KindChange {
		return bytes.Equal(key, ValidatorsKey)
	}
	return bytes.Equal(key, ClockKey)
}
