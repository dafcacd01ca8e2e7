package app

import (
	"fmt"
	"maps"
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

func atom(op string) mCond    { return mCond{op: op} }
func within(ns int64) mCond   { return mCond{op: "within", ns: ns} }
func after(ns int64) mCond    { return mCond{op: "after", ns: ns} }
func keyOf(name string) mCond { return mCond{op: "key", who: []string{name}} }

func allOf(sub ...mCond) mCond { return mCond{op: "all", sub: sub} }
func anyOf(sub ...mCond) mCond { return mCond{op: "any", sub: sub} }

// crowd makes a leaf of which reading counts as work. None of it ever claims.
var crowd = func() mCond {
	c := mCond{op: "named"}
	for i := range 40 {
		c.who = append(c.who, fmt.Sprint("of the crowd ", i))
	}
	return c
}()

func (m *machine) drawRule(rt *rapid.T) mCond {
	named := mCond{op: "named", who: rapid.SliceOfNDistinct(rapid.SampledFrom(allNames), 1, 4,
		rapid.ID[string]).Draw(rt, "named")}
	window := turn(m, rt, "window",
		within(seconds(rt, 0, 20, "within")), after(seconds(rt, 0, 20, "after")),
		mCond{op: "before", ns: m.drawInstant(rt)}, mCond{op: "from", ns: m.drawInstant(rt)})
	return turn(m, rt, "rule",
		atom("always"), atom("always"), atom("always"),
		atom("link"), atom("link"), named, anyOf(atom("always"), crowd),
		allOf(atom("link"), named), anyOf(atom("link"), named),
		allOf(atom("always"), window), allOf(named, window), anyOf(window, named),
		atom("always"), atom("link"), anyOf(atom("always"), crowd), atom("link"), anyOf(atom("always"), crowd),
		atom("link"),
		atom("never"), atom("sender"), allOf(atom("link"), atom("untouched")))
}

// drawClause is a clause about the rest, or about shares that are held for so
// long.
func (m *machine) drawClause(rt *rapid.T, hold int64) mClause {
	c := mClause{target: "rest"}
	if hold > 0 && !oneIn(rt, 3, "about the rest") || oneIn(rt, 15, "about shares") {
		c.target = "share"
		c.when = m.drawShareCond(rt)
	} else {
		c.when = m.drawRestCond(rt)
	}
	c.reasons = turn(m, rt, "reasons", nil, nil, nil, []string{"DUPL"}, []string{"AM09", "FRAD"}, nil, nil,
		[]string{"FRAD"}, nil,
		nil, nil, []string{"DUPL", "AM09", "FRAD"}, nil, []string{"AM09", "AM09"}, []string{"OOPS"})
	return c
}

func (m *machine) drawRestCond(rt *rapid.T) mCond {
	within := within(turn(m, rt, "within", int64(20), 25, 30, 10, 2, 0, 40, 40) * second)
	after := after(turn(m, rt, "after", int64(10), 5, 1, 20, 29, 30, 0) * second)
	before := mCond{op: "before", ns: m.drawInstant(rt)}
	from := mCond{op: "from", ns: m.drawInstant(rt)}
	key, other := keyOf(pick(rt, "key", allNames...)), keyOf(pick(rt, "other", allNames...))
	sender := atom("sender")
	return turn(m, rt, "clause",
		allOf(sender, within), allOf(sender, atom("untouched")), allOf(sender, after), sender,
		allOf(sender, within), allOf(key, after), allOf(anyOf(sender, key), before),
		anyOf(allOf(sender, within), allOf(key, from)), allOf(sender, from, before),
		mCond{op: "of", k: 1, sub: []mCond{sender, key}}, mCond{op: "of", k: 2, sub: []mCond{sender, key, within}},
		mCond{op: "of", k: 2, sub: []mCond{key, other}}, allOf(sender, anyOf(within, atom("untouched"))),
		allOf(sender, key),
		within, atom("never"), allOf(sender, atom("link")), allOf(sender, atom("never")))
}

func (m *machine) drawShareCond(rt *rapid.T) mCond {
	within := within(turn(m, rt, "within a hold", int64(5), 10, 2, 20, 30) * second)
	after := after(turn(m, rt, "into a hold", int64(2), 1, 5, 10, 20) * second)
	key, other := keyOf(pick(rt, "arbiter", allNames...)), keyOf(pick(rt, "other arbiter", allNames...))
	sender := atom("sender")
	return turn(m, rt, "share clause",
		sender, allOf(sender, within), anyOf(sender, key), allOf(sender, after), sender, key, allOf(key, within),
		mCond{op: "of", k: 2, sub: []mCond{sender, key, other}}, mCond{op: "of", k: 2, sub: []mCond{key, other}},
		allOf(sender, key), sender, anyOf(allOf(sender, within), allOf(key, after)), allOf(sender, after, within),
		allOf(sender, atom("untouched")), allOf(sender, mCond{op: "before", ns: m.drawInstant(rt)}), after)
}

// drawTerms are terms, most of them good.
func (m *machine) drawTerms(rt *rapid.T, sender string) *mTerms {
	if oneIn(rt, 6, "a scene") {
		return m.drawScene(rt, sender)
	}
	t := &mTerms{
		shares: uint64(rapid.IntRange(1, 4).Draw(rt, "shares")),
		rule:   m.drawRule(rt),
		hold:   turn(m, rt, "hold", int64(0), 20, 0, 10, 30, 0, 5) * second,
		expiry: pick(rt, "expiry", int64(30), 45, 60, 120, 120, 300, 1) * second,
	}
	t.total = t.shares * uint64(pick(rt, "each", 1, 50, 100, 700, 4000))
	m.drawSplit(rt, t)
	if oneIn(rt, 4, "large") {
		m.drawLarge(rt, t)
	}
	for range pick(rt, "clauses", 1, 1, 1, 2, 2, 0) {
		t.clauses = append(t.clauses, m.drawClause(rt, t.hold))
	}
	m.encode(rt, t)
	if !t.large() && oneIn(rt, 8, "spoil terms") {
		t.spoil = m.spoilTerms(rt, &t.wire)
	}
	return t
}

// drawSplit makes a packet a lucky one, or not: its total need not divide then.
func (m *machine) drawSplit(rt *rapid.T, t *mTerms) {
	if t.lucky = turn(m, rt, "lucky", false, true); t.lucky {
		t.total += uint64(pick(rt, "odd fen", 0, 1, 7))
	}
}

// encode makes the contract's value of terms, and a link key where one is due.
func (m *machine) encode(rt *rapid.T, t *mTerms) {
	hasLink := false
	t.rule.each(func(c mCond) { hasLink = hasLink || c.op == "link" })
	t.wire = contract.Terms{
		Total: contract.Amount(t.total), Shares: uint32(t.shares), Split: t.split(),
		Claim: contract.Rule{Cond: t.rule.wire()}, Hold: contract.Seconds(t.hold / second),
		Clauses: wireClauses(t.clauses),
		Expiry:  contract.Seconds(t.expiry / second), Scene: t.scene,
	}
	if hasLink {
		t.linkKey = pick(rt, "link key", "link-1", "link-2")
		k := [32]byte(addr(t.linkKey))
		t.wire.LinkKey = &k
	}
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
		spoil{"bad_shares", func() { w.Shares = contract.MaxListed + 1; w.Total = contract.MaxListed + 1 }},
		spoil{"too_many_shares", func() { w.Shares = 100; w.Total = 99 }},
		spoil{"uneven_split", func() { w.Split = contract.Equal; w.Shares = 3; w.Total = 100 }},
		spoil{"bad_terms", func() { w.Split = 9 }},
		spoil{"bad_terms", func() { w.Hold = contract.MaxDuration + 1 }},
		spoil{"bad_terms", func() { w.Expiry = 0 }},
		spoil{"bad_terms", func() { w.Expiry = contract.MaxDuration + 1 }},
	)
	s.do()
	return s.code
}

// drawScene are the terms of a scene, or something else under its name.
func (m *machine) drawScene(rt *rapid.T, sender string) *mTerms {
	name := turn(m, rt, "scene", slices.Sorted(maps.Keys(mScenes()))...)
	s := mScenes()[name]
	others := slices.DeleteFunc(slices.Clone(allNames), func(n string) bool { return n == sender })
	people := func(n int, label string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(others), n, n, rapid.ID[string]).Draw(rt, label)
	}
	t := &mTerms{scene: name, shares: uint64(rapid.IntRange(1, 3).Draw(rt, "shares")), hold: s.hold, expiry: s.expiry}
	t.rule = turn(m, rt, "claim", atom("always"), atom("link"))
	switch s.claimers {
	case "one":
		t.shares = 1
		fallthrough
	case "listed":
		t.rule = mCond{op: "named", who: people(int(t.shares), "claimers")}
		if oneIn(rt, 3, "opens later") {
			t.rule = allOf(t.rule, mCond{op: "from", ns: m.drawInstant(rt)})
		}
	case "everyone":
		if t.rule = atom("always"); oneIn(rt, 3, "opens later") {
			t.rule = mCond{op: "from", ns: m.drawInstant(rt)}
		}
	}
	roles := people(s.roles, "roles")
	toList := s.claimers != "one" && s.claimers != "everyone" && oneIn(rt, 4, "to a list")
	t.total = t.shares * uint64(pick(rt, "each", 30, 1, 20))
	m.drawSplit(rt, t)
	t.lucky = t.lucky || s.lucky && !oneIn(rt, 8, "equal all the same")
	if toList {
		m.drawList(rt, t)
	}
	t.clauses = s.clauses(roles)
	switch turn(m, rt, "lie", "no", "no", "no", "no", "no", "no", "hold", "expiry", "clauses", "reason", "name",
		"claimers", "role", "total", "no name", "no name") {
	case "hold":
		t.hold += second
	case "expiry":
		t.expiry -= second
	case "clauses":
		t.clauses = append(t.clauses, rest(atom("sender"), "CUST"))
	case "reason":
		for i := range t.clauses {
			t.clauses[i].reasons = []string{"DUPL"}
		}
	case "name":
		t.scene = turn(m, rt, "other scene", slices.Sorted(maps.Keys(mScenes()))...)
	case "claimers":
		t.rule = anyOf(t.rule, atom("always"))
	case "role":
		if len(roles) > 0 {
			roles[0] = sender
			t.clauses = s.clauses(roles)
		}
	case "total":
		t.total, t.dishonest = t.shares*200, t.list != nil
	case "no name":
		t.scene = "hongbao"
	}
	m.encode(rt, t)
	return t
}

// drawTightening are clauses to take the place of p's: less in some way, or
// not.
func (m *machine) drawTightening(rt *rapid.T, p *mPacket) []mClause {
	next := slices.Clone(p.inForce())
	if len(next) == 0 {
		return append(next, m.drawClause(rt, p.terms.hold))
	}
	i := rapid.IntRange(0, len(next)-1).Draw(rt, "tightened clause")
	c := next[i]
	how := turn(m, rt, "tightening", "sooner", "sooner", "later", "cosign", "reasons", "cosign", "drop", "renounce",
		"same", "respell", "longer", "widen", "any")
	switch how {
	case "sooner":
		c.when = allOf(c.when, within(turn(m, rt, "sooner", int64(25), 28, 15, 8, 5, 3)*second))
	case "later":
		c.when = allOf(c.when, after(turn(m, rt, "later", int64(1), 2, 4)*second))
	case "cosign":
		c.when = allOf(c.when, keyOf(pick(rt, "cosigner", allNames...)))
	case "reasons":
		c.reasons = slices.Clone(reasonCodes[:rapid.IntRange(1, len(reasonCodes)).Draw(rt, "reasons left")])
	case "drop":
		return slices.Delete(next, i, i+1)
	case "renounce":
		return nil
	case "respell":
		c.when = anyOf(c.when, allOf(c.when, atom("sender")))
	case "longer":
		c.when = anyOf(c.when, allOf(atom("sender"), within(9*second)))
	case "widen":
		c.reasons = append(slices.Clone(c.reasons), "TECH")
	case "any":
		return append(next[:i:i], m.drawClause(rt, p.terms.hold))
	}
	if c.when.depth() <= maxDepth { // deeper ones are refused before any rule: TestCheckCond has them
		next[i] = c
	}
	return next
}
