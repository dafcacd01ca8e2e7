package contract

func (l *ledger) applySend(s *step, tx *Tx, m *Send) error {
	t := m.Terms
	if err := t.check(tx.Account, s.Time); err != nil {
		return err
	}
	if err := l.spendable(tx.Account, t.Total); err != nil {
		return err
	}
	sender := l.account(tx.Account)
	if sender.Open >= l.params().MaxOpenPackets {
		return Errorf(CodeTooManyOpen, "account %s: has %d packets open, the limit", tx.Account.Short(), sender.Open)
	}
	if at := sender.Recalls.next(s.Time, l.params().recallRate(), 1); len(t.Clauses) > 0 && at > s.Time {
		return Errorf(CodeRecallBudget, "account %s: recalled too often: packets with clauses are possible again at %s",
			tx.Account.Short(), at).at(at)
	}
	id := NewPacketID(s.Chain, tx.Account, tx.Nonce)

	sender.Open++
	l.putAccount(tx.Account, sender)
	p := &Packet{
		ID:        id,
		Sender:    tx.Account,
		Terms:     t,
		SendTx:    s.tx,
		Tightened: []Tightening{},
		Created:   s.Time,
		Expires:   s.Time.Plus(t.Expiry),
		Status:    Open,
		Shares:    []Share{},
		History:   FirstHistory(l.base.chain, PacketKey(id)),
	}
	if t.Large() {
		p.Tally = new(Tally)
	}
	l.putPacket(p)
	l.putDue(Due{At: p.Expires, Packet: id}, false)
	return l.move(Wallet(tx.Account), Escrow(id), t.Total, note{step: s, kind: KindSend, packet: &id})
}
