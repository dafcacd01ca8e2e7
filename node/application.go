package node

import (
	"hongbao/app"
	"hongbao/app/store"

	dbm "github.com/cometbft/cometbft-db"
)

// appVersion is the version of the rules; a genesis made for another is refused.
const appVersion = app.Version

// newApplication opens the ledger over db, which from then on belongs to it, with
// options beside what the settings say.
func newApplication(db dbm.DB, s Settings, o app.Options) (*app.App, error) {
	o.Store = store.Options{KeepVersions: s.KeepVersions, CacheSize: s.CacheSize}
	return app.New(db, o)
}
