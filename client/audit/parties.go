package audit

import (
	"bytes"
	"errors"
	"fmt"

	"hongbao/contract"
)

// checkParties makes sure that sender and claimer signed the same terms, those
// in the packet's leaf: the send holds them, the claim their hash. A proof
// about the rest has no claimer.
func (v *verifier) checkParties() (line, error) {
	want := 1
	if v.share != 0 {
		want = 2
	}
	if v.file.Kind == KindRecall {
		want++
	}
	if len(v.txs) != want {
		return line{}, fmt.Errorf("%d transactions, expected %d", len(v.txs), want)
	}
	if err := v.checkSender(v.txs[0]); err != nil {
		return line{}, fmt.Errorf("send: %w", err)
	}
	if v.share == 0 {
		return both("the sender signed the terms", "发的人签过这些条款"), nil
	}
	if err := v.checkClaimer(v.txs[1]); err != nil {
		return line{}, fmt.Errorf("claim: %w", err)
	}
	return both("sender and claimer signed the same terms", "发的人和领的人签的是同样的条款"), nil
}

func (v *verifier) checkSender(tx signedTx) error {
	m, ok := tx.Message.(*contract.Send)
	switch {
	case !ok:
		return fmt.Errorf("is a %s", contract.KindName(tx.Message))
	case tx.hash != v.packet.SendTx || tx.Account != v.packet.Sender:
		return errors.New("is not the one that the leaf names")
	case contract.NewPacketID(v.file.ChainID, tx.Account, tx.Nonce) != v.id:
		return errors.New("sends another packet")
	case !bytes.Equal(contract.Encode(&m.Terms), contract.Encode(&v.packet.Terms)):
		return errors.New("holds other terms than the leaf")
	case !inTime(tx.Tx, v.packet.Created):
		return errors.New("could not have been executed when the packet was created")
	}
	return nil
}

func (v *verifier) checkClaimer(tx signedTx) error {
	m, ok := tx.Message.(*contract.Claim)
	switch {
	case !ok:
		return fmt.Errorf("is a %s", contract.KindName(tx.Message))
	case m.Packet != v.id:
		return errors.New("is of another packet")
	case tx.Account != v.packet.Shares[v.share-1].Claimer:
		return fmt.Errorf("is signed by %s, who does not have the share", tx.Account)
	case m.TermsHash != v.packet.Terms.Hash(v.file.ChainID):
		return errors.New("accepts other terms than the leaf's")
	case !inTime(tx.Tx, v.packet.Shares[v.share-1].ClaimedAt):
		return errors.New("could not have been executed when the share was claimed")
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
	b := newBackdrop()
	b.packet(v.id, &before)
	b.account(before.Sender, contract.Account{})
	b.account(tx.Account, contract.Account{})
	ledger, err := b.ledger(v.file.ChainID)
	if err != nil {
		return err
	}
	env := contract.Env{Chain: v.file.ChainID, Height: v.file.Height, Time: s.ClaimedAt, Tx: tx.hash, Verifier: contract.Schnorr{}}
	if err := contract.Apply(ledger, env, tx.Tx); err != nil {
		return fmt.Errorf("against the rules: %w", err)
	}
	return nil
}
