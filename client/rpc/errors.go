package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"

	"hongbao/contract"
)

// Kind is what sort of failure an [Error] is.
type Kind int

const (
	// Unreachable: no answer came. What was asked may have been done.
	Unreachable Kind = iota + 1
	// Refused: the node says no to what was broadcast; Code says why. It has the
	// bytes, so that this alone settles nothing.
	Refused
	// Busy: the node says that it cannot take more just now. It has the bytes.
	Busy
	// BadAnswer: the node answers what no node of this kind would.
	BadAnswer
)

// Error is a failure to get something from a node.
type Error struct {
	Kind Kind
	Code contract.Code // when Refused
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// IsKind reports whether err is an Error of that kind.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// BadAnswerf is the error of a node that answers what no node of this kind
// would.
func (c *Client) BadAnswerf(format string, args ...any) error {
	return &Error{Kind: BadAnswer, Msg: "node " + c.url + ": " + fmt.Sprintf(format, args...)}
}

// errInCache is how CometBFT says that it holds or has just executed a tx.
const errInCache = "tx already exists in cache"

// call makes one request. CometBFT's client stumbles over some answers that no
// node gives; a client should not.
func call[T any](c *Client, request func() (T, error)) (answer T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: an answer of no known form: %v", c.url, p)}
		}
	}()
	answer, err = request()
	return answer, c.wrap(err)
}

// wrap sorts an error of the HTTP client.
func (c *Client) wrap(err error) error {
	var answered *rpctypes.RPCError
	var transport *url.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &answered):
		text := strings.TrimSpace(answered.Message + ": " + answered.Data)
		if strings.Contains(text, "mempool is full") || strings.Contains(text, "max_txs_bytes") {
			return &Error{Kind: Busy, Msg: "node " + c.url + ": its mempool is full", Err: err}
		}
		return &Error{Kind: BadAnswer, Msg: "node " + c.url + ": " + text, Err: err}
	case errors.As(err, &transport) || errors.Is(err, context.DeadlineExceeded):
		why := "no answer"
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			why = "cannot connect"
		} else if errors.Is(err, context.DeadlineExceeded) {
			why = "no answer in time"
		}
		return &Error{Kind: Unreachable, Msg: "node " + c.url + ": " + why, Err: err}
	}
	return &Error{Kind: BadAnswer, Msg: "node " + c.url + ": " + err.Error(), Err: err}
}
