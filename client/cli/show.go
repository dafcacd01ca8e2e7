package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s *Session) showCommand() *cobra.Command {
	return s.command(groupLook, "show REF | PARTY", "A packet and its terms in plain words, or an account", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error {
			if _, err := s.Keys().Find(args[0]); err == nil || strings.HasPrefix(args[0], "hb1") {
				return s.balance(ctx, args)
			}
			r, err := s.parseRef(ctx, args[0])
			if err != nil {
				return err
			}
			return s.show(ctx, r)
		})
}

type packetJSON struct {
	Packet          contract.PacketID `json:"packet"`
	Sender          contract.Address  `json:"sender"`
	Status          string            `json:"status"`
	Scene           string            `json:"scene"`
	Total           fen               `json:"total_fen"`
	Escrow          fen               `json:"escrow_fen"`
	ShareCount      uint32            `json:"share_count"`
	Split           string            `json:"split"`
	Claim           string            `json:"claim"`
	Created         contract.Time     `json:"created"`
	Expires         contract.Time     `json:"expires"`
	Closed          *contract.Time    `json:"closed"`
	RecallableNow   fen               `json:"recallable_now_fen"`
	RecallableUntil *contract.Time    `json:"recallable_until"`
	Shares          []shareJSON       `json:"shares"`
	Recall          []string          `json:"recall"`
	Tightened       []string          `json:"tightened"`
	Finality        []finalityJSON    `json:"finality"`
	TermsHash       contract.Hash     `json:"terms_hash"`
	SendTx          contract.Hash     `json:"send_tx"`
	Memo            *contract.Hash    `json:"memo_commitment,omitempty"`
	Link            string            `json:"link,omitempty"` // only where this home sent it
	AsOf            asOf              `json:"as_of"`
	Verified        bool              `json:"verified"`
}

type shareJSON struct {
	Index     uint32           `json:"index"`
	Claimer   contract.Address `json:"claimer"`
	Amount    *fen             `json:"amount_fen"`
	State     string           `json:"state"`
	ClaimedAt contract.Time    `json:"claimed_at"`
	SettlesAt *contract.Time   `json:"settles_at"`
}

type finalityJSON struct {
	Share      uint32         `json:"share"`
	FinalSince *contract.Time `json:"final_since,omitempty"`
}

func (s *Session) show(ctx context.Context, r ref) error {
	p, now, err := s.packet(ctx, r.Packet)
	if err != nil {
		return err
	}
	if int(r.Share) > len(p.Shares) {
		return refusal(contract.CodeUnknownShare, fmt.Sprintf("packet %s: has %s claimed, none numbered %d",
			r.Packet, words.Count(len(p.Shares), "share", "shares"), r.Share), 0)
	}
	out := s.packetJSON(r.Packet, p, now)
	terms, err := s.plain(ctx, p, r.Share, now.Time)
	if err != nil {
		return err
	}
	s.Result(out, func(w io.Writer) { s.showPacket(w, p, &out, r.Share, terms) })
	return nil
}

func (s *Session) packetJSON(id contract.PacketID, p *contract.Packet, now rpc.At) packetJSON {
	out := packetJSON{
		Packet: id, Sender: p.Sender, Status: status(p, now.Time), Scene: p.Terms.Scene,
		Total: fen(p.Terms.Total), Escrow: fen(p.Escrow), ShareCount: p.Terms.Shares, Split: p.Terms.Split.String(),
		Claim: contract.Print(p.Terms.Claim.Cond), Created: p.Created, Expires: p.Expires,
		Shares: []shareJSON{}, Recall: []string{}, Tightened: []string{}, Finality: []finalityJSON{},
		TermsHash: p.Terms.Hash(s.chain), SendTx: p.SendTx, Memo: p.Terms.Memo, AsOf: at(now),
	}
	if p.Status != contract.Open {
		out.Closed = &p.Closed
	}
	if until := p.RecallableUntil(); until != 0 && now.Time < until {
		out.RecallableUntil = &until
		if recallableNow(p, now.Time) {
			out.RecallableNow = fen(p.Escrow)
		}
	}
	for i := range p.Terms.Clauses {
		out.Recall = append(out.Recall, p.Terms.Clauses[i].String())
	}
	for i := range p.Shares {
		sh, n := &p.Shares[i], uint32(i+1)
		out.Shares = append(out.Shares, shareJSON{Index: n, Claimer: sh.Claimer, Amount: fenOf(sh.Amount), State: sh.State.String(), ClaimedAt: sh.ClaimedAt})
		if sh.State == contract.Settled {
			out.Finality = append(out.Finality, finalityJSON{Share: n, FinalSince: &sh.ClaimedAt})
		}
	}
	// A link that does not fit is of another chain of the same name.
	if kept, err := s.keptLink(id); err == nil && kept != "" {
		if l, err := parseLink(kept); err == nil && l.check(&p.Terms) == nil {
			out.Link = kept
		}
	}
	return out
}

// status is the packet's, as of now: what is due and not swept yet has
// expired all the same.
func status(p *contract.Packet, now contract.Time) string {
	if p.Status == contract.Open && now >= p.Expires {
		return contract.Expired.String()
	}
	return p.Status.String()
}

// recallableNow reports whether a clause holds at now with every signature it
// can ask for.
func recallableNow(p *contract.Packet, now contract.Time) bool {
	for i := range p.Terms.Clauses {
		c := &p.Terms.Clauses[i]
		facts := p.Facts(now, contract.KeysIn(c.When.Cond, p.Sender)...)
		if c.Target == contract.Rest && contract.Unmet(c.When.Cond, facts) == nil {
			return true
		}
	}
	return false
}

func (s *Session) showPacket(w io.Writer, p *contract.Packet, out *packetJSON, only uint32, terms []string) {
	fmt.Fprintf(w, "packet  %s\n", out.Packet)
	fmt.Fprintf(w, "from    %s, sent %s\n", s.name(p.Sender), clock(p.Created))
	line := out.Status
	if out.Closed != nil {
		line += " at " + clock(*out.Closed)
	}
	fmt.Fprintf(w, "status  %s, %d of %d shares claimed, %s unclaimed\n", line, len(p.Shares), p.Terms.Shares, p.Escrow.Yuan())
	fmt.Fprintln(w, "terms")
	for _, sentence := range terms {
		fmt.Fprintf(w, "  %s\n", sentence)
	}
	if out.RecallableUntil != nil && out.RecallableNow > 0 {
		fmt.Fprintf(w, "recall  %s can be taken back until %s\n", contract.Amount(out.RecallableNow).Yuan(), clock(*out.RecallableUntil))
	}
	for i := range p.Shares {
		if only != 0 && int(only) != i+1 {
			continue
		}
		sh := &p.Shares[i]
		line := "given back"
		if sh.State == contract.Settled {
			line = "final since " + clock(sh.ClaimedAt)
		}
		fmt.Fprintf(w, "share   %d  %s  %s, %s\n", i+1, sh.Amount.Yuan(), s.name(sh.Claimer), line)
	}
	if out.Link != "" {
		fmt.Fprintf(w, "link    %s\n", out.Link)
	}
	fmt.Fprintf(w, "as of   block %d, %s, as this node says\n", out.AsOf.Height, clock(out.AsOf.Time))
}
