package audit

import "hongbao/contract"

// checkFinality establishes what can still become of the share.
func (v *verifier) checkFinality() (*Finding, error) {
	s := newShareFacts(v.packet, v.share, v.now())
	v.facts.Share = &s
	switch {
	case s.OthersUntil != nil:
		return found("not_final", "until", *s.OthersUntil), nil
	case s.Final:
		return found("final", "since", *s.FinalSince), nil
	}
	return found("gone_back", "state", s.State), nil
}

// checkUnrecalled makes sure that nothing was recalled from the packet.
func (v *verifier) checkUnrecalled() (*Finding, error) {
	if v.packet.Status == contract.Recalled {
		return nil, fault("rest_recalled", "at", v.packet.Closed)
	}
	for i := range v.packet.Shares {
		if v.packet.Shares[i].State == contract.ShareRecalled {
			return nil, fault("share_recalled", "share", i+1)
		}
	}
	return found("nothing_recalled"), nil
}
