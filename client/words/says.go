package words

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// Says is in one line what a tx does, or wants to do, in its account's name.
// Whom name does not know is written in full: it is read before signing.
func Says(l Lang, tx *contract.Tx, name Namer) string {
	who := func(a contract.Address) string {
		if n := name(a); n != "" {
			return n
		}
		return a.String()
	}
	say := func(en, zh string, args ...any) string {
		return who(tx.Account) + fmt.Sprintf(l.pick(" "+en, zh), args...)
	}
	switch m := tx.Message.(type) {
	case *contract.Pay:
		return say("pays %s to %s, for good", "付%s给%s,付出就收不回", m.Amount.Yuan(), who(m.To))
	case *contract.Send:
		return say("sends a red packet:", "发红包:")
	case *contract.Claim:
		return say("claims a share of packet %s, and accepts its terms:", "领红包%s的一份,接受它的条款:", m.Packet)
	case *contract.Recall:
		consents := make([]string, len(m.Consents))
		for i, c := range m.Consents {
			consents[i] = who(c.Account)
		}
		with := ""
		if len(consents) > 0 {
			with = fmt.Sprintf(l.pick(", with the consent of %s", ",附有%s的同意"), strings.Join(consents, ", "))
		}
		return say("recalls %s, under clause %d%s%s; the money goes to the sender",
			"按第%[2]d条收回%[1]s%[3]s%[4]s;钱回到发的人",
			part(l, m.Packet, m.Share), m.Clause, because(l, m.Reason), with)
	case *contract.Return:
		return say("gives %s back to the sender, for good", "把%s退给发的人,退了就拿不回", part(l, m.Packet, m.Share))
	case *contract.Ask:
		return say("asks for %s back%s", "请求退还%s%s", part(l, m.Packet, m.Share), because(l, m.Reason))
	case *contract.Answer:
		if m.Accept {
			return say("gives %s back to the sender, who asked for it, for good", "答应退还%s给发的人,退了就拿不回",
				part(l, m.Packet, m.Share))
		}
		return say("refuses to give %s back", "不答应退还%s", part(l, m.Packet, m.Share))
	case *contract.Tighten:
		if len(m.Clauses) == 0 {
			return say("gives up every power to recall packet %s", "放弃收回红包%s的一切权利", m.Packet)
		}
		texts := make([]string, len(m.Clauses))
		for i := range m.Clauses {
			texts[i] = m.Clauses[i].String()
		}
		return say("tightens the clauses of packet %s to: %s", "把红包%s的条款收紧为:%s",
			m.Packet, strings.Join(texts, "; "))
	case *contract.Warp:
		return say("moves the clock of this chain forward by %s", "把这条链的时钟拨快%s", m.By)
	case *contract.Change:
		p := &m.HandOver.Plan
		if u := p.Upgrade; u != nil && u.Height == 0 {
			return say("hands in plan %d of the validators: no upgrade", "提交验证人的第%d号计划:不升级", p.Number)
		} else if u != nil {
			return say("hands in plan %d of the validators: rules %d from block %d on",
				"提交验证人的第%d号计划:规则%d从区块%d起生效", p.Number, u.Rules, u.Height)
		}
		return say("hands in plan %d of the validators, which changes %d of them",
			"提交验证人的第%d号计划,变更%d个验证人",
			p.Number, len(p.Updates))
	}
	panic("words: unknown message " + contract.KindName(tx.Message)) // a programmer's error
}

// part is the money of a packet that a message is about: a share, or the rest.
func part(l Lang, id contract.PacketID, share uint32) string {
	if share == 0 {
		return fmt.Sprintf(l.pick("what is unclaimed of packet %s", "红包%s未领的部分"), id)
	}
	return fmt.Sprintf(l.pick("share %[2]d of packet %[1]s", "红包%s的第%d份"), id, share)
}

func because(l Lang, r contract.Reason) string {
	if r == "" {
		return ""
	}
	return fmt.Sprintf(l.pick(", as %s", ",理由:%s"), Reason(l, r))
}
