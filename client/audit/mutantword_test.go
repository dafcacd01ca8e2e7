package audit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"hongbao/contract"
)

// What the validators' word alone decides in a file that all of them signed:
// the truth that the lawless mutants are held against.

// isWord reports whether an accepted file that all validators signed says
// nothing else than the vector but what is theirs to say.
func isWord(s *sample, mutant []byte) bool {
	var f File
	if json.Unmarshal(mutant, &f) != nil {
		return false
	}
	m := &sample{bytes: mutant, file: &f, world: s.world}
	if f.Kind != s.file.Kind || f.Subject != s.file.Subject || !reflect.DeepEqual(f.Txs, s.file.Txs) ||
		!reflect.DeepEqual(f.Beacons, s.file.Beacons) {
		return false
	}
	was, is := s.readLeaf(), m.readLeaf()
	switch f.Kind {
	case KindSupply:
		sum := is.(*contract.Supply)
		return sum.Wallets+sum.Escrow+sum.Held == sum.Total && max(sum.Wallets, sum.Escrow, sum.Held) <= sum.Total
	case KindAccount:
		return sameMoney(s, m)
	case KindLargeShare:
		a, b := was.(*contract.ShareLeaf), is.(*contract.ShareLeaf)
		send, err := contract.DecodeTx(f.Txs[0])
		drawn := err == nil && send.Message.(*contract.Send).Terms.Split == contract.Lucky
		return a.SendTx == b.SendTx && a.Share.Claimer == b.Share.Claimer &&
			(drawn || a.Share.Amount == b.Share.Amount) &&
			m.inTime(0, b.Created) && m.inTime(1, b.Share.ClaimedAt)
	case KindUnrecalled:
		p := is.(*contract.Packet)
		return p.Status != contract.Recalled &&
			!slices.ContainsFunc(p.Shares, func(s contract.Share) bool { return s.State == contract.ShareRecalled })
	}
	a, b := was.(*contract.Packet), is.(*contract.Packet)
	if a.Sender != b.Sender || a.SendTx != b.SendTx ||
		!bytes.Equal(contract.Encode(&a.Terms), contract.Encode(&b.Terms)) {
		return false
	}
	switch f.Kind {
	case KindLargePacket:
		return sameLargeLife(a, b, s.events(), m.events())
	case KindUnclaimed: // the packet's standing, and that there is no leaf
		return bytes.Equal(f.Listing, s.file.Listing) && b.Status != contract.Full
	case KindPacket:
		return sameButWhen(a, b, s.events(), m.events()) && fits(b, m.events())
	case KindShare:
		return sameClaim(s, a, b) && m.inTime(1, b.Shares[s.shareNumber()-1].ClaimedAt)
	}
	if n := s.shareNumber(); n > 0 && (!sameClaim(s, a, b) || b.Shares[n-1].State != contract.ShareRecalled) {
		return false
	}
	return sameRecall(s.events(), m.events())
}

// sameRecall compares a recall's own entries, and which of the entries shown are
// tightenings. When things were, and what else there was in escrow or in the
// history, is the validators' word.
func sameRecall(a, b []contract.Entry) bool {
	shown := func(list []contract.Entry) (own []contract.Entry) {
		for _, e := range list {
			e.Seq = 0
			switch {
			case e.Kind == contract.KindRecall && (e.Share != 0 || e.Posting == nil):
				e.Balance = 0
				own = append(own, e)
			case e.Kind == contract.KindRecall:
				own = append(own, e)
			case e.Kind == contract.KindTighten:
				own = append(own, contract.Entry{Kind: e.Kind})
			}
		}
		return own
	}
	return sameEvents(shown(a), shown(b))
}

func (s *sample) events() []contract.Entry { return decode(s.world.t, s.file.Entries) }

func (s *sample) shareNumber() int {
	_, n, _ := strings.Cut(s.file.Subject, "/")
	share, _ := strconv.Atoi(n)
	return share
}

// inTime reports whether tx i might execute at that time.
func (s *sample) inTime(i int, at contract.Time) bool {
	tx, err := contract.DecodeTx(s.file.Txs[i])
	return err == nil && at < tx.ValidUntil && tx.ValidUntil-at <= 600e9
}

// sameClaim compares what sender and claimer signed of the share.
func sameClaim(s *sample, a, b *contract.Packet) bool {
	n := s.shareNumber()
	if len(b.Shares) < n || a.Shares[n-1].Claimer != b.Shares[n-1].Claimer {
		return false
	}
	return a.Terms.Split == contract.Lucky || a.Shares[n-1].Amount == b.Shares[n-1].Amount
}

// sameEvents compares entries but for when they were.
func sameEvents(a, b []contract.Entry) bool {
	timeless := func(list []contract.Entry) []byte {
		list = slices.Clone(list)
		for i := range list {
			list[i].Height, list[i].Time, list[i].Index = 0, 0, 0
		}
		return contract.Encode(list)
	}
	return bytes.Equal(timeless(a), timeless(b))
}

// sameButWhen compares packets and their lives but for when things were.
func sameButWhen(a, b *contract.Packet, was, is []contract.Entry) bool {
	timeless := func(p *contract.Packet) []byte {
		t := *p
		t.Created, t.Expires, t.Closed, t.History = 0, 0, 0, contract.History{}
		t.Shares, t.Tightened = slices.Clone(t.Shares), slices.Clone(t.Tightened)
		for i := range t.Shares {
			t.Shares[i].ClaimedAt = 0
			if asked := t.Shares[i].Asked; asked != nil {
				t.Shares[i].Asked = &contract.Asked{State: asked.State, Reason: asked.Reason}
			}
		}
		for i := range t.Tightened {
			t.Tightened[i].At = 0
		}
		return contract.Encode(&t)
	}
	return bytes.Equal(timeless(a), timeless(b)) && sameEvents(was, is)
}

// sameLargeLife reports whether a large packet's life is the same but for what the
// validators count: when things were, and of each block's claims how many, how much of
// the money, and who.
func sameLargeLife(a, b *contract.Packet, was, is []contract.Entry) bool {
	named := func(entries []contract.Entry) (list []contract.Entry) {
		for _, e := range entries {
			if e.Claims == nil {
				e.Seq, e.Balance = 0, 0
				if e.Posting != nil && e.Kind != contract.KindSend {
					posting := *e.Posting
					posting.Amount, e.Posting = 0, &posting
				}
				list = append(list, e)
			}
		}
		return list
	}
	if !sameEvents(named(was), named(is)) || len(a.Tightened) != len(b.Tightened) || a.Status != b.Status ||
		b.Created != is[0].Time || b.Expires != is[0].Time+contract.Time(b.Terms.Expiry)*1e9 {
		return false
	}
	escrow, claimed, undrawn, last := b.Terms.Total, uint32(0), uint32(0), contract.Time(0)
	for _, e := range is[1:] {
		switch {
		case e.Claims != nil && e.Kind == contract.KindDraw:
			undrawn -= e.Claims.Count
		case e.Claims != nil:
			claimed, last = claimed+e.Claims.Count, e.Time
			if e.Kind == contract.KindReserve {
				undrawn += e.Claims.Count
			}
		case e.Posting != nil:
			if escrow != e.Posting.Amount {
				return false
			}
			escrow = 0
		}
		if c := e.Claims; c != nil {
			moves := c.Sum
			if e.Kind == contract.KindReserve && moves != 0 || c.Count == 0 || moves > escrow ||
				b.Terms.Split == contract.Equal && moves != contract.Amount(c.Count)*b.Terms.ShareAmount() {
				return false
			}
			escrow -= moves
		}
		if e.Balance != escrow {
			return false
		}
	}
	t := b.Tally
	return t.Claimed == claimed && t.Undrawn == undrawn && t.LastClaim == last && b.Escrow == escrow &&
		claimed <= b.Terms.Shares && (!t.Recalled || b.Terms.Hold > 0 && claimed > 0)
}

// fits reports whether a packet's times are those of its entries.
func fits(p *contract.Packet, entries []contract.Entry) bool {
	claims, tightened := 0, 0
	for _, e := range entries {
		fit := true
		switch e.Kind {
		case contract.KindSend:
			fit = p.Created == e.Time && p.Expires == e.Time+contract.Time(p.Terms.Expiry)*1e9
		case contract.KindClaim, contract.KindReserve:
			fit = p.Shares[claims].ClaimedAt == e.Time &&
				(p.Status != contract.Full || claims+1 < len(p.Shares) || p.Closed == e.Time)
			claims++
		case contract.KindRecall:
			fit = e.Share != 0 || e.Tx == nil || p.Closed == e.Time
		case contract.KindRefund:
			fit = p.Closed == e.Time && e.Time >= p.Expires
		case contract.KindSettle:
			fit = e.Time >= p.Shares[e.Share-1].ClaimedAt+contract.Time(p.Terms.Hold)*1e9
		case contract.KindAsk:
			fit = p.Shares[e.Share-1].Asked.At == e.Time
		case contract.KindTighten:
			fit = p.Tightened[tightened].At == e.Time
			tightened++
		}
		if !fit {
			return false
		}
	}
	return true
}

// sameMoney reports whether a statement adds up from nothing, or from what was
// before its part, to the leaf, and has each debit that the account itself
// signed.
func sameMoney(s, m *sample) bool {
	was, is := s.events(), m.events()
	a, _ := contract.ParseAddress(s.file.Subject)
	leaf, balance, held := m.readLeaf().(*contract.Account), int64(0), int64(0)
	for i, e := range is {
		if p := e.Posting; p != nil {
			amount := int64(p.Amount)
			for _, place := range []struct {
				contract.Place
				sign int64
			}{{p.From, -1}, {p.To, 1}} {
				switch place.Place {
				case contract.Wallet(a):
					balance += place.sign * amount
				case contract.Hold(a):
					held += place.sign * amount
				}
			}
		}
		if i == 0 && s.file.From > 0 {
			balance, held = int64(e.Balance), int64(e.Held)
		}
		if balance != int64(e.Balance) || held != int64(e.Held) || balance < 0 || held < 0 {
			return false
		}
	}
	if len(m.file.Tail) == 0 && (balance != int64(leaf.Balance) || held != int64(leaf.Held)) {
		return false
	}
	return slices.EqualFunc(debits(was, a), debits(is, a), func(x, y contract.Entry) bool {
		return *x.Posting == *y.Posting && x.Kind == y.Kind && *x.Tx == *y.Tx &&
			(x.Kind == contract.KindPay || *x.Packet == *y.Packet) &&
			(x.Kind != contract.KindReturn || x.Share == y.Share)
	})
}

func debits(entries []contract.Entry, a contract.Address) (list []contract.Entry) {
	for _, e := range entries {
		if ownDebit(&e, a) {
			list = append(list, e)
		}
	}
	return list
}
