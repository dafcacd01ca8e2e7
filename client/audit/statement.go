package audit

import (
	"fmt"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

// prose is what a proof establishes, said in both languages.
type prose struct{ en, zh strings.Builder }

func (p *prose) say(en, zh string, args ...any) {
	said := both(en, zh, args...)
	if p.en.Len() > 0 && en != "" && !strings.ContainsAny(en[:1], ".,:;") {
		p.en.WriteByte(' ')
	}
	p.en.WriteString(said.en)
	p.zh.WriteString(said.zh)
}

// establish completes the facts, which the checks have begun.
func (v *verifier) establish() {
	f := &v.facts
	f.Kind, f.Subject, f.ChainID, f.Dev, f.Height, f.Time = v.file.Kind, v.file.Subject, v.file.ChainID, v.trust.Dev, v.file.Height, v.now()
	if v.packet != nil {
		f.Terms = v.newTermsFacts()
	}
	switch f.Kind {
	case KindPacket:
		f.Packet = newPacketFacts(v.packet, f.Time)
		f.Packet.Recalls = v.recalls
		f.Packet.addHistory(v.entries)
	case KindUnrecalled:
		f.Packet = newPacketFacts(v.packet, f.Time)
	}
}

// statement says in words what was proven. Every figure is recomputed from
// what the checks established, and "now" is the time at the proven header:
// whatever is done after the proven state is done then or later.
func (v *verifier) statement() line {
	p, f := new(prose), &v.facts
	switch f.Kind {
	case KindPacket:
		v.sayPacket(p)
	case KindShare:
		v.sayShare(p, f.Share)
	case KindRecall:
		v.sayRecall(p, f.Recall)
	case KindUnrecalled:
		v.sayUnrecalled(p, f.Packet)
	case KindAccount:
		v.sayAccount(p, f.Account)
	case KindAbsent:
		p.say("As of block %d of %s, at %s, there never was a %[4]s.", "截至 %[2]s 第 %[1]d 块(%[3]s),从来没有 %[4]s。",
			f.Height, f.ChainID, f.Time, f.Subject)
	case KindSupply:
		s := f.Supply
		p.say("After block %d of %s, all money there is, %s, was %s in wallets, %s unclaimed in packets and %s held.",
			"%[2]s 第 %[1]d 块之后,全部资金 %[3]s:钱包里 %[4]s,未领的红包里 %[5]s,待到账 %[6]s。",
			f.Height, f.ChainID, s.Total.Yuan(), s.Wallets.Yuan(), s.Escrow.Yuan(), s.Held.Yuan())
	}
	if f.Dev {
		p.say("This is a dev chain: play money.", "这是测试链:钱不是真的。")
	}
	return line{p.en.String(), p.zh.String()}
}

// sayUnrecalled says that nobody took anything back, and whether somebody can.
func (v *verifier) sayUnrecalled(p *prose, f *PacketFacts) {
	p.say("Packet %s on %s, as block %d left it: nothing was recalled from it.", "%[2]s 上的红包 %[1]s,第 %[3]d 块之后:没有任何一笔被撤回。",
		v.id, v.file.ChainID, v.file.Height)
	until := v.laterUntil()
	if f.RecallableUntil != nil {
		until = max(until, *f.RecallableUntil)
	}
	for i := range f.Shares {
		if o := f.Shares[i].OthersUntil; o != nil {
			until = max(until, *o)
		}
	}
	if until == 0 {
		p.say("Nobody can recall anything of it any more.", "今后也没有人能撤回。")
		return
	}
	p.say("Something of it could still be recalled until %s.", "%s 前仍可能有人撤回。", until)
}

// laterUntil is until when shares that nobody has claimed yet could be recalled,
// from whoever claims them; 0 when none could.
func (v *verifier) laterUntil() (latest contract.Time) {
	p := v.packet
	if p.Status != contract.Open || v.now() >= p.Expires {
		return 0
	}
	for _, w := range contract.Windows(p.InForce(), p.Sender, &p.Terms, p.Created, p.Expires) {
		if w.Target == contract.HeldShares {
			latest = max(latest, w.Until)
		}
	}
	return latest
}

// sayAccount says what went through an account.
func (v *verifier) sayAccount(p *prose, f *AccountFacts) {
	if f.Complete {
		p.say("Account %[1]s on %[2]s, its whole statement up to block %[3]d: %[4]s.", "%[2]s 上的账户 %[1]s 截至第 %[3]d 块的完整账单,共 %[5]d 条记录。",
			f.Address, v.file.ChainID, v.file.Height, words.Count(int(f.Entries), "entry", "entries"), f.Entries)
	} else {
		last := f.From + f.Entries - 1
		p.say("Account %s on %s, a part of its statement, without a gap: entries %d to %d, from %s to %s.",
			"%[2]s 上的账户 %[1]s 的部分账单,中间没有遗漏:第 %[3]d 至 %[4]d 条,%[5]s 至 %[6]s。",
			f.Address, v.file.ChainID, f.From, last, f.Since, f.Until)
	}
	p.say("It opened with %s, %s came in, %s went out, and it closed with %s", "期初 %s,收入 %s,支出 %s,期末 %s",
		(f.Opening + f.OpeningHeld).Yuan(), f.In.Yuan(), f.Out.Yuan(), (f.Closing + f.ClosingHeld).Yuan())
	if f.ClosingHeld > 0 {
		p.say(", of which %s is held and not its own yet", ",其中 %s 待到账,还不算它的", f.ClosingHeld.Yuan())
	}
	p.say(".", "。")
	if len(v.txs) > 0 {
		p.say("Whatever it spent itself, it signed for.", "凡由它自己支出的,都有它的签名。")
	}
}

// sayRecall says what was taken back, by whom, under which clause.
func (v *verifier) sayRecall(p *prose, f *RecallFacts) {
	amount := line{"what the draws left", "抽完余下的钱"}
	if f.Amount != nil {
		amount = line{f.Amount.Yuan(), f.Amount.Yuan()}
	}
	if f.Share != 0 {
		p.say("Share %[1]s/%[2]d on %[3]s, %[4]s, which %[5]s had claimed at %[6]s, was recalled at %[7]s and went back to %[8]s, who had sent it",
			"%[3]s 上的红包 %[1]s 第 %[2]d 份 %[4]s,由 %[5]s 于 %[6]s 领取,于 %[7]s 被撤回,退给发的人 %[8]s",
			f.Packet, f.Share, v.file.ChainID, amount.en, *f.Claimer, *f.ClaimedAt, f.At, f.Sender)
	} else {
		p.say("What nobody had claimed of packet %s on %s, "+amount.en+", was recalled at %s and goes back to %s, who had sent it",
			"%[2]s 上的红包 %[1]s 未领的部分 "+amount.zh+" 于 %[3]s 被撤回,退给发的人 %[4]s", f.Packet, v.file.ChainID, f.At, f.Sender)
	}
	if f.Reason != "" {
		p.say(", as %[1]s", ",理由:%[2]s", f.Reason.Word()+" ("+string(f.Reason)+")", words.Reason(words.Chinese, f.Reason))
	}
	p.say(".", "。")
	var names []string
	for _, a := range f.Signers {
		names = append(names, a.String())
	}
	clause, terms := line{"Clause %[1]d", "第 %[1]d 条"}, line{"these terms", "这些条款"}
	if f.Tightened { // which is the sender's alone: claimers sign the terms
		clause = line{"Clause %[1]d of the tightened ones", "收紧后的第 %[1]d 条"}
		terms = line{"the original terms, which allow more", "原来的条款,收紧只会更严"}
	}
	p.say(clause.en+" allowed it, \"%[2]s\", signed by %[3]s.", "依据"+clause.zh+"「%[2]s」,由 %[4]s 签字。", f.Clause, f.When, list(names), strings.Join(names, "、"))
	if f.Share != 0 {
		p.say("Sender and claimer had both signed %[1]s.", "发的人和领的人都签过%[2]s。", terms.en, terms.zh)
	} else {
		p.say("The sender had signed %[1]s.", "发的人签过%[2]s。", terms.en, terms.zh)
	}
}

// sayShare says whose a share is, and what can still become of it.
func (v *verifier) sayShare(p *prose, f *ShareFacts) {
	amount := line{"its amount not drawn yet", "金额还没抽出"}
	if f.Amount != nil {
		amount = line{f.Amount.Yuan(), f.Amount.Yuan()}
	}
	p.say("Share %[1]s/%[2]d on %[3]s, %[4]s, claimed by %[6]s at %[7]s, as block %[8]d left it:", "%[3]s 上的红包 %[1]s 第 %[2]d 份,%[5]s,由 %[6]s 于 %[7]s 领取,第 %[8]d 块之后:",
		v.id, v.share, v.file.ChainID, amount.en, amount.zh, f.Claimer, f.ClaimedAt, v.file.Height)
	switch {
	case f.OthersUntil != nil:
		var sets, zhs []string
		for _, set := range f.By {
			var names []string
			for _, a := range set {
				names = append(names, a.String())
			}
			sets, zhs = append(sets, list(names)), append(zhs, strings.Join(names, "、"))
		}
		p.say("NOT FINAL. Others can take it back until %[1]s: %[2]s", "未终结。%[1]s 前别人还能拿走:%[3]s", *f.OthersUntil, strings.Join(sets, ", or "), strings.Join(zhs, ",或 "))
		for i, r := range f.Reasons {
			p.say([]string{", as %[1]s", ", or as %[1]s"}[min(i, 1)], []string{",理由:%[2]s", "、%[2]s"}[min(i, 1)], r.Word(), words.Reason(words.Chinese, r))
		}
		p.say(".", "。")
	case !f.Final:
		p.say("it went back to the sender and is not the claimer's (%[1]s).", "已退回发的人,不属于领的人(%[2]s)。", f.State, words.State(words.Chinese, f.State))
	case f.State == contract.Held.String():
		p.say("final since %s: nobody else can take it. It is held until %s and then the claimer's to spend.", "自 %s 起已终结:谁也拿不走。%s 到账。", *f.FinalSince, *f.SettlesAt)
	case f.State == contract.Reserved.String():
		p.say("final since %s: nobody else can take it. Its amount is drawn in the next block.", "自 %s 起已终结:谁也拿不走。金额在下一块抽出。", *f.FinalSince)
	default:
		p.say("final since %s: nobody else can take it.", "自 %s 起已终结:谁也拿不走。", *f.FinalSince)
	}
	if f.Asked == contract.AskOpen.String() {
		p.say("The sender asks for it back, which is the claimer's to decide.", "发的人请求退回,由领的人决定。")
	}
}

// reasonsOf are reasons in words, each with its code: " as fraud (FRAD)".
func reasonsOf(reasons []contract.Reason) line {
	var en, zh []string
	for _, r := range reasons {
		en, zh = append(en, fmt.Sprintf("%s (%s)", r.Word(), string(r))), append(zh, words.Reason(words.Chinese, r))
	}
	if len(en) == 0 {
		return line{}
	}
	return line{" as " + list(en), ",理由:" + strings.Join(zh, "、")}
}
