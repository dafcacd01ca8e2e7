package contract

import "slices"

// maxTightenings bounds what a packet's leaf gains; each allows less than the
// one before it, and the last step is to renounce.
const maxTightenings = 4

func (l *ledger) applyTighten(s *step, tx *Tx, m *Tighten) error {
	p := l.packet(m.Packet)
	if p == nil {
		return Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	}
	if p.Sender != tx.Account {
		return Errorf(CodeNotSender, "packet %s: only its sender may tighten", m.Packet)
	}
	if err := p.closedError(s.Time); err != nil && !p.anyHeld(s.Time) {
		return err
	}
	if len(p.Tightened) >= maxTightenings {
		return Errorf(CodeTooManyTightenings, "packet %s: was tightened %d times, the limit",
			m.Packet, len(p.Tightened))
	}
	if err := p.checkTightening(m.Clauses); err != nil {
		return err
	}
	p.Tightened = append(slices.Clone(p.Tightened), Tightening{At: s.Time, Clauses: m.Clauses})
	l.putPacket(p)
	l.record(note{step: s, kind: KindTighten, packet: &m.Packet})
	return nil
}

// anyHeld reports whether a share clause can still matter.
func (p *Packet) anyHeld(now Time) bool {
	if p.Tally != nil { // no share is held longer than the last that was claimed
		return p.Tally.Claimed > 0 && p.Terms.Hold > 0 && now < p.Tally.LastClaim.Plus(p.Terms.Hold)
	}
	for i := range p.Shares {
		err := p.notHeldError(uint32(i+1), now)
		if err == nil || CodeOf(err) == CodeShareReserved && p.Terms.Hold > 0 {
			return true
		}
	}
	return false
}

// checkTightening refuses clauses that this packet could not have been sent
// with, or that allow anything that those in force do not, or all that they do.
func (p *Packet) checkTightening(clauses []Clause) error {
	t := p.Terms
	t.Clauses = clauses
	if err := t.checkClauses(p.Sender, p.Created); err != nil {
		return err
	}
	if n := len(clauseKeys(append(slices.Clone(p.InForce()), clauses...), p.Sender)); n > maxClauseKeys {
		return Errorf(CodeTooManyKeys, "clauses old and new name %d keys: at most %d can be compared", n, maxClauseKeys)
	}
	switch relate(clauses, p.InForce(), p.Sender, p.Created, &p.Terms) {
	case allowsMore:
		return Errorf(CodeNotTighter, "tighten: the new clauses allow something that those in force forbid")
	case allowsSame:
		return Errorf(CodeNotTighter,
			"tighten: the new clauses allow the same as those in force, so nothing gets stricter")
	}
	return nil
}

// CheckTightening tells a client what a Tighten of p to clauses would be
// refused for, its number and the packet's state aside.
func (p *Packet) CheckTightening(clauses []Clause) error { return p.checkTightening(clauses) }
