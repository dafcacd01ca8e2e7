// Package lives tells what became of packets from the transactions in blocks and from the
// dates of these blocks alone, and says what no rule allows. No node's state goes into it,
// and of the ledger's code the meaning of a condition alone, and whether a path leads to a
// list's root. So a bug that every node has alike, under which all agree and each proof
// verifies, still shows.
package lives

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"hongbao/contract"
)

// Lives are the packets of a chain.
type Lives struct {
	chain   string
	refill  contract.Time // for one recall of the budget
	budget  contract.Time // recalls that a full budget has
	packets map[contract.PacketID]*Life
	// full is when each sender's budget of recalls will be whole again.
	full map[contract.Address]contract.Time
}

// New is a chain on which nothing has happened yet.
func New(chain string, p contract.Params) *Lives {
	budget := contract.Time(p.RecallBudget)
	return &Lives{chain, contract.Time(p.RecallWindow) * 1e9 / budget, budget, map[contract.PacketID]*Life{},
		map[contract.Address]contract.Time{}}
}

// Of is a packet's life; nil: it was never sent.
func (l *Lives) Of(id contract.PacketID) *Life { return l.packets[id] }

// About is the life of the packet that a transaction made, or is about; nil: there is none.
func (l *Lives) About(tx *contract.Tx) *Life {
	id, _ := contract.PacketOf(tx.Message)
	if _, is := tx.Message.(*contract.Send); is {
		id = contract.NewPacketID(l.chain, tx.Account, tx.Nonce)
	}
	return l.packets[id]
}

// All are all packets, in no order.
func (l *Lives) All() iter.Seq2[contract.PacketID, *Life] { return maps.All(l.packets) }

// Life is what happened to one packet.
type Life struct {
	ID       contract.PacketID
	Sender   contract.Address
	Terms    contract.Terms
	Created  contract.Time
	InForce  []contract.Clause
	Claims   []Claim       // in order
	Recalled contract.Time // the rest; 0: it was not
	charged  bool          // a recall of it was charged to its sender's budget
}

// Claim is a share that was claimed.
type Claim struct {
	Number uint32             // of the share
	Entry  contract.ListEntry // that it is for, where the split is by list
	By     contract.Address
	At     contract.Time
	Height int64
	Gone   contract.ShareState // ShareRecalled, or Returned; 0: it was neither
}

// Share is the claim of a share's number; nil: there is none.
func (l *Life) Share(number uint32) *Claim {
	at := slices.IndexFunc(l.Claims, func(c Claim) bool { return c.Number == number })
	if at < 0 {
		return nil
	}
	return &l.Claims[at]
}

// Expires is from when on the packet is closed.
func (l *Life) Expires() contract.Time { return l.Created.Plus(l.Terms.Expiry) }

// Wrong is what no rule allows, and the promise that it breaks: P or R.
type Wrong struct{ Promise, Text string }

func wrongf(promise, format string, args ...any) []Wrong {
	return []Wrong{{promise, fmt.Sprintf(format, args...)}}
}

// Take has the next transaction of the chain happen, in a block of that height and date, and
// lists what is wrong with it.
func (l *Lives) Take(height int64, now contract.Time, tx *contract.Tx, code contract.Code) []Wrong {
	if m, is := tx.Message.(*contract.Send); is {
		return l.send(now, tx, m, code)
	}
	if code != contract.CodeOK {
		return nil
	}
	id, share := contract.PacketOf(tx.Message)
	packet := l.packets[id]
	if packet == nil {
		switch tx.Message.(type) {
		case *contract.Pay, *contract.Change, *contract.Warp:
			return nil
		}
		return wrongf("R", "a %s about no packet succeeds", contract.KindName(tx.Message))
	}
	if share > 0 && packet.Share(share) == nil {
		return wrongf("P", "packet %s has no share %d", id.Short(), share)
	}
	wrong := packet.judge(l.chain, now, tx)
	for i := range wrong {
		wrong[i].Text = fmt.Sprintf("packet %s %s", id.Short(), wrong[i].Text)
	}
	l.follow(packet, height, now, tx, share)
	return wrong
}

// send takes up a packet, and judges whether its sender's budget of recalls let it be sent.
func (l *Lives) send(now contract.Time, tx *contract.Tx, m *contract.Send, code contract.Code) (wrong []Wrong) {
	spent := l.full[tx.Account]-now > l.refill*(l.budget-1)
	switch {
	case code == contract.CodeOK && spent && len(m.Terms.Clauses) > 0:
		wrong = wrongf("R", "%s sends a packet with clauses beyond its recall budget", tx.Account.Short())
	case code == contract.CodeRecallBudget && !spent:
		wrong = wrongf("R", "%s is refused for a recall budget that it has", tx.Account.Short())
	}
	if code == contract.CodeOK {
		id := contract.NewPacketID(l.chain, tx.Account, tx.Nonce)
		l.packets[id] = &Life{ID: id, Sender: tx.Account, Terms: m.Terms, Created: now, InForce: m.Terms.Clauses}
	}
	return wrong
}

// follow has happen what a transaction about a packet does.
func (l *Lives) follow(p *Life, height int64, now contract.Time, tx *contract.Tx, share uint32) {
	switch m := tx.Message.(type) {
	case *contract.Claim:
		c := Claim{Number: p.number(m), By: tx.Account, At: now, Height: height}
		if m.Listing != nil {
			c.Entry = m.Listing.Entry
		}
		p.Claims = append(p.Claims, c)
	case *contract.Tighten:
		p.InForce = m.Clauses
	case *contract.Recall:
		if share == 0 {
			p.Recalled = now
		} else {
			p.Share(share).Gone = contract.ShareRecalled
		}
		if !p.charged {
			p.charged = true
			l.full[p.Sender] = min(max(now, l.full[p.Sender])+l.refill, now+l.refill*l.budget)
		}
	case *contract.Return:
		p.Share(share).Gone = contract.Returned
	case *contract.Answer:
		if m.Accept {
			p.Share(share).Gone = contract.Returned
		}
	}
}

// number is that of the share which a claim is for.
func (l *Life) number(m *contract.Claim) uint32 {
	if m.Listing != nil {
		return m.Listing.Entry.Index
	}
	return uint32(len(l.Claims) + 1)
}
