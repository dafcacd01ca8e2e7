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
	for _, check := range []func(Time) error{p.checkStatus, p.checkTightened, p.checkShares, p.checkMoney} {
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
	full := len(p.Shares) == int(p.Terms.Shares)
	switch {
	case p.Expires != p.Created.Plus(p.Terms.Expiry):
		return unlawful("expires at %s, not %s after %s", p.Expires, p.Terms.Expiry, p.Created)
	case p.Created > now:
		return unlawful("created at %s, and it is %s", p.Created, now)
	case p.Status < Open || p.Status > Expired || len(p.Shares) > int(p.Terms.Shares) || full != (p.Status == Full):
		return unlawful("%s with %d of %d shares claimed", p.Status, len(p.Shares), p.Terms.Shares)
	case p.Status == Open && p.Closed != 0:
		return unlawful("open, and closed at %s", p.Closed)
	case p.Status != Open && (p.Closed < p.Created || p.Closed > now),
		p.Status != Open && (p.Closed >= p.Expires) != (p.Status == Expired):
		return unlawful("%s, closed at %s", p.Status, p.Closed)
	case full && p.Closed != p.Shares[len(p.Shares)-1].ClaimedAt:
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
	for i := range p.Shares {
		if p.Shares[i].ClaimedAt <= t && t < p.SettlesAt(uint32(i+1)) {
			return true
		}
	}
	return false
}
