package audit

import (
	"bytes"

	"hongbao/contract"
)

// checkParties makes sure that sender and claimer signed the same terms, those
// in the packet's leaf: the send holds them, the claim their hash. A proof
// about the rest has no claimer.
func (v *verifier) checkParties() (*Finding, error) {
	if v.alone != nil {
		if err := v.standIn(v.txs[0]); err != nil {
			return nil, in("send", err)
		}
	}
	if err := v.checkSender(v.txs[0]); err != nil {
		return nil, in("send", err)
	}
	if v.share == 0 || v.file.Kind == KindUnclaimed {
		return found("sender_signed"), nil
	}
	if err := v.checkClaimer(v.txs[1]); err != nil {
		return nil, in("claim", err)
	}
	return found("parties_signed"), nil
}

// standIn makes of a large packet's share, and of the send that its leaf names, the
// packet as far as it is known: as it was when it was sent, with the share beside it.
func (v *verifier) standIn(tx signedTx) error {
	m, ok := tx.Message.(*contract.Send)
	switch {
	case !ok:
		return fault("tx_kind", "message", contract.KindName(tx.Message))
	case tx.Hash != v.alone.SendTx:
		return fault("send_other")
	case !m.Terms.Large():
		return fault("send_terms")
	}
	p := &contract.Packet{
		ID: v.id, Sender: tx.Account, Terms: m.Terms, SendTx: tx.Hash, Tightened: []contract.Tightening{},
		Created: v.alone.Created, Expires: v.alone.Created.Plus(m.Terms.Expiry), Status: contract.Open,
		Escrow: m.Terms.Total, Shares: []contract.Share{}, Tally: new(contract.Tally),
		History: contract.History{Count: 1},
	}
	if err := p.Check(v.now()); err != nil {
		return err
	}
	s := &v.alone.Share // as if it were the last
	p.Tally.Claimed, p.Tally.LastClaim, p.Tally.Recalled = v.share, s.ClaimedAt, s.State == contract.ShareRecalled
	p.Escrow -= min(p.Escrow, s.Amount)
	if err := p.CheckShare(v.share, v.alone, v.now()); err != nil {
		return err
	}
	v.packet = p.With(v.share, *v.alone)
	return nil
}

func (v *verifier) checkSender(tx signedTx) error {
	m, ok := tx.Message.(*contract.Send)
	switch {
	case !ok:
		return fault("tx_kind", "message", contract.KindName(tx.Message))
	case tx.Hash != v.packet.SendTx || tx.Account != v.packet.Sender:
		return fault("send_other")
	case contract.NewPacketID(v.file.ChainID, tx.Account, tx.Nonce) != v.id:
		return fault("send_packet")
	case !bytes.Equal(contract.Encode(&m.Terms), contract.Encode(&v.packet.Terms)):
		return fault("send_terms")
	case !inTime(tx.Tx, v.packet.Created):
		return fault("send_time")
	}
	return nil
}

func (v *verifier) checkClaimer(tx signedTx) error {
	m, ok := tx.Message.(*contract.Claim)
	switch {
	case !ok:
		return fault("tx_kind", "message", contract.KindName(tx.Message))
	case m.Packet != v.id:
		return fault("claim_packet")
	case tx.Account != v.packet.ShareAt(v.share).Claimer:
		return fault("claim_signer", "account", tx.Account)
	case v.alone != nil && !v.ofItsEntry(m):
		return fault("claim_entry")
	case m.TermsHash != v.packet.Terms.Hash(v.file.ChainID):
		return fault("claim_terms")
	case !inTime(tx.Tx, v.packet.ShareAt(v.share).ClaimedAt):
		return fault("claim_time")
	}
	return v.claim(tx)
}

// ofItsEntry reports whether a claim is of the entry that gives a large packet's share, where
// entries do.
func (v *verifier) ofItsEntry(m *contract.Claim) bool {
	if v.packet.Terms.Split != contract.ByList {
		return true
	}
	l := m.Listing
	return l != nil && l.Entry.Index == v.share && l.Entry.Amount == v.alone.Share.Amount
}

// claim has the contract execute the claim on the packet as it was when it was
// claimed from: the rule named the claimer, or the link's key signed for it, and
// the packet was open.
func (v *verifier) claim(tx signedTx) error {
	before := *v.packet
	s := v.packet.ShareAt(v.share)
	if v.alone != nil {
		before = *before.Bare()
	} else {
		before.Shares = before.Shares[:v.share-1]
	}
	before.Tightened = nil
	before.Status, before.Closed, before.Escrow = contract.Open, 0, before.Terms.Total
	b := newReplayState()
	b.packet(v.id, &before)
	b.account(before.Sender, contract.Account{})
	b.account(tx.Account, contract.Account{})
	ledger, err := b.ledger(v.file.ChainID)
	if err != nil {
		return err
	}
	when := &contract.Entry{Height: v.file.Height, Time: s.ClaimedAt}
	if err := ledger.Apply(when, tx.DecodedTx); err != nil {
		return within(err, "against_rules")
	}
	return nil
}
