package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// recallFlags are what `recall` was asked for.
type recallFlags struct {
	reason   string
	clause   uint32
	consents []string
}

func (s money) recallVerb() *Verb {
	var f recallFlags
	return &Verb{
		Use: "recall [REF]", Group: groupMoney,
		Short: words.Both("Take money back to its sender, under a clause of the packet",
			"按红包的条款收回,钱回到发的人"),
		Long: words.Both(`Take back what nobody has claimed, or, with rp1…/3, a claimed share while it is
held. The money always goes to the packet's sender. Without REF it is the newest
packet that you sent and can still recall, and you are asked first.

Where shares of chance were claimed in the same block, their draws come first:
amount_fen is null until they are done.

Your own signature counts where the clause names you. Where it asks for others,
give the files that they made with consent; any account may submit them.`,
			`收回还没领走的钱;写 rp1…/3,则收回已经领走、还存着的一份。不管谁来收回,钱
都回到发的人。不写 REF,就是你发的、还能收回的最新一个红包,并会先问你。

同一个区块里有人领了拼手气的份,先抽他们的;抽完之前 amount_fen 是 null。

条款里有你,你自己的签字就算数。条款还要别人签字的,把他们用 consent 做的文件
带上;谁提交都可以。`),
		Example: words.Same(`  recall last --reason wrong-amount
  recall rp1q7…/1 --consent bob.json --consent carol.json`),
		Flags: []Flag{
			{&f.clause, "--clause N",
				"the clause to use, numbered from 1 among those in force (default: the consents', or the first " +
					"that holds)",
				"用第几条条款,从现行条款的 1 数起(默认:签字文件里的,或第一条成立的)"},
			{&f.consents, "--consent FILE",
				"file with an approver's consent; may be repeated",
				"别人同意收回的签字文件;可以写多次"},
			{&f.reason, "--reason REASON",
				"why: " + reasonWords + " (default: the consents' reason, or none)",
				reasonWordsZh + "(默认:签字文件里的,或不写理由)"},
		},
		Reach: Signing, Results: []any{movedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.recall(ctx, args, &f) },
	}
}

// The reasons, for help.
const (
	reasonWords   = "duplicate, wrong-amount, wrong-person, fraud, changed-mind, technical"
	reasonWordsZh = "理由:duplicate 重复、wrong-amount 金额错、wrong-person 发错人、fraud 诈骗、" +
		"changed-mind 反悔、technical 技术原因"
)

// parseReason reads --reason; empty is none.
func parseReason(text string) (contract.Reason, error) {
	if text == "" {
		return "", nil
	}
	return contract.ParseReason(text)
}

func (s money) recall(ctx context.Context, args []string, f *recallFlags) error {
	reason, err := parseReason(f.reason)
	if err != nil {
		return err
	}
	consents, err := readConsents(f.consents)
	if err != nil {
		return err
	}
	if len(args) == 0 && len(consents) > 0 {
		return usagef("recall: the packet is missing: write recall REF --consent FILE")
	}
	account, err := s.account(ctx)
	if err != nil {
		return err
	}
	r, err := s.recallTarget(ctx, account, args, reason)
	if err != nil {
		return err
	}
	signer, err := s.signerOf(ctx, account)
	if err != nil {
		return err
	}
	announce := signer.Review
	signer.Review = func(d client.Draft) error {
		for _, c := range consents {
			if c.Account == account.Address {
				s.Progress(s.Say("%s: not needed, %s signs the recall itself",
					"%s:用不着,%s自己就签了这次收回", c.Name, s.name(c.Account)))
			}
		}
		return announce(d)
	}
	moved, err := signer.Recall(ctx, client.Recall{
		Packet: r.Packet, Share: r.Share, Clause: f.clause, Reason: reason, Consents: consents,
	})
	if err != nil {
		return err
	}
	return s.showMoved(moved)
}

// recallTarget is what REF names, or else the newest packet that account sent
// and can recall now, once the person said yes.
func (s money) recallTarget(
	ctx context.Context, account *wallet.Account, args []string, reason contract.Reason,
) (r ref, err error) {
	if len(args) == 1 {
		return s.parseRef(ctx, args[0])
	}
	c, err := s.Client(ctx)
	if err != nil {
		return r, err
	}
	list, err := c.List(ctx, account.Address)
	if err != nil {
		return r, err
	}
	looked := 0
	for listed, err := range list.Sent(ctx, nil) {
		if err != nil {
			return r, err
		}
		p := listed.Packet
		if p.ClauseHolds(0, reason, listed.At.Time, account.Address) > 0 {
			rest := s.Say("%s, the unclaimed rest", "没领走的%s", p.Escrow.Yuan())
			if p.Undrawn() {
				rest = s.Say("what the draws leave", "抽完余下的钱")
			}
			return ref{Packet: listed.ID}, s.Confirm(s.Say("Recall %s of packet %s sent at %s?",
				"%[3]s发的红包%[2]s,收回%[1]s?", rest, listed.ID.Short(), clock(p.Created)))
		}
		if looked++; looked == maxRecallable {
			break
		}
	}
	return r, Fail(ExitRefused, "nothing_recallable", "%s: none of its newest packets can be recalled now",
		account.Called()).
		WithHint("%s show REF says until when a packet could be", "用 %s show REF 看红包到几点前可以收回", s.Program())
}

// maxRecallable is how many of an account's newest packets are looked at for one
// that can be recalled.
const maxRecallable = query.MaxPackets

// showMoved prints how much a recall or a return moved.
func (s money) showMoved(o *client.Moved) error {
	if !o.Sent {
		return s.showDry(o.Outcome, nil)
	}
	r, to := ref{o.ID, o.Share}, o.Packet.Sender
	out := movedJSON{Packet: &o.ID, Share: o.Share, Amount: (*fen)(o.Amount), From: o.From.String(), To: to.String(),
		Time: known(o.Time()), Reason: o.Reason, Tx: o.Hash, Height: known(o.Height())}
	s.Result(out, func(w io.Writer) { fmt.Fprintln(w, s.movedLine(o.Outcome, r, out.Amount, to)) })
	return nil
}

// movedLine says how much a recall or a return moved; amount is nil while that is
// not known.
func (s money) movedLine(o *submit.Outcome, r ref, amount *fen, to contract.Address) string {
	done := s.Say("recalled", "收回")
	if _, ok := o.Tx.Message.(*contract.Recall); !ok {
		done = s.Say("gave back", "退还")
	}
	switch packet := r.Packet.Short(); {
	case o.Record == nil:
		return s.Say("%[1]s offered%[3]s", "%[2]s%[3]s", contract.KindName(o.Tx.Message), done, s.when(o))
	case amount == nil:
		return s.Say("recalled what the draws leave of %s, to %s%s", "收回红包%s抽完余下的钱,归%s%s",
			packet, s.name(to),
			s.when(o))
	case r.Share > 0:
		return s.Say("%s %s, share %d of %s, to %s%s", "%[1]s%[2]s,红包%[4]s的第%[3]d份,归%[5]s%[6]s",
			done, contract.Amount(*amount).Yuan(), r.Share, packet, s.name(to), s.when(o))
	default:
		return s.Say("%s %s from %s to %s%s", "%s%s,红包%s没领走的,归%s%s",
			done, contract.Amount(*amount).Yuan(), packet,
			s.name(to), s.when(o))
	}
}
