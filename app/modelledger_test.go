package app

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"hongbao/contract"
)

// The model: what docs/format.md says, in plain maps, by name instead of address.
// It holds no hash, no encoding and no proof; the machine in model_test.go
// compares the app with it after every block. What a tx is refused for stands
// in modelrules_test.go, what it does in modelmoves_test.go.
type model struct {
	params   contract.Params
	now      int64 // of the last block, and then where the next one's time counts from
	offset   int64 // how far that is ahead of block time
	leap     int64 // what this block's warps add to it for the next one
	height   int64
	index    int   // of the tx in the block, or of the item in its phase
	owed     mOwed // by the next block
	reserved mOwed // by this block so far
	accounts map[string]*mAccount
	packets  map[contract.PacketID]*mPacket
	order    []contract.PacketID // of the packets, by creation
	executed map[contract.Hash]bool
	// leafBytes is how long a packet's committed leaf is; the model has no encoding of its own.
	leafBytes func(contract.PacketID) int
	history   map[string][]mLine // by leaf key
	told      func(label string) // hears of each batch of a large packet's claims
}

type mAccount struct {
	balance, held, nonce uint64
	txs, recalls         mBucket
	open                 uint32
}

type mPacket struct {
	id        contract.PacketID
	sender    string
	terms     *mTerms
	termsHash contract.Hash
	created   int64
	expires   int64
	status    string
	closed    int64
	escrow    uint64
	shares    []*mShare   // in the order of their claims
	batch     *mBatch     // of a large packet: claims that its history has not heard of yet
	tightened [][]mClause // the lists of clauses that came after the terms' own
	charged   bool        // to its sender's recall budget
}

type mShare struct {
	number  uint32
	claimer string
	amount  uint64
	state   string
	claimed int64
	ask     *mAsk
}

type mAsk struct {
	state, reason string
	at            int64
}

// askFor is how long the claimer has to answer.
const askFor = 72 * 3600 * second

func (p *mPacket) settles(s *mShare) int64 { return s.claimed + p.terms.hold }

func (p *mPacket) inForce() []mClause {
	if n := len(p.tightened); n > 0 {
		return p.tightened[n-1]
	}
	return p.terms.clauses
}

// share is share n, from 1; nil when it is not claimed.
func (p *mPacket) share(n uint32) *mShare {
	if i := slices.IndexFunc(p.shares, func(s *mShare) bool { return s.number == n }); i >= 0 {
		return p.shares[i]
	}
	return nil
}

func (p *mPacket) claimedBy(name string) bool {
	return slices.ContainsFunc(p.shares, func(s *mShare) bool { return s.claimer == name })
}

// mBucket is tokens that come back one by one: the nanoseconds, as seen at an
// instant, until all are there again.
type mBucket struct{ owed, at int64 }

// take spends n of size tokens, or says that they are not there.
func (b *mBucket) take(now int64, n int, size uint32, token int64) bool {
	owed := max(0, b.owed-(now-b.at))
	if owed+token*int64(n) > token*int64(size) {
		return false
	}
	b.owed, b.at = owed+token*int64(n), now
	return true
}

func (m *model) takeTx(a *mAccount, x *act, now int64) bool {
	n := min(int(m.params.BucketSize), (len(x.wire)+1023)/1024)
	return a.txs.take(now, n, m.params.BucketSize, second/int64(m.params.BucketPerSecond))
}

// newcomer is an account made in this block, with at most eight tokens.
func (m *model) newcomer() *mAccount {
	missing := max(0, int64(m.params.BucketSize)-8)
	return &mAccount{nonce: 1, txs: mBucket{missing * (second / int64(m.params.BucketPerSecond)), m.now}}
}

// takeRecall spends one of the packets that an account may recall from in a
// window. A recall itself is never refused for it, so the answer counts at the
// next send alone; what is overdrawn is forgiven.
func (m *model) takeRecall(a *mAccount) bool {
	budget := m.params.RecallBudget
	token := int64(m.params.RecallWindow) * second / int64(budget)
	if a.recalls.take(m.now, 1, budget, token) {
		return true
	}
	a.recalls = mBucket{token * int64(budget), m.now}
	return false
}

// mLine is what a leaf's next entry must say.
type mLine struct {
	kind     string
	phase    string
	height   int64
	index    int
	share    uint32
	beacon   contract.Hash // of a draw
	reason   string
	from, to string // places; both empty: nothing moved
	amount   uint64
	after    uint64
	held     uint64 // after
	claims   mClaims
}

// mPlace is where money is: a wallet or a hold by its owner's name, or a
// packet.
type mPlace struct {
	kind string // wallet, hold, escrow
	name string
	p    *mPacket
}

func wallet(name string) mPlace  { return mPlace{kind: "wallet", name: name} }
func holdOf(name string) mPlace  { return mPlace{kind: "hold", name: name} }
func escrow(p *mPacket) mPlace   { return mPlace{kind: "escrow", p: p} }
func leafOf(name string) string  { return string(contract.AccountKey(addr(name))) }
func (p *mPacket) leaf() string  { return string(contract.PacketKey(p.id)) }
func (m *model) names() []string { return slices.Sorted(maps.Keys(m.accounts)) } // with a leaf

// sum is the number that says how much is at a place, and the place's name.
func (m *model) sum(at mPlace) (*uint64, string) {
	switch at.kind {
	case "wallet":
		return &m.accounts[at.name].balance, addr(at.name).String()
	case "hold":
		return &m.accounts[at.name].held, addr(at.name).String() + "/hold"
	}
	return &at.p.escrow, at.p.id.String()
}

// move takes money from one place to another and notes it, once each, in the
// histories of the accounts and the packet that it concerns.
func (m *model) move(l mLine, from, to mPlace, p *mPacket, amount uint64) {
	giver, fromName := m.sum(from)
	taker, toName := m.sum(to)
	*giver -= amount
	*taker += amount
	l.height, l.index, l.amount, l.from, l.to = m.height, m.index, amount, fromName, toName
	var concerned []string
	for _, at := range []mPlace{from, to} {
		if at.kind != "escrow" && !slices.Contains(concerned, at.name) {
			concerned = append(concerned, at.name)
		}
	}
	for _, name := range concerned {
		l.after, l.held = m.accounts[name].balance, m.accounts[name].held
		m.history[leafOf(name)] = append(m.history[leafOf(name)], l)
	}
	if p != nil {
		m.note(l, p)
	}
}

// note writes a line into a packet's history, or into that of a large packet's share; for
// what moves nothing it is the only one.
func (m *model) note(l mLine, p *mPacket) {
	l.height, l.index, l.after, l.held = m.height, m.index, p.escrow, 0
	leaf := p.leaf()
	if p.terms.large() && l.share != 0 {
		l.after, leaf = 0, p.shareLeaf(l.share)
		m.gather(l, p)
	} else {
		if p.batch != nil && l.kind == "recall" {
			m.told("before a recall")
		}
		m.tell(p)
	}
	m.history[leaf] = append(m.history[leaf], l)
}

// notes is note for what will move money of an account later.
func (m *model) notes(l mLine, name string, p *mPacket) {
	m.note(l, p)
	l.height, l.index, l.after, l.held = m.height, m.index, m.accounts[name].balance, m.accounts[name].held
	m.history[leafOf(name)] = append(m.history[leafOf(name)], l)
}

func (m *model) close(p *mPacket, status string) {
	p.status, p.closed = status, m.now
	m.accounts[p.sender].open--
}

// mDue is work that falls due.
type mDue struct {
	at    int64
	p     *mPacket
	share uint32
	kind  string
}

// due is all the work that will fall due, in the order in which it is done.
func (m *model) due() (all []mDue) {
	for _, p := range m.packets {
		if p.status == "open" {
			all = append(all, mDue{p.expires, p, 0, "refund"})
		}
		for _, s := range p.shares {
			if s.state == "held" {
				all = append(all, mDue{p.settles(s), p, s.number, "settle"})
			}
			if s.ask != nil && s.ask.state == "open" {
				all = append(all, mDue{s.ask.at + askFor, p, s.number, "lapse"})
			}
		}
	}
	slices.SortFunc(all, func(a, b mDue) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.p.id[:], b.p.id[:]), cmp.Compare(a.share, b.share))
	})
	return all
}

// begin starts a block: its time, the draws that it owes, and the work that was
// due by then before them, the oldest first and only so much. What is left over
// waits, and what is drawn into a hold that is over by now waits too.
func (m *model) begin(now, height int64, b mBeacon) (done []mDue, waiting int) {
	m.now, m.height = now, height
	due := m.due()
	m.drawAll(b)
	m.index = 0
	for _, d := range due {
		switch {
		case d.at > now:
			return done, waiting
		case len(done) == int(m.params.MaxDuePerBlock):
			waiting++
			continue
		}
		done = append(done, d)
		line := mLine{kind: d.kind, phase: "due", share: d.share}
		switch d.kind {
		case "refund":
			m.move(line, escrow(d.p), wallet(d.p.sender), d.p, d.p.escrow)
			m.close(d.p, "expired")
		case "settle":
			s := d.p.share(d.share)
			s.state = "settled"
			m.move(line, holdOf(s.claimer), wallet(s.claimer), d.p, s.amount)
		case "lapse":
			d.p.share(d.share).ask.state = "lapsed"
			m.note(line, d.p)
		}
		m.index++
	}
	return done, waiting
}
