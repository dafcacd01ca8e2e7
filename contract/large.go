package contract

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A packet to a list, or of more than MaxShares shares, is large: it keeps each claimed
// share in a leaf of its own, s/<id><number>, made when it is claimed, with its own history: what becomes of a share is
// written there, and not in the packet's leaf. The packet's leaf keeps counts and
// sums, so that it is as short with a million shares as with ten; its history has
// one entry for all claims of a block. A recall of the rest, an expiry and a
// tightening cost the same whatever the number of shares.
//
// The rules are those of every packet. A [Packet] reads a share through
// [Packet.ShareAt], which finds it in the packet's own list, or in the one leaf
// that was put beside the packet with [Packet.With].

// Tally is what a large packet's leaf knows of its shares.
type Tally struct {
	_         struct{} `cbor:",toarray"`
	Claimed   uint32   // shares that were claimed
	Undrawn   uint32   // of them, those that wait for their draw
	LastClaim Time     // when the last of them was claimed; 0: none was
	Recalled  bool     // a held share was recalled
}

// ShareLeaf is the leaf s/<id><number> of a claimed share of a large packet. What it
// says of its packet is for readers of the leaf alone.
type ShareLeaf struct {
	_       struct{} `cbor:",toarray"`
	Share   Share
	Settles Time // Share.ClaimedAt + the terms' hold
	Created Time // the packet's
	SendTx  Hash // the packet's: so the leaf is bound to terms
	History History
}

// numberedShare is the share of a large packet that is looked at.
type numberedShare struct {
	number uint32
	leaf   ShareLeaf
}

// Large reports whether the shares of a packet of t stand in leaves of their own.
func (t *Terms) Large() bool { return t.Split == ByList || t.Shares > MaxShares }

// ShareKey is s/<32 bytes><4 bytes, big-endian>.
func ShareKey(p PacketID, number uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte("s/"), p[:]...), number)
}

// SplitShareKey is the packet and the number in a ShareKey.
func SplitShareKey(key []byte) (p PacketID, number uint32, ok bool) {
	if len(key) != len(ShareKey(p, 0)) || !bytes.HasPrefix(key, []byte("s/")) {
		return p, 0, false
	}
	return PacketID(key[2:34]), binary.BigEndian.Uint32(key[34:]), true
}

// With is the packet with share number of a large packet beside it.
func (p *Packet) With(number uint32, leaf ShareLeaf) *Packet {
	copied := *p
	copied.beside = &numberedShare{number, leaf}
	return &copied
}

// ShareAt is share n, from 1; nil when it is not claimed, or stands in a leaf that
// is not beside the packet. It must not be changed.
func (p *Packet) ShareAt(n uint32) *Share {
	switch {
	case p.beside != nil && p.beside.number == n && n != 0:
		return &p.beside.leaf.Share
	case n != 0 && int(n) <= len(p.Shares):
		return &p.Shares[n-1]
	}
	return nil
}

// Bare is the packet as it was before the first claim, for a reader who tells a claim again.
func (p *Packet) Bare() *Packet {
	copied := *p
	copied.beside, copied.Tally = nil, new(Tally)
	return &copied
}

// ShareBeside is the number of the share that stands beside a large packet; 0:
// none does.
func (p *Packet) ShareBeside() uint32 {
	if p.beside == nil {
		return 0
	}
	return p.beside.number
}

// LeafBeside is the leaf of the share that stands beside a large packet; nil: none
// does. It must not be changed.
func (p *Packet) LeafBeside() *ShareLeaf {
	if p.beside == nil {
		return nil
	}
	return &p.beside.leaf
}

// NumberOf is the number of the share that a claimed, in the packet's own list or beside
// it; 0: none is there.
func (p *Packet) NumberOf(a Address) uint32 {
	if p.beside != nil && p.beside.leaf.Share.Claimer == a {
		return p.beside.number
	}
	return uint32(p.ShareOf(a))
}

// Claimed is how many shares were claimed.
func (p *Packet) Claimed() uint32 {
	if p.Tally != nil {
		return p.Tally.Claimed
	}
	return uint32(len(p.Shares))
}

// Due is the work that the share has in the due queue.
func (s *ShareLeaf) Due(p PacketID, number uint32) (items []Due) {
	if s.Share.State == Held {
		items = append(items, Due{At: s.Settles, Packet: p, Share: number})
	}
	if a := s.Share.Asked; a != nil && a.State == AskOpen {
		items = append(items, Due{At: a.LapsesAt(), Packet: p, Share: number})
	}
	return items
}

// ClaimBatch is what a large packet's history says of the claims, or the draws, of
// one block.
type ClaimBatch struct {
	_      struct{} `cbor:",toarray"`
	Count  uint32
	Sum    Amount // that left the escrow
	Digest Hash   // of who, which share and how much, in order
}

// Add takes in a share.
func (b *ClaimBatch) Add(number uint32, claimer Address, amount Amount) {
	b.Count++
	b.Sum += amount
	b.Digest = TaggedHash(tagClaims, b.Digest[:], binary.BigEndian.AppendUint32(nil, number), claimer[:],
		uint64Bytes(uint64(amount)))
}

// openBatch is a batch that a block still adds to, and the last note in it.
type openBatch struct {
	ClaimBatch
	last note
}

// addToBatch counts a share that was claimed or drawn, as n tells of it.
func (l *ledger) addToBatch(n note, share *Share) {
	b := openBatch{}
	if before := l.batch(*n.packet); before != nil {
		b = *before
	}
	b.Add(n.share, share.Claimer, share.Amount)
	b.last = n
	l.batches[*n.packet] = &b
}

// batch is a packet's open batch, which must not be changed; nil: none is open.
func (l *ledger) batch(id PacketID) *openBatch {
	for at := l; at != nil; at = at.below {
		if b, known := at.batches[id]; known {
			return b // nil: it was written down
		}
	}
	return nil
}

// writeBatch writes a packet's open batch into its history, as an entry at the
// place of the last of it.
func (l *ledger) writeBatch(id PacketID) {
	b := l.batch(id)
	if b == nil {
		return
	}
	l.batches[id] = nil
	n := b.last
	n.share = 0
	e := n.entry(nil)
	claims := b.ClaimBatch
	e.Claims = &claims
	p := l.packet(id)
	e.Balance = p.Escrow
	encoded := p.History.add(e)
	l.putPacket(p)
	l.entries = append(l.entries, ChainEntry{Leaf: PacketKey(id), Seq: e.Seq, Entry: encoded})
}

// writeBatches writes all open batches, in order of packet.
func (l *ledger) writeBatches() {
	var ids []PacketID
	for id, b := range l.batches {
		if b != nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b PacketID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		l.writeBatch(id)
	}
}

// takeBatch counts what e, an entry of p's history, says of claims, reserves or draws
// that are not named. It refuses what no such claims could have been.
func (p *Packet) takeBatch(e *Entry) error {
	b, t, left := e.Claims, p.Tally, p.Terms.Shares-p.Tally.Claimed
	allowed := false
	if e.Kind == KindDraw {
		allowed = e.Phase == PhaseDraw && e.Tx == nil && e.Beacon != nil && b.Count > 0 && b.Count == t.Undrawn
	} else {
		if err := p.closedError(e.Time); err != nil {
			return err
		}
		claims := map[bool]Kind{true: KindReserve, false: KindClaim}[p.Terms.Split == Lucky]
		allowed = e.Kind == claims && e.Phase == PhaseTx && e.Tx != nil && e.Beacon == nil && b.Count > 0 &&
			b.Count <= left && p.claimableAt(e.Time)
		left -= min(left, b.Count)
	}
	if !allowed || !p.mayLeave(e.Kind, b, left) {
		return unlawful("a %s of %d shares and %d fen at %s is not one that it allows", e.Kind, b.Count, uint64(b.Sum),
			e.Time)
	}
	p.Escrow -= b.Sum
	switch e.Kind {
	case KindDraw:
		t.Undrawn = 0
		return nil
	case KindReserve:
		t.Undrawn += b.Count
	}
	t.Claimed, t.LastClaim = t.Claimed+b.Count, e.Time
	return nil
}

// mayLeave reports whether a batch's sum may leave the escrow, with left shares
// unclaimed behind it: each share is at least a fen, and the last leave none.
func (p *Packet) mayLeave(kind Kind, b *ClaimBatch, left uint32) bool {
	switch {
	case kind == KindReserve:
		return b.Sum == 0
	case p.Terms.Split == Equal:
		return b.Sum == Amount(b.Count)*p.Terms.ShareAmount() // not above the total: no overflow
	}
	rest, fits := p.Escrow.Sub(b.Sum)
	return fits && b.Sum >= Amount(b.Count) && rest >= Amount(left) && (left > 0 || rest == 0)
}

// claimableAt reports whether a claimer can meet the claim rule at now, with the link and
// an entry where it asks for them.
func (p *Packet) claimableAt(now Time) bool {
	facts := p.Facts(now)
	facts.Link, facts.Listed = true, true
	for _, facts.Claimer = range append(ClaimersIn(p.Terms.Claim.Cond), Address{}) {
		if facts.Claimer != p.Sender && Unmet(p.Terms.Claim.Cond, facts) == nil {
			return true
		}
	}
	return false
}

// mayHaveRecalled reports whether what the tally says of recalled shares fits the terms.
func (p *Packet) mayHaveRecalled() bool {
	t := p.Tally
	return !t.Recalled || t.Claimed > 0 && p.Terms.Hold > 0 && p.ever(HeldShares)
}

// shareID names a share's leaf.
type shareID struct {
	packet PacketID
	number uint32
}

// claimID is a claimer of a large packet without a list.
type claimID struct {
	packet  PacketID
	claimer Address
}

// shareOf is the share that an account claimed from p; 0 when it has none. Of a list
// an account may have several, each for an entry of its own.
func (l *ledger) shareOf(p *Packet, claimer Address) uint32 {
	switch {
	case p.Tally == nil:
		return uint32(p.ShareOf(claimer))
	case p.Terms.Split == ByList:
		return 0
	}
	for at := l; at != nil; at = at.below {
		if n := at.claimers[claimID{p.ID, claimer}]; n != 0 {
			return n
		}
	}
	if l.base.account(claimer) == nil {
		return 0 // its first claim would have made the account
	}
	return l.base.shareOf(p.ID, claimer)
}

// shareLeaf is the leaf of a large packet's share; nil when it is not claimed.
func (l *ledger) shareLeaf(id PacketID, number uint32) *ShareLeaf {
	for at := l; at != nil; at = at.below {
		if v := at.shares[shareID{id, number}]; v != nil {
			copied := *v
			return &copied
		}
	}
	if v := l.base.share(id, number); v != nil {
		copied := *v
		return &copied
	}
	return nil
}

// packetWith is packet, with the share's leaf beside it where there is one.
func (l *ledger) packetWith(id PacketID, number uint32) *Packet {
	p := l.packet(id)
	if p == nil || p.Tally == nil || number == 0 {
		return p
	}
	if leaf := l.shareLeaf(id, number); leaf != nil {
		p.beside = &numberedShare{number, *leaf}
	}
	return p
}

// share is a committed share's leaf; nil when there is none.
func (c *committed) share(id PacketID, number uint32) *ShareLeaf {
	at := shareID{id, number}
	v, read := c.shares[at]
	if !read {
		v = readLeaf[ShareLeaf](c, ShareKey(id, number))
		if v != nil {
			c.shares[at] = v
		}
	}
	return v
}

// Some records have one field more in a large packet: a packet's tally, a claim's
// listing, an entry's batch. Without it they are what they always were, an array
// of one item less.

// isArrayOf reports whether b begins an array of n items, fewer than 24.
func isArrayOf(n int, b []byte) bool { return len(b) > 0 && b[0] == 0x80|byte(n) }
