package app

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"hongbao/contract"
)

// The model: what design.md says, in plain maps, by name instead of address.
// It holds no hash, no encoding and no proof; the machine in model_test.go
// compares the app with it after every block.
type model struct {
	params   contract.Params
	now      int64 // of the last block
	accounts map[string]*mAccount
	packets  map[contract.PacketID]*mPacket
	order    []contract.PacketID // of the packets, by creation
	executed map[contract.Hash]bool
	history  map[string][]mLine // by leaf key
}

type mAccount struct {
	balance, nonce uint64
	owed, owedAt   int64 // nanoseconds until the bucket was full again, seen at owedAt
	open           uint32
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
	claimers  []string
	returned  map[int]bool
}

type mTerms struct {
	total, shares uint64
	rule          mCond
	clauses       []mClause
	expiry        int64
	linkKey       string // name of the key that is the link; "" = none
	spoil         string // the one thing wrong with the terms' form, and the code it has
	wire          contract.Terms
}

type mClause struct {
	when    mCond
	reasons []string
}

// mLine is what a leaf's next entry must say.
type mLine struct {
	kind     string
	from, to []byte // leaf keys; nil = the mint
	amount   uint64
	after    uint64
	phase    string
	height   int64
	share    uint32
}

// act is one tx as the model knows it.
type act struct {
	kind       string
	who        string
	nonce      uint64
	validUntil int64
	form       string // a code that the bytes alone earn; "" = well formed
	chainOK    bool
	signedOK   bool
	hash       contract.Hash
	wire       []byte

	to         string // pay
	amount     uint64
	terms      *mTerms           // send
	packet     contract.PacketID // claim, recall, return
	wrongTerms bool
	link       string // "", "good" or "bad"
	clause     uint32
	share      uint32
	reason     string
}

// mAdmission is the model's view of one block's, or one mempool's, txs so far.
type mAdmission struct {
	m       *model
	now     int64
	mempool bool
	seen    map[string]*mAccount // accounts as the txs so far leave them; nil: first claim seen
	first   int
	txs     int
}

func (m *model) admission(now int64, mempool bool) *mAdmission {
	return &mAdmission{m: m, now: now, mempool: mempool, seen: map[string]*mAccount{}}
}

// spend takes a token, or says that there is none.
func (a *mAccount) spend(now int64, p contract.Params) bool {
	token := int64(time.Second) / int64(p.BucketPerSecond)
	owed := max(0, a.owed-(now-a.owedAt))
	if owed+token > token*int64(p.BucketSize) {
		return false
	}
	a.owed, a.owedAt = owed+token, now
	return true
}

// admit is the code with which a tx is refused a place, "ok" if it has one.
func (v *mAdmission) admit(x *act) string {
	if x.form != "" {
		return x.form
	}
	if !v.mempool && v.txs >= int(v.m.params.MaxTxsPerBlock) {
		return "block_full"
	}
	switch {
	case !x.chainOK:
		return "wrong_chain"
	case x.validUntil <= v.now:
		return "tx_expired"
	case x.validUntil > v.now+600*int64(time.Second):
		return "valid_until_too_far"
	}
	committed, leaf := v.m.accounts[x.who]
	seen, again := v.seen[x.who]
	if !leaf {
		switch {
		case x.kind != "claim":
			return "unknown_account"
		case again:
			return "first_claim_repeated"
		case x.nonce != 0:
			return "wrong_nonce"
		case v.mempool && v.first >= 2*int(v.m.params.MaxFirstClaims),
			!v.mempool && v.first >= int(v.m.params.MaxFirstClaims):
			return "first_claims_full"
		case !x.signedOK:
			return "bad_signature"
		}
		if code := v.m.claimable(x, v.now); code != "ok" {
			return code
		}
		v.seen[x.who] = nil
		v.first++
		v.txs++
		return "ok"
	}
	if !again {
		copied := *committed
		seen = &copied
	}
	after := *seen
	switch {
	case x.nonce != seen.nonce:
		return "wrong_nonce"
	case !after.spend(v.now, v.m.params):
		return "bucket_empty"
	case !x.signedOK:
		return "bad_signature"
	}
	after.nonce++
	v.seen[x.who] = &after
	v.txs++
	return "ok"
}

// closed is the code of a packet that no longer gives or takes money.
func (p *mPacket) closedCode(now int64) string {
	switch {
	case p.status == "full" || p.status == "recalled" || p.status == "expired":
		return p.status
	case now >= p.expires:
		return "expired"
	}
	return ""
}

func (m *model) claimable(x *act, now int64) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	if slices.Contains(p.claimers, x.who) {
		return "already_claimed"
	}
	if p.sender == x.who {
		return "sender_claims"
	}
	if code := p.closedCode(now); code != "" {
		return code
	}
	if x.wrongTerms {
		return "terms_mismatch"
	}
	if x.link != "" && (x.link == "bad" || p.terms.linkKey == "") {
		return "bad_link"
	}
	f := mFacts{now: now, start: p.created, claimer: x.who, link: x.link == "good"}
	if code := p.terms.rule.lack(f); code != "" {
		return code
	}
	return "ok"
}

// sendable is the code with which terms are refused.
func (t *mTerms) sendable(sender string, now int64) string {
	if t.spoil != "" {
		return t.spoil
	}
	expires := now + t.expiry
	if t.rule.misplaced(true) {
		return "condition_misplaced"
	}
	if t.rule.repeats(sender) {
		return "duplicate_key"
	}
	claimers := []string{"a stranger"}
	t.rule.each(func(c mCond) { claimers = append(claimers, c.who...) })
	ever := false
	for _, at := range t.rule.instants(now) {
		for _, who := range claimers {
			f := mFacts{now: at, start: now, claimer: who, link: true}
			ever = ever || (at < expires && who != sender && t.rule.holds(f))
		}
	}
	if !ever {
		return "claim_never_true"
	}
	for _, c := range t.clauses {
		if code := c.sendable(sender, now, expires); code != "" {
			return code
		}
	}
	return "ok"
}

func (c mClause) sendable(sender string, now, expires int64) string {
	switch {
	case c.when.misplaced(false):
		return "condition_misplaced"
	case c.when.repeats(sender):
		return "duplicate_key"
	}
	const end = 1 << 62 // after every boundary
	all := mFacts{start: now, sender: sender, signers: c.when.signers(sender)}
	none := mFacts{start: now, sender: sender}
	var first, last int64 = end + 1, -1
	for _, at := range append(c.when.instants(now), end) {
		all.now, none.now = at, at
		if c.when.holds(none) {
			return "unsigned_clause"
		}
		if c.when.holds(all) {
			first, last = min(first, at), max(last, at)
		}
	}
	switch {
	case last < 0 || first >= expires:
		return "clause_never_true"
	case last != end && last >= expires:
		return "clause_outlives_packet"
	}
	return ""
}

// execute runs an admitted tx.
func (m *model) execute(x *act, height int64) string {
	m.executed[x.hash] = true
	if a := m.accounts[x.who]; a != nil {
		a.nonce++
		a.spend(m.now, m.params)
	}
	switch x.kind {
	case "pay":
		return m.pay(x, height)
	case "send":
		return m.send(x, height)
	case "claim":
		return m.claim(x, height)
	case "recall":
		return m.recall(x, height)
	}
	return m.giveBack(x, height)
}

func (m *model) pay(x *act, height int64) string {
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
		m.accounts[x.to] = &mAccount{nonce: 1}
	}
	m.move("pay", "tx", x.who, x.to, nil, x.amount, height, 0)
	return "ok"
}

func (m *model) send(x *act, height int64) string {
	if code := x.terms.sendable(x.who, m.now); code != "ok" {
		return code
	}
	a := m.accounts[x.who]
	switch {
	case a.balance < x.terms.total:
		return "overdraft"
	case a.open >= m.params.MaxOpenPackets:
		return "too_many_open_packets"
	}
	a.open++
	p := &mPacket{
		id: contract.NewPacketID(testChain, addr(x.who), x.nonce), sender: x.who, terms: x.terms,
		termsHash: x.terms.wire.Hash(testChain), created: m.now, expires: m.now + x.terms.expiry,
		status: "open", returned: map[int]bool{},
	}
	m.packets[p.id] = p
	m.order = append(m.order, p.id)
	m.move("send", "tx", x.who, "", p, x.terms.total, height, 0)
	return "ok"
}

func (m *model) claim(x *act, height int64) string {
	if code := m.claimable(x, m.now); code != "ok" {
		return code
	}
	p := m.packets[x.packet]
	if m.accounts[x.who] == nil {
		m.accounts[x.who] = &mAccount{nonce: 1}
		m.accounts[x.who].spend(m.now, m.params)
	}
	p.claimers = append(p.claimers, x.who)
	m.move("claim", "tx", "", x.who, p, p.terms.total/p.terms.shares, height, uint32(len(p.claimers)))
	if len(p.claimers) == int(p.terms.shares) {
		m.close(p, "full")
	}
	return "ok"
}

func (m *model) recall(x *act, height int64) string {
	p := m.packets[x.packet]
	switch {
	case p == nil:
		return "unknown_packet"
	case x.share != 0:
		return "unsupported"
	}
	if code := p.closedCode(m.now); code != "" {
		return code
	}
	if x.clause == 0 || int(x.clause) > len(p.terms.clauses) {
		return "unknown_clause"
	}
	c := p.terms.clauses[x.clause-1]
	if x.reason == "XXXX" || (len(c.reasons) > 0 && !slices.Contains(c.reasons, x.reason)) {
		return "reason_not_allowed"
	}
	f := mFacts{now: m.now, start: p.created, sender: p.sender, touched: len(p.claimers) > 0, signers: map[string]bool{x.who: true}}
	if code := c.when.lack(f); code != "" {
		return code
	}
	m.move("recall", "tx", "", p.sender, p, p.escrow, height, 0)
	m.close(p, "recalled")
	return "ok"
}

func (m *model) giveBack(x *act, height int64) string {
	p := m.packets[x.packet]
	switch {
	case p == nil:
		return "unknown_packet"
	case x.share == 0 || int(x.share) > len(p.claimers):
		return "unknown_share"
	case p.claimers[x.share-1] != x.who:
		return "not_claimer"
	case p.returned[int(x.share)]:
		return "already_returned"
	}
	each := p.terms.total / p.terms.shares
	if m.accounts[x.who].balance < each {
		return "overdraft"
	}
	p.returned[int(x.share)] = true
	m.move("return", "tx", x.who, p.sender, p, each, height, x.share)
	return "ok"
}

// begin starts a block: its time, and the refunds that are due, the oldest
// first and only so many.
func (m *model) begin(now, height int64) (swept int) {
	m.now = now
	var due []*mPacket
	for _, p := range m.packets {
		if p.status == "open" && p.expires <= now {
			due = append(due, p)
		}
	}
	slices.SortFunc(due, func(a, b *mPacket) int {
		return cmp.Or(cmp.Compare(a.expires, b.expires), bytes.Compare(a.id[:], b.id[:]))
	})
	due = due[:min(len(due), int(m.params.MaxDuePerBlock))]
	for _, p := range due {
		m.move("refund", "due", "", p.sender, p, p.escrow, height, 0)
		m.close(p, "expired")
	}
	return len(due)
}

func (m *model) close(p *mPacket, status string) {
	p.status, p.closed = status, m.now
	m.accounts[p.sender].open--
}

// move takes money from a wallet or, with "", from the packet, to a wallet or
// into the packet, and notes the line in every history it belongs to.
func (m *model) move(kind, phase, from, to string, p *mPacket, amount uint64, height int64, share uint32) {
	line := mLine{kind: kind, amount: amount, phase: phase, height: height, share: share}
	if from != "" {
		m.accounts[from].balance -= amount
		line.from = contract.AccountKey(addr(from))
	} else {
		p.escrow -= amount
		line.from = contract.PacketKey(p.id)
	}
	if to != "" {
		m.accounts[to].balance += amount
		line.to = contract.AccountKey(addr(to))
	} else {
		p.escrow += amount
		line.to = contract.PacketKey(p.id)
	}
	note := func(leaf []byte, after uint64) {
		l := line
		l.after = after
		m.history[string(leaf)] = append(m.history[string(leaf)], l)
	}
	for _, name := range []string{from, to} {
		if name != "" {
			note(contract.AccountKey(addr(name)), m.accounts[name].balance)
		}
	}
	if p != nil {
		note(contract.PacketKey(p.id), p.escrow)
	}
}

// names lists the accounts that have a leaf, in order.
func (m *model) names() []string { return slices.Sorted(maps.Keys(m.accounts)) }
