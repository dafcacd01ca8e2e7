package cli

import (
	"context"

	"hongbao/client/words"
)

func (s money) returnVerb() *Verb {
	return &Verb{
		Use: "return REF", Group: groupMoney,
		Short: words.Both("Give a claimed share back to the packet's sender", "把领到的一份退给发红包的人"),
		Reach: Signing, Results: []any{movedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.giveBack(ctx, args[0]) },
	}
}

func (s money) giveBack(ctx context.Context, text string) error {
	signer, r, err := s.signerAbout(ctx, text)
	if err != nil {
		return err
	}
	moved, err := signer.Return(ctx, r.Packet, r.Share)
	if err != nil {
		return err
	}
	return s.showMoved(moved)
}
