package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"hongbao/app/query"
	"hongbao/contract"
)

// What the model knows of lists and of packets whose shares have leaves of their own.

// mEntry is a line of a list: a name, or a link key by its name.
type mEntry struct {
	who    string
	link   bool
	amount uint64
}

func (e mEntry) wire(index int) contract.ListEntry {
	w := contract.ListEntry{Index: uint32(index), Kind: contract.WhoAddress, Who: addr(e.who),
		Amount: contract.Amount(e.amount)}
	if e.link {
		w.Kind = contract.WhoLink
	}
	return w
}

// mListing is what a claim carries: entry index, from 1, with the one thing that is wrong
// with it.
type mListing struct {
	index uint32
	flaw  string
}

// mClaims is what a large packet's history says of several claims.
type mClaims struct {
	count  uint32
	sum    uint64
	digest contract.Hash
}

// mBatch is what the history has not heard of yet: the line that it will be.
type mBatch struct{ line mLine }

// large reports whether each share has a leaf of its own.
func (t *mTerms) large() bool { return t.list != nil || t.shares > 100 }

func (t *mTerms) split() contract.Split {
	switch {
	case t.list != nil:
		return contract.ByList
	case t.lucky:
		return contract.Lucky
	}
	return contract.Equal
}

func (p *mPacket) shareLeaf(n uint32) string { return string(contract.ShareKey(p.id, n)) }

// gather counts a claim, a reserve or a draw for the history of its packet.
func (m *model) gather(l mLine, p *mPacket) {
	if l.kind != "claim" && l.kind != "reserve" && l.kind != "draw" {
		return
	}
	sum := mClaims{}
	if p.batch != nil {
		sum = p.batch.line.claims
	}
	claimer := addr(p.share(l.share).claimer)
	sum.count++
	sum.sum += l.amount
	sum.digest = tagged("hongbao/claims", sum.digest[:], binary.BigEndian.AppendUint32(nil, l.share), claimer[:],
		binary.BigEndian.AppendUint64(nil, l.amount))
	p.batch = &mBatch{mLine{kind: l.kind, phase: l.phase, height: l.height, index: l.index, beacon: l.beacon,
		after: p.escrow, claims: sum}}
}

// tell writes what was gathered into the packet's history.
func (m *model) tell(p *mPacket) {
	if p.batch == nil {
		return
	}
	l := p.batch.line
	p.batch = nil
	m.history[p.leaf()] = append(m.history[p.leaf()], l)
	switch {
	case l.kind == "draw":
		m.told("draws")
	case l.claims.count == 1:
		m.told("one claim")
	default:
		m.told("several claims")
	}
}

// tellAll ends a block, or its draws.
func (m *model) tellAll() {
	for _, id := range m.order {
		m.tell(m.packets[id])
	}
}

// keyFor is the name of the key that signs the claimer: an entry's, or the packet's link;
// "" where there is none.
func (p *mPacket) keyFor(x *act) string {
	if x.listing == nil || p.terms.list == nil {
		return p.terms.linkKey
	}
	if e := p.terms.list[x.listing.index-1]; e.link {
		return e.who
	}
	return ""
}

// listingCode is the code with which an entry is refused; "" where there is none, or it is
// good.
func (p *mPacket) listingCode(x *act) string {
	switch {
	case x.listing == nil:
		return ""
	case p.terms.list == nil:
		return "not_on_list"
	}
	e := p.terms.list[x.listing.index-1]
	amount := e.amount
	switch x.listing.flaw {
	case "index 0", "index beyond":
		return "unknown_entry"
	case "no money":
		amount = 0
	case "a fen more":
		amount++
	}
	if amount == 0 || amount > p.terms.total {
		return "bad_amount"
	}
	switch x.listing.flaw {
	case "path too short", "path too long":
		return "bad_path"
	case "a fen more", "another who", "another kind", "a step altered":
		return "not_on_list"
	}
	switch {
	case p.terms.dishonest:
		return "not_on_list"
	case p.share(x.listing.index) != nil:
		return "entry_claimed"
	case !e.link && e.who != x.who:
		return "not_named"
	}
	return ""
}

// drawLarge makes a packet one to a list, or one of more shares than a leaf holds.
func (m *machine) drawLarge(rt *rapid.T, t *mTerms) {
	if turn(m, rt, "large", "list", "campaign", "list") == "list" {
		m.drawList(rt, t)
		return
	}
	t.shares = uint64(pick(rt, "many shares", 101, 128, 1000))
	t.total = t.shares * uint64(pick(rt, "each of many", 1, 2, 50))
	if t.lucky {
		t.total += uint64(pick(rt, "odd fen of many", 0, 1, 7))
	}
}

// drawList makes a packet one to a list of as many entries as it has shares: of people,
// and of links that any account may have.
func (m *machine) drawList(rt *rapid.T, t *mTerms) {
	who := rapid.SliceOfNDistinct(rapid.SampledFrom(allNames), int(t.shares), int(t.shares), rapid.ID[string]).
		Draw(rt, "on the list")
	t.list, t.total, t.lucky = nil, 0, false
	var leaves []contract.Subtree
	for i, name := range who {
		e := mEntry{who: name, amount: uint64(pick(rt, "entry", 1, 30, 100, 700))}
		if turn(m, rt, "by", "name", "link") == "link" {
			e.who, e.link = fmt.Sprint("voucher-", i+1), true
		}
		t.list, t.total = append(t.list, e), t.total+e.amount
		w := e.wire(i + 1)
		leaves = append(leaves, w.Leaf())
	}
	var err error
	t.tree, err = contract.NewList(leaves)
	m.OK(err)
	if t.dishonest = oneIn(rt, 10, "a total of its own"); t.dishonest {
		t.total++
	}
	list := mCond{op: "list", root: t.tree.Root()}
	t.rule = turn(m, rt, "rule of a list", list, list, allOf(list, mCond{op: "from", ns: m.drawInstant(rt)}),
		list, anyOf(list, atom("never")))
}

// drawListing gives a claim an entry, mostly one that is its claimer's to claim.
func (m *machine) drawListing(rt *rapid.T, x *act, p *mPacket) {
	if oneIn(rt, 12, "no entry") {
		return
	}
	i := rapid.IntRange(0, len(p.terms.list)-1).Draw(rt, "entry")
	e := p.terms.list[i]
	x.listing = &mListing{index: uint32(i + 1)}
	if oneIn(rt, 5, "a bad entry") {
		flaws := []string{"index 0", "index beyond", "no money", "a fen more", "path too long", "another who",
			"another kind"}
		if len(p.terms.list) > 1 {
			flaws = append(flaws, "path too short", "a step altered")
		}
		x.listing.flaw = turn(m, rt, "what is bad", flaws...)
	}
	if e.link {
		x.link = turn(m, rt, "voucher", "good", "good", "good", "", "good", "bad")
	} else if !oneIn(rt, 5, "another's entry") && e.who != p.sender {
		x.who = e.who
	}
}

// listing is the contract's form of what a claim carries.
func (m *machine) listing(p *mPacket, l *mListing) *contract.Listing {
	if p == nil || p.terms.list == nil {
		return &contract.Listing{Entry: contract.ListEntry{Index: 1, Kind: contract.WhoAddress, Amount: 1}}
	}
	w := &contract.Listing{Entry: p.terms.list[l.index-1].wire(int(l.index)), Path: p.terms.tree.Path(l.index)}
	switch l.flaw {
	case "index 0":
		w.Entry.Index = 0
	case "index beyond":
		w.Entry.Index = uint32(len(p.terms.list) + 1)
	case "no money":
		w.Entry.Amount = 0
	case "a fen more":
		w.Entry.Amount++
	case "path too short":
		w.Path = w.Path[1:]
	case "path too long":
		w.Path = append(w.Path, contract.Subtree{Sum: 1})
	case "another who":
		w.Entry.Who[5] ^= 1
	case "another kind":
		w.Entry.Kind = 3 - w.Entry.Kind
	case "a step altered":
		w.Path[0].Hash[0] ^= 1
	}
	return w
}

// campaign sends a large packet, has several claim it in one block with a recall of the
// rest among them, and lets the people do with their shares what they can.
func (m *machine) campaign(rt *rapid.T) {
	t := &mTerms{shares: uint64(turn(m, rt, "entries", 3, 4, 2)), rule: atom("always"),
		hold: turn(m, rt, "hold of large shares", int64(0), 30, 0, 10) * second, expiry: 120 * second}
	t.total = t.shares
	t.lucky = turn(m, rt, "lucky", false, true)
	m.drawLarge(rt, t)
	sender := atom("sender")
	t.clauses = []mClause{rest(sender)}
	if t.hold > 0 {
		t.clauses = append(t.clauses, share(sender))
	}
	m.encode(rt, t)
	m.submit(rt, &act{kind: "send", who: turn(m, rt, "sender", richNames...), terms: t, chainOK: true, signedOK: true})
	m.block(rt, m.model.now+second)
	p := m.sent(t)
	if p == nil {
		return
	}
	claim := func() {
		x := &act{kind: "claim", packet: p.id, chainOK: true, signedOK: true, who: turn(m, rt, "claimer", allNames...)}
		if t.list != nil {
			m.drawListing(rt, x, p)
		}
		m.submit(rt, x)
	}
	recall := turn(m, rt, "recalled", 3, 0, 1, 3, 2) // after so many claims
	for i := range 3 {
		claim()
		if i+1 == recall {
			m.submit(rt, &act{kind: "recall", who: p.sender, packet: p.id, clause: 1, chainOK: true, signedOK: true})
		}
	}
	m.block(rt, m.model.now+second)
	for _, s := range slices.Clone(p.shares) {
		x := &act{kind: turn(m, rt, "with a large share", "return", "recall", "ask", "nothing"), packet: p.id,
			share: s.number, who: p.sender, clause: 2, chainOK: true, signedOK: true}
		switch x.kind {
		case "nothing":
			continue
		case "return":
			x.who = s.claimer
		}
		m.submit(rt, x)
	}
	m.block(rt, m.model.now+second)
	for _, s := range slices.Clone(p.shares) {
		if s.answerable(m.model.now) {
			m.submit(rt, &act{kind: "answer", packet: p.id, share: s.number, who: s.claimer,
				accept: turn(m, rt, "a gift", true, false), chainOK: true, signedOK: true})
		}
	}
	claim()
	m.block(rt, turn(m, rt, "later", m.model.now+second, p.expires, m.model.now+30*second))
}

// readShares reads a large packet's shares into got, in the order of their claims, and
// compares what the packet's leaf says of them.
func (m *machine) readShares(got *contract.Packet, want *mPacket) {
	if (got.Tally != nil) != want.terms.large() {
		m.T.Fatalf("block %d: packet %s: tally %+v", m.Height, want.id, got.Tally)
	}
	if got.Tally == nil {
		return
	}
	tally := contract.Tally{Claimed: uint32(len(want.shares)), Undrawn: uint32(want.undrawn())}
	for _, s := range want.shares {
		tally.LastClaim = contract.Time(s.claimed)
		tally.Recalled = tally.Recalled || s.state == "recalled"
		var leaf contract.ShareLeaf
		m.Ask(query.Leaf, contract.ShareKey(want.id, s.number), &leaf)
		if leaf.Settles != contract.Time(want.settles(s)) || leaf.Created != contract.Time(want.created) ||
			leaf.SendTx != got.SendTx {
			m.T.Fatalf("block %d: share %s/%d: %+v", m.Height, want.id, s.number, leaf)
		}
		if err := got.CheckShare(s.number, &leaf, contract.Time(m.model.now)); err != nil {
			m.T.Fatalf("block %d: share %s/%d: %v", m.Height, want.id, s.number, err)
		}
		got.Shares = append(got.Shares, leaf.Share)
		m.shareIndex(want, s)
	}
	if !bytes.Equal(contract.Encode(got.Tally), contract.Encode(&tally)) {
		m.T.Fatalf("block %d: packet %s: tally %+v, the model has %+v", m.Height, want.id, *got.Tally, tally)
	}
}

// shareIndex holds the index of who has which share to the model.
func (m *machine) shareIndex(p *mPacket, s *mShare) {
	highest := s.number // of several entries of one account
	for _, other := range p.shares {
		if other.claimer == s.claimer {
			highest = max(highest, other.number)
		}
	}
	n, err := m.app.bareState().ShareOf(p.id, addr(s.claimer))
	m.OK(err)
	if n != highest {
		m.T.Fatalf("block %d: packet %s: %s has share %d, the model has %d", m.Height, p.id, s.claimer, n, highest)
	}
}
