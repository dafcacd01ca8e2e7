package contract

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// trial puts the analysis and Apply to the same questions. A bug may be planted
// on either side.
type trial struct {
	inApply    func(*Packet) // bends the packet that Apply judges
	inAnalysis func(*Packet) // bends the packet that is analysed
	inWindows  func(*Window) // bends what the analysis says
	inFacts    func(*Facts)  // bends what the truth tables are made on

	cases, accepted int
	decided         map[string]*[2]int // what an outcome hung on: how often it was refused, and accepted
}

// cases is how many packets a property is tried on: thousands are a campaign.
var cases = flag.Int("cases", 200, "how many random packets each property is tried on")

// For random terms and histories the analysis agrees with brute force: for each
// instant, set of signers, reason and state, Apply accepts the recall if and
// only if the windows and the truth tables say so, and a share is final if and
// only if no one but its claimer can ever have it recalled.
func TestAnalysisAgreesWithApply(t *testing.T) {
	t.Parallel()
	packets := *cases
	if testing.Short() {
		packets = min(packets, 100)
	}
	least := 100 * packets
	tr := &trial{}
	for n := range packets {
		if err := tr.run(t, n); err != nil {
			t.Fatalf("-seed %d, packet %d: %v", *seed, n, err)
		}
	}
	t.Logf("%d packets\n%s", packets, tr.table())
	refused := tr.cases - tr.accepted
	if tr.cases < least || 100*tr.accepted < 30*tr.cases || 100*refused < 30*tr.cases {
		t.Errorf("%d cases, %d accepted, %d refused: want %d, and 30%% of each", tr.cases, tr.accepted, refused, least)
	}
	for _, kind := range kinds {
		n := tr.decided[kind]
		if n == nil || n[1] == 0 && kind != "never" || n[0] == 0 && kind != "always" {
			t.Errorf("%s: does not decide both ways: %v", kind, n)
		}
	}
}

// kinds are what an outcome may hang on. An always cannot be what a refusal
// hangs on, nor a never what an acceptance does.
var kinds = []string{"within", "after", "before", "from", "untouched", "sender", "key", "all", "any", "of",
	"always", "never",
	"reason", "expiry", "settlement", "packet open", "share held"}

func (tr *trial) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %9s %9s\n", "decided by", "accepted", "refused")
	for _, k := range kinds {
		if n := tr.decided[k]; n != nil {
			fmt.Fprintf(&b, "%-12s %9d %9d\n", k, n[1], n[0])
		}
	}
	fmt.Fprintf(&b, "%-12s %9d %9d", "all cases", tr.accepted, tr.cases-tr.accepted)
	return b.String()
}

// run follows random packet n through its history, and asks at some of its
// stations; the error is the first disagreement.
func (tr *trial) run(t testing.TB, n int) error {
	r := newRandomPacket(t, n)
	for range 1 + r.IntN(6) {
		if r.chance(30) {
			if err := tr.askAll(t, r); err != nil {
				return err
			}
		}
		r.step(t)
	}
	return tr.askAll(t, r)
}

// askAll asks about the rest and about every share, in the packet's state now.
func (tr *trial) askAll(t testing.TB, r *randomPacket) error {
	t.Helper()
	l := r.ledger(t)
	p, judged, analysed := r.packet(t), r.packet(t), r.packet(t)
	if tr.inApply != nil {
		tr.inApply(judged)
		l.putPacket(judged)
	}
	if tr.inAnalysis != nil {
		tr.inAnalysis(analysed)
	}
	for share := range uint32(len(p.Shares) + 1) {
		s := &stake{trial: tr, randomPacket: r, p: p, analysed: analysed, ledger: l, share: share}
		err := s.askAll(t)
		if err == nil && share > 0 {
			err = checkFinalSince(analysed, share, r.now)
		}
		if err != nil {
			return fmt.Errorf("%s, share %d, now %s:\n%w\nclauses %v, tightened %d times\nhold %s, %+v", p.Status,
				share, r.now, err, p.InForce(), len(p.Tightened), p.Terms.Hold, p.Shares)
		}
	}
	return nil
}

// stake is the money that recalls are asked for: the rest (share 0) or a share.
type stake struct {
	*trial
	*randomPacket
	p, analysed *Packet
	ledger      *ledger
	share       uint32

	target  Target
	start   Time // what windows count from
	end     Time // expiry or settlement
	there   bool // the packet is open, or the share is held
	clauses []Clause
	keys    []Address
	windows [][]Window // of the analysis, by clause
}

func (s *stake) prepare() {
	s.target, s.start, s.end, s.there = Rest, s.p.Created, s.p.Expires, s.p.Status == Open
	windows := s.analysed.RestWindows()
	if s.chance(50) && s.analysed.Status == Open { // Allows is told whether it is untouched
		windows = Windows(s.analysed.InForce(), s.analysed.Sender, &s.analysed.Terms, s.analysed.Created, 0)
	}
	if s.share > 0 {
		held := &s.p.Shares[s.share-1]
		s.target, s.start, s.end, s.there = HeldShares, held.ClaimedAt, s.p.SettlesAt(s.share), held.State == Held
		windows = s.analysed.ShareWindows(s.share)
	}
	s.clauses = s.p.InForce()
	s.keys = clauseKeys(s.clauses, s.p.Sender)
	s.windows = make([][]Window, len(s.clauses))
	for _, w := range windows {
		if s.inWindows != nil {
			s.inWindows(&w)
		}
		if w.Clause <= len(s.clauses) { // with a bug planted there may be others
			s.windows[w.Clause-1] = append(s.windows[w.Clause-1], w)
		}
	}
}

// instants are those at which anything could change, and others around and
// between them. What has few keys is asked about at more of them.
func (s *stake) instants() []Time {
	around := []Time{s.end, s.start, s.now}
	for i := range s.clauses {
		if s.clauses[i].Target == s.target {
			around = append(around, breakpoints(s.clauses[i].When.Cond, s.start)...)
		}
	}
	list := slices.Clone(around)
	if len(s.keys) <= 4 {
		for _, t := range around {
			list = append(list, t-1, t+1)
		}
		for left := int64(s.end - s.now); left > 0 && len(list) < 3*len(around)+4; {
			list = append(list, s.now+Time(s.Int64N(left)))
		}
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(t Time) bool { return t < s.now || t > s.end+1 })
	if !s.there && len(list) > 1 { // all is refused
		i := s.IntN(len(list))
		list = list[i : i+1]
	}
	return list
}

// reasonsAsked are all, or where many keys make many questions one that each
// clause allows, none and another.
func (s *stake) reasonsAsked() (list []int) {
	for i := range 1 + maxReasons {
		wanted := len(s.keys) <= 3 || i == 0 || i == s.IntN(maxReasons)
		for _, c := range s.clauses {
			wanted = wanted || len(c.Reasons) > 0 && c.Reasons[0] == reasonNumber(i)
		}
		if wanted {
			list = append(list, i)
		}
	}
	return list
}

// askAll asks about every instant, set of signers, reason and clause.
func (s *stake) askAll(t testing.TB) error {
	s.prepare()
	instants, reasons := s.instants(), s.reasonsAsked()
	others := make([]power, len(instants))
	for i, now := range instants {
		ledger := s.ledger.fork()
		if s.inApply == nil && s.chance(50) { // what is due may be swept by then, or not
			if err := ledger.runDue(s.at(now).Env); err != nil {
				t.Fatal(err)
			}
		}
		tables := s.tables(now)
		for set := range 1 << len(s.keys) {
			signers := setOf(set, s.keys)
			for _, j := range reasons {
				allowed, err := s.ask(ledger, now, signers, reasonNumber(j), set == 1<<len(s.keys)-1)
				if err != nil {
					return err
				}
				if in := tables[j].has(set); in != allowed {
					return fmt.Errorf("at %s, signed by %v, for %q: Apply accepts: %v, the truth tables: %v", now,
						signers, reasonNumber(j), allowed, in)
				}
				if allowed && s.share > 0 && !contains(signers, s.p.Shares[s.share-1].Claimer) {
					others[i].add(set, j)
				}
			}
		}
	}
	if s.share == 0 || !s.there {
		return nil
	}
	return s.checkFinality(instants, others, len(reasons) == 1+maxReasons)
}

// ask asks to use each clause on the target, and of a clause on the other
// target where all signed. It reports whether any is accepted.
func (s *stake) ask(l *ledger, now Time, signers []Address, reason Reason, all bool) (allowed bool, err error) {
	first := uint32(0)
	for i := range s.clauses {
		if s.clauses[i].Target != s.target && !all {
			continue
		}
		accepted := s.apply(l, now, i, signers, reason) == nil
		if said := Allows(s.windows[i], s.target, now, signers, len(s.analysed.Shares) == 0, reason); said != accepted {
			return false, fmt.Errorf("at %s, signed by %v, clause %d for %q: Apply accepts: %v, the windows say: %v",
				now, signers, i+1, reason, accepted, said)
		}
		s.cases++
		if accepted {
			s.accepted++
			first = cmp.Or(first, uint32(i+1))
		}
		if s.clauses[i].Target == s.target {
			s.count(now, &s.clauses[i], signers, reason)
		}
	}
	if said := s.p.ClauseHolds(s.share, reason, now, signers...); said != first {
		return false, fmt.Errorf("at %s, signed by %v, for %q: Apply accepts clause %d, ClauseHolds says %d",
			now, signers, reason, first, said)
	}
	return first != 0, nil
}

func (s *stake) at(now Time) *step {
	return &step{Env: &Env{Chain: testChain, Height: s.height + 1, Time: now, Verifier: trusting{}}, phase: PhaseTx}
}

// apply recalls in a fork that is dropped. One of the signers submits, or a
// stranger does.
func (s *stake) apply(l *ledger, now Time, clause int, signers []Address, reason Reason) error {
	submitter, consenting := neutral, signers
	if len(signers) > 0 && s.chance(50) {
		i := s.IntN(len(signers))
		submitter, consenting = signers[i], slices.Delete(slices.Clone(signers), i, i+1)
	}
	return l.fork().run(s.at(now), &Tx{Chain: testChain, Account: submitter, Message: &Recall{
		Packet: s.id, Clause: uint32(clause + 1), Share: s.share, Reason: reason,
		Consents: consentsOf(&s.clauses[clause], s.p.Sender, consenting, now),
	}})
}

// tables are who can recall at now for each reason, as a tightening judges it:
// in time that for shares counts from 0.
func (s *stake) tables(now Time) (none [1 + maxReasons]table) {
	p := s.analysed
	from, until := p.Terms.span(s.target, p.Created)
	there := p.Status == Open
	if s.share > 0 {
		share := &p.Shares[s.share-1]
		now, there = now-share.ClaimedAt, share.State == Held
	}
	if !there || now < from || now >= until {
		return none
	}
	f := Facts{Now: now, Start: from, Untouched: len(p.Shares) == 0}
	if s.inFacts != nil {
		s.inFacts(&f)
	}
	return powers(tabulate(p.InForce(), s.target, s.keys, p.Sender, f.Start, until), max(f.Now, f.Start), f.Untouched)
}

// count notes what the outcome hung on: what, had it been otherwise, would have
// made it otherwise.
func (s *stake) count(now Time, c *Clause, signers []Address, reason Reason) {
	f := s.p.RecallFacts(s.share, now, signers...)
	ending, state := "expiry", "packet open"
	if s.share > 0 {
		ending, state = "settlement", "share held"
	}
	gates := []gate{{ending, now < s.end}, {state, s.there}, {"reason", c.Allows(reason)},
		{"", Unmet(c.When.Cond, f) == nil}}
	for i, g := range gates {
		if slices.ContainsFunc(slices.Concat(gates[:i], gates[i+1:]), func(o gate) bool { return !o.ok }) {
			continue
		}
		if g.kind != "" {
			s.note(g.kind, g.ok)
			continue
		}
		pivots(c.When.Cond, f, func(c Cond, holds bool) { s.note(kindOf(c), holds) })
	}
}

// gate is one of the things that all must be so for a recall; without a kind it
// is the clause's condition, which hangs on its parts.
type gate struct {
	kind string
	ok   bool
}

func (tr *trial) note(kind string, accepted bool) {
	if tr.decided == nil {
		tr.decided = map[string]*[2]int{}
	}
	n := tr.decided[kind]
	if n == nil {
		n = new([2]int)
		tr.decided[kind] = n
	}
	if accepted {
		n[1]++
	} else {
		n[0]++
	}
}

// pivots visits the parts of c, c itself among them, that c's truth hangs on.
func pivots(c Cond, f Facts, visit func(c Cond, holds bool)) {
	visit(c, Unmet(c, f) == nil)
	list := operands(c)
	need := 1
	switch c := c.(type) {
	case All:
		need = len(c)
	case Of:
		need = c.K
	}
	n := count(list, f)
	for _, o := range list {
		others := n
		if Unmet(o, f) == nil {
			others--
		}
		if others == need-1 {
			pivots(o, f, visit)
		}
	}
}

// kindOf is a condition's name.
func kindOf(c Cond) string {
	if _, ok := c.(Of); ok {
		return "of"
	}
	name, _, _ := strings.Cut(Print(c), "(")
	return name
}

// setOf lists the keys at the bits of set.
func setOf(set int, keys []Address) (list []Address) {
	for i, k := range keys {
		if set>>i&1 == 1 {
			list = append(list, k)
		}
	}
	return list
}
