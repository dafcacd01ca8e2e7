package audit

import (
	"bytes"

	"hongbao/contract"
)

// checkReplay lives the packet's life again under the contract's own rules. It
// starts from a ledger that knows nothing but that the sender has money, takes
// from each entry only when it happened (height, time, phase, index) and whose
// turn it was (tx, share), and derives all the rest from the signed txs and the
// beacons: what each entry must be, byte for byte, and in the end what the leaf
// must be, byte for byte.
func (v *verifier) checkReplay() (*Finding, error) {
	f, err := v.replay()
	return f, in("replay", err)
}

func (v *verifier) replay() (*Finding, error) {
	r, err := newReplay(v)
	if err != nil {
		return nil, err
	}
	for i, e := range v.entries {
		if err := r.step(e); err != nil {
			return nil, atEntry(i, err)
		}
	}
	switch {
	case len(r.txs) > 0:
		return nil, fault("replay_txs_left", "count", len(r.txs))
	case len(r.beacons) > 0:
		return nil, fault("replay_beacons_left", "count", len(r.beacons))
	case r.owed != 0 && r.owed < v.file.Height:
		return nil, r.undrawn()
	case v.packet.Tally != nil && v.packet.Tally.Recalled:
		if err := r.ledger.ShareWasRecalled(r.id); err != nil {
			return nil, err
		}
	}
	leaf, entries, err := leafAndEntries(r.ledger, contract.PacketKey(r.id))
	if err != nil {
		return nil, err
	}
	for i, e := range v.entries {
		if i >= len(entries) || !bytes.Equal(contract.Encode(e), entries[i]) {
			return nil, atEntry(i, fault("replay_entry", "kind", e.Kind))
		}
	}
	if !bytes.Equal(leaf, v.leaf) || len(entries) != len(v.entries) {
		return nil, fault("replay_leaf")
	}
	v.recalls = r.recalls
	if v.packet.Tally != nil {
		return found("replay_batches"), nil
	}
	return found("replay"), nil
}

// replay is a packet's life up to an entry.
type replay struct {
	chain  string
	id     contract.PacketID
	ledger *contract.Replay

	txs    []signedTx                  // not yet used
	nonces map[contract.Address]uint64 // least nonce of each account's next tx

	owed    int64                    // block whose reservations are not drawn yet; 0: none
	recall  *contract.AwaitingRecall // in that block, and waits for the draws
	beacons []*beacon                // not yet used
	beacon  *beacon                  // of the newest draw
	recalls []PowerFacts
	last    *contract.Entry // the one before; nil: none
}

func newReplay(v *verifier) (*replay, error) {
	b := newReplayState()
	// The sender first: it alone needs money to begin with.
	for _, tx := range v.txs {
		if m, ok := tx.Message.(*contract.Send); ok {
			b.account(tx.Account, contract.Account{Balance: min(m.Terms.Total, contract.MaxAmount)})
		}
	}
	for _, tx := range v.txs {
		b.account(tx.Account, contract.Account{})
	}
	ledger, err := b.ledger(v.file.ChainID)
	if err != nil {
		return nil, err
	}
	return &replay{chain: v.file.ChainID, id: v.id, ledger: ledger, txs: v.txs, beacons: v.beacons,
		nonces: map[contract.Address]uint64{}}, nil
}

// step makes happen what e says happened.
func (r *replay) step(e *contract.Entry) error {
	if r.owed != 0 && e.Height > r.owed && (e.Height > r.owed+1 || e.Phase != contract.PhaseDraw) {
		return r.undrawn() // a block draws before anything else happens
	}
	before := r.last
	r.last = e
	switch {
	case e.Claims != nil:
		return r.batch(before, e)
	case e.Phase == contract.PhaseTx:
		return r.tx(e)
	case e.Phase == contract.PhaseDraw:
		return r.draw(e)
	case e.Phase == contract.PhaseDue:
		return r.due(e)
	}
	return fault("entry_phase", "phase", e.Phase)
}

// batch takes the claims, reserves or draws of a block that e tells of as far as the
// packet allows them. A block's stand in one entry, unless something comes between.
func (r *replay) batch(last, e *contract.Entry) error {
	drawn := e.Kind == contract.KindDraw
	switch {
	case last != nil && last.Claims != nil && last.Height == e.Height && last.Phase == e.Phase:
		return fault("batch_split")
	case drawn && r.owed == 0:
		return fault("not_owed", "kind", e.Kind)
	}
	if err := r.ledger.Batch(r.id, e); err != nil {
		return within(err, "against_rules")
	}
	switch {
	case e.Kind == contract.KindReserve:
		r.owed = e.Height
	case drawn && r.recall == nil:
		r.owed = 0
	}
	return nil
}

// tx executes the transaction that e names.
func (r *replay) tx(e *contract.Entry) error {
	first := r.ledger.Packet(r.id) == nil
	tx, err := r.nextTx(e)
	if err != nil {
		return err
	}
	if err := r.concerns(tx, first); err != nil {
		return within(err, "message", "message", contract.KindName(tx.Message))
	}
	before := r.ledger.Packet(r.id)
	if err := r.ledger.Apply(e, tx.DecodedTx); err != nil {
		return within(err, "message_against_rules", "message", contract.KindName(tx.Message))
	}
	if m, ok := tx.Message.(*contract.Recall); ok {
		r.recalls = append(r.recalls, newPowerFacts(before, e, tx, m))
	}
	r.owe(e, tx.Message)
	return nil
}

// due does the work that e says fell due, which is the earliest of what the
// packet owes: a node's queue has an order.
func (r *replay) due(e *contract.Entry) error {
	d, owed := r.nextDue()
	if !owed || d.Share != e.Share || r.ledger.Due(e, d) != nil {
		return fault("not_due", "kind", e.Kind)
	}
	return nil
}

// nextDue is the packet's first item in the due queue, by time, then share.
func (r *replay) nextDue() (first contract.Due, owed bool) {
	p := r.ledger.Packet(r.id)
	if p == nil {
		return first, false
	}
	owes := func(at contract.Time, share int) {
		if !owed || at < first.At {
			first, owed = contract.Due{At: at, Packet: r.id, Share: uint32(share)}, true
		}
	}
	if p.Status == contract.Open {
		owes(p.Expires, 0)
	}
	for i := range p.Shares {
		switch s := &p.Shares[i]; {
		case s.State == contract.Held:
			owes(p.SettlesAt(uint32(i+1)), i+1)
		case s.Asked != nil && s.Asked.State == contract.AskOpen:
			owes(s.Asked.LapsesAt(), i+1)
		}
	}
	return first, owed
}

// nextTx takes the tx that e names, which must have been in time for its block
// and after its account's earlier ones.
func (r *replay) nextTx(e *contract.Entry) (signedTx, error) {
	if len(r.txs) == 0 || e.Tx == nil || r.txs[0].Hash != *e.Tx {
		return signedTx{}, fault("tx_order")
	}
	tx := r.txs[0]
	r.txs = r.txs[1:]
	if !inTime(tx.Tx, e.Time) {
		return signedTx{}, fault("tx_time", "until", tx.ValidUntil, "at", e.Time)
	}
	if tx.Nonce < r.nonces[tx.Account] {
		return signedTx{}, fault("nonce_reused", "nonce", tx.Nonce)
	}
	r.nonces[tx.Account] = tx.Nonce + 1
	return tx, nil
}

// concerns makes sure that a tx is about this packet, which is sent once and
// first of all.
func (r *replay) concerns(tx signedTx, first bool) error {
	id, isSend := contract.PacketID{}, false
	switch m := tx.Message.(type) {
	case *contract.Send:
		id, isSend = contract.NewPacketID(r.chain, tx.Account, tx.Nonce), true
	default:
		id, _ = contract.PacketOf(m)
	}
	switch {
	case isSend != first:
		return fault("send_first")
	case id != r.id:
		return fault("packet_other", "packet", id)
	}
	return nil
}
