package contract

import "slices"

// place is where a condition stands, which decides the atoms it may use.
type place int

const (
	inClaimRule place = iota
	inRest
	inShare
)

var placeNames = [...]string{"claim rule", "rest clause", "share clause"}

// allowed says which atom may stand where (docs/format.md has the table).
func allowed(c Cond, at place) bool {
	switch c.(type) {
	case Link, Named, Listed:
		return at == inClaimRule
	case Sender, Key, Of:
		return at != inClaimRule
	case Before, From:
		return at != inShare
	case Untouched:
		return at == inRest
	}
	return true
}

// checkCond refuses a condition that is too deep, too large, stands in the
// wrong place, or counts one key twice inside a k of.
func checkCond(c Cond, at place, sender Address) error {
	nodes, err := 0, error(nil)
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	walk(c, 1, func(c Cond, depth int) {
		if nodes++; nodes > maxCondNodes {
			fail(Errorf(CodeConditionTooLarge, "condition: more than %d parts", maxCondNodes))
		}
		if depth > maxCondDepth {
			fail(Errorf(CodeConditionTooDeep, "condition: nested deeper than %d", maxCondDepth))
		}
		if !allowed(c, at) {
			fail(Errorf(CodeConditionMisplaced, "%s: cannot stand in a %s", Print(c), placeNames[at]))
		}
		switch c := c.(type) {
		case Named:
			if dup, ok := firstRepeat(c.Claimers); ok {
				fail(Errorf(CodeDuplicateKey, "named: %s is listed twice", dup))
			}
		case Key:
			if !c.Address.OnCurve() {
				fail(Errorf(CodeBadAddress, "key: no key exists for %s", c.Address))
			}
		case Of:
			var keys []Address
			for _, o := range c.Operands {
				keys = append(keys, KeysIn(o, sender)...)
			}
			if dup, ok := firstRepeat(keys); ok {
				fail(Errorf(CodeDuplicateKey, "%d of %d: %s would count twice", c.K, len(c.Operands), dup))
			}
		}
	})
	return err
}

// KeysIn lists, once each in order of appearance, the accounts whose
// signature c can ask for; sender counts as the sender's own account.
func KeysIn(c Cond, sender Address) (keys []Address) {
	walk(c, 1, func(c Cond, _ int) {
		a := sender
		switch c := c.(type) {
		case Key:
			a = c.Address
		case Sender:
		default:
			return
		}
		if !contains(keys, a) {
			keys = append(keys, a)
		}
	})
	return keys
}

func firstRepeat(list []Address) (Address, bool) {
	for i, a := range list {
		if contains(list[:i], a) {
			return a, true
		}
	}
	return Address{}, false
}

// breakpoints are the instants at which c's truth may change, with start
// itself, ascending and without repeats. Between two of them nothing changes,
// because every window is half-open at a breakpoint.
func breakpoints(c Cond, start Time) []Time {
	at := []Time{start}
	walk(c, 1, func(c Cond, _ int) {
		switch c := c.(type) {
		case Within:
			at = append(at, start.Plus(c.For))
		case After:
			at = append(at, start.Plus(c.For))
		case Before:
			at = append(at, c.At)
		case From:
			at = append(at, c.At)
		}
	})
	slices.Sort(at)
	at = slices.Compact(at)
	return at[slices.Index(at, start):]
}

// whenTrue is the first instant, from f.Start on, at which c is true given f's
// signatures, link and state, and the end of the last interval in which it is:
// MaxTime when that never ends. Given all that can be provided, monotony makes
// it the first and the last instant at which c could be true at all.
func whenTrue(c Cond, f Facts) (from, end Time, ever bool) {
	at := breakpoints(c, f.Start)
	for i, t := range at {
		f.Now = t
		if Unmet(c, f) != nil {
			continue
		}
		if !ever {
			from = t
		}
		if ever, end = true, MaxTime; i+1 < len(at) {
			end = at[i+1]
		}
	}
	return from, end, ever
}

// countWindows is how many time conditions stand in c.
func countWindows(c Cond) (n int) {
	walk(c, 1, func(c Cond, _ int) {
		switch c.(type) {
		case Within, After, Before, From:
			n++
		}
	})
	return n
}
