package app

import (
	"encoding/binary"
	"math"

	"hongbao/contract"
)

// mOwed is what one block owes to the one before it: draws of the shares that
// were reserved there, and then the ends of the recalls that met some.
type mOwed struct {
	height  int64
	block   []byte // hash
	shares  []shareRef
	recalls []mAwaiting
}

type mAwaiting struct {
	p      *mPacket
	reason string
}

// mBeacon is what a block draws by: its hash, and what its proof comes to.
type mBeacon struct {
	hash contract.Hash
	out  []byte
}

func (m *model) owes() bool { return m.owed.height != 0 }

// undrawn is how many of the packet's shares wait for their amounts.
func (p *mPacket) undrawn() (n int) {
	for _, s := range p.shares {
		if s.state == "reserved" {
			n++
		}
	}
	return n
}

// reserve is a claim that does not learn its amount yet.
func (m *model) reserve(p *mPacket, s *mShare) {
	s.state = "reserved"
	m.reserved.shares = append(m.reserved.shares, shareRef{p, s.number})
	m.notes(mLine{kind: "reserve", phase: "tx", share: s.number}, s.claimer, p)
}

// await is a recall of the rest that lets reserved shares go first.
func (m *model) await(p *mPacket, reason string) {
	m.reserved.recalls = append(m.reserved.recalls, mAwaiting{p, reason})
	m.notes(mLine{kind: "recall", phase: "tx", reason: reason}, p.sender, p)
}

// drawAll does what the block owes.
func (m *model) drawAll(b mBeacon) {
	m.index = 0
	for _, r := range m.owed.shares {
		s := r.p.share(r.n)
		s.amount = drawn(b.out, r.p, r.n)
		to := m.take(r.p, s)
		m.move(mLine{kind: "draw", phase: "draw", share: r.n, beacon: b.hash}, escrow(r.p), to, r.p, s.amount)
		m.index++
	}
	for _, r := range m.owed.recalls {
		m.move(mLine{kind: "recall", phase: "draw", reason: r.reason}, escrow(r.p), wallet(r.p.sender), r.p, r.p.escrow)
		m.index++
	}
	m.tellAll()
	m.owed = mOwed{}
}

// drawn is the amount of share n of p, before it leaves escrow, as docs/format.md
// has it in section 8; written from that text and without the contract's code.
func drawn(out []byte, p *mPacket, n uint32) uint64 {
	left, rem := p.terms.shares-uint64(n)+1, p.escrow
	if left == 1 {
		return rem
	}
	seed := tagged("hongbao/draw", out, p.id[:], binary.BigEndian.AppendUint32(nil, n))
	i := uint64(0)
	uniform := func(m uint64) uint64 {
		for {
			h := tagged("hongbao/draw-word", seed[:], binary.BigEndian.AppendUint64(nil, i))
			i++
			if w := binary.BigEndian.Uint64(h[:8]); w >= (math.MaxUint64%m+1)%m { // 2^64 mod m
				return w % m
			}
		}
	}
	y := uniform(2*(rem-left) + 1)
	d := uniform(left)
	return 1 + (y+d)/left
}
