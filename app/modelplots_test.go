package app

import (
	"slices"

	"pgregory.net/rapid"

	"hongbao/contract"
)

// Plots are steps in a row that chance would seldom put together.

// heldPacket sends a packet whose shares are held and recallable, and has two of
// them claimed.
func (m *machine) heldPacket(rt *rapid.T) {
	arbiters := keys([]string{pick(rt, "arbiter", "bob", "carol", "alice"), "dave", "erin"})
	sender := atom("sender")
	t := &mTerms{shares: 3, total: 300, rule: atom("always"), hold: 30 * second, expiry: 120 * second}
	m.drawSplit(rt, t)
	t.clauses = []mClause{
		share(turn(m, rt, "power", sender, mCond{op: "of", k: 2, sub: arbiters}, allOf(sender, after(5*second)),
			anyOf(sender, allOf(arbiters...)), arbiters[0], allOf(sender, arbiters[1])), turn(m, rt, "for", nil,
			[]string{"FRAD"}, nil)...),
		rest(turn(m, rt, "of the rest", sender, allOf(sender, atom("untouched")))),
	}
	m.encode(rt, t)
	send := &act{kind: "send", who: turn(m, rt, "sender", richNames...), terms: t, chainOK: true, signedOK: true}
	m.submit(rt, send)
	m.block(rt, m.model.now+second)
	p := m.sent(t)
	if p == nil {
		return
	}
	for _, name := range []string{turn(m, rt, "first", allNames...), turn(m, rt, "second", allNames...),
		turn(m, rt, "third", richNames...)} {
		m.submit(rt, &act{kind: "claim", who: name, packet: p.id, chainOK: true, signedOK: true})
	}
	m.block(rt, m.model.now+second)
	if t.lucky {
		m.block(rt, m.model.now+second)
	}
	if oneIn(rt, 2, "and recalled") {
		m.enqueue(rt, "recall")
	}
}

// sent is the packet that t made; nil if its sending was refused.
func (m *machine) sent(t *mTerms) *mPacket {
	for _, id := range m.model.order {
		if p := m.model.packets[id]; p.terms == t {
			return p
		}
	}
	return nil
}

// luckyPackets sends a lucky packet, or one each of two senders, and has several
// reserve shares in one block, which may be the packets' last: there the senders
// may recall the rest. In the block of the draws, which may be beyond expiry, or
// at the end of a hold, the people do with the shares what they can.
func (m *machine) luckyPackets(rt *rapid.T) {
	var sent []*mTerms
	senders := rapid.Permutation(richNames).Draw(rt, "senders")[:turn(m, rt, "packets", 1, 2, 1)]
	for _, from := range senders {
		t := m.luckyTerms(rt)
		sent = append(sent, t)
		m.submit(rt, &act{kind: "send", who: from, terms: t, chainOK: true, signedOK: true})
	}
	m.block(rt, m.model.now+second)
	var packets []*mPacket
	for _, t := range sent {
		if p := m.sent(t); p != nil {
			packets = append(packets, p)
		}
	}
	if len(packets) == 0 {
		return
	}
	takers := rapid.Permutation(allNames).Draw(rt, "takers")
	takers = slices.DeleteFunc(takers, func(n string) bool { return slices.Contains(senders, n) })
	recalled := turn(m, rt, "recall", false, true, len(packets) > 1)
	for _, p := range packets {
		for i := range rapid.IntRange(1, 4).Draw(rt, "how many") {
			m.luckyAct(rt, p, takers, "claim", i+1)
		}
		if recalled {
			m.luckyAct(rt, p, takers, "recall the rest", 0)
		}
		m.luckyAct(rt, p, takers, turn(m, rt, "too early", "nothing", "return", "recall", "return", "ask", "tighten"),
			1)
	}
	last := packets[len(packets)-1]
	m.block(rt, turn(m, rt, "reserved", m.model.now+second, last.expires-1, m.model.now+1))
	for _, p := range packets {
		for i := range p.shares {
			m.luckyAct(rt, p, takers, turn(m, rt, "with a share", "return", "recall", "ask", "claim",
				"recall the rest"), i+1)
		}
	}
	m.block(rt, turn(m, rt, "drawn", m.model.now+second, last.expires, m.model.now+5*second, last.expires-1))
}

func (m *machine) luckyTerms(rt *rapid.T) *mTerms {
	t := &mTerms{lucky: true, shares: turn(m, rt, "shares", uint64(2), 3, 4, 6), rule: atom("always"),
		hold: turn(m, rt, "hold", int64(0), 5, 0, 30) * second, expiry: 30 * second}
	t.total = t.shares*uint64(turn(m, rt, "each", 100, 1, 4000, 2)) + uint64(pick(rt, "odd fen", 0, 1, 7))
	sender := atom("sender")
	t.clauses = []mClause{rest(sender)}
	if t.hold > 0 {
		t.clauses = append(t.clauses, share(sender))
	}
	m.encode(rt, t)
	return t
}

// luckyAct submits what may be done about share n, which that taker has or wants.
func (m *machine) luckyAct(rt *rapid.T, p *mPacket, takers []string, kind string, n int) {
	x := &act{kind: kind, who: p.sender, packet: p.id, share: uint32(n), chainOK: true, signedOK: true}
	switch kind {
	case "nothing":
		return
	case "return":
		x.who = takers[n-1]
		if s := p.share(x.share); s != nil {
			x.who = s.claimer
		}
	case "recall":
		x.clause = 2
	case "claim":
		x.who, x.share = takers[n-1], 0
		if p.claimedBy(x.who) {
			x.who = takers[len(takers)-n]
		}
	case "recall the rest":
		x.kind, x.clause, x.share, x.reason = "recall", 1, 0, pick(rt, "reason", "AM09", "")
	case "tighten":
		x.share, x.clauses = 0, p.terms.clauses[1:]
	}
	m.submit(rt, x)
}

// rushOfPayments are more payments than a block holds, among people who have a
// leaf: the others may still come to make a first claim.
func (m *machine) rushOfPayments(rt *rapid.T) {
	for i := range 10 {
		from, to := richNames[i%len(richNames)], richNames[(i+1)%len(richNames)]
		m.submit(rt, &act{kind: "pay", who: from, to: to, amount: 1, chainOK: true, signedOK: true})
	}
}

// rushOfNewcomers has all who have no leaf claim the newest packet.
func (m *machine) rushOfNewcomers(rt *rapid.T) {
	live := m.live()
	if len(live) == 0 {
		rt.Skip("nothing to claim")
	}
	p := m.model.packets[live[len(live)-1]]
	for _, name := range poorNames {
		if m.model.accounts[name] != nil {
			continue
		}
		claim := &act{kind: "claim", who: name, packet: p.id, chainOK: true, signedOK: true}
		if p.terms.linkKey != "" {
			claim.link = "good"
		}
		m.submit(rt, claim)
	}
}

// manyTightenings narrows one packet's clauses more often than it may be.
func (m *machine) manyTightenings(rt *rapid.T) {
	live := slices.DeleteFunc(m.live(), func(id contract.PacketID) bool {
		return len(m.model.packets[id].inForce()) == 0
	})
	if len(live) == 0 {
		rt.Skip("no clauses anywhere")
	}
	p := m.model.packets[live[len(live)-1]]
	for i := range 5 {
		if len(p.inForce()) == 0 {
			return
		}
		next := slices.Clone(p.inForce())
		next[0].when = allOf(next[0].when, within(int64(20-i)*second))
		if i == 3 && oneIn(rt, 2, "renounce") {
			next = nil
		}
		m.submit(rt, &act{kind: "tighten", who: p.sender, packet: p.id, clauses: next, chainOK: true, signedOK: true})
		m.block(rt, m.model.now+second)
	}
}

// afterRecall tries everything on a share that went back, under a clause or not.
func (m *machine) afterRecall(rt *rapid.T) {
	state := turn(m, rt, "gone", "recalled", "returned")
	gone := m.shares(func(_ *mPacket, s *mShare) bool { return s.state == state })
	if len(gone) == 0 {
		m.enqueue(rt, "recall")
		return
	}
	s := gone[len(gone)-1]
	kind := turn(m, rt, "too late", "return", "ask", "recall", "ask", "return")
	x := &act{kind: kind, packet: s.p.id, share: s.n, clause: 1, who: s.p.sender, chainOK: true, signedOK: true}
	if kind == "return" {
		x.who = s.p.share(s.n).claimer
	}
	m.submit(rt, x)
	m.block(rt, m.model.now+second)
}

// questioned asks for a settled share and lets its claimer react.
func (m *machine) questioned(rt *rapid.T) {
	settled := m.settledShares()
	if len(settled) == 0 {
		m.enqueue(rt, "claim")
		return
	}
	s := settled[len(settled)-1]
	claimer := s.p.share(s.n).claimer
	for range pick(rt, "asked", 1, 1, 1, 2) {
		m.submit(rt, &act{kind: "ask", who: s.p.sender, packet: s.p.id, share: s.n, chainOK: true, signedOK: true})
	}
	if oneIn(rt, 4, "spends it first") {
		m.submit(rt, &act{kind: "pay", who: claimer, to: s.p.sender, amount: m.model.accounts[claimer].balance,
			chainOK: true, signedOK: true})
	}
	m.block(rt, m.model.now+second)
	x := &act{kind: turn(m, rt, "reaction", "return", "answer", "answer"), who: claimer, packet: s.p.id, share: s.n,
		accept: turn(m, rt, "accept", true, false), chainOK: true, signedOK: true}
	if oneIn(rt, 5, "by another") {
		x.who = turn(m, rt, "who else", m.model.names()...)
	}
	m.submit(rt, x)
	m.block(rt, m.model.now+second)
}

// crowdedEdge brings a block to the very instant at which more falls due than a
// block does, with a tx about what is left over: it is judged by the time, not
// by what was swept.
func (m *machine) crowdedEdge(rt *rapid.T) {
	var last []mDue
	due, most := m.model.due(), int(m.model.params.MaxDuePerBlock)
	for i := most; i < len(due); i++ {
		if due[i].at-due[i-most].at < second/2 && due[i].at-second/2 > m.model.now {
			last = append(last, due[i])
		}
	}
	if len(last) == 0 {
		for _, s := range m.settledShares() {
			m.submit(rt, &act{kind: "ask", who: s.p.sender, packet: s.p.id, share: s.n, chainOK: true, signedOK: true})
		}
		m.block(rt, m.model.now+second)
		return
	}
	d := turn(m, rt, "left over", last...)
	m.block(rt, d.at-second/2)
	x := &act{packet: d.p.id, share: d.share, clause: 1, who: d.p.sender, chainOK: true, signedOK: true}
	switch d.kind {
	case "lapse":
		x.kind, x.who = "answer", d.p.share(d.share).claimer
	case "settle":
		x.kind, x.reason = "recall", turn(m, rt, "reason", "", "FRAD")
	case "refund":
		x.kind = "recall"
	}
	m.submit(rt, x)
	m.block(rt, d.at)
}
