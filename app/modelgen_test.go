package app

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"hongbao/contract"
)

const second = int64(time.Second)

// People of the model: the first have money at genesis, the others no leaf.
var (
	richNames = []string{"alice", "bob", "carol"}
	poorNames = []string{"dave", "erin", "frank", "grace", "heidi"}
	allNames  = append(append([]string{}, richNames...), poorNames...)
)

func pick[T any](rt *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(rt, label)
}

// turn is pick without its liking for the first: the list begins elsewhere
// every time.
func turn[T any](m *machine, rt *rapid.T, label string, from ...T) T {
	m.turns = m.turns*1_664_525 + 1_013_904_223
	first := int(m.turns>>8) % len(from)
	return pick(rt, label, slices.Concat(from[first:], from[:first])...)
}

// oneIn is true for about one in n draws, and shrinks to false.
func oneIn(rt *rapid.T, n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(rt, label) == n-1
}

func seconds(rt *rapid.T, low, high int, label string) int64 {
	return int64(rapid.IntRange(low, high).Draw(rt, label)) * second
}

// drawInstant is an absolute moment near now, in whole seconds as terms need.
func (m *machine) drawInstant(rt *rapid.T) int64 {
	return (m.model.now/second)*second + seconds(rt, -2, 30, "instant")
}

func atom(op string) mCond { return mCond{op: op} }

func allOf(sub ...mCond) mCond { return mCond{op: "all", sub: sub} }
func anyOf(sub ...mCond) mCond { return mCond{op: "any", sub: sub} }

func (m *machine) drawRule(rt *rapid.T) mCond {
	named := mCond{op: "named", who: rapid.SliceOfNDistinct(rapid.SampledFrom(allNames), 1, 4, rapid.ID[string]).Draw(rt, "named")}
	window := turn(m, rt, "window",
		mCond{op: "within", ns: seconds(rt, 0, 20, "within")}, mCond{op: "after", ns: seconds(rt, 0, 20, "after")},
		mCond{op: "before", ns: m.drawInstant(rt)}, mCond{op: "from", ns: m.drawInstant(rt)})
	return turn(m, rt, "rule",
		atom("always"), atom("always"), atom("always"),
		atom("link"), atom("link"), named,
		allOf(atom("link"), named), anyOf(atom("link"), named),
		allOf(atom("always"), window), allOf(named, window), anyOf(window, named),
		atom("always"), atom("link"), atom("always"), atom("link"), atom("always"), atom("link"),
		atom("never"), atom("sender"), allOf(atom("link"), atom("untouched")))
}

func (m *machine) drawClause(rt *rapid.T) mClause {
	within := mCond{op: "within", ns: turn(m, rt, "within", int64(20), 25, 30, 10, 2, 0, 40) * second}
	after := mCond{op: "after", ns: turn(m, rt, "after", int64(10), 5, 1, 20, 29, 30, 0) * second}
	before := mCond{op: "before", ns: m.drawInstant(rt)}
	from := mCond{op: "from", ns: m.drawInstant(rt)}
	key := mCond{op: "key", who: []string{pick(rt, "key", allNames...)}}
	other := mCond{op: "key", who: []string{pick(rt, "other", allNames...)}}
	sender := atom("sender")
	c := mClause{when: turn(m, rt, "clause",
		allOf(sender, within), allOf(sender, atom("untouched")), allOf(sender, after), sender,
		allOf(sender, within), allOf(key, after), allOf(anyOf(sender, key), before),
		anyOf(allOf(sender, within), allOf(key, from)), allOf(sender, from, before),
		mCond{op: "of", k: 1, sub: []mCond{sender, key}}, mCond{op: "of", k: 2, sub: []mCond{sender, key, within}},
		mCond{op: "of", k: 2, sub: []mCond{key, other}}, allOf(sender, anyOf(within, atom("untouched"))),
		within, atom("never"), allOf(sender, atom("link")), allOf(sender, atom("never")))}
	c.reasons = pick(rt, "reasons", nil, nil, []string{"DUPL"}, []string{"AM09", "FRAD"})
	return c
}

// drawTerms are terms, most of them good.
func (m *machine) drawTerms(rt *rapid.T) *mTerms {
	t := &mTerms{
		shares: uint64(rapid.IntRange(1, 4).Draw(rt, "shares")),
		rule:   m.drawRule(rt),
		expiry: pick(rt, "expiry", int64(30), 45, 60, 120, 120, 300, 1) * second,
	}
	t.total = t.shares * uint64(pick(rt, "each", 1, 50, 100, 700, 4000))
	for range pick(rt, "clauses", 1, 1, 1, 2, 2, 0) {
		t.clauses = append(t.clauses, m.drawClause(rt))
	}
	hasLink := false
	t.rule.each(func(c mCond) { hasLink = hasLink || c.op == "link" })
	if hasLink {
		t.linkKey = pick(rt, "link key", "link-1", "link-2")
	}
	w := contract.Terms{
		Total: contract.Amount(t.total), Shares: uint32(t.shares), Split: contract.Equal,
		Claim: contract.Rule{Cond: t.rule.wire()}, Clauses: []contract.Clause{},
		Expiry: contract.Seconds(t.expiry / second),
	}
	for _, c := range t.clauses {
		wc := contract.Clause{Target: contract.Rest, When: contract.Rule{Cond: c.when.wire()}, Reasons: []contract.Reason{}}
		for _, r := range c.reasons {
			wc.Reasons = append(wc.Reasons, contract.Reason(r))
		}
		w.Clauses = append(w.Clauses, wc)
	}
	if t.linkKey != "" {
		k := [32]byte(addr(t.linkKey))
		w.LinkKey = &k
	}
	if oneIn(rt, 6, "spoil terms") {
		t.spoil = m.spoilTerms(rt, &w)
	}
	t.wire = w
	return t
}

// spoilTerms breaks one thing and says the code that it earns.
func (m *machine) spoilTerms(rt *rapid.T, w *contract.Terms) string {
	type spoil struct {
		code string
		do   func()
	}
	s := pick(rt, "spoil",
		spoil{"bad_amount", func() { w.Total = 0 }},
		spoil{"bad_amount", func() { w.Total = contract.MaxAmount + 1 }},
		spoil{"bad_shares", func() { w.Shares = 0 }},
		spoil{"bad_shares", func() { w.Shares = 101; w.Total = 101 }},
		spoil{"too_many_shares", func() { w.Shares = 100; w.Total = 99 }},
		spoil{"uneven_split", func() { w.Shares = 3; w.Total = 100 }},
		spoil{"unsupported", func() { w.Split = contract.Lucky }},
		spoil{"bad_terms", func() { w.Split = 9 }},
		spoil{"unsupported", func() { w.Hold = 1 }},
		spoil{"unsupported", func() { w.Scene = "friends" }},
		spoil{"bad_terms", func() { w.Expiry = 0 }},
		spoil{"bad_terms", func() { w.Expiry = contract.MaxDuration + 1 }},
	)
	s.do()
	return s.code
}

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
		x.terms = m.drawTerms(rt)
	case "claim":
		x.packet = m.drawPacket(rt)
		x.wrongTerms = oneIn(rt, 20, "wrong terms")
		if p := m.model.packets[x.packet]; p != nil {
			x.who = pick(rt, "claimer", allNames...)
			if x.who == p.sender && !oneIn(rt, 5, "by the sender") {
				x.who = pick(rt, "another", poorNames...)
			}
			if p.terms.linkKey != "" {
				x.link = pick(rt, "link", "good", "good", "good", "good", "", "bad")
			} else if oneIn(rt, 15, "needless link") {
				x.link = "bad"
			}
		}
	case "recall":
		x.packet = m.drawPacket(rt)
		x.reason = pick(rt, "reason", "DUPL", "DUPL", "AM09", "", "XXXX")
		x.clause = pick(rt, "clause", uint32(1), 1, 1, 2, 0, 3)
		if p := m.model.packets[x.packet]; p != nil {
			if !oneIn(rt, 4, "by anybody") {
				x.who = p.sender
			}
			if !oneIn(rt, 8, "any clause") && len(p.terms.clauses) > 0 {
				x.clause = uint32(rapid.IntRange(1, len(p.terms.clauses)).Draw(rt, "its clause"))
			}
			if n := int(x.clause); n > 0 && n <= len(p.terms.clauses) && len(p.terms.clauses[n-1].reasons) > 0 {
				x.reason = pick(rt, "listed", append([]string{"TECH"}, p.terms.clauses[n-1].reasons...)...)
			}
		}
		if oneIn(rt, 30, "of a share") {
			x.share = 1
		}
	case "return":
		x.packet = m.drawPacket(rt)
		x.share = pick(rt, "share", uint32(1), 1, 2, 3, 0)
		var claimed []contract.PacketID
		for _, id := range m.model.order {
			if len(m.model.packets[id].claimers) > 0 {
				claimed = append(claimed, id)
			}
		}
		if len(claimed) > 0 && !oneIn(rt, 6, "of any packet") {
			x.packet = claimed[rapid.IntRange(0, len(claimed)-1).Draw(rt, "claimed")]
		}
		p := m.model.packets[x.packet]
		if p != nil && x.share > 0 && int(x.share) <= len(p.claimers) && !oneIn(rt, 6, "by another") {
			x.who = p.claimers[x.share-1]
		}
	}
	return x
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
				key = p.terms.linkKey
			}
			sig, err := contract.SignDigest(testKey(key), contract.LinkDigest(testChain, x.packet, addr(x.who)))
			m.ok(err)
			c.Link = &sig
		}
		return c
	case "recall":
		return &contract.Recall{Packet: x.packet, Clause: x.clause, Share: x.share, Reason: contract.Reason(x.reason), Consents: []contract.Consent{}}
	}
	return &contract.Return{Packet: x.packet, Share: x.share}
}

// spoilTx breaks the envelope before signing, or the bytes after it.
func (m *machine) sign(rt *rapid.T, x *act) {
	tx := &contract.Tx{Chain: testChain, Nonce: x.nonce, ValidUntil: contract.Time(x.validUntil), Message: m.message(x)}
	how := ""
	if oneIn(rt, 7, "spoil tx") {
		how = pick(rt, "how", "chain", "signature", "signer", "trailing", "garbage", "size", "kind")
	}
	if how == "chain" {
		tx.Chain, x.chainOK = "another-chain", false
	}
	m.ok(tx.Sign(testKey(x.who)))
	switch how {
	case "signature":
		tx.Signature[40] ^= 1
		x.signedOK = false
	case "signer":
		m.ok(tx.Sign(testKey("mallory")))
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
		x.wire[m.kindOffset(tx)], x.form = 7, "unsupported"
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
