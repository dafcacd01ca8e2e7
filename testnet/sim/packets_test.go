package sim

import (
	"encoding/hex"
	"slices"
	"strings"

	"hongbao/contract"
	"hongbao/testnet/lives"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	check(err)
	return b
}

func hexUpper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// checkRules asks for what blocks hold that no rule allows, and then looks at what happened by
// itself.
func checkRules(v *view, broken func(string, ...any)) {
	v.judgeDeeds("R", broken)
	v.checkDue(broken)
}

// judgeDeeds says which deeds broke a promise.
func (v *view) judgeDeeds(promise string, broken func(string, ...any)) {
	for _, w := range v.wrong {
		if w.Promise == promise {
			broken("%s", w.Text)
		}
	}
}

// checkDue looks at what happens by itself: refunds and settlements.
func (v *view) checkDue(broken func(string, ...any)) {
	for _, f := range v.finals {
		for id := range f.packets {
			s := v.lives.Of(id)
			if s == nil {
				broken("node %d: packet %s was never sent", f.node+1, id.Short())
				continue
			}
			history := f.histories[string(contract.PacketKey(id))]
			for number := range f.shares[id] {
				history = slices.Concat(history, f.histories[string(contract.ShareKey(id, number))])
			}
			for _, raw := range history {
				var e contract.Entry
				check(contract.Decode(raw, &e))
				if e.Height < 1 || e.Height > int64(len(v.Blocks)) || e.Time != v.Blocks[e.Height-1].Time {
					broken("packet %s: an entry is dated %s in block %d", id.Short(), e.Time, e.Height)
					continue
				}
				if e.Kind == contract.KindRefund && e.Time < s.Expires() {
					broken("packet %s: refunded at %s, it expires at %s", id.Short(), e.Time, s.Expires())
				}
			}
			for _, c := range s.Claims {
				v.checkSettled(f, s, c, broken)
			}
		}
	}
}

// checkSettled looks when a held share became its claimer's.
func (v *view) checkSettled(f *final, s *lives.Life, c lives.Claim, broken func(string, ...any)) {
	due, settled := c.At.Plus(s.Terms.Hold), false
	for _, raw := range f.histories[string(contract.AccountKey(c.By))] {
		var e contract.Entry
		check(contract.Decode(raw, &e))
		if e.Kind != contract.KindSettle || e.Packet == nil || *e.Packet != s.ID || e.Share != c.Number {
			continue
		}
		settled = true
		if e.Time < due || c.Gone == contract.ShareRecalled {
			broken("packet %s: share %d settled at %s, it was held until %s and %s", s.ID.Short(), c.Number, e.Time,
				due, c.Fate())
		}
	}
	long := v.Blocks[f.height-1].Time > due.Plus(30)
	if s.Terms.Hold > 0 && long && !settled && c.Gone == 0 {
		broken("packet %s: share %d, held until %s, never settled", s.ID.Short(), c.Number, due)
	}
}

func checkPackets(v *view, broken func(string, ...any)) {
	v.judgeDeeds("P", broken)
	for _, f := range v.finals {
		for id, s := range v.lives.All() {
			if p := f.packets[id]; p == nil {
				broken("node %d: packet %s is not there", f.node+1, id.Short())
			} else {
				v.judgePacket(f, s, p, broken)
			}
		}
	}
}

// judgePacket follows the money through the packet's history, and through those of its
// shares where they have their own.
func (v *view) judgePacket(f *final, s *lives.Life, p *contract.Packet, broken func(string, ...any)) {
	name, large := s.ID.Short(), s.Terms.Large()
	shares := len(p.Shares)
	if large {
		shares = len(f.shares[s.ID])
	}
	if len(s.Claims) != shares || len(s.Claims) != int(p.Claimed()) || len(s.Claims) > int(s.Terms.Shares) {
		broken("packet %s: %d claims, node %d counts %d and has %d, %d at most", name, len(s.Claims), f.node+1,
			p.Claimed(), shares, s.Terms.Shares)
		return
	}
	told := follow(f, s.ID)
	closed := p.Status != contract.Open
	for _, c := range s.Claims {
		n, share := c.Number, p.ShareAt(c.Number)
		if large {
			leaf := f.shares[s.ID][n]
			share = &leaf.Share
		}
		got := told.got[n]
		switch {
		case share.Claimer != c.By:
			broken("packet %s: share %d is %s's, %s claimed it", name, n, share.Claimer.Short(), c.By.Short())
		case s.Terms.Split == contract.Lucky && c.Height < f.height && told.drawn[n] != c.Height+1:
			broken("packet %s: share %d, claimed in block %d, was drawn in %d", name, n, c.Height, told.drawn[n])
		case s.Terms.Split == contract.Lucky && c.Height == f.height:
			closed = false // its draw is still owed
		case got == 0 || got != share.Amount || s.Terms.Split == contract.ByList && got != c.Entry.Amount ||
			s.Terms.Split == contract.Equal && got != s.Terms.Total/contract.Amount(s.Terms.Shares):
			broken("packet %s: share %d got %d, its leaf says %d", name, n, got, share.Amount)
		}
	}
	if told.in != s.Terms.Total || told.in-told.out != p.Escrow || closed && p.Escrow != 0 {
		broken("packet %s, %s: %d of %d went in, %d out, %d is there", name, p.Status, told.in, s.Terms.Total, told.out,
			p.Escrow)
	}
	if large {
		judgeBatches(f, s, told, broken)
	}
	if overdue := v.Blocks[f.height-1].Time > s.Expires().Plus(30); overdue && !closed {
		broken("packet %s: expired at %s and is open", name, s.Expires())
	}
}

// flow is what histories say of a packet's money.
type flow struct {
	in, out contract.Amount // of its escrow
	got     map[uint32]contract.Amount
	drawn   map[uint32]int64 // in which block
	batches []contract.Entry // of claims or draws of a large packet
}

func follow(f *final, id contract.PacketID) *flow {
	told := &flow{got: map[uint32]contract.Amount{}, drawn: map[uint32]int64{}}
	for _, raw := range f.histories[string(contract.PacketKey(id))] {
		var e contract.Entry
		check(contract.Decode(raw, &e))
		if e.Claims != nil {
			told.out += e.Claims.Sum
			told.batches = append(told.batches, e)
		}
		if e.Posting != nil && e.Posting.To == contract.Escrow(id) {
			told.in += e.Posting.Amount
		}
		if e.Posting != nil && e.Posting.From == contract.Escrow(id) {
			told.out += e.Posting.Amount
		}
		told.share(id, &e)
	}
	for number := range f.shares[id] {
		for _, raw := range f.histories[string(contract.ShareKey(id, number))] {
			var e contract.Entry
			check(contract.Decode(raw, &e))
			told.share(id, &e)
		}
	}
	return told
}

// share takes in what an entry says of one share.
func (t *flow) share(id contract.PacketID, e *contract.Entry) {
	if e.Kind == contract.KindDraw {
		t.drawn[e.Share] = e.Height
	}
	if e.Posting != nil && e.Posting.From == contract.Escrow(id) && e.Share > 0 {
		t.got[e.Share] += e.Posting.Amount
	}
}

// judgeBatches counts the claims and draws of each block once more.
func judgeBatches(f *final, s *lives.Life, told *flow, broken func(string, ...any)) {
	type batch struct {
		height int64
		draws  bool
	}
	want, has, parts := map[batch]contract.ClaimBatch{}, map[batch]contract.ClaimBatch{}, map[batch]int{}
	add := func(at batch, c lives.Claim, amount contract.Amount) {
		b := want[at]
		b.Add(c.Number, c.By, amount)
		want[at] = b
	}
	for _, c := range s.Claims {
		if s.Terms.Split != contract.Lucky {
			add(batch{c.Height, false}, c, told.got[c.Number])
			continue
		}
		add(batch{c.Height, false}, c, 0)
		if c.Height < f.height {
			add(batch{c.Height + 1, true}, c, told.got[c.Number])
		}
	}
	for _, e := range told.batches {
		at := batch{e.Height, e.Kind == contract.KindDraw}
		b := has[at]
		b.Count, b.Sum, b.Digest = b.Count+e.Claims.Count, b.Sum+e.Claims.Sum, e.Claims.Digest
		has[at] = b
		parts[at]++
	}
	if len(has) != len(want) {
		broken("packet %s: was claimed or drawn in %d blocks, its history says %d", s.ID.Short(), len(want), len(has))
	}
	for at, w := range want {
		b := has[at]
		if parts[at] > 1 {
			b.Digest = w.Digest // each part has its own
		}
		if b != w {
			broken("packet %s: block %d has %d claims or draws of %d fen (%s), its history says %d of %d (%s)",
				s.ID.Short(), at.height, w.Count, w.Sum, w.Digest, b.Count, b.Sum, b.Digest)
		}
	}
}
