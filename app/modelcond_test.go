package app

import (
	"time"

	"hongbao/contract"
)

// mCond is the model's own condition: written from the table in docs/format.md, judged
// by brute force over instants, and sharing nothing with contract but the
// translation at the end of this file.
type mCond struct {
	op  string
	ns  int64    // within, after: a length; before, from: an instant
	who []string // key: one name; named: the list
	k   int      // of
	sub []mCond

	root contract.Hash // list
}

// maxDepth is how deep a condition may be.
const maxDepth = 8

// depth is 1 of a condition that holds no other.
func (c mCond) depth() int {
	deepest := 0
	for _, s := range c.sub {
		deepest = max(deepest, s.depth())
	}
	return deepest + 1
}

// mFacts are what a condition is judged on.
type mFacts struct {
	now, start int64
	touched    bool
	sender     string
	signers    map[string]bool
	claimer    string
	link       bool
	listed     bool // the claim carries its entry
}

func (c mCond) holds(f mFacts) bool { return c.lack(f) == "" }

// lack is "" when c holds, else the code of what is missing.
func (c mCond) lack(f mFacts) string {
	need := func(ok bool, code string) string {
		if ok {
			return ""
		}
		return code
	}
	switch c.op {
	case "always":
		return ""
	case "never":
		return "window_closed"
	case "within":
		return need(f.now-f.start < c.ns, "window_closed")
	case "after":
		return need(f.now-f.start >= c.ns, "window_not_open")
	case "before":
		return need(f.now < c.ns, "window_closed")
	case "from":
		return need(f.now >= c.ns, "window_not_open")
	case "untouched":
		return need(!f.touched, "touched")
	case "sender":
		return need(f.signers[f.sender], "signature_missing")
	case "key":
		return need(f.signers[c.who[0]], "signature_missing")
	case "link":
		return need(f.link, "link_required")
	case "list":
		return need(f.listed, "entry_required")
	case "named":
		for _, n := range c.who {
			if n == f.claimer {
				return ""
			}
		}
		return "not_named"
	case "all":
		for _, s := range c.sub {
			if code := s.lack(f); code != "" {
				return code
			}
		}
		return ""
	}
	held, nearest := 0, ""
	for _, s := range c.sub {
		switch code := s.lack(f); {
		case code == "":
			held++
		case nearest == "" || code != "window_closed":
			nearest = code
		}
	}
	if c.op == "any" {
		if held > 0 {
			return ""
		}
		return nearest
	}
	return need(held >= c.k, "signature_missing")
}

// each visits c and everything in it, parents first.
func (c mCond) each(visit func(mCond)) {
	visit(c)
	for _, s := range c.sub {
		s.each(visit)
	}
}

// instants are the moments worth looking at from start on: start, and each
// boundary with the nanoseconds around it.
func (c mCond) instants(start int64) []int64 {
	at := []int64{start}
	c.each(func(c mCond) {
		b := int64(-1)
		switch c.op {
		case "within", "after":
			b = start + c.ns
		case "before", "from":
			b = c.ns
		}
		for _, t := range []int64{b - 1, b, b + 1} {
			if t >= start {
				at = append(at, t)
			}
		}
	})
	return at
}

// signers are all the accounts whose signature c can ask for.
func (c mCond) signers(sender string) map[string]bool {
	all := map[string]bool{}
	c.each(func(c mCond) {
		switch c.op {
		case "sender":
			all[sender] = true
		case "key":
			all[c.who[0]] = true
		}
	})
	return all
}

// repeats reports a key that a k of would count twice, or a name listed twice.
func (c mCond) repeats(sender string) (found bool) {
	c.each(func(c mCond) {
		seen := map[string]bool{}
		switch c.op {
		case "named":
			for _, n := range c.who {
				found, seen[n] = found || seen[n], true
			}
		case "of":
			for _, s := range c.sub {
				for n := range s.signers(sender) {
					found, seen[n] = found || seen[n], true
				}
			}
		}
	})
	return found
}

// misplaced reports an atom that may not stand where c does: in a claim rule, or
// in a clause about the rest or about a share.
func (c mCond) misplaced(where string) (found bool) {
	c.each(func(c mCond) {
		switch c.op {
		case "link", "named", "list":
			found = found || where != "rule"
		case "sender", "key", "of":
			found = found || where == "rule"
		case "untouched":
			found = found || where != "rest"
		case "before", "from":
			found = found || where == "share"
		}
	})
	return found
}

// wire is the contract's value of the same condition.
func (c mCond) wire() contract.Cond {
	var sub []contract.Cond
	for _, s := range c.sub {
		sub = append(sub, s.wire())
	}
	var names []contract.Address
	for _, n := range c.who {
		names = append(names, addr(n))
	}
	seconds := contract.Seconds(c.ns / int64(time.Second))
	switch c.op {
	case "always":
		return contract.Always{}
	case "never":
		return contract.Never{}
	case "within":
		return contract.Within{For: seconds}
	case "after":
		return contract.After{For: seconds}
	case "before":
		return contract.Before{At: contract.Time(c.ns)}
	case "from":
		return contract.From{At: contract.Time(c.ns)}
	case "untouched":
		return contract.Untouched{}
	case "sender":
		return contract.Sender{}
	case "key":
		return contract.Key{Address: names[0]}
	case "link":
		return contract.Link{}
	case "list":
		return contract.Listed{Root: c.root}
	case "named":
		return contract.Named{Claimers: names}
	case "all":
		return contract.All(sub)
	case "any":
		return contract.Any(sub)
	}
	return contract.Of{K: c.k, Operands: sub}
}
