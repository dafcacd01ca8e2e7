package node

import (
	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/abci/example/kvstore"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/log"
)

const appVersion = kvstore.AppVersion

func newApplication(db dbm.DB, s Settings, logger log.Logger) (abci.Application, func() error, error) {
	return kvstore.NewApplication(db), func() error { return nil }, nil
}
