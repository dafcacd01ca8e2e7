package words

import (
	"fmt"
	"slices"
	"strings"

	"hongbao/contract"
)

// opening is who can claim during a span of time.
type opening struct {
	at       span
	anyone   bool               // without anything
	link     bool               // each account that has the link
	named    []contract.Address // these, without the link
	withLink []contract.Address // these too, with it
	entries  bool               // each entry of the list
}

// claimers says who can claim, and from when on. Where that is a list of people
// and nothing else, for as long as the packet is open, it counts them.
func (x *explainer) claimers() (who string, people int) {
	if x.terms.Claim.Cond == nil || !x.open() {
		return "", 0
	}
	c := x.ofRest()
	list := x.openings(c)
	if len(list) == 1 {
		o := list[0]
		if whole := o.at.from <= max(c.start, x.now) && o.at.until == c.end; whole && !o.anyone && !o.link &&
			len(o.withLink) == 0 {
			return x.opening(o), len(o.named)
		}
	}
	var said []string
	for _, o := range list {
		said = append(said, x.openingTime(o.at, c)+x.opening(o))
	}
	switch {
	case len(said) == 0:
		return x.pick("nobody can claim any more", "现在谁也领不了了"), 0
	case len(said) > 2:
		widest := list[0]
		for _, o := range list[1:] {
			widest = widest.or(o)
		}
		return x.openingTime(widest.at, c) + x.opening(widest) + x.pick(", though not each of them all the time",
			",但各有各的时段"), 0
	}
	return strings.Join(said, x.pick("; ", ";")), 0
}

// or is who can claim under either.
func (o opening) or(p opening) opening {
	o.at.until = p.at.until
	o.anyone, o.link, o.entries = o.anyone || p.anyone, o.link || p.link, o.entries || p.entries
	for _, a := range p.named {
		if !slices.Contains(o.named, a) {
			o.named = append(slices.Clone(o.named), a)
		}
	}
	for _, a := range p.withLink {
		if !slices.Contains(o.withLink, a) {
			o.withLink = append(slices.Clone(o.withLink), a)
		}
	}
	o.withLink = slices.DeleteFunc(slices.Clone(o.withLink),
		func(a contract.Address) bool { return slices.Contains(o.named, a) })
	return o
}

// openings judges the claim rule for every kind of claimer, in each interval
// in which nothing changes; what is over, and what no claimer can do, is left out.
func (x *explainer) openings(c clockwork) (list []opening) {
	rule := x.terms.Claim.Cond
	at, people := []contract.Time{c.start}, []contract.Address(nil)
	visit(rule, func(cond contract.Cond) {
		switch cond := cond.(type) {
		case contract.Within:
			at = append(at, c.start.Plus(cond.For))
		case contract.After:
			at = append(at, c.start.Plus(cond.For))
		case contract.Before:
			at = append(at, cond.At)
		case contract.From:
			at = append(at, cond.At)
		case contract.Named:
			people = append(people, cond.Claimers...)
		}
	})
	slices.Sort(at)
	at = slices.DeleteFunc(slices.Compact(at), func(t contract.Time) bool { return t < c.start || t >= c.end })
	for i, now := range at {
		o := opening{at: span{now, c.end}}
		if i+1 < len(at) {
			o.at.until = at[i+1]
		}
		can := func(a contract.Address, link bool) bool {
			return contract.Unmet(rule, contract.Facts{Now: now, Start: c.start, Claimer: a, Link: link}) == nil
		}
		o.anyone, o.link = can(contract.Address{}, false), can(contract.Address{}, true)
		o.entries = !o.anyone && contract.Unmet(rule, contract.Facts{Now: now, Start: c.start, Listed: true}) == nil
		for _, a := range people {
			switch {
			case o.anyone || a == x.Packet.Sender || slices.Contains(o.named, a) || slices.Contains(o.withLink, a):
			case can(a, false):
				o.named = append(o.named, a)
			case !o.link && can(a, true):
				o.withLink = append(o.withLink, a)
			}
		}
		if !o.link && !o.entries && len(o.named) == 0 && len(o.withLink) == 0 || c.known && o.at.until <= x.now {
			continue
		}
		if n := len(list); n > 0 && list[n-1].at.until == now && list[n-1].same(o) {
			list[n-1].at.until = o.at.until
			continue
		}
		list = append(list, o)
	}
	return list
}

func (o opening) same(p opening) bool {
	return o.anyone == p.anyone && o.link == p.link && o.entries == p.entries && slices.Equal(o.named, p.named) &&
		slices.Equal(o.withLink, p.withLink)
}

// visit calls f with c and every condition inside it.
func visit(c contract.Cond, f func(contract.Cond)) {
	f(c)
	var inside []contract.Cond
	switch c := c.(type) {
	case contract.All:
		inside = c
	case contract.Any:
		inside = c
	case contract.Of:
		inside = c.Operands
	}
	for _, o := range inside {
		visit(o, f)
	}
}

// openingTime says when, unless that is as long as the packet is open.
func (x *explainer) openingTime(s span, c clockwork) string {
	begun := s.from <= max(c.start, x.now)
	switch {
	case begun && s.until == c.end:
		return ""
	case s.until == c.end && c.known:
		return fmt.Sprintf(x.pick("from %s on, ", "%s起,"), x.clock(s.from))
	case s.until == c.end:
		return fmt.Sprintf(x.pick("from %s after sending on, ", "发出%s后,"), Length(x.Lang, since(c.start, s.from)))
	}
	return x.one(s, c) + x.pick(", ", ",")
}

func (x *explainer) opening(o opening) string {
	named, withLink := x.listed(o.named), x.listed(o.withLink)
	switch {
	case o.entries:
		return x.Say("only those on its list can claim, each entry once", "只有名单上的人可以领,每项只能领一次")
	case o.anyone && x.terms.Shares == 1:
		return x.pick("the first to claim gets it", "谁先到谁领")
	case o.anyone:
		return x.pick("anyone can claim, one share an address, and one person may have many addresses",
			"谁都可以领,一个地址领一份(一个人可以有好几个地址)")
	case o.link && named != "":
		return fmt.Sprintf(x.pick("%s can claim, and so can anyone with the link",
			"%s可以领,有链接的人也可以领"), named)
	case o.link:
		return x.pick("anyone with the link can claim", "有链接的人可以领")
	case named != "" && withLink != "":
		return fmt.Sprintf(x.pick("only %s can claim, and with the link %s",
			"只有%s可以领,%s凭链接也可以领"), named, withLink)
	case withLink != "":
		return fmt.Sprintf(x.pick("only %s can claim, and only with the link", "只有%s凭链接可以领"), withLink)
	}
	return fmt.Sprintf(x.pick("only %s can claim", "只有%s可以领"), named)
}

// maxListed is how many people are called by name; of more, their number says
// more.
const maxListed = 5

// listed says people by name where all are known, else how many they are.
func (x *explainer) listed(list []contract.Address) string {
	var names []string
	for _, a := range list {
		if x.Name != nil && x.Name(a) != "" {
			names = append(names, x.Name(a))
		}
	}
	switch n := len(list); {
	case n == 0:
		return ""
	case n <= maxListed && len(names) == n:
		return x.join(names)
	case n == 1:
		return x.pick("one named person", "指定的一个人")
	default:
		return fmt.Sprintf(x.pick("the %d people listed", "名单上的%d人"), n)
	}
}
