package contract

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
)

// A lucky share's amount must be unknowable when it is claimed, and computable
// by anyone afterwards. A claim therefore only reserves a share; the amount is
// drawn in the next block, from a proof that only that block's proposer can make
// and that anyone can check.

// Draws is the leaf c/draws: what the next block owes to the reservations of
// the one before it.
type Draws struct {
	_       struct{} `cbor:",toarray"`
	Height  int64    // of the block that reserved; 0: nothing is owed
	Block   Hash     // that block's hash, which no claimer knew
	Shares  []Reservation
	Recalls []AwaitingRecall
}

// Reservation is a lucky share that was claimed, in the order of the claims.
type Reservation struct {
	_      struct{} `cbor:",toarray"`
	Packet PacketID
	Share  uint32
}

// AwaitingRecall is a recall of a packet's rest that closed the packet in the
// block of some reservations: what is left after their draws goes home.
type AwaitingRecall struct {
	_      struct{} `cbor:",toarray"`
	Packet PacketID
	Reason Reason
}

// BeaconItem is the first item of a block that owes draws, and of no other.
type BeaconItem struct {
	_     struct{} `cbor:",toarray"`
	Proof [ecvrf.ProofSize]byte
}

// Beacon is what a block's draws were made with. Its hash stands in the entry
// of each, and it is kept for ever.
type Beacon struct {
	_        struct{} `cbor:",toarray"`
	Height   int64    // of the block that reserved, not of the one that drew
	Block    Hash     // that block's hash
	Proposer [20]byte // of the block that drew
	Proof    [ecvrf.ProofSize]byte
}

// Output is what the draws of a beacon are seeded with.
type Output [ecvrf.OutputSize]byte

// Hash is the beacon's digest.
func (b *Beacon) Hash() Hash { return TaggedHash(tagBeacon, Encode(b)) }

// alpha is what the proof is over.
func alpha(chain string, height int64, block Hash) []byte {
	h := TaggedHash(tagDraws, lengthPrefixed(chain), uint64Bytes(uint64(height)), block[:])
	return h[:]
}

// ProveBeacon makes the first item of a block that owes draws.
func ProveBeacon(key ed25519.PrivateKey, chain string, owed *Draws) []byte {
	item := BeaconItem{}
	copy(item.Proof[:], ecvrf.Prove(key, alpha(chain, owed.Height, owed.Block)))
	return Encode(&item)
}

// Verify checks the beacon's proof against the proposer's VRF key.
func (b *Beacon) Verify(chain string, key [32]byte) (out Output, ok bool) {
	ok, beta := ecvrf.Verify(key[:], b.Proof[:], alpha(chain, b.Height, b.Block))
	copy(out[:], beta)
	return out, ok
}

// Output is what the beacon's draws are seeded with, for a reader without the
// proposer's key: whose proof it is, only [Beacon.Verify] tells.
func (b *Beacon) Output() (out Output, err error) {
	beta, err := ecvrf.ProofToHash(b.Proof[:])
	copy(out[:], beta)
	return out, err
}

// readBeacon reads and checks a block's first item: a proof over what is owed by
// the VRF key of the block's proposer, who is one of those that sign it.
func (c *committed) readBeacon(item, proposer []byte) (*Beacon, Output, error) {
	if len(item) == 0 {
		return nil, Output{}, Errorf(CodeBadBeacon, "beacon: missing")
	}
	var it BeaconItem
	if err := Decode(item, &it); err != nil {
		return nil, Output{}, Errorf(CodeBadBeacon, "beacon: %v", err)
	}
	b := &Beacon{Height: c.draws.Height, Block: c.draws.Block, Proof: it.Proof}
	if len(proposer) != len(b.Proposer) {
		return nil, Output{}, Errorf(CodeBadBeacon, "beacon: proposer address of %d bytes", len(proposer))
	}
	copy(b.Proposer[:], proposer)
	v := readLeaf[Validators](c, ValidatorsKey)
	if v == nil {
		return nil, Output{}, Errorf(CodeBadBeacon, "beacon: the chain has no VRF keys")
	}
	for _, k := range v.At(c.draws.Height + 1) {
		if k.Address() != b.Proposer {
			continue
		}
		if out, ok := b.Verify(c.chain, k.VRFKey); ok {
			return b, out, nil
		}
	}
	return nil, Output{}, Errorf(CodeBadBeacon, "beacon: not the proposer's proof over block %d", b.Height)
}

// draw draws what is owed, in the order of the claims, and then sends home what
// recalls of the same block left. It comes first in a block.
func (l *ledger) draw(env *Env, b *Beacon, out Output) error {
	owed := l.base.draws
	for i, r := range owed.Shares {
		if err := l.drawShare(&step{Env: env, phase: PhaseDraw, index: uint32(i)}, r, b, out); err != nil {
			return err
		}
	}
	for i, a := range owed.Recalls {
		s := &step{Env: env, phase: PhaseDraw, index: uint32(len(owed.Shares) + i)}
		if err := l.finishRecall(s, a); err != nil {
			return err
		}
	}
	l.writeBatches()
	l.draws = &Draws{}
	return l.base.err
}

// drawShare draws one reserved share. Shares of a packet are drawn in their
// order.
func (l *ledger) drawShare(s *step, r Reservation, b *Beacon, out Output) error {
	p := l.packetWith(r.Packet, r.Share)
	if p == nil || p.firstUndrawn() != r.Share || p.ShareAt(r.Share) == nil || p.ShareAt(r.Share).State != Reserved {
		return fmt.Errorf("%w: draw of share %s/%d does not fit its leaf", ErrState, r.Packet, r.Share)
	}
	share := p.ShareAt(r.Share)
	share.Amount = drawAmount(out, r, p.Escrow, p.Terms.Shares-(r.Share-1))
	if p.Tally != nil {
		p.Tally.Undrawn--
	}
	to := l.takeShare(p, r.Share)
	l.putPacket(p)
	hash := b.Hash()
	err := l.move(Escrow(r.Packet), to, share.Amount,
		note{step: s, kind: KindDraw, packet: &r.Packet, share: r.Share, beacon: &hash})
	if err != nil {
		return fmt.Errorf("%w: draw of share %s/%d: %v", ErrState, r.Packet, r.Share, err)
	}
	return nil
}

// finishRecall sends home what a recall in the block of reservations left.
func (l *ledger) finishRecall(s *step, a AwaitingRecall) error {
	p := l.packet(a.Packet)
	if p == nil || p.Status != Recalled || p.Undrawn() {
		return fmt.Errorf("%w: recall of packet %s does not fit its leaf", ErrState, a.Packet)
	}
	err := l.move(Escrow(a.Packet), Wallet(p.Sender), p.Escrow,
		note{step: s, kind: KindRecall, packet: &a.Packet, reason: a.Reason})
	if err != nil {
		return fmt.Errorf("%w: recall of packet %s: %v", ErrState, a.Packet, err)
	}
	return nil
}

// seal ends the block of this height and hash: what it reserved is owed by the
// next one.
func (l *ledger) seal(height int64, hash []byte) error {
	if len(l.reserved.Shares) == 0 {
		return nil
	}
	owed := l.reserved
	if len(hash) != len(owed.Block) {
		return fmt.Errorf("%w: a block hash of %d bytes", ErrState, len(hash))
	}
	owed.Height, owed.Block = height, Hash(hash)
	l.draws = &owed
	return nil
}

// Undrawn reports whether a share of p waits for its draw.
func (p *Packet) Undrawn() bool {
	if p.Tally != nil {
		return p.Tally.Undrawn > 0
	}
	n := len(p.Shares) // shares are drawn in their order: the last tells for all
	return n > 0 && p.Shares[n-1].State == Reserved
}

// firstUndrawn is the share, from 1, that is drawn next; 0 when none waits. Shares
// are drawn in their order.
func (p *Packet) firstUndrawn() uint32 {
	if p.Tally != nil {
		if p.Tally.Undrawn == 0 {
			return 0
		}
		return p.Tally.Claimed - p.Tally.Undrawn + 1
	}
	return uint32(slices.IndexFunc(p.Shares, func(s Share) bool { return s.State == Reserved }) + 1)
}

// Luckiest is the share, from 1, that got most of a lucky packet of which every
// share is drawn, the first of equal ones; else 0.
func (p *Packet) Luckiest() (n uint32) {
	if p.Terms.Split != Lucky || p.Status != Full || p.Undrawn() || len(p.Shares) == 0 {
		return 0
	}
	n = 1
	for i := range p.Shares {
		if p.Shares[i].Amount > p.Shares[n-1].Amount {
			n = uint32(i + 1)
		}
	}
	return n
}

// drawAmount is the amount of a share when rem fen and left shares, this one
// included, are undrawn: 1 + ⌊(y+d)/left⌋ with y uniform in [0, 2(rem−left)] and
// d in [0, left−1], so that every position has the mean rem/left exactly and
// each later share at least one fen. The last takes the rest.
func drawAmount(out Output, r Reservation, rem Amount, left uint32) Amount {
	if left == 1 {
		return rem
	}
	s := newStream(out, r)
	n := uint64(left)
	y := s.below(2*(uint64(rem)-n) + 1) // rem ≤ 2^63-1 and left ≥ 2: no overflow, nor in the sum
	d := s.below(n)
	return 1 + Amount((y+d)/n)
}

// stream is an endless row of random words from a seed.
type stream struct {
	seed Hash
	next uint64
}

func newStream(out Output, r Reservation) *stream {
	return &stream{seed: TaggedHash(tagDraw, out[:], r.Packet[:], binary.BigEndian.AppendUint32(nil, r.Share))}
}

// below is uniform in [0, n): words from which n would not divide evenly are
// passed over.
func (s *stream) below(n uint64) uint64 {
	for {
		h := TaggedHash(tagDrawWord, s.seed[:], uint64Bytes(s.next))
		s.next++
		word := binary.BigEndian.Uint64(h[:8])
		if word < -n%n { // 2^64 mod n words too many at the bottom
			continue
		}
		return word % n
	}
}
