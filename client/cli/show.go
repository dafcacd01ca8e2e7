package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"hongbao/client/evidence"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s look) showVerb() *Verb {
	return &Verb{
		Use: "show REF | PARTY", Group: groupLook,
		Short: words.Both("A packet and its terms in plain words, or an account", "一个红包和它的条款,或一个账户"),
		Long: words.Both(`Say how a packet, a share or an account stands.

A lucky share that is claimed and not drawn yet is "reserved", its amount_fen
null; recallable_now_fen is null while it depends on a draw. Once every share is
drawn, luckiest is the one that holds the most (手气最佳), the first of equal
ones.`,
			`说明一个红包、一份或一个账户现在的情况。

拼手气的份领了还没抽出时是 "reserved",amount_fen 是 null;能收回多少还要看
抽签时,recallable_now_fen 是 null。全部抽出之后,luckiest 是金额最大的一份
(手气最佳),一样大的取最先的。`),
		Reach: Asking, Results: []any{packetJSON{}, balanceJSON{}},
		Run: s.showAny,
	}
}

// showAny shows an account or what a REF names.
func (s look) showAny(ctx context.Context, args []string) error {
	if s.isParty(args[0]) {
		return s.balance(ctx, args)
	}
	r, err := s.parseRef(ctx, args[0])
	if err != nil {
		return err
	}
	return s.show(ctx, r)
}

// isParty reports whether text names an account, which no REF is.
func (s look) isParty(text string) bool {
	_, err := s.Keys().Find(text)
	return err == nil || strings.HasPrefix(text, "hb1")
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
	RecallableNow   *fen              `json:"recallable_now_fen"` // null while it depends on a draw
	RecallableUntil *contract.Time    `json:"recallable_until"`
	Shares          []shareJSON       `json:"shares"`
	Luckiest        *luckiestJSON     `json:"luckiest,omitempty"`      // of a lucky packet whose shares are all drawn
	Recall          []string          `json:"recall"`                  // the clauses in force
	RecallSigned    []string          `json:"recall_signed,omitempty"` // the terms' own, once tightened
	Tightened       []tightening      `json:"tightened"`
	Finality        []finalityJSON    `json:"finality"`
	TermsHash       contract.Hash     `json:"terms_hash"`
	SendTx          contract.Hash     `json:"send_tx"`
	Commitment      *contract.Hash    `json:"memo_commitment,omitempty"`
	Memo            string            `json:"memo,omitempty"` // only where this home sent it
	Link            string            `json:"link,omitempty"` // only where this home sent it
	AsOf            asOf              `json:"as_of"`
	Verified        bool              `json:"verified"`
}

// tightening is a list of clauses that took the place of those before it.
type tightening struct {
	At     contract.Time `json:"at"` // since when
	Recall []string      `json:"recall"`
}

type shareJSON struct {
	Index     uint32           `json:"index"`
	Claimer   contract.Address `json:"claimer"`
	Amount    *fen             `json:"amount_fen"` // null before it is drawn
	State     string           `json:"state"`
	ClaimedAt contract.Time    `json:"claimed_at"`
	SettlesAt *contract.Time   `json:"settles_at"` // of a share that is held, or will be
	Ask       *askedJSON       `json:"ask,omitempty"`
}

// askedJSON is the sender's question about a share.
type askedJSON struct {
	State    string          `json:"state"` // open, accepted, refused or lapsed
	Reason   contract.Reason `json:"reason,omitempty"`
	AskedAt  contract.Time   `json:"asked_at"`
	LapsesAt contract.Time   `json:"lapses_at"`
}

func (s look) show(ctx context.Context, r ref) error {
	p, now, err := s.client.Packet(ctx, r.Packet)
	if err != nil {
		return err
	}
	if err := evidence.CheckShare(r.Packet, p, r.Share); err != nil {
		return err
	}
	out := s.packetJSON(r.Packet, p, now)
	subject, err := s.subject(ctx, p, r.Share, now.Time)
	if err != nil {
		return err
	}
	s.Result(out, func(w io.Writer) { s.showPacket(w, &out, subject) })
	return nil
}

func (s look) packetJSON(id contract.PacketID, p *contract.Packet, now rpc.At) packetJSON {
	out := packetJSON{
		Packet: id, Sender: p.Sender, Status: status(p, now.Time), Scene: p.Terms.Scene,
		Total: fen(p.Terms.Total), Escrow: fen(p.Escrow), ShareCount: p.Terms.Shares, Split: p.Terms.Split.String(),
		Claim: contract.Print(p.Terms.Claim.Cond), Created: p.Created, Expires: p.Expires,
		Shares: []shareJSON{}, Recall: clauseTexts(p.InForce()), Tightened: []tightening{}, Finality: []finalityJSON{},
		TermsHash: p.Terms.Hash(s.chain), SendTx: p.SendTx, Commitment: p.Terms.Memo, AsOf: at(now),
		Verified: s.checked(), RecallableNow: new(fen), Luckiest: luckiest(p),
	}
	if p.Status != contract.Open {
		out.Closed = &p.Closed
	}
	if until := p.RecallableUntil(); until != 0 && now.Time < until {
		out.RecallableUntil = &until
		current := func(w contract.Window) bool { return w.From <= now.Time && now.Time < w.Until }
		if slices.ContainsFunc(p.RestWindows(), current) {
			out.RecallableNow = fenOf(p.Escrow)
			if p.Undrawn() {
				out.RecallableNow = nil
			}
		}
	}
	for _, t := range p.Tightened {
		out.RecallSigned = clauseTexts(p.Terms.Clauses)
		out.Tightened = append(out.Tightened, tightening{t.At, clauseTexts(t.Clauses)})
	}
	for i := range p.Shares {
		sh, n := &p.Shares[i], uint32(i+1)
		out.Shares = append(out.Shares, newShareJSON(p, n))
		if kept(sh) {
			out.Finality = append(out.Finality, newFinalityJSON(n, p.Finality(n, now.Time)))
		}
	}
	// A link that does not fit is of another chain of the same name.
	if kept, err := links(s.Global.Home).kept(id); err == nil && kept != "" {
		if l, err := files.ParseLink(kept); err == nil && l.Check(&p.Terms) == nil {
			if out.Link = kept; l.Memo != nil {
				out.Memo = l.Memo.Text
			}
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

func newShareJSON(p *contract.Packet, n uint32) shareJSON {
	sh := &p.Shares[n-1]
	out := shareJSON{Index: n, Claimer: sh.Claimer, Amount: drawnAmount(sh), State: sh.State.String(),
		ClaimedAt: sh.ClaimedAt, SettlesAt: settles(p, n)}
	if a := sh.Asked; a != nil {
		out.Ask = &askedJSON{a.State.String(), a.Reason, a.At, a.LapsesAt()}
	}
	return out
}

// showPacket prints the subject's packet, and of its shares the subject's or all.
func (s look) showPacket(w io.Writer, out *packetJSON, subject words.Subject) {
	p := subject.Packet
	fmt.Fprintln(w, s.Say("packet  %s", "红包  %s", out.Packet))
	fmt.Fprintln(w, s.Say("from    %s, sent %s", "来自  %s,%s发出", s.name(p.Sender), clock(p.Created)))
	if out.Memo != "" {
		fmt.Fprintln(w, s.Say("memo    %s", "留言  %s", printable(out.Memo)))
	}
	line := words.Status(s.Lang(), out.Status)
	if out.Closed != nil {
		line += s.Say(" at %s", "(%s)", clock(*out.Closed))
	}
	left := s.Say("%s unclaimed", "%s没领走", p.Escrow.Yuan())
	if p.Undrawn() {
		left = s.Say("%s unclaimed or not drawn yet", "%s没领走或还没抽出", p.Escrow.Yuan())
	}
	fmt.Fprintln(w, s.Say("status  %[1]s, %[2]d of %[5]s claimed, %[4]s", "状态  %[1]s,已领%[2]d份,共%[3]d份,%[4]s",
		line, len(p.Shares), p.Terms.Shares, left, words.Count(int(p.Terms.Shares), "share", "shares")))
	fmt.Fprintln(w, s.Say("terms", "条款"))
	for _, sentence := range words.Explain(s.Lang(), subject) {
		fmt.Fprintf(w, "  %s\n", sentence)
	}
	for _, t := range out.Tightened {
		fmt.Fprintln(w, s.tightenedLine(&t))
	}
	switch now := out.RecallableNow; {
	case now == nil:
		fmt.Fprintln(w, s.Say("recall  what the draws leave can be taken back until %s",
			"收回  抽完余下的钱,%s前可以收回",
			clock(*out.RecallableUntil)))
	case *now > 0:
		fmt.Fprintln(w, s.Say("recall  %s can be taken back until %s", "收回  %s,%s前可以收回",
			contract.Amount(*now).Yuan(),
			clock(*out.RecallableUntil)))
	}
	for i := range p.Shares {
		if n := uint32(i + 1); subject.Share == 0 || subject.Share == n {
			s.showShare(w, subject, n, out.AsOf.Time)
		}
	}
	if out.Luckiest != nil {
		s.printLuckiest(w, out.Luckiest)
	}
	if out.Link != "" {
		fmt.Fprintln(w, s.Say("link    %s", "链接  %s", out.Link))
	}
	source := s.Say("as this node says", "只是节点这么说")
	if out.Verified {
		source = s.verifiedBy()
	}
	fmt.Fprintln(w, s.Say("as of   block %d, %s, %s", "截至  区块%d,%s,%s",
		out.AsOf.Height, clock(out.AsOf.Time), source))
}

func (s look) verifiedBy() string {
	return s.Say("verified by the trust file", "已按信任文件验证")
}

// tightenedLine says since when stricter clauses are in force. In Chinese the
// terms above have said what these allow.
func (s look) tightenedLine(t *tightening) string {
	if len(t.Recall) == 0 {
		return s.Say("since   %s: the sender renounced, nobody can take anything back",
			"收紧  %s,发的人放弃了收回的权利,谁也收不回",
			clock(t.At))
	}
	return s.Say("since   %[1]s: %[2]s", "收紧  %[1]s,条款收紧过,上面说的是现在的",
		clock(t.At), strings.Join(t.Recall, "; "))
}

// showShare prints whose a share is, and what can still become of it.
func (s look) showShare(w io.Writer, subject words.Subject, n uint32, now contract.Time) {
	p := subject.Packet
	sh := &p.Shares[n-1]
	amount, line := sh.Amount.Yuan(), ""
	switch f := p.Finality(n, now); sh.State {
	case contract.Reserved, contract.Held:
		if sh.State == contract.Reserved {
			amount, line = "¥?", s.Say("drawn in the next block, ", "下一个区块抽出,")
		}
		if at := settles(p, n); at != nil {
			line += s.Say("held until %s, ", "存到%s,", clock(*at))
		}
		if f.OthersUntil != 0 {
			line += s.Say("NOT FINAL: %s", "还不算到账:%s", words.Others(s.Lang(), subject, f))
		} else {
			line += s.Say("final: nobody can take it back", "谁也拿不走")
		}
	case contract.Settled:
		line = s.Say("final since %s", "%s起谁也拿不走", clock(f.FinalSince))
	case contract.ShareRecalled:
		line = s.Say("taken back while it was held", "存着时被收回了")
	case contract.Returned:
		line = s.Say("given back", "已退还")
	default:
		line = sh.State.String()
	}
	fmt.Fprintln(w, s.Say("share   %d  %s  %s, %s", "第%d份 %s  %s,%s", n, amount, s.name(sh.Claimer), line))
	if sh.Asked != nil {
		fmt.Fprintln(w, s.Say("        %s", "      %s", s.askLine(sh.Asked)))
	}
}
