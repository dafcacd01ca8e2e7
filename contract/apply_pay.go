package contract

func (l *Ledger) applyPay(env *Env, tx *Tx, m *Pay) error {
	switch {
	case m.Amount == 0 || m.Amount > MaxAmount:
		return Errorf(CodeBadAmount, "pay %d fen: must be 1 to %d", m.Amount, MaxAmount)
	case m.To == tx.Account:
		return Errorf(CodeSelfPayment, "pay: to the payer's own account")
	}
	if err := l.spendable(tx.Account, m.Amount); err != nil {
		return err
	}
	if l.Account(m.To) == nil {
		if m.Amount < l.params.MinFirstPay {
			return Errorf(CodeBelowMinimum, "pay: the first payment to a new account is at least %s", l.params.MinFirstPay.Yuan())
		}
		if !m.To.OnCurve() {
			return Errorf(CodeBadAddress, "pay: nobody can hold %s", m.To)
		}
		// Nonce 0 is left to the claim of an address without a leaf: one that
		// lost its race spent no nonce, and must not run again.
		a := l.newAccount(m.To)
		a.Nonce = 1
		l.putAccount(m.To, a)
	}
	return l.move(Wallet(tx.Account), Wallet(m.To), m.Amount, note{env: env, phase: PhaseTx, kind: KindPay})
}
