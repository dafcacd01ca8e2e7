package audit

import (
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
	contract.KindClaim: {{contract.PhaseTx, contract.InEscrow, contract.InWallet},
		{contract.PhaseTx, contract.InEscrow, contract.InHold}},
	contract.KindDraw: {{contract.PhaseDraw, contract.InEscrow, contract.InWallet},
		{contract.PhaseDraw, contract.InEscrow, contract.InHold}},
	contract.KindSettle: {{contract.PhaseDue, contract.InHold, contract.InWallet}},
	contract.KindReturn: {{contract.PhaseTx, contract.InHold, contract.InWallet},
		{contract.PhaseTx, contract.InWallet, contract.InWallet}},
	contract.KindRefund: {{contract.PhaseDue, contract.InEscrow, contract.InWallet}},
	contract.KindRecall: {{contract.PhaseTx, contract.InEscrow, contract.InWallet},
		{contract.PhaseDraw, contract.InEscrow, contract.InWallet},
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
func (v *verifier) checkBalances() (*Finding, error) {
	s := &AccountFacts{Address: v.address, From: v.file.From, Complete: v.file.From == 0 && len(v.file.Tail) == 0}
	var now balances
	for i, e := range v.entries {
		after := balances{e.Balance, e.Held}
		before, err := v.undo(e, after)
		if err != nil {
			return nil, atEntry(e.Seq, err)
		}
		switch {
		case i == 0:
			s.Opening, s.OpeningHeld, s.Since = before.balance, before.held, e.Time
		case before != now:
			return nil, atEntry(e.Seq, fault("balance_jump", "balance", before.balance, "held", before.held,
				"left", now.balance, "left_held", now.held))
		}
		now = after
		s.count(e)
	}
	if v.file.From == 0 && (s.Opening != 0 || s.OpeningHeld != 0) {
		return nil, atEntry(0, fault("balance_before_history"))
	}
	if len(v.file.Tail) == 0 && now != (balances{v.account.Balance, v.account.Held}) {
		return nil, fault("balance_leaf", "balance", now.balance, "held", now.held,
			"leaf", v.account.Balance, "leaf_held", v.account.Held)
	}
	last := v.entries[len(v.entries)-1]
	s.Closing, s.ClosingHeld, s.Until, s.Entries = now.balance, now.held, last.Time, uint64(len(v.entries))
	v.facts.Account = s
	return found("balances", "opening", s.Opening+s.OpeningHeld, "in", s.In, "out", s.Out,
		"closing", s.Closing+s.ClosingHeld), nil
}

// undo is what the account had before e, given what it had after.
func (v *verifier) undo(e *contract.Entry, after balances) (balances, error) {
	p := e.Posting
	if p == nil {
		// What is announced to the accounts that it will move money of.
		if e.Phase != contract.PhaseTx || e.Kind != contract.KindReserve && e.Kind != contract.KindRecall {
			return after, fault("moves_nothing", "kind", e.Kind)
		}
		return after, nil
	}
	if !known(e) {
		return after, fault("unknown_move", "kind", e.Kind, "phase", e.Phase, "from", p.From, "to", p.To)
	}
	if p.From == p.To {
		return after, fault("moves_to_itself")
	}
	for _, place := range []contract.Place{p.From, p.To} {
		if place.Kind == contract.InMint && place != (contract.Place{}) {
			return after, fault("mint_named")
		}
		if place.Kind == contract.InEscrow && (e.Packet == nil || contract.PacketID(place.ID) != *e.Packet) {
			return after, fault("escrow_other")
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
		return after, fault("moves_other")
	case !ok:
		return after, fault("balance_misfit", "amount", p.Amount)
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
func (v *verifier) checkDebits() (*Finding, error) {
	txs, nonce := v.txs, uint64(0)
	for _, e := range v.entries {
		if !ownDebit(e, v.address) {
			continue
		}
		if len(txs) == 0 || txs[0].Hash != *e.Tx {
			return nil, atEntry(e.Seq, fault("tx_order"))
		}
		tx := txs[0]
		txs = txs[1:]
		switch {
		case tx.Account != v.address:
			found := fault("debit_signer", "message", contract.KindName(tx.Message), "account", tx.Account)
			return nil, atEntry(e.Seq, found)
		case tx.Nonce < nonce:
			return nil, atEntry(e.Seq, fault("nonce_reused", "nonce", tx.Nonce))
		case !inTime(tx.Tx, e.Time):
			return nil, atEntry(e.Seq, fault("tx_time", "until", tx.ValidUntil, "at", e.Time))
		case !v.orders(tx.Tx, e):
			return nil, atEntry(e.Seq, fault("debit_other", "message", contract.KindName(tx.Message)))
		}
		nonce = tx.Nonce + 1
	}
	if len(txs) > 0 {
		return nil, fault("debit_txs_left", "count", len(txs))
	}
	if len(v.txs) == 0 {
		return nil, nil
	}
	return found("debits", "count", len(v.txs)), nil
}

// orders reports whether tx tells the ledger to make e's movement.
func (v *verifier) orders(tx *contract.Tx, e *contract.Entry) bool {
	p := e.Posting
	switch m := tx.Message.(type) {
	case *contract.Pay:
		return e.Kind == contract.KindPay && p.To == contract.Wallet(m.To) && p.Amount == m.Amount
	case *contract.Send:
		return e.Kind == contract.KindSend && e.Packet != nil &&
			*e.Packet == contract.NewPacketID(v.file.ChainID, tx.Account, tx.Nonce) &&
			p.Amount == m.Terms.Total && contract.CheckTerms(&m.Terms, tx.Account, e.Time) == nil
	case *contract.Return:
		return e.Kind == contract.KindReturn && e.Packet != nil && *e.Packet == m.Packet && e.Share == m.Share
	case *contract.Answer:
		return e.Kind == contract.KindReturn && m.Accept && e.Packet != nil && *e.Packet == m.Packet &&
			e.Share == m.Share
	}
	return false
}

// inTime reports whether a tx might execute in a block of this time.
func inTime(tx *contract.Tx, at contract.Time) bool {
	return tx.ValidUntil > at && tx.ValidUntil <= at.Plus(contract.MaxValidFor)
}
