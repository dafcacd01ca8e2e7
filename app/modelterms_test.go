package app

import (
	"fmt"
	"slices"

	"hongbao/contract"
)

type mTerms struct {
	total, shares uint64
	lucky         bool
	rule          mCond
	hold          int64
	clauses       []mClause
	expiry        int64
	scene         string
	linkKey       string   // name of the key that is the link; "" = none
	list          []mEntry // of a packet to a list: who has which share
	tree          *contract.List
	dishonest     bool   // the list does not add up to the total
	spoil         string // the one thing wrong with the terms' form, and the code it has
	wire          contract.Terms
}

type mClause struct {
	target  string // rest, share
	when    mCond
	reasons []string
}

// text tells clauses apart.
func (c mClause) text() string { return fmt.Sprint(c) }

func (c mClause) wire() contract.Clause {
	w := contract.Clause{Target: contract.Rest, When: contract.Rule{Cond: c.when.wire()}, Reasons: []contract.Reason{}}
	if c.target == "share" {
		w.Target = contract.HeldShares
	}
	for _, r := range c.reasons {
		w.Reasons = append(w.Reasons, contract.Reason(r))
	}
	return w
}

func wireClauses(list []mClause) []contract.Clause {
	w := []contract.Clause{}
	for _, c := range list {
		w = append(w, c.wire())
	}
	return w
}

// sendable is the code with which terms are refused.
func (t *mTerms) sendable(sender string, now int64) string {
	if t.spoil != "" {
		return t.spoil
	}
	expires := now + t.expiry
	if t.rule.misplaced("rule") {
		return "condition_misplaced"
	}
	if t.rule.repeats(sender) {
		return "duplicate_key"
	}
	claimers := []string{"a stranger"}
	t.rule.each(func(c mCond) { claimers = append(claimers, c.who...) })
	ever := false
	for _, at := range t.rule.instants(now) {
		if f := (mFacts{now: at, start: now, claimer: "a stranger"}); t.list != nil && t.rule.holds(f) {
			return "bad_list" // it would let in a claimer without an entry
		}
		for _, who := range claimers {
			f := mFacts{now: at, start: now, claimer: who, link: true, listed: true}
			ever = ever || (at < expires && who != sender && t.rule.holds(f))
		}
	}
	if !ever {
		return "claim_never_true"
	}
	for _, c := range t.clauses {
		if code := c.sendable(sender, now, expires, t.hold); code != "" {
			return code
		}
	}
	if t.scene != "" {
		return t.sceneCode(sender)
	}
	return "ok"
}

// sendable is the code with which a clause is refused, of a packet that lives
// from created to expires and holds its shares for so long.
func (c mClause) sendable(sender string, created, expires, hold int64) string {
	start, limit := created, expires
	if c.target == "share" {
		start, limit = 0, hold
	}
	switch {
	case c.when.misplaced(c.target):
		return "condition_misplaced"
	case c.when.repeats(sender):
		return "duplicate_key"
	}
	for i, r := range c.reasons {
		if !reasonKnown(r) {
			return "unknown_reason"
		}
		if slices.Contains(c.reasons[:i], r) {
			return "bad_terms"
		}
	}
	const end = 1 << 62 // after every boundary
	all := mFacts{start: start, sender: sender, signers: c.when.signers(sender)}
	none := mFacts{start: start, sender: sender}
	var first, last int64 = end + 1, -1
	for _, at := range append(c.when.instants(start), end) {
		all.now, none.now = at, at
		if c.when.holds(none) {
			return "unsigned_clause"
		}
		if c.when.holds(all) {
			first, last = min(first, at), max(last, at)
		}
	}
	switch {
	case last < 0 || first >= limit:
		return "clause_never_true"
	case last != end && last >= limit:
		return "clause_outlives_packet"
	}
	return ""
}

// tighter decides by trying everything: next allows nothing that the clauses in
// force do not, and not all of it, at no instant at which it could matter, for
// no set together, and for no reason.
func (p *mPacket) tighter(next []mClause) bool {
	old := p.inForce()
	people := map[string]bool{}
	for _, c := range slices.Concat(next, old) {
		for name := range c.when.signers(p.sender) {
			people[name] = true
		}
	}
	less := false
	for _, f := range p.everySituation(slices.Concat(next, old), people) {
		is, was := allowedFor(next, f.target, f.mFacts), allowedFor(old, f.target, f.mFacts)
		for reason := range is {
			if !was[reason] {
				return false
			}
		}
		less = less || len(is) < len(was)
	}
	return less
}

// situation is one in which a recall is possible.
type situation struct {
	target string
	mFacts
}

// everySituation is every instant worth looking at in the span in which each
// target's clauses can matter, with every set of people signing, in a packet
// touched and not.
func (p *mPacket) everySituation(clauses []mClause, people map[string]bool) (all []situation) {
	sets := []map[string]bool{{}}
	for name := range people {
		for _, set := range slices.Clone(sets) {
			with := map[string]bool{name: true}
			for other := range set {
				with[other] = true
			}
			sets = append(sets, with)
		}
	}
	for _, target := range []string{"rest", "share"} {
		start, end := p.created, p.expires
		if target == "share" {
			start, end = 0, p.terms.hold
		}
		seen := map[int64]bool{}
		for _, c := range clauses {
			if c.target != target {
				continue
			}
			for _, at := range c.when.instants(start) {
				if at >= end || seen[at] {
					continue
				}
				seen[at] = true
				for _, signers := range sets {
					for _, touched := range []bool{true, false} {
						all = append(all, situation{target, mFacts{now: at, start: start, sender: p.sender,
							signers: signers, touched: touched}})
					}
				}
			}
		}
	}
	return all
}

// allowedFor are the reasons, "" among them, for which clauses let money go.
func allowedFor(clauses []mClause, target string, f mFacts) map[string]bool {
	allowed := map[string]bool{}
	for _, c := range clauses {
		if c.target != target || !c.when.holds(f) {
			continue
		}
		for _, r := range append([]string{""}, reasonCodes...) {
			if c.allows(r) {
				allowed[r] = true
			}
		}
	}
	return allowed
}

// mScene is a row of the table of scenes.
type mScene struct {
	clauses  func(roles []string) []mClause
	roles    int
	hold     int64
	expiry   int64
	claimers string // "" any, one, listed, everyone
	lucky    bool   // has to be
	most     uint64 // 0: no limit
}

const hour = 3600 * second

// rest and share are clauses.
func rest(when mCond, reasons ...string) mClause  { return mClause{"rest", when, reasons} }
func share(when mCond, reasons ...string) mClause { return mClause{"share", when, reasons} }

func keys(names []string) (list []mCond) {
	for _, n := range names {
		list = append(list, keyOf(n))
	}
	return list
}

// mScenes is the table in scenes.md.
func mScenes() map[string]mScene {
	sender := atom("sender")
	fixed := func(list ...mClause) func([]string) []mClause { return func([]string) []mClause { return list } }
	buffer := fixed(share(sender), rest(sender))
	return map[string]mScene{
		"wechat":       {clauses: fixed(), expiry: 24 * hour},
		"alipay":       {clauses: fixed(rest(allOf(sender, within(24*hour)))), expiry: 24 * hour},
		"qq":           {clauses: fixed(rest(allOf(sender, atom("untouched"), within(120*second)))), expiry: 24 * hour},
		"douyin-live":  {clauses: fixed(), expiry: 600 * second},
		"transfer-72h": {clauses: buffer, hold: 72 * hour, expiry: 24 * hour, claimers: "one"},
		"delayed":      {clauses: fixed(share(sender)), hold: 24 * hour, expiry: 24 * hour, claimers: "one"},
		"friends":      {clauses: fixed(rest(allOf(sender, within(120*second)))), expiry: 24 * hour},
		"workgroup":    {clauses: fixed(rest(allOf(sender, within(24*hour)))), expiry: 24 * hour},
		"stranger": {roles: 3, hold: 24 * hour, expiry: 24 * hour, clauses: func(roles []string) []mClause {
			return []mClause{share(mCond{op: "of", k: 2, sub: keys(roles)}, "FRAD")}
		}},
		"test-packet": {clauses: fixed(rest(allOf(sender, within(300*second)))), expiry: 24 * hour, most: 100},
		"enterprise": {roles: 3, expiry: 24 * hour, claimers: "listed", clauses: func(roles []string) []mClause {
			return []mClause{rest(mCond{op: "of", k: 2, sub: keys(roles)}, "DUPL", "AM09")}
		}},
		"coupon":  {clauses: fixed(rest(allOf(sender, after(hour)), "CUST", "FRAD")), expiry: 24 * hour},
		"voucher": {clauses: fixed(), expiry: 600 * second, claimers: "one"},
		"rain":    {clauses: fixed(), expiry: 600 * second, claimers: "everyone", lucky: true},
	}
}

// sceneCode is the code with which terms are refused their scene's name.
func (t *mTerms) sceneCode(sender string) string {
	s, known := mScenes()[t.scene]
	if !known {
		return "unknown_scene"
	}
	var roles []string
	for _, c := range t.clauses {
		c.when.each(func(c mCond) {
			if c.op == "key" {
				roles = append(roles, c.who...)
			}
		})
	}
	names, listed := t.rule.namedOnly()
	if len(roles) != s.roles || slices.Contains(roles, sender) || t.hold != s.hold || t.expiry != s.expiry ||
		!sameClauses(s.clauses(roles), t.clauses) || (s.most > 0 && t.total > s.most) ||
		(s.claimers == "one" && (!listed || len(names) != 1 || t.shares != 1)) ||
		(s.claimers == "listed" && !t.rule.listOnly() && (!listed || len(names) != int(t.shares))) ||
		(s.claimers == "everyone" && t.rule.op != "always" && t.rule.op != "from") || s.lucky && !t.lucky {
		return "scene_mismatch"
	}
	return "ok"
}

func sameClauses(a, b []mClause) bool {
	return slices.EqualFunc(a, b, func(x, y mClause) bool { return x.text() == y.text() })
}

// listOnly reports whether a claim rule is a packet's list, which may open at an instant.
func (c mCond) listOnly() bool {
	if c.op == "all" && len(c.sub) == 2 && c.sub[1].op == "from" {
		c = c.sub[0]
	}
	return c.op == "list"
}

// namedOnly lists the names of a claim rule that is a list, which may open at
// an instant.
func (c mCond) namedOnly() ([]string, bool) {
	if c.op == "all" && len(c.sub) == 2 && c.sub[1].op == "from" {
		c = c.sub[0]
	}
	return c.who, c.op == "named"
}
