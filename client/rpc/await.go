package rpc

import (
	"context"
	"errors"
	"strings"
	"time"

	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// The pace of polling. On an idle network a block takes some 60 ms, so the
// first polls come every 10 ms; whoever waits longer waits for a second-long
// thing, and every node should not pay for that.
const (
	firstPoll   = 10 * time.Millisecond
	eagerFor    = 400 * time.Millisecond
	slowestPoll = 250 * time.Millisecond
	resendEvery = time.Second
)

// ErrNever is returned for a tx that did not happen and never will: a
// committed block is later than its valid_until, or its nonce is spent.
var ErrNever = errors.New("the transaction did not happen, and never will")

// Broadcast offers a tx to the node's mempool. An Error of kind Refused or
// Busy: the tx was not taken. A tx that the node already holds is no error.
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

// Sent reports whether a tx may have reached the node although Broadcast
// failed with err: only a node's own refusal, and a connection never made,
// are certain.
func Sent(err error) bool {
	var answered *rpctypes.RPCError
	switch {
	case err == nil:
		return true
	case IsKind(err, Refused), IsKind(err, Busy), errors.As(err, &answered):
		return false
	}
	return !neverSent(err)
}

// Await polls until a tx stands in a block. With wire, the tx's bytes, it
// offers them again every second, in case they were dropped. It fails with
// ErrNever once the tx provably will not happen any more (validUntil, when
// known, else 0), and with ctx's error when that ends first: then the outcome
// is unknown. A node that fails to answer is asked again.
func (c *Client) Await(ctx context.Context, hash contract.Hash, wire []byte, validUntil contract.Time) (*query.TxRecord, error) {
	resend := time.Now().Add(resendEvery)
	var record *query.TxRecord
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
			return c.reoffer(ctx, hash, wire)
		}
		return false, nil
	})
	return record, err
}

// AwaitPacket polls until a packet is as done wants it, and fails with ctx's
// error when that ends first. A node that fails to answer is asked again.
func (c *Client) AwaitPacket(ctx context.Context, id contract.PacketID, done func(*contract.Packet) bool) (*contract.Packet, At, error) {
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

// reoffer sends the bytes again. A refusal is mostly the echo of their having
// just been executed, or passes; only a spent nonce ends it.
func (c *Client) reoffer(ctx context.Context, hash contract.Hash, wire []byte) (bool, error) {
	err := c.Broadcast(ctx, wire)
	var refused *Error
	if !errors.As(err, &refused) || refused.Kind != Refused || refused.Code != contract.CodeWrongNonce {
		return false, nil
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return false, err
	}
	// Read in this order: when the nonce was spent by this very tx, its record
	// stands in the same state.
	account, _, err := c.Account(ctx, tx.Account)
	if err != nil || account == nil || account.Nonce <= tx.Nonce {
		return false, nil
	}
	if record, _, err := c.Tx(ctx, hash); err != nil || record != nil {
		return false, nil
	}
	return true, ErrNever
}
