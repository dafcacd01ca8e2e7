package audit

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// forgedValues are of values that a field's type holds and its range does not:
// the step that decodes them refuses them.
func forgedValues(testing.TB) (list []forged) {
	plain, lucky := terms(3, 100, "rest when all(sender,within(2m)) for DUPL,AM09"), luckyTerms(3, 300, "2m")
	whole := func(spoil func(f *forgery)) func(f *forgery) *File {
		return func(f *forgery) *File { spoil(f); return f.seal() }
	}
	for _, c := range []struct {
		desc   string
		failed string
		terms  contract.Terms
		tell   func(f *forgery) *File
	}{
		{"as it is", "", plain, whole(func(f *forgery) { f.claim("bob") })},
		{"a status that there is not", "leaf", plain, whole(func(f *forgery) { f.p.Status = 255 })},
		{"no status", "leaf", plain, whole(func(f *forgery) { f.p.Status = 0 })},
		{"closed before 1970", "leaf", plain, whole(func(f *forgery) { f.p.Closed = -1 })},
		{"an escrow of 2^64-1 fen", "leaf", plain, whole(func(f *forgery) { f.p.Escrow = ^contract.Amount(0) })},
		{"a split that there is not", "leaf", plain, whole(func(f *forgery) { f.p.Terms.Split = 4 })},
		{"a hold of more than 366 days", "leaf", plain, whole(func(f *forgery) { f.p.Terms.Hold = 1<<32 - 1 })},
		{"a target that there is not", "leaf", plain, whole(func(f *forgery) {
			f.p.Terms.Clauses = slices.Clone(f.p.Terms.Clauses)
			f.p.Terms.Clauses[0].Target = 3
		})},
		{"a share's state that there is not", "leaf", plain, whole(func(f *forgery) {
			f.claim("bob").p.Shares[0].State = 255
		})},
		{"a share claimed before 1970", "leaf", plain, whole(func(f *forgery) {
			f.claim("bob").p.Shares[0].ClaimedAt = -1
		})},
		{"a question that was asked before 1970", "leaf", plain, whole(func(f *forgery) {
			f.claim("bob").p.Shares[0].Asked = &contract.Asked{State: contract.AskOpen, At: -1}
		})},
		{"a tightening of before 1970", "leaf", plain, whole(func(f *forgery) {
			f.after(1).tighten("alice").p.Tightened[0].At = -1
		})},
		{"a sender that no stranger can be told from", "leaf", terms(3, 100), func(f *forgery) *File {
			f.claim("bob").p.Sender = contract.Address{}
			return f.shareCase(1)
		}},

		{"an entry of 2^64-1 fen", "entries", plain, whole(func(f *forgery) {
			f.claim("bob").entry().Posting.Amount = ^contract.Amount(0)
		})},
		{"an entry that leaves 2^63 fen", "entries", plain, whole(func(f *forgery) {
			f.claim("bob").entry().Held = 1 << 63
		})},
		{"an entry of no kind", "entries", plain, whole(func(f *forgery) {
			f.claim("bob").entry().Kind = contract.KindChange + 1
		})},
		{"an entry in no phase", "entries", plain, whole(func(f *forgery) { f.claim("bob").entry().Phase = 5 })},
		{"an entry of before 1970", "entries", plain, whole(func(f *forgery) { f.claim("bob").entry().Time = -1 })},
		{"an entry of a block below 0", "entries", plain, whole(func(f *forgery) {
			f.claim("bob").entry().Height = -1
		})},
		{"a recall beside a draw into a place that there is not", "entries", lucky, func(f *forgery) *File {
			f.reserve("bob").waitingRecall("alice", "AM09").after(1).beacon().draw(1).entry().Posting.To.Kind = 255
			return f.endRecall("AM09").recallCase(0)
		}},

		{"a transaction that was valid until before 1970", "signatures", plain, whole(func(f *forgery) {
			f.edit = func(tx *contract.Tx) { tx.ValidUntil = -1 }
			f.claim("bob")
		})},
		{"a consent until before 1970", "signatures", plain, whole(func(f *forgery) {
			f.recall("alice", 1, "AM09", func(m *contract.Recall) { m.Consents = []contract.Consent{{ValidUntil: -1}} })
		})},
		{"a tightening to a target that there is not", "signatures", plain, whole(func(f *forgery) {
			f.edit = func(tx *contract.Tx) { tx.Message.(*contract.Tighten).Clauses[0].Target = 9 }
			f.after(1).tighten("alice", "rest when all(sender,within(1m))")
			f.p.Tightened[0].Clauses[0].Target = contract.Rest
		})},
		{"a payment of 2^63 fen", "signatures", plain, whole(func(f *forgery) {
			f.sign("bob", &contract.Pay{To: address("carol"), Amount: 1 << 63})
		})},
		{"a warp of more than 366 days", "signatures", plain, whole(func(f *forgery) {
			f.sign("bob", &contract.Warp{By: contract.MaxDuration + 1})
		})},
		{"a beacon of a block below 0", "draws", lucky, whole(func(f *forgery) {
			f.reserve("bob").after(1).beacon(func(s *signer) { s.over, s.says = -1, -1 }).draw(1)
		})},
	} {
		list = append(list, forged{desc: c.desc, failed: c.failed, file: func(t testing.TB) []byte {
			return encode(t, c.tell(newForgery(t, c.terms)))
		}})
	}
	return append(list,
		forged{desc: "a supply that is none", failed: "leaf", file: supplyOf(0)},
		forged{desc: "a supply whose parts make more than 2^63-1 fen", failed: "leaf", file: supplyOf(1 << 63)},
		forged{desc: "a statement that begins with more than 2^63-1 fen", failed: "balances", file: wealthy},
		forged{desc: "the file of a contradiction with a third proof", verdict: Invalid, file: threeProofs},
	)
}

// supplyOf is the proof of a supply of so much, and of none where it is 0.
func supplyOf(total contract.Amount) func(t testing.TB) []byte {
	return func(t testing.TB) []byte {
		l := newLedger(t, "alice")
		l.block(time.Second)
		leaf := []byte{0}
		if total != 0 {
			leaf = contract.Encode(&contract.Supply{Wallets: total, Total: total})
		}
		l.forge(contract.SupplyKey, leaf)
		return encode(t, l.proveSupply())
	}
}

// forge has the validators sign that value stands at key.
func (l *ledger) forge(key, value []byte) {
	l.height++
	l.write([]contract.Leaf{{Key: key, Value: value}}, nil)
	_, _, err := l.tree.SaveVersion()
	must(l.t, err)
}

// wealthy is a part of a statement whose first entry takes 2^63-1 fen from hold, and
// leaves as much.
func wealthy(t testing.TB) []byte {
	l := newLedger(t, "alice")
	l.block(time.Second)
	key, head := contract.AccountKey(address("alice")), contract.Hash{1}
	var a contract.Account
	must(t, contract.Decode(l.leaves[string(key)], &a))
	e := &contract.Entry{Kind: contract.KindRecall}
	e.Seq, e.Height, e.Time, e.Phase = 1, 1, contract.TimeOf(l.time), contract.PhaseTx
	e.Tx, e.Packet, e.Share = &contract.Hash{2}, &contract.PacketID{3}, 1
	e.Posting = &contract.Posting{From: contract.Hold(address("alice")), To: contract.Wallet(address("bob")),
		Amount: contract.MaxAmount}
	e.Balance, e.Held, a.Held = a.Balance, contract.MaxAmount, contract.MaxAmount
	a.History = contract.History{Count: 2, Head: contract.NextHead(head, e.Hash())}
	l.forge(key, contract.Encode(&a))
	return encode(t, l.build(KindAccount, address("alice").String(), key,
		Evidence{From: 1, Head: head[:], Entries: [][]byte{contract.Encode(e)}}))
}

// threeProofs is the file of a contradiction, with its second proof twice.
func threeProofs(t testing.TB) []byte {
	one, other := pairStories[5].tell(t)
	c := Compare(encode(t, one), encode(t, other), newValidators(10, 10, 10, 10).trust(), Options{})
	both, _ := bytes.CutSuffix(c.Encode(), []byte(contradictionEnd))
	again := both[bytes.Index(both, []byte(contradictionNext)):]
	return slices.Concat(both, again, []byte(contradictionEnd))
}
