package audit

import (
	"errors"
	"fmt"

	"hongbao/contract"
)

// moves says of each kind of entry that moves money in which phase it happens,
// from where to where. What is signed by an account that loses money stands in
// ownDebit.
var moves = map[contract.Kind][]move{
	contract.KindGenesis: {{contract.PhaseGenesis, contract.InMint, contract.InWallet}},
	contract.KindPay:     {{contract.PhaseTx, contract.InWallet, contract.InWallet}},
	contract.KindSend:    {{contract.PhaseTx, contract.InWallet, contract.InEscrow}},
	contract.KindClaim:   {{contract.PhaseTx, contract.InEscrow, contract.InWallet}, {contract.PhaseTx, contract.InEscrow, contract.InHold}},
	contract.KindDraw:    {{contract.PhaseDraw, contract.InEscrow, contract.InWallet}, {contract.PhaseDraw, contract.InEscrow, contract.InHold}},
	contract.KindSettle:  {{contract.PhaseDue, contract.InHold, contract.InWallet}},
	contract.KindReturn:  {{contract.PhaseTx, contract.InHold, contract.InWallet}, {contract.PhaseTx, contract.InWallet, contract.InWallet}},
	contract.KindRefund:  {{contract.PhaseDue, contract.InEscrow, contract.InWallet}},
	contract.KindRecall: {{contract.PhaseTx, contract.InEscrow, contract.InWallet}, {contract.PhaseDraw, contract.InEscrow, contract.InWallet},
		{contract.PhaseTx, contract.InHold, contract.InWallet}},
}

type move struct {
	phase    contract.Phase
	from, to contract.PlaceKind
}

// balances is an account's money at some entry.
type balances struct{ balance, held contract.Amount }

// checkBalances establishes the account's statement: every entry is a movement
// that the contract knows, of this account, and the balances after it are those
// before it plus what came and minus what went.
func (v *verifier) checkBalances() (line, error) {
	s := &AccountFacts{Address: v.address, From: v.file.From, Complete: v.file.From == 0 && len(v.file.Tail) == 0}
	var now balances
	for i, e := range v.entries {
		after := balances{e.Balance, e.Held}
		before, err := v.undo(e, after)
		if err != nil {
			return line{}, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		switch {
		case i == 0:
			s.Opening, s.OpeningHeld, s.Since = before.balance, before.held, e.Time
		case before != now:
			return line{}, fmt.Errorf("entry %d: starts from %s and %s held, the one before it left %s and %s", e.Seq,
				before.balance, before.held, now.balance, now.held)
		}
		now = after
		s.count(e)
	}
	if v.file.From == 0 && (s.Opening != 0 || s.OpeningHeld != 0) {
		return line{}, errors.New("entry 0: the account had money before it had a history")
	}
	if len(v.file.Tail) == 0 && now != (balances{v.account.Balance, v.account.Held}) {
		return line{}, fmt.Errorf("the entries leave %s and %s held, the leaf has %s and %s", now.balance, now.held, v.account.Balance, v.account.Held)
	}
	last := v.entries[len(v.entries)-1]
	s.Closing, s.ClosingHeld, s.Until, s.Entries = now.balance, now.held, last.Time, uint64(len(v.entries))
	v.facts.Account = s
	return both("%s + %s in - %s out = %s", "%s + 收入 %s - 支出 %s = %s",
		s.Opening+s.OpeningHeld, s.In, s.Out, s.Closing+s.ClosingHeld), nil
}

// undo is what the account had before e, given what it had after.
func (v *verifier) undo(e *contract.Entry, after balances) (balances, error) {
	p := e.Posting
	if p == nil {
		// What is announced to the accounts that it will move money of.
		if e.Phase != contract.PhaseTx || e.Kind != contract.KindReserve && e.Kind != contract.KindRecall {
			return after, fmt.Errorf("a %s that moves nothing", e.Kind)
		}
		return after, nil
	}
	if !known(e) {
		return after, fmt.Errorf("a %s of phase %s from %s to %s", e.Kind, e.Phase, p.From, p.To)
	}
	if p.From == p.To {
		return after, errors.New("moves money from a place to itself")
	}
	for _, place := range []contract.Place{p.From, p.To} {
		if place.Kind == contract.InMint && place != (contract.Place{}) {
			return after, errors.New("is from outside, by a name that outside does not have")
		}
		if place.Kind == contract.InEscrow && (e.Packet == nil || contract.PacketID(place.ID) != *e.Packet) {
			return after, errors.New("is of another packet than it names")
		}
	}
	before, touched, ok := after, false, true
	own := func(place contract.Place, back func(a, b contract.Amount) (contract.Amount, bool)) {
		var fits bool
		switch place {
		case contract.Wallet(v.address):
			before.balance, fits = back(before.balance, p.Amount)
		case contract.Hold(v.address):
			before.held, fits = back(before.held, p.Amount)
		default:
			return
		}
		touched, ok = true, ok && fits
	}
	own(p.To, contract.Amount.Sub)
	own(p.From, contract.Amount.Add)
	switch {
	case !touched:
		return after, errors.New("moves no money of this account")
	case !ok:
		return after, fmt.Errorf("%s do not fit the balances after it", p.Amount)
	}
	return before, nil
}

// known reports whether the contract has movements like e's.
func known(e *contract.Entry) bool {
	for _, m := range moves[e.Kind] {
		if m == (move{e.Phase, e.Posting.From.Kind, e.Posting.To.Kind}) {
			return true
		}
	}
	return false
}

// ownDebit reports whether e takes money from a that only a's own signature
// can: a payment, a send, or a return.
func ownDebit(e *contract.Entry, a contract.Address) bool {
	if e.Posting == nil || e.Tx == nil {
		return false
	}
	switch e.Kind {
	case contract.KindPay, contract.KindSend, contract.KindReturn:
		return e.Posting.From == contract.Wallet(a) || e.Posting.From == contract.Hold(a)
	}
	return false
}

// DebitTxs lists the txs among an account's entries by which it spent money
// itself, in order: what a proof of its statement must hold.
func DebitTxs(a contract.Address, entries [][]byte) (hashes []contract.Hash, err error) {
	for i, b := range entries {
		var e contract.Entry
		if err := contract.Decode(b, &e); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if ownDebit(&e, a) {
			hashes = append(hashes, *e.Tx)
		}
	}
	return hashes, nil
}

// checkDebits makes sure that the account signed for whatever it spent: the
// transactions in the file are those of its debits, one for each, in order.
func (v *verifier) checkDebits() (line, error) {
	txs, nonce := v.txs, uint64(0)
	for _, e := range v.entries {
		if !ownDebit(e, v.address) {
			continue
		}
		if len(txs) == 0 || txs[0].hash != *e.Tx {
			return line{}, fmt.Errorf("entry %d: its transaction is not the next one in the file", e.Seq)
		}
		tx := txs[0]
		txs = txs[1:]
		switch {
		case tx.Account != v.address:
			return line{}, fmt.Errorf("entry %d: the %s is signed by %s", e.Seq, contract.KindName(tx.Message), tx.Account)
		case tx.Nonce < nonce:
			return line{}, fmt.Errorf("entry %d: its transaction reuses nonce %d", e.Seq, tx.Nonce)
		case !inTime(tx.Tx, e.Time):
			return line{}, fmt.Errorf("entry %d: its transaction was valid until %s, executed at %s", e.Seq, tx.ValidUntil, e.Time)
		case !v.orders(tx.Tx, e):
			return line{}, fmt.Errorf("entry %d: is not what its %s says", e.Seq, contract.KindName(tx.Message))
		}
		nonce = tx.Nonce + 1
	}
	if len(txs) > 0 {
		return line{}, fmt.Errorf("%d transactions are of no entry", len(txs))
	}
	if len(v.txs) == 0 {
		return line{}, nil
	}
	return both("%d of its payments, sends and returns signed by the account", "该账户的 %d 笔付款、发包与退回都有其签名", len(v.txs)), nil
}

// orders reports whether tx tells the ledger to make e's movement.
func (v *verifier) orders(tx *contract.Tx, e *contract.Entry) bool {
	p := e.Posting
	switch m := tx.Message.(type) {
	case *contract.Pay:
		return e.Kind == contract.KindPay && p.To == contract.Wallet(m.To) && p.Amount == m.Amount
	case *contract.Send:
		return e.Kind == contract.KindSend && e.Packet != nil && *e.Packet == contract.NewPacketID(v.file.ChainID, tx.Account, tx.Nonce) &&
			p.Amount == m.Terms.Total && contract.CheckTerms(&m.Terms, tx.Account, e.Time) == nil
	case *contract.Return:
		return e.Kind == contract.KindReturn && e.Packet != nil && *e.Packet == m.Packet && e.Share == m.Share
	case *contract.Answer:
		return e.Kind == contract.KindReturn && m.Accept && e.Packet != nil && *e.Packet == m.Packet && e.Share == m.Share
	}
	return false
}

// inTime reports whether a tx might execute in a block of this time.
func inTime(tx *contract.Tx, at contract.Time) bool {
	return tx.ValidUntil > at && tx.ValidUntil <= at.Plus(contract.MaxValidFor)
}
