package node

import (
	"context"
	"errors"

	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/proxy"
)

// errCheckTxRoute answers CometBFT's public route /check_tx.
var errCheckTxRoute = errors.New("check_tx: not served, because it would change the mempool's books; " +
	"ask abci_query for /simulate instead, or broadcast the transaction")

// clients connects CometBFT to the application in its own process.
type clients struct{ proxy.ClientCreator }

func newClients(application abci.Application) clients {
	return clients{proxy.NewConnSyncLocalClientCreator(application)}
}

// NewABCIClient makes one connection.
func (c clients) NewABCIClient() (abcicli.Client, error) {
	client, err := c.ClientCreator.NewABCIClient()
	return mempoolOnly{client}, err
}

// mempoolOnly lets the mempool alone have a tx judged. The judgement is booked:
// the account's next nonce, its bucket, a first claim's room. A mempool then
// holds the tx; the route /check_tx drops it, so that a stranger could use up
// the nonces of every tx that waits in sight, and the room of all newcomers.
// The mempool calls CheckTxAsync, or CheckTx with a context that says so; the
// route is the only caller of CheckTx without one.
type mempoolOnly struct{ abcicli.Client }

func (c mempoolOnly) CheckTx(ctx context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if !abcicli.IsLockFreeContext(ctx) {
		return nil, errCheckTxRoute
	}
	return c.Client.CheckTx(ctx, req)
}
