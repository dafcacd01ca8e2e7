package contract

// Env is the block a tx runs in.
type Env struct {
	Chain    string
	Height   int64
	Time     Time     // block time, and on a dev chain what [Clock.Now] makes of it
	Index    uint32   // of the tx in the block, or of the item in its phase
	Tx       Hash     // hash of the tx under execution
	Verifier Verifier // checks the signatures that messages carry
}

// Apply runs an admitted tx (see [Admission]) in its block. It is the only
// writer of state besides genesis and [RunDue]. The tx's nonce and token are
// spent even when it fails; nothing else of a failed tx remains. The error is
// why it failed.
func Apply(l *Ledger, env Env, tx *Tx) error {
	if a := l.Account(tx.Account); a != nil {
		a.Nonce++
		a.Bucket, _ = a.Bucket.take(env.Time, l.params, tx.tokens(l.params)) // Admit saw to it that they are there
		l.putAccount(tx.Account, a)
	}
	f := l.fork()
	err := f.apply(&env, tx)
	if f.err != nil && l.err == nil {
		l.err = f.err
	}
	if err == nil {
		l.merge(f)
	}
	return err
}

func (l *Ledger) apply(env *Env, tx *Tx) error {
	switch m := tx.Message.(type) {
	case *Pay:
		return l.applyPay(env, tx, m)
	case *Send:
		return l.applySend(env, tx, m)
	case *Claim:
		return l.applyClaim(env, tx, m)
	case *Recall:
		return l.applyRecall(env, tx, m)
	case *Return:
		return l.applyReturn(env, tx, m)
	case *Ask:
		return l.applyAsk(env, tx, m)
	case *Answer:
		return l.applyAnswer(env, tx, m)
	case *Tighten:
		return l.applyTighten(env, tx, m)
	case *Warp:
		return l.applyWarp(env, m)
	}
	panic("contract: unknown Message")
}

// spendable refuses when a has less than amount.
func (l *Ledger) spendable(a Address, amount Amount) error {
	acc := l.Account(a)
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
func (l *Ledger) closePacket(id PacketID, status Status, now Time) {
	p := l.Packet(id)
	p.Status, p.Closed = status, now
	l.putPacket(id, p)
	sender := l.Account(p.Sender)
	sender.Open--
	l.putAccount(p.Sender, sender)
	l.putDue(Due{At: p.Expires, Packet: id}, true)
}
