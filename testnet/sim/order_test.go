package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"hongbao/contract"
)

// What clients saw is judged object by object: each account's nonce, each
// payer's balance, each packet's shares. A tx happens between the instant at
// which it was first handed to a node and the one at which its client learnt the
// outcome. What a client reads was so between the time that the answer says it
// speaks of and the instant at which it was read: a node may lag, and says so.
const orderTimeout = 20 * time.Second

// deedSeen is one operation on one object: it takes the object from one state to
// the next, or it cannot have happened there.
type deedSeen func(state any) (next any, possible bool)

var inOrder = porcupine.Model{
	Step: func(state, deed, _ any) (bool, any) {
		next, possible := deed.(deedSeen)(state)
		return possible, next
	},
}

// objects are the operations on each object, by name.
type objects struct {
	initial map[string]any
	deeds   map[string][]porcupine.Operation
}

func (o *objects) add(name string, from, to contract.Time, deed deedSeen) {
	if _, known := o.initial[name]; known {
		o.deeds[name] = append(o.deeds[name], porcupine.Operation{ClientId: len(o.deeds[name]), Input: deed,
			Call: int64(min(from, to)), Return: int64(to)})
	}
}

// drawer is a packet as its claimers see it.
type drawer struct {
	taken  int
	listed uint64 // of a list, the entries that are taken, each a bit: the simulation's are short
	closed bool   // recalled
}

// take is the drawer after share number was taken; false where it could not be.
func (d drawer) take(number uint32, of *contract.Terms) (drawer, bool) {
	free := number == uint32(d.taken+1)
	if of.Split == contract.ByList {
		entry := uint64(1) << number
		free = d.listed&entry == 0
		d.listed |= entry
	}
	free = free && !d.closed && d.taken < int(of.Shares)
	d.taken++
	return d, free
}

func checkOrder(v *view, broken func(string, ...any)) {
	o := v.objects()
	var names []string
	for name := range o.deeds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m := inOrder
		m.Init = func() any { return o.initial[name] }
		switch porcupine.CheckOperationsTimeout(m, o.deeds[name], orderTimeout) {
		case porcupine.Illegal:
			broken("%s: no order of its %d operations explains what clients saw", name, len(o.deeds[name]))
		case porcupine.Unknown:
			broken("%s: %d operations are not judged within %s", name, len(o.deeds[name]), orderTimeout)
		}
	}
}

func (v *view) objects() *objects {
	o := &objects{map[string]any{}, map[string][]porcupine.Operation{}}
	byAddress := map[contract.Address]string{}
	for _, names := range [][]string{busy, payers} {
		for _, name := range names {
			byAddress[addr(name)] = name
			o.initial["nonce of "+name] = uint64(0)
		}
	}
	for _, name := range payers {
		o.initial["balance of "+name] = contract.Amount(1_000_000)
	}
	first, txs := map[contract.Hash]contract.Time{}, map[contract.Hash]*contract.Tx{}
	for _, s := range v.Sent {
		if _, known := first[s.Hash]; known {
			continue
		}
		tx, err := contract.DecodeTx(s.Wire)
		check(err)
		first[s.Hash], txs[s.Hash] = s.At, tx
		if _, is := tx.Message.(*contract.Send); is {
			o.initial[drawerOf(contract.NewPacketID(v.doc.ChainID, tx.Account, tx.Nonce))] = drawer{}
		}
	}
	terms := v.sentTerms(txs)
	for _, t := range v.Told {
		if t.Height > 0 {
			o.addTx(txs[t.Hash], first[t.Hash], t, byAddress, terms)
		}
	}
	for _, a := range v.Asked {
		o.addRead(a, terms)
	}
	return o
}

func drawerOf(id contract.PacketID) string { return fmt.Sprint("shares of ", id.Short()) }

// sentTerms are those of every packet that a client tried to send.
func (v *view) sentTerms(txs map[contract.Hash]*contract.Tx) map[contract.PacketID]contract.Terms {
	terms := map[contract.PacketID]contract.Terms{}
	for _, tx := range txs {
		if m, is := tx.Message.(*contract.Send); is {
			terms[contract.NewPacketID(v.doc.ChainID, tx.Account, tx.Nonce)] = m.Terms
		}
	}
	return terms
}

func (o *objects) addTx(tx *contract.Tx, from contract.Time, t told, names map[contract.Address]string,
	terms map[contract.PacketID]contract.Terms) {
	who := names[tx.Account]
	o.add("nonce of "+who, from, t.At, func(s any) (any, bool) { return tx.Nonce + 1, s == tx.Nonce })
	ok := t.Code == contract.CodeOK
	switch m := tx.Message.(type) {
	case *contract.Pay:
		o.add("balance of "+who, from, t.At, func(s any) (any, bool) {
			has := s.(contract.Amount)
			switch {
			case ok:
				return has - m.Amount, has >= m.Amount
			case t.Code == contract.CodeOverdraft:
				return has, has < m.Amount
			}
			return has, true
		})
		if ok {
			o.add("balance of "+names[m.To], from, t.At, func(s any) (any,
				bool) {
				return s.(contract.Amount) + m.Amount, true
			})
		}
	case *contract.Claim:
		of := terms[m.Packet]
		o.add(drawerOf(m.Packet), from, t.At, func(s any) (any, bool) {
			d := s.(drawer)
			switch {
			case ok && of.Split == contract.Equal && t.Amount != of.Total/contract.Amount(of.Shares),
				ok && of.Split == contract.ByList && (m.Listing == nil || t.Amount != m.Listing.Entry.Amount):
				return d, false
			case ok:
				return d.take(t.Share, &of)
			case t.Code == contract.CodeEntryClaimed && m.Listing != nil:
				return d, d.listed&(1<<m.Listing.Entry.Index) != 0
			case t.Code == contract.CodeFull:
				return d, d.taken == int(of.Shares)
			case t.Code == contract.CodeRecalled:
				return d, d.closed
			}
			return d, true
		})
	case *contract.Recall:
		if ok && m.Share == 0 {
			o.add(drawerOf(m.Packet), from, t.At, func(s any) (any, bool) {
				d := s.(drawer)
				return drawer{d.taken, d.listed, true}, !d.closed && d.taken < int(terms[m.Packet].Shares)
			})
		}
	}
}

func (o *objects) addRead(a asked, terms map[contract.PacketID]contract.Terms) {
	if a.Packet != nil {
		o.add(drawerOf(*a.Packet), a.AsOf, a.At, func(s any) (any, bool) {
			d := s.(drawer)
			return d, d.taken == a.Claimed && d.closed == a.Closed &&
				a.Full == (a.Claimed == int(terms[*a.Packet].Shares))
		})
		return
	}
	o.add("nonce of "+a.Who, a.AsOf, a.At, func(s any) (any, bool) { return s, s == a.Nonce })
	o.add("balance of "+a.Who, a.AsOf, a.At, func(s any) (any, bool) { return s, s == a.Balance })
}
