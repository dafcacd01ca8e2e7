package contract

// run executes a tx that was admitted. It is the only writer of state besides
// genesis, draws and due work. The tx's nonce and tokens are spent even when it
// fails; nothing else of a failed tx remains. The error is why it failed.
func (l *ledger) run(s *step, tx *Tx) error {
	if a := l.account(tx.Account); a != nil {
		a.Nonce++
		a.Bucket, _ = a.Bucket.take(s.Time, l.params(), tx.tokens(l.params())) // Admit saw to it that they are there
		l.putAccount(tx.Account, a)
	}
	f := l.fork()
	err := f.apply(s, tx)
	if err == nil {
		l.merge(f)
	}
	return err
}

func (l *ledger) apply(s *step, tx *Tx) error {
	switch m := tx.Message.(type) {
	case *Pay:
		return l.applyPay(s, tx, m)
	case *Send:
		return l.applySend(s, tx, m)
	case *Claim:
		return l.applyClaim(s, tx, m)
	case *Recall:
		return l.applyRecall(s, tx, m)
	case *Return:
		return l.applyReturn(s, tx, m)
	case *Ask:
		return l.applyAsk(s, tx, m)
	case *Answer:
		return l.applyAnswer(s, tx, m)
	case *Tighten:
		return l.applyTighten(s, tx, m)
	case *Warp:
		return l.applyWarp(s, m)
	case *Change:
		return l.applyChange(s, m)
	}
	panic("contract: unknown Message")
}

// spendable refuses when a has less than amount.
func (l *ledger) spendable(a Address, amount Amount) error {
	acc := l.account(a)
	if acc == nil {
		return Errorf(CodeUnknownAccount, "account %s: has never received money", a)
	}
	if acc.Balance < amount {
		return Errorf(CodeOverdraft, "account %s: has %s, needs %s", a.Short(), acc.Balance.Yuan(), amount.Yuan())
	}
	return nil
}

// closePacket ends a packet's open life with its final status: it is no longer
// due, and its sender may open another.
func (l *ledger) closePacket(id PacketID, status Status, now Time) {
	p := l.packet(id)
	p.Status, p.Closed = status, now
	l.putPacket(p)
	sender := l.account(p.Sender)
	sender.Open--
	l.putAccount(p.Sender, sender)
	l.putDue(Due{At: p.Expires, Packet: id}, true)
}
