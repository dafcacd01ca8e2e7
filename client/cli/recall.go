package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/app/query"
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

func (s *Session) recallVerb() *Verb {
	var f recallFlags
	return &Verb{
		Use: "recall [REF]", Group: groupMoney,
		Short: words.Both("Take money back to its sender, under a clause of the packet",
			"按红包的条款收回,钱回到发的人"),
		Long: words.Both(`Take back what nobody has claimed, or, with rp1…/3, a claimed share while it is
held. The money goes to the packet's sender, whoever recalls it. Without REF it
is the newest packet that you sent and can still recall, and you are asked
first.

Where shares of chance were claimed in the same block, their draws come first:
amount_fen is null until they are done.

Your own signature counts where the clause names you. Where it asks for others,
give the files that they made with consent; anybody may submit them.`,
			`收回还没领走的钱;写 rp1…/3,则收回已经领走、还存着的一份。不管谁来收回,钱
都回到发的人。不写 REF,就是你发的、还能收回的最新一个红包,并会先问你。

同一个区块里有人领了拼手气的份,先抽他们的;抽完之前 amount_fen 是 null。

条款里有你,你自己的签字就算数。条款还要别人签字的,把他们用 consent 做的文件
带上;谁提交都可以。`),
		Example: words.Same(`  recall last --reason wrong-amount
  recall rp1q7…/1 --consent bob.json --consent carol.json`),
		Flags: []Flag{
			{&f.clause, "--clause N",
				"the clause to use, numbered from 1 among those in force (default: the consents', or the first that holds)",
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

func (s *Session) recall(ctx context.Context, args []string, f *recallFlags) error {
	reason, err := parseReason(f.reason)
	if err != nil {
		return err
	}
	consents, err := readConsents(f.consents)
	if err != nil {
		return err
	}
	if len(args) == 0 && len(consents) > 0 {
		return usagef("recall: which packet are the consents for? write recall REF --consent FILE")
	}
	account, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	r, err := s.recallTarget(ctx, account, args, reason)
	if err != nil {
		return err
	}
	p, at, err := s.packet(ctx, r.Packet)
	if err != nil {
		return err
	}
	r = r.recallable(p)
	m := &contract.Recall{Packet: r.Packet, Share: r.Share, Clause: f.clause, Reason: reason, Consents: []contract.Consent{}}
	if err := s.addConsents(m, p, account.Address, consents); err != nil {
		return err
	}
	if m.Clause == 0 {
		if m.Clause, err = chooseClause(p, m, account.Address, at.Time); err != nil {
			return err
		}
	}
	o, err := s.submit(ctx, account, m, nil, nil)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	from := contract.Escrow(r.Packet)
	if r.Share != 0 {
		from = contract.Hold(p.Shares[r.Share-1].Claimer)
	}
	return s.showMoved(ctx, o, r, from, m.Reason, p.Sender)
}

// recallTarget is what REF names, or else the newest packet that account sent
// and can recall now, once the person said yes.
func (s *Session) recallTarget(ctx context.Context, account *wallet.Account, args []string, reason contract.Reason) (r ref, err error) {
	if len(args) == 1 {
		return s.parseRef(ctx, args[0])
	}
	source, err := s.packetSource(ctx, account.Address)
	if err != nil {
		return r, err
	}
	var before []byte
	for looked := 0; looked < query.MaxPackets; looked++ {
		id, after, err := source(ctx, query.Sent, before)
		if err != nil {
			return r, err
		}
		if id == nil {
			break
		}
		p, at, err := s.packet(ctx, *id)
		if err != nil {
			return r, err
		}
		if p.Status == contract.Open && at.Time < p.Expires && clauseHolds(p, 0, reason, at.Time, account.Address) > 0 {
			rest := s.Say("%s, the unclaimed rest", "没领走的%s", p.Escrow.Yuan())
			if p.Undrawn() {
				rest = s.Say("what the draws leave", "抽完余下的钱")
			}
			return ref{Packet: *id}, s.Confirm(s.Say("Recall %s of packet %s sent at %s?", "%[3]s发的红包%[2]s,收回%[1]s?", rest, id.Short(), clock(p.Created)))
		}
		if before = after; len(before) == 0 {
			break
		}
	}
	return r, Fail(ExitRefused, "nothing_recallable", "%s: none of its newest packets can be recalled now", account.Called()).
		WithHint("%s show REF says until when a packet could be", "用 %s show REF 看红包到几点前可以收回", s.Program())
}

// chooseClause is the clause that a recall uses when nobody chose one: the
// first that holds, else the first about the money, so that the ledger says
// what it lacks.
func chooseClause(p *contract.Packet, m *contract.Recall, account contract.Address, now contract.Time) (uint32, error) {
	target, err := p.TargetOf(m.Share, now)
	if err != nil {
		return 0, err
	}
	signers := []contract.Address{account}
	for _, c := range m.Consents {
		signers = append(signers, c.Account)
	}
	if n := clauseHolds(p, m.Share, m.Reason, now, signers...); n > 0 {
		return n, nil
	}
	for i, c := range p.InForce() {
		if c.Target == target {
			return uint32(i + 1), nil
		}
	}
	what := "what is unclaimed"
	if m.Share != 0 {
		what = "a claimed share"
	}
	return 0, refusal(contract.CodeUnknownClause, fmt.Sprintf("packet %s: its clauses let nobody take back %s", m.Packet, what), 0)
}

// clauseHolds is the first clause in force, from 1, that lets signers recall a
// share (from 1; 0 = the rest) at now; 0 when none does.
func clauseHolds(p *contract.Packet, share uint32, reason contract.Reason, now contract.Time, signers ...contract.Address) uint32 {
	target, facts := contract.Rest, p.Facts(now, signers...)
	if share != 0 {
		target, facts = contract.HeldShares, p.ShareFacts(share, now, signers...)
	}
	for i, c := range p.InForce() {
		if c.Target == target && c.Allows(reason) && contract.Unmet(c.When.Cond, facts) == nil {
			return uint32(i + 1)
		}
	}
	return 0
}

// movement is the entry of the money that a recall or a return moved. A recall of
// the rest in the block of reservations moves what their draws leave, after them:
// nil while that is not known.
func (s *Session) movement(ctx context.Context, o *submit.Outcome, r ref) (*contract.Entry, error) {
	drawn := func(*contract.Packet) bool { return true }
	moved := func(e *contract.Entry) bool { return e.Posting != nil && e.Tx != nil && *e.Tx == o.Hash }
	if r.Share == 0 { // a packet's rest is recalled but once
		drawn = func(p *contract.Packet) bool { return !p.Undrawn() }
		moved = func(e *contract.Entry) bool {
			return e.Posting != nil && e.Kind == contract.KindRecall && e.Share == 0
		}
	}
	p, _, err := s.awaitDraw(ctx, r.Packet, drawn)
	if err != nil || !drawn(p) {
		return nil, err
	}
	return s.entryOf(ctx, r.Packet, moved)
}

// showMoved prints how much a recall or a return moved. from is where the money
// was.
func (s *Session) showMoved(ctx context.Context, o *submit.Outcome, r ref, from contract.Place, reason contract.Reason, to contract.Address) error {
	out := movedJSON{Packet: &r.Packet, Share: r.Share, From: from.String(), To: to.String(), Time: o.Time(), Reason: reason, Tx: o.Hash, Height: o.Height()}
	if o.Record != nil {
		e, err := s.movement(ctx, o, r)
		if err != nil {
			return o.Unread(err)
		}
		if e != nil {
			out.Amount, out.From = fenOf(e.Posting.Amount), e.Posting.From.String()
		}
	}
	s.Result(out, func(w io.Writer) { fmt.Fprintln(w, s.movedLine(o, r, out.Amount, to)) })
	return nil
}

// movedLine says how much a recall or a return moved; amount is nil while that is
// not known.
func (s *Session) movedLine(o *submit.Outcome, r ref, amount *fen, to contract.Address) string {
	done := s.Say("recalled", "收回")
	if _, ok := o.Tx.Message.(*contract.Recall); !ok {
		done = s.Say("gave back", "退还")
	}
	switch packet := r.Packet.Short(); {
	case o.Record == nil:
		return s.Say("%[1]s offered%[3]s", "%[2]s%[3]s", contract.KindName(o.Tx.Message), done, s.when(o))
	case amount == nil:
		return s.Say("recalled what the draws leave of %s, to %s%s", "收回红包%s抽完余下的钱,归%s%s", packet, s.name(to), s.when(o))
	case r.Share > 0:
		return s.Say("%s %s, share %d of %s, to %s%s", "%[1]s%[2]s,红包%[4]s的第%[3]d份,归%[5]s%[6]s",
			done, contract.Amount(*amount).Yuan(), r.Share, packet, s.name(to), s.when(o))
	default:
		return s.Say("%s %s from %s to %s%s", "%s%s,红包%s没领走的,归%s%s", done, contract.Amount(*amount).Yuan(), packet, s.name(to), s.when(o))
	}
}
