package contract

import "strings"

// MaxConsentFor is how far ahead a consent's valid_until may lie: an approver
// on holiday, and not for ever.
const MaxConsentFor Seconds = 30 * 24 * 3600

// decideRecall is everything that stands between money and its way back: the
// packet and the clause when nothing does. It writes nothing. Signatures come
// last, because they cost the most.
func (l *ledger) decideRecall(s *step, account Address, m *Recall) (*Packet, error) {
	p := l.packetWith(m.Packet, m.Share)
	if p == nil {
		return nil, Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	}
	target, err := p.TargetOf(m.Share, s.Time)
	if err != nil {
		return nil, err
	}
	clauses := p.InForce()
	if m.Clause == 0 || int(m.Clause) > len(clauses) {
		return nil, Errorf(CodeUnknownClause, "packet %s: has %d clauses in force, none numbered %d",
			m.Packet, len(clauses), m.Clause)
	}
	clause := &clauses[m.Clause-1]
	switch {
	case clause.Target != target:
		return nil, Errorf(CodeUnknownClause, "clause %d: is about the %s, not about the %s",
			m.Clause, clause.Target.words(), target.words())
	case !clause.Allows(m.Reason):
		return nil, Errorf(CodeReasonNotAllowed, "clause %d: its reason has to be one of %s",
			m.Clause, strings.Join(clause.ReasonWords(), ", "))
	}
	signers, err := signersOf(clause, p.Sender, account, m.Consents, s.Time)
	if err != nil {
		return nil, err
	}
	facts := p.RecallFacts(m.Share, s.Time, signers...)
	if unmet := Unmet(clause.When.Cond, facts); unmet != nil {
		return nil, refusal(unmet, facts)
	}
	for _, c := range m.Consents {
		digest := ConsentDigest(s.Chain, p, clause, m.Share, m.Reason, c.ValidUntil)
		if !s.Verifier.Verify(c.Account, digest, c.Signature) {
			return nil, Errorf(CodeBadConsent, "consent of %s: not its signature under this recall", c.Account)
		}
	}
	return p, nil
}

// ClauseHolds is the first clause in force, from 1, that lets signers recall a
// share (from 1; 0: the rest) at now for reason; 0 when none does.
func (p *Packet) ClauseHolds(share uint32, reason Reason, now Time, signers ...Address) uint32 {
	target, err := p.TargetOf(share, now)
	if err != nil {
		return 0
	}
	facts := p.RecallFacts(share, now, signers...)
	for i, c := range p.InForce() {
		if c.Target == target && c.Allows(reason) && Unmet(c.When.Cond, facts) == nil {
			return uint32(i + 1)
		}
	}
	return 0
}

// signersOf lists who signs a recall under clause, consents taken at their
// word: those of its accounts that gave a consent that is in time, and the
// submitter if it is one of them.
func signersOf(clause *Clause, sender, submitter Address, consents []Consent, now Time) ([]Address, error) {
	keys := KeysIn(clause.When.Cond, sender)
	var signers []Address
	if contains(keys, submitter) {
		signers = append(signers, submitter)
	}
	for _, c := range consents {
		switch {
		case !contains(keys, c.Account):
			return nil, Errorf(CodeConsentUnlisted, "consent of %s: the clause does not name it", c.Account)
		case contains(signers, c.Account):
			return nil, Errorf(CodeConsentRepeated, "consent of %s: it signed already", c.Account)
		case c.ValidUntil <= now:
			return nil, Errorf(CodeConsentExpired, "consent of %s: was valid until %s", c.Account, c.ValidUntil)
		case c.ValidUntil > now.Plus(MaxConsentFor):
			return nil, Errorf(CodeValidUntilTooFar, "consent of %s: valid until %s, more than %s ahead",
				c.Account, c.ValidUntil, MaxConsentFor)
		}
		signers = append(signers, c.Account)
	}
	return signers, nil
}

// consentBody is what a consent is to, beside the chain.
type consentBody struct {
	_          struct{} `cbor:",toarray"`
	Packet     PacketID
	Clause     Hash
	Reason     Reason
	ValidUntil Time
	Share      uint32   // 0: the rest
	Claimer    *Address // of a share; nil for the rest, which claims make smaller meanwhile
	Amount     Amount   // of a share
}

// ConsentDigest is what an approver of a recall signs: that clause's power over
// the rest (share 0) or over share (from 1) of this packet, for this reason,
// in a block before validUntil. It panics when p has no such share.
func ConsentDigest(chain string, p *Packet, clause *Clause, share uint32, reason Reason, validUntil Time) Hash {
	body := consentBody{Packet: p.ID, Clause: clause.Hash(), Reason: reason, ValidUntil: validUntil, Share: share}
	if share != 0 {
		s := p.ShareAt(share)
		body.Claimer, body.Amount = &s.Claimer, s.Amount
	}
	return TaggedHash(tagConsent, lengthPrefixed(chain), Encode(body))
}

func (l *ledger) applyRecall(s *step, tx *Tx, m *Recall) error {
	p, err := l.decideRecall(s, tx.Account, m)
	if err != nil {
		return err
	}
	first := !p.recalledFrom()
	n := note{step: s, kind: KindRecall, packet: &m.Packet, share: m.Share, reason: m.Reason}
	switch {
	case m.Share != 0:
		err = l.endHold(p, m.Share, ShareRecalled, Wallet(p.Sender), n)
	case p.Undrawn():
		// Reservations come first: what they leave goes home after their draws.
		l.reserved.Recalls = append(l.reserved.Recalls, AwaitingRecall{Packet: m.Packet, Reason: m.Reason})
		l.record(n, p.Sender)
		l.closePacket(m.Packet, Recalled, s.Time)
	default:
		if err = l.move(Escrow(m.Packet), Wallet(p.Sender), p.Escrow, n); err == nil {
			l.closePacket(m.Packet, Recalled, s.Time)
		}
	}
	if err == nil && first {
		// One slip of the thumb counts once, however many shares come home.
		sender := l.account(p.Sender)
		sender.Recalls = sender.Recalls.spend(s.Time, l.params().recallRate(), 1)
		l.putAccount(p.Sender, sender)
	}
	return err
}

// endHold moves a held share's money on, and takes its settlement off the
// queue. p is the caller's copy.
func (l *ledger) endHold(p *Packet, share uint32, state ShareState, to Place, n note) error {
	s := p.ShareAt(share)
	s.State = state
	if p.Tally != nil && state == ShareRecalled {
		p.Tally.Recalled = true
	}
	l.putPacket(p)
	l.putDue(Due{At: p.SettlesAt(share), Packet: p.ID, Share: share}, true)
	return l.move(Hold(s.Claimer), to, s.Amount, n)
}
