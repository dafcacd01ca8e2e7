package words

import (
	"fmt"

	"hongbao/contract"
)

// share is how it stands with the share that is spoken of, as the beginning of an
// explanation: who can take it back, the sentence after it says.
func (x *explainer) share() string {
	p, n := x.Packet, x.Share
	sh, f := p.ShareAt(n), x.facts()
	who := ""
	if x.Name != nil {
		who = x.Name(sh.Claimer)
	}
	who = orElse(who, x.pick("its claimer", "领的人"))
	what := fmt.Sprintf(x.pick("share %d, %s,", "第%d份%s"), n, sh.Amount.Yuan())
	settles := x.clock(p.SettlesAt(n))
	switch {
	case f.State == contract.Reserved:
		return x.reserved(who, settles)
	case f.State == contract.ShareRecalled:
		return fmt.Sprintf(x.pick("%s was taken back from %s under a clause", "%s已按约定从%s那里收回"), what, who)
	case f.State == contract.Returned:
		return fmt.Sprintf(x.pick("%s was given back by %s", "%s已由%s退还"), what, who)
	case f.OthersUntil != nil:
		return fmt.Sprintf(x.pick("%s is held for %s until %s", "%s替%s存到%s"), what, who, settles) + x.notFinal()
	}
	s := fmt.Sprintf(x.pick("%s is %s's own and final since %s: nobody can take it back",
		"%s归%s,%s起谁也拿不走"), what, who, x.clock(*f.FinalSince))
	if f.State == contract.Held {
		s += fmt.Sprintf(x.pick("; it can be spent from %s on", ";%s起可以花"), settles)
	}
	return s
}

// notFinal says from when on the share is beyond what others can do to it.
func (x *explainer) notFinal() string {
	if until := *x.facts().OthersUntil; until < x.Packet.SettlesAt(x.Share) {
		return fmt.Sprintf(x.pick(", and final from %s on", ",%s起谁也拿不走"), x.clock(until))
	}
	return x.pick(", and not final before", ",期满才算到账")
}

// asked is how the sender's question about the share stands, or that there may be
// one.
func (x *explainer) asked() string {
	if sh := x.Packet.ShareAt(x.Share); sh.Asked == nil && sh.State == contract.Settled {
		return fmt.Sprintf(x.pick("%s may ask for it back, once; saying no costs nothing, and a yes is a gift",
			"%s可以请求退还一次;不退没有任何影响,退了算送的"), x.sender)
	}
	return x.question()
}
