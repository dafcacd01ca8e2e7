package audit

import (
	"fmt"

	"hongbao/contract"
)

// checkFinality establishes what can still become of the share.
func (v *verifier) checkFinality() (line, error) {
	s := newShareFacts(v.packet, v.share, v.now())
	v.facts.Share = &s
	switch {
	case s.OthersUntil != nil:
		return both("others can take it back until %s", "%s 前别人还能拿走", *s.OthersUntil), nil
	case s.Final:
		return both("nobody else can take it since %s", "自 %s 起谁也拿不走", *s.FinalSince), nil
	}
	return line{"it is " + s.State, "钱已经回到发的人那里"}, nil
}

// checkUnrecalled makes sure that nothing was recalled from the packet.
func (v *verifier) checkUnrecalled() (line, error) {
	if v.packet.Status == contract.Recalled {
		return line{}, fmt.Errorf("the rest was recalled at %s", v.packet.Closed)
	}
	for i := range v.packet.Shares {
		if v.packet.Shares[i].State == contract.ShareRecalled {
			return line{}, fmt.Errorf("share %d was recalled", i+1)
		}
	}
	return both("nothing was recalled from it", "没有任何一笔被撤回"), nil
}
