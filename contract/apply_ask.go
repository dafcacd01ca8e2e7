package contract

func (l *ledger) applyAsk(s *step, tx *Tx, m *Ask) error {
	p := l.packetWith(m.Packet, m.Share)
	if p == nil {
		return Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	}
	share, err := p.share(m.Share)
	switch {
	case err != nil:
		return err
	case p.Sender != tx.Account:
		return Errorf(CodeNotSender, "packet %s: only its sender may ask", m.Packet)
	case m.Reason != "" && !m.Reason.Known():
		return Errorf(CodeUnknownReason, "ask: reason %q is unknown", string(m.Reason))
	case share.Asked != nil:
		return Errorf(CodeAlreadyAsked, "share %s/%d: was asked for at %s; a share may be asked for once",
			m.Packet, m.Share, share.Asked.At)
	case share.State == ShareRecalled:
		return Errorf(CodeShareRecalled, "share %s/%d: was recalled", m.Packet, m.Share)
	case share.State == Returned:
		return Errorf(CodeAlreadyReturned, "share %s/%d: was returned", m.Packet, m.Share)
	case share.State == Reserved:
		return Errorf(CodeShareNotSettled, "share %s/%d: its amount is drawn in the next block", m.Packet, m.Share)
	case share.State != Settled:
		at := p.SettlesAt(m.Share)
		refused := Errorf(CodeShareNotSettled, "share %s/%d: is held until %s", m.Packet, m.Share, at)
		if at > s.Time { // else its settlement waits for a block with room, and no one can say when
			refused.at(at)
		}
		return refused
	}
	share.Asked = &Asked{State: AskOpen, Reason: m.Reason, At: s.Time}
	l.putPacket(p)
	l.putDue(Due{At: share.Asked.LapsesAt(), Packet: m.Packet, Share: m.Share}, false)
	l.record(note{step: s, kind: KindAsk, packet: &m.Packet, share: m.Share, reason: m.Reason})
	return nil
}

func (l *ledger) applyAnswer(s *step, tx *Tx, m *Answer) error {
	p := l.packetWith(m.Packet, m.Share)
	if p == nil {
		return Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	}
	share, err := p.share(m.Share)
	switch {
	case err != nil:
		return err
	case share.Claimer != tx.Account:
		return Errorf(CodeNotClaimer, "share %s/%d: belongs to another account", m.Packet, m.Share)
	case !share.openAsk(s.Time):
		return Errorf(CodeNoOpenAsk, "share %s/%d: no question about it is open", m.Packet, m.Share)
	case m.Accept:
		return l.giveBack(s, tx.Account, m.Packet, m.Share)
	}
	l.closeAsk(p, m.Share, AskRefused)
	l.record(note{step: s, kind: KindRefuse, packet: &m.Packet, share: m.Share})
	return nil
}

// openAsk reports whether a question about the share can be answered at now.
func (s *Share) openAsk(now Time) bool {
	return s.Asked != nil && s.Asked.StateAt(now) == AskOpen
}

// closeAsk ends the open question about share n. p is the caller's copy, but
// what Asked points to is shared, and replaced.
func (l *ledger) closeAsk(p *Packet, n uint32, state AskState) {
	asked := *p.ShareAt(n).Asked
	asked.State = state
	p.ShareAt(n).Asked = &asked
	l.putPacket(p)
	l.putDue(Due{At: asked.LapsesAt(), Packet: p.ID, Share: n}, true)
}
