package node

import (
	"testing"

	cfg "github.com/cometbft/cometbft/config"
)

func TestWhoIsLetIn(t *testing.T) {
	const a, b = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	for _, row := range []struct {
		desc                     string
		listen, persistent, room string
		shared                   bool

		wantRoom   string
		wantShared bool
	}{
		{"alone", "tcp://127.0.0.1:26656", "", "", false, "", true},
		{"a persistent peer has room", "tcp://127.0.0.1:26656", a + "@127.0.0.1:1", "", false, a, true},
		{"and is named once", "tcp://127.0.0.1:26656", a + "@h:1, " + b + "@h:2", b, false, b + "," + a, true},
		{"everywhere: one connection an address", "tcp://0.0.0.0:26656", a + "@10.0.0.1:1", "", false, a, false},
		{"unless its operator says otherwise", "tcp://0.0.0.0:26656", "", "", true, "", true},
		{"of another machine", "tcp://192.168.0.7:26656", "", "", false, "", false},
		{"another loopback", "tcp://[::1]:26656", "", "", false, "", true},
		{"a name may be anything", "tcp://localhost:26656", "", "", false, "", false},
		{"no port", "127.0.0.1", "", "", false, "", false},
	} {
		c := cfg.DefaultP2PConfig()
		c.ListenAddress, c.PersistentPeers = row.listen, row.persistent
		c.UnconditionalPeerIDs, c.AllowDuplicateIP = row.room, row.shared
		admitPeers(c)
		if c.UnconditionalPeerIDs != row.wantRoom || c.AllowDuplicateIP != row.wantShared {
			t.Errorf("%s: unconditional %q, duplicate addresses %v", row.desc, c.UnconditionalPeerIDs,
				c.AllowDuplicateIP)
		}
	}
}
