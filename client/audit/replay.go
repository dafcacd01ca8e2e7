package audit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"hongbao/contract"
)

// checkReplay lives the packet's life again under the contract's own rules. It
// starts from a ledger that knows nothing but that the sender has money, takes
// from each entry only when it happened (height, time, phase, index) and whose
// turn it was (tx, share), and derives all the rest from the signed txs and the
// beacons: what each entry must be, byte for byte, and in the end what the leaf
// must be, byte for byte.
func (v *verifier) checkReplay() (string, error) {
	r, err := newReplay(v)
	if err != nil {
		return "", err
	}
	for i, e := range v.entries {
		if err := r.step(e); err != nil {
			return "", fmt.Errorf("replay: entry %d: %w", i, err)
		}
	}
	switch {
	case len(r.txs) > 0:
		return "", fmt.Errorf("replay: %d transactions are in no entry", len(r.txs))
	case len(r.beacons) > 0:
		return "", fmt.Errorf("replay: %d beacons are in no entry", len(r.beacons))
	case r.owed != 0 && r.owed < v.file.Height:
		return "", fmt.Errorf("replay: %w", r.undrawn())
	}
	leaf, entries, err := r.outcome()
	if err != nil {
		return "", fmt.Errorf("replay: %w", err)
	}
	for i, b := range v.file.Entries {
		if i >= len(entries) || !bytes.Equal(b, entries[i]) {
			return "", fmt.Errorf("replay: entry %d: is not what its %s does", i, v.entries[i].Kind)
		}
	}
	if !bytes.Equal(leaf, v.file.Leaf) || len(entries) != len(v.file.Entries) {
		return "", errors.New("replay: gives another leaf than the proven one")
	}
	return "replay of the signed transactions gives the same leaf", nil
}

// replay is a packet's life up to an entry.
type replay struct {
	chain  string
	id     contract.PacketID
	ledger *contract.Ledger

	txs    []signedTx                  // not yet used
	nonces map[contract.Address]uint64 // least nonce of each account's next tx
	last   *contract.Entry

	owed    int64                    // block whose reservations are not drawn yet; 0: none
	recall  *contract.AwaitingRecall // in that block, and waits for the draws
	beacons []*beacon                // not yet used
	beacon  *beacon                  // of the newest draw
}

func newReplay(v *verifier) (*replay, error) {
	ledger, err := contract.NewLedger(v.file.ChainID, newBackdrop(v))
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return &replay{chain: v.file.ChainID, id: v.id, ledger: ledger, txs: v.txs, beacons: v.beacons, nonces: map[contract.Address]uint64{}}, nil
}

// step makes happen what e says happened.
func (r *replay) step(e *contract.Entry) error {
	if err := r.inOrder(e); err != nil {
		return err
	}
	first := r.last == nil
	r.last = e
	env := contract.Env{Chain: r.chain, Height: e.Height, Time: e.Time, Index: e.Index, Verifier: contract.Schnorr{}}
	switch e.Phase {
	case contract.PhaseTx:
		tx, err := r.nextTx(e)
		if err != nil {
			return err
		}
		if err := r.concerns(tx, first); err != nil {
			return fmt.Errorf("the %s: %w", contract.KindName(tx.Message), err)
		}
		env.Tx = tx.hash
		if err := contract.Apply(r.ledger, env, tx.Tx); err != nil {
			return fmt.Errorf("the %s is against the rules: %w", contract.KindName(tx.Message), err)
		}
		r.owe(e, tx.Message)
		return nil
	case contract.PhaseDraw:
		return r.draw(env, e)
	case contract.PhaseDue:
		return r.due(env, e)
	}
	return fmt.Errorf("phase %s: nothing of a packet's happens there", e.Phase)
}

// due does the work that e says fell due, which is the earliest of what the
// packet owes: a node's queue has an order.
func (r *replay) due(env contract.Env, e *contract.Entry) error {
	d, owed := r.nextDue()
	if !owed || d.Share != e.Share || contract.RunDueItem(r.ledger, env, d) != nil {
		return fmt.Errorf("the %s was not due", e.Kind)
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

// inOrder makes sure that blocks, and what happens inside one, only go on; and
// that a block draws what the one before reserved before anything else happens.
func (r *replay) inOrder(e *contract.Entry) error {
	if e.Height < 1 || e.Time < 0 {
		return fmt.Errorf("at height %d, %d ns", e.Height, e.Time)
	}
	if r.last == nil {
		return nil
	}
	l := r.last
	if r.owed != 0 && e.Height > r.owed && (e.Height > r.owed+1 || e.Phase != contract.PhaseDraw) {
		return r.undrawn()
	}
	switch {
	case e.Height > l.Height && e.Time >= l.Time:
		return nil
	case e.Height == l.Height && e.Time == l.Time:
		if e.Phase > l.Phase || e.Phase == l.Phase && e.Index > l.Index {
			return nil
		}
	}
	return errors.New("is not after the one before")
}

// nextTx takes the tx that e names, which must have been in time for its block
// and after its account's earlier ones.
func (r *replay) nextTx(e *contract.Entry) (signedTx, error) {
	if len(r.txs) == 0 || e.Tx == nil || r.txs[0].hash != *e.Tx {
		return signedTx{}, errors.New("its transaction is not the next one in the file")
	}
	tx := r.txs[0]
	r.txs = r.txs[1:]
	if tx.ValidUntil <= e.Time || tx.ValidUntil > e.Time.Plus(contract.MaxValidFor) {
		return signedTx{}, fmt.Errorf("its transaction was valid until %s, executed at %s", tx.ValidUntil, e.Time)
	}
	if tx.Nonce < r.nonces[tx.Account] {
		return signedTx{}, fmt.Errorf("its transaction reuses nonce %d", tx.Nonce)
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
		return errors.New("a packet is sent once, and first of all")
	case id != r.id:
		return fmt.Errorf("it is about packet %s", id)
	}
	return nil
}

// outcome is the packet's leaf, and its entries in order.
func (r *replay) outcome() (leaf []byte, entries [][]byte, err error) {
	leaves, all, _, err := r.ledger.Changes()
	if err != nil {
		return nil, nil, err
	}
	key := contract.PacketKey(r.id)
	for _, l := range leaves {
		if bytes.Equal(l.Key, key) {
			leaf = l.Value
		}
	}
	for _, e := range all {
		if bytes.Equal(e.Leaf, key) {
			entries = append(entries, e.Entry)
		}
	}
	return leaf, entries, nil
}

// backdrop is the state that a packet's life is replayed on: everybody who
// signs has an account, the sender has what it sends, and nothing else exists.
// A claimer returns only what it received here. What an account could afford
// elsewhere, and how often it recalled, is its own statement's to prove.
type backdrop struct{ leaves map[string][]byte }

func newBackdrop(v *verifier) *backdrop {
	params := contract.DefaultParams()
	b := &backdrop{leaves: map[string][]byte{
		string(contract.ParamsKey): contract.Encode(&params),
		string(contract.DrawsKey):  contract.Encode(&contract.Draws{}),
	}}
	supply := contract.Supply{}
	put := func(a contract.Address, balance contract.Amount) {
		if key := string(contract.AccountKey(a)); b.leaves[key] == nil {
			b.leaves[key] = contract.Encode(&contract.Account{Balance: balance})
			supply.Wallets += balance
		}
	}
	// The sender first: it alone needs money to begin with.
	for _, tx := range v.txs {
		if m, ok := tx.Message.(*contract.Send); ok {
			put(tx.Account, min(m.Terms.Total, contract.MaxAmount))
		}
	}
	for _, tx := range v.txs {
		put(tx.Account, 0)
	}
	supply.Total = supply.Wallets
	b.leaves[string(contract.SupplyKey)] = contract.Encode(&supply)
	return b
}

// Leaf implements contract.State.
func (b *backdrop) Leaf(key []byte) ([]byte, error) { return slices.Clone(b.leaves[string(key)]), nil }

// Due implements contract.State: a replay takes what falls due from the
// entries.
func (b *backdrop) Due(contract.Time, int) ([]contract.Due, error) { return nil, nil }
