package client

import (
	"context"
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

// Look is what one look at the leaf shows.
type Look struct {
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
	return func(yield func(*Look, error) bool) {
		look, count, err := c.look(ctx, w)
		if err != nil {
			yield(nil, err)
			return
		}
		seq := count
		if from > 0 {
			if seq, err = c.firstSince(ctx, w.key(), count, from); err != nil {
				yield(nil, err)
				return
			}
		}
		for answered := time.Now(); ctx.Err() == nil; look, count, err = c.look(ctx, w) {
			if err == nil {
				look.Entries, err = c.entries(ctx, w.key(), seq, count)
			}
			switch {
			case ctx.Err() != nil:
				return
			case rpc.IsKind(err, rpc.Unreachable) && time.Since(answered) < c.wait():
				// It may be restarting: what it will say is what it would have said.
			case err != nil:
				yield(nil, err)
				return
			default:
				answered = time.Now()
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
