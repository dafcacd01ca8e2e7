package words

import (
	"fmt"
	"strings"
	"time"

	"hongbao/contract"
)

// Namer gives an address the name its reader knows it by.
type Namer func(contract.Address) string

// Terms says in a few sentences how much there is, who can take it back until
// when, when a share is the claimer's own, and what happens to the rest.
// created is when the packet was made, or the newest block's time for one
// about to be sent.
func Terms(l Lang, t *contract.Terms, created contract.Time, name Namer, now time.Time) []string {
	s := []string{amount(l, t), claimable(l, t, created, name, now)}
	for i := range t.Clauses {
		s = append(s, clause(l, &t.Clauses[i], created, created.Plus(t.Expiry), name, now))
	}
	if len(t.Clauses) == 0 {
		s = append(s, l.pick("Nobody can take it back before it expires.", "到期前谁也收不回。"))
	}
	s = append(s, l.pick("What you claim is yours at once: nobody can take it back.", "领到就是你的,谁也拿不走。"))
	expires := Clock(created.Plus(t.Expiry), now)
	return append(s, fmt.Sprintf(l.pick("What nobody has claimed by %s goes back to the sender.", "%s还没领完的,自动退回。"), expires))
}

func amount(l Lang, t *contract.Terms) string {
	each := t.ShareAmount().Yuan()
	if t.Shares == 1 {
		return fmt.Sprintf(l.pick("%s for one person.", "共%s,一个人领。"), t.Total.Yuan())
	}
	return fmt.Sprintf(l.pick("%s in %d shares of %s.", "共%s,%d份,每份%s。"), t.Total.Yuan(), t.Shares, each)
}

func claimable(l Lang, t *contract.Terms, created contract.Time, name Namer, now time.Time) string {
	var people []string
	from, plain := created, true
	for _, c := range conjuncts(t.Claim.Cond) {
		switch c := c.(type) {
		case contract.Always:
		case contract.Link:
			people = append(people, l.pick("Whoever has the link", "有链接的人"))
		case contract.Named:
			people = append(people, l.pick("Only ", "只有")+names(l, c.Claimers, name))
		case contract.From:
			from = max(from, c.At)
		case contract.After:
			from = max(from, created.Plus(c.For))
		default:
			plain = false
		}
	}
	if !plain || len(people) > 1 {
		return fmt.Sprintf(l.pick("Who can claim: %s.", "领取条件:%s。"), contract.Print(t.Claim.Cond))
	}
	who, when := l.pick("Anybody", "任何人"), ""
	if len(people) == 1 {
		who = people[0]
	}
	if from > created {
		when = fmt.Sprintf(l.pick(" from %s on", "%s起"), Clock(from, now))
	}
	if l == Chinese {
		return fmt.Sprintf("%s%s可以领。", when, who)
	}
	return fmt.Sprintf("%s can claim%s.", who, when)
}

// clause says a clause that is a plain conjunction; another is shown as it is
// written.
func clause(l Lang, c *contract.Clause, created, expires contract.Time, name Namer, now time.Time) string {
	var who []string
	until, untouched, plain := expires, false, true
	from := created
	for _, o := range conjuncts(c.When.Cond) {
		switch o := o.(type) {
		case contract.Sender:
			who = append(who, l.pick("the sender", "发的人"))
		case contract.Key:
			who = append(who, name(o.Address))
		case contract.Within:
			until = min(until, created.Plus(o.For))
		case contract.Before:
			until = min(until, o.At)
		case contract.After:
			from = max(from, created.Plus(o.For))
		case contract.From:
			from = max(from, o.At)
		case contract.Untouched:
			untouched = true
		case contract.Of:
			sub, ok := keys(l, o, name)
			plain = plain && ok
			who = append(who, sub)
		default:
			plain = false
		}
	}
	if !plain || len(who) == 0 || c.Target != contract.Rest {
		return fmt.Sprintf(l.pick("It can be taken back under: %s.", "可按此条款收回:%s。"), c)
	}
	what := l.pick("what is unclaimed", "没领走的")
	if untouched {
		what = l.pick("all of it, while nobody has claimed,", "全部(还没人领时)")
	}
	span := l.pick("until ", "") + Clock(until, now) + l.pick("", "前")
	if from > created {
		span = fmt.Sprintf(l.pick("from %s ", "%s起,"), Clock(from, now)) + span
	}
	why := ""
	if len(c.Reasons) > 0 {
		var list []string
		for _, r := range c.Reasons {
			list = append(list, Reason(l, r))
		}
		why = l.pick(" as "+strings.Join(list, " or "), ",理由限:"+strings.Join(list, "、"))
	}
	if l == Chinese {
		return fmt.Sprintf("%s%s可以收回%s%s。", span, strings.Join(who, "和"), what, why)
	}
	subject := strings.Join(who, " and ")
	for _, word := range []string{"the sender", "any "} { // a name keeps its spelling
		if rest, ok := strings.CutPrefix(subject, word); ok {
			subject = strings.ToUpper(word[:1]) + word[1:] + rest
		}
	}
	return subject + " can take back " + what + " " + span + why + "."
}

// keys says a k of over plain signers.
func keys(l Lang, of contract.Of, name Namer) (string, bool) {
	var list []string
	for _, o := range of.Operands {
		switch o := o.(type) {
		case contract.Sender:
			list = append(list, l.pick("the sender", "发的人"))
		case contract.Key:
			list = append(list, name(o.Address))
		default:
			return "", false
		}
	}
	if l == Chinese {
		return strings.Join(list, "、") + fmt.Sprintf("中任意%d人", of.K), true
	}
	return fmt.Sprintf("any %d of %s", of.K, strings.Join(list, ", ")), true
}

// conjuncts are the conditions that must all hold.
func conjuncts(c contract.Cond) (list []contract.Cond) {
	all, ok := c.(contract.All)
	if !ok {
		return []contract.Cond{c}
	}
	for _, o := range all {
		list = append(list, conjuncts(o)...)
	}
	return list
}

func names(l Lang, list []contract.Address, name Namer) string {
	if len(list) > 5 {
		return fmt.Sprintf(l.pick("the %d people listed", "名单上的%d人"), len(list))
	}
	var s []string
	for _, a := range list {
		s = append(s, name(a))
	}
	return strings.Join(s, l.pick(", ", "、"))
}

var reasonsInChinese = map[string]string{
	"duplicate": "重复发送", "wrong-amount": "金额错误", "wrong-person": "发错人",
	"fraud": "诈骗", "changed-mind": "改变主意", "technical": "技术故障",
}

// Reason is why money goes back, in a person's words.
func Reason(l Lang, r contract.Reason) string {
	word := r.Word()
	if zh := reasonsInChinese[word]; l == Chinese && zh != "" {
		return zh
	}
	return strings.ReplaceAll(word, "-", " ")
}
