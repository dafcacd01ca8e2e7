package words

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// span is half-open: from ≤ t < until.
type span struct{ from, until contract.Time }

// clockwork is what spans count from: instants, or where those are not known
// yet, time since the event.
type clockwork struct {
	start, end contract.Time
	known      bool   // spans are instants
	event      Phrase // what they count from otherwise
	whole      Phrase // the whole time, where the sentence before has named it
}

// ofRest is the time in which the unclaimed rest can move.
func (x *explainer) ofRest() clockwork {
	p := x.Packet
	return clockwork{start: p.Created, end: p.Created.Plus(x.terms.Expiry), known: x.now != 0,
		event: Phrase{"sending", "发出"}}
}

// ofHeld is the time in which a claimed share can.
func (x *explainer) ofHeld() clockwork {
	c := clockwork{event: Phrase{"a claim", "领取"}}
	if x.toClaimer {
		c.event, c.whole = Phrase{"you claim", "领取"}, Phrase{"during that time", "期间"}
	}
	if x.Share > 0 {
		c.known, c.start = true, x.Packet.ShareAt(x.Share).ClaimedAt
	}
	c.end = c.start.Plus(x.terms.Hold)
	return c
}

// when says spans as the beginning of a sentence.
func (x *explainer) when(spans []span, c clockwork) string {
	if len(spans) > 2 { // say less, and never that it is shorter
		all := x.one(span{spans[0].from, spans[len(spans)-1].until}, c)
		return fmt.Sprintf(x.pick("at times %s", "%s的某些时段"), all)
	}
	var said []string
	for _, s := range spans {
		said = append(said, x.one(s, c))
	}
	return strings.Join(said, x.pick(" and ", ",以及"))
}

func (x *explainer) one(s span, c clockwork) string {
	begun := s.from <= max(c.start, x.now)
	if !c.known {
		begun = s.from == c.start
	}
	switch {
	case begun && s.until == c.end && c.whole != Phrase{}:
		return c.whole.In(x.Lang)
	case c.known && begun:
		return fmt.Sprintf(x.pick("until %s", "%s前"), x.clock(s.until))
	case c.known:
		return fmt.Sprintf(x.pick("from %s until %s", "%s到%s之间"), x.clock(s.from), x.clock(s.until))
	case begun:
		event := c.event.In(x.Lang)
		if x.Lang == Chinese {
			return event + "后" + Length(x.Lang, since(c.start, s.until)) + "内"
		}
		return "for " + Length(x.Lang, since(c.start, s.until)) + " after " + event
	case x.Lang == Chinese:
		return c.event.zh + Length(x.Lang, since(c.start, s.from)) + "后、" + Length(x.Lang, since(c.start, s.until)) +
			"内"
	}
	return "from " + Length(x.Lang, since(c.start, s.from)) + " to " + Length(x.Lang, since(c.start, s.until)) +
		" after " + c.event.en
}

// since is the length of time from a to b, which only a window's own length
// makes: whole seconds.
func since(a, b contract.Time) contract.Seconds {
	return contract.Seconds(b.Std().Sub(a.Std()).Seconds())
}

// Length is a length of time: 1 hour 30 minutes. Whole days are counted as
// such from the third on: people say 24 hours, and 72.
func Length(l Lang, d contract.Seconds) string {
	const day = 24 * 3600
	var parts []string
	for _, unit := range []struct {
		size          contract.Seconds
		one, many, zh string
	}{{day, "day", "days", "天"}, {3600, "hour", "hours", "小时"}, {60, "minute", "minutes", "分钟"},
		{1, "second", "seconds", "秒"}} {
		if unit.size == day && (d <= 3*day || d%day != 0) {
			continue
		}
		n := int(d / unit.size)
		d %= unit.size
		switch {
		case n == 0:
		case l == Chinese:
			parts = append(parts, fmt.Sprintf("%d%s", n, unit.zh))
		default:
			parts = append(parts, Count(n, unit.one, unit.many))
		}
	}
	return strings.Join(parts, l.pick(" ", ""))
}
