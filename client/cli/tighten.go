package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s money) tightenVerb() *Verb {
	var recall []string
	var renounce bool
	return &Verb{
		Use: "tighten REF --recall CLAUSE | --renounce", Group: groupMoney,
		Short: words.Both("Allow less recall than you signed, for good", "把收回的权利收紧,不能反悔"),
		Long: words.Both(`Put stricter clauses in the place of those in force, or none. They must allow
nothing that those do not. It cannot be undone; the terms that you signed, and
that claimers sign, stay as they are.`,
			`用更严的条款代替现行的,或者全部放弃。新条款不能允许现行条款不允许的事。这一步
不能撤销;当初签的、领的人也签的条款原文不变。`),
		Example: words.Same(`  tighten last --renounce
  tighten last --recall 1m`),
		Flags: []Flag{
			{&recall, "--recall CLAUSE",
				"a clause from now on: 1m, or a whole clause; may be repeated",
				"今后的条款:1m,或完整条款;可以写多次"},
			{&renounce, "--renounce", "nobody may take anything back any more", "今后谁也不能再收回"},
		},
		Reach: Signing, Results: []any{tightenedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.tighten(ctx, args[0], recall, renounce) },
	}
}

type tightenedJSON struct {
	Packet    contract.PacketID `json:"packet"`
	Tightened []string          `json:"tightened"` // the clauses in force from then on
	Tx        contract.Hash     `json:"tx"`
	Height    *int64            `json:"height"`
}

func (s money) tighten(ctx context.Context, text string, recall []string, renounce bool) error {
	if renounce == (len(recall) > 0) {
		return usagef("tighten: write --recall CLAUSE, or --renounce to give up all clauses")
	}
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return err
	}
	if r.Share != 0 {
		return usagef("tighten %s: clauses are the packet's, for all of its shares", text)
	}
	clauses, err := clauses(recall, s.resolver(ctx))
	if err != nil {
		return err
	}
	signer, err := s.signer(ctx)
	if err != nil {
		return err
	}
	signer.Review = func(d client.Draft) error {
		subject, err := s.subject(ctx, d.Packet, 0, d.Now)
		if err != nil {
			return err
		}
		s.Progress(s.Say("packet %s", "红包%s", r.Packet.Short()))
		before, after := words.Tightening(s.Lang(), subject, clauses)
		for _, sentence := range before {
			s.Progress(s.Say("  before  %s", "  原来  %s", sentence))
		}
		for _, sentence := range after {
			s.Progress(s.Say("  after   %s", "  以后  %s", sentence))
		}
		return nil
	}
	o, err := signer.Tighten(ctx, r.Packet, clauses)
	if err != nil {
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	s.Result(tightenedJSON{r.Packet, clauseTexts(clauses), o.Hash, known(o.Height())}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%[1]s %[2]s%[3]s", "收紧红包%[2]s的条款%[3]s", verb(o, "tightened",
			"offered to tighten"),
			r.Packet.Short(), s.when(o)))
	})
	return nil
}

func clauseTexts(clauses []contract.Clause) []string {
	texts := []string{}
	for i := range clauses {
		texts = append(texts, clauses[i].String())
	}
	return texts
}
