package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hongbao/client/words"
	"hongbao/contract"
)

func (s *Session) tightenCommand() *cobra.Command {
	var recall []string
	var renounce bool
	c := s.command(groupMoney, "tighten REF --recall CLAUSE | --renounce", "Allow less recall than you signed, for good", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error { return s.tighten(ctx, args[0], recall, renounce) })
	c.Long = `Put stricter clauses in the place of those in force, or none. They must allow
nothing that those do not. It cannot be undone; the terms that you signed, and
that claimers sign, stay as they are.`
	c.Example = `  tighten last --renounce
  tighten last --recall 1m`
	c.Flags().StringArrayVar(&recall, "recall", nil, "a clause from now on: 1m, or a whole clause; may be repeated")
	c.Flags().BoolVar(&renounce, "renounce", false, "nobody may take anything back any more")
	return c
}

type tightenedJSON struct {
	Packet    contract.PacketID `json:"packet"`
	Tightened []string          `json:"tightened"` // the clauses in force from then on
	Tx        contract.Hash     `json:"tx"`
	Height    *int64            `json:"height"`
}

func (s *Session) tighten(ctx context.Context, text string, recall []string, renounce bool) error {
	if renounce == (len(recall) > 0) {
		return usagef("tighten: to what? --recall CLAUSE, or --renounce for none")
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
	account, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	p, _, err := s.packet(ctx, r.Packet)
	if err != nil {
		return err
	}
	if err := p.CheckTightening(clauses); err != nil {
		return err
	}
	o, err := s.submit(ctx, account, &contract.Tighten{Packet: r.Packet, Clauses: clauses}, func(now contract.Time) error {
		subject, err := s.subject(ctx, p, 0, now)
		if err != nil {
			return err
		}
		s.Progress("packet %s", r.Packet.Short())
		before, after := words.Tightening(s.lang(), subject, clauses)
		for _, sentence := range before {
			s.Progress("  before  %s", sentence)
		}
		for _, sentence := range after {
			s.Progress("  after   %s", sentence)
		}
		return nil
	}, nil)
	if err != nil {
		return err
	}
	if o.Dry {
		return s.showDry(o)
	}
	s.Result(tightenedJSON{r.Packet, clauseTexts(clauses), o.Hash, o.height()}, func(w io.Writer) {
		fmt.Fprintf(w, "%s %s%s\n", verb(o, "tightened", "offered to tighten"), r.Packet.Short(), s.when(o))
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
