package node

import (
	"hongbao/app"
	"hongbao/app/store"

	dbm "github.com/cometbft/cometbft-db"
)

// appVersion is the version of the rules; a genesis made for another is refused.
const appVersion = app.Version

// newApplication opens the ledger over db, which from then on belongs to it.
func newApplication(db dbm.DB, s Settings) (*app.App, error) {
	return app.New(db, app.Options{Store: store.Options{KeepVersions: s.KeepVersions, CacheSize: s.CacheSize}})
}
