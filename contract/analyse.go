package contract

import (
	"math/bits"
	"slices"
)

// The analysis of clauses is exact, because they are small. Instants at which
// a window begins or ends split a span of time into intervals in which nothing
// changes; in each interval, and for either state of untouched, a condition is
// a truth table over the sets of at most maxClauseKeys keys. Consensus reads
// the tables alone; the minimal sets made from them are for people.

// table says for each set of signers whether a condition is true: bit s stands
// for the set that holds keys[i] where bit i of s is 1.
type table [4]uint64

const _ = uint(4*64 - 1<<maxClauseKeys) // a table has a bit for every set

// columns are the tables of a single key's signature: column i is true for the
// sets that hold key i.
var columns = func() (c [maxClauseKeys]table) {
	for s := range 1 << maxClauseKeys {
		for i := range c {
			if s>>i&1 == 1 {
				c[i][s/64] |= 1 << (s % 64)
			}
		}
	}
	return c
}()

var allSets = table{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (t table) and(u table) table { return table{t[0] & u[0], t[1] & u[1], t[2] & u[2], t[3] & u[3]} }
func (t table) or(u table) table  { return table{t[0] | u[0], t[1] | u[1], t[2] | u[2], t[3] | u[3]} }

// without is where t is true and u is not.
func (t table) without(u table) table {
	return table{t[0] &^ u[0], t[1] &^ u[1], t[2] &^ u[2], t[3] &^ u[3]}
}

func (t table) has(set int) bool { return t[set/64]>>(set%64)&1 == 1 }

// tableOf is c's table over keys, f.Signers aside. Every key that c can ask for
// is one of keys, of which there are at most maxClauseKeys.
func tableOf(c Cond, keys []Address, f Facts) table {
	switch c := c.(type) {
	case Sender:
		return columns[slices.Index(keys, f.Sender)]
	case Key:
		return columns[slices.Index(keys, c.Address)]
	case All:
		t := allSets
		for _, o := range c {
			t = t.and(tableOf(o, keys, f))
		}
		return t
	case Any:
		return atLeast(1, c, keys, f)
	case Of:
		return atLeast(c.K, c.Operands, keys, f)
	}
	if Unmet(c, f) == nil {
		return allSets
	}
	return table{}
}

// atLeast is true where k operands are.
func atLeast(k int, operands []Cond, keys []Address, f Facts) table {
	reached := make([]table, k+1) // reached[j]: j of the operands so far are true
	reached[0] = allSets
	for i, o := range operands {
		switch t := tableOf(o, keys, f); t {
		case table{}:
		case allSets:
			copy(reached[1:], reached)
		default:
			for j := min(k, i+1); j > 0; j-- {
				reached[j] = reached[j].or(reached[j-1].and(t))
			}
		}
	}
	return reached[k]
}

// clauseKeys lists the accounts whose signatures clauses can ask for.
func clauseKeys(clauses []Clause, sender Address) (keys []Address) {
	for i := range clauses {
		for _, k := range KeysIn(clauses[i].When.Cond, sender) {
			if !contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// intervals are the starts of the intervals into which the windows of a
// target's clauses split the span from start to end.
func intervals(clauses []Clause, target Target, start, end Time) (at []Time) {
	at = []Time{start}
	for i := range clauses {
		if clauses[i].Target == target {
			at = append(at, breakpoints(clauses[i].When.Cond, start)...)
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	return slices.DeleteFunc(at, func(t Time) bool { return t >= end })
}

// relation is how much one list of clauses allows, beside another.
type relation int

const (
	allowsLess relation = iota // nothing that the other does not, and not all of it
	allowsSame
	allowsMore // something that the other does not
)

// relate compares what next and old allow in a packet of t made at created by
// sender: for every instant, set of signers, reason, and state of untouched.
// Both together name at most maxClauseKeys keys and passed checkClauses.
func relate(next, old []Clause, sender Address, created Time, t *Terms) relation {
	both := slices.Concat(next, old)
	keys := clauseKeys(both, sender)
	r := allowsSame
	for _, target := range []Target{Rest, HeldShares} {
		start, end := t.span(target, created)
		nextTables := tabulate(next, target, keys, sender, start, end)
		oldTables := tabulate(old, target, keys, sender, start, end)
		for _, now := range intervals(both, target, start, end) {
			for _, untouched := range []bool{false, true} {
				a, b := powers(nextTables, now, untouched), powers(oldTables, now, untouched)
				for i := range a {
					if a[i].without(b[i]) != (table{}) {
						return allowsMore
					}
					if b[i].without(a[i]) != (table{}) {
						r = allowsLess
					}
				}
			}
		}
	}
	return r
}

// tabulated is a clause's tables, touched and untouched, one for each interval
// that its own windows make. The windows of other clauses split time further,
// but change nothing here: tables are what a tighten costs most, and no more
// are made than there are times named.
type tabulated struct {
	clause *Clause
	at     []Time     // starts of intervals
	tables [2][]table // by interval: touched, untouched
}

// tabulate makes the tables of a target's clauses over the span from start to
// end.
func tabulate(clauses []Clause, target Target, keys []Address, sender Address, start, end Time) (list []tabulated) {
	for i := range clauses {
		c := &clauses[i]
		if c.Target != target {
			continue
		}
		made := tabulated{clause: c, at: intervals(clauses[i:i+1], target, start, end)}
		for _, now := range made.at {
			for u := range made.tables {
				f := Facts{Now: now, Start: start, Untouched: u == 1, Sender: sender}
				made.tables[u] = append(made.tables[u], tableOf(c.When.Cond, keys, f))
			}
		}
		list = append(list, made)
	}
	return list
}

// powers is who can move a target's money at now, which lies in the span of the
// tables: a table for no reason, and for each of reasons.
func powers(list []tabulated, now Time, untouched bool) (out [1 + maxReasons]table) {
	for _, made := range list {
		i, exact := slices.BinarySearch(made.at, now)
		if !exact {
			i--
		}
		t := made.tables[0][i]
		if untouched {
			t = made.tables[1][i]
		}
		for j := range out {
			if made.clause.Allows(reasonNumber(j)) {
				out[j] = out[j].or(t)
			}
		}
	}
	return out
}

// reasonNumber is no reason for 0, and reasons in their order from 1.
func reasonNumber(n int) Reason {
	if n == 0 {
		return ""
	}
	return reasons[n-1].code
}

// Window is a span of time in which a clause gives the same signers power over
// money.
type Window struct {
	Clause    int // its number, from 1
	Target    Target
	From      Time        // half-open: From ≤ t < Until
	Until     Time        // clipped at expiry (rest) or settlement (share)
	Untouched bool        // only while no share has ever been claimed
	Signers   [][]Address // minimal sets: any of them suffices, nothing less does
	Reasons   []Reason    // for one of these; empty = for any reason or none
}

// Windows lists what clauses allow in a packet of t made at created by sender,
// clause by clause, in order of time. A rest clause's windows are instants; a
// share clause's count from a claim at claimed. The clauses must have passed
// [CheckTerms] or [Packet.CheckTightening].
func Windows(clauses []Clause, sender Address, t *Terms, created, claimed Time) (list []Window) {
	keys := clauseKeys(clauses, sender)
	for i := range clauses {
		c := &clauses[i]
		start, end := t.span(c.Target, created)
		if c.Target == HeldShares {
			start, end = claimed, claimed.Plus(t.Hold)
		}
		at := intervals(clauses[i:i+1], c.Target, start, end)
		for _, untouched := range []bool{false, true} {
			first := len(list)
			for j, now := range at {
				f := Facts{Now: now, Start: start, Untouched: untouched, Sender: sender}
				sets := tableOf(c.When.Cond, keys, f)
				if untouched {
					f.Untouched = false // what holds in either state is listed once
					sets = sets.without(tableOf(c.When.Cond, keys, f))
				}
				w := Window{Clause: i + 1, Target: c.Target, From: now, Until: end, Untouched: untouched,
					Signers: minimalSets(sets, keys), Reasons: c.Reasons}
				if j+1 < len(at) {
					w.Until = at[j+1]
				}
				if len(w.Signers) == 0 {
					continue
				}
				if n := len(list); n > first && list[n-1].Until == w.From &&
					slices.EqualFunc(list[n-1].Signers, w.Signers, slices.Equal) {
					list[n-1].Until = w.Until
					continue
				}
				list = append(list, w)
			}
		}
	}
	return list
}

// minimalSets are the sets in t that hold no smaller one in t, smallest first.
// Without a set taken out by untouched, t is monotone; with it, a superset of
// what holds anyway is not in t, and is not wanted.
func minimalSets(t table, keys []Address) (sets [][]Address) {
	var found []int
	for size := 0; size <= len(keys); size++ {
		for s := range 1 << len(keys) {
			if bits.OnesCount(uint(s)) != size || !t.has(s) ||
				slices.ContainsFunc(found, func(smaller int) bool { return s&smaller == smaller }) {
				continue
			}
			found = append(found, s)
			var set []Address
			for i, k := range keys {
				if s>>i&1 == 1 {
					set = append(set, k)
				}
			}
			sets = append(sets, set)
		}
	}
	return sets
}

// Allows reports whether signers may at now use a clause of the windows on the
// target for reason, in a packet that is untouched, or is not.
func Allows(windows []Window, target Target, now Time, signers []Address, untouched bool, reason Reason) bool {
	return slices.ContainsFunc(windows, func(w Window) bool {
		c := Clause{Reasons: w.Reasons}
		return w.Target == target && w.From <= now && now < w.Until && (untouched || !w.Untouched) &&
			c.Allows(reason) &&
			slices.ContainsFunc(w.Signers, func(set []Address) bool {
				return !slices.ContainsFunc(set, func(a Address) bool { return !contains(signers, a) })
			})
	})
}

// RestWindows are the windows of the rest clauses in force, were nothing else
// to happen; none once the packet is closed.
func (p *Packet) RestWindows() []Window {
	if p.Status != Open {
		return nil
	}
	return slices.DeleteFunc(Windows(p.InForce(), p.Sender, &p.Terms, p.Created, 0), func(w Window) bool {
		return w.Target != Rest || w.Untouched && p.Claimed() > 0
	})
}

// ShareWindows are the windows of the share clauses in force for share n (from
// 1), were nothing else to happen; none once it is no longer held. A reserved
// share is judged as what its draw makes it.
func (p *Packet) ShareWindows(n uint32) []Window {
	if s := p.ShareAt(n).State; s != Held && s != Reserved {
		return nil
	}
	return p.shareWindows(p.InForce(), n)
}

func (p *Packet) shareWindows(clauses []Clause, n uint32) []Window {
	list := Windows(clauses, p.Sender, &p.Terms, p.Created, p.ShareAt(n).ClaimedAt)
	return slices.DeleteFunc(list, func(w Window) bool { return w.Target != HeldShares })
}

// RecallableUntil is the latest instant before which the rest could still be
// recalled, were nothing else to happen; 0 when it cannot. It is at most Expires.
func (p *Packet) RecallableUntil() (latest Time) {
	for _, w := range p.RestWindows() {
		latest = max(latest, w.Until)
	}
	return latest
}

// Finality is who can still take a claimed share back from its claimer.
type Finality struct {
	FinalSince  Time        // from when no one can; 0 while others could at or after now
	OthersUntil Time        // else: the end of the last window in which others could
	By          [][]Address // minimal sets of others who could then, or before then
	Reasons     []Reason    // for one of these; empty = for any reason or none
}

// Finality judges share n (from 1), held or settled, at now, were nothing else
// to happen; a reserved one as what its draw makes it. What needs the claimer's
// own signature is not in the power of others.
func (p *Packet) Finality(n uint32, now Time) (f Finality) {
	share := p.ShareAt(n)
	f.FinalSince = share.ClaimedAt
	inForce := p.Terms.Clauses
	for _, step := range p.Tightened {
		end := othersEnd(p.shareWindows(inForce, n), share.Claimer)
		f.FinalSince = max(f.FinalSince, min(end, step.At)) // it ended by then at the latest
		inForce = step.Clauses
	}
	windows := p.shareWindows(inForce, n)
	end := othersEnd(windows, share.Claimer)
	if share.State != Held && share.State != Reserved || end <= now {
		f.FinalSince = max(f.FinalSince, end)
		return f
	}
	f = Finality{OthersUntil: end}
	anyReason := false
	for _, w := range windows {
		if w.Until <= now {
			continue
		}
		for _, set := range w.Signers {
			if contains(set, share.Claimer) {
				continue
			}
			if !slices.ContainsFunc(f.By, func(s []Address) bool { return slices.Equal(s, set) }) {
				f.By = append(f.By, set)
			}
			anyReason = anyReason || len(w.Reasons) == 0
			for _, r := range w.Reasons {
				if !slices.Contains(f.Reasons, r) {
					f.Reasons = append(f.Reasons, r)
				}
			}
		}
	}
	if anyReason {
		f.Reasons = nil
	}
	return f
}

// othersEnd is the end of the last window in which a share can be taken back
// without its claimer's signature; 0 when there is none.
func othersEnd(windows []Window, claimer Address) (end Time) {
	for _, w := range windows {
		for _, set := range w.Signers {
			if !contains(set, claimer) {
				end = max(end, w.Until)
			}
		}
	}
	return end
}
