package words

import (
	"fmt"

	"hongbao/contract"
)

// share is how it stands with the share that is spoken of: whose it is, since
// or until when.
func (x *explainer) share(held []power) string {
	p, n := x.Packet, x.Share
	sh := &p.Shares[n-1]
	who := ""
	if x.Name != nil {
		who = x.Name(sh.Claimer)
	}
	who = orElse(who, x.pick("its claimer", "领的人"))
	what := fmt.Sprintf(x.pick("share %d, %s,", "第%d份%s"), n, sh.Amount.Yuan())
	settles := x.clock(p.SettlesAt(n))
	switch {
	case sh.State == contract.Reserved:
		return x.reserved(held, who, settles)
	case sh.State == contract.ShareRecalled:
		return fmt.Sprintf(x.pick("%s was taken back from %s under a clause", "%s已按约定从%s那里收回"), what, who)
	case sh.State == contract.Returned:
		return fmt.Sprintf(x.pick("%s was given back by %s", "%s已由%s退还"), what, who)
	case len(held) > 0:
		return fmt.Sprintf(x.pick("%s is held for %s until %s", "%s替%s存到%s"), what, who, settles) + x.notFinal()
	}
	since := p.Finality(n, x.now).FinalSince
	s := fmt.Sprintf(x.pick("%s is %s's own and final since %s: nobody can take it back",
		"%s归%s,%s起谁也拿不走"), what,
		who, x.clock(since))
	if sh.State == contract.Held && x.now < p.SettlesAt(n) {
		s += fmt.Sprintf(x.pick("; it can be spent from %s on", ";%s起可以花"), settles)
	}
	return s
}

// notFinal says from when on the share is beyond what others can do to it.
func (x *explainer) notFinal() string {
	if until := x.Packet.Finality(x.Share, x.now).OthersUntil; until < x.Packet.SettlesAt(x.Share) {
		return fmt.Sprintf(x.pick(", and final from %s on", ",%s起谁也拿不走"), x.clock(until))
	}
	return x.pick(", and not final before", ",期满才算到账")
}

// asked is how the sender's question about the share stands.
func (x *explainer) asked() string {
	sh := &x.Packet.Shares[x.Share-1]
	switch a := sh.Asked; {
	case a == nil && sh.State == contract.Settled:
		return fmt.Sprintf(x.pick("%s may ask for it back, once; saying no costs nothing, and a yes is a gift",
			"%s可以请求退还一次;不退没有任何影响,退了算送的"), x.sender)
	case a == nil:
		return ""
	case a.State == contract.AskAccepted:
		return fmt.Sprintf(x.pick("%s had asked for it at %s", "%s在%s请求过退还"), x.sender, x.clock(a.At))
	case a.State == contract.AskRefused:
		return fmt.Sprintf(x.pick("%s asked for it back at %s, and the answer was no",
			"%s在%s请求退还,没有同意"), x.sender,
			x.clock(a.At))
	case a.State == contract.AskLapsed || x.now >= a.LapsesAt():
		return fmt.Sprintf(x.pick("%s asked for it back at %s, and got no answer", "%s在%s请求退还,没有答复"), x.sender,
			x.clock(a.At))
	}
	why := ""
	if sh.Asked.Reason != "" {
		why = fmt.Sprintf(x.pick(" (%s)", "(%s)"), Reason(x.Lang, sh.Asked.Reason))
	}
	return fmt.Sprintf(x.pick("%s asks for it back%s; until %s its claimer may say yes, which is a gift, or no",
		"%s请求退还%s;%s前退不退由领的人决定,退了算送的"), x.sender, why, x.clock(sh.Asked.LapsesAt()))
}
