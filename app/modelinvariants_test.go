package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"hongbao/app/query"
	"hongbao/contract"
)

// invariants hold after every block, whatever was in it.
func (m *machine) invariants() {
	m.checkMoney()
	m.checkDue()
	m.checkOwed()
	for _, name := range m.model.names() {
		m.checkAccount(name)
	}
	for _, id := range m.model.order {
		m.checkPacket(m.model.packets[id])
	}
	for leaf := range m.model.history {
		m.checkHistory([]byte(leaf))
	}
}

// checkMoney recomputes the supply, and what each account has held, from every
// leaf there is.
func (m *machine) checkMoney() {
	var sum contract.Supply
	accounts, packets := 0, 0
	held := map[contract.Address]contract.Amount{} // what accounts say less what shares say
	for key, value := range m.Leaves() {
		switch key[0] {
		case 'a':
			var a contract.Account
			m.OK(contract.Decode(value, &a))
			sum.Wallets += a.Balance
			sum.Held += a.Held
			held[contract.Address([]byte(key[2:]))] += a.Held
			accounts++
		case 'p':
			p := contract.Packet{ID: contract.PacketID([]byte(key[2:]))}
			m.OK(contract.Decode(value, &p))
			sum.Escrow += p.Escrow
			for _, s := range p.Shares {
				if s.State == contract.Held {
					held[s.Claimer] -= s.Amount
				}
			}
			packets++
		case 's':
			var s contract.ShareLeaf
			m.OK(contract.Decode(value, &s))
			if s.Share.State == contract.Held {
				held[s.Share.Claimer] -= s.Share.Amount
			}
		}
	}
	sum.Total = contract.Amount(1_000_000 * len(richNames))
	if s := m.Supply(); s != sum || !s.Holds() {
		m.T.Fatalf("block %d: supply %+v, its leaves add up to %+v", m.Height, s, sum)
	}
	for a, difference := range held {
		if difference != 0 {
			m.T.Fatalf("block %d: %s has %d more held than its held shares", m.Height, a, int64(difference))
		}
	}
	if accounts != len(m.model.accounts) || packets != len(m.model.packets) {
		m.T.Fatalf("block %d: %d accounts and %d packets, the model has %d and %d",
			m.Height, accounts, packets, len(m.model.accounts), len(m.model.packets))
	}
}

// checkDue compares the queue of what will fall due with the model's.
func (m *machine) checkDue() {
	var queue []contract.Due
	m.OK(m.app.store.Records([]byte("d"), []byte("e"), func(key, _ []byte) bool {
		queue = append(queue, dueOf(key))
		return true
	}))
	counted := dueTally{}
	for _, d := range queue {
		counted.change(contract.DueChange{Due: d})
	}
	if m.app.due != counted {
		m.T.Fatalf("block %d: %+v counted, the queue has %+v", m.Height, m.app.due, counted)
	}
	want := m.model.due()
	if !slices.EqualFunc(queue, want, func(d contract.Due, w mDue) bool {
		return int64(d.At) == w.at && d.Packet == w.p.id && d.Share == w.share
	}) {
		m.T.Fatalf("block %d: due queue %v, the model has %v", m.Height, queue, want)
	}
}

// checkOwed compares what the next block will draw with the model's.
func (m *machine) checkOwed() {
	var got contract.Draws
	m.Ask(query.Leaf, contract.DrawsKey, &got)
	want := &m.model.owed
	if got.Height != want.height || !bytes.Equal(got.Block[:], slices.Concat(want.block,
		make([]byte, 32-len(want.block)))) ||
		!slices.EqualFunc(got.Shares, want.shares, func(r contract.Reservation, w shareRef) bool {
			return r.Packet == w.p.id && r.Share == w.n
		}) ||
		!slices.EqualFunc(got.Recalls, want.recalls, func(r contract.AwaitingRecall, w mAwaiting) bool {
			return r.Packet == w.p.id && string(r.Reason) == w.reason
		}) {
		m.T.Fatalf("block %d: owes %+v, the model owes %+v", m.Height, got, *want)
	}
}

func (m *machine) checkAccount(name string) {
	want, got := m.model.accounts[name], m.Account(name)
	if uint64(got.Balance) != want.balance || got.Nonce != want.nonce || got.Open != want.open ||
		uint64(got.Held) != want.held {
		m.T.Fatalf("block %d: %s: %+v, the model has %+v", m.Height, name, got, *want)
	}
}

func (m *machine) checkPacket(want *mPacket) {
	got := m.Packet(want.id)
	m.readShares(&got, want)
	if got.Status.String() != want.status || int64(got.Closed) != want.closed || uint64(got.Escrow) != want.escrow ||
		len(got.Shares) != len(want.shares) || int64(got.Created) != want.created ||
		int64(got.Expires) != want.expires {
		m.T.Fatalf("block %d: packet: %+v, the model has %+v", m.Height, got, *want)
	}
	for i, s := range got.Shares {
		if w := want.shares[i]; s.Claimer != addr(w.claimer) || uint64(s.Amount) != w.amount ||
			s.State.String() != w.state ||
			int64(s.ClaimedAt) != w.claimed || !sameAsk(s.Asked, w.ask) {
			m.T.Fatalf("block %d: packet %s: share %d: %+v %+v, the model has %+v %+v", m.Height, want.id, i+1, s,
				s.Asked, w, w.ask)
		}
	}
	m.checkEscrow(&got)
	// The terms that claimers signed stay; what is in force stands beside them.
	inForce := contract.Encode(wireClauses(want.inForce()))
	if got.Terms.Hash(testChain) != want.termsHash || len(got.Tightened) != len(want.tightened) ||
		!bytes.Equal(contract.Encode(got.InForce()), inForce) {
		m.T.Fatalf("block %d: packet %s: clauses in force %v, the model has %v", m.Height, want.id, got.InForce(),
			want.inForce())
	}
}

// checkEscrow wants every fen of a packet to be where it belongs, and enough
// left for the shares to come.
func (m *machine) checkEscrow(p *contract.Packet) {
	claimed, undrawn := contract.Amount(0), 0
	for i, s := range p.Shares {
		switch {
		case s.State == contract.Reserved && s.Amount == 0:
			undrawn++
		case s.State != contract.Reserved && s.Amount > 0 && undrawn == 0: // drawn in their order
		default:
			m.T.Fatalf("block %d: share %d of %d: %+v", m.Height, i+1, len(p.Shares), s)
		}
		claimed += s.Amount
	}
	if claimed > p.Terms.Total || len(p.Shares) > int(p.Terms.Shares) {
		m.T.Fatalf("block %d: %d fen in %d shares of a packet with %d in %d", m.Height, claimed, len(p.Shares),
			p.Terms.Total, p.Terms.Shares)
	}
	// Escrow is the total less what was claimed, while the packet is open or
	// owes draws; then all of it has gone somewhere.
	left, live := p.Terms.Total-claimed, p.Status == contract.Open || undrawn > 0
	toCome := contract.Amount(int(p.Terms.Shares) - len(p.Shares) + undrawn)
	if live && p.Escrow != left || !live && p.Escrow != 0 || p.Escrow > 0 && left < toCome ||
		p.Status == contract.Full && undrawn == 0 && left != 0 {
		m.T.Fatalf("block %d: %s with %d in escrow, %d unclaimed, %d shares to come", m.Height, p.Status,
			p.Escrow, left, toCome)
	}
}

func sameAsk(got *contract.Asked, want *mAsk) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	return got.State.String() == want.state && int64(got.At) == want.at && string(got.Reason) == want.reason
}

// checkHistory reads the entries a leaf gained, folds them, and compares them
// with the leaf's head and with the model's own notes.
func (m *machine) checkHistory(leaf []byte) {
	f := m.folds[string(leaf)]
	if f == nil {
		prefix := binary.BigEndian.AppendUint32(nil, uint32(len(testChain)))
		f = &fold{head: tagged("hongbao/first-head", prefix, []byte(testChain), leaf)}
		m.folds[string(leaf)] = f
	}
	lines := m.model.history[string(leaf)]
	if int(f.seq) < len(lines) {
		var page query.EntryPage
		m.Ask(query.Entries, contract.Encode(query.EntriesRequest{Leaf: leaf, From: f.seq, Limit: query.MaxEntries}),
			&page)
		for _, b := range page.Entries {
			if int(f.seq) >= len(lines) {
				m.T.Fatalf("block %d: leaf %x has more than %d entries", m.Height, leaf, len(lines))
			}
			m.checkEntry(b, f.seq, lines[f.seq])
			entry := tagged("hongbao/entry", b)
			f.head = tagged("hongbao/head", f.head[:], entry[:])
			f.seq++
		}
	}
	var h contract.History
	switch leaf[0] {
	case 'a':
		var a contract.Account
		m.Ask(query.Leaf, leaf, &a)
		h = a.History
	case 'c':
		var c contract.Clock
		m.Ask(query.Leaf, leaf, &c)
		if int64(c.Offset)*second != m.model.offset {
			m.T.Fatalf("block %d: the clock is %s ahead, the model's %d ns", m.Height, c.Offset, m.model.offset)
		}
		h = c.History
	case 's':
		var s contract.ShareLeaf
		m.Ask(query.Leaf, leaf, &s)
		h = s.History
	default:
		p := contract.Packet{ID: contract.PacketID(leaf[2:])}
		m.Ask(query.Leaf, leaf, &p)
		h = p.History
	}
	if h.Count != f.seq || int(h.Count) != len(lines) || h.Head != contract.Hash(f.head) {
		m.T.Fatalf("block %d: leaf %x: %d entries with head %s, read %d that fold to %x, the model has %d",
			m.Height, leaf, h.Count, h.Head, f.seq, f.head, len(lines))
	}
}

func (m *machine) checkEntry(b []byte, seq uint64, want mLine) {
	var e contract.Entry
	m.OK(contract.Decode(b, &e))
	got := mLine{
		kind: e.Kind.String(), phase: e.Phase.String(), height: e.Height, index: int(e.Index), share: e.Share,
		reason: string(e.Reason),
		after:  uint64(e.Balance), held: uint64(e.Held),
	}
	if e.Posting != nil {
		got.from, got.to, got.amount = e.Posting.From.String(), e.Posting.To.String(), uint64(e.Posting.Amount)
	}
	if e.Beacon != nil {
		got.beacon = *e.Beacon
	}
	if e.Claims != nil {
		got.claims = mClaims{e.Claims.Count, uint64(e.Claims.Sum), e.Claims.Digest}
	}
	if got != want || e.Seq != seq || (e.Tx != nil) != (want.phase == "tx") {
		m.T.Fatalf("block %d: entry %d: %+v, the model has %+v", m.Height, e.Seq, got, want)
	}
}

// tagged is BIP-340's tagged hash, written once more.
func tagged(tag string, parts ...[]byte) [32]byte {
	t := sha256.Sum256([]byte(tag))
	return sha256.Sum256(slices.Concat(append([][]byte{t[:], t[:]}, parts...)...))
}
