package words

import (
	"slices"
	"strings"

	"hongbao/client/audit"
	"hongbao/contract"
)

// Statement says what a report proves, or why it proves nothing. Each figure is
// of the report's facts, and "now" is the time at the proven header: what is done
// after the proven state is done then or later.
func Statement(l Lang, r *audit.Report) string {
	if c := r.Failed(); c != nil {
		return l.Say("Nothing is proven: %s.", "什么也没有证明:%s。", Finding(l, c.Found))
	}
	if r.Facts == nil {
		return ""
	}
	t := &teller{l: l, Report: r}
	switch f := r.Facts; f.Kind {
	case audit.KindPacket, audit.KindLargePacket:
		t.packet(f.Packet)
	case audit.KindShare, audit.KindLargeShare:
		t.share(f.Share)
	case audit.KindRecall:
		t.recall(f.Recall)
	case audit.KindUnrecalled:
		t.unrecalled(f.Packet)
	case audit.KindUnclaimed:
		t.unclaimedEntry(f.Packet, f.Entry)
	case audit.KindAccount:
		t.account(f.Account)
	case audit.KindAbsent:
		t.say("As of block %d of %s, at %s, there never was a %[4]s.", "截至 %[2]s 第 %[1]d 块(%[3]s),从来没有 %[4]s。",
			f.Height, f.ChainID, f.Time, f.Subject)
	case audit.KindSupply:
		t.supply(f.Supply)
	}
	if r.Facts.Dev {
		t.say("This is a dev chain: play money.", "这是测试链:钱不是真的。")
	}
	return t.text.String()
}

// teller tells what a valid report proves, sentence by sentence.
type teller struct {
	*audit.Report
	l    Lang
	text strings.Builder
}

// say adds a sentence, or the end of one.
func (t *teller) say(en, zh string, args ...any) {
	if t.l == English && t.text.Len() > 0 && !strings.ContainsAny(en[:1], ".,:;") {
		t.text.WriteByte(' ')
	}
	t.text.WriteString(t.l.Say(en, zh, args...))
}

// list is "a", "a and b", or "a, b and c".
func (t *teller) list(parts []string) string {
	last := len(parts) - 1
	if t.l == Chinese || last == 0 {
		return strings.Join(parts, "、")
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func (t *teller) supply(s *audit.SupplyFacts) {
	t.say("After block %d of %s, all money there is, %s, was %s in wallets, %s unclaimed in packets and %s held.",
		"%[2]s 第 %[1]d 块之后,全部资金 %[3]s:钱包里 %[4]s,未领的红包里 %[5]s,待到账 %[6]s。",
		t.Facts.Height, t.Facts.ChainID, s.Total.Yuan(), s.Wallets.Yuan(), s.Escrow.Yuan(), s.Held.Yuan())
}

// unrecalled says that nothing was taken back, and whether anything still can be.
func (t *teller) unrecalled(f *audit.PacketFacts) {
	t.say("Packet %s on %s, as block %d left it: nothing was recalled from it.",
		"%[2]s 上的红包 %[1]s,第 %[3]d 块之后:没有任何一笔被收回。",
		t.Proven.ID, t.Facts.ChainID, t.Facts.Height)
	until := t.Proven.RecallableUnclaimed()
	if f.RecallableUntil != nil {
		until = max(until, *f.RecallableUntil)
	}
	for i := range f.Shares {
		if o := f.Shares[i].OthersUntil; o != nil {
			until = max(until, *o)
		}
	}
	if until == 0 {
		t.say("Nobody can recall anything of it any more.", "今后也没有人能收回。")
		return
	}
	t.say("Something of it could still be recalled until %s.", "%s 前仍可能有人收回。", until)
}

// account says what went through an account.
func (t *teller) account(f *audit.AccountFacts) {
	if f.Complete {
		t.say("Account %[1]s on %[2]s, its whole statement up to block %[3]d: %[4]s.",
			"%[2]s 上的账户 %[1]s 截至第 %[3]d 块的完整账目,共 %[5]d 条记录。",
			f.Address, t.Facts.ChainID, t.Facts.Height, Count(int(f.Entries), "entry", "entries"), f.Entries)
	} else {
		last := f.From + f.Entries - 1
		t.say("Account %s on %s, a part of its statement, without a gap: entries %d to %d, from %s to %s.",
			"%[2]s 上的账户 %[1]s 的部分账目,中间没有遗漏:第 %[3]d 至 %[4]d 条,%[5]s 至 %[6]s。",
			f.Address, t.Facts.ChainID, f.From, last, f.Since, f.Until)
	}
	t.say("It opened with %s, %s came in, %s went out, and it closed with %s", "期初 %s,收入 %s,支出 %s,期末 %s",
		(f.Opening + f.OpeningHeld).Yuan(), f.In.Yuan(), f.Out.Yuan(), (f.Closing + f.ClosingHeld).Yuan())
	if f.ClosingHeld > 0 {
		t.say(", of which %s is held and not its own yet", ",其中 %s 待到账,还不算它的", f.ClosingHeld.Yuan())
	}
	t.say(".", "。")
	if t.checked("debits") {
		t.say("Whatever it spent itself, it signed for.", "凡由它自己支出的,都有它的签名。")
	}
}

// checked reports whether a check found something worth a line.
func (t *teller) checked(name string) bool {
	return slices.ContainsFunc(t.Checks, func(c audit.Check) bool { return c.Name == name })
}

// recall says what was taken back, by whom, under which clause.
func (t *teller) recall(f *audit.RecallFacts) {
	amount := t.l.pick("what the draws left", "抽完余下的钱")
	if f.Amount != nil {
		amount = f.Amount.Yuan()
	}
	if f.Share != 0 {
		t.say("Share %[1]s/%[2]d on %[3]s, %[4]s, which %[5]s had claimed at %[6]s, was recalled at %[7]s "+
			"and went back to %[8]s, who had sent it",
			"%[3]s 上的红包 %[1]s 第 %[2]d 份 %[4]s,由 %[5]s 于 %[6]s 领取,于 %[7]s 被收回,退给发的人 %[8]s",
			f.Packet, f.Share, t.Facts.ChainID, amount, *f.Claimer, *f.ClaimedAt, f.At, f.Sender)
	} else {
		t.say("What nobody had claimed of packet %s on %s, %s, was recalled at %s and goes back to %s, who had sent it",
			"%[2]s 上的红包 %[1]s 未领的部分 %[3]s 于 %[4]s 被收回,退给发的人 %[5]s",
			f.Packet, t.Facts.ChainID, amount, f.At, f.Sender)
	}
	if f.Reason != "" {
		t.say(", as %s", ",理由:%s", t.reason(f.Reason))
	}
	t.say(".", "。")
	clause := t.l.Say("Clause %d", "第 %d 条", f.Clause)
	terms := t.l.pick("these terms", "这些条款")
	if f.Tightened { // which is the sender's alone: claimers sign the terms
		clause = t.l.Say("Clause %d of the tightened ones", "收紧后的第 %d 条", f.Clause)
		terms = t.l.pick("the original terms, which allow more", "原来的条款,收紧只会更严")
	}
	t.say("%s allowed it, \"%s\", signed by %s.", "依据%s「%s」,由 %s 签字。", clause, f.When, t.list(names(f.Signers)))
	if f.Share != 0 {
		t.say("Sender and claimer had both signed %s.", "发的人和领的人都签过%s。", terms)
	} else {
		t.say("The sender had signed %s.", "发的人签过%s。", terms)
	}
}

// share says whose a share is, and what can still become of it.
func (t *teller) share(f *audit.ShareFacts) {
	amount := t.l.pick("its amount not drawn yet", "金额还没抽出")
	if f.Amount != nil {
		amount = f.Amount.Yuan()
	}
	t.say("Share %[1]s/%[2]d on %[3]s, %[4]s, claimed by %[5]s at %[6]s, as block %[7]d left it:",
		"%[3]s 上的红包 %[1]s 第 %[2]d 份,%[4]s,由 %[5]s 于 %[6]s 领取,第 %[7]d 块之后:",
		t.Proven.ID, f.Index, t.Facts.ChainID, amount, f.Claimer, f.ClaimedAt, t.Facts.Height)
	t.say("%s", "%s", Standing(t.l, Subject{Packet: t.Proven.Packet, Share: f.Index, Now: t.Proven.Time.Std(),
		Name: contract.Address.String, Exact: true}))
	if f.Asked == contract.AskOpen {
		t.say("The sender asks for it back, which is the claimer's to decide.", "发的人请求退还,由领的人决定。")
	}
}

// reason is a reason in words, in English with its code: "fraud (FRAD)".
func (t *teller) reason(r contract.Reason) string {
	if t.l == Chinese {
		return Reason(Chinese, r)
	}
	return r.Word() + " (" + string(r) + ")"
}

// reasons are why money went back, as the end of a phrase: " as fraud (FRAD)".
func (t *teller) reasons(reasons []contract.Reason) string {
	var list []string
	for _, r := range reasons {
		list = append(list, t.reason(r))
	}
	if len(list) == 0 {
		return ""
	}
	return t.l.pick(" as ", ",理由:") + t.list(list)
}

func names(addresses []contract.Address) (list []string) {
	for _, a := range addresses {
		list = append(list, a.String())
	}
	return list
}
