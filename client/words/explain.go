package words

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hongbao/contract"
)

// Namer gives an address the name its reader knows it by; empty for a stranger.
type Namer func(contract.Address) string

// Subject is what [Explain] speaks of: a packet as it stands, or one that is
// about to be sent. Without Created it is none in particular, and windows are
// lengths of time instead of clock times; a Sender of zero is unknown.
type Subject struct {
	Packet *contract.Packet
	Share  uint32    // speak of this share, from 1; 0: of whatever the reader may claim
	Now    time.Time // of the state that is spoken of, in the reader's time zone
	// the day whose times stand without a date: the reader's own, which a warped chain is not at;
	// zero: Now
	Today   time.Time
	Name    Namer
	Arbiter Namer // as the genesis names it; nil: no genesis is at hand
	Alone   bool  // the network has a single validator, whose draws are what it likes
	Exact   bool  // times as the ledger has them, for readers in any zone
}

// maxSentences is how much of an explanation a person reads.
const maxSentences = 5

// Explain says in at most five sentences how much there is, who can take it
// back until when, when a share is the claimer's own, and what happens to the
// rest. It is made from what the clauses allow, not from how they are written.
// The packet's clauses must have passed [contract.CheckTerms].
func Explain(l Lang, s Subject) []string {
	if p := s.Packet; s.Share == 0 && p.Terms.Shares == 1 && len(p.Shares) == 1 {
		s.Share = 1 // there is nothing else to speak of
	}
	x := newExplainer(l, s)
	x.toClaimer = true
	rest, held := x.restPowers(), x.heldPowers()
	list := []sentence{
		{"amount", x.amount()},
		{"luck", x.luck()},
		{"rest", x.restSentence(rest, held)},
		{"mine", x.mine(held)},
		{"ask", x.ask()},
		{"held", x.heldSentence(held)},
	}
	about, chosen := x.chosen(rest, held)
	after := slices.IndexFunc(list, func(s sentence) bool { return s.about == about })
	list = slices.Insert(list, after+1, sentence{"chosen", chosen})
	list = append(list, sentence{"end", x.end()})
	return x.finish(list)
}

// sentence is one of an explanation, without its full stop; empty where there
// is nothing to say.
type sentence struct{ about, text string }

// finish joins sentences until there are few enough, and ends each.
func (x *explainer) finish(list []sentence) (out []string) {
	list = slices.DeleteFunc(list, func(s sentence) bool { return s.text == "" })
	for _, joins := range []string{"luck", "ask", "held", "chosen"} { // to what they are about
		i := slices.IndexFunc(list, func(s sentence) bool { return s.about == joins })
		if len(list) > maxSentences && i > 0 {
			list[i-1].text += x.pick("; ", ";") + list[i].text
			list = slices.Delete(list, i, i+1)
		}
	}
	for _, s := range list {
		out = append(out, x.pick(capital(s.text)+".", s.text+"。"))
	}
	return out
}

// capital begins an English sentence. None begins with a name, which would
// have to keep its spelling.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

type explainer struct {
	Subject
	Lang
	terms     *contract.Terms
	now       contract.Time // 0 for a packet that is none in particular
	sender    string        // what the sender is called
	names     map[contract.Address]string
	letters   []string // that name no account yet
	toClaimer bool     // speaks to a possible claimer, and has said how long a share is held
}

func newExplainer(l Lang, s Subject) *explainer {
	x := &explainer{Subject: s, Lang: l, terms: &s.Packet.Terms}
	if s.Packet.Created != 0 {
		x.now = max(contract.TimeOf(s.Now), s.Packet.Created)
	}
	x.sender = sceneOf(x.terms.Scene).sender.In(l)
	x.names = map[contract.Address]string{x.Packet.Sender: x.sender}
	x.letters = strings.Split(x.pick("A B C D E F G H", "甲 乙 丙 丁 戊 己 庚 辛"), " ")
	x.nameKeys()
	return x
}

// amount is how much there is, and who can claim it.
func (x *explainer) amount() string {
	t, p := x.terms, x.Packet
	if t.Total == 0 {
		return ""
	}
	who, listed := x.claimers()
	each := t.ShareAmount().Yuan()
	s := ""
	switch {
	case listed == 1 && t.Shares == 1:
		return fmt.Sprintf(x.pick("%s, and %s", "共%s,%s"), t.Total.Yuan(), who)
	case listed == int(t.Shares) && t.Split == contract.Equal:
		return fmt.Sprintf(x.pick("%s, %s each", "%s,每人%s"), who, each)
	case t.Split == contract.ByList:
		s = x.Say("%[1]s for a list of %[2]s, of which each has its own amount", "共%[1]s,名单%[3]d项,每项各有金额",
			t.Total.Yuan(), Count(int(t.Shares), "entry", "entries"), t.Shares)
	case t.Shares == 1:
		s = fmt.Sprintf(x.pick("%s for one person", "共%s,一个人领"), t.Total.Yuan())
	case t.Split == contract.Lucky:
		s = fmt.Sprintf(x.pick("%s in %d shares, each drawn at random and at least ¥0.01",
			"共%s,%d份,拼手气,每份随机,最少¥0.01"), t.Total.Yuan(), t.Shares)
	default:
		s = fmt.Sprintf(x.pick("%s in %d shares of %s", "共%s,%d份,每份%s"), t.Total.Yuan(), t.Shares, each)
	}
	switch n := int(p.Claimed()); {
	case t.Shares > 1 && n == int(t.Shares):
		s += x.pick(", all of them claimed", ",都领完了")
	case t.Shares > 1 && n > 0:
		s += fmt.Sprintf(x.pick(", %d claimed so far", ",已领%d份"), n)
	}
	if who != "" {
		s += x.pick("; ", ";") + who
	}
	return s
}

// restSentence is who can take back what is unclaimed.
func (x *explainer) restSentence(rest, held []power) string {
	inForce := x.Packet.InForce()
	switch {
	case !x.open():
		return ""
	case len(inForce) == 0 && len(x.Packet.Tightened) > 0:
		return fmt.Sprintf(x.pick("%s has given up taking anything back: nobody can",
			"%s已经放弃收回,谁也收不回了"), x.sender)
	case len(rest) > 0:
		return x.powers(rest, contract.Rest) + x.tail(rest, contract.Rest) + x.tightened(len(held) == 0)
	case has(inForce, contract.Rest):
		return x.pick("what is unclaimed can no longer be taken back by anybody", "没领走的,现在谁也收不回了")
	case has(inForce, contract.HeldShares): // the end says the rest
		return ""
	}
	return x.pick("once it is sent, nobody can take it back", "发出去就收不回了")
}

func has(clauses []contract.Clause, target contract.Target) bool {
	return slices.ContainsFunc(clauses, func(c contract.Clause) bool { return c.Target == target })
}

// tightened says that other clauses than those of the terms are in force.
func (x *explainer) tightened(here bool) string {
	n := len(x.Packet.Tightened)
	if n == 0 || !here {
		return ""
	}
	return fmt.Sprintf(x.pick(" (%s allowed more until %s)", "(%s在%s收紧过条件)"), x.sender,
		x.clock(x.Packet.Tightened[n-1].At))
}

// mine is when a share is its claimer's own.
func (x *explainer) mine(held []power) string {
	if x.Share > 0 {
		return x.share()
	}
	claim, yours, back := "claim", "yours at once", ""
	if !x.open() {
		gone := x.shares(contract.ShareRecalled, contract.Returned)
		switch left := int(x.Packet.Claimed()) - gone; {
		case gone == 0 && left == 0:
			return ""
		case left == 0:
			return fmt.Sprintf(x.pick("every share that was claimed went back to %s", "领走的都已退给%s"), x.sender)
		case gone > 0:
			back = x.Say("; %[1]s went back to %[3]s", ";有%[2]d份已退给%[3]s",
				Count(gone, "other share", "other shares"), gone, x.sender)
		}
		claim, yours = "claimed", "yours"
	}
	if x.terms.Hold == 0 || !x.holds() {
		return x.pick("what you "+claim+" is "+yours+": nobody can take it back", "领到就是你的,谁也拿不走") + back
	}
	s := fmt.Sprintf(x.pick("what you "+claim+" is held for %s, then it is yours", "领到的钱先存%s,期满归你"),
		Length(x.Lang, x.terms.Hold))
	if len(held) == 0 {
		s += x.pick("; nobody can take it back meanwhile", ";期间谁也拿不走")
	}
	return s + back
}

// shares is how many shares are in one of the states now.
func (x *explainer) shares(states ...contract.ShareState) (n int) {
	for i := range x.Packet.Shares {
		if slices.Contains(states, x.Packet.StateAt(uint32(i+1), x.now)) {
			n++
		}
	}
	return n
}

// holds reports whether a share is held, or may be claimed still.
func (x *explainer) holds() bool {
	if t := x.Packet.Tally; t != nil && x.now < t.LastClaim.Plus(x.terms.Hold) {
		return true
	}
	return x.open() || x.shares(contract.Held, contract.Reserved) > 0
}

// heldSentence is who can take back a claimed share while it is held.
func (x *explainer) heldSentence(held []power) string {
	if len(held) == 0 {
		return ""
	}
	return x.powers(held, contract.HeldShares) + x.tail(held, contract.HeldShares) + x.tightened(true)
}

// end is what becomes of what stays unclaimed.
func (x *explainer) end() string {
	p, t := x.Packet, x.terms
	left := t.Total
	for i := range p.Shares {
		left -= p.Shares[i].Amount
	}
	one := t.Shares == 1
	switch {
	case p.Status == contract.Full && one:
		return ""
	case p.Status == contract.Full:
		return x.pick("every share was claimed: nothing is left to go back", "每份都有人领了,没有余下的")
	case p.Status == contract.Recalled && p.Undrawn():
		return fmt.Sprintf(x.pick("the rest was taken back at %[1]s, under a clause: what the draws leave goes "+
			"back to %[2]s", "没领走的已按约定收回(%s),抽剩的退给%s"), x.clock(p.Closed), x.sender)
	case p.Tally != nil && p.Status == contract.Recalled:
		return x.Say("what was unclaimed went back to %s at %s, under a clause", "没领走的,已按约定退给%s(%s)",
			x.sender, x.clock(p.Closed))
	case p.Status == contract.Recalled:
		return fmt.Sprintf(x.pick("the unclaimed %s went back to %s at %s, under a clause",
			"没领走的%s,已按约定退给%s(%s)"),
			left.Yuan(), x.sender, x.clock(p.Closed))
	case !x.open() && p.Undrawn():
		return fmt.Sprintf(x.pick("it expired at %s: what the draws leave goes back to %s",
			"红包%s过期,抽剩的自动退给%s"),
			x.clock(p.Expires), x.sender)
	case p.Tally != nil && !x.open():
		return x.Say("it expired at %s: what was unclaimed goes back to %s", "红包%s过期,没领走的自动退给%s",
			x.clock(p.Expires), x.sender)
	case !x.open():
		return fmt.Sprintf(x.pick("it expired at %[1]s: the unclaimed %[2]s goes back to %[3]s",
			"红包%s过期,没领走的%s自动退给%s"), x.clock(p.Expires), left.Yuan(), x.sender)
	}
	s := ""
	switch when := Length(x.Lang, t.Expiry); {
	case x.now != 0:
		when = x.clock(p.Created.Plus(t.Expiry))
		s = fmt.Sprintf(x.pick("what is unclaimed at %s goes back to %s", "到%[1]s还没领完的,自动退回"), when, x.sender)
	case one && x.Lang == Chinese:
		s = when + "没领,自动退回"
	default:
		s = fmt.Sprintf(x.pick("what is unclaimed after %s goes back to %s",
			"%[1]s没领完,余下的自动退回"), when, x.sender)
	}
	if inForce := p.InForce(); has(inForce, contract.HeldShares) && !has(inForce, contract.Rest) {
		s += x.pick(", and nobody can take it back sooner", ";在那之前谁也收不回没领走的")
	}
	return s
}

// ask says what the sender may do even when nothing can be taken back. It is
// said to people whom the sender knows by name, who are those that get asked.
func (x *explainer) ask() string {
	if x.Share > 0 {
		return x.asked()
	}
	if _, listed := x.claimers(); listed == 0 || x.terms.Hold != 0 {
		return ""
	}
	return fmt.Sprintf(x.pick("%s may ask for it back, but you decide, and a yes is your gift",
		"%s可以请你退还,退不退由你,退了算你送的"), x.sender)
}

// open reports whether there is an unclaimed rest to speak of.
func (x *explainer) open() bool {
	return x.Packet.Status == contract.Open && (x.now == 0 || x.now < x.Packet.Created.Plus(x.terms.Expiry))
}

func (x *explainer) clock(t contract.Time) string {
	switch {
	case x.Exact:
		return t.String()
	case x.Today.IsZero():
		return Clock(t, x.Now)
	}
	return Clock(t, x.Today)
}

// join lists names: "a, b and c".
func (x *explainer) join(names []string) string {
	last := len(names) - 1
	if x.Lang == Chinese || last < 1 {
		return strings.Join(names, "、")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
