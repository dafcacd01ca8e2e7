package contract

import (
	"fmt"
	"testing"
)

// The comparison notices bugs in what a large packet's leaves keep.
func TestPlantedBugsInLargePackets(t *testing.T) {
	t.Parallel()
	each := func(edit func(*ShareLeaf)) func(*twins, *Packet, map[uint32]*ShareLeaf) {
		return func(_ *twins, _ *Packet, shares map[uint32]*ShareLeaf) {
			for _, s := range shares {
				edit(s)
			}
		}
	}
	ofPacket := func(edit func(*Packet)) func(*twins, *Packet, map[uint32]*ShareLeaf) {
		return func(_ *twins, p *Packet, _ map[uint32]*ShareLeaf) { edit(p) }
	}
	for _, row := range []struct {
		desc  string
		plant func(*twins, *Packet, map[uint32]*ShareLeaf)
	}{
		{"a claim is not counted", ofPacket(func(p *Packet) { p.Tally.Claimed = max(1, p.Tally.Claimed) - 1 })},
		{"no claim is remembered: all is untouched", ofPacket(func(p *Packet) { p.Tally.Claimed = 0 })},
		{"the last claim is forgotten", ofPacket(func(p *Packet) { p.Tally.LastClaim = p.Created })},
		{"recalls of shares are not remembered", ofPacket(func(p *Packet) { p.Tally.Recalled = false })},
		{"a share settles late", each(func(s *ShareLeaf) { s.Share.ClaimedAt++; s.Settles++ })},
		{"settling is forgotten", each(func(s *ShareLeaf) {
			if s.Share.State == Settled {
				s.Share.State = Held
			}
		})},
		{"a return is forgotten", each(func(s *ShareLeaf) {
			if s.Share.State == Returned {
				s.Share.State = Settled
			}
		})},
		{"questions are forgotten", each(func(s *ShareLeaf) { s.Share.Asked = nil })},
		{"a share is worth a fen more", each(func(s *ShareLeaf) {
			if s.Share.State == Settled && s.Share.Amount == twinShare {
				s.Share.Amount++
			}
		})},
		{"an entry may be claimed again", func(tw *twins, _ *Packet, shares map[uint32]*ShareLeaf) {
			for number := range shares {
				delete(tw.large.leaves, string(ShareKey(tw.id, number)))
				delete(shares, number)
			}
		}},
		{"the escrow is a fen short", ofPacket(func(p *Packet) { p.Escrow -= min(1, p.Escrow) })},
	} {
		t.Run(row.desc, func(t *testing.T) {
			for n := range 60 {
				if err := noticed(func() error { return runTwins(panicking{t}, n, row.plant) }); err != nil {
					return
				}
			}
			t.Error("unnoticed")
		})
	}
}

// panicking ends a life, and not the test, where a world will not go on.
type panicking struct{ testing.TB }

func (panicking) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (panicking) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// noticed is f's error, or what it panicked with: a ledger that refuses to go on
// noticed, too.
func noticed(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return f()
}
