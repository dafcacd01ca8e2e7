package contract

// Cond is a condition: a small monotone language over time, signatures and a
// packet's state. It has no negation, so more signatures never make less true.
// The sealed set of its kinds is the types below.
type Cond interface{ cond() }

type (
	Always struct{} // always true
	Never  struct{} // never true

	Within struct{ For Seconds } // until For has passed since the start
	After  struct{ For Seconds } // once For has passed since the start
	Before struct{ At Time }     // until At; whole seconds
	From   struct{ At Time }     // from At on; whole seconds

	Untouched struct{} // no claim or reservation has ever been made

	Sender struct{}                     // the packet's sender signed
	Key    struct{ Address Address }    // this account signed
	Link   struct{}                     // the packet's one-time key signed the claimer
	Named  struct{ Claimers []Address } // the claimer is listed
	Listed struct{ Root Hash }          // the claim carries its entry on the list of this root

	All []Cond   // every operand is true
	Any []Cond   // an operand is true
	Of  struct { // K of the operands are true
		K        int
		Operands []Cond
	}
)

func (Always) cond()    {}
func (Never) cond()     {}
func (Within) cond()    {}
func (After) cond()     {}
func (Before) cond()    {}
func (From) cond()      {}
func (Untouched) cond() {}
func (Sender) cond()    {}
func (Key) cond()       {}
func (Link) cond()      {}
func (Named) cond()     {}
func (Listed) cond()    {}
func (All) cond()       {}
func (Any) cond()       {}
func (Of) cond()        {}

// Facts are what a condition is judged on.
type Facts struct {
	Now       Time
	Start     Time // what within and after count from: the packet's creation, or the share's claim
	Untouched bool
	Sender    Address
	Signers   []Address // accounts whose signature or consent is at hand
	Claimer   Address   // who claims; read by named
	Link      bool      // the link key signed the claimer
	Listed    bool      // the claim carries its entry on the packet's list
}

// Unmet judges c on f: nil when c is true, else the condition that decides
// against it. Windows are half-open: within(d) is true on [start, start+d),
// before(t) until just before t, after and from at their instant and on.
func Unmet(c Cond, f Facts) Cond {
	met := false
	switch c := c.(type) {
	case Always:
		met = true
	case Never:
	case Within:
		met = f.Now < f.Start.Plus(c.For)
	case After:
		met = f.Now >= f.Start.Plus(c.For)
	case Before:
		met = f.Now < c.At
	case From:
		met = f.Now >= c.At
	case Untouched:
		met = f.Untouched
	case Sender:
		met = contains(f.Signers, f.Sender)
	case Key:
		met = contains(f.Signers, c.Address)
	case Link:
		met = f.Link
	case Named:
		met = contains(c.Claimers, f.Claimer)
	case Listed:
		met = f.Listed
	case All:
		for _, o := range c {
			if unmet := Unmet(o, f); unmet != nil {
				return unmet
			}
		}
		return nil
	case Any:
		met = count(c, f) >= 1
	case Of:
		met = count(c.Operands, f) >= c.K
	default:
		panic("contract: unknown Cond")
	}
	if met {
		return nil
	}
	return c
}

// count is how many operands are true.
func count(operands []Cond, f Facts) (n int) {
	for _, o := range operands {
		if Unmet(o, f) == nil {
			n++
		}
	}
	return n
}

// refusal says in words and with a code what an unmet condition lacks.
func refusal(unmet Cond, f Facts) error {
	switch c := unmet.(type) {
	case Within:
		return Errorf(CodeWindowClosed, "%s: ended at %s", Print(c), f.Start.Plus(c.For))
	case Before:
		return Errorf(CodeWindowClosed, "%s: that moment has passed", Print(c))
	case After:
		return Errorf(CodeWindowNotOpen, "%s: begins at %s", Print(c), f.Start.Plus(c.For)).at(f.Start.Plus(c.For))
	case From:
		return Errorf(CodeWindowNotOpen, "%s: not yet", Print(c)).at(c.At)
	case Untouched:
		return Errorf(CodeTouched, "untouched: a share has been claimed")
	case Sender:
		return Errorf(CodeSignatureMissing, "sender: %s did not sign", f.Sender)
	case Key:
		return Errorf(CodeSignatureMissing, "key: %s did not sign", c.Address)
	case Link:
		return Errorf(CodeLinkRequired, "link: the claim needs the packet's link")
	case Named:
		return Errorf(CodeNotNamed, "named: %s is not on the list", f.Claimer)
	case Listed:
		return Errorf(CodeEntryRequired, "list: the claim needs its entry on the list")
	case Never:
		return Errorf(CodeWindowClosed, "never: this cannot happen")
	case Any:
		// Name the operand that is nearest to being met: the last one whose
		// own lack is not a closed window, else the last.
		// Each operand is asked once: any may nest in any.
		var best error
		for _, o := range c {
			err := refusal(Unmet(o, f), f)
			if best == nil || CodeOf(err) != CodeWindowClosed || CodeOf(best) == CodeWindowClosed {
				best = err
			}
		}
		return best
	case Of:
		return Errorf(CodeSignatureMissing,
			"%d of the %d conditions have to hold, and %d hold now", c.K, len(c.Operands), count(c.Operands, f))
	}
	panic("contract: unknown Cond")
}

func contains(list []Address, a Address) bool {
	for _, x := range list {
		if x == a {
			return true
		}
	}
	return false
}

// walk visits c and every condition below it, parents first; depth counts
// from 1.
func walk(c Cond, depth int, visit func(c Cond, depth int)) {
	visit(c, depth)
	for _, o := range operands(c) {
		walk(o, depth+1, visit)
	}
}

// operands are the conditions directly inside c.
func operands(c Cond) []Cond {
	switch c := c.(type) {
	case All:
		return c
	case Any:
		return c
	case Of:
		return c.Operands
	}
	return nil
}
