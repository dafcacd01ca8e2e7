package node

import (
	"hongbao/app"
	"hongbao/app/store"

	dbm "github.com/cometbft/cometbft-db"
)

// appVersion is the version of the rules; a genesis made for another is refused.
// The versions of the rules that this program knows: those that a chain may begin
// with, and the newest to which its validators may go on. A test puts the newest up.
const appVersion = app.Version

var newestRules = app.Version

// KnowRules makes this process know the rules of a later version, which are those of
// this one. It is for tests of an upgrade.
func KnowRules(version uint64) { newestRules = version }

// newApplication opens the ledger over db, which from then on belongs to it, with
// options beside what the settings say.
func newApplication(db dbm.DB, s Settings, o app.Options) (*app.App, error) {
	o.Store = store.Options{KeepVersions: s.KeepVersions, CacheSize: s.CacheSize}
	return app.New(db, o)
}
