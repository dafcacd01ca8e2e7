package words

import (
	"fmt"
	"slices"
	"strings"

	"hongbao/contract"
)

// power is what the same sets of people may do, at the same times, under the
// same circumstances.
type power struct {
	spans     []span
	untouched bool                 // only before the first claim
	reasons   []contract.Reason    // for one of these; empty = for any or none
	sets      [][]contract.Address // any of them suffices
}

// restPowers is who can still take back the unclaimed rest.
func (x *explainer) restPowers() []power {
	if !x.open() {
		return nil
	}
	return x.still(powersOf(x.Packet.RestWindows()), x.ofRest())
}

// heldPowers is who can take back a claimed share while it is held: others
// than its claimer, where that is known.
func (x *explainer) heldPowers() []power {
	p := x.Packet
	var list []contract.Window
	switch {
	case x.Share == 0 && !x.holds():
	case x.Share == 0:
		list = contract.Windows(p.InForce(), p.Sender, x.terms, p.Created, 0)
		list = slices.DeleteFunc(list, func(w contract.Window) bool { return w.Target != contract.HeldShares })
	default:
		list = p.ShareWindows(x.Share)
		claimer := p.ShareAt(x.Share).Claimer
		for i := range list {
			list[i].Signers = slices.DeleteFunc(slices.Clone(list[i].Signers),
				func(set []contract.Address) bool { return slices.Contains(set, claimer) })
		}
	}
	return x.still(powersOf(list), x.ofHeld())
}

// still leaves out what is over.
func (x *explainer) still(list []power, c clockwork) (out []power) {
	for _, p := range list {
		if c.known {
			p.spans = slices.DeleteFunc(p.spans, func(s span) bool { return s.until <= x.now })
		}
		if len(p.spans) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// grant is one set's power at one moment.
type grant struct {
	set       []contract.Address
	untouched bool
	reasons   []contract.Reason
}

// powersOf merges windows that say the same, whichever clauses they are of.
func powersOf(windows []contract.Window) []power {
	var at []contract.Time
	for _, w := range windows {
		at = append(at, w.From, w.Until)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	var list []power // of one set each
	for i := range max(0, len(at)-1) {
		for _, g := range strongest(grantsAt(windows, at[i])) {
			list = extend(list, g, span{at[i], at[i+1]})
		}
	}
	return together(list)
}

// grantsAt is what the windows allow at an instant; a set's grants that differ
// in their reasons alone are one.
func grantsAt(windows []contract.Window, now contract.Time) (list []grant) {
	for _, w := range windows {
		if now < w.From || w.Until <= now {
			continue
		}
		for _, set := range w.Signers {
			i := slices.IndexFunc(list, func(g grant) bool {
				return g.untouched == w.Untouched &&
					slices.Equal(g.set, set)
			})
			if i < 0 {
				list = append(list, grant{set, w.Untouched, w.Reasons})
				continue
			}
			list[i].reasons = eitherReason(list[i].reasons, w.Reasons)
		}
	}
	return list
}

// eitherReason allows what a or b allow; empty is any.
func eitherReason(a, b []contract.Reason) []contract.Reason {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	a = slices.Clone(a)
	for _, r := range b {
		if !slices.Contains(a, r) {
			a = append(a, r)
		}
	}
	return a
}

// within reports whether whatever g allows, h allows too.
func (g grant) within(h grant) bool {
	return (g.untouched || !h.untouched) && subset(h.set, g.set) &&
		(len(h.reasons) == 0 || len(g.reasons) > 0 && subset(g.reasons, h.reasons))
}

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(v T) bool { return !slices.Contains(b, v) })
}

// strongest leaves out grants that another one contains.
func strongest(list []grant) (out []grant) {
	for i, g := range list {
		contained := func(j int, h grant) bool { return i != j && g.within(h) && (!h.within(g) || j < i) }
		keep := true
		for j, h := range list {
			keep = keep && !contained(j, h)
		}
		if keep {
			out = append(out, g)
		}
	}
	return out
}

// extend adds a span to the set's power, next to the one before it if they
// touch.
func extend(list []power, g grant, s span) []power {
	for i := range list {
		p := &list[i]
		if p.untouched != g.untouched || !sameReasons(p.reasons, g.reasons) || !slices.Equal(p.sets[0], g.set) {
			continue
		}
		if last := &p.spans[len(p.spans)-1]; last.until == s.from {
			last.until = s.until
		} else {
			p.spans = append(p.spans, s)
		}
		return list
	}
	return append(list, power{[]span{s}, g.untouched, g.reasons, [][]contract.Address{g.set}})
}

func sameReasons(a, b []contract.Reason) bool { return len(a) == len(b) && subset(a, b) }

// together makes one power of those that differ only in their sets.
func together(list []power) (out []power) {
	for _, p := range list {
		i := slices.IndexFunc(out, func(q power) bool {
			return p.untouched == q.untouched && sameReasons(p.reasons, q.reasons) && slices.Equal(p.spans, q.spans)
		})
		if i < 0 {
			out = append(out, p)
			continue
		}
		out[i].sets = append(out[i].sets, p.sets...)
	}
	return out
}

// maxPowers is how many different powers one sentence can hold.
const maxPowers = 3

// powers says who can take the target's money back, and when.
func (x *explainer) powers(list []power, target contract.Target) string {
	c := x.ofRest()
	if target == contract.HeldShares {
		c = x.ofHeld()
	}
	if len(list) > maxPowers {
		return x.summary(list, target, c)
	}
	var said []string
	for i, p := range list {
		if i > 0 && target == contract.HeldShares {
			c.whole = Phrase{"until it is final", "期满前"}
		}
		when := x.when(p.spans, c)
		if i > 0 && slices.Equal(p.spans, list[i-1].spans) {
			when = x.pick("in the same time", "同一时段内")
		}
		said = append(said, x.power(p, target, when))
	}
	return strings.Join(said, x.pick("; ", ";"))
}

// power says one power; when begins it.
func (x *explainer) power(p power, target contract.Target, when string) string {
	who, why := x.people(p.sets), x.why(p.reasons)
	what := x.money(target)
	if p.untouched {
		when += x.pick(", as long as nobody has claimed", ",只要还没人领")
		what = Phrase{"all of it", "钱全部"}
	}
	if x.Lang == Chinese {
		back := "收回" + what.zh
		if p.untouched {
			back = "全部收回"
		}
		switch {
		case x.senderAlone(p):
			return when + "," + who + orElse(why, "可以") + back
		case x.senderSuffices(p.sets):
			return when + "," + who + "签字," + orElse(why, "就能") + back
		case what.zh != "":
			what.zh = "把" + what.zh
		}
		return when + "," + who + "签字," + orElse(why, "就能") + what.zh + "退给" + x.sender
	}
	if why != "" {
		why = ", " + why
	}
	switch {
	case x.senderAlone(p) && what.en == "what is unclaimed":
		return fmt.Sprintf("%s, %s can take back %s%s", when, who, what.en, why)
	case x.senderAlone(p):
		return fmt.Sprintf("%s, %s can take %s back%s", when, who, what.en, why)
	}
	return fmt.Sprintf("%s, %s can be %s by %s%s", when, what.en, x.goesBack(p.sets), who, why)
}

// money is what the target's is called.
func (x *explainer) money(target contract.Target) Phrase {
	switch {
	case target == contract.Rest:
		return Phrase{"what is unclaimed", "没领走的"}
	case x.toClaimer:
		return Phrase{"it", ""} // the sentence before has named it
	case x.Share > 0:
		return Phrase{fmt.Sprintf("share %d", x.Share), fmt.Sprintf("第%d份", x.Share)}
	}
	return Phrase{"a claimed share", "领走的"}
}

// goesBack is what the sets of signers may do with money, in English. The sender
// takes it back; it is not sent to the sender by the sender.
func (x *explainer) goesBack(sets [][]contract.Address) string {
	if x.senderSuffices(sets) {
		return "taken back"
	}
	return "sent back to " + x.sender
}

// senderSuffices reports whether the sender alone is one of the sets.
func (x *explainer) senderSuffices(sets [][]contract.Address) bool {
	return slices.ContainsFunc(sets,
		func(set []contract.Address) bool { return len(set) == 1 && set[0] == x.Packet.Sender })
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// why says the reasons a power is limited to; empty when to none.
func (x *explainer) why(reasons []contract.Reason) string {
	var list []string
	for i, r := range reasons {
		said := orElse(reasonPhrases[r.Word()].In(x.Lang), Reason(x.Lang, r))
		if i > 0 { // one article is enough: a duplicate or wrong amount
			said = strings.TrimPrefix(said, "a ")
		}
		list = append(list, said)
	}
	switch last := len(list) - 1; {
	case last < 0:
		return ""
	case x.Lang == Chinese:
		return `能以"` + strings.Join(list, `"或"`) + `"为由`
	case last == 0:
		return "as " + list[0]
	default:
		return "as " + strings.Join(list[:last], ", ") + " or " + list[last]
	}
}

// summary says of too many powers who has one, and until when the last of them
// lasts. It may say that people can do more than they can; never less.
func (x *explainer) summary(list []power, target contract.Target, c clockwork) string {
	all := list[0].spans[0]
	var sets [][]contract.Address
	alone := false
	for _, p := range list {
		all.from, all.until = min(all.from, p.spans[0].from), max(all.until, p.spans[len(p.spans)-1].until)
		sets = append(sets, p.sets...)
	}
	for _, set := range sets {
		alone = alone || len(set) == 1
	}
	who := x.join(x.called(x.inOrder(slices.Concat(sets...))))
	how := x.pick("some of them together", "几个人一起签字")
	if alone {
		how = x.pick("alone or together", "单独或一起签字")
	}
	what := x.money(target)
	if x.Lang == Chinese {
		return fmt.Sprintf("%s,%s%s,都可能把%s退给%s:看时间和理由而定,当作随时可能",
			x.one(all, c), who, how, orElse(what.zh, "钱"),
			x.sender)
	}
	return fmt.Sprintf("%s, %s can be %s by %s, %s: it depends on the moment and the reason, so expect it at any time",
		x.one(all, c), what.en, x.goesBack(sets), who, how)
}

// senderAlone reports whether the power is the sender's alone.
func (x *explainer) senderAlone(p power) bool {
	return len(p.sets) == 1 && x.senderSuffices(p.sets)
}

// tail says what might be hoped of the sender, and is not so.
func (x *explainer) tail(list []power, target contract.Target) string {
	byItself, touched := false, false
	for _, p := range list {
		touched = touched || !p.untouched
		byItself = byItself || x.senderSuffices(p.sets)
	}
	s := ""
	if !byItself {
		s = fmt.Sprintf(x.pick("; not by %s alone", ";%s不能单独收回"), x.sender)
	}
	if !touched {
		s += x.pick("; once somebody claims, it is too late", ";一有人领,就收不回了")
	}
	return s
}
