package contract

func (l *Ledger) applyReturn(env *Env, tx *Tx, m *Return) error {
	p := l.Packet(m.Packet)
	switch {
	case p == nil:
		return Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	case m.Share == 0 || int(m.Share) > len(p.Shares):
		return Errorf(CodeUnknownShare, "packet %s: has %d shares claimed, none numbered %d", m.Packet, len(p.Shares), m.Share)
	}
	share := &p.Shares[m.Share-1]
	switch {
	case share.Claimer != tx.Account:
		return Errorf(CodeNotClaimer, "share %s/%d: belongs to another account", m.Packet, m.Share)
	case share.State == Returned:
		return Errorf(CodeAlreadyReturned, "share %s/%d: was already returned", m.Packet, m.Share)
	}
	if err := l.spendable(tx.Account, share.Amount); err != nil {
		return err
	}
	share.State = Returned
	l.putPacket(m.Packet, p)
	return l.move(Wallet(tx.Account), Wallet(p.Sender), share.Amount,
		note{env: env, phase: PhaseTx, kind: KindReturn, packet: &m.Packet, share: m.Share})
}
