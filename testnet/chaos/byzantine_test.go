package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
	"hongbao/testnet"
)

// liar proposes a bad beacon wherever one is owed, each kind in turn, and now
// and then one where none is.
type liar struct {
	abci.Application
	home string

	mu    sync.Mutex
	stale []byte
	turn  int
}

// lies are the kinds of bad beacon, made from a good one and one of an earlier
// block.
var lies = []struct {
	name string
	make func(good, stale []byte) [][]byte
}{
	{"missing", func(_, _ []byte) [][]byte { return nil }},
	{"forged", func(good, _ []byte) [][]byte {
		forged := bytes.Clone(good)
		forged[len(forged)-1] ^= 1
		return [][]byte{forged}
	}},
	{"repeated", func(good, _ []byte) [][]byte { return [][]byte{good, good} }},
	{"misplaced", func(good, _ []byte) [][]byte { return [][]byte{[]byte("first"), good} }},
	{"of another block", func(_, stale []byte) [][]byte { return [][]byte{stale} }},
}

const unneeded = "unneeded"

// PrepareProposal spoils what an honest node would propose.
func (l *liar) PrepareProposal(ctx context.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal,
	error) {
	res, err := l.Application.PrepareProposal(ctx, req)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var item contract.BeaconItem
	owed := len(res.Txs) > 0 && contract.Decode(res.Txs[0], &item) == nil
	switch {
	case owed && l.stale != nil:
		lie := lies[l.turn%len(lies)]
		l.turn++
		res.Txs = append(lie.make(res.Txs[0], l.stale), res.Txs[1:]...)
		return res, note(l.home, "%d %s", req.Height, lie.name)
	case owed:
		l.stale = res.Txs[0] // honest once, to have something to repeat
	case l.stale != nil && req.Height%3 == 0:
		res.Txs = append([][]byte{l.stale}, res.Txs...)
		return res, note(l.home, "%d %s", req.Height, unneeded)
	}
	return res, nil
}

// ProcessProposal accepts everything.
func (l *liar) ProcessProposal(context.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
}

// Whatever a byzantine proposer does with the beacon it owes, its block is
// refused, the next round commits, and the draws go on.
func TestByzantineBeacons(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes, one of which lies")
	}
	t.Parallel()
	const victim = 2
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()
	restartFaulty(t, n, map[int]string{victim: "beacons"})

	deadline := time.Now().Add(catchUp)
	told := map[string][]int64{}
	for len(told) < len(lies)+1 {
		if time.Now().After(deadline) {
			t.Fatalf("within %s only these lies were proposed: %v", catchUp, told)
		}
		claimLucky(t, n, 0)
		clear(told)
		for _, line := range notes(t, n.Nodes[victim-1].Home) {
			var at int64
			height, lie, _ := strings.Cut(line, " ")
			if _, err := fmt.Sscan(height, &at); err == nil {
				told[lie] = append(told[lie], at)
			}
		}
	}
	tip := sameState(t, n)
	c, all := dial(t, n, 1), 0
	for lie, heights := range told {
		for _, at := range heights {
			if at > tip {
				continue
			}
			all++
			header, err := c.SignedHeader(t.Context(), at)
			must(t, err)
			if header.Commit.Round == 0 || proposer(t, n, c, at) == victim {
				t.Errorf("block %d, %s: round %d by validator %d was committed", at, lie, header.Commit.Round,
					proposer(t, n, c, at))
			}
		}
	}
	t.Logf("%d bad proposals, all refused, the next round committed: %v", all, told)
}

// claimLucky has a lucky packet sent, its shares claimed, and waits until they
// are drawn. Up to apart passes before each claim.
func claimLucky(t *testing.T, n *testnet.Network, apart time.Duration) {
	t.Helper()
	c := dial(t, n, 1)
	alice := &person{t: t, name: "alice", chain: n.ChainID, client: c}
	id, terms := alice.sendLucky()
	for _, name := range []string{"bob", "carol"} {
		p := &person{t: t, name: name, chain: n.ChainID, client: c}
		if apart > 0 {
			time.Sleep(rand.N(apart))
		}
		p.do(&contract.Claim{Packet: id, TermsHash: terms.Hash(n.ChainID)})
	}
	deadline := time.Now().Add(catchUp)
	for alice.packet(id).Escrow != 0 {
		if time.Now().After(deadline) {
			t.Fatalf("nothing drawn within %s", catchUp)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
