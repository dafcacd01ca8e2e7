package rpc

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

const (
	// callTimeout bounds one request: generous for a node across the world.
	callTimeout = 10 * time.Second
	dialTimeout = 3 * time.Second
	// maxAnswer bounds what a node can make its asker hold; the largest honest
	// answer is a genesis document with many accounts.
	maxAnswer = 32 << 20
)

// Client talks to one node. It may be used from several goroutines.
type Client struct {
	url       string
	transport *http.Transport
	http      *rpchttp.HTTP
}

// Dial prepares to talk to a node at url, such as http://127.0.0.1:26657 or
// 127.0.0.1:26657. It sends nothing yet.
func Dial(node string) (*Client, error) {
	if !strings.Contains(node, "://") {
		node = "http://" + node
	}
	u, err := url.Parse(strings.Replace(node, "tcp://", "http://", 1))
	if err != nil {
		return nil, err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("write it like http://127.0.0.1:26657")
	}
	// CometBFT's own transport opens a connection per request, too many for
	// a client that polls.
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: dialTimeout,
	}
	h, err := rpchttp.NewWithClient(u.String(), "/websocket", &http.Client{Timeout: callTimeout,
		Transport: limited{transport}})
	if err != nil {
		return nil, err
	}
	return &Client{url: u.String(), transport: transport, http: h}, nil
}

// limited cuts an answer off at maxAnswer.
type limited struct{ next http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// Close lets go of idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// URL is the node's address.
func (c *Client) URL() string { return c.url }

// Status is who the node is and how far.
type Status struct {
	Chain      string
	Height     int64
	Time       contract.Time // of that block
	CatchingUp bool
}

// Status asks the node for its own state.
func (c *Client) Status(ctx context.Context) (Status, error) {
	s, err := call(c, func() (*ctypes.ResultStatus, error) { return c.http.Status(ctx) })
	if err != nil {
		return Status{}, err
	}
	if s.NodeInfo.Network == "" {
		return Status{}, &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: names no chain", c.url)}
	}
	return Status{
		Chain:      s.NodeInfo.Network,
		Height:     s.SyncInfo.LatestBlockHeight,
		Time:       contract.TimeOf(s.SyncInfo.LatestBlockTime),
		CatchingUp: s.SyncInfo.CatchingUp,
	}, nil
}

// SignedHeader is the header of a height and the commit that signs it.
func (c *Client) SignedHeader(ctx context.Context, height int64) (*types.SignedHeader, error) {
	res, err := call(c, func() (*ctypes.ResultCommit, error) { return c.http.Commit(ctx, &height) })
	if err != nil {
		return nil, err
	}
	if res.Header == nil || res.Commit == nil || res.Header.Height != height {
		return nil, &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: no header %d", c.url, height)}
	}
	return &res.SignedHeader, nil
}

// Genesis is the chain's genesis document as the node tells it.
func (c *Client) Genesis(ctx context.Context) (*types.GenesisDoc, error) {
	res, err := call(c, func() (*ctypes.ResultGenesis, error) { return c.http.Genesis(ctx) })
	if err != nil {
		return nil, err
	}
	if res.Genesis == nil {
		return nil, &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: no genesis", c.url)}
	}
	return res.Genesis, nil
}

// GenesisFile is the genesis document as the bytes that validators hold and
// trust files name: the one way this project writes it.
func (c *Client) GenesisFile(ctx context.Context) ([]byte, error) {
	doc, err := c.Genesis(ctx)
	if err != nil {
		return nil, err
	}
	b, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}
