package client

import (
	"context"

	"hongbao/app/query"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// A large packet's shares stand in leaves of their own: what is read of it is its
// leaf, and the leaf of one share where one is asked for.

// PacketWith is Packet, with share number n (from 1; 0: none) beside a large one
// where it is claimed: see contract.Packet.ShareAt.
func (c *Client) PacketWith(ctx context.Context, id contract.PacketID, n uint32) (*contract.Packet, At, error) {
	p, at, err := c.Packet(ctx, id)
	if err != nil || p.Tally == nil || n == 0 {
		return p, at, err
	}
	leaf, err := c.shareLeaf(ctx, id, n, at)
	if err != nil || leaf == nil {
		return p, at, err
	}
	if !c.verifies() { // the share may be of a later block than the packet
		if p, at, err = c.Packet(ctx, id); err != nil {
			return nil, at, err
		}
	}
	if err := p.CheckShare(n, leaf, at.Time); err != nil {
		return nil, at, c.node.BadAnswerf("share %d of packet %s: that no chain holds: %v", n, id, err)
	}
	return p.With(n, *leaf), at, nil
}

// PacketOf is PacketWith the share that an account claimed, where it claimed one.
func (c *Client) PacketOf(ctx context.Context, id contract.PacketID, a contract.Address) (*contract.Packet, At, error) {
	p, at, err := c.Packet(ctx, id)
	if err != nil || p.Tally == nil {
		return p, at, err
	}
	n, err := c.node.ShareOf(ctx, id, a)
	if err != nil || n == 0 {
		return p, at, err
	}
	p, at, err = c.PacketWith(ctx, id, n)
	if s := p.ShareAt(n); err == nil && (s == nil || s.Claimer != a) {
		err = c.node.BadAnswerf("share %d of packet %s: is not %s's", n, id, a)
	}
	return p, at, err
}

// packetFor is PacketWith share n, or where that is 0 the share that the account
// claimed.
func (c *Client) packetFor(ctx context.Context, id contract.PacketID, n uint32, a contract.Address) (
	*contract.Packet, At, error) {
	if n == 0 {
		return c.PacketOf(ctx, id, a)
	}
	return c.PacketWith(ctx, id, n)
}

// shareLeaf is the leaf of a large packet's share; nil when it is not claimed.
// Verified, it is of the state that at speaks of.
func (c *Client) shareLeaf(ctx context.Context, id contract.PacketID, n uint32, at At) (*contract.ShareLeaf, error) {
	if !c.verifies() {
		leaf, _, err := c.node.Share(ctx, id, n)
		return leaf, err
	}
	e, err := c.AsOf(at.Height).gatherer().Leaf(ctx, contract.ShareKey(id, n))
	if err != nil || len(e.Leaf) == 0 {
		return nil, err
	}
	leaf := new(contract.ShareLeaf)
	if err := contract.Decode(e.Leaf, leaf); err != nil {
		return nil, c.node.BadAnswerf("leaf: %v", err)
	}
	return leaf, nil
}

// provenLarge is a large packet's leaf, verified.
func (c *Client) provenLarge(ctx context.Context, id contract.PacketID) (*contract.Packet, At, error) {
	e, err := c.gatherer().Leaf(ctx, contract.PacketKey(id))
	if err != nil {
		return nil, At{}, err
	}
	if len(e.Leaf) == 0 {
		return nil, e.At, evidence.UnknownPacket(id)
	}
	p := &contract.Packet{ID: id}
	err = contract.Decode(e.Leaf, p)
	if err == nil {
		err = p.Check(e.At.Time)
	}
	if err != nil {
		return nil, e.At, c.node.BadAnswerf("packet %s: that no chain holds: %v", id, err)
	}
	return p, e.At, nil
}

// HistoryWith is History, or of a large packet the history of share number n where
// that is not 0. Verified, the entries fold to the head in a proven leaf.
func (c *Client) HistoryWith(ctx context.Context, id contract.PacketID, n uint32) ([]contract.Entry, At, error) {
	p, at, err := c.PacketWith(ctx, id, n)
	if err != nil {
		return nil, at, err
	}
	if p.Tally == nil {
		return c.History(ctx, id)
	}
	entries, err := c.largeHistory(ctx, p, n)
	return entries, at, err
}

// largeHistory is the history of a large packet, or of the share beside it.
func (c *Client) largeHistory(ctx context.Context, p *contract.Packet, n uint32) ([]contract.Entry, error) {
	key, history := contract.PacketKey(p.ID), p.History
	if n != 0 {
		leaf := p.LeafBeside()
		if leaf == nil {
			return nil, evidence.CheckShare(p.ID, p, n)
		}
		key, history = contract.ShareKey(p.ID, n), leaf.History
	}
	encoded, err := c.node.Entries(ctx, key, 0, history.Count)
	if err != nil {
		return nil, err
	}
	if contract.FirstHistory(c.Chain(), key).With(encoded...) != history {
		return nil, c.node.BadAnswerf("entries of packet %s: they do not fold to its head", p.ID)
	}
	return rpc.DecodeEntries(encoded)
}

// Claims calls each with every claim of a large packet, in order, and returns the
// packet as it then was. The packet's history commits to them: one left out, added
// or changed is a NodeError. So with a trust file they are proven, by one leaf.
func (c *Client) Claims(ctx context.Context, id contract.PacketID, each func(query.Claim) error) (
	*contract.Packet, At, error) {
	p, at, err := c.Packet(ctx, id)
	if err != nil {
		return nil, at, err
	}
	if p.Tally == nil {
		return nil, at, contract.Errorf(contract.CodeUnsupported, "packet %s: is not large", id)
	}
	entries, err := c.largeHistory(ctx, p, 0)
	if err != nil {
		return nil, at, err
	}
	told := claimReader{c: c, ctx: ctx, req: query.ClaimsRequest{Packet: id, Limit: query.MaxClaims}}
	for i := range entries {
		if entries[i].Claims == nil || entries[i].Kind == contract.KindDraw {
			continue
		}
		if err := told.batch(&entries[i], each); err != nil {
			return nil, at, err
		}
	}
	return p, at, nil
}

// claimReader reads a packet's claims page by page.
type claimReader struct {
	c    *Client
	ctx  context.Context
	req  query.ClaimsRequest
	page []query.Claim
}

// batch reads the claims that an entry of the packet's history tells of.
func (r *claimReader) batch(e *contract.Entry, each func(query.Claim) error) (err error) {
	var sum contract.ClaimBatch
	for range e.Claims.Count {
		if len(r.page) == 0 {
			if r.page, err = r.c.node.Claims(r.ctx, r.req); err != nil {
				return err
			}
			if len(r.page) == 0 {
				return r.c.node.BadAnswerf("claims of packet %s: some are missing", r.req.Packet)
			}
		}
		one := r.page[0]
		if one.Height != e.Height || one.Time != e.Time || one.Index > e.Index {
			return r.c.node.BadAnswerf("claims of packet %s: not those that its history tells of", r.req.Packet)
		}
		r.page, r.req.Height, r.req.Index = r.page[1:], one.Height, one.Index
		sum.Add(one.Share, one.Claimer, one.Amount)
		if err := each(one); err != nil {
			return err
		}
	}
	if sum != *e.Claims {
		return r.c.node.BadAnswerf("claims of packet %s: not those that its history tells of", r.req.Packet)
	}
	return nil
}
