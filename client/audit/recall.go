package audit

import (
	"bytes"
	"errors"
	"slices"

	"hongbao/contract"
)

// A recall case shows one recall and why it was allowed, without the rest of
// the packet's life: the entries before the recall are an opaque head, those
// after it hashes. From the proven leaf the verifier makes the packet as it
// was the moment before, has the contract execute the signed recall on it, and
// compares the entry that this makes with the file's, byte for byte.

// checkRecall establishes the recall.
func (v *verifier) checkRecall() (*Finding, error) {
	f, err := v.recall()
	return f, in("recall", err)
}

func (v *verifier) recall() (*Finding, error) {
	at, tx, m, err := v.theRecall()
	if err != nil {
		return nil, err
	}
	e := v.entries[at]
	before, err := v.beforeRecall(at)
	if err != nil {
		return nil, err
	}
	if err := v.execute(before, e, tx); err != nil {
		return nil, err
	}
	amount, done, err := v.amountRecalled(at)
	if err != nil {
		return nil, err
	}
	f := &RecallFacts{Packet: v.id, Sender: v.packet.Sender, PowerFacts: newPowerFacts(before, e, tx, m)}
	if len(f.Signers) == 0 { // no sender can sign such a clause
		return nil, fault("recall_unsigned", "clause", m.Clause)
	}
	if f.Amount = nil; done {
		f.Amount = &amount
	}
	if v.share != 0 {
		f.Claimer, f.ClaimedAt = &v.packet.Shares[v.share-1].Claimer, &v.packet.Shares[v.share-1].ClaimedAt
	}
	v.facts.Recall, v.before = f, before
	return found("recall", "clause", m.Clause, "signers", len(f.Signers), "when", f.When), nil
}

// theRecall is the entry that the case is about, and its tx, the file's last.
func (v *verifier) theRecall() (at int, tx signedTx, m *contract.Recall, err error) {
	at = slices.IndexFunc(v.entries, func(e *contract.Entry) bool {
		return e.Kind == contract.KindRecall && e.Share == v.share && e.Tx != nil
	})
	if at < 0 {
		return 0, tx, nil, fault("recall_no_entry")
	}
	tx = v.txs[len(v.txs)-1]
	m, ok := tx.Message.(*contract.Recall)
	switch {
	case !ok || m.Packet != v.id || m.Share != v.share:
		return 0, tx, nil, fault("recall_tx")
	case tx.Hash != *v.entries[at].Tx:
		return 0, tx, nil, fault("recall_other_tx")
	case !inTime(tx.Tx, v.entries[at].Time):
		return 0, tx, nil, fault("recall_time", "until", tx.ValidUntil, "at", v.entries[at].Time)
	}
	return at, tx, m, nil
}

// beforeRecall is the packet as it was the moment before the recall that is
// entry number at of the file.
func (v *verifier) beforeRecall(at int) (*contract.Packet, error) {
	p, e := *v.packet, v.entries[at]
	p.Escrow = e.Balance
	p.History = contract.History{Count: e.Seq, Head: v.heads[at]}
	p.Shares = slices.Clone(p.Shares)
	if v.share != 0 {
		s := &p.Shares[v.share-1]
		if s.State != contract.ShareRecalled || s.Asked != nil {
			return nil, fault("recall_share")
		}
		s.State = contract.Held
	} else {
		if p.Status != contract.Recalled || p.Closed != e.Time {
			return nil, fault("recall_rest")
		}
		p.Status, p.Closed = contract.Open, 0
		if e.Posting != nil {
			p.Escrow = e.Posting.Amount
		} else if n := len(p.Shares); n > 0 {
			p.Shares[n-1].State = contract.Reserved // it waited for the draws
			p.Shares[n-1].Asked = nil
		}
	}
	inForce, err := v.tightenedBefore(at)
	p.Tightened = p.Tightened[:inForce]
	return &p, err
}

// tightenedBefore is how many of the leaf's tightenings came before entry
// number at of the file. Those of the same instant must be shown, for the time
// does not tell on which side they stand.
func (v *verifier) tightenedBefore(at int) (n int, err error) {
	e, same, shown := v.entries[at], 0, 0
	for _, t := range v.packet.Tightened {
		if t.At < e.Time {
			n++
		} else if t.At == e.Time {
			same++
		}
	}
	before := 0
	for i, x := range v.entries {
		if x.Kind == contract.KindTighten && x.Time == e.Time {
			shown++
			if i < at {
				before++
			}
		}
	}
	if shown != same {
		return 0, fault("recall_tightenings", "count", same, "shown", shown)
	}
	return n + before, nil
}

// execute has the contract execute the recall on the packet as it was, and
// compares the entry that it makes with e.
func (v *verifier) execute(before *contract.Packet, e *contract.Entry, tx signedTx) error {
	b := newReplayState()
	b.packet(v.id, before)
	if v.share != 0 { // the claimer first: it may be the sender or the submitter, too
		s := &before.Shares[v.share-1]
		b.account(s.Claimer, contract.Account{Held: s.Amount})
	}
	b.account(before.Sender, contract.Account{})
	b.account(tx.Account, contract.Account{})
	ledger, err := b.ledger(v.file.ChainID)
	if err != nil {
		return err
	}
	if err := ledger.Apply(e, tx.DecodedTx); err != nil {
		return within(err, "against_rules")
	}
	_, entries, err := leafAndEntries(ledger, contract.PacketKey(v.id))
	if err != nil {
		return err
	}
	if len(entries) != 1 || !bytes.Equal(entries[0], contract.Encode(e)) {
		return fault("recall_entry")
	}
	return nil
}

// amountRecalled is what the recall brought back. Of the rest that is what all shares
// left; done is false while some are not drawn, and what the draws left goes home
// at once after them, in the next block.
func (v *verifier) amountRecalled(at int) (amount contract.Amount, done bool, err error) {
	e := v.entries[at]
	if v.share != 0 {
		return e.Posting.Amount, true, nil
	}
	rest := v.packet.Rest()
	switch {
	case e.Posting != nil && e.Posting.Amount == rest:
		return rest, true, nil
	case e.Posting != nil:
		return 0, false, fault("recall_amount", "amount", e.Posting.Amount, "rest", rest)
	case v.packet.Undrawn() && v.file.Height == e.Height:
		return 0, false, nil
	}
	home := contract.Posting{From: contract.Escrow(v.id), To: contract.Wallet(v.packet.Sender), Amount: rest}
	for _, x := range v.entries[at+1:] {
		end := contract.Entry{Seq: x.Seq, Height: e.Height + 1, Time: x.Time, Phase: contract.PhaseDraw, Index: x.Index,
			Kind: contract.KindRecall, Packet: &v.id, Posting: &home, Reason: e.Reason}
		if bytes.Equal(contract.Encode(x), contract.Encode(&end)) {
			return rest, true, nil
		}
	}
	return 0, false, fault("recall_end", "rest", rest)
}

// signers are those whose signatures counted, the submitter first.
func signers(c *contract.Clause, sender, submitter contract.Address, m *contract.Recall) (list []contract.Address) {
	if slices.Contains(contract.KeysIn(c.When.Cond, sender), submitter) {
		list = append(list, submitter)
	}
	for _, consent := range m.Consents {
		list = append(list, consent.Account)
	}
	return list
}

// RecallCase says which entries of a packet's whole history the case of a
// recall shows: those with from <= seq < until. share is from 1; 0 is the rest.
// It fails when there was no such recall.
func RecallCase(entries []contract.Entry, share uint32) (from, until int, err error) {
	at := slices.IndexFunc(entries, func(e contract.Entry) bool {
		return e.Kind == contract.KindRecall && e.Share == share && e.Tx != nil
	})
	if at < 0 {
		return 0, 0, errors.New("nothing was recalled")
	}
	from, until = at, at+1
	for i, e := range entries {
		switch {
		case e.Kind == contract.KindTighten && e.Time == entries[at].Time:
			from, until = min(from, i), max(until, i+1)
		case i > at && entries[at].Posting == nil && e.Phase == contract.PhaseDraw && e.Height == entries[at].Height+1:
			until = max(until, i+1)
		}
	}
	return from, until, nil
}
