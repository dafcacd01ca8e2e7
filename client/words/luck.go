package words

import (
	"fmt"

	"hongbao/contract"
)

// luck is what can be known of a lucky share's amount.
func (x *explainer) luck() string {
	t, p := x.terms, x.Packet
	switch {
	case t.Split != contract.Lucky || t.Shares == 1 || x.Share > 0 || !x.open() && !p.Undrawn():
		return ""
	case !x.open():
		return x.pick("what is not drawn yet is drawn in the next block", "还没抽的,下一个区块抽出")
	case p.Claimed() == t.Shares-1 && !p.Undrawn():
		return fmt.Sprintf(x.pick("one share is left, and holds what the others left: %s", "还剩一份,拿剩下的%s"),
			p.Escrow.Yuan())
	case x.Alone:
		return x.pick("how much a share holds is drawn after its claim, and this network's only validator may "+
			"choose it; the last one gets what is left",
			"每份多少,领了之后才抽;本链只有一个验证人,抽出多少它说了算;最后一份拿剩下的")
	}
	return x.pick("how much a share holds is drawn only after its claim: nobody can know it before; the last one "+
		"gets what is left",
		"每份多少,领了之后才抽,谁也不能提前知道;最后一份拿剩下的")
}

// reserved is how it stands with a share that waits for its draw.
func (x *explainer) reserved(who, settles string) string {
	s := fmt.Sprintf(x.pick("share %d is taken by %s; its amount is drawn in the next block",
		"第%d份已由%s领下,金额在下一个区块抽出"), x.Share, who)
	if x.terms.Hold > 0 {
		s += fmt.Sprintf(x.pick(", and then held until %s", ",然后存到%s"), settles)
	}
	if x.facts().OthersUntil != nil {
		return s + x.notFinal()
	}
	return s + x.pick("; nobody can take it back", ";谁也拿不走")
}

// Luckiest says who drew the most of a packet.
func Luckiest(l Lang, who string, amount contract.Amount, share uint32) string {
	return fmt.Sprintf(l.pick("%s is the luckiest: %s, share %d", "手气最佳:%s,%s,第%d份"), who, amount.Yuan(), share)
}
