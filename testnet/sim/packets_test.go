package sim

import (
	"encoding/hex"
	"slices"
	"strings"

	"hongbao/contract"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	check(err)
	return b
}

func hexUpper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// story is what the blocks say of one packet: txs that succeeded, and the times
// of their headers. No node's state goes into it.
type story struct {
	id       contract.PacketID
	sender   contract.Address
	terms    contract.Terms
	created  contract.Time
	inForce  []contract.Clause
	claims   []claimed
	recalled contract.Time // of the rest; 0: never
	charged  bool
}

type claimed struct {
	number uint32             // of the share
	entry  contract.ListEntry // that it is for, where the split is by list
	by     contract.Address
	at     contract.Time
	height int64
	gone   string // how the share ended, if others or the claimer ended it
}

// share is the one of this number; nil while it is not claimed.
func (s *story) share(number uint32) *claimed {
	for i := range s.claims {
		if s.claims[i].number == number {
			return &s.claims[i]
		}
	}
	return nil
}

func (s *story) expires() contract.Time { return s.created.Plus(s.terms.Expiry) }

// tell walks through all blocks, and hands each tx to visit before the stories
// take it up. failed ones too.
func (v *view) tell(visit func(b *block, x item, s *story)) map[contract.PacketID]*story {
	all := map[contract.PacketID]*story{}
	for i, items := range v.items {
		b := &v.Blocks[i]
		for _, x := range items {
			if x.tx == nil {
				continue
			}
			id, share := contract.PacketOf(x.tx.Message)
			s := all[id]
			visit(b, x, s)
			if x.code != contract.CodeOK {
				continue
			}
			switch m := x.tx.Message.(type) {
			case *contract.Send:
				id = contract.NewPacketID(v.doc.ChainID, x.tx.Account, x.tx.Nonce)
				all[id] = &story{id: id, sender: x.tx.Account, terms: m.Terms, created: b.Time,
					inForce: m.Terms.Clauses}
				continue
			case *contract.Tighten:
				if s != nil {
					s.inForce = m.Clauses
				}
			case *contract.Claim:
				if s != nil {
					c := claimed{number: uint32(len(s.claims) + 1), by: x.tx.Account, at: b.Time, height: b.Height}
					if m.Listing != nil {
						c.entry, c.number = m.Listing.Entry, m.Listing.Entry.Index
					}
					s.claims = append(s.claims, c)
				}
			case *contract.Recall:
				if s != nil && share == 0 {
					s.recalled = b.Time
				}
			}
			if s == nil || share == 0 || s.share(share) == nil {
				continue
			}
			switch m := x.tx.Message.(type) {
			case *contract.Recall:
				s.share(share).gone = "recalled"
			case *contract.Return:
				s.share(share).gone = "returned"
			case *contract.Answer:
				if m.Accept {
					s.share(share).gone = "returned"
				}
			}
		}
	}
	return all
}

func checkRules(v *view, broken func(string, ...any)) {
	params := v.genesis.Params
	refill := contract.Time(params.RecallWindow) * 1e9 / contract.Time(params.RecallBudget)
	full := map[contract.Address]contract.Time{} // when each sender's budget will be whole again
	stories := v.tell(func(b *block, x item, s *story) {
		account, now := x.tx.Account, b.Time
		if send, is := x.tx.Message.(*contract.Send); is {
			spent := full[account]-now > refill*contract.Time(params.RecallBudget-1)
			switch {
			case x.code == contract.CodeOK && spent && len(send.Terms.Clauses) > 0:
				broken("block %d: %s sends a packet with clauses beyond its recall budget", b.Height, account.Short())
			case x.code == contract.CodeRecallBudget && !spent:
				broken("block %d: %s is refused for a recall budget that it has", b.Height, account.Short())
			}
			return
		}
		if s == nil || x.code != contract.CodeOK {
			if s == nil && x.code == contract.CodeOK && !isPay(x.tx.Message) {
				broken("block %d: a tx about no packet succeeds", b.Height)
			}
			return
		}
		switch m := x.tx.Message.(type) {
		case *contract.Claim:
			s.judgeClaim(v, b, account, m, broken)
		case *contract.Recall:
			s.judgeRecall(b, account, m, broken)
			if !s.charged {
				s.charged = true
				full[s.sender] = min(max(now, full[s.sender])+refill, now+refill*contract.Time(params.RecallBudget))
			}
		case *contract.Tighten:
			if account != s.sender {
				broken("block %d: packet %s is tightened by another than its sender", b.Height, s.id.Short())
			}
		}
	})
	v.checkDue(stories, broken)
}

func isPay(m contract.Message) bool { _, is := m.(*contract.Pay); return is }

func (s *story) judgeClaim(v *view, b *block, by contract.Address, m *contract.Claim, broken func(string, ...any)) {
	facts := contract.Facts{Now: b.Time, Start: s.created, Untouched: len(s.claims) == 0, Sender: s.sender, Claimer: by}
	key := s.terms.LinkKey
	if m.Listing != nil && m.Listing.Entry.Kind == contract.WhoLink {
		key = &m.Listing.Entry.Who
	}
	if m.Link != nil && key != nil {
		digest := contract.LinkDigest(v.doc.ChainID, s.id, by)
		facts.Link = contract.Schnorr{}.Verify(*key, digest, *m.Link)
	}
	if root := contract.ListIn(s.terms.Claim.Cond); m.Listing != nil && root != nil {
		e := m.Listing.Entry
		facts.Listed = m.Listing.Check(*root, s.terms.Shares, s.terms.Total) == nil &&
			(e.Kind == contract.WhoLink && facts.Link || e.Kind == contract.WhoAddress && contract.Address(e.Who) == by)
	}
	switch {
	case m.Listing != nil && contract.ListIn(s.terms.Claim.Cond) == nil:
		broken("block %d: packet %s, which is by no list, is claimed by an entry", b.Height, s.id.Short())
	case m.Listing != nil && s.share(m.Listing.Entry.Index) != nil:
		broken("block %d: entry %d of packet %s is claimed twice", b.Height, m.Listing.Entry.Index, s.id.Short())
	case b.Time >= s.expires():
		broken("block %d, of %s: packet %s, which expired at %s, is claimed", b.Height, b.Time, s.id.Short(),
			s.expires())
	case s.recalled > 0:
		broken("block %d: packet %s is claimed after its recall", b.Height, s.id.Short())
	case contract.Unmet(s.terms.Claim.Cond, facts) != nil:
		broken("block %d: packet %s is claimed against its rule", b.Height, s.id.Short())
	case m.TermsHash != s.terms.Hash(v.doc.ChainID):
		broken("block %d: packet %s is claimed under other terms", b.Height, s.id.Short())
	}
}

func (s *story) judgeRecall(b *block, by contract.Address, m *contract.Recall, broken func(string, ...any)) {
	if m.Clause == 0 || int(m.Clause) > len(s.inForce) {
		broken("block %d: packet %s is recalled under clause %d of %d", b.Height, s.id.Short(), m.Clause,
			len(s.inForce))
		return
	}
	clause := s.inForce[m.Clause-1]
	facts := contract.Facts{Now: b.Time, Start: s.created, Untouched: len(s.claims) == 0, Sender: s.sender,
		Signers: []contract.Address{by}}
	for _, c := range m.Consents {
		facts.Signers = append(facts.Signers, c.Account)
	}
	if m.Share > 0 {
		c := s.share(m.Share)
		if c == nil {
			broken("block %d: share %d of packet %s, which is not claimed, is recalled", b.Height, m.Share,
				s.id.Short())
			return
		}
		facts.Start = c.at
		if b.Time >= c.at.Plus(s.terms.Hold) || c.gone != "" {
			broken("block %d: share %d of packet %s, settled or %s, is recalled", b.Height, m.Share, s.id.Short(),
				c.gone)
		}
	} else if b.Time >= s.expires() || s.recalled > 0 {
		broken("block %d: packet %s is recalled when it is closed", b.Height, s.id.Short())
	}
	if (clause.Target == contract.Rest) != (m.Share == 0) || !clause.Allows(m.Reason) ||
		contract.Unmet(clause.When.Cond, facts) != nil {
		broken("block %d, of %s: packet %s of %s is recalled outside %q", b.Height, b.Time, s.id.Short(), s.created,
			clause)
	}
}

// checkDue looks at what happens by itself: refunds and settlements.
func (v *view) checkDue(stories map[contract.PacketID]*story, broken func(string, ...any)) {
	for _, f := range v.finals {
		for id := range f.packets {
			s := stories[id]
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
				if e.Kind == contract.KindRefund && e.Time < s.expires() {
					broken("packet %s: refunded at %s, it expires at %s", id.Short(), e.Time, s.expires())
				}
			}
			for _, c := range s.claims {
				v.checkSettled(f, s, c, broken)
			}
		}
	}
}

// checkSettled looks when a held share became its claimer's.
func (v *view) checkSettled(f *final, s *story, c claimed, broken func(string, ...any)) {
	due, settled := c.at.Plus(s.terms.Hold), false
	for _, raw := range f.histories[string(contract.AccountKey(c.by))] {
		var e contract.Entry
		check(contract.Decode(raw, &e))
		if e.Kind != contract.KindSettle || e.Packet == nil || *e.Packet != s.id || e.Share != c.number {
			continue
		}
		settled = true
		if e.Time < due || c.gone == "recalled" {
			broken("packet %s: share %d settled at %s, it was %s and held until %s", s.id.Short(), c.number, e.Time,
				c.gone, due)
		}
	}
	long := v.Blocks[f.height-1].Time > due.Plus(30)
	if s.terms.Hold > 0 && long && !settled && c.gone == "" {
		broken("packet %s: share %d, held until %s, never settled", s.id.Short(), c.number, due)
	}
}

func checkPackets(v *view, broken func(string, ...any)) {
	stories := v.tell(func(*block, item, *story) {})
	for _, f := range v.finals {
		for id, s := range stories {
			if p := f.packets[id]; p == nil {
				broken("node %d: packet %s is not there", f.node+1, id.Short())
			} else {
				s.judgePacket(v, f, p, broken)
			}
		}
	}
}

// judgePacket follows the money through the packet's history, and through those of its
// shares where they have their own.
func (s *story) judgePacket(v *view, f *final, p *contract.Packet, broken func(string, ...any)) {
	name, large := s.id.Short(), s.terms.Large()
	var by []contract.Address
	for _, c := range s.claims {
		if slices.Contains(by, c.by) && s.terms.Split != contract.ByList {
			broken("packet %s: %s has two shares", name, c.by.Short())
		}
		by = append(by, c.by)
	}
	shares := len(p.Shares)
	if large {
		shares = len(f.shares[s.id])
	}
	if len(s.claims) != shares || len(s.claims) != int(p.Claimed()) || len(s.claims) > int(s.terms.Shares) {
		broken("packet %s: %d claims, node %d counts %d and has %d, %d at most", name, len(s.claims), f.node+1,
			p.Claimed(), shares, s.terms.Shares)
		return
	}
	told := s.follow(f)
	closed := p.Status != contract.Open
	for _, c := range s.claims {
		n, share := c.number, p.ShareAt(c.number)
		if large {
			leaf := f.shares[s.id][n]
			share = &leaf.Share
		}
		got := told.got[n]
		switch {
		case share.Claimer != c.by:
			broken("packet %s: share %d is %s's, %s claimed it", name, n, share.Claimer.Short(), c.by.Short())
		case s.terms.Split == contract.Lucky && c.height < f.height && told.drawn[n] != c.height+1:
			broken("packet %s: share %d, claimed in block %d, was drawn in %d", name, n, c.height, told.drawn[n])
		case s.terms.Split == contract.Lucky && c.height == f.height:
			closed = false // its draw is still owed
		case got == 0 || got != share.Amount || s.terms.Split == contract.ByList && got != c.entry.Amount ||
			s.terms.Split == contract.Equal && got != s.terms.Total/contract.Amount(s.terms.Shares):
			broken("packet %s: share %d got %d, its leaf says %d", name, n, got, share.Amount)
		}
	}
	if told.in != s.terms.Total || told.in-told.out != p.Escrow || closed && p.Escrow != 0 {
		broken("packet %s, %s: %d of %d went in, %d out, %d is there", name, p.Status, told.in, s.terms.Total, told.out,
			p.Escrow)
	}
	if large {
		s.judgeBatches(f, told, broken)
	}
	if overdue := v.Blocks[f.height-1].Time > s.expires().Plus(30); overdue && !closed {
		broken("packet %s: expired at %s and is open", name, s.expires())
	}
}

// flow is what histories say of a packet's money.
type flow struct {
	in, out contract.Amount // of its escrow
	got     map[uint32]contract.Amount
	drawn   map[uint32]int64 // in which block
	batches []contract.Entry // of claims or draws of a large packet
}

func (s *story) follow(f *final) *flow {
	told := &flow{got: map[uint32]contract.Amount{}, drawn: map[uint32]int64{}}
	for _, raw := range f.histories[string(contract.PacketKey(s.id))] {
		var e contract.Entry
		check(contract.Decode(raw, &e))
		if e.Claims != nil {
			told.out += e.Claims.Sum
			told.batches = append(told.batches, e)
		}
		if e.Posting != nil && e.Posting.To == contract.Escrow(s.id) {
			told.in += e.Posting.Amount
		}
		if e.Posting != nil && e.Posting.From == contract.Escrow(s.id) {
			told.out += e.Posting.Amount
		}
		told.share(s.id, &e)
	}
	for number := range f.shares[s.id] {
		for _, raw := range f.histories[string(contract.ShareKey(s.id, number))] {
			var e contract.Entry
			check(contract.Decode(raw, &e))
			told.share(s.id, &e)
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
func (s *story) judgeBatches(f *final, told *flow, broken func(string, ...any)) {
	type batch struct {
		height int64
		draws  bool
	}
	want, has, parts := map[batch]contract.ClaimBatch{}, map[batch]contract.ClaimBatch{}, map[batch]int{}
	add := func(at batch, c claimed, amount contract.Amount) {
		b := want[at]
		b.Add(c.number, c.by, amount)
		want[at] = b
	}
	for _, c := range s.claims {
		if s.terms.Split != contract.Lucky {
			add(batch{c.height, false}, c, told.got[c.number])
			continue
		}
		add(batch{c.height, false}, c, 0)
		if c.height < f.height {
			add(batch{c.height + 1, true}, c, told.got[c.number])
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
		broken("packet %s: was claimed or drawn in %d blocks, its history says %d", s.id.Short(), len(want), len(has))
	}
	for at, w := range want {
		b := has[at]
		if parts[at] > 1 {
			b.Digest = w.Digest // each part has its own
		}
		if b != w {
			broken("packet %s: block %d has %d claims or draws of %d fen (%s), its history says %d of %d (%s)",
				s.id.Short(), at.height, w.Count, w.Sum, w.Digest, b.Count, b.Sum, b.Digest)
		}
	}
}
