package cli

import (
	"context"

	"hongbao/client/words"
	"hongbao/contract"
)

// finalityJSON is who can still take a share back from its claimer.
type finalityJSON struct {
	Share       uint32               `json:"share"`
	FinalSince  *contract.Time       `json:"final_since,omitempty"`
	OthersUntil *contract.Time       `json:"others_until,omitempty"`
	By          [][]contract.Address `json:"by,omitempty"`      // any of these sets of signatures suffices
	Reasons     []contract.Reason    `json:"reasons,omitempty"` // for one of these; absent = any, or none
}

func newFinalityJSON(share uint32, f contract.Finality) finalityJSON {
	out := finalityJSON{Share: share}
	if f.OthersUntil == 0 {
		out.FinalSince = &f.FinalSince
		return out
	}
	out.OthersUntil, out.By, out.Reasons = &f.OthersUntil, f.By, f.Reasons
	return out
}

// kept reports whether a share is its claimer's, now or later, unless others take
// it back.
func kept(s *contract.Share) bool {
	return s.State != contract.ShareRecalled && s.State != contract.Returned
}

// settles is when share n becomes its claimer's own; nil of one that is so
// already, and of one that went back.
func settles(p *contract.Packet, n uint32) *contract.Time {
	state := p.Shares[n-1].State
	if state != contract.Held && (state != contract.Reserved || p.Terms.Hold == 0) {
		return nil
	}
	at := p.SettlesAt(n)
	return &at
}

// othersLine says who can take a share of p back, until when; empty where no
// other account can.
func (s look) othersLine(
	ctx context.Context, p *contract.Packet, f contract.Finality, now contract.Time,
) (string, error) {
	if f.OthersUntil == 0 {
		return "", nil
	}
	subject, err := s.subject(ctx, p, 0, now)
	if err != nil {
		return "", err
	}
	return words.Others(s.Lang(), subject, f), nil
}
