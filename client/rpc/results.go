package rpc

import (
	"context"
	"fmt"

	"hongbao/app/query"
	"hongbao/contract"
)

// Results says what became of at most query.MaxResults txs, in the order
// asked. With none it is the cheapest way to learn the committed height.
func (c *Client) Results(ctx context.Context, hashes ...contract.Hash) ([]query.Result, At, error) {
	page, at, err := askFor[query.ResultPage](ctx, c, query.Results, contract.Encode(query.ResultsRequest{Hashes: hashes}))
	if page, err = must(c, query.Results, page, err); err != nil {
		return nil, At{}, err
	}
	if len(page.Results) != len(hashes) {
		return nil, At{}, c.badAnswer(query.Results, fmt.Errorf("%d results for %d transactions", len(page.Results), len(hashes)))
	}
	return page.Results, at, nil
}
