package contract

func (l *ledger) applyPay(s *step, tx *Tx, m *Pay) error {
	switch {
	case m.Amount == 0 || m.Amount > MaxAmount:
		return Errorf(CodeBadAmount, "pay %d fen: must be 1 to %d", m.Amount, MaxAmount)
	case m.To == tx.Account:
		return Errorf(CodeSelfPayment, "pay: to the payer's own account")
	}
	if err := l.spendable(tx.Account, m.Amount); err != nil {
		return err
	}
	if l.account(m.To) == nil {
		if m.Amount < l.params().MinFirstPay {
			return Errorf(CodeBelowMinimum, "pay: the first payment to a new account is at least %s",
				l.params().MinFirstPay.Yuan())
		}
		if !m.To.OnCurve() {
			return Errorf(CodeBadAddress, "pay: no key exists for %s", m.To)
		}
		l.putAccount(m.To, l.youngAccount(m.To, s.Time))
	}
	return l.move(Wallet(tx.Account), Wallet(m.To), m.Amount, note{step: s, kind: KindPay})
}
