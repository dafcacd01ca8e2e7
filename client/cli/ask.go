package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/submit"
	"hongbao/client/words"
	"hongbao/contract"
)

// askJSON is the result of ask and of answer. State and lapses_at of a new
// question are null while nobody waited for its block.
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

func (s *Session) askVerb() *Verb {
	var reason string
	return &Verb{
		Use: "ask REF", Group: groupMoney,
		Short: words.Both("Ask for a settled share back; its claimer decides", "请求退回已到账的一份,由领的人决定"),
		Long: words.Both(`Ask the claimer of a settled share, as in rp1…/3, to give it back. You may ask
once for each share; an unanswered question lapses. Nobody has to accept.`,
			`请领走一份(如 rp1…/3)并已到账的人把它退回。每一份只能请求一次,没有答复就
失效。谁也没有义务答应。`),
		Flags: []Flag{
			{&reason, "--reason REASON", "why: " + reasonWords, reasonWordsZh},
		},
		Reach: Signing, Results: []any{askJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.ask(ctx, args[0], reason) },
	}
}

func (s *Session) ask(ctx context.Context, text, reasonText string) error {
	reason, err := parseReason(reasonText)
	if err != nil {
		return err
	}
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
	if r.Share == 0 {
		if r.Share, err = onlySettled(r.Packet, p); err != nil {
			return err
		}
	}
	o, err := s.submit(ctx, account, &contract.Ask{Packet: r.Packet, Share: r.Share, Reason: reason}, nil, nil)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	asked := contract.Asked{State: contract.AskOpen, Reason: reason}
	out := newAskJSON(o, r, p, reason)
	if o.Record != nil {
		asked.At = o.Record.Time
		state, lapses := asked.State.String(), asked.LapsesAt()
		out.State, out.LapsesAt = &state, &lapses
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%[1]s %[2]s for share %[3]d of %[4]s, %[5]s%[6]s", "请%[2]s退还红包%[4]s的第%[3]d份%[5]s%[6]s", verb(o, "asked", "offered to ask"),
			s.name(p.Shares[r.Share-1].Claimer), r.Share, r.Packet.Short(), contract.Amount(out.Amount).Yuan(), s.when(o)))
		if out.LapsesAt != nil {
			fmt.Fprintln(w, s.Say("lapses  at %s, if nobody answers", "期限  到%s没有答复就作罢", clock(*out.LapsesAt)))
		}
	})
	return nil
}

// onlySettled is the one settled share of a packet.
func onlySettled(id contract.PacketID, p *contract.Packet) (only uint32, err error) {
	for i := range p.Shares {
		if p.Shares[i].State != contract.Settled {
			continue
		}
		if only != 0 {
			return 0, usagef("ask: for which share? packet %s has several", id.Short()).WithHint("name one, as in %s/%d", "请写明哪一份,例如 %s/%d", id.Short(), only)
		}
		only = uint32(i + 1)
	}
	if only == 0 {
		err = refusal(contract.CodeShareNotSettled, fmt.Sprintf("packet %s: has no settled share to ask for", id), 0)
	}
	return only, err
}

func newAskJSON(o *submit.Outcome, r ref, p *contract.Packet, reason contract.Reason) askJSON {
	return askJSON{Ask: r.String(), Packet: r.Packet, Share: r.Share, Reason: reason,
		Amount: fen(p.Shares[r.Share-1].Amount), Tx: o.Hash, Height: o.Height()}
}

func (s *Session) answerVerb() *Verb {
	return &Verb{
		Use: "answer REF accept|refuse", Group: groupMoney,
		Short: words.Both("Answer whether you give a share back", "答复是否退回你的一份"),
		Long: words.Both(`Answer the sender's question about your share. Accepting is a gift: the share is
yours, and its amount goes from your balance to the sender. You may refuse, or
say nothing.`,
			`答复发红包的人对你那一份的请求。答应就是赠与:这一份是你的,钱从你的余额转给
发的人。可以拒绝,也可以不答复。`),
		Reach: Signing, Results: []any{askJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.answer(ctx, args[0], args[1]) },
	}
}

func (s *Session) answer(ctx context.Context, text, word string) error {
	if word != "accept" && word != "refuse" {
		return usagef("answer %q: accept or refuse", word)
	}
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
	accept := word == "accept"
	m := &contract.Answer{Packet: r.Packet, Share: r.Share, Accept: accept}
	o, err := s.submit(ctx, account, m, func(contract.Time) error {
		s.announce(&contract.Tx{Account: account.Address, Message: m})
		if share := &p.Shares[r.Share-1]; accept {
			s.Progress(s.Say("  a gift back: %s of your own goes to %s, and nobody can take it back", "  退了算送的:你的%s归%s,谁也拿不走",
				share.Amount.Yuan(), s.name(p.Sender)))
		}
		return nil
	}, nil)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	asked := p.Shares[r.Share-1].Asked
	if asked == nil {
		err := Fail(ExitInternal, "bad_answer", "node: takes an answer to a question that its packet does not have")
		return o.Unread(err)
	}
	out := newAskJSON(o, r, p, asked.Reason)
	lapses := asked.LapsesAt()
	out.LapsesAt = &lapses
	if o.Record != nil {
		state := contract.AskRefused.String()
		if accept {
			state = contract.AskAccepted.String()
		}
		out.State = &state
	}
	s.Result(out, func(w io.Writer) {
		line := s.Say("%[1]s: share %[2]d of %[3]s stays yours", "没有同意,红包%[3]s的第%[2]d份还是你的", verb(o, "refused", "refusal offered"), r.Share, r.Packet.Short())
		if accept {
			line = s.Say("%[1]s %[2]s, share %[3]d of %[4]s, to %[5]s", "退还%[2]s给%[5]s,红包%[4]s的第%[3]d份", verb(o, "gave back", "offered"),
				contract.Amount(out.Amount).Yuan(), r.Share, r.Packet.Short(), s.name(p.Sender))
		}
		fmt.Fprintf(w, "%s%s\n", line, s.when(o))
	})
	return nil
}

// askLine says how a question stands.
func (s *Session) askLine(a *contract.Asked) string {
	line := s.Say("asked back at %s", "%s请求退还", clock(a.At)) + s.because(a.Reason)
	if a.State == contract.AskOpen {
		return line + s.Say("; open until %s", ";%s前可以答复", clock(a.LapsesAt()))
	}
	return line + s.Say("; %s", ";%s", words.State(s.Lang(), a.State.String()))
}
