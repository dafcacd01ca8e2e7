package node

import (
	"net"
	"slices"
	"strings"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"
)

// admitPeers completes what a home's settings say of its peers, so that
// strangers cannot take their places.
//
// Beyond max_num_inbound_peers CometBFT lets only unconditional peers in; that
// a peer is persistent is not enough. So each persistent peer is one, and a
// validator that was restarted finds room at the others however many guests
// they have. On the loopback interface all peers have one address; elsewhere an
// address has one connection, unless allow_duplicate_ip says otherwise, since
// a stranger who may have any number from one machine has all places for nothing.
func admitPeers(c *cfg.P2PConfig) {
	ids := split(c.UnconditionalPeerIDs)
	for _, peer := range split(c.PersistentPeers) {
		id, _, _ := strings.Cut(peer, "@")
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	c.UnconditionalPeerIDs = strings.Join(ids, ",")
	c.AllowDuplicateIP = c.AllowDuplicateIP || onLoopback(c.ListenAddress)
}

// peerIDs are those of the peers that the settings name.
func peerIDs(c *cfg.P2PConfig) (ids []p2p.ID) {
	for _, peer := range split(c.PersistentPeers) {
		id, _, _ := strings.Cut(peer, "@")
		ids = append(ids, p2p.ID(id))
	}
	return ids
}

// onLoopback reports whether an address, such as tcp://127.0.0.1:26656, can be
// reached from this machine alone. A name can be anything.
func onLoopback(address string) bool {
	_, hostPort, found := strings.Cut(address, "://")
	if !found {
		hostPort = address
	}
	host, _, err := net.SplitHostPort(hostPort)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// split reads a list as CometBFT does: commas between, blanks around.
func split(list string) (items []string) {
	for _, item := range strings.Split(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
