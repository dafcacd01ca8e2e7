package contract

// Mempool judges which txs may wait for a block: by their envelopes, and the
// first claim of an account without a leaf. It may hold more than a block does:
// of a block's bounds it keeps that on first claims alone, at two blocks' worth.
type Mempool struct{ admission }

// NewMempool is an empty mempool over the committed state, whose txs are judged
// as if they stood in a block at env.
func NewMempool(state State, env Env) (*Mempool, error) {
	base, err := readCommitted(env.Chain, state)
	if err != nil {
		return nil, err
	}
	// First claims cost their makers nothing, and a node judges each again after
	// every block.
	return &Mempool{newAdmission(base, env, 2*base.params.MaxFirstClaims)}, nil
}

// Admit adds tx to the mempool, or refuses it and leaves everything as it was.
func (m *Mempool) Admit(tx *DecodedTx) error {
	next, err := m.judge(tx.Tx)
	if err != nil {
		return err
	}
	if err := m.verify(tx, next); err != nil {
		return err
	}
	m.take(tx, next)
	return m.base.err
}

// Pressing reports whether tx is a recall, a return or an answer that the
// committed state may well accept: the money is still there, and the account has
// part in it. Such a tx has a deadline. Signatures, windows and reasons are not
// looked at: they cost more to judge.
func (m *Mempool) Pressing(tx *Tx) bool {
	id, n := PacketOf(tx.Message)
	switch tx.Message.(type) {
	case *Recall, *Return, *Answer:
	default:
		return false
	}
	o := m.base.outline(id)
	if o == nil {
		return false
	}
	now, share := m.env.Time, o.share(n)
	if share == nil && n != 0 { // perhaps a large packet's
		if leaf := m.base.share(id, n); leaf != nil {
			share = &leaf.Share
		}
	}
	mine := share != nil && share.Claimer == tx.Account
	switch message := tx.Message.(type) {
	case *Recall:
		there := o.Status == Open && now < o.Expires
		if message.Share != 0 {
			there = share != nil && share.State == Held && now < share.ClaimedAt.Plus(o.Hold)
		}
		return there && (o.Sender == tx.Account || o.names(tx.Account))
	case *Answer:
		return mine && share.openAsk(now)
	}
	return mine && (share.State == Held || share.State == Settled)
}

// Newcomer reports whether tx is the claim of an account without a leaf, and
// which account funded the packet (zeros: no such packet): newcomers cost nothing
// to make, packets do.
func (m *Mempool) Newcomer(tx *Tx) (funder Address, is bool) {
	claim, ok := tx.Message.(*Claim)
	if !ok || m.sender(tx.Account).leaf {
		return Address{}, false
	}
	if o := m.base.outline(claim.Packet); o != nil {
		funder = o.Sender
	}
	return funder, true
}
