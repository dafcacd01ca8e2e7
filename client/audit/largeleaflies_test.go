package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"hongbao/contract"
)

// What validators could say of a large packet's leaves, and of a list, and must not be
// believed.

// largeLeafLies are about the packet's leaf: of a life, which makes it anew, and of an
// entry that was not claimed, whose leaf stands for itself.
var largeLeafLies = []campaignLie{
	{"counts of claims", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		was := *p.Tally
		switch r.IntN(3) {
		case 0:
			p.Tally.Claimed = uint32(r.other(uint64(was.Claimed)))
		case 1:
			p.Tally.Undrawn = uint32(r.other(uint64(was.Undrawn)))
		case 2:
			p.Tally.LastClaim = contract.Time(r.other(uint64(was.LastClaim)))
		}
		if d.listing == nil {
			return *p.Tally != was
		}
		return p.Tally.Claimed > p.Terms.Shares || p.Tally.Undrawn > 0 ||
			(p.Tally.LastClaim == 0) != (p.Tally.Claimed == 0) ||
			p.Tally.Claimed > 0 && (p.Tally.LastClaim < p.Created || p.Tally.LastClaim >= p.Expires)
	})},
	{"what is in escrow", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		was := p.Escrow
		p.Escrow = r.amount(was)
		left := contract.Amount(p.Terms.Shares - p.Tally.Claimed)
		if d.listing != nil && p.Status == contract.Open {
			return p.Escrow < left || p.Escrow > p.Terms.Total
		}
		return p.Escrow != was
	})},
	{"another status, or when", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		status, closed := p.Status, p.Closed
		if r.IntN(2) == 0 {
			p.Status = contract.Status(r.IntN(6))
			return p.Status != status && (d.listing == nil || p.Status > 4 || p.Status == contract.Full ||
				(p.Status == contract.Open) != (p.Closed == 0) || p.Status == 0)
		}
		p.Closed = contract.Time(r.other(uint64(closed)))
		if d.listing != nil { // out of what that status allows
			p.Closed = p.Created - 1 - contract.Time(r.Uint32())
			if r.IntN(2) == 0 {
				p.Closed = p.Expires.Plus(contract.MaxDuration) + contract.Time(r.Uint32())
			}
		}
		return p.Closed != closed
	})},
	{"other times, or another send", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		switch r.IntN(4) {
		case 0:
			p.Created = r.far(p.Created)
		case 1:
			p.Expires += contract.Time(1 + r.Uint32())
		case 2:
			p.SendTx = r.hash()
		case 3:
			p.Sender = address("mallory")
		}
		return true
	})},
	{"other terms than the sender signed", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		switch r.IntN(5) {
		case 0:
			p.Terms.Total += contract.Amount(1 + r.Uint64N(500))
		case 1:
			p.Terms.Shares += 1 + r.Uint32N(500)
		case 2:
			p.Terms.Hold += contract.Seconds(1 + r.Uint32N(500))
		case 3:
			p.Terms.Claim.Cond = contract.Listed{Root: r.hash()}
			p.Terms.Split = contract.ByList
		case 4:
			p.Terms.Expiry -= contract.Seconds(1 + r.Uint32N(500))
			p.Expires = p.Created.Plus(p.Terms.Expiry)
		}
		return true
	})},
	{"clauses that no tightening made", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		looser := terms(1, 1, []string{"rest when sender", "share when sender", "rest when any(sender,key(" +
			address("mallory").String() + "))"}[r.IntN(3)]).Clauses
		if d.listing == nil {
			looser = nil // renounced
		}
		at := p.Created.Plus(contract.Seconds(r.IntN(2)))
		p.Tightened = append(p.Tightened, contract.Tightening{At: at, Clauses: looser})
		p.History.Count++
		return d.listing == nil || len(looser) > 0 && !strings.HasPrefix(looser[0].String(), "rest when sender")
	})},
	{"a share recalled against the terms", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		if p.Terms.Hold > 0 {
			return false
		}
		p.Tally.Recalled = true
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	})},
	{"shares in the leaf of a large packet", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		amount := contract.Amount(1 + r.Uint64N(100))
		p.Shares = append(p.Shares, contract.Share{Claimer: address("mallory"), Amount: amount, State: contract.Settled,
			ClaimedAt: p.Created})
		return true
	})},
	{"no tally", ofPacket(func(d *draft, r liar, p *contract.Packet) bool {
		p.Tally = nil
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	})},
}

func ofPacket(make func(d *draft, r liar, p *contract.Packet) bool) func(*draft, liar) bool {
	return func(d *draft, r liar) bool { return d.packet() != nil && make(d, r, d.packet()) }
}

// largeShareLies are about a share's leaf, and what was signed for it.
var largeShareLies = []campaignLie{
	{"a share's amount", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		was := s.Share.Amount
		s.Share.Amount = r.amount(was)
		if d.splitOf() == contract.Lucky { // the amount is the validators' word
			return s.Share.Amount > 88800
		}
		return s.Share.Amount != was
	})},
	{"a share's claimer", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		was := s.Share.Claimer
		s.Share.Claimer = contract.Address(r.hash())
		if r.IntN(2) == 0 {
			s.Share.Claimer = address([]string{"mallory", "alice", "bob", "carol", "dave", "erin"}[r.IntN(6)])
		}
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return s.Share.Claimer != was
	})},
	{"a share's number", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		v := &verifier{file: &d.file}
		must(d.t, v.readSubject())
		n := 1 + r.Uint32N(contract.MaxListed)
		if d.list == nil {
			n = max(n, 121) // which of the campaign's is the validators' word
		}
		d.key = contract.ShareKey(v.id, n)
		d.file.Subject = fmt.Sprintf("%s/%d", v.id, n)
		return n != v.share
	})},
	{"a share's state", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		switch lucky, held := d.splitOf() == contract.Lucky, d.holdOf() > 0; r.IntN(4) {
		case 0:
			s.Share.State = []contract.ShareState{0, contract.ShareState(6 + r.IntN(200))}[r.IntN(2)]
		case 1:
			s.Share.State, s.Share.Amount = contract.Reserved, 0
			return !lucky
		case 2:
			s.Share.State = []contract.ShareState{contract.Held, contract.ShareRecalled}[r.IntN(2)]
			return !held
		case 3:
			s.Share.State = contract.Settled
			return held && d.at.Before(s.Settles.Std())
		}
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	})},
	{"when a share was claimed", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		was := s.Share.ClaimedAt
		s.Share.ClaimedAt = r.far(was)
		s.Settles = s.Share.ClaimedAt.Plus(d.holdOf())
		return true
	})},
	{"when a share settles, or the packet was sent", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		switch r.IntN(3) {
		case 0:
			s.Settles = contract.Time(r.other(uint64(s.Settles)))
		case 1:
			s.Created = r.far(s.Created)
		case 2:
			s.SendTx = r.hash()
		}
		return true
	})},
	{"a question that cannot be", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		a := &contract.Asked{State: contract.AskState(1 + r.IntN(4)), At: s.Settles, Reason: "AC03"}
		switch r.IntN(4) {
		case 0:
			s.Share.State, s.Share.Asked = contract.Settled, a
			a.At = s.Settles - 1 - contract.Time(r.Uint32())
		case 1:
			s.Share.Asked, a.Reason = a, contract.Reason(fmt.Sprint("why", r.Uint32()))
		case 2:
			a.State = contract.AskState(5 + r.IntN(200))
			s.Share.Asked = a
		case 3:
			a.At = contract.TimeOf(d.at).Plus(contract.Seconds(1 + r.IntN(1e6)))
			s.Share.Asked = a
		}
		return true
	})},
	{"an entry that is not the claimer's", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		if d.list == nil {
			return false
		}
		tx, err := contract.DecodeTx(d.txs[1])
		must(d.t, err)
		m := *tx.Message.(*contract.Claim)
		l := *m.Listing
		l.Path = slices.Clone(l.Path)
		m.Listing = &l
		if desc := r.spoil(&l, d.list); desc == "" {
			return false
		}
		s.Share.Claimer = address("mallory")
		s.Share.Amount = l.Entry.Amount
		if r.IntN(3) == 0 && l.Entry.Kind == contract.WhoLink {
			linkBy("mallory", "mallory")(&m)
		}
		d.txs[1] = d.sign("mallory", &contract.Entry{Time: s.Share.ClaimedAt}, &m)
		return true
	})},
	{"a claim of an entry by who is not on the list", ofShare(func(d *draft, r liar, s *contract.ShareLeaf) bool {
		tx, err := contract.DecodeTx(d.txs[1])
		must(d.t, err)
		if d.list == nil {
			return false
		}
		m := *tx.Message.(*contract.Claim)
		if n := d.otherEntry(r); r.IntN(2) == 0 { // which has another number
			m.Listing = d.list.listing(n)
		}
		s.Share.Claimer, s.Share.Amount = address("mallory"), m.Listing.Entry.Amount
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		d.txs[1] = d.sign("mallory", &contract.Entry{Time: s.Share.ClaimedAt}, &m)
		return true
	})},
}

func ofShare(make func(d *draft, r liar, s *contract.ShareLeaf) bool) func(*draft, liar) bool {
	return func(d *draft, r liar) bool { return d.share() != nil && make(d, r, d.share()) }
}

func (d *draft) sent() *contract.Terms {
	tx, err := contract.DecodeTx(d.txs[0])
	must(d.t, err)
	return &tx.Message.(*contract.Send).Terms
}

func (d *draft) splitOf() contract.Split  { return d.sent().Split }
func (d *draft) holdOf() contract.Seconds { return d.sent().Hold }

// otherEntry is the number of an entry that is not the subject's.
func (d *draft) otherEntry(r liar) int {
	v := &verifier{file: &d.file}
	must(d.t, v.readSubject())
	return 1 + (int(v.share)+r.IntN(len(d.list.entries)-1))%len(d.list.entries)
}

// spoil changes an entry or its path, and says how; empty: this time not.
func (r liar) spoil(l *contract.Listing, list *listed) string {
	at := func() *contract.Subtree { return &l.Path[r.IntN(len(l.Path))] }
	before := contract.Encode(l)
	desc := ""
	switch r.IntN(10) {
	case 0:
		desc, l.Entry.Amount = "amount", r.amount(l.Entry.Amount)
	case 1:
		desc, l.Entry.Who = "who", address("mallory")
	case 2:
		desc, l.Entry.Kind = "kind", contract.WhoKind(r.IntN(256))
	case 3:
		desc, l.Entry.Index = "index", uint32(r.other(uint64(l.Entry.Index)))
	case 4:
		desc = "a sibling's hash"
		at().Hash = r.hash()
	case 5:
		desc = "a sibling's sum"
		s := at()
		s.Sum = r.amount(s.Sum)
	case 6:
		desc = "siblings in each other's place"
		i, j := r.IntN(len(l.Path)), r.IntN(len(l.Path))
		l.Path[i], l.Path[j] = l.Path[j], l.Path[i]
	case 7:
		desc, l.Path = "a shorter path", l.Path[:r.IntN(len(l.Path))]
	case 8:
		desc = "a longer path"
		l.Path = slices.Insert(l.Path, r.IntN(len(l.Path)+1), contract.Subtree{Hash: r.hash(),
			Sum: contract.Amount(r.Uint64N(1000))})
	case 9:
		desc = "the path of another entry"
		l.Path = list.Path(1 + r.Uint32N(uint32(len(list.entries))))
	}
	if bytes.Equal(before, contract.Encode(l)) {
		return ""
	}
	return desc
}

// swapList has the entry be of another list, which names a stranger at its place.
func (d *draft) swapList(r liar) *listed {
	names := slices.Clone(staff)
	names[d.listing.Entry.Index-1] = fmt.Sprint("stranger ", r.Uint32())
	other := listOf(d.t, names...)
	d.listing = other.listing(int(d.listing.Entry.Index))
	return other
}

// listingLies are about the entry that was not claimed.
var listingLies = []campaignLie{
	{"another entry, or path", func(d *draft, r liar) bool {
		return d.listing != nil && r.spoil(d.listing, d.list) != ""
	}},
	{"an entry of another list", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		d.swapList(r)
		return true
	}},
	{"an entry of another list, which stands in the leaf", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		d.packet().Terms.Claim.Cond = contract.Listed{Root: d.swapList(r).Root()}
		return true
	}},
	{"an entry of another list, in a packet of another id", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		t := d.swapList(r).terms()
		d.packet().Terms = t
		d.txs[0] = d.sign([]string{"mallory", "alice"}[r.IntN(2)], &contract.Entry{Time: d.packet().Created},
			&contract.Send{Terms: t})
		d.packet().SendTx = contract.TxHash(d.txs[0])
		return true // its nonce makes another packet
	}},
}

// absenceLies are about an entry that was claimed.
var absenceLies = []campaignLie{
	{"a claimed entry, between the leaves beside its share's", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		n := []uint32{1, 4}[r.IntN(2)]
		d.retell(n)
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	}},
	{"a claimed entry, by the absence of another", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		n := []uint32{1, 4}[r.IntN(2)]
		other := d.absence
		d.retell(n)
		d.absence = other
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	}},
	{"an entry of a full packet", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		p := d.packet()
		p.Status, p.Tally.Claimed, p.Escrow = contract.Full, p.Terms.Shares, 0
		p.Tally.LastClaim = p.Created.Plus(contract.Seconds(1 + r.IntN(100)))
		p.Closed = p.Tally.LastClaim
		return true
	}},
	{"the share's leaf of another packet is absent", func(d *draft, r liar) bool {
		if d.listing == nil {
			return false
		}
		d.absence = contract.ShareKey(contract.PacketID(r.hash()), d.listing.Entry.Index)
		return true
	}},
}

// retell makes the draft one of another entry.
func (d *draft) retell(n uint32) {
	id := d.packet().ID
	d.file.Subject, d.listing, d.absence = subject(id, n), d.list.listing(int(n)), contract.ShareKey(id, n)
}

// fileLies are those of who has no validator.
var fileLies = []campaignLie{
	{"a transaction left out, twice or of another", func(d *draft, r liar) bool {
		i := r.IntN(len(d.txs))
		switch r.IntN(3) {
		case 0:
			d.txs = slices.Delete(d.txs, i, i+1)
		case 1:
			d.txs = slices.Insert(d.txs, i, d.txs[i])
		case 2:
			d.txs[i] = d.sign("mallory", &contract.Entry{Time: contract.TimeOf(d.at)},
				&contract.Pay{To: address("bob"), Amount: contract.Amount(1 + r.Uint32())})
		}
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return true
	}},
	{"a transaction's signature, or a byte of it", func(d *draft, r liar) bool {
		i := r.IntN(len(d.txs))
		b := bytes.Clone(d.txs[i])
		b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
		d.txs[i] = b
		return true
	}},
	{"entries that name their packet, as the chain has them", func(d *draft, r liar) bool {
		d.named = 1 + r.IntN(max(1, len(d.entries)))
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return len(d.entries) > 0
	}},
	{"another kind", func(d *draft, r liar) bool {
		was := d.file.Kind
		d.file.Kind = kinds[r.IntN(len(kinds))]
		d.at = d.at.Add(time.Duration(r.Uint32N(1e9)))
		return d.file.Kind != was
	}},
	{"another packet", func(d *draft, r liar) bool {
		v := &verifier{file: &d.file}
		must(d.t, v.readSubject())
		other := contract.PacketID(r.hash())
		d.file.Subject = strings.Replace(d.file.Subject, v.id.String(), other.String(), 1)
		d.key = bytes.Replace(d.key, v.id[:], other[:], 1)
		if d.absence != nil {
			d.absence = bytes.Replace(d.absence, v.id[:], other[:], 1)
		}
		return true
	}},
}
