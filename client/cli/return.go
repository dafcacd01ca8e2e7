package cli

import (
	"context"
	"fmt"

	"hongbao/client/words"
	"hongbao/contract"
)

func (s *Session) returnVerb() *Verb {
	return &Verb{
		Use: "return REF", Group: groupMoney,
		Short: words.Both("Give a claimed share back to the packet's sender", "把领到的一份退给发红包的人"),
		Reach: Signing, Results: []any{movedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.giveBack(ctx, args[0]) },
	}
}

func (s *Session) giveBack(ctx context.Context, text string) error {
	account, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return err
	}
	p, _, err := s.packet(ctx, r.Packet)
	if err != nil {
		return err
	}
	if r, err = s.ownShare(p, r, account.Address); err != nil {
		return err
	}
	o, err := s.submit(ctx, account, &contract.Return{Packet: r.Packet, Share: r.Share}, nil, nil)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	return s.showMoved(ctx, o, r, contract.Wallet(account.Address), "", p.Sender)
}

// ownShare is r, or the share that account claimed where r names none.
func (s *Session) ownShare(p *contract.Packet, r ref, account contract.Address) (ref, error) {
	if r.Share == 0 {
		if r.Share = uint32(p.ShareOf(account)); r.Share == 0 {
			return r, refusal(contract.CodeNotClaimer, fmt.Sprintf("packet %s: %s claimed no share of it", r.Packet, s.name(account)), 0)
		}
	}
	return r, nil
}
