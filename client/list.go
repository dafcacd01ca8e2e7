package client

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"

	"hongbao/app/query"
	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// List is the packets that an account sent and claimed from. A node's list may
// leave some out; with a trust file it is made from the account's statement,
// which is whole.
type List struct {
	c       *Client
	account contract.Address
	source  packetSource
}

// Listed is a packet of a list.
type Listed struct {
	ID     contract.PacketID
	Packet *contract.Packet
	At     At
	Next   []byte // the position after it, to go on from; empty: nothing follows
}

// ErrPosition refuses a position of another list. A verified list and one that is
// not verified have different positions.
var ErrPosition = errors.New("no position of this list")

// List lists an account's packets.
func (c *Client) List(ctx context.Context, a contract.Address) (*List, error) {
	if !c.verifies() {
		return &List{c, a, fromNode(c.node, a)}, nil
	}
	proven, err := c.gatherer().Verified(ctx, Subject{Kind: audit.KindAccount, Account: a})
	if err != nil {
		return nil, err
	}
	return &List{c, a, fromEntries(proven.Entries)}, nil
}

// Sent is what the account sent, newest first, from a position on; nil is the
// beginning. An error ends it.
func (l *List) Sent(ctx context.Context, from []byte) iter.Seq2[*Listed, error] {
	return l.each(ctx, query.Sent, from)
}

// Claimed is what the account claimed from, likewise.
func (l *List) Claimed(ctx context.Context, from []byte) iter.Seq2[*Listed, error] {
	return l.each(ctx, query.Claimed, from)
}

func (l *List) each(ctx context.Context, role query.Role, from []byte) iter.Seq2[*Listed, error] {
	return func(yield func(*Listed, error) bool) {
		for {
			id, next, err := l.source(ctx, role, from)
			if err == nil && id == nil {
				return
			}
			var one *Listed
			if err == nil {
				one = &Listed{ID: *id, Next: next}
				one.Packet, one.At, err = l.packet(ctx, role, *id)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(one, nil) || len(next) == 0 {
				return
			}
			from = next
		}
	}
}

// packet reads a packet, with the account's share beside a large one it claimed from.
func (l *List) packet(ctx context.Context, role query.Role, id contract.PacketID) (*contract.Packet, At, error) {
	if role == query.Claimed {
		return l.c.PacketOf(ctx, id, l.account)
	}
	return l.c.Packet(ctx, id)
}

// packetSource gives the packet of a role that follows a position, and the
// position after it; nil at the end.
type packetSource func(ctx context.Context, role query.Role, from []byte) (*contract.PacketID, []byte, error)

func fromNode(node *rpc.Client, a contract.Address) packetSource {
	return func(ctx context.Context, role query.Role, from []byte) (*contract.PacketID, []byte, error) {
		page, err := node.Packets(ctx, a, role, from, 1)
		if err != nil || len(page.Packets) == 0 {
			return nil, nil, err
		}
		return &page.Packets[0], page.Next, nil
	}
}

// fromEntries lists the packets in an account's entries. A position is the seq
// of the entry listed last.
func fromEntries(entries []*contract.Entry) packetSource {
	last := func(role query.Role, before uint64) *contract.Entry {
		for _, e := range slices.Backward(entries) {
			took := e.Kind == contract.KindReserve || e.Kind == contract.KindClaim
			sent := e.Kind == contract.KindSend
			if e.Seq < before && (sent && role == query.Sent || took && role == query.Claimed) {
				return e
			}
		}
		return nil
	}
	return func(_ context.Context, role query.Role, from []byte) (*contract.PacketID, []byte, error) {
		seq := ^uint64(0)
		if len(from) == 8 {
			seq = binary.BigEndian.Uint64(from)
		} else if len(from) > 0 {
			return nil, nil, ErrPosition
		}
		e := last(role, seq)
		if e == nil {
			return nil, nil, nil
		}
		if last(role, e.Seq) == nil {
			return e.Packet, nil, nil
		}
		return e.Packet, binary.BigEndian.AppendUint64(nil, e.Seq), nil
	}
}
