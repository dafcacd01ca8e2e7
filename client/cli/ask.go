package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client"
	"hongbao/client/words"
	"hongbao/contract"
)

// askJSON is the result of ask and of answer. State and lapses_at of a new
// question are null where the command did not wait for its block.
type askJSON struct {
	Ask      string            `json:"ask"` // what is asked for: rp1…/3
	Packet   contract.PacketID `json:"packet"`
	Share    uint32            `json:"share"`
	State    *string           `json:"state"` // of the question: open, accepted or refused
	LapsesAt *contract.Time    `json:"lapses_at"`
	Reason   contract.Reason   `json:"reason,omitempty"`
	Amount   fen               `json:"amount_fen"`
	Tx       contract.Hash     `json:"tx"`
	Height   *int64            `json:"height"`
}

func (s money) askVerb() *Verb {
	var reason string
	return &Verb{
		Use: "ask REF", Group: groupMoney,
		Short: words.Both("Ask for a settled share back; its claimer decides", "请求退还已到账的一份,由领的人决定"),
		Long: words.Both(`Ask the claimer of a settled share, as in rp1…/3, to give it back. You may ask
once for each share; an unanswered question lapses. Nobody has to accept.`,
			`请领走一份(如 rp1…/3)并已到账的人把它退还。每一份只能请求一次,没有答复就
失效。谁也没有义务答应。`),
		Flags: []Flag{
			{&reason, "--reason REASON", "why: " + reasonWords, reasonWordsZh},
		},
		Reach: Signing, Results: []any{askJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.ask(ctx, args[0], reason) },
	}
}

func (s money) ask(ctx context.Context, text, reasonText string) error {
	reason, err := parseReason(reasonText)
	if err != nil {
		return err
	}
	signer, r, err := s.signerAbout(ctx, text)
	if err != nil {
		return err
	}
	o, err := signer.Ask(ctx, r.Packet, r.Share, reason)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o.Outcome, nil)
	}
	out := newAskJSON(o, reason)
	if o.Record != nil {
		state, lapses := o.Question.State.String(), o.Question.LapsesAt()
		out.State, out.LapsesAt = &state, &lapses
	}
	s.Result(out, func(w io.Writer) {
		claimer := o.Packet.ShareAt(o.Share).Claimer
		fmt.Fprintln(w, s.Say("%[1]s %[2]s for share %[3]d of %[4]s, %[5]s%[6]s",
			"请%[2]s退还红包%[4]s的第%[3]d份%[5]s%[6]s",
			verb(o.Outcome, "asked", "offered to ask"), s.name(claimer), o.Share, o.ID.Short(),
			contract.Amount(out.Amount).Yuan(), s.when(o.Outcome)))
		if out.LapsesAt != nil {
			fmt.Fprintln(w, s.Say("lapses  at %s, if nobody answers", "期限  到%s没有答复就作罢", clock(*out.LapsesAt)))
		}
	})
	return nil
}

func newAskJSON(o *client.Asked, reason contract.Reason) askJSON {
	return askJSON{Ask: ref{o.ID, o.Share}.String(), Packet: o.ID, Share: o.Share, Reason: reason,
		Amount: fen(o.Packet.ShareAt(o.Share).Amount), Tx: o.Hash, Height: known(o.Height())}
}

func (s money) answerVerb() *Verb {
	return &Verb{
		Use: "answer REF accept|refuse", Group: groupMoney,
		Short: words.Both("Answer whether you give a share back", "答复是否退还你的一份"),
		Long: words.Both(`Answer the sender's question about your share. Accepting is a gift: the share is
yours, and its amount goes from your balance to the sender. You may refuse, or
say nothing.`,
			`答复发红包的人对你那一份的请求。答应就是赠与:这一份是你的,钱从你的余额转给
发的人。可以拒绝,也可以不答复。`),
		Reach: Signing, Results: []any{askJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.answer(ctx, args[0], args[1]) },
	}
}

func (s money) answer(ctx context.Context, text, word string) error {
	if word != "accept" && word != "refuse" {
		return usagef("answer %q: write accept or refuse", word)
	}
	signer, r, err := s.signerAbout(ctx, text)
	if err != nil {
		return err
	}
	accept := word == "accept"
	announce := signer.Review
	signer.Review = func(d client.Draft) error {
		err := announce(d)
		if share := d.Message.(*contract.Answer).Share; accept && d.Packet.ShareAt(share) != nil {
			s.Progress(s.Say("  a gift back: %s of your own goes to %s, and nobody can take it back",
				"  退了算送的:你的%s归%s,谁也拿不走",
				d.Packet.ShareAt(share).Amount.Yuan(), s.name(d.Packet.Sender)))
		}
		return err
	}
	o, err := signer.Answer(ctx, r.Packet, r.Share, accept)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o.Outcome, nil)
	}
	out := newAskJSON(o, o.Question.Reason)
	lapses := o.Question.LapsesAt()
	out.LapsesAt = &lapses
	if o.Record != nil {
		state := o.Question.State.String()
		out.State = &state
	}
	s.Result(out, func(w io.Writer) {
		line := s.Say("%[1]s: share %[2]d of %[3]s stays yours", "没有同意,红包%[3]s的第%[2]d份还是你的",
			verb(o.Outcome, "refused", "refusal offered"), o.Share, o.ID.Short())
		if accept {
			line = s.Say("%[1]s %[2]s, share %[3]d of %[4]s, to %[5]s", "退还%[2]s给%[5]s,红包%[4]s的第%[3]d份",
				verb(o.Outcome, "gave back", "offered"), contract.Amount(out.Amount).Yuan(), o.Share, o.ID.Short(),
				s.name(o.Packet.Sender))
		}
		fmt.Fprintf(w, "%s%s\n", line, s.when(o.Outcome))
	})
	return nil
}
