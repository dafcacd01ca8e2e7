package contract

import "slices"

// Check refuses a packet that no chain holds at now: by the bounds of its
// terms, by what its fields say of each other, and by the order of its times.
// A reader who has a leaf and not its history asks this first: the analysis
// relies on it, and more than 2/3 of the validators could sign anything.
func (p *Packet) Check(now Time) error {
	if err := p.Terms.check(p.Sender, p.Created); err != nil {
		return err
	}
	checks := []func(Time) error{p.checkStatus, p.checkTightened, p.checkShares, p.checkMoney}
	if p.Terms.Large() != (p.Tally != nil) {
		return unlawful("with shares in leaves of their own, or not, against its terms")
	}
	if p.Tally != nil {
		checks = []func(Time) error{p.checkStatus, p.checkTightened, p.checkTally}
	}
	for _, check := range checks {
		if err := check(now); err != nil {
			return err
		}
	}
	if least := uint64(1 + len(p.Shares) + len(p.Tightened)); p.History.Count < least {
		return unlawful("a history of %d entries: it needs at least %d", p.History.Count, least)
	}
	return nil
}

func unlawful(format string, args ...any) error {
	return Errorf(CodeMalformed, "packet: "+format, args...)
}

// checkStatus holds status, closing and expiry to each other.
func (p *Packet) checkStatus(now Time) error {
	full := p.Claimed() == p.Terms.Shares
	switch {
	case p.Expires != p.Created.Plus(p.Terms.Expiry):
		return unlawful("expires at %s, not %s after %s", p.Expires, p.Terms.Expiry, p.Created)
	case p.Created > now:
		return unlawful("created at %s, and it is %s", p.Created, now)
	case p.Status < Open || p.Status > Expired || p.Claimed() > p.Terms.Shares || full != (p.Status == Full):
		return unlawful("%s with %d of %d shares claimed", p.Status, p.Claimed(), p.Terms.Shares)
	case p.Status == Open && p.Closed != 0:
		return unlawful("open, and closed at %s", p.Closed)
	case p.Status != Open && (p.Closed < p.Created || p.Closed > now),
		p.Status != Open && (p.Closed >= p.Expires) != (p.Status == Expired):
		return unlawful("%s, closed at %s", p.Status, p.Closed)
	case full && p.Closed != p.lastClaim():
		return unlawful("full, closed at %s, which is not its last claim", p.Closed)
	case p.Status == Recalled && !p.ever(Rest):
		return unlawful("recalled, but its terms have no clause on the rest")
	}
	return nil
}

// ever reports whether the terms have a clause of this target. A tightening
// brings none where there was none.
func (p *Packet) ever(t Target) bool {
	return slices.ContainsFunc(p.Terms.Clauses, func(c Clause) bool { return c.Target == t })
}

// lastClaim is when the last share was claimed; 0: none was.
func (p *Packet) lastClaim() Time {
	if p.Tally != nil {
		return p.Tally.LastClaim
	}
	if n := len(p.Shares); n > 0 {
		return p.Shares[n-1].ClaimedAt
	}
	return 0
}

// checkTally holds the counts of a large packet to its terms and its money. What
// became of a share stands in the share's own leaf.
func (p *Packet) checkTally(now Time) error {
	t, left := p.Tally, p.Terms.Shares-p.Tally.Claimed
	switch {
	case len(p.Shares) > 0:
		return unlawful("large, with %d shares in its leaf", len(p.Shares))
	case (t.Claimed == 0) != (t.LastClaim == 0):
		return unlawful("%d shares claimed, the last at %s", t.Claimed, t.LastClaim)
	case t.Claimed > 0 && (t.LastClaim < p.Created || t.LastClaim > now || t.LastClaim >= p.Expires ||
		p.Closed != 0 && t.LastClaim > p.Closed):
		return unlawful("last claimed at %s, out of order", t.LastClaim)
	case t.Undrawn > t.Claimed || t.Undrawn > 0 && p.Terms.Split != Lucky:
		return unlawful("%d of %d claimed shares undrawn", t.Undrawn, t.Claimed)
	case !p.mayHaveRecalled():
		return unlawful("a share was recalled against its terms")
	case (p.Status == Recalled || p.Status == Expired) && t.Undrawn == 0 && p.Escrow != 0:
		return unlawful("%s with %s in escrow", p.Status, p.Escrow)
	case p.Status == Open && p.Escrow < Amount(left)+Amount(t.Undrawn),
		p.Status == Full && t.Undrawn == 0 && p.Escrow != 0, p.Escrow > p.Terms.Total,
		p.Status == Open && t.Claimed == 0 && p.Escrow != p.Terms.Total,
		p.Status == Open && p.Terms.Split == Equal && p.Escrow != Amount(left)*p.Terms.ShareAmount():
		return unlawful("%s in escrow with %d shares left", p.Escrow, left)
	}
	return nil
}

// CheckShare refuses a leaf of share number that no chain holds beside the large
// packet p at now, once p passed [Packet.Check].
func (p *Packet) CheckShare(number uint32, leaf *ShareLeaf, now Time) error {
	one, s := *p, &leaf.Share
	one.Tally, one.Shares, one.beside = nil, []Share{*s}, nil
	switch {
	case p.Tally == nil || number == 0 || number > p.Terms.Shares:
		return unlawful("share %d: it has no such leaf", number)
	case p.Terms.Split != ByList && number > p.Tally.Claimed:
		return unlawful("share %d: %d were claimed", number, p.Tally.Claimed)
	case p.Tally.Claimed == 0 || s.ClaimedAt > p.Tally.LastClaim:
		return unlawful("share %d: claimed after the last claim", number)
	case leaf.Created != p.Created || leaf.SendTx != p.SendTx:
		return unlawful("share %d: of another packet", number)
	case leaf.Settles != s.ClaimedAt.Plus(p.Terms.Hold):
		return unlawful("share %d: settles at %s", number, leaf.Settles)
	case s.State == ShareRecalled && !p.Tally.Recalled:
		return unlawful("share %d: recalled, and its packet knows of none", number)
	case (s.State == Reserved) != (s.Amount == 0), s.State == Reserved && p.Terms.Split != Lucky,
		p.Terms.Split == Equal && s.Amount != p.Terms.ShareAmount(),
		s.Amount > p.Terms.Total-p.Escrow:
		return unlawful("share %d: %s is not an amount that it may have", number, s.Amount)
	}
	if leaf.History.Count == 0 {
		return unlawful("share %d: without a history", number)
	}
	return one.checkShares(now)
}

// checkShares holds each share to the order of claims and to the hold.
func (p *Packet) checkShares(now Time) error {
	earliest, reserved := p.Created, Time(0)
	for i := range p.Shares {
		s, n := &p.Shares[i], uint32(i+1)
		switch {
		case s.Claimer == p.Sender || p.ShareOf(s.Claimer) != i+1:
			return unlawful("share %d: its claimer is the sender, or has share %d", n, p.ShareOf(s.Claimer))
		case s.ClaimedAt < earliest || s.ClaimedAt > now || s.ClaimedAt >= p.Expires:
			return unlawful("share %d: claimed at %s, out of order", n, s.ClaimedAt)
		case p.Closed != 0 && s.ClaimedAt > p.Closed:
			return unlawful("share %d: claimed after the packet was closed", n)
		case s.State < Reserved || s.State > Returned:
			return unlawful("share %d: unknown state %d", n, uint8(s.State))
		case p.Terms.Hold == 0 && (s.State == Held || s.State == ShareRecalled):
			return unlawful("share %d: %s, but the terms hold no share", n, s.State)
		case s.State == ShareRecalled && !p.ever(HeldShares):
			return unlawful("share %d: recalled, but its terms have no clause on shares", n)
		case s.State == Settled && p.SettlesAt(n) > now:
			return unlawful("share %d: settled before %s", n, p.SettlesAt(n))
		case s.State == Reserved && reserved != 0 && s.ClaimedAt != reserved, s.State != Reserved && reserved != 0:
			return unlawful("share %d: not drawn in its turn", n) // a block draws all that the block before reserved
		}
		if s.State == Reserved {
			reserved = s.ClaimedAt
		}
		earliest = s.ClaimedAt
		if err := p.checkAsked(n, now); err != nil {
			return err
		}
	}
	return nil
}

// checkAsked holds the question about share n, if there is one, to the share.
func (p *Packet) checkAsked(n uint32, now Time) error {
	s := &p.Shares[n-1]
	a := s.Asked
	if a == nil {
		return nil
	}
	over := now >= a.LapsesAt()
	switch {
	case s.State != Settled && s.State != Returned:
		return unlawful("share %d: asked for while it is %s", n, s.State)
	case a.At < p.SettlesAt(n) || a.At > now:
		return unlawful("share %d: asked for at %s", n, a.At)
	case a.Reason != "" && !a.Reason.Known():
		return unlawful("share %d: asked for with reason %q, which is unknown", n, string(a.Reason))
	case a.State < AskOpen || a.State > AskLapsed:
		return unlawful("share %d: question in unknown state %d", n, uint8(a.State))
	case a.State == AskAccepted && s.State != Returned, a.State == AskLapsed && !over,
		a.State == AskOpen && s.State == Returned && !over:
		return unlawful("share %d: it is %s, but its question is %s", n, s.State, a.State)
	}
	return nil
}

// checkMoney divides the total as the terms do.
func (p *Packet) checkMoney(Time) error {
	rest, drawn := p.Terms.Total, 0
	for i, s := range p.Shares {
		var fits bool
		rest, fits = rest.Sub(s.Amount)
		equal := p.Terms.Split == Equal && (s.State == Reserved || s.Amount != p.Terms.ShareAmount())
		if !fits || equal || (s.State == Reserved) != (s.Amount == 0) {
			return unlawful("share %d: %s is not the amount that the terms give it", i+1, s.Amount)
		}
		if s.State != Reserved {
			drawn++
		}
	}
	if left := int(p.Terms.Shares) - drawn; rest < Amount(left) || left == 0 && rest != 0 {
		return unlawful("the shares leave %s for %d further shares", rest, left)
	}
	if inEscrow := p.inEscrow(rest); p.Escrow != inEscrow {
		return unlawful("%s in escrow, not %s", p.Escrow, inEscrow)
	}
	return nil
}

// Rest is what the shares leave of the total: it is in escrow, or went home.
func (p *Packet) Rest() Amount {
	if p.Tally != nil {
		return p.Escrow // where what went home is not told from what was claimed
	}
	rest := p.Terms.Total
	for i := range p.Shares {
		rest -= min(rest, p.Shares[i].Amount)
	}
	return rest
}

func (p *Packet) inEscrow(rest Amount) Amount {
	if (p.Status == Recalled || p.Status == Expired) && !p.Undrawn() {
		return 0
	}
	return rest
}

// checkTightened makes sure that each tightening allowed strictly less than
// what it replaced, and came while there was something to recall: then no
// recall goes beyond the terms, even in a leaf that no chain made.
func (p *Packet) checkTightened(now Time) error {
	if len(p.Tightened) > maxTightenings {
		return unlawful("%d tightenings: at most %d", len(p.Tightened), maxTightenings)
	}
	earliest, so := p.Created, *p
	for i, t := range p.Tightened {
		if t.At < earliest || t.At > now || !p.recallableAt(t.At) {
			return unlawful("tightening %d: at %s, out of order", i+1, t.At)
		}
		so.Tightened = p.Tightened[:i]
		if err := so.checkTightening(t.Clauses); err != nil {
			return err
		}
		earliest = t.At
	}
	return nil
}

// recallableAt reports whether the packet was open at t, or a share on its way
// to settle.
func (p *Packet) recallableAt(t Time) bool {
	if t < p.Expires && (p.Status == Open || t <= p.Closed) {
		return true
	}
	if p.Tally != nil {
		return p.Tally.Claimed > 0 && t < p.Tally.LastClaim.Plus(p.Terms.Hold)
	}
	for i := range p.Shares {
		if p.Shares[i].ClaimedAt <= t && t < p.SettlesAt(uint32(i+1)) {
			return true
		}
	}
	return false
}
