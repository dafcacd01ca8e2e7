package app

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"hongbao/contract"
)

// drawPacket names a packet: usually one of the newest, sometimes none.
func (m *machine) drawPacket(rt *rapid.T) contract.PacketID {
	if len(m.model.order) == 0 || oneIn(rt, 15, "unknown packet") {
		return contract.PacketID{1}
	}
	newest := m.model.order[max(0, len(m.model.order)-5):]
	if !oneIn(rt, 5, "closed or not") {
		if live := m.live(); len(live) > 0 {
			newest = live
		}
	}
	return newest[rapid.IntRange(0, len(newest)-1).Draw(rt, "packet")]
}

// live are the packets that still give and take back money.
func (m *machine) live() (ids []contract.PacketID) {
	for _, id := range m.model.order {
		if m.model.packets[id].closedCode(m.model.now) == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// shareRef is a claimed share and its number.
type shareRef struct {
	p *mPacket
	n uint32
}

// shares are the newest claimed ones that fit.
func (m *machine) shares(fit func(*mPacket, *mShare) bool) (found []shareRef) {
	for _, id := range m.model.order {
		for _, s := range m.model.packets[id].shares {
			if p := m.model.packets[id]; fit(p, s) {
				found = append(found, shareRef{p, s.number})
			}
		}
	}
	return found[max(0, len(found)-8):]
}

func (m *machine) heldShares() []shareRef {
	return m.shares(func(p *mPacket, s *mShare) bool { return s.state == "held" && m.model.now < p.settles(s) })
}

func (m *machine) settledShares() []shareRef {
	return m.shares(func(_ *mPacket, s *mShare) bool { return s.state == "settled" && s.ask == nil })
}

func (m *machine) askedShares() []shareRef {
	return m.shares(func(_ *mPacket, s *mShare) bool { return s.answerable(m.model.now) })
}

// aim points x at one of the shares, or at any share there may be or not.
func (m *machine) aim(rt *rapid.T, x *act, at []shareRef) {
	x.packet = m.drawPacket(rt)
	x.share = pick(rt, "share", uint32(1), 1, 2, 3, 0)
	if oneIn(rt, 8, "any share") {
		at = m.shares(func(*mPacket, *mShare) bool { return true })
	}
	if len(at) > 0 && !oneIn(rt, 10, "of any packet") {
		s := at[rapid.IntRange(0, len(at)-1).Draw(rt, "aim")]
		x.packet, x.share = s.p.id, s.n
	}
}

// possible is kind, or what must come before there can be one.
func (m *machine) possible(rt *rapid.T, kind string) string {
	none := func(n int) bool { return n == 0 && !oneIn(rt, 4, "nothing there") }
	if kind == "answer" && none(len(m.askedShares())) {
		kind = "ask"
	}
	if kind == "ask" && none(len(m.settledShares())) {
		kind = "claim"
	}
	if slices.Contains([]string{"claim", "recall", "tighten"}, kind) && none(len(m.live())+len(m.heldShares())) {
		kind = "send"
	}
	return kind
}

// draw makes one tx of a kind, not yet signed.
func (m *machine) draw(rt *rapid.T, kind string) *act {
	x := &act{kind: kind, chainOK: true, signedOK: true}
	x.who = pick(rt, "who", m.model.names()...)
	if oneIn(rt, 25, "a stranger") {
		x.who = pick(rt, "stranger", allNames...)
	}
	switch kind {
	case "pay":
		x.to = pick(rt, "to", allNames...)
		x.amount = pick(rt, "amount", uint64(1), 99, 100, 1000, 300_000, 0, 1<<63, 1<<64-1)
	case "send":
		x.terms = m.drawTerms(rt, x.who)
	case "claim":
		m.drawClaim(rt, x)
	case "recall":
		m.drawRecall(rt, x)
	case "return":
		m.aim(rt, x, m.shares(func(_ *mPacket, s *mShare) bool { return s.state == "held" || s.state == "settled" }))
	case "ask":
		m.aim(rt, x, m.settledShares())
		x.reason = pick(rt, "reason", "DUPL", "", "AC03", "XXXX")
	case "answer":
		m.aim(rt, x, m.askedShares())
		x.accept = rapid.Bool().Draw(rt, "accept")
	case "tighten":
		m.drawTighten(rt, x)
	case "warp":
		x.by = turn(m, rt, "by", second, 20*second, 0, 60*second, 366*24*hour+second, 600*second, 24*hour,
			(1<<32-1)*second, 366*24*hour)
	}
	m.byWhoMay(rt, x)
	return x
}

// byWhoMay makes x come from the one account that may do it, mostly.
func (m *machine) byWhoMay(rt *rapid.T, x *act) {
	p := m.model.packets[x.packet]
	if p == nil || oneIn(rt, 8, "by another") {
		return
	}
	switch x.kind {
	case "return", "answer":
		if s := p.share(x.share); s != nil {
			x.who = s.claimer
		}
	case "ask", "tighten":
		x.who = p.sender
	}
}

func (m *machine) drawClaim(rt *rapid.T, x *act) {
	x.packet = m.drawPacket(rt)
	x.wrongTerms = oneIn(rt, 20, "wrong terms")
	p := m.model.packets[x.packet]
	if p == nil {
		return
	}
	x.who = pick(rt, "claimer", allNames...)
	if names, listed := p.terms.rule.namedOnly(); listed && !oneIn(rt, 3, "listed or not") {
		x.who = pick(rt, "listed claimer", names...)
	}
	if x.who == p.sender && !oneIn(rt, 5, "by the sender") {
		x.who = pick(rt, "another", poorNames...)
	}
	if p.terms.list != nil {
		m.drawListing(rt, x, p)
		return
	}
	if oneIn(rt, 25, "a needless entry") {
		x.listing = &mListing{index: 1, flaw: "needless"}
	}
	if p.terms.linkKey != "" {
		x.link = pick(rt, "link", "good", "good", "good", "good", "", "bad")
	} else if oneIn(rt, 15, "needless link") {
		x.link = "bad"
	}
}

func (m *machine) drawTighten(rt *rapid.T, x *act) {
	x.packet = m.drawPacket(rt)
	if held := m.heldShares(); len(held) > 0 && oneIn(rt, 2, "of what is held") {
		x.packet = held[rapid.IntRange(0, len(held)-1).Draw(rt, "held")].p.id
	}
	if p := m.model.packets[x.packet]; p != nil {
		x.clauses = m.drawTightening(rt, p)
	}
}

// drawRecall is a recall of the rest or of a share, under a clause in force
// about that, by an account that can sign it and with the others' consents.
func (m *machine) drawRecall(rt *rapid.T, x *act) {
	if held := m.heldShares(); len(held) > 0 && oneIn(rt, 2, "of a share") {
		m.aim(rt, x, held)
	} else if x.packet = m.drawPacket(rt); oneIn(rt, 20, "of some share") {
		x.share = pick(rt, "some share", uint32(1), 2, 9)
	}
	x.reason = pick(rt, "reason", "DUPL", "DUPL", "AM09", "", "XXXX")
	x.clause = pick(rt, "clause", uint32(1), 1, 1, 2, 0, 3)
	p := m.model.packets[x.packet]
	if p == nil {
		return
	}
	list := p.inForce()
	var fits []uint32
	for i, c := range list {
		if (c.target == "share") == (x.share != 0) {
			fits = append(fits, uint32(i+1))
		}
	}
	if len(fits) > 0 && !oneIn(rt, 10, "any clause") {
		x.clause = turn(m, rt, "its clause", fits...)
	}
	if x.clause == 0 || int(x.clause) > len(list) {
		return
	}
	c := list[x.clause-1]
	if len(c.reasons) > 0 {
		x.reason = turn(m, rt, "listed", slices.Concat(c.reasons, c.reasons, c.reasons, []string{"TECH"})...)
	}
	signers := slices.Sorted(maps.Keys(c.when.signers(p.sender)))
	if !oneIn(rt, 5, "by anybody") {
		x.who = p.sender
		for _, name := range signers {
			if m.model.accounts[name] != nil && !slices.Contains(signers, x.who) {
				x.who = name
			}
		}
	}
	m.drawConsents(rt, x, p, c, signers)
}

// drawConsents are those of the signers that do not sign the tx itself, and
// now and then one that is not what it should be.
func (m *machine) drawConsents(rt *rapid.T, x *act, p *mPacket, c mClause, signers []string) {
	add := func(who string) *mConsent {
		until := m.model.now + pick(rt, "consent for", 60*second, 600*second, 24*hour, 15*second)
		x.consents = append(x.consents, &mConsent{who: who, by: who, clause: c, to: p.matter(x, c, until)})
		return x.consents[len(x.consents)-1]
	}
	for _, name := range signers {
		if name != x.who && len(x.consents) < 2 && !oneIn(rt, 3, "no consent") {
			add(name)
		}
	}
	if !oneIn(rt, 2, "bad consent") {
		return
	}
	flaws := []string{"unlisted", "key", "repeated", "own", "expired", "expired", "far", "far", "far", "chain",
		"packet", "clause", "share", "reason", "until"}
	if x.share != 0 {
		flaws = append(flaws, "claimer", "amount") // a consent to the rest is bound to neither
	}
	flaw := turn(m, rt, "flaw", flaws...)
	if flaw == "unlisted" || flaw == "own" || len(x.consents) == 0 {
		name := map[bool]string{true: x.who, false: pick(rt, "consenter", allNames...)}[flaw == "own"]
		add(name)
		return
	}
	one := x.consents[rapid.IntRange(0, len(x.consents)-1).Draw(rt, "consent")]
	switch flaw {
	case "key":
		one.by = "mallory"
	case "repeated":
		copied := *one
		x.consents = append(x.consents, &copied)
	case "expired":
		one.to.until = m.model.now + pick(rt, "expired", int64(0), 1, second, -second)
	case "far":
		one.to.until = m.model.now + 30*24*hour + pick(rt, "too far", 600*second, 1, second)
	case "chain":
		one.to.chain = "another-chain"
	case "packet":
		one.to.packet[0] ^= 1
	case "clause":
		one.clause = mClause{c.target, anyOf(c.when, atom("never")), c.reasons}
		one.to.clause = one.clause.text()
	case "share":
		one.to.share++
	case "claimer":
		one.to.claimer = "mallory"
	case "amount":
		one.to.amount++
	case "reason":
		one.to.reason += "x"
	case "until":
		one.saysUntil = one.to.until + 1
	}
}

// message is the contract's form of the act.
func (m *machine) message(x *act) contract.Message {
	switch x.kind {
	case "pay":
		return &contract.Pay{To: addr(x.to), Amount: contract.Amount(x.amount)}
	case "send":
		return &contract.Send{Terms: x.terms.wire}
	case "claim":
		c := &contract.Claim{Packet: x.packet}
		p := m.model.packets[x.packet]
		if p != nil && !x.wrongTerms {
			c.TermsHash = p.termsHash
		}
		if x.link != "" {
			key := "another link"
			if x.link == "good" {
				key = p.keyFor(x)
			}
			sig, err := contract.SignDigest(testKey(key), contract.LinkDigest(testChain, x.packet, addr(x.who)))
			m.OK(err)
			c.Link = &sig
		}
		if x.listing != nil {
			c.Listing = m.listing(p, x.listing)
		}
		return c
	case "recall":
		r := &contract.Recall{Packet: x.packet, Clause: x.clause, Share: x.share, Reason: contract.Reason(x.reason)}
		for _, c := range x.consents {
			r.Consents = append(r.Consents, m.consent(c))
		}
		return r
	case "return":
		return &contract.Return{Packet: x.packet, Share: x.share}
	case "ask":
		return &contract.Ask{Packet: x.packet, Share: x.share, Reason: contract.Reason(x.reason)}
	case "answer":
		return &contract.Answer{Packet: x.packet, Share: x.share, Accept: x.accept}
	case "warp":
		return &contract.Warp{By: contract.Seconds(x.by / second)}
	}
	return &contract.Tighten{Packet: x.packet, Clauses: wireClauses(x.clauses)}
}

func (m *machine) consent(c *mConsent) contract.Consent {
	p := &contract.Packet{ID: c.to.packet, Shares: make([]contract.Share, c.to.share)}
	if c.to.share > 0 {
		p.Shares[c.to.share-1] = contract.Share{Claimer: addr(c.to.claimer), Amount: contract.Amount(c.to.amount)}
	}
	clause := c.clause.wire()
	digest := contract.ConsentDigest(c.to.chain, p, &clause, c.to.share, contract.Reason(c.to.reason),
		contract.Time(c.to.until))
	sig, err := contract.SignDigest(testKey(c.by), digest)
	m.OK(err)
	return contract.Consent{Account: addr(c.who), ValidUntil: contract.Time(c.until()), Signature: sig}
}

// sign signs the act, and breaks the envelope before, or the bytes after it.
func (m *machine) sign(rt *rapid.T, x *act) {
	tx := &contract.Tx{Chain: testChain, Nonce: x.nonce, ValidUntil: contract.Time(x.validUntil), Message: m.message(x)}
	how := ""
	if oneIn(rt, 7, "spoil tx") {
		how = pick(rt, "how", "chain", "signature", "signer", "trailing", "garbage", "size", "kind")
	}
	if how == "chain" {
		tx.Chain, x.chainOK = "another-chain", false
	}
	m.OK(tx.Sign(testKey(x.who)))
	switch how {
	case "signature":
		tx.Signature[40] ^= 1
		x.signedOK = false
	case "signer":
		m.OK(tx.Sign(testKey("mallory")))
		tx.Account, x.signedOK = addr(x.who), false
	}
	x.wire = tx.Encode()
	switch how {
	case "trailing":
		x.wire, x.form = append(x.wire, 0), "malformed"
	case "garbage":
		x.wire, x.form = []byte("garbage"), "malformed"
	case "size":
		x.wire, x.form = append(x.wire, make([]byte, contract.MaxTxBytes)...), "tx_too_large"
	case "kind":
		x.wire[m.kindOffset(tx)], x.form = 10, "malformed"
	}
	x.hash = contract.TxHash(x.wire)
}

// kindOffset is where the message kind stands: after array, chain, account,
// nonce and valid_until.
func (m *machine) kindOffset(tx *contract.Tx) int {
	n := 1
	for _, field := range []any{tx.Chain, tx.Account, tx.Nonce, tx.ValidUntil} {
		n += len(contract.Encode(field))
	}
	return n
}
