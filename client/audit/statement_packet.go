package audit

import (
	"fmt"
	"slices"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

// sayPacket tells a packet's life.
func (v *verifier) sayPacket(p *prose) {
	f, t := v.facts.Packet, &v.packet.Terms
	shares := line{words.Count(int(t.Shares), "lucky share", "lucky shares"), fmt.Sprintf("%d 份拼手气", t.Shares)}
	if t.Split == contract.Equal {
		each := t.ShareAmount().Yuan()
		shares = line{words.Count(int(t.Shares), "share", "shares") + " of " + each, fmt.Sprintf("%d 份,每份 %s", t.Shares, each)}
	}
	p.say("Packet %[1]s on %[2]s, as block %[3]d left it: %[4]s sent %[5]s in %[6]s at %[8]s.", "%[2]s 上的红包 %[1]s,第 %[3]d 块之后:%[4]s 于 %[8]s 发出 %[5]s,%[7]s。",
		v.id, v.file.ChainID, v.file.Height, f.Sender, f.Total.Yuan(), shares.en, shares.zh, f.Created)
	if n := len(f.Tightened); n > 0 {
		if last := f.Tightened[n-1]; last.Renounced {
			p.say("The sender renounced every clause at %s.", "发的人于 %s 放弃了全部撤回权。", last.At)
		} else {
			p.say("The sender tightened the clauses at %s.", "发的人于 %s 收紧了撤回条款。", last.At)
		}
	}
	atRisk := v.sayShares(p)
	v.sayRest(p, atRisk)
}

// sayShares tells of the shares that were claimed, and how much of them others
// can still take back.
func (v *verifier) sayShares(p *prose) (atRisk portion) {
	f := v.facts.Packet
	if len(f.Shares) == 0 {
		p.say("Nobody has claimed.", "还没有人领。")
		return atRisk
	}
	var final, held, recalled, returned portion
	reserved := 0
	for i := range f.Shares {
		s := &f.Shares[i]
		switch s.State {
		case contract.ShareRecalled.String():
			recalled.add(s, 0)
			continue
		case contract.Returned.String():
			returned.add(s, 0)
			continue
		case contract.Reserved.String():
			reserved++
		}
		if s.SettlesAt != nil {
			held.add(s, *s.SettlesAt)
		}
		if s.Final {
			final.add(s, 0)
		} else {
			atRisk.add(s, *s.OthersUntil)
		}
	}
	inAll := line{"in all", "共"}
	if reserved > 0 {
		inAll = line{"drawn so far", "已抽出"}
	}
	p.say("%[1]s claimed, %[2]s "+inAll.en, "已领 %[3]d 份,"+inAll.zh+" %[2]s",
		words.Count(len(f.Shares), "share was", "shares were"), v.sums.claimed.Yuan(), len(f.Shares))
	if final.shares == len(f.Shares) {
		p.say(", and beyond every clause", ",任何条款都拿不走")
	}
	p.say(".", "。")
	if reserved > 0 {
		p.say("%[1]s drawn in block %[2]d.", "%[3]d 份已占位,金额在第 %[2]d 块抽出。",
			words.Count(reserved, "share is reserved: its amount is", "shares are reserved: their amounts are"), v.file.Height+1, reserved)
	}
	if n := f.Luckiest; n != 0 {
		p.say("The luckiest is share %d, of %s, with %s.", "手气最佳:第 %d 份,%s,%s。", n, f.Shares[n-1].Claimer, f.Shares[n-1].Amount.Yuan())
	}
	if atRisk.shares > 0 {
		p.say("NOT FINAL: %[1]s, %[3]s "+inAll.en+", can be taken back by others until %[4]s.", "未终结:%[2]d 份,"+inAll.zh+" %[3]s,%[4]s 前别人还能拿走。",
			words.Count(atRisk.shares, "share", "shares"), atRisk.shares, atRisk.amount.Yuan(), atRisk.until)
	}
	if recalled.shares > 0 {
		why := reasonsOf(shareReasons(f.Shares))
		p.say("%[1]s recalled from hold"+why.en+", %[3]s in all.", "%[2]d 份在到账前被撤回"+why.zh+",共 %[3]s。",
			words.Count(recalled.shares, "share was", "shares were"), recalled.shares, recalled.amount.Yuan())
	}
	if returned.shares > 0 {
		p.say("%[1]s given back by the claimer, %[3]s in all.", "%[2]d 份由领的人退回,共 %[3]s。",
			words.Count(returned.shares, "share was", "shares were"), returned.shares, returned.amount.Yuan())
	}
	if 0 < final.shares && final.shares < len(f.Shares) {
		p.say("%[1]s beyond every clause, %[3]s "+inAll.en+".", "%[2]d 份任何条款都拿不走,"+inAll.zh+" %[3]s。",
			words.Count(final.shares, "share is", "shares are"), final.shares, final.amount.Yuan())
	}
	if held.shares > 0 {
		p.say("%[1]s until %[3]s.", "%[2]d 份 %[3]s 前陆续到账。", words.Count(held.shares, "share is held", "shares are held"), held.shares, held.until)
	}
	sayAsked(p, f.Shares)
	return atRisk
}

// portion is some of a packet's shares.
type portion struct {
	shares int
	amount contract.Amount // at most what was claimed, of which checkSums has the sum
	until  contract.Time   // the latest of their instants
}

func (o *portion) add(s *ShareFacts, until contract.Time) {
	o.shares++
	if s.Amount != nil {
		o.amount += *s.Amount
	}
	o.until = max(o.until, until)
}

// shareReasons are why shares were recalled, each once.
func shareReasons(shares []ShareFacts) (list []contract.Reason) {
	for i := range shares {
		if r := shares[i].RecalledFor; r != "" && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// sayAsked tells what became of the sender's questions.
func sayAsked(p *prose, shares []ShareFacts) {
	asked, states := 0, map[string]int{}
	for i := range shares {
		if state := shares[i].Asked; state != "" {
			asked++
			states[state]++
		}
	}
	if asked == 0 {
		return
	}
	var en, zh []string
	for state := contract.AskOpen; state <= contract.AskLapsed; state++ {
		if n := states[state.String()]; n > 0 {
			en, zh = append(en, fmt.Sprintf("%d %s", n, state)), append(zh, fmt.Sprintf("%d 份%s", n, words.State(words.Chinese, state.String())))
		}
	}
	p.say("The sender asked for %[1]s back: %[3]s.", "发的人请求退回 %[2]d 份:%[4]s。", words.Count(asked, "share", "shares"), asked, list(en), strings.Join(zh, "、"))
}

// sayRest tells what became of the money that nobody claimed.
func (v *verifier) sayRest(p *prose, atRisk portion) {
	f := v.facts.Packet
	rest, drawn := f.Escrow.Yuan(), line{}
	if v.packet.Undrawn() {
		drawn = line{", less what is drawn,", "(减去将抽出的)"}
	}
	switch v.packet.Status {
	case contract.Open:
		if f.Status == contract.Expired.String() {
			p.say("%s"+drawn.en+" was unclaimed at expiry, %s, and goes back to the sender.", "%s"+drawn.zh+" 到 %s 过期时没人领,退回发的人。", rest, f.Expires)
			return
		}
		p.say("%s"+drawn.en+" is unclaimed until %s", "%s"+drawn.zh+" 未领,%s 到期", rest, f.Expires)
		if f.RecallableUntil != nil {
			p.say(", and could be recalled until %s.", ",%s 前可能被撤回。", *f.RecallableUntil)
		} else {
			p.say(", and nobody can recall it.", ",谁也不能撤回。")
		}
	case contract.Full:
		p.say("It is full since %s", "%s 已领完", *f.Closed)
		if atRisk.shares == 0 {
			p.say(": nobody can take anything back", ":谁也拿不回去")
		}
		p.say(".", "。")
	case contract.Recalled:
		if f.Recalled != nil {
			rest, drawn = f.Recalled.Yuan(), line{}
		}
		why := reasonsOf(f.RecalledFor)
		p.say("%s"+drawn.en+" was recalled at %s"+why.en+".", "%s"+drawn.zh+" 于 %s 被撤回"+why.zh+"。", rest, *f.Closed)
	case contract.Expired:
		refunded := contract.Amount(0)
		if f.Refunded != nil {
			refunded = *f.Refunded
		}
		p.say("%s was refunded at %s, after expiry.", "%s 到期后于 %s 退回发的人。", refunded.Yuan(), *f.Closed)
	}
}
