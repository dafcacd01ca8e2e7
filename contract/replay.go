package contract

// Replay does again, step by step, what a history says happened: by the rules of
// a [Block], but with nothing admitted, and over any state that a reader makes
// up. Each step takes from an entry when it happened, its height, time and
// index, and nothing else. Signatures are verified.
type Replay struct {
	ledger *ledger
}

// NewReplay starts over a state.
func NewReplay(chain string, state State) (*Replay, error) {
	base, err := readCommitted(chain, state)
	if err != nil {
		return nil, err
	}
	return &Replay{newLedger(base, nil)}, nil
}

func (r *Replay) step(e *Entry, phase Phase, tx Hash) *step {
	env := &Env{Chain: r.ledger.base.chain, Height: e.Height, Time: e.Time, Verifier: Schnorr{}}
	return &step{Env: env, phase: phase, index: e.Index, tx: tx}
}

// Apply executes a tx. The error is why it failed.
func (r *Replay) Apply(e *Entry, tx *DecodedTx) error {
	return r.ledger.run(r.step(e, PhaseTx, tx.Hash), tx.Tx)
}

// Draw draws one reserved share. Shares of a packet are drawn in their order.
func (r *Replay) Draw(e *Entry, share Reservation, b *Beacon, out Output) error {
	return r.ledger.drawShare(r.step(e, PhaseDraw, Hash{}), share, b, out)
}

// FinishRecall sends home what a recall in the block of reservations left, once
// they are drawn.
func (r *Replay) FinishRecall(e *Entry, a AwaitingRecall) error {
	return r.ledger.finishRecall(r.step(e, PhaseDraw, Hash{}), a)
}

// Due does one item of due work. An item that its packet does not owe by then
// fails with [ErrState] and does nothing.
func (r *Replay) Due(e *Entry, d Due) error {
	return r.ledger.doDue(r.step(e, PhaseDue, Hash{}), d)
}

// Batch does what e, an entry of a large packet's history, says of claims, reserves or
// draws: what they were together, within what the packet allows. It takes from e how
// many there were, how much left the escrow, and the digest of which; that each of them
// was lawful is its own share's to prove.
func (r *Replay) Batch(id PacketID, e *Entry) error {
	p := r.ledger.packet(id)
	if p == nil || p.Tally == nil || e.Claims == nil {
		return unlawful("not a large one with a batch of claims")
	}
	if err := p.takeBatch(e); err != nil {
		return err
	}
	tx := Hash{}
	if e.Tx != nil {
		tx = *e.Tx
	}
	r.ledger.putPacket(p)
	r.ledger.batches[id] = &openBatch{*e.Claims,
		note{step: r.step(e, e.Phase, tx), kind: e.Kind, packet: &id, beacon: e.Beacon}}
	r.ledger.writeBatch(id)
	if e.Kind != KindDraw && p.Tally.Claimed == p.Terms.Shares {
		r.ledger.closePacket(id, Full, e.Time)
	}
	return nil
}

// ShareWasRecalled notes that a held share of a large packet was recalled: the share's
// history tells of it, and the packet's does not. It fails where none can have been.
func (r *Replay) ShareWasRecalled(id PacketID) error {
	p := r.ledger.packet(id)
	if p == nil || p.Tally == nil {
		return unlawful("not a large one with a batch of claims")
	}
	if p.Tally.Recalled = true; !p.mayHaveRecalled() {
		return unlawful("a share was recalled against its terms")
	}
	r.ledger.putPacket(p)
	return nil
}

// Packet is a packet's leaf as it is by now, whose Terms must not be changed;
// nil when there is none.
func (r *Replay) Packet(id PacketID) *Packet { return r.ledger.packet(id) }

// Changes is what the steps did, as [Block.Changes] is of a block.
func (r *Replay) Changes() ([]Leaf, []ChainEntry, []DueChange, error) { return r.ledger.changes() }
