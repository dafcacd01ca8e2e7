package node

import (
	"time"

	"hongbao/app"
	"hongbao/app/store"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// appVersion is the version of the rules; a genesis made for another is refused.
const appVersion = app.Version

// newApplication opens the ledger over db, which from then on belongs to it.
// now is the clock by which it tells whether a proposal is late; nil is this
// machine's. told hears of each block; nil: no listener.
func newApplication(db dbm.DB, s Settings, vrf ed25519.PrivateKey, now func() time.Time,
	told func(app.Done)) (*app.App, error) {
	return app.New(db, app.Options{VRFKey: vrf, Now: now, Told: told, Store: store.Options{KeepVersions: s.KeepVersions,
		CacheSize: s.CacheSize}})
}
