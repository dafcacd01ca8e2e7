package audit

import (
	"bytes"
	"errors"
	"fmt"

	"hongbao/contract"
)

// checkReplay lives the packet's life again. It starts from nothing, takes
// from each entry only when it happened (height, time, index), and derives all
// the rest from the signed txs under the contract's rules: what each entry must
// be, byte for byte, and in the end what the leaf must be, byte for byte.
func (v *verifier) checkReplay() (string, error) {
	r := &replay{chain: v.file.ChainID, id: v.id, txs: v.txs, nonces: map[contract.Address]uint64{}}
	for i, e := range v.entries {
		want, err := r.step(e)
		if err != nil {
			return "", fmt.Errorf("replay: entry %d: %w", i, err)
		}
		want.Seq = uint64(i)
		if !bytes.Equal(contract.Encode(want), v.file.Entries[i]) {
			return "", fmt.Errorf("replay: entry %d: is not what its %s does", i, want.Kind)
		}
	}
	if len(r.txs) > 0 {
		return "", fmt.Errorf("replay: %d transactions are in no entry", len(r.txs))
	}
	r.packet.History = v.packet.History // folded from these very entries
	if !bytes.Equal(contract.Encode(&r.packet), v.file.Leaf) {
		return "", errors.New("replay: gives another leaf than the proven one")
	}
	return "replay of the signed transactions gives the same leaf", nil
}

// replay is a packet's life up to an entry.
type replay struct {
	chain  string
	id     contract.PacketID
	packet contract.Packet // Status 0 until it was sent

	txs    []signedTx                  // not yet used
	nonces map[contract.Address]uint64 // least nonce of each account's next tx
	last   *contract.Entry
}

// step judges what e says happened and returns the entry it must be, Seq
// aside.
func (r *replay) step(e *contract.Entry) (*contract.Entry, error) {
	if err := r.inOrder(e); err != nil {
		return nil, err
	}
	r.last = e
	switch e.Phase {
	case contract.PhaseTx:
		tx, err := r.nextTx(e)
		if err != nil {
			return nil, err
		}
		want, err := r.apply(tx, e.Time)
		if err != nil {
			return nil, fmt.Errorf("the %s is against the rules: %w", contract.KindName(tx.Message), err)
		}
		return r.complete(want, e, &tx.hash), nil
	case contract.PhaseDue:
		want, err := r.refund(e.Time)
		if err != nil {
			return nil, err
		}
		return r.complete(want, e, nil), nil
	}
	return nil, fmt.Errorf("phase %s: nothing of a packet's happens there", e.Phase)
}

// inOrder makes sure that blocks, and what happens inside one, only go on.
func (r *replay) inOrder(e *contract.Entry) error {
	if e.Height < 1 || e.Time < 0 {
		return fmt.Errorf("at height %d, %d ns", e.Height, e.Time)
	}
	if r.last == nil {
		return nil
	}
	l := r.last
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

// complete adds to what happened when it happened, and what was left after.
func (r *replay) complete(want, e *contract.Entry, tx *contract.Hash) *contract.Entry {
	want.Height, want.Time, want.Phase, want.Index, want.Tx = e.Height, e.Time, e.Phase, e.Index, tx
	want.Packet, want.Balance = &r.id, r.packet.Escrow
	return want
}

func (r *replay) apply(tx signedTx, now contract.Time) (*contract.Entry, error) {
	if _, isSend := tx.Message.(*contract.Send); isSend != (r.packet.Status == 0) {
		return nil, errors.New("a packet is sent once, and first of all")
	}
	switch m := tx.Message.(type) {
	case *contract.Send:
		return r.send(tx, m, now)
	case *contract.Claim:
		return r.claim(tx, m, now)
	case *contract.Recall:
		return r.recall(tx, m, now)
	case *contract.Return:
		return r.giveBack(tx, m)
	}
	return nil, errors.New("it touches no packet")
}

func (r *replay) send(tx signedTx, m *contract.Send, now contract.Time) (*contract.Entry, error) {
	if contract.NewPacketID(r.chain, tx.Account, tx.Nonce) != r.id {
		return nil, errors.New("it makes another packet")
	}
	if err := contract.CheckTerms(&m.Terms, tx.Account, now); err != nil {
		return nil, err
	}
	r.packet = contract.Packet{
		Sender: tx.Account, Terms: m.Terms, SendTx: tx.hash,
		Created: now, Expires: now.Plus(m.Terms.Expiry),
		Status: contract.Open, Escrow: m.Terms.Total,
	}
	return moved(contract.KindSend, contract.Wallet(tx.Account), contract.Escrow(r.id), m.Terms.Total), nil
}

func (r *replay) claim(tx signedTx, m *contract.Claim, now contract.Time) (*contract.Entry, error) {
	p := &r.packet
	if err := r.open(m.Packet, now); err != nil {
		return nil, err
	}
	switch {
	case tx.Account == p.Sender:
		return nil, errors.New("the sender claims")
	case r.hasShare(tx.Account):
		return nil, fmt.Errorf("%s claims twice", tx.Account)
	case m.TermsHash != p.Terms.Hash(r.chain):
		return nil, errors.New("it accepts other terms")
	}
	facts := p.Facts(now)
	facts.Claimer = tx.Account
	if m.Link != nil {
		key := p.Terms.LinkKey
		facts.Link = key != nil && contract.Schnorr{}.Verify(*key, contract.LinkDigest(r.chain, r.id, tx.Account), *m.Link)
		if !facts.Link {
			return nil, errors.New("the link did not sign this claimer")
		}
	}
	if unmet := contract.Unmet(p.Terms.Claim.Cond, facts); unmet != nil {
		return nil, fmt.Errorf("%s is not met", contract.Print(unmet))
	}
	amount, ok := p.Terms.ShareAmount(), false
	if p.Escrow, ok = p.Escrow.Sub(amount); !ok {
		return nil, errors.New("there is not so much left")
	}
	p.Shares = append(p.Shares, contract.Share{Claimer: tx.Account, Amount: amount, State: contract.Settled, ClaimedAt: now})
	if uint32(len(p.Shares)) == p.Terms.Shares {
		p.Status, p.Closed = contract.Full, now
	}
	want := moved(contract.KindClaim, contract.Escrow(r.id), contract.Wallet(tx.Account), amount)
	want.Share = uint32(len(p.Shares))
	return want, nil
}

func (r *replay) recall(tx signedTx, m *contract.Recall, now contract.Time) (*contract.Entry, error) {
	p := &r.packet
	if err := r.open(m.Packet, now); err != nil {
		return nil, err
	}
	if m.Share != 0 || len(m.Consents) > 0 || m.Clause == 0 || int(m.Clause) > len(p.Terms.Clauses) {
		return nil, errors.New("it names a share, consents, or no clause of the terms")
	}
	clause := &p.Terms.Clauses[m.Clause-1]
	if clause.Target != contract.Rest || !clause.Allows(m.Reason) {
		return nil, fmt.Errorf("clause %d does not allow it for %q", m.Clause, m.Reason)
	}
	if unmet := contract.Unmet(clause.When.Cond, p.Facts(now, tx.Account)); unmet != nil {
		return nil, fmt.Errorf("%s is not met", contract.Print(unmet))
	}
	want := r.close(contract.KindRecall, contract.Recalled, now)
	want.Reason = m.Reason
	return want, nil
}

func (r *replay) refund(now contract.Time) (*contract.Entry, error) {
	if r.packet.Status != contract.Open || now < r.packet.Expires {
		return nil, errors.New("a refund before expiry, or of a closed packet")
	}
	return r.close(contract.KindRefund, contract.Expired, now), nil
}

// close sends what is in escrow home.
func (r *replay) close(kind contract.Kind, status contract.Status, now contract.Time) *contract.Entry {
	p := &r.packet
	want := moved(kind, contract.Escrow(r.id), contract.Wallet(p.Sender), p.Escrow)
	p.Escrow, p.Status, p.Closed = 0, status, now
	return want
}

func (r *replay) giveBack(tx signedTx, m *contract.Return) (*contract.Entry, error) {
	p := &r.packet
	if m.Packet != r.id || m.Share == 0 || int(m.Share) > len(p.Shares) {
		return nil, errors.New("it names another packet, or no share that was claimed")
	}
	share := &p.Shares[m.Share-1]
	if share.Claimer != tx.Account || share.State != contract.Settled {
		return nil, errors.New("it is not that account's share, or was returned before")
	}
	share.State = contract.Returned
	want := moved(contract.KindReturn, contract.Wallet(tx.Account), contract.Wallet(p.Sender), share.Amount)
	want.Share = m.Share
	return want, nil
}

// open makes sure that a message is for this packet, which still gives and
// takes back money at now.
func (r *replay) open(id contract.PacketID, now contract.Time) error {
	p := &r.packet
	switch {
	case id != r.id:
		return fmt.Errorf("it is for packet %s", id)
	case p.Status != contract.Open:
		return fmt.Errorf("the packet was %s at %s", p.Status, p.Closed)
	case now >= p.Expires:
		return fmt.Errorf("the packet expired at %s", p.Expires)
	}
	return nil
}

func (r *replay) hasShare(a contract.Address) bool {
	for i := range r.packet.Shares {
		if r.packet.Shares[i].Claimer == a {
			return true
		}
	}
	return false
}

func moved(kind contract.Kind, from, to contract.Place, amount contract.Amount) *contract.Entry {
	return &contract.Entry{Kind: kind, Posting: &contract.Posting{From: from, To: to, Amount: amount}}
}
