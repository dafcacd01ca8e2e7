package contract

// Admission judges which txs may stand in a block, from the committed state
// and the txs before it in the same block alone; nothing is executed. One
// Admission serves one block or one mempool. CheckTx, PrepareProposal,
// ProcessProposal and FinalizeBlock all ask it, so that they cannot disagree.
//
// An account's nonce and bucket count its earlier txs in the block. An address
// without a leaf may have one tx: a nonce-0 Claim that the committed state
// accepts at the block's time. Such a claim can then fail only by losing a
// race inside its block, and what it lost (a share, an open packet) never
// comes back; so it cannot be replayed though no nonce was spent. Nor can it
// once a payment made the leaf, which begins at nonce 1.
type Admission struct {
	view        *Ledger
	env         Env
	senders     map[Address]*admitted
	firstClaims uint32
	txs         uint32
	mempool     bool
}

// admitted is an account as the txs so far leave it; nil account: no leaf.
type admitted struct {
	leaf   bool
	nonce  uint64
	bucket Bucket
}

// NewAdmission starts an empty block at env over the committed state.
func NewAdmission(state State, env Env) (*Admission, error) {
	view, err := NewLedger(env.Chain, state)
	if err != nil {
		return nil, err
	}
	return &Admission{view: view, env: env, senders: map[Address]*admitted{}}, nil
}

// NewMempoolAdmission is like NewAdmission for a mempool, which may hold more
// txs than one block: the bounds that count a block's txs are left out.
func NewMempoolAdmission(state State, env Env) (*Admission, error) {
	a, err := NewAdmission(state, env)
	if err == nil {
		a.mempool = true
	}
	return a, err
}

// Err is the first failure to read committed state.
func (a *Admission) Err() error { return a.view.Err() }

// Admit adds tx to the block, or refuses it and
// leaves everything as it was.
func (a *Admission) Admit(tx *Tx) error {
	if !a.mempool && a.txs >= a.view.params.MaxTxsPerBlock {
		return Errorf(CodeBlockFull, "block: holds %d transactions, the most there may be", a.txs)
	}
	sender := a.sender(tx.Account)
	next, err := a.judge(tx, *sender)
	if err != nil {
		return err
	}
	if !tx.verify(a.env.Verifier) {
		return Errorf(CodeBadSignature, "signature: not %s's over this transaction", tx.Account.Short())
	}
	if !sender.leaf {
		a.firstClaims++
	}
	*sender = next
	a.txs++
	return a.view.Err()
}

func (tx *Tx) verify(v Verifier) bool { return v.Verify(tx.Account, tx.Digest(), tx.Signature) }

func (a *Admission) sender(addr Address) *admitted {
	s, ok := a.senders[addr]
	if !ok {
		s = &admitted{}
		if acc := a.view.account(addr); acc != nil {
			*s = admitted{leaf: true, nonce: acc.Nonce, bucket: acc.Bucket}
		}
		a.senders[addr] = s
	}
	return s
}

// judge decides on everything but the signature and returns the sender as the
// tx would leave it.
func (a *Admission) judge(tx *Tx, s admitted) (admitted, error) {
	now := a.env.Time
	switch {
	case tx.Chain != a.env.Chain:
		return s, Errorf(CodeWrongChain, "chain: this is %q, the transaction is for %q", a.env.Chain, tx.Chain)
	case tx.ValidUntil <= now:
		return s, Errorf(CodeTxExpired, "transaction: was valid until %s, it is %s", tx.ValidUntil, now)
	case tx.ValidUntil > now.Plus(MaxValidFor):
		return s, Errorf(CodeValidUntilTooFar, "transaction: valid until %s, more than %s ahead", tx.ValidUntil, MaxValidFor)
	}
	if !s.leaf {
		return a.judgeFirst(tx, s)
	}
	if tx.Nonce != s.nonce {
		return s, Errorf(CodeWrongNonce, "nonce: expected %d, got %d", s.nonce, tx.Nonce)
	}
	bucket, err := s.bucket.take(now, a.view.params)
	if err != nil {
		return s, err
	}
	s.nonce++
	s.bucket = bucket
	return s, nil
}

// judgeFirst decides on the one tx that an address without a leaf may have.
func (a *Admission) judgeFirst(tx *Tx, s admitted) (admitted, error) {
	claim, ok := tx.Message.(*Claim)
	switch {
	case !ok:
		return s, Errorf(CodeUnknownAccount, "account %s: has never received money", tx.Account)
	case s.nonce > 0:
		return s, Errorf(CodeFirstClaimRepeated, "account %s: its first claim is already in this block", tx.Account)
	case tx.Nonce != 0:
		return s, Errorf(CodeWrongNonce, "nonce: expected 0, got %d", tx.Nonce)
	case !a.mempool && a.firstClaims >= a.view.params.MaxFirstClaims:
		return s, Errorf(CodeFirstClaimsFull, "block: holds %d claims by new accounts, the most there may be", a.firstClaims)
	}
	if _, err := a.view.decideClaim(&a.env, tx.Account, claim); err != nil {
		return s, err
	}
	s.nonce = 1
	return s, nil
}
