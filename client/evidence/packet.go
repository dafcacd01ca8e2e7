package evidence

import (
	"context"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// leafOf is a packet's leaf. It fails with contract.CodeUnknownPacket, and with
// CodeUnknownShare unless share number n, if it is not 0, was claimed.
func (g *Gatherer) leafOf(ctx context.Context, id contract.PacketID, n uint32) (*Evidence, *contract.Packet, error) {
	e, p, err := g.packetLeaf(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if p.Tally != nil {
		return nil, nil, fail(Large, "packet %s: no proof of this kind is of a packet so large", id)
	}
	return e, p, CheckShare(id, p, n)
}

// packetLeaf is a packet's leaf. It fails with contract.CodeUnknownPacket.
func (g *Gatherer) packetLeaf(ctx context.Context, id contract.PacketID) (*Evidence, *contract.Packet, error) {
	e, err := g.Leaf(ctx, contract.PacketKey(id))
	if err != nil {
		return nil, nil, err
	}
	if len(e.Leaf) == 0 {
		return nil, nil, UnknownPacket(id)
	}
	p := &contract.Packet{ID: id}
	if err := contract.Decode(e.Leaf, p); err != nil {
		return nil, nil, g.Node.BadAnswerf("leaf: %v", err)
	}
	return e, p, nil
}

// packet is of a packet's whole life.
func (g *Gatherer) packet(ctx context.Context, id contract.PacketID) (*Evidence, error) {
	e, p, err := g.leafOf(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	if e.Entries, err = g.Node.Entries(ctx, e.key, 0, p.History.Count); err != nil {
		return nil, err
	}
	hashes, err := audit.TxHashes(e.Entries)
	if err != nil {
		return nil, g.Node.BadAnswerf("%v", err)
	}
	if err := g.addTxs(ctx, e, hashes...); err != nil {
		return nil, err
	}
	return e, g.addBeacons(ctx, e)
}

// largePacket is of a large packet's life.
func (g *Gatherer) largePacket(ctx context.Context, id contract.PacketID) (*Evidence, error) {
	e, p, err := g.largeLeaf(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.History.Count > audit.MaxLargeEntries {
		return nil, fail(TooLarge, "packet %s: its life has %d entries, and a proof holds at most %d", id,
			p.History.Count, audit.MaxLargeEntries)
	}
	if e.Entries, err = g.Node.Entries(ctx, e.key, 0, p.History.Count); err != nil {
		return nil, err
	}
	hashes, err := audit.TxHashes(e.Entries)
	if err != nil {
		return nil, g.Node.BadAnswerf("%v", err)
	}
	return e, g.addTxs(ctx, e, hashes...)
}

// largeLeaf is a large packet's leaf.
func (g *Gatherer) largeLeaf(ctx context.Context, id contract.PacketID) (*Evidence, *contract.Packet, error) {
	e, p, err := g.packetLeaf(ctx, id)
	if err == nil && p.Tally == nil {
		err = fail(Small, "packet %s: proofs of this kind are of packets with a list", id)
	}
	return e, p, err
}

// unclaimed is that an entry of a packet's list was not claimed.
func (g *Gatherer) unclaimed(ctx context.Context, id contract.PacketID, l *contract.Listing) (*Evidence, error) {
	e, p, err := g.largeLeaf(ctx, id)
	if err != nil {
		return nil, err
	}
	root := contract.ListIn(p.Terms.Claim.Cond)
	if root == nil {
		return nil, fail(Small, "packet %s: proofs of this kind are of packets with a list", id)
	}
	if err := l.Check(*root, p.Terms.Shares, p.Terms.Total); err != nil {
		return nil, err
	}
	same := *g
	same.Height = e.At.Height
	share, err := same.Leaf(ctx, contract.ShareKey(id, l.Entry.Index))
	if err != nil {
		return nil, err
	}
	if len(share.Leaf) > 0 {
		return nil, contract.Errorf(contract.CodeEntryClaimed, "share %s/%d: was claimed", id, l.Entry.Index)
	}
	e.Listing, e.Absence = contract.Encode(l), share.LeafProof
	return e, g.addTxs(ctx, e, p.SendTx)
}

// share is of what can still become of a share.
func (g *Gatherer) share(ctx context.Context, id contract.PacketID, n uint32) (*Evidence, error) {
	if n == 0 {
		return nil, contract.Errorf(contract.CodeUnknownShare, "packet %s: which share? They are numbered from 1", id)
	}
	e, p, err := g.leafOf(ctx, id, n)
	if err != nil {
		return nil, err
	}
	entries, err := g.wholeHistory(ctx, e, p)
	if err != nil {
		return nil, err
	}
	return e, g.addParties(ctx, e, p, entries, n)
}

// largeShare is of what can still become of a share of a large packet.
func (g *Gatherer) largeShare(ctx context.Context, id contract.PacketID, n uint32) (*Evidence, error) {
	e, err := g.Leaf(ctx, contract.ShareKey(id, n))
	if err != nil {
		return nil, err
	}
	if len(e.Leaf) == 0 {
		return nil, contract.Errorf(contract.CodeUnknownShare, "packet %s: its share %d is not claimed", id, n)
	}
	leaf := new(contract.ShareLeaf)
	if err := contract.Decode(e.Leaf, leaf); err != nil {
		return nil, g.Node.BadAnswerf("leaf: %v", err)
	}
	first, err := g.Node.Entries(ctx, e.key, 0, 1)
	if err != nil {
		return nil, err
	}
	entries, err := rpc.DecodeEntries(first)
	if err != nil {
		return nil, err
	}
	if entries[0].Tx == nil {
		return nil, g.Node.BadAnswerf("has no entry of the claim of share %d", n)
	}
	return e, g.addTxs(ctx, e, leaf.SendTx, *entries[0].Tx)
}

// recall is of one recall, of share number n or, when that is 0, of the rest.
func (g *Gatherer) recall(ctx context.Context, id contract.PacketID, n uint32) (*Evidence, error) {
	e, p, err := g.leafOf(ctx, id, n)
	if err != nil {
		return nil, err
	}
	if !recalled(p, n) {
		what := Subject{Kind: audit.KindRecall, Packet: id, Share: n}
		return nil, fail(NotRecalled, "packet %s: was not recalled", what)
	}
	entries, err := g.wholeHistory(ctx, e, p)
	if err != nil {
		return nil, err
	}
	from, until, err := audit.RecallCase(entries, n)
	if err != nil {
		return nil, g.Node.BadAnswerf("entries: %v", err)
	}
	if err := g.addParties(ctx, e, p, entries, n); err != nil {
		return nil, err
	}
	for _, x := range entries[from:until] {
		if x.Kind == contract.KindRecall && x.Tx != nil && x.Share == n {
			if err := g.addTxs(ctx, e, *x.Tx); err != nil {
				return nil, err
			}
		}
	}
	e.Cut(g.Chain, e.key, e.history, uint64(from), uint64(until))
	return e, nil
}

// unrecalled is that nothing was recalled from a packet.
func (g *Gatherer) unrecalled(ctx context.Context, id contract.PacketID) (*Evidence, error) {
	e, p, err := g.leafOf(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	for i := range p.Shares {
		if n := uint32(i + 1); recalled(p, n) {
			what := Subject{Kind: audit.KindShare, Packet: id, Share: n}
			return nil, fail(WasRecalled, "share %s: was recalled", what)
		}
	}
	if recalled(p, 0) {
		return nil, fail(WasRecalled, "packet %s: its rest was recalled", id)
	}
	return e, nil
}

// recalled reports whether a share (from 1; 0: the rest) was taken back.
func recalled(p *contract.Packet, share uint32) bool {
	if share == 0 {
		return p.Status == contract.Recalled
	}
	return p.ShareAt(share).State == contract.ShareRecalled
}

// wholeHistory fetches all of a packet's entries.
func (g *Gatherer) wholeHistory(ctx context.Context, e *Evidence, p *contract.Packet) ([]contract.Entry, error) {
	var err error
	if e.history, err = g.Node.Entries(ctx, e.key, 0, p.History.Count); err != nil {
		return nil, err
	}
	return rpc.DecodeEntries(e.history)
}

// addParties adds the signatures of those who made the contract: the send, and
// the claim of share number n unless it is 0.
func (g *Gatherer) addParties(
	ctx context.Context, e *Evidence, p *contract.Packet, entries []contract.Entry, n uint32,
) error {
	if err := g.addTxs(ctx, e, p.SendTx); err != nil || n == 0 {
		return err
	}
	for _, x := range entries {
		if (x.Kind == contract.KindClaim || x.Kind == contract.KindReserve) && x.Share == n && x.Tx != nil {
			return g.addTxs(ctx, e, *x.Tx)
		}
	}
	return g.Node.BadAnswerf("has no entry of the claim of share %d", n)
}

// progressEvery is after how many txs Progress is called.
const progressEvery = 1000

// addTxs adds signed txs.
func (g *Gatherer) addTxs(ctx context.Context, e *Evidence, hashes ...contract.Hash) error {
	for i, h := range hashes {
		if i > 0 && i%progressEvery == 0 && g.Progress != nil {
			g.Progress(i, len(hashes))
		}
		record, _, err := g.Node.Tx(ctx, h)
		if err != nil {
			return err
		}
		if record == nil {
			return g.Node.BadAnswerf("an entry names tx %s, which it does not have", h)
		}
		e.Txs = append(e.Txs, record.Wire)
	}
	return nil
}

// addBeacons adds what the entries' shares were drawn with.
func (g *Gatherer) addBeacons(ctx context.Context, e *Evidence) error {
	heights, err := audit.BeaconHeights(e.Entries)
	if err != nil {
		return g.Node.BadAnswerf("%v", err)
	}
	for _, h := range heights {
		b, err := g.Node.Beacon(ctx, h)
		if err != nil {
			return err
		}
		if b == nil {
			return g.Node.BadAnswerf("has no beacon for the shares that block %d reserved", h)
		}
		e.Beacons = append(e.Beacons, contract.Encode(b))
	}
	return nil
}
