package contract

func (l *ledger) applyReturn(s *step, tx *Tx, m *Return) error {
	return l.giveBack(s, tx.Account, m.Packet, m.Share)
}

// giveBack sends a claimer's share home, from hold or from its balance. It
// accepts an open question about the share.
func (l *ledger) giveBack(s *step, claimer Address, id PacketID, n uint32) error {
	p := l.packetWith(id, n)
	if p == nil {
		return Errorf(CodeUnknownPacket, "packet %s: unknown", id)
	}
	share, err := p.share(n)
	if err != nil {
		return err
	}
	switch {
	case share.Claimer != claimer:
		return Errorf(CodeNotClaimer, "share %s/%d: belongs to another account", id, n)
	case share.State == Returned:
		return Errorf(CodeAlreadyReturned, "share %s/%d: was already returned", id, n)
	case share.State == Reserved:
		return Errorf(CodeShareReserved, "share %s/%d: its amount is drawn in the next block", id, n)
	case share.State == ShareRecalled:
		return Errorf(CodeShareRecalled, "share %s/%d: was recalled", id, n)
	}
	note := note{step: s, kind: KindReturn, packet: &id, share: n}
	if share.State == Held {
		return l.endHold(p, n, Returned, Wallet(p.Sender), note)
	}
	if err := l.spendable(claimer, share.Amount); err != nil {
		return err
	}
	share.State = Returned
	l.putPacket(p)
	if share.openAsk(s.Time) {
		l.closeAsk(p, n, AskAccepted)
	}
	return l.move(Wallet(claimer), Wallet(p.Sender), share.Amount, note)
}
