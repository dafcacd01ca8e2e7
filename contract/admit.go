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
	senders     map[Address]admitted
	firstClaims uint32
	due         uint32
	work        uint32
	read        map[PacketID]bool // packets that the txs so far name
	mempool     bool
}

// admitted is an account as the txs so far leave it.
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
	return &Admission{view: view, env: env, senders: map[Address]admitted{}, read: map[PacketID]bool{}}, nil
}

// NewMempoolAdmission is like NewAdmission for a mempool, which may hold more
// txs than one block: of a block's bounds it keeps that on first claims alone,
// at two blocks' worth.
func NewMempoolAdmission(state State, env Env) (*Admission, error) {
	a, err := NewAdmission(state, env)
	if err == nil {
		a.mempool = true
	}
	return a, err
}

// Owed is what the block draws first; its Height is 0 when that is nothing.
func (a *Admission) Owed() Draws { return a.view.Owed() }

// ReadBeacon is [Ledger.ReadBeacon] over the committed state.
func (a *Admission) ReadBeacon(item, proposer []byte) (*Beacon, Output, error) {
	return a.view.ReadBeacon(item, proposer)
}

// Full reports whether no further tx has room in the block.
func (a *Admission) Full() bool { return !a.mempool && a.work >= a.view.params.MaxTxsPerBlock }

// Err is the first failure to read committed state.
func (a *Admission) Err() error { return a.view.Err() }

// Admit is AdmitDecoded for a tx that did not come over a wire.
func (a *Admission) Admit(tx *Tx) error {
	return a.AdmitDecoded(&DecodedTx{Tx: tx, digest: tx.Digest()})
}

// AdmitDecoded adds tx to the block, or refuses it and leaves everything as it
// was.
func (a *Admission) AdmitDecoded(tx *DecodedTx) error {
	work := a.workOf(tx.Message)
	if a.work+work > a.view.params.MaxTxsPerBlock {
		return Errorf(CodeBlockFull, "block: holds as many transactions as there may be")
	}
	sender := a.sender(tx.Account)
	if err := a.view.Err(); err != nil {
		return err
	}
	next, err := a.judge(tx.Tx, sender)
	if err != nil {
		return err
	}
	due := a.dueOf(tx.Message)
	if a.due+due > a.view.params.MaxDuePerBlock {
		return Errorf(CodeDueFull, "block: leaves as much for later blocks as one of them can do")
	}
	if !a.env.Verifier.Verify(tx.Account, tx.digest, tx.Signature) {
		return Errorf(CodeBadSignature, "signature: not %s's over this transaction", tx.Account.Short())
	}
	if !sender.leaf {
		// Last, because it costs the most: nobody makes a node judge a claim
		// for less than a signature.
		claim := tx.Message.(*Claim)
		if _, err := a.view.decideClaim(&a.env, tx.Account, claim); err != nil {
			a.view.forgetAbsent(tx.Account, claim.Packet)
			return err
		}
		a.firstClaims++
	}
	a.senders[tx.Account] = next
	a.due += due
	a.work += work
	if id, _ := PacketOf(tx.Message); !a.mempool {
		a.read[id] = true
	}
	return a.view.Err()
}

// readBytes is how much of a packet's leaf counts like a tx of its own: reading
// and decoding so much costs about as much as a payment. Most leaves are shorter.
const readBytes = 2 << 10

// workOf is what a tx counts for in a block, which bounds what executing one
// costs: one, and one more for each consent, whose signatures are verified only
// then, and for each readBytes of the committed leaf of the packet that it
// names, unless a tx before it names it too. A tx may fail at no cost to its
// maker, but not without the packet having been read.
//
// No tx counts for more than there may be, so that each may stand in a block.
func (a *Admission) workOf(m Message) uint32 {
	if a.mempool {
		return 0
	}
	work := 1
	if r, ok := m.(*Recall); ok {
		work += len(r.Consents)
	}
	if id, _ := PacketOf(m); id != (PacketID{}) && !a.read[id] {
		work += len(a.view.leaf(PacketKey(id))) / readBytes
	}
	return min(uint32(work), a.view.params.MaxTxsPerBlock)
}

// dueOf is how many items a tx may leave in the due queue: one at most. A block
// leaves no more than it can do, lest the queue grow for ever under load. A
// claim of a packet that the committed state does not know, which was sent in
// this block or nowhere, counts as one into a hold.
func (a *Admission) dueOf(m Message) uint32 {
	if a.mempool {
		return 0
	}
	switch m := m.(type) {
	case *Send, *Ask:
		return 1
	case *Claim:
		if a.holds(m.Packet) {
			return 1
		}
	}
	return 0
}

// holds reports whether claimed shares of a packet wait before they settle, as
// those of one that is not in the committed state may.
func (a *Admission) holds(id PacketID) bool {
	o := a.outline(id)
	return o == nil || o.Terms.Hold > 0
}

// sender is an account as the txs so far leave it. Nothing is kept of one that
// is not there: names cost nothing, and a mempool hears of many.
func (a *Admission) sender(addr Address) admitted {
	if s, ok := a.senders[addr]; ok {
		return s
	}
	acc := a.view.account(addr)
	if acc == nil {
		a.view.forgetAbsent(addr, PacketID{})
		return admitted{}
	}
	return admitted{leaf: true, nonce: acc.Nonce, bucket: acc.Bucket}
}

// forgetAbsent drops what was remembered of leaves that do not exist.
func (l *Ledger) forgetAbsent(a Address, p PacketID) {
	if c := l.accounts[a]; c != nil && c.value == nil {
		delete(l.accounts, a)
	}
	if c := l.packets[p]; c != nil && c.value == nil {
		delete(l.packets, p)
	}
}

// mostFirstClaims bounds the first claims of a block. A mempool may hold two
// blocks' worth: they cost their makers nothing, and a node judges each again
// after every block.
func (a *Admission) mostFirstClaims() uint32 {
	if a.mempool {
		return 2 * a.view.params.MaxFirstClaims
	}
	return a.view.params.MaxFirstClaims
}

// judge decides on the envelope, the signature aside, and returns the sender as
// the tx would leave it.
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
	bucket, err := s.bucket.take(now, a.view.params, tx.tokens(a.view.params))
	if err != nil {
		return s, err
	}
	s.nonce++
	s.bucket = bucket
	return s, nil
}

// judgeFirst decides on the one tx that an address without a leaf may have,
// but not yet on whether the committed state accepts the claim.
func (a *Admission) judgeFirst(tx *Tx, s admitted) (admitted, error) {
	_, isClaim := tx.Message.(*Claim)
	switch {
	case !isClaim:
		return s, Errorf(CodeUnknownAccount, "account %s: has never received money", tx.Account)
	case s.nonce > 0:
		return s, Errorf(CodeFirstClaimRepeated, "account %s: its first claim is already in this block", tx.Account)
	case tx.Nonce != 0:
		return s, Errorf(CodeWrongNonce, "nonce: expected 0, got %d", tx.Nonce)
	case a.firstClaims >= a.mostFirstClaims():
		return s, Errorf(CodeFirstClaimsFull, "block: holds %d claims by new accounts, the most there may be", a.firstClaims)
	}
	s.nonce = 1
	return s, nil
}
