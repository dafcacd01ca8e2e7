package app

import (
	"slices"

	"hongbao/contract"
)

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
	packet     contract.PacketID // of everything else
	wrongTerms bool              // claim
	link       string            // claim: "", "good" or "bad"
	listing    *mListing         // claim: nil: it carries none
	clause     uint32            // recall
	consents   []*mConsent       // recall
	share      uint32
	reason     string
	accept     bool      // answer
	clauses    []mClause // tighten
	by         int64     // warp
}

// mConsent is a signature by an account, or by a key that says it is, under
// what it consents to.
type mConsent struct {
	who, by   string
	clause    mClause
	to        mMatter
	saysUntil int64 // when not what was signed
}

func (c *mConsent) until() int64 { return max(c.saysUntil, c.to.until) }

// mMatter is everything that a consent is bound to.
type mMatter struct {
	chain   string
	packet  contract.PacketID
	clause  string
	share   uint32
	claimer string
	amount  uint64
	reason  string
	until   int64
}

// matter is what a consent to x must be bound to.
func (p *mPacket) matter(x *act, c mClause, until int64) mMatter {
	to := mMatter{chain: testChain, packet: p.id, clause: c.text(), share: x.share, reason: x.reason, until: until}
	if s := p.share(x.share); s != nil {
		to.claimer, to.amount = s.claimer, s.amount
	}
	return to
}

// work is what a tx counts for in a block: itself, its consents, and each whole
// 2,048 bytes of a packet's leaf that none before it named, but no more than all.
func (v *mAdmission) work(x *act) int {
	if v.mempool {
		return 0
	}
	n := 1 + len(x.consents)
	if !v.read[x.packet] {
		n += v.m.leafBytes(x.packet) / 2048
	}
	return min(n, int(v.m.params.MaxTxsPerBlock))
}

// leaves is how many items of due work a tx may leave: a send its refund, an ask
// its lapse, a claim into a hold its settlement.
func (v *mAdmission) leaves(x *act) int {
	switch {
	case v.mempool:
		return 0
	case x.kind == "send", x.kind == "ask":
		return 1
	case x.kind == "claim":
		if p := v.m.packets[x.packet]; p == nil || p.terms.hold > 0 {
			return 1
		}
	}
	return 0
}

// mAdmission is the model's view of one block's, or one mempool's, txs so far.
type mAdmission struct {
	m       *model
	now     int64
	mempool bool
	seen    map[string]*mAccount // accounts as the txs so far leave them; nil: first claim seen
	first   int
	due     int
	done    int
	read    map[contract.PacketID]bool
}

func (m *model) admission(now int64, mempool bool) *mAdmission {
	return &mAdmission{m: m, now: now, mempool: mempool, seen: map[string]*mAccount{},
		read: map[contract.PacketID]bool{}}
}

// admit is the code with which a tx is refused a place, "ok" if it has one.
func (v *mAdmission) admit(x *act) string {
	if x.form != "" {
		return x.form
	}
	work := v.work(x)
	if v.done+work > int(v.m.params.MaxTxsPerBlock) {
		return "block_full"
	}
	switch {
	case !x.chainOK:
		return "wrong_chain"
	case x.validUntil <= v.now:
		return "tx_expired"
	case x.validUntil > v.now+600*second:
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
		case v.due+v.leaves(x) > int(v.m.params.MaxDuePerBlock):
			return "due_full"
		case !x.signedOK:
			return "bad_signature"
		}
		if code := v.m.claimable(x, v.now); code != "ok" {
			return code
		}
		v.seen[x.who] = nil
		v.first++
		v.due += v.leaves(x)
		v.done += work
		v.read[x.packet] = true
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
	case !v.m.takeTx(&after, x, v.now):
		return "bucket_empty"
	case v.due+v.leaves(x) > int(v.m.params.MaxDuePerBlock):
		return "due_full"
	case !x.signedOK:
		return "bad_signature"
	}
	after.nonce++
	v.seen[x.who] = &after
	v.due += v.leaves(x)
	v.done += work
	v.read[x.packet] = true
	return "ok"
}

// closedCode is the code of a packet that no longer gives or takes money.
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
	if p.claimedBy(x.who) && p.terms.list == nil { // of a list an account may have several entries
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
	if code := p.listingCode(x); code != "" {
		return code
	}
	switch key := p.keyFor(x); {
	case x.link == "" && x.listing != nil && p.terms.list[x.listing.index-1].link:
		return "link_required"
	case x.link != "" && (x.link == "bad" || key == ""):
		return "bad_link"
	}
	f := mFacts{now: now, start: p.created, claimer: x.who, link: x.link == "good", listed: x.listing != nil}
	if code := p.terms.rule.lack(f); code != "" {
		return code
	}
	return "ok"
}

// notHeldCode is the code of a share that no clause reaches any more.
func (p *mPacket) notHeldCode(n uint32, now int64) string {
	s := p.share(n)
	switch {
	case s == nil:
		return "unknown_share"
	case s.state == "recalled":
		return "share_recalled"
	case s.state == "returned":
		return "already_returned"
	case s.state == "reserved":
		return "share_reserved"
	case s.state == "settled" || now >= p.settles(s):
		return "share_settled"
	}
	return ""
}

func (m *model) recallable(x *act) string {
	p := m.packets[x.packet]
	if p == nil {
		return "unknown_packet"
	}
	f := mFacts{now: m.now, start: p.created, sender: p.sender, touched: len(p.shares) > 0,
		signers: map[string]bool{x.who: true}}
	target, code := "rest", p.closedCode(m.now)
	if x.share != 0 {
		target, code = "share", p.notHeldCode(x.share, m.now)
	}
	if code != "" {
		return code
	}
	if x.share != 0 {
		f.start = p.share(x.share).claimed
	}
	list := p.inForce()
	if x.clause == 0 || int(x.clause) > len(list) || list[x.clause-1].target != target {
		return "unknown_clause"
	}
	c := list[x.clause-1]
	if !c.allows(x.reason) {
		return "reason_not_allowed"
	}
	listed := c.when.signers(p.sender)
	for _, consent := range x.consents {
		switch {
		case !listed[consent.who]:
			return "consent_unlisted"
		case f.signers[consent.who]:
			return "consent_repeated"
		case consent.until() <= m.now:
			return "consent_expired"
		case consent.until() > m.now+30*24*hour:
			return "valid_until_too_far"
		}
		f.signers[consent.who] = true
	}
	if code := c.when.lack(f); code != "" {
		return code
	}
	for _, consent := range x.consents {
		if consent.by != consent.who || consent.to != p.matter(x, c, consent.until()) {
			return "bad_consent"
		}
	}
	return "ok"
}

var reasonCodes = []string{"DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH"}

func reasonKnown(r string) bool { return slices.Contains(reasonCodes, r) }

// allows reports whether a clause may be used for a reason; "" is none.
func (c mClause) allows(r string) bool {
	if len(c.reasons) == 0 {
		return r == "" || reasonKnown(r)
	}
	return slices.Contains(c.reasons, r)
}
