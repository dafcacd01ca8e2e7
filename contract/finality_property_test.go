package contract

import (
	"fmt"
	"slices"
)

// power is what was found to be possible without a share's claimer.
type power struct {
	sets    table
	reasons [1 + maxReasons]bool
}

func (o *power) add(set, reason int) {
	o.sets[set/64] |= 1 << (set % 64)
	o.reasons[reason] = true
}

func (o power) or(p power) power {
	o.sets = o.sets.or(p.sets)
	for i := range o.reasons {
		o.reasons[i] = o.reasons[i] || p.reasons[i]
	}
	return o
}

// checkFinality compares Finality with what Apply accepted from others: at each
// instant and all that follow.
func (s *stake) checkFinality(instants []Time, others []power, allReasons bool) error {
	var later power
	end := Time(0) // of the last instant with power
	for i := len(instants) - 1; i >= 0; i-- {
		if later.sets == (table{}) && others[i].sets != (table{}) {
			end = instants[i] + 1
		}
		later = later.or(others[i])
		f := s.analysed.Finality(s.share, instants[i])
		if final := later.sets == (table{}); final || f.FinalSince != 0 {
			if final != (f.FinalSince != 0) {
				return fmt.Errorf("at %s: final: %v, Finality says: %+v", instants[i], final, f)
			}
			continue
		}
		if len(s.keys) <= 4 && f.OthersUntil != end {
			return fmt.Errorf("at %s: others can until %s, Finality says: %+v", instants[i], end, f)
		}
		for set := range 1 << len(s.keys) {
			signers := setOf(set, s.keys)
			named := slices.ContainsFunc(f.By, func(by []Address) bool {
				return !slices.ContainsFunc(by, func(a Address) bool { return !contains(signers, a) })
			})
			if can := later.sets.has(set); can != named && !contains(signers, s.p.Shares[s.share-1].Claimer) {
				return fmt.Errorf("at %s: %v can: %v, Finality says: %+v", instants[i], signers, can, f)
			}
		}
		for j, can := range later.reasons {
			if named := (Clause{Reasons: f.Reasons}).Allows(reasonNumber(j)); allReasons && can != named {
				return fmt.Errorf("at %s: for reason %q: %v, Finality says: %+v", instants[i], reasonNumber(j), can, f)
			}
		}
	}
	return nil
}

// checkFinalSince follows the clauses in force through the packet's past: a
// share is final from the first instant at which no one but its claimer can
// then or later recall it.
func checkFinalSince(p *Packet, share uint32, now Time) error {
	s := &p.Shares[share-1]
	since := p.Finality(share, now).FinalSince
	if since == 0 || s.State == ShareRecalled || s.State == Returned {
		return nil
	}
	ever := slices.Clone(p.Terms.Clauses)
	moments := []Time{s.ClaimedAt, since, since - 1}
	for _, step := range p.Tightened {
		ever = append(ever, step.Clauses...)
		moments = append(moments, step.At, step.At-1)
	}
	moments = append(moments, momentsOf(ever, s.ClaimedAt, p.SettlesAt(share))...)
	others := slices.DeleteFunc(slices.Clone(people), func(a Address) bool { return a == s.Claimer })
	for _, m := range moments {
		inForce := p.Terms.Clauses
		for _, step := range p.Tightened {
			if step.At <= m {
				inForce = step.Clauses
			}
		}
		could := false
		for _, later := range moments {
			for _, c := range inForce {
				could = could || c.Target == HeldShares && later >= m && later < p.SettlesAt(share) &&
					Unmet(c.When.Cond, p.RecallFacts(share, later, others...)) == nil
			}
		}
		if m >= s.ClaimedAt && could != (m < since) {
			return fmt.Errorf("others could at %s or later: %v, but Finality says since %s; tightened %v", m, could,
				since, p.Tightened)
		}
	}
	return nil
}
