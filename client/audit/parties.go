package audit

import (
	"bytes"

	"hongbao/contract"
)

// checkParties makes sure that sender and claimer signed the same terms, those
// in the packet's leaf: the send holds them, the claim their hash. A proof
// about the rest has no claimer.
func (v *verifier) checkParties() (*Finding, error) {
	if err := v.checkSender(v.txs[0]); err != nil {
		return nil, in("send", err)
	}
	if v.share == 0 {
		return found("sender_signed"), nil
	}
	if err := v.checkClaimer(v.txs[1]); err != nil {
		return nil, in("claim", err)
	}
	return found("parties_signed"), nil
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
	case tx.Account != v.packet.Shares[v.share-1].Claimer:
		return fault("claim_signer", "account", tx.Account)
	case m.TermsHash != v.packet.Terms.Hash(v.file.ChainID):
		return fault("claim_terms")
	case !inTime(tx.Tx, v.packet.Shares[v.share-1].ClaimedAt):
		return fault("claim_time")
	}
	return v.claim(tx)
}

// claim has the contract execute the claim on the packet as it was when it was
// claimed from: the rule named the claimer, or the link's key signed for it, and
// the packet was open.
func (v *verifier) claim(tx signedTx) error {
	before := *v.packet
	s := &v.packet.Shares[v.share-1]
	before.Shares, before.Tightened = before.Shares[:v.share-1], nil
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
