package client

import (
	"context"
	"fmt"
	"iter"
	"sort"
	"time"

	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// watchPause is the time between two looks: an idle chain makes a block each
// second.
const watchPause = 250 * time.Millisecond

// Watched is what is followed: a packet, or an account.
type Watched struct {
	Packet  contract.PacketID // zero: the account
	Account contract.Address
}

// Cursor is a place in a history: after its first Index entries, of which the last
// stands in block Height or an earlier one.
type Cursor struct {
	Height int64
	Index  uint64
}

// String is the cursor as text: 12.3.
func (c Cursor) String() string { return fmt.Sprintf("%d.%d", c.Height, c.Index) }

// Look is what one look at the leaf shows.
type Look struct {
	Begin   Cursor           // where Entries begin
	Entries []contract.Entry // that are new, in order
	Packet  *contract.Packet // as it stands; nil of an account
	At      At
}

// Watch follows a packet or an account until its context ends. Each step is a
// look, several times a second; it has the entries that are new since the look
// before. The first has those of block from and later ones; where from is 0, it
// has none. All comes from the ledger's state, so nothing is left out, not even
// if the node restarts meanwhile. It ends with an error when the node is gone for
// longer than Options.Wait, or refuses to answer. The node is believed.
func (c *Client) Watch(ctx context.Context, w Watched, from int64) iter.Seq2[*Look, error] {
	return c.watch(ctx, w, 0, func(count uint64) (uint64, error) {
		if from == 0 {
			return count, nil
		}
		return c.firstSince(ctx, w.key(), count, from)
	})
}

// WatchAfter is [Client.Watch] of what comes after a cursor; nil: of what is new. The
// cursor behind an entry is its Height and Seq+1: who stops there and goes on with it,
// with this node or another, misses nothing and sees nothing twice. A node that has
// not come to the cursor's height is waited for as one that does not answer.
func (c *Client) WatchAfter(ctx context.Context, w Watched, after *Cursor) iter.Seq2[*Look, error] {
	least := int64(0)
	if after != nil {
		least = after.Height
	}
	return c.watch(ctx, w, least, func(count uint64) (uint64, error) {
		switch {
		case after == nil:
			return count, nil
		case after.Index > count:
			return 0, c.node.BadAnswerf("%d entries, where there were %d", count, after.Index)
		}
		return after.Index, nil
	})
}

// watch looks at states from height least on. first is the seq of the entry to begin
// with, where the first of them has count.
func (c *Client) watch(
	ctx context.Context, w Watched, least int64, first func(count uint64) (uint64, error),
) iter.Seq2[*Look, error] {
	return func(yield func(*Look, error) bool) {
		seq, begun := uint64(0), false
		for answered := time.Now(); ctx.Err() == nil; {
			look, count, err := c.look(ctx, w)
			if err == nil && look.At.Height < least {
				err = &rpc.Error{Kind: rpc.Unreachable, Msg: fmt.Sprintf(
					"node %s: is at block %d, and was at %d before", c.node.URL(), look.At.Height, least)}
			}
			if err == nil && !begun {
				seq, err = first(count)
			}
			if err == nil {
				begun = true
				look.Begin = Cursor{look.At.Height, seq}
				look.Entries, err = c.entries(ctx, w.key(), seq, count)
			}
			switch {
			case ctx.Err() != nil:
				return
			case rpc.IsKind(err, rpc.Unreachable) && time.Since(answered) < c.wait() && (begun || least > 0):
				// It may be restarting: what it will say is what it would have said.
			case err != nil:
				yield(nil, err)
				return
			default:
				answered, least = time.Now(), look.At.Height
				if n := len(look.Entries); n > 0 {
					seq = look.Entries[n-1].Seq + 1
				}
				if !yield(look, nil) {
					return
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(watchPause):
			}
		}
	}
}

func (w Watched) key() []byte {
	if w.Packet != (contract.PacketID{}) {
		return contract.PacketKey(w.Packet)
	}
	return contract.AccountKey(w.Account)
}

// look reads the leaf, and how many entries its history has.
func (c *Client) look(ctx context.Context, w Watched) (l *Look, count uint64, err error) {
	l = new(Look)
	if w.Packet == (contract.PacketID{}) {
		var a *contract.Account
		if a, l.At, err = c.node.Account(ctx, w.Account); a != nil {
			count = a.History.Count
		}
		return l, count, err
	}
	l.Packet, l.At, err = c.node.Packet(ctx, w.Packet)
	if err == nil && l.Packet == nil {
		err = evidence.UnknownPacket(w.Packet)
	}
	if err != nil {
		return nil, 0, err
	}
	return l, l.Packet.History.Count, nil
}

// firstSince is the seq of the first entry, of count, that stands in block
// height or a later one; count when none does.
func (c *Client) firstSince(ctx context.Context, key []byte, count uint64, height int64) (uint64, error) {
	var failed error
	n := sort.Search(int(count), func(i int) bool {
		if failed != nil {
			return true
		}
		entries, err := c.entries(ctx, key, uint64(i), uint64(i)+1)
		if failed = err; err != nil {
			return true
		}
		return entries[0].Height >= height
	})
	return uint64(n), failed
}
