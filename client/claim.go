package client

import (
	"context"
	"slices"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Offer is a packet to claim from, with the terms that a claimer signs.
type Offer struct {
	Link   *files.Link // its key and memo, where it has them
	Packet *contract.Packet
	At     At
}

// Offer reads the packet that a link opens, and compares the link with its terms.
// files.ParseLink reads the link that a sender hands on. A packet that needs no
// link is opened by &files.Link{Packet: id}. Offer fails with
// contract.CodeWrongChain or CodeBadLink, with files.ErrOtherMemo, or as Packet
// does.
func (c *Client) Offer(ctx context.Context, l *files.Link) (*Offer, error) {
	if l.Chain != "" && l.Chain != c.Chain() {
		return nil, contract.Errorf(contract.CodeWrongChain, "link: for chain %q, this is %q", l.Chain, c.Chain())
	}
	p, at, err := c.Packet(ctx, l.Packet)
	if err != nil {
		return nil, err
	}
	return &Offer{l, p, at}, l.Check(&p.Terms)
}

// Finality is what the finality of the share would be, were account to claim it
// now: whether others could take it back, and until when.
func (o *Offer) Finality(account contract.Address) contract.Finality {
	share := contract.Share{Claimer: account, State: contract.Settled, ClaimedAt: o.At.Time}
	if o.Packet.Tally != nil && o.Link.Entry != nil {
		share.Amount = o.Link.Entry.Entry.Amount
	}
	if o.Packet.Terms.Hold > 0 {
		share.State = contract.Held
	}
	if o.Packet.Tally != nil {
		const any = 1 // the number does not matter
		return o.Packet.With(any, contract.ShareLeaf{Share: share}).Finality(any, o.At.Time)
	}
	claimed := *o.Packet
	claimed.Shares = append(slices.Clone(o.Packet.Shares), share)
	return claimed.Finality(uint32(len(claimed.Shares)), o.At.Time)
}

// Claimed is a share that was claimed.
type Claimed struct {
	*Outcome
	Share  uint32           // its number, from 1; 0 while no block holds it
	Amount *contract.Amount // the share's; nil while no block holds it, or it is not drawn
	Packet *contract.Packet // as it stands once the share is drawn, or Wait is over; nil while no block holds it
	At     At               // the state that Packet is of
}

// Claim takes a share of an offer, and signs its terms. Of a lucky packet it
// waits for the draw; if Wait is over before it, the share is not drawn yet.
func (s *Signer) Claim(ctx context.Context, o *Offer) (*Claimed, error) {
	id := o.Link.Packet
	m := &contract.Claim{Packet: id, TermsHash: o.Packet.Terms.Hash(s.c.Chain()), Listing: o.Link.Entry}
	if o.Link.Key != nil {
		sig, err := wallet.SignLink(o.Link.Key, s.c.Chain(), id, s.Account.Address)
		if err != nil {
			return nil, err
		}
		m.Link = &sig
	}
	outcome, err := s.submit(ctx, m, o.Packet, o.At.Time)
	if err != nil || outcome.Record == nil {
		return &Claimed{Outcome: outcome}, err
	}
	out := &Claimed{Outcome: outcome}
	read := func(ctx context.Context) (*contract.Packet, At, error) {
		if m.Listing != nil {
			return s.c.PacketWith(ctx, id, m.Listing.Entry.Index)
		}
		return s.c.PacketOf(ctx, id, s.Account.Address)
	}
	out.Packet, out.At, err = s.c.awaitDraw(ctx, read, func(p *contract.Packet) bool {
		n := p.NumberOf(s.Account.Address)
		return n == 0 || p.ShareAt(n).State != contract.Reserved
	})
	if err != nil {
		return out, outcome.Unread(err)
	}
	if out.Share = out.Packet.NumberOf(s.Account.Address); out.Share == 0 {
		return out, outcome.Unread(s.c.node.BadAnswerf("the claim stands in a block, the share does not"))
	}
	if share := out.Packet.ShareAt(out.Share); share.State != contract.Reserved {
		out.Amount = &share.Amount
	}
	return out, nil
}

// awaitDraw polls until drawn holds of a packet as read reads it. When Wait or ctx ends
// before, it is the packet as it stands: what was submitted is in its block all the same.
func (c *Client) awaitDraw(
	ctx context.Context, read func(context.Context) (*contract.Packet, At, error), drawn func(*contract.Packet) bool,
) (*contract.Packet, At, error) {
	p, at, err := read(ctx)
	if err != nil || drawn(p) {
		return p, at, err
	}
	if c.options.Drawing != nil {
		c.options.Drawing()
	}
	limit, cancel := context.WithTimeout(ctx, c.wait())
	defer cancel()
	if _, _, err := c.node.AwaitPacket(limit, p.ID, func(now *contract.Packet) bool {
		if now.Tally != nil {
			return now.Tally.Undrawn == 0 || now.History.Count > p.History.Count
		}
		return drawn(now)
	}); err != nil {
		return p, at, nil
	}
	return read(ctx)
}
