package contract

func (l *Ledger) applyRecall(env *Env, tx *Tx, m *Recall) error {
	p := l.Packet(m.Packet)
	if p == nil {
		return Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	}
	switch {
	case m.Share != 0:
		return Errorf(CodeUnsupported, "recall of a share: not in this version yet")
	case len(m.Consents) > 0:
		return Errorf(CodeUnsupported, "consents: not in this version yet")
	}
	if err := p.closedError(m.Packet, env.Time); err != nil {
		return err
	}
	if m.Clause == 0 || int(m.Clause) > len(p.Terms.Clauses) {
		return Errorf(CodeUnknownClause, "packet %s: has %d clauses, none numbered %d", m.Packet, len(p.Terms.Clauses), m.Clause)
	}
	clause := &p.Terms.Clauses[m.Clause-1]
	if clause.Target != Rest {
		return Errorf(CodeUnknownClause, "clause %d: is about claimed shares, not about the rest", m.Clause)
	}
	if !clause.Allows(m.Reason) {
		return Errorf(CodeReasonNotAllowed, "clause %d: does not allow reason %q", m.Clause, string(m.Reason))
	}
	facts := p.Facts(env.Time, tx.Account)
	if unmet := Unmet(clause.When.Cond, facts); unmet != nil {
		return refusal(unmet, facts)
	}

	err := l.move(Escrow(m.Packet), Wallet(p.Sender), p.Escrow,
		note{env: env, phase: PhaseTx, kind: KindRecall, packet: &m.Packet, reason: m.Reason})
	if err == nil {
		l.closePacket(m.Packet, Recalled, env.Time)
	}
	return err
}
