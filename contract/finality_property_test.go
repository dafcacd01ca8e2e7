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
