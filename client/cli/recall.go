package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hongbao/app/query"
	"hongbao/client/wallet"
	"hongbao/contract"
)

func (s *Session) recallCommand() *cobra.Command {
	var reason string
	var clause uint32
	c := s.command(groupMoney, "recall [REF]", "Take back what nobody has claimed, under a clause of the packet", cobra.MaximumNArgs(1),
		func(ctx context.Context, args []string) error { return s.recall(ctx, args, reason, clause) })
	c.Long = `Take back what nobody has claimed. Without REF it is the newest packet that
you sent and can still recall, and you are asked first.`
	c.Flags().StringVar(&reason, "reason", "", "why: duplicate, wrong-amount, wrong-person, fraud, changed-mind, technical")
	c.Flags().Uint32Var(&clause, "clause", 0, "the clause to use, numbered from 1 (default: the first that holds)")
	return c
}

func (s *Session) recall(ctx context.Context, args []string, reasonText string, clause uint32) error {
	var reason contract.Reason
	if reasonText != "" {
		r, err := contract.ParseReason(reasonText)
		if err != nil {
			return err
		}
		reason = r
	}
	account, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	id, err := s.recallTarget(ctx, account, args, reason)
	if err != nil {
		return err
	}
	p, at, err := s.packet(ctx, id)
	if err != nil {
		return err
	}
	if len(p.Terms.Clauses) == 0 && p.Status == contract.Open {
		return refusal(contract.CodeUnknownClause, fmt.Sprintf("packet %s: its terms let nobody take it back", id), 0)
	}
	if clause == 0 {
		clause = chooseClause(p, account.Address, reason, at.Time)
	}
	o, err := s.submit(ctx, account, &contract.Recall{Packet: id, Clause: clause, Reason: reason, Consents: []contract.Consent{}}, nil)
	if err != nil {
		return err
	}
	if o.Dry {
		return s.showDry(o)
	}
	return s.showMoved(ctx, o, id, 0, reason, p.Sender)
}

// recallTarget is the packet named, or else the newest one that account sent
// and can recall now, once the person said yes.
func (s *Session) recallTarget(ctx context.Context, account *wallet.Account, args []string, reason contract.Reason) (contract.PacketID, error) {
	if len(args) == 1 {
		r, err := s.parseRef(ctx, args[0])
		if err == nil && r.Share != 0 {
			err = &Error{Code: contract.CodeUnsupported.String(), Number: contract.CodeUnsupported, Exit: ExitRefused,
				Message: "recall of a share: not in this version yet"}
		}
		return r.Packet, err
	}
	client, err := s.Node(ctx)
	if err != nil {
		return contract.PacketID{}, err
	}
	page, err := client.Packets(ctx, account.Address, query.Sent, nil, query.MaxPackets)
	if err != nil {
		return contract.PacketID{}, err
	}
	for _, id := range page.Packets {
		p, at, err := s.packet(ctx, id)
		if err != nil {
			return id, err
		}
		if p.Status == contract.Open && at.Time < p.Expires && clauseHolds(p, account.Address, reason, at.Time) > 0 {
			return id, s.Confirm(fmt.Sprintf("Recall %s, the unclaimed rest of packet %s sent at %s?", p.Escrow.Yuan(), id.Short(), clock(p.Created)))
		}
	}
	return contract.PacketID{}, Fail(ExitRefused, "nothing_recallable", "%s: none of its newest packets can be recalled now", account.Name).
		WithHint("%s show REF says until when a packet could be", Invocation())
}

// chooseClause is the clause that a recall without --clause uses: the first
// that holds, else the first at all, so that the ledger says what it lacks.
func chooseClause(p *contract.Packet, signer contract.Address, reason contract.Reason, now contract.Time) uint32 {
	if n := clauseHolds(p, signer, reason, now); n > 0 {
		return n
	}
	return 1
}

// clauseHolds is the first clause, from 1, that lets signer recall at now; 0
// when none does.
func clauseHolds(p *contract.Packet, signer contract.Address, reason contract.Reason, now contract.Time) uint32 {
	for i := range p.Terms.Clauses {
		c := &p.Terms.Clauses[i]
		if c.Target == contract.Rest && c.Allows(reason) && contract.Unmet(c.When.Cond, p.Facts(now, signer)) == nil {
			return uint32(i + 1)
		}
	}
	return 0
}

func (s *Session) returnCommand() *cobra.Command {
	return s.command(groupMoney, "return REF", "Give a claimed share back to the packet's sender", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error { return s.giveBack(ctx, args[0]) })
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
	if r.Share == 0 {
		if r.Share = uint32(p.ShareOf(account.Address)); r.Share == 0 {
			return refusal(contract.CodeNotClaimer, fmt.Sprintf("packet %s: %s claimed no share of it", r.Packet, s.name(account.Address)), 0)
		}
	}
	o, err := s.submit(ctx, account, &contract.Return{Packet: r.Packet, Share: r.Share}, nil)
	if err != nil {
		return err
	}
	if o.Dry {
		return s.showDry(o)
	}
	return s.showMoved(ctx, o, r.Packet, r.Share, "", p.Sender)
}

// showMoved prints how much a recall or a return moved, from the entry that
// the tx made in the packet's history.
func (s *Session) showMoved(ctx context.Context, o *outcome, id contract.PacketID, share uint32, reason contract.Reason, to contract.Address) error {
	out := movedJSON{Packet: &id, Share: share, From: id.String(), To: to.String(), Time: o.time(), Reason: reason, Tx: o.Hash, Height: o.height()}
	if share > 0 {
		out.From = o.Tx.Account.String()
	}
	if o.Record != nil {
		e, err := s.entryOf(ctx, id, o.Hash)
		if err != nil {
			return err
		}
		out.Amount = fenOf(e.Posting.Amount)
	}
	s.Result(out, func(w io.Writer) {
		if out.Amount == nil {
			fmt.Fprintf(w, "%s offered%s\n", contract.KindName(o.Tx.Message), s.when(o))
			return
		}
		what := contract.Amount(*out.Amount).Yuan()
		if share > 0 {
			fmt.Fprintf(w, "gave back %s, share %d of %s, to %s%s\n", what, share, id.Short(), s.name(to), s.when(o))
		} else {
			fmt.Fprintf(w, "recalled %s from %s to %s%s\n", what, id.Short(), s.name(to), s.when(o))
		}
	})
	return nil
}
