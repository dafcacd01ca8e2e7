package words

import (
	"slices"

	"hongbao/client/audit"
	"hongbao/contract"
)

// packet tells a packet's life.
func (t *teller) packet(f *audit.PacketFacts) {
	terms := &t.Proven.Packet.Terms
	shares := t.l.Say("%[1]s", "%[2]d 份拼手气", Count(int(terms.Shares), "lucky share", "lucky shares"), terms.Shares)
	if terms.Split == contract.Equal {
		shares = t.l.Say("%[1]s of %[3]s", "%[2]d 份,每份 %[3]s", Count(int(terms.Shares), "share", "shares"),
			terms.Shares,
			terms.ShareAmount().Yuan())
	}
	if terms.Split == contract.ByList {
		shares = t.l.Say("%[1]s by list", "名单上 %[2]d 份", Count(int(terms.Shares), "share", "shares"), terms.Shares)
	}
	t.say("Packet %[1]s on %[2]s, as block %[3]d left it: %[4]s sent %[5]s in %[6]s at %[7]s.",
		"%[2]s 上的红包 %[1]s,第 %[3]d 块之后:%[4]s 于 %[7]s 发出 %[5]s,%[6]s。",
		t.Proven.ID, t.Facts.ChainID, t.Facts.Height, f.Sender, f.Total.Yuan(), shares, f.Created)
	if n := len(f.Tightened); n > 0 {
		if last := f.Tightened[n-1]; last.Renounced {
			t.say("The sender renounced every clause at %s.", "发的人于 %s 放弃了全部收回权。", last.At)
		} else {
			t.say("The sender tightened the clauses at %s.", "发的人于 %s 收紧了收回条款。", last.At)
		}
	}
	if f.Large != nil && f.Large.Claimed > 0 {
		t.large(f.Large)
	} else if len(f.Shares) == 0 {
		t.say("Nobody has claimed.", "还没有人领。")
	} else {
		t.shares(f)
	}
	t.rest(f)
}

// large tells of a large packet's claims, which the validators counted.
func (t *teller) large(f *audit.LargeFacts) {
	inAll := t.l.pick("in all", "共")
	if f.Undrawn > 0 {
		inAll = t.l.pick("drawn so far", "已抽出")
	}
	t.say("By the validators' count %[1]s claimed until %[5]s, %[3]s %[4]s: each share has a proof of its own.",
		"据验证人的计数,截至 %[5]s 已领 %[2]d 份,%[4]s %[3]s;每一份另有自己的证明。",
		Count(int(f.Claimed), "share was", "shares were"), f.Claimed, f.Amount.Yuan(), inAll, *f.LastClaim)
	if n := int(f.Undrawn); n > 0 {
		t.say("%[1]s drawn in block %[2]d.", "%[3]d 份已占位,金额在第 %[2]d 块抽出。",
			Count(n, "share is reserved: its amount is", "shares are reserved: their amounts are"), t.Facts.Height+1, n)
	}
	if f.ShareRecalled {
		t.say("Held shares were recalled.", "有待到账的份被收回。")
	}
}

// unclaimedEntry says for whom an entry is, and whether it can still be claimed.
func (t *teller) unclaimedEntry(f *audit.PacketFacts, e *audit.EntryFacts) {
	who := t.l.pick("the holder of its link", "持有其链接的人")
	if e.Address != nil {
		who = e.Address.String()
	}
	t.say("Entry %[1]d of the list of packet %[2]s on %[3]s, %[4]s for %[5]s, was not claimed up to block %[6]d.",
		"%[3]s 上的红包 %[2]s 名单的第 %[1]d 项,%[4]s,归 %[5]s,到第 %[6]d 块为止没有人领。",
		e.Index, t.Proven.ID, t.Facts.ChainID, e.Amount.Yuan(), who, t.Facts.Height)
	switch f.Status {
	case contract.Open:
		t.say("The packet is open until %s.", "红包 %s 前开放领取。", f.Expires)
	case contract.Recalled:
		t.say("It never can be: what was unclaimed was recalled at %s.", "今后也不能领:未领的部分已于 %s 被收回。",
			*f.Closed)
	default:
		t.say("It never can be: the packet expired at %s.", "今后也不能领:红包已于 %s 过期。", f.Expires)
	}
}

// portion is some of a packet's shares.
type portion struct {
	shares int
	amount contract.Amount // at most what was claimed, of which the check "sums" has the sum
	until  contract.Time   // the latest of their instants
}

func (o *portion) add(s *audit.ShareFacts, until contract.Time) {
	o.shares++
	if s.Amount != nil {
		o.amount += *s.Amount
	}
	o.until = max(o.until, until)
}

// portions are a packet's shares by what became of them. One that is held counts
// as final or at risk too.
type portions struct {
	claimed, reserved, final, atRisk, held, recalled, returned portion
}

func portionsOf(shares []audit.ShareFacts) (o portions) {
	for i := range shares {
		s := &shares[i]
		o.claimed.add(s, 0)
		switch s.State {
		case contract.ShareRecalled:
			o.recalled.add(s, 0)
			continue
		case contract.Returned:
			o.returned.add(s, 0)
			continue
		case contract.Reserved:
			o.reserved.add(s, 0)
		}
		if s.SettlesAt != nil {
			o.held.add(s, *s.SettlesAt)
		}
		if s.Final {
			o.final.add(s, 0)
		} else {
			o.atRisk.add(s, *s.OthersUntil)
		}
	}
	return o
}

// shares tells of the shares that were claimed.
func (t *teller) shares(f *audit.PacketFacts) {
	o := portionsOf(f.Shares)
	inAll := t.l.pick("in all", "共")
	if o.reserved.shares > 0 {
		inAll = t.l.pick("drawn so far", "已抽出")
	}
	t.say("%[1]s claimed, %[3]s %[4]s", "已领 %[2]d 份,%[4]s %[3]s",
		Count(o.claimed.shares, "share was", "shares were"), o.claimed.shares, o.claimed.amount.Yuan(), inAll)
	if o.final.shares == o.claimed.shares {
		t.say(", and beyond every clause", ",任何条款都拿不走")
	}
	t.say(".", "。")
	if n := o.reserved.shares; n > 0 {
		t.say("%[1]s drawn in block %[2]d.", "%[3]d 份已占位,金额在第 %[2]d 块抽出。",
			Count(n, "share is reserved: its amount is", "shares are reserved: their amounts are"), t.Facts.Height+1, n)
	}
	if n := f.Luckiest; n != 0 {
		luckiest := &f.Shares[n-1]
		t.say("The luckiest is share %d, of %s, with %s.", "手气最佳:第 %d 份,%s,%s。",
			n, luckiest.Claimer, luckiest.Amount.Yuan())
	}
	if n := o.atRisk.shares; n > 0 {
		t.say("NOT FINAL: %[1]s, %[3]s %[4]s, can be taken back by others until %[5]s.",
			"未终局:%[2]d 份,%[4]s %[3]s,%[5]s 前别人还能拿走。",
			Count(n, "share", "shares"), n, o.atRisk.amount.Yuan(), inAll, o.atRisk.until)
	}
	if n := o.recalled.shares; n > 0 {
		t.say("%[1]s recalled from hold%[3]s, %[4]s in all.", "%[2]d 份在到账前被收回%[3]s,共 %[4]s。",
			Count(n, "share was", "shares were"), n, t.reasons(shareReasons(f.Shares)), o.recalled.amount.Yuan())
	}
	if n := o.returned.shares; n > 0 {
		t.say("%[1]s given back by the claimer, %[3]s in all.", "%[2]d 份由领的人退还,共 %[3]s。",
			Count(n, "share was", "shares were"), n, o.returned.amount.Yuan())
	}
	if n := o.final.shares; 0 < n && n < o.claimed.shares {
		t.say("%[1]s beyond every clause, %[3]s %[4]s.", "%[2]d 份任何条款都拿不走,%[4]s %[3]s。",
			Count(n, "share is", "shares are"), n, o.final.amount.Yuan(), inAll)
	}
	if n := o.held.shares; n > 0 {
		t.say("%[1]s until %[3]s.", "%[2]d 份 %[3]s 前陆续到账。",
			Count(n, "share is held", "shares are held"), n, o.held.until)
	}
	t.asked(f.Shares)
}

// shareReasons are why shares were recalled, each once.
func shareReasons(shares []audit.ShareFacts) (list []contract.Reason) {
	for i := range shares {
		if r := shares[i].RecalledFor; r != "" && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// asked tells what became of the sender's questions.
func (t *teller) asked(shares []audit.ShareFacts) {
	asked, states := 0, map[contract.AskState]int{}
	for i := range shares {
		if state := shares[i].Asked; state != 0 {
			asked++
			states[state]++
		}
	}
	if asked == 0 {
		return
	}
	var list []string
	for s := contract.AskOpen; s <= contract.AskLapsed; s++ {
		if n := states[s]; n > 0 {
			list = append(list, t.l.Say("%[1]d %[2]s", "%[1]d 份%[3]s", n, s, State(Chinese, s)))
		}
	}
	t.say("The sender asked for %[1]s back: %[3]s.", "发的人请求退还 %[2]d 份:%[3]s。",
		Count(asked, "share", "shares"), asked, t.list(list))
}

// rest tells what became of the unclaimed money.
func (t *teller) rest(f *audit.PacketFacts) {
	amount, drawn := f.Escrow.Yuan(), ""
	if t.Proven.Packet.Undrawn() {
		drawn = t.l.pick(", less what is drawn,", "(减去将抽出的)")
	}
	switch t.Proven.Packet.Status {
	case contract.Open:
		t.unclaimed(f, amount+drawn)
	case contract.Full:
		t.say("It is full since %s", "%s 已领完", *f.Closed)
		if f.Large == nil && portionsOf(f.Shares).atRisk.shares == 0 {
			t.say(": nobody can take anything back", ":谁也拿不回去")
		}
		t.say(".", "。")
	case contract.Recalled:
		if f.Recalled != nil {
			amount, drawn = f.Recalled.Yuan(), ""
		}
		t.say("%s was recalled at %s%s.", "%s 于 %s 被收回%s。", amount+drawn, *f.Closed, t.reasons(f.RecalledFor))
	case contract.Expired:
		refunded := contract.Amount(0)
		if f.Refunded != nil {
			refunded = *f.Refunded
		}
		t.say("%s was refunded at %s, after expiry.", "%s 到期后于 %s 退回发的人。", refunded.Yuan(), *f.Closed)
	}
}

// unclaimed tells of the rest of a packet that nothing has closed.
func (t *teller) unclaimed(f *audit.PacketFacts, amount string) {
	if f.Status == contract.Expired {
		t.say("%s was unclaimed at expiry, %s, and goes back to the sender.", "%s 到 %s 过期时没人领,退回发的人。",
			amount, f.Expires)
		return
	}
	t.say("%s is unclaimed until %s", "%s 未领,%s 到期", amount, f.Expires)
	if f.RecallableUntil != nil {
		t.say(", and could be recalled until %s.", ",%s 前可能被收回。", *f.RecallableUntil)
	} else {
		t.say(", and nobody can recall it.", ",谁也不能收回。")
	}
}
