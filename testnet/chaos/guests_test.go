package chaos_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/protoio"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	tmp2p "github.com/cometbft/cometbft/proto/tendermint/p2p"
	"github.com/cometbft/cometbft/version"

	"hongbao/testnet"
)

// maxInbound is max_num_inbound_peers, and guestsPerNode more than it.
const maxInbound, guestsPerNode = 40, 60

// Guests without stake fill the places for inbound peers of every node, and
// stand in line for more. A validator that is started again, and then another,
// finds the others all the same, and the chain goes on.
func TestGuestsTakeNoValidatorsPlace(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes and hundreds of guests")
	}
	t.Parallel()
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()

	ctx, leave := context.WithCancel(t.Context())
	var guests sync.WaitGroup
	defer guests.Wait()
	defer leave()
	held := make([]atomic.Int64, len(n.Nodes))
	for i, m := range n.Nodes {
		for range guestsPerNode {
			guests.Go(func() { beGuest(ctx, n.ChainID, fmt.Sprintf("127.0.0.1:%d", m.P2P), &held[i]) })
		}
	}
	deadline := time.Now().Add(catchUp)
	for i := range held {
		for held[i].Load() < maxInbound-int64(len(n.Nodes)) { // validators may sit there, too
			if time.Now().After(deadline) {
				t.Fatalf("node %d has %d guests: the test shows nothing", i+1, held[i].Load())
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	for _, number := range []int{4, 3} {
		must(t, n.KillNode(number))
		must(t, n.StartNode(t.Context(), number))
	}
	tip := sameState(t, n)
	from := time.Now()
	for _, m := range n.Nodes {
		for height(t, n, m.Number) < tip+5 {
			if time.Since(from) > catchUp {
				t.Fatalf("node %d is at block %d of %d after %s", m.Number, height(t, n, m.Number), tip+5, catchUp)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	for i := range held {
		t.Logf("node %d has %d guests and goes on", i+1, held[i].Load())
	}
}

// beGuest is a peer with a key made up for it that takes a place and does
// nothing with it; turned away, it comes again.
func beGuest(ctx context.Context, chain, node string, held *atomic.Int64) {
	for ctx.Err() == nil {
		visit(ctx, chain, node, held)
		pause(ctx, 200*time.Millisecond)
	}
}

func visit(ctx context.Context, chain, node string, held *atomic.Int64) {
	raw, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", node)
	if err != nil {
		return
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	raw.SetDeadline(time.Now().Add(10 * time.Second))
	key := ed25519.GenPrivKey()
	c, err := conn.MakeSecretConnection(raw, key)
	if err != nil {
		return
	}
	me := p2p.DefaultNodeInfo{
		ProtocolVersion: p2p.NewProtocolVersion(version.P2PProtocol, version.BlockProtocol, 0),
		DefaultNodeID:   p2p.PubKeyToID(key.PubKey()), ListenAddr: "127.0.0.1:1", Network: chain,
		Version: "guest", Channels: []byte{0x20, 0x30}, Moniker: "guest",
		Other: p2p.DefaultNodeInfoOther{TxIndex: "off", RPCAddress: ""},
	}
	if _, err := protoio.NewDelimitedWriter(c).WriteMsg(me.ToProto()); err != nil {
		return
	}
	if _, err := protoio.NewDelimitedReader(c, p2p.MaxNodeInfoSize()).ReadMsg(&tmp2p.DefaultNodeInfo{}); err != nil {
		return
	}
	raw.SetDeadline(time.Time{})
	// The handshake is over before the node decides; a guest that is turned
	// away hears nothing but the end.
	counted := time.AfterFunc(500*time.Millisecond, func() { held.Add(1) })
	io.Copy(io.Discard, c)
	if !counted.Stop() {
		held.Add(-1)
	}
}
