package words

import (
	"strings"

	"hongbao/client/audit"
	"hongbao/contract"
)

// Standing says how the subject's share stands, in sentences: since when it is its
// claimer's own, or until when others can take it back. show, claim and verify say
// it so.
func Standing(l Lang, s Subject) string {
	x := newExplainer(l, s)
	x.callSender()
	f := x.facts()
	said := ""
	switch {
	case f.WentBack():
		return x.Say("it went back to the sender and is not the claimer's (%[1]s).",
			"已退回发的人,不属于领的人(%[2]s)。", f.State, State(Chinese, f.State))
	case f.Final:
		said = x.Say("final since %s: nobody else can take it.", "自 %s 起已终局:谁也拿不走。", x.clock(*f.FinalSince))
	default:
		said = x.Say("NOT FINAL. %[1]s.", "未终局。%[1]s。", capital(x.others(f.By, f.Reasons, *f.OthersUntil)))
		if x.Exact { // the vectors have it so
			return said
		}
	}
	if f.State == contract.Reserved {
		said += x.pick(" Its amount is drawn in the next block.", "金额在下一块抽出。")
	}
	if f.State != contract.Settled && x.terms.Hold > 0 {
		said += x.Say(" It is held until %s and then the claimer's to spend.", "%s 到账。",
			x.clock(x.Packet.SettlesAt(x.Share)))
	}
	return said
}

// facts are about the subject's share.
func (x *explainer) facts() audit.ShareStanding {
	return audit.NewShareStanding(x.Packet, x.Share, x.now)
}

// Others says who can take a share back from its claimer, and until when, of a
// finality that is not final.
func Others(l Lang, s Subject, f contract.Finality) string {
	x := newExplainer(l, s)
	x.callSender()
	return x.others(f.By, f.Reasons, f.OthersUntil)
}

// callSender calls the sender what the reader does.
func (x *explainer) callSender() {
	if x.Name != nil {
		x.names[x.Packet.Sender] = orElse(x.Name(x.Packet.Sender), x.sender)
	}
}

// others says that any of the sets of accounts can take a share back until then,
// for one of the reasons.
func (x *explainer) others(sets [][]contract.Address, reasons []contract.Reason, until contract.Time) string {
	var why []string
	for _, r := range reasons {
		why = append(why, x.pick(r.Word(), Reason(Chinese, r)))
	}
	said := x.Say("others can take it back until %s: %s", "%s 前别人还能拿走:%s", x.clock(until), x.oneOf(sets))
	if len(why) > 0 {
		said += x.pick(", as ", ",理由:") + strings.Join(why, x.pick(", or as ", "、"))
	}
	return said
}

// oneOf says sets of accounts of which any suffices: exactly, each of them.
func (x *explainer) oneOf(sets [][]contract.Address) string {
	if !x.Exact {
		return x.people(sets)
	}
	var list []string
	for _, set := range sets {
		list = append(list, x.join(x.called(set)))
	}
	return strings.Join(list, x.pick(", or ", ",或 "))
}

// Question says how the sender's question about the subject's share stands; empty
// where there was none.
func Question(l Lang, s Subject) string { return newExplainer(l, s).question() }

func (x *explainer) question() string {
	a := x.Packet.ShareAt(x.Share).Asked
	if a == nil {
		return ""
	}
	why := ""
	if a.Reason != "" {
		why = x.Say(" (%s)", "(%s)", Reason(x.Lang, a.Reason))
	}
	at := x.clock(a.At)
	switch a.StateAt(x.now) {
	case contract.AskAccepted:
		return x.Say("%s had asked for it at %s%s", "%s在%s请求过退还%s", x.sender, at, why)
	case contract.AskRefused:
		return x.Say("%s asked for it back at %s%s, and the answer was no", "%s在%s请求退还%s,没有同意",
			x.sender, at, why)
	case contract.AskLapsed:
		return x.Say("%s asked for it back at %s%s, and got no answer", "%s在%s请求退还%s,没有答复",
			x.sender, at, why)
	}
	return x.Say("%s asks for it back%s; until %s its claimer may say yes, which is a gift, or no",
		"%s请求退还%s;%s前退不退由领的人决定,退了算送的", x.sender, why, x.clock(a.LapsesAt()))
}
