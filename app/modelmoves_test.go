package app

import (
	"slices"

	"hongbao/contract"
)

// execute runs an admitted tx.
func (m *model) execute(x *act) string {
	m.executed[x.hash] = true
	if a := m.accounts[x.who]; a != nil {
		a.nonce++
		m.takeTx(a, x, m.now)
	}
	switch x.kind {
	case "pay":
		return m.pay(x)
	case "send":
		return m.send(x)
	case "claim":
		return m.claim(x)
	case "recall":
		return m.recall(x)
	case "return":
		return m.giveBack(x)
	case "ask":
		return m.askBack(x)
	case "answer":
		return m.answer(x)
	case "warp":
		return m.warp(x)
	}
	return m.tighten(x)
}

// warp moves the clock for the blocks to come.
func (m *model) warp(x *act) string {
	const year = 366 * 24 * hour
	if x.by <= 0 || x.by > year || m.offset+m.leap+x.by > 10*year {
		return "bad_warp"
	}
	m.leap += x.by
	line := mLine{kind: "warp", phase: "tx", height: m.height, index: m.index}
	m.history[string(contract.ClockKey)] = append(m.history[string(contract.ClockKey)], line)
	return "ok"
}

// end ends a block, which has a hash now: the next one owes what it reserved, and
// its warps are in force.
func (m *model) end(hash []byte) {
	m.tellAll()
	m.owed, m.reserved = m.reserved, mOwed{}
	if len(m.owed.shares) > 0 {
		m.owed.height, m.owed.block = m.height, hash
	}
	m.offset += m.leap
	m.now += m.leap
	m.leap = 0
}

func (m *model) pay(x *act) string {
	to := m.accounts[x.to]
	switch {
	case x.amount == 0 || x.amount > 1<<63-1:
		return "bad_amount"
	case x.to == x.who:
		return "self_payment"
	case m.accounts[x.who].balance < x.amount:
		return "overdraft"
	case to == nil && x.amount < uint64(m.params.MinFirstPay):
		return "below_minimum"
	}
	if to == nil {
		// Nonce 0 is for the first claim of an address without a leaf.
		m.accounts[x.to] = m.newcomer()
	}
	m.move(mLine{kind: "pay", phase: "tx"}, wallet(x.who), wallet(x.to), nil, x.amount)
	return "ok"
}

func (m *model) send(x *act) string {
	if code := x.terms.sendable(x.who, m.now); code != "ok" {
		return code
	}
	a := m.accounts[x.who]
	budget := *a
	switch {
	case a.balance < x.terms.total:
		return "overdraft"
	case a.open >= m.params.MaxOpenPackets:
		return "too_many_open_packets"
	case len(x.terms.clauses) > 0 && !m.takeRecall(&budget):
		return "recall_budget_spent"
	}
	a.open++
	p := &mPacket{
		id: contract.NewPacketID(testChain, addr(x.who), x.nonce), sender: x.who, terms: x.terms,
		termsHash: x.terms.wire.Hash(testChain), created: m.now, expires: m.now + x.terms.expiry, status: "open",
	}
	m.packets[p.id] = p
	m.order = append(m.order, p.id)
	m.move(mLine{kind: "send", phase: "tx"}, wallet(x.who), escrow(p), p, x.terms.total)
	return "ok"
}

func (m *model) claim(x *act) string {
	if code := m.claimable(x, m.now); code != "ok" {
		return code
	}
	p := m.packets[x.packet]
	if m.accounts[x.who] == nil {
		m.accounts[x.who] = m.newcomer()
		m.takeTx(m.accounts[x.who], x, m.now)
	}
	s := &mShare{number: uint32(len(p.shares) + 1), claimer: x.who, claimed: m.now}
	s.amount = p.terms.total / p.terms.shares
	if x.listing != nil {
		s.number, s.amount = x.listing.index, p.terms.list[x.listing.index-1].amount
	}
	p.shares = append(p.shares, s)
	if p.terms.lucky {
		s.amount = 0
		m.reserve(p, s)
	} else {
		to := m.take(p, s)
		m.move(mLine{kind: "claim", phase: "tx", share: s.number}, escrow(p), to, p, s.amount)
	}
	if len(p.shares) == int(p.terms.shares) {
		m.close(p, "full")
	}
	return "ok"
}

// take makes a share its claimer's, and says where its money belongs.
func (m *model) take(p *mPacket, s *mShare) mPlace {
	if p.terms.hold == 0 {
		s.state = "settled"
		return wallet(s.claimer)
	}
	s.state = "held"
	return holdOf(s.claimer)
}

func (m *model) recall(x *act) string {
	if code := m.recallable(x); code != "ok" {
		return code
	}
	p := m.packets[x.packet]
	line := mLine{kind: "recall", phase: "tx", share: x.share, reason: x.reason}
	if x.share != 0 {
		s := p.share(x.share)
		s.state = "recalled"
		m.move(line, holdOf(s.claimer), wallet(p.sender), p, s.amount)
	} else {
		if p.undrawn() > 0 {
			m.await(p, x.reason)
		} else {
			m.move(line, escrow(p), wallet(p.sender), p, p.escrow)
		}
		m.close(p, "recalled")
	}
	if !p.charged {
		p.charged = true
		m.takeRecall(m.accounts[p.sender])
	}
	return "ok"
}

// giveBack is a return, and what accepting a question is.
func (m *model) giveBack(x *act) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	s := p.share(x.share)
	switch {
	case s == nil:
		return "unknown_share"
	case s.claimer != x.who:
		return "not_claimer"
	case s.state == "returned":
		return "already_returned"
	case s.state == "recalled":
		return "share_recalled"
	case s.state == "reserved":
		return "share_reserved"
	case s.state == "settled" && m.accounts[x.who].balance < s.amount:
		return "overdraft"
	}
	from := wallet(x.who)
	if s.state == "held" {
		from = holdOf(x.who)
	}
	s.state = "returned"
	if s.answerable(m.now) {
		s.ask.state = "accepted"
	}
	m.move(mLine{kind: "return", phase: "tx", share: x.share}, from, wallet(p.sender), p, s.amount)
	return "ok"
}

// answerable reports whether a question about the share is open at now.
func (s *mShare) answerable(now int64) bool {
	return s.ask != nil && s.ask.state == "open" && now < s.ask.at+askFor
}

func (m *model) askBack(x *act) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	s := p.share(x.share)
	switch {
	case s == nil:
		return "unknown_share"
	case p.sender != x.who:
		return "not_sender"
	case !reasonKnown(x.reason) && x.reason != "":
		return "unknown_reason"
	case s.ask != nil:
		return "already_asked"
	case s.state == "recalled":
		return "share_recalled"
	case s.state == "returned":
		return "already_returned"
	case s.state != "settled":
		return "share_not_settled"
	}
	s.ask = &mAsk{state: "open", reason: x.reason, at: m.now}
	m.note(mLine{kind: "ask", phase: "tx", share: x.share, reason: x.reason}, p)
	return "ok"
}

func (m *model) answer(x *act) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	s := p.share(x.share)
	switch {
	case s == nil:
		return "unknown_share"
	case s.claimer != x.who:
		return "not_claimer"
	case !s.answerable(m.now):
		return "no_open_ask"
	case x.accept:
		return m.giveBack(x)
	}
	s.ask.state = "refused"
	m.note(mLine{kind: "refuse", phase: "tx", share: x.share}, p)
	return "ok"
}

func (m *model) tighten(x *act) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	if p.sender != x.who {
		return "not_sender"
	}
	held := func(s *mShare) bool {
		if p.terms.large() { // which remembers when its last share was claimed, and not what became of any
			return m.now < p.settles(s)
		}
		return s.state == "held" && m.now < p.settles(s) || s.state == "reserved" && p.terms.hold > 0
	}
	if code := p.closedCode(m.now); code != "" && !slices.ContainsFunc(p.shares, held) {
		return code
	}
	if len(p.tightened) == 4 {
		return "too_many_tightenings"
	}
	for _, c := range x.clauses {
		if code := c.sendable(p.sender, p.created, p.expires, p.terms.hold); code != "" {
			return code
		}
	}
	if !p.tighter(x.clauses) {
		return "not_tighter"
	}
	p.tightened = append(p.tightened, x.clauses)
	m.note(mLine{kind: "tighten", phase: "tx"}, p)
	return "ok"
}
