package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/words"
	"hongbao/contract"
)

// entryJSON is an entry of a history.
type entryJSON struct {
	Seq     uint64             `json:"seq"`
	Height  int64              `json:"height"`
	Time    contract.Time      `json:"time"`
	Phase   string             `json:"phase"`
	Kind    string             `json:"kind"`
	Packet  *contract.PacketID `json:"packet,omitempty"`
	Share   uint32             `json:"share,omitempty"`
	Amount  *fen               `json:"amount_fen,omitempty"`
	From    string             `json:"from,omitempty"`
	To      string             `json:"to,omitempty"`
	Reason  contract.Reason    `json:"reason,omitempty"`
	Tx      *contract.Hash     `json:"tx,omitempty"`
	Beacon  *contract.Hash     `json:"beacon,omitempty"` // of a draw
	Balance fen                `json:"balance_fen"`      // after: an account's balance, or a packet's escrow
	Held    fen                `json:"held_fen"`
	Claims  uint32             `json:"claims,omitempty"` // of a large packet: how many in one, amount_fen their sum
}

func entriesJSON(entries []contract.Entry) []entryJSON {
	out := []entryJSON{}
	for i := range entries {
		e := &entries[i]
		j := entryJSON{
			Seq: e.Seq, Height: e.Height, Time: e.Time, Phase: e.Phase.String(), Kind: e.Kind.String(),
			Packet: e.Packet, Share: e.Share, Reason: e.Reason, Tx: e.Tx, Beacon: e.Beacon, Balance: fen(e.Balance),
			Held: fen(e.Held),
		}
		if p := e.Posting; p != nil {
			j.Amount, j.From, j.To = fenOf(p.Amount), p.From.String(), p.To.String()
		}
		if c := e.Claims; c != nil {
			j.Claims, j.Amount = c.Count, fenOf(c.Sum)
		}
		out = append(out, j)
	}
	return out
}

type historyJSON struct {
	Packet   contract.PacketID `json:"packet"`
	Entries  []entryJSON       `json:"entries"`
	Beacons  []beaconJSON      `json:"beacons"` // that its lucky shares were drawn with
	AsOf     asOf              `json:"as_of"`
	Verified bool              `json:"verified"`
}

func (s look) historyVerb() *Verb {
	return &Verb{
		Use: "history REF", Group: groupLook,
		Short: words.Both("Everything that happened to a packet", "一个红包经历的一切"),
		Reach: Asking, Results: []any{historyJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.history(ctx, args[0]) },
	}
}

func (s look) history(ctx context.Context, text string) error {
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return err
	}
	entries, now, err := s.client.HistoryWith(ctx, r.Packet, r.Share)
	if err != nil {
		return err
	}
	if r.Share != 0 {
		entries = ofShare(entries, r.Share)
	}
	beacons, err := s.beacons(ctx, entries)
	if err != nil {
		return err
	}
	p, _, err := s.client.AsOf(now.Height).Packet(ctx, r.Packet) // says whose the shares are
	if err != nil {
		return err
	}
	s.Result(historyJSON{Packet: r.Packet, Entries: entriesJSON(entries), Beacons: beacons, AsOf: at(now),
		Verified: s.checked()}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("packet %s", "红包%s", r.Packet))
		for i := range entries {
			fmt.Fprintln(w, s.packetLine(p, &entries[i]))
		}
		for _, b := range beacons {
			fmt.Fprintln(w, s.Say("drawn with beacon %s of block %d, by validator %s",
				"抽取依据:区块%[2]d的随机证明%[1]s,由验证人%[3]s给出", b.Hash, b.Height, b.Proposer))
		}
	})
	return nil
}

// packetLine is an entry of p's history on one line.
func (s look) packetLine(p *contract.Packet, e *contract.Entry) string {
	place := func(at contract.Place) string {
		if at == contract.Escrow(p.ID) {
			return s.Say("packet", "红包")
		}
		return s.place(at)
	}
	line := fmt.Sprintf("%s  %6d  %s", clock(e.Time), e.Height, s.kind(e))
	if c := e.Claims; c != nil {
		return line + s.Say(" %12[1]s  %[3]s; %[4]s left", " %12[1]s  %[2]d份;余%[4]s", c.Sum.Yuan(), c.Count,
			words.Count(int(c.Count), "share", "shares"), e.Balance.Yuan())
	}
	if e.Posting != nil {
		line += fmt.Sprintf(" %12s  %s → %s", e.Posting.Amount.Yuan(), place(e.Posting.From), place(e.Posting.To))
	} else {
		line += "              " + s.Say("nothing moved", "钱没有动")
	}
	line += s.shareOf(e)
	if e.Posting == nil && e.Share > 0 && p.ShareAt(e.Share) != nil {
		line += s.Say(" of %s", ",%s的", s.name(p.ShareAt(e.Share).Claimer))
	}
	line += s.because(e.Reason)
	if e.Posting != nil {
		line += s.Say("; %s left", ";余%s", e.Balance.Yuan())
	}
	return line
}

// kind is an entry's kind as a column.
func (s look) kind(e *contract.Entry) string {
	return words.Left(words.Kind(s.Lang(), e.Kind.String()), 7)
}

// shareOf ends a line about an entry with the share that it is about, if any.
func (s look) shareOf(e *contract.Entry) string {
	if e.Share == 0 {
		return ""
	}
	return s.Say(", share %d", ",第%d份", e.Share)
}

// because ends a line with a reason, if there is one.
func (s look) because(r contract.Reason) string {
	if r == "" {
		return ""
	}
	return s.Say(", %s", ",理由:%s", words.Reason(s.Lang(), r))
}

// ofShare are the entries about a share: its own, and the tightenings, which
// are about every share.
func ofShare(entries []contract.Entry, share uint32) (out []contract.Entry) {
	for _, e := range entries {
		if e.Share == share || e.Kind == contract.KindTighten {
			out = append(out, e)
		}
	}
	return out
}
