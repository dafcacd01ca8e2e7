package contract

// admission judges which txs may stand together, from the committed state and
// the txs before them alone; nothing is executed. A [Mempool] and a [Block]
// both ask it, so that CheckTx, a proposal and a block cannot disagree.
//
// An account's nonce and bucket count its earlier txs. An address without a
// leaf may have one tx: a nonce-0 Claim that the committed state accepts at the
// block's time. Such a claim can then fail only by losing a race inside its
// block, and what it lost (a share, an open packet) never comes back; so it
// cannot be replayed though no nonce was spent. Nor can it once a payment made
// the leaf, which begins at nonce 1.
type admission struct {
	base            *committed
	env             Env
	mostFirstClaims uint32

	senders     map[Address]admitted
	firstClaims uint32
}

// admitted is an account as the txs so far leave it.
type admitted struct {
	leaf   bool
	nonce  uint64
	bucket Bucket
}

func newAdmission(base *committed, env Env, mostFirstClaims uint32) admission {
	return admission{base: base, env: env, mostFirstClaims: mostFirstClaims, senders: map[Address]admitted{}}
}

// sender is an account as the txs so far leave it. Nothing is kept of one that
// is not there: names cost nothing, and a mempool hears of many.
func (a *admission) sender(addr Address) admitted {
	if s, ok := a.senders[addr]; ok {
		return s
	}
	acc := a.base.account(addr)
	if acc == nil {
		a.base.forgetAbsent(addr, PacketID{})
		return admitted{}
	}
	return admitted{leaf: true, nonce: acc.Nonce, bucket: acc.Bucket}
}

// judge decides on the envelope, the signature aside, and returns the sender as
// the tx would leave it.
func (a *admission) judge(tx *Tx) (admitted, error) {
	now, s := a.env.Time, a.sender(tx.Account)
	switch {
	case a.base.err != nil:
		return s, a.base.err
	case tx.Chain != a.env.Chain:
		return s, Errorf(CodeWrongChain, "chain: this is %q, the transaction is for %q", a.env.Chain, tx.Chain)
	case tx.ValidUntil <= now:
		return s, Errorf(CodeTxExpired, "transaction: was valid until %s, it is %s", tx.ValidUntil, now)
	case tx.ValidUntil > now.Plus(MaxValidFor):
		return s, Errorf(CodeValidUntilTooFar, "transaction: valid until %s, more than %s ahead",
			tx.ValidUntil, MaxValidFor)
	}
	if !s.leaf {
		return a.judgeFirst(tx, s)
	}
	if tx.Nonce != s.nonce {
		return s, Errorf(CodeWrongNonce, "nonce: expected %d, got %d", s.nonce, tx.Nonce)
	}
	bucket, err := s.bucket.take(now, a.base.params, tx.tokens(a.base.params))
	if err != nil {
		return s, err
	}
	s.nonce++
	s.bucket = bucket
	return s, nil
}

// judgeFirst decides on the one tx that an address without a leaf may have,
// but not yet on whether the committed state accepts the claim.
func (a *admission) judgeFirst(tx *Tx, s admitted) (admitted, error) {
	_, isClaim := tx.Message.(*Claim)
	switch {
	case !isClaim:
		return s, Errorf(CodeUnknownAccount, "account %s: has never received money", tx.Account)
	case s.nonce > 0:
		return s, Errorf(CodeFirstClaimRepeated, "account %s: its first claim is already in this block", tx.Account)
	case tx.Nonce != 0:
		return s, Errorf(CodeWrongNonce, "nonce: expected 0, got %d", tx.Nonce)
	case a.firstClaims >= a.mostFirstClaims:
		return s, Errorf(CodeFirstClaimsFull, "block: holds %d claims by new accounts, the limit", a.firstClaims)
	}
	s.nonce = 1
	return s, nil
}

// verify decides on what costs the most: the signature, and after it the first
// claim of an account without a leaf, so that a node judges no claim for less
// than a signature.
func (a *admission) verify(tx *DecodedTx, next admitted) error {
	if !a.env.Verifier.Verify(tx.Account, tx.digest, tx.Signature) {
		return Errorf(CodeBadSignature, "signature: not %s's over this transaction", tx.Account.Short())
	}
	if next.leaf {
		return nil
	}
	claim := tx.Message.(*Claim) // judge admits nothing else without a leaf
	unchanged := &ledger{base: a.base}
	if _, err := unchanged.decideClaim(&step{Env: &a.env}, tx.Account, claim); err != nil {
		a.base.forgetAbsent(tx.Account, claim.Packet)
		return err
	}
	return nil
}

// take adds tx, whose account it leaves as next.
func (a *admission) take(tx *DecodedTx, next admitted) {
	if !next.leaf {
		a.firstClaims++
	}
	a.senders[tx.Account] = next
}
