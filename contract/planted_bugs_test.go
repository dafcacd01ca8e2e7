package contract

import "testing"

// A comparison is worth what it notices: a bug planted on either side makes the
// analysis and Apply disagree.
func TestPlantedBugsAreNoticed(t *testing.T) {
	t.Parallel()
	const most = 120 // packets, of which the first few notice nearly all
	notice := func(desc string, tr trial) {
		t.Run(desc, func(t *testing.T) {
			for n := range most {
				if err := tr.run(t, n); err != nil {
					return
				}
			}
			t.Errorf("unnoticed in %d packets", most)
		})
	}
	for i, row := range []struct {
		desc  string
		plant func(*Packet)
	}{
		{"within lasts a second longer", conds(func(c Cond) Cond {
			if w, ok := c.(Within); ok {
				return Within{w.For + 1}
			}
			return c
		})},
		{"after begins a second late", conds(func(c Cond) Cond {
			if a, ok := c.(After); ok {
				return After{a.For + 1}
			}
			return c
		})},
		{"before includes a second more", conds(func(c Cond) Cond {
			if b, ok := c.(Before); ok {
				return Before{b.At.Plus(1)}
			}
			return c
		})},
		{"from excludes its first second", conds(func(c Cond) Cond {
			if f, ok := c.(From); ok {
				return From{f.At.Plus(1)}
			}
			return c
		})},
		{"k of asks for one more", conds(func(c Cond) Cond {
			if o, ok := c.(Of); ok {
				return Of{o.K + 1, o.Operands}
			}
			return c
		})},
		{"k of asks for one less", conds(func(c Cond) Cond {
			if o, ok := c.(Of); ok {
				return Of{max(1, o.K-1), o.Operands}
			}
			return c
		})},
		{"all is taken for any", conds(func(c Cond) Cond {
			if a, ok := c.(All); ok {
				return Any(a)
			}
			return c
		})},
		{"any is taken for all", conds(func(c Cond) Cond {
			if a, ok := c.(Any); ok {
				return All(a)
			}
			return c
		})},
		{"untouched is ignored", swap(Untouched{}, Always{})},
		{"untouched is never so", swap(Untouched{}, Never{})},
		{"never is ignored", swap(Never{}, Always{})},
		{"always is not believed", swap(Always{}, Never{})},
		{"the sender's signature does not count", swap(Sender{}, Never{})},
		{"one key stands for another", conds(func(c Cond) Cond {
			if k, ok := c.(Key); ok && k.Address == people[1] {
				return Key{people[0]}
			}
			return c
		})},
		{"the list of reasons is ignored", clauses(func(c *Clause) { c.Reasons = nil })},
		{"a list of reasons lacks its last", clauses(func(c *Clause) {
			c.Reasons = c.Reasons[:max(0, len(c.Reasons)-1)]
		})},
		{"no list of reasons allows one alone", clauses(func(c *Clause) {
			if len(c.Reasons) == 0 {
				c.Reasons = []Reason{"DUPL"}
			}
		})},
		{"the targets are mixed up", clauses(func(c *Clause) { c.Target = 3 - c.Target })},
		{"the packet was made a nanosecond later: windows are closed at their end", func(p *Packet) { p.Created++ }},
		{"expiry comes late", func(p *Packet) { p.Expires, p.Terms.Expiry = p.Expires+1, p.Terms.Expiry+1 }},
		{"a share settles a second late", func(p *Packet) { p.Terms.Hold++ }},
		{"a share's windows count from the packet's creation", func(p *Packet) {
			for i := range p.Shares {
				s := &p.Shares[i]
				p.Terms.Hold += Seconds((s.ClaimedAt - p.Created) / Time(1e9)) // settlement stays near
				s.ClaimedAt = p.Created
			}
		}},
		{"tightenings are ignored", func(p *Packet) { p.Tightened = nil }},
		{"the last tightening is ignored", func(p *Packet) { p.Tightened = p.Tightened[:max(0, len(p.Tightened)-1)] }},
		{"a recalled packet is open", func(p *Packet) {
			if p.Status == Recalled {
				p.Status = Open
			}
		}},
	} {
		// In a hurry, every third bug on either side.
		if !testing.Short() || i%3 == 0 {
			notice("in Apply: "+row.desc, trial{inApply: row.plant})
		}
		if !testing.Short() || i%3 == 1 {
			notice("in the analysis: "+row.desc, trial{inAnalysis: row.plant})
		}
	}
	for _, row := range []struct {
		desc  string
		plant func(*Window)
	}{
		{"windows are closed at their end", func(w *Window) { w.Until++ }},
		{"windows end a nanosecond early", func(w *Window) { w.Until-- }},
		{"windows are open at their start", func(w *Window) { w.From++ }},
		{"windows begin a nanosecond early", func(w *Window) { w.From-- }},
		{"untouched is ignored", func(w *Window) { w.Untouched = false }},
		{"a minimal set is forgotten", func(w *Window) { w.Signers = w.Signers[1:] }},
		{"a minimal set lacks a signer", func(w *Window) {
			w.Signers = append([][]Address{w.Signers[0][1:]}, w.Signers[1:]...)
		}},
		{"the list of reasons is ignored", func(w *Window) { w.Reasons = nil }},
	} {
		notice("in the windows: "+row.desc, trial{inWindows: row.plant})
	}
	for _, row := range []struct {
		desc  string
		plant func(*Facts)
	}{
		{"untouched is ignored", func(f *Facts) { f.Untouched = true }},
		{"the interval before the one at hand", func(f *Facts) { f.Now-- }},
		{"a start that is a nanosecond off", func(f *Facts) { f.Start++ }},
		{"share windows that count from elsewhere", func(f *Facts) { f.Start += Time(1e9) }},
	} {
		notice("in the truth tables: "+row.desc, trial{inFacts: row.plant})
	}
	for _, row := range []struct {
		desc  string
		plant func(*Packet)
	}{ // What Apply cannot be made to believe: the money is not there.
		{"a returned share is still held", holdAgain(Returned)},
		{"a recalled share is still held", holdAgain(ShareRecalled)},
		{"the claimer is one of the others", func(p *Packet) {
			for i := range p.Shares {
				p.Shares[i].Claimer = neutral
			}
		}},
	} {
		notice("in the analysis: "+row.desc, trial{inAnalysis: row.plant})
	}
}

// clauses bends every clause in force.
func clauses(bend func(*Clause)) func(*Packet) {
	return func(p *Packet) {
		list := p.InForce()
		for i := range list {
			bend(&list[i])
		}
	}
}

// conds bends every condition in every clause in force, from the leaves up.
func conds(bend func(Cond) Cond) func(*Packet) {
	var bent func(c Cond) Cond
	bent = func(c Cond) Cond {
		var list []Cond
		for _, o := range operands(c) {
			list = append(list, bent(o))
		}
		switch whole := c.(type) {
		case All:
			c = All(list)
		case Any:
			c = Any(list)
		case Of:
			c = Of{whole.K, list}
		}
		return bend(c)
	}
	return clauses(func(c *Clause) { c.When = Rule{bent(c.When.Cond)} })
}

// swap puts one atom in the place of another.
func swap(was, is Cond) func(*Packet) {
	return conds(func(c Cond) Cond {
		if kindOf(c) == kindOf(was) {
			return is
		}
		return c
	})
}

func holdAgain(was ShareState) func(*Packet) {
	return func(p *Packet) {
		for i := range p.Shares {
			if p.Shares[i].State == was {
				p.Shares[i].State = Held
			}
		}
	}
}
