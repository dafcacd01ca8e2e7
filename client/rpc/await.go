package rpc

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	ctypes "github.com/cometbft/cometbft/rpc/core/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// The pace of polling. On an idle network a block takes some 60 ms, so the
// first polls come every 10 ms; a longer wait is for a second-long
// thing, and every node should not pay for that.
const (
	firstPoll   = 10 * time.Millisecond
	eagerFor    = 400 * time.Millisecond
	slowestPoll = 250 * time.Millisecond
	resendEvery = time.Second
)

// ErrNever is returned for a tx that did not happen and never will, as the node
// says: a committed block is later than its valid_until, its nonce is spent, or
// the packet that it claims from is closed.
var ErrNever = errors.New("the transaction did not happen, and never will")

// Broadcast offers a tx to the node's mempool. An Error of kind Refused or
// Busy: the node says that it does not take it. It has the bytes all the same:
// see [NeverSent]. A tx that the node already holds is no error.
func (c *Client) Broadcast(ctx context.Context, wire []byte) error {
	res, err := call(c, func() (*ctypes.ResultBroadcastTx, error) { return c.http.BroadcastTxSync(ctx, wire) })
	if err != nil {
		if strings.Contains(err.Error(), errInCache) {
			return nil
		}
		return err
	}
	if res.Code != 0 {
		return &Error{Kind: Refused, Code: contract.Code(res.Code), Msg: res.Log}
	}
	return nil
}

// NeverSent reports whether a request failed before any of it left: only a
// connection that was never made is certain. A node that refuses a tx can keep
// it, and send it on later.
func NeverSent(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// Await polls until a tx stands in a block. With wire, the tx's bytes, it
// offers them again every second, in case they were dropped or refused. It fails
// with ErrNever once the node says that the tx cannot happen any more
// (validUntil, when known, else 0), and with ctx's error when that ends first:
// then the outcome is unknown. Either error also holds the node's last refusal,
// if there was one. A node that fails to answer is asked again.
func (c *Client) Await(ctx context.Context, hash contract.Hash, wire []byte,
	validUntil contract.Time) (*query.TxRecord, error) {
	resend := time.Now().Add(resendEvery)
	var record *query.TxRecord
	var refusal error
	err := poll(ctx, func() (bool, error) {
		r, at, err := c.Tx(ctx, hash)
		switch {
		case err == nil && r != nil:
			record = r
			return true, nil
		case err == nil && validUntil != 0 && at.Time >= validUntil:
			return true, ErrNever
		}
		// Any other failure says nothing about the tx: ask again.
		if wire != nil && time.Now().After(resend) {
			resend = time.Now().Add(resendEvery)
			if err := c.Broadcast(ctx, wire); IsKind(err, Refused) || IsKind(err, Busy) {
				refusal = err
				return c.settledOtherwise(ctx, hash, wire, err)
			}
		}
		return false, nil
	})
	if err != nil && refusal != nil {
		err = errors.Join(err, refusal)
	}
	return record, err
}

// Never fails with ErrNever if, as the node says, a tx that it refused cannot
// happen any more.
func (c *Client) Never(ctx context.Context, hash contract.Hash, wire []byte, refusal error) error {
	_, err := c.settledOtherwise(ctx, hash, wire, refusal)
	if err != nil {
		err = errors.Join(err, refusal)
	}
	return err
}

// AwaitPacket polls until a packet is as done wants it, and fails with ctx's
// error when that ends first. A node that fails to answer is asked again.
func (c *Client) AwaitPacket(ctx context.Context, id contract.PacketID,
	done func(*contract.Packet) bool) (*contract.Packet, At, error) {
	var packet *contract.Packet
	var as At
	err := poll(ctx, func() (bool, error) {
		p, at, err := c.Packet(ctx, id)
		if err != nil || p == nil || !done(p) {
			return false, nil
		}
		packet, as = p, at
		return true, nil
	})
	return packet, as, err
}

// poll calls try until it is done or fails, and no longer than ctx lasts.
func poll(ctx context.Context, try func() (done bool, err error)) error {
	start, pause := time.Now(), firstPoll
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		if time.Since(start) > eagerFor {
			pause = min(pause*5/4, slowestPoll)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// settledOtherwise reports whether a refused tx is settled without having
// happened. A refusal is mostly the echo of its having just been executed, or
// passes; what ends it is a nonce that another tx has spent, or a packet to claim
// from that is closed, or an entry that is claimed.
func (c *Client) settledOtherwise(ctx context.Context, hash contract.Hash, wire []byte, refusal error) (bool, error) {
	var refused *Error
	if !errors.As(refusal, &refused) || refused.Kind != Refused {
		return false, nil
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return false, err
	}
	over := false
	if claim, ok := tx.Message.(*contract.Claim); ok {
		p, _, err := c.Packet(ctx, claim.Packet)
		over = err == nil && p != nil && p.Status != contract.Open
		if l := claim.Listing; l != nil && !over {
			taken, _, err := c.Share(ctx, claim.Packet, l.Entry.Index)
			over = err == nil && taken != nil
		}
	}
	if refused.Code == contract.CodeWrongNonce {
		account, _, err := c.Account(ctx, tx.Account)
		over = over || err == nil && account != nil && account.Nonce > tx.Nonce
	}
	// Read in this order: when this very tx did it, its record stands in the same
	// state.
	if !over {
		return false, nil
	}
	if record, _, err := c.Tx(ctx, hash); err != nil || record != nil {
		return false, nil
	}
	return true, ErrNever
}
