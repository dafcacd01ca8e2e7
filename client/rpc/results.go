package rpc

import (
	"context"
	"fmt"

	ctypes "github.com/cometbft/cometbft/rpc/core/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// Results says what became of at most query.MaxResults txs, in the order
// asked. With none it is the cheapest way to learn the committed height.
func (c *Client) Results(ctx context.Context, hashes ...contract.Hash) ([]query.Result, At, error) {
	page, at, err := askFor[query.ResultPage](ctx, c, query.Results,
		contract.Encode(query.ResultsRequest{Hashes: hashes}))
	if page, err = must(c, query.Results, page, err); err != nil {
		return nil, At{}, err
	}
	if len(page.Results) != len(hashes) {
		return nil, At{}, c.badAnswer(query.Results, fmt.Errorf("%d results for %d transactions",
			len(page.Results), len(hashes)))
	}
	return page.Results, at, nil
}

// BlockTxs are the txs of a block, in order.
func (c *Client) BlockTxs(ctx context.Context, height int64) ([][]byte, error) {
	res, err := call(c, func() (*ctypes.ResultBlock, error) { return c.http.Block(ctx, &height) })
	if err != nil {
		return nil, err
	}
	if res.Block == nil || res.Block.Height != height {
		return nil, &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: no block %d", c.url, height)}
	}
	return res.Block.Txs.ToSliceOfBytes(), nil
}
