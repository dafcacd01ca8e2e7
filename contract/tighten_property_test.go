package contract

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// A tightened packet never accepts a recall that the original would refuse, and
// refuses one that it would accept; whatever else is asked for is refused. The
// witness is brute force: every instant, set of signers and reason, for the
// rest, claimed from or not, and for a held share.
func TestTightenAllowsStrictlyLess(t *testing.T) {
	t.Parallel()
	packets := *cases
	if testing.Short() {
		packets = min(packets, 200)
	}
	outcomes := map[string]int{}
	for n := range packets {
		r := newRandomPacket(t, n, func(t *Terms) { t.Shares = 2 })
		p := r.packet(t)
		if len(clauseKeys(p.InForce(), p.Sender)) > 4 {
			continue
		}
		next := r.replaced(p)
		desc := fmt.Sprintf("-seed %d, packet %d: from %v to %v, hold %s, made at %s", *seed, n, p.InForce(), next,
			p.Terms.Hold, p.Created)

		untouched := r.ledger(t)
		untouched.sharedPacket(r.id) // a ledger reads the leaf once, as it is now
		if code := r.do(t, strangers[0], &Claim{Packet: r.id, TermsHash: p.Terms.Hash(testChain)}); code != CodeOK {
			t.Fatal(code)
		}
		found := r.compare(p, next, untouched, r.ledger(t))
		bent := p.Terms
		bent.Clauses = next
		want, outcome := CodeNotTighter, "allows more"
		switch err := bent.checkClauses(p.Sender, p.Created); {
		case err != nil:
			want, outcome = CodeOf(err), "could not be sent"
		case found.more == "" && found.less == "":
			outcome = "allows the same"
		case found.more == "":
			want, outcome = CodeOK, "allows less"
		}
		outcomes[outcome]++
		if got := r.do(t, p.Sender, &Tighten{Packet: r.id, Clauses: next}); got != want {
			t.Fatalf("%s: %s, want %s: it %s: more %q, less %q", desc, got, want, outcome, found.more, found.less)
		}
		after := r.packet(t)
		if changed := !bytes.Equal(Encode(after.InForce()), Encode(p.InForce())); changed != (want == CodeOK) {
			t.Fatalf("%s: changed the clauses in force: %v", desc, changed)
		}
		if after.Terms.Hash(testChain) != p.Terms.Hash(testChain) {
			t.Fatalf("%s: changed the terms", desc)
		}
	}
	t.Log(outcomes)
	for _, outcome := range []string{"allows more", "allows the same", "allows less"} {
		if 10*outcomes[outcome] < packets {
			t.Errorf("%s: in %d of %d cases", outcome, outcomes[outcome], packets)
		}
	}
}

// replaced is what a sender may ask for in the place of the clauses in force:
// less, more, the same in other words, or something else.
func (r *randomPacket) replaced(p *Packet) []Clause {
	list := slices.Clone(p.InForce())
	i := r.IntN(len(list))
	c := list[i]
	switch r.IntN(8) {
	case 0:
		return r.clauses(&p.Terms, 1+r.IntN(2), people[:3], p.Created)
	case 1: // wider
		c.When = Rule{Any{c.When.Cond, r.clause(&p.Terms, c.Target, people[:3], p.Created).When.Cond}}
		list[i] = c
		return list
	case 2: // for more reasons, or fewer
		list[i].Reasons = r.reasons()
		return list
	case 3, 4:
		return r.respelt(r.narrowed(&p.Terms, list, p.Created))
	case 5:
		return r.respelt(list)
	}
	return r.narrowed(&p.Terms, list, p.Created)
}

// respelt says the same in other words.
func (d dice) respelt(list []Clause) []Clause {
	list = slices.Clone(list)
	slices.Reverse(list)
	for i := range list {
		c := list[i].When.Cond
		list[i].When.Cond = pick[Cond](d, c, All{c, Always{}}, Any{Never{}, c}, All{c, c}, Any{c, c}, Of{1, []Cond{c}})
	}
	if n := len(list); n > 0 && n < maxClauses && len(list[0].Reasons) > 1 {
		half := list[0]
		list[0].Reasons, half.Reasons = half.Reasons[:1], half.Reasons[1:]
		list = append(list, half)
	}
	return list
}

// difference is a recall that one list of clauses allows and the other does
// not, in words; empty when there is none.
type difference struct{ more, less string }

// compare tries what next and the clauses in force allow in a packet. Once
// something more is found it looks no further.
func (r *randomPacket) compare(p *Packet, next []Clause, untouched, touched *ledger) (found difference) {
	both := slices.Concat(next, p.InForce())
	keys := clauseKeys(both, p.Sender)
	for _, s := range []struct {
		desc   string
		ledger *ledger
		share  uint32
		end    Time
	}{
		{"untouched rest", untouched, 0, p.Expires},
		{"touched rest", touched, 0, p.Expires},
		{"held share", touched, 1, p.Created.Plus(p.Terms.Hold)},
	} {
		old, new := r.inForce(s.ledger, p.InForce()), r.inForce(s.ledger, next)
		for _, now := range momentsOf(both, p.Created, s.end) {
			for set := range 1 << len(keys) {
				for _, reason := range distinctReasons(both) {
					signers := setOf(set, keys)
					before := r.recallable(old, s.share, now, signers, reason)
					after := r.recallable(new, s.share, now, signers, reason)
					what := fmt.Sprintf("%s at %s, signed by %v, for %q", s.desc, now, signers, reason)
					if after && !before {
						found.more = what
						return found
					}
					if before && !after {
						found.less = what
					}
				}
			}
		}
	}
	return found
}

// inForce is the block with clauses in force in the packet.
func (r *randomPacket) inForce(l *ledger, clauses []Clause) *ledger {
	l = l.fork()
	p := l.packet(r.id)
	p.Tightened = []Tightening{{At: p.Created, Clauses: clauses}}
	l.putPacket(p)
	return l
}

// recallable tries every clause in force.
func (r *randomPacket) recallable(l *ledger, share uint32, now Time, signers []Address, reason Reason) bool {
	p := l.sharedPacket(r.id)
	for i, c := range p.InForce() {
		m := &Recall{Packet: r.id, Clause: uint32(i + 1), Share: share, Reason: reason, Consents: consentsOf(&c,
			p.Sender, signers, now)}
		env := Env{Chain: testChain, Height: r.height + 1, Time: now, Verifier: trusting{}}
		if l.fork().run(&step{Env: &env, phase: PhaseTx}, &Tx{Account: neutral, Message: m}) == nil {
			return true
		}
	}
	return false
}

// momentsOf are the instants at which any clause could change, and those around
// them, were it to count from start; no clause matters from end on.
func momentsOf(clauses []Clause, start, end Time) []Time {
	list := []Time{start, end - 1}
	for i := range clauses {
		for _, t := range breakpoints(clauses[i].When.Cond, start) {
			list = append(list, t-1, t, t+1)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(t Time) bool { return t < start || t >= end })
}

// distinctReasons are one of each that the clauses tell apart.
func distinctReasons(clauses []Clause) (list []Reason) {
	seen := map[string]bool{}
	for i := range 1 + maxReasons {
		var allowed string
		for _, c := range clauses {
			allowed += fmt.Sprint(c.Allows(reasonNumber(i)))
		}
		if !seen[allowed] {
			seen[allowed] = true
			list = append(list, reasonNumber(i))
		}
	}
	return list
}
