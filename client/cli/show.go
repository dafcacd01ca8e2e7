package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"hongbao/client/audit"
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

// packetJSON is the result of show: the facts that verify would state of the packet,
// and what this home and the terms say beside them.
type packetJSON struct {
	Packet contract.PacketID `json:"packet"`
	audit.PacketStanding
	Claim         string         `json:"claim"`
	RecallableNow *fen           `json:"recallable_now_fen"` // null while it depends on a draw
	Shares        []shareJSON    `json:"shares"`
	Luckiest      *luckiestJSON  `json:"luckiest,omitempty"`      // of a lucky packet whose shares are all drawn
	Recall        []string       `json:"recall"`                  // the clauses in force
	RecallSigned  []string       `json:"recall_signed,omitempty"` // the terms' own, once tightened
	Tightened     []tightening   `json:"tightened"`
	TermsHash     contract.Hash  `json:"terms_hash"`
	SendTx        contract.Hash  `json:"send_tx"`
	Commitment    *contract.Hash `json:"memo_commitment,omitempty"`
	Memo          string         `json:"memo,omitempty"` // only where this home sent it
	Link          string         `json:"link,omitempty"` // only where this home sent it
	AsOf          asOf           `json:"as_of"`
	Verified      bool           `json:"verified"`
}

// tightening is a list of clauses that took the place of those before it.
type tightening struct {
	audit.TightenedFacts
	Recall []string `json:"recall"`
}

type shareJSON struct {
	Index   uint32           `json:"index"`
	Claimer contract.Address `json:"claimer"`
	audit.ShareStanding
	Ask *askedJSON `json:"ask,omitempty"`
}

// askedJSON is the sender's question about a share.
type askedJSON struct {
	State    contract.AskState `json:"state"` // open, accepted, refused or lapsed
	Reason   contract.Reason   `json:"reason,omitempty"`
	AskedAt  contract.Time     `json:"asked_at"`
	LapsesAt contract.Time     `json:"lapses_at"`
}

func (s look) show(ctx context.Context, r ref) error {
	p, now, err := s.client.PacketWith(ctx, r.Packet, r.Share)
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
		Packet: id, PacketStanding: audit.NewPacketStanding(p, now.Time), Claim: contract.Print(p.Terms.Claim.Cond),
		Shares: []shareJSON{}, Recall: clauseTexts(p.InForce()), Tightened: []tightening{},
		TermsHash: p.Terms.Hash(s.chain), SendTx: p.SendTx, Commitment: p.Terms.Memo, AsOf: at(now),
		Verified: s.checked(), RecallableNow: new(fen), Luckiest: luckiest(p),
	}
	current := func(w contract.Window) bool { return w.From <= now.Time && now.Time < w.Until }
	if slices.ContainsFunc(p.RestWindows(), current) {
		out.RecallableNow = fenOf(p.Escrow)
		if p.Undrawn() {
			out.RecallableNow = nil
		}
	}
	for i := range p.Tightened {
		t := &p.Tightened[i]
		out.RecallSigned = clauseTexts(p.Terms.Clauses)
		out.Tightened = append(out.Tightened, tightening{audit.NewTightenedFacts(t), clauseTexts(t.Clauses)})
	}
	for i := range p.Shares {
		out.Shares = append(out.Shares, newShareJSON(p, uint32(i+1), now.Time))
	}
	if n := p.ShareBeside(); n != 0 { // of a large packet: the one that was asked for
		out.Shares = append(out.Shares, newShareJSON(p, n, now.Time))
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

func newShareJSON(p *contract.Packet, n uint32, now contract.Time) shareJSON {
	share := p.ShareAt(n)
	out := shareJSON{Index: n, Claimer: share.Claimer, ShareStanding: audit.NewShareStanding(p, n, now)}
	if a := share.Asked; a != nil {
		out.Ask = &askedJSON{out.Asked, a.Reason, a.At, a.LapsesAt()}
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
		line, p.Claimed(), p.Terms.Shares, left, words.Count(int(p.Terms.Shares), "share", "shares")))
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
	for i := range out.Shares {
		if share := &out.Shares[i]; subject.Share == 0 || subject.Share == share.Index {
			s.showShare(w, share, subject)
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
	if t.Renounced {
		return s.Say("since   %s: the sender renounced, nobody can take anything back",
			"收紧  %s,发的人放弃了收回的权利,谁也收不回", clock(t.At))
	}
	return s.Say("since   %[1]s: %[2]s", "收紧  %[1]s,条款收紧过,上面说的是现在的",
		clock(t.At), strings.Join(t.Recall, "; "))
}

// showShare prints whose a share of the subject's packet is, and what can still
// become of it.
func (s look) showShare(w io.Writer, share *shareJSON, subject words.Subject) {
	amount := "¥?"
	if share.Amount != nil {
		amount = share.Amount.Yuan()
	}
	about := subject
	about.Share = share.Index
	fmt.Fprintln(w, s.Say("share   %d  %s  %s  %s", "第%d份 %s  %s  %s", share.Index, amount, s.name(share.Claimer),
		words.Standing(s.Lang(), about)))
	if asked := words.Question(s.Lang(), about); asked != "" && subject.Share == 0 { // else the terms have said it
		fmt.Fprintln(w, s.Say("        %s", "      %s", asked))
	}
}
