package sim

import (
	"fmt"
	"slices"

	"hongbao/contract"
)

// deed is what a person does next, and the packet it is about; nil is nothing.
func (p *person) deed(now contract.Time) (contract.Message, *gift) {
	switch {
	case p.new:
		return p.claim(p.some(p.gifts))
	case slices.Contains(payers, p.name):
		to := payers[p.rng.IntN(len(payers))]
		amount := 1 + p.rng.IntN(300)
		if p.chance(6) {
			amount = 700_000 // more than most have: an overdraft now and then
		}
		if to == p.name {
			return nil, nil
		}
		return &contract.Pay{To: addr(to), Amount: contract.Amount(amount)}, nil
	case len(p.gifts) == 0 || p.chance(6) && slices.Contains(busy, p.name):
		return p.send()
	}
	g := p.some(p.gifts)
	switch p.rng.IntN(16) {
	case 0:
		return &contract.Pay{To: addr(busy[p.rng.IntN(len(busy))]), Amount: contract.Amount(1 + p.rng.IntN(300))}, nil
	case 1, 2, 3, 4, 5, 6, 7:
		return p.claim(g)
	case 8, 9:
		return &contract.Recall{Packet: p.own(g).id, Clause: 1, Consents: []contract.Consent{}}, g
	case 10, 11:
		return p.recallShare(p.own(g), now)
	case 12, 13:
		share, answers := p.shareOf(p.node, g.id, addr(p.name))
		if !answers || share == 0 {
			return nil, nil
		}
		return &contract.Return{Packet: g.id, Share: share}, g
	case 14:
		g = p.own(g)
		return &contract.Ask{Packet: g.id, Share: uint32(1 + p.rng.IntN(2)), Reason: "AC03"}, g
	}
	g = p.own(g)
	clauses := g.terms.Clauses
	return &contract.Tighten{Packet: g.id, Clauses: append([]contract.Clause{},
		clauses[p.rng.IntN(len(clauses)+1):]...)}, g
}

// some is one of the newest packets.
func (p *person) some(gifts []*gift) *gift { return gifts[max(0, len(gifts)-1-p.rng.IntN(6))] }

// own is the newest packet that this person sent, or else g.
func (p *person) own(g *gift) *gift {
	for _, mine := range slices.Backward(p.gifts) {
		if mine.sender == p.name {
			return mine
		}
	}
	return g
}

// claim takes a share in the way that the packet asks for.
func (p *person) claim(g *gift) (contract.Message, *gift) {
	m := &contract.Claim{Packet: g.id, TermsHash: g.terms.Hash(p.chain)}
	if g.list != nil {
		g.list.claim(p, g, m)
	}
	if g.link != nil {
		sig := g.link.sign(contract.LinkDigest(p.chain, g.id, addr(p.name)))
		m.Link = &sig
	}
	return m, g
}

// send funds a packet: equal, lucky or by list, small or large, open to everyone, to those
// with the link or to named people, with or without a hold, and with powers to take it back.
func (p *person) send() (contract.Message, *gift) {
	g := &gift{sender: p.name}
	shares := 1 + p.rng.IntN(5)
	t := contract.Terms{Shares: uint32(shares), Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Total: contract.Amount(shares * (1 + p.rng.IntN(500))), Clauses: []contract.Clause{},
		Expiry: contract.Seconds(10 + p.rng.IntN(60))}
	if p.chance(2) {
		t.Split, t.Total = contract.Lucky, contract.Amount(shares+p.rng.IntN(1000))
	}
	switch p.rng.IntN(3) {
	case 0:
		g.link = ownerOf(fmt.Sprint("link ", p.rng.IntN(50)))
		key := [32]byte(g.link.address)
		t.LinkKey, t.Claim.Cond = &key, contract.Link{}
	case 1:
		named := contract.Named{}
		for _, name := range busy {
			named.Claimers = append(named.Claimers, addr(name))
		}
		t.Claim.Cond = named
	}
	if p.chance(3) {
		p.enlarge(&t, g)
	}
	if p.chance(3) {
		return &contract.Send{Terms: t}, g // a gift for good
	}
	t.Clauses = append(t.Clauses, clause(fmt.Sprintf("rest when all(sender,within(%ds))",
		1+p.rng.IntN(int(t.Expiry)))))
	if p.chance(2) {
		t.Hold = contract.Seconds(2 + p.rng.IntN(30))
		t.Clauses = append(t.Clauses, clause(fmt.Sprintf("share when all(sender,key(%s)) for FRAD", addr(judge))))
	}
	return &contract.Send{Terms: t}, g
}

func clause(text string) contract.Clause {
	c, err := contract.ParseClause(text)
	check(err)
	return c
}

// recallShare takes back the first held share of the first eight, with the judge's consent.
func (p *person) recallShare(g *gift, now contract.Time) (contract.Message, *gift) {
	for number := uint32(1); number <= min(8, g.terms.Shares); number++ {
		packet, claimed := p.withShare(p.node, g.id, number)
		clauses := packet.InForce()
		n := slices.IndexFunc(clauses, func(c contract.Clause) bool { return c.Target == contract.HeldShares })
		if claimed && n >= 0 && packet.ShareAt(number).State == contract.Held {
			return p.recall(packet, clauses, n, number, now), g
		}
	}
	return nil, nil
}

func (p *person) recall(packet *contract.Packet, clauses []contract.Clause, n int, share uint32,
	now contract.Time) contract.Message {
	m := &contract.Recall{Packet: packet.ID, Clause: uint32(n + 1), Share: share, Reason: "FRAD"}
	until := now.Plus(600)
	sig := ownerOf(judge).sign(contract.ConsentDigest(p.chain, packet, &clauses[n], m.Share, m.Reason, until))
	m.Consents = []contract.Consent{{Account: addr(judge), ValidUntil: until, Signature: sig}}
	return m
}
