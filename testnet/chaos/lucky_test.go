package chaos_test

import (
	"fmt"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

// A network that owes draws goes on when the very proposer that would have made
// them is killed: the next one draws, everybody agrees, and the dead one comes
// back to the same amounts.
func TestProposerOfADrawKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes and kills some")
	}
	t.Parallel()
	rounds := 1
	if *campaign {
		rounds = 10
	}
	// A second between blocks, so that there is a moment between the block that
	// reserves and the one that draws in which to kill.
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts(),
		Configure: func(_ int, c *cfg.Config, _ *node.Settings) {
			c.Consensus.TimeoutCommit, c.Consensus.SkipTimeoutCommit = time.Second, false
		}})
	must(t, err)
	defer func() { must(t, end()) }()

	hit := 0
	for try := 1; hit < rounds; try++ {
		if try > 3*rounds+3 {
			t.Fatalf("%d of %d kills came in time, in %d tries", hit, rounds, try-1)
		}
		if killDrawer(t, n) {
			hit++
			t.Logf("%d of %d recovered", hit, rounds)
		}
	}
}

// killDrawer has a lucky share claimed and kills the proposer of the next
// block. It reports whether the kill came before that block was proposed.
func killDrawer(t *testing.T, n *testnet.Network) bool {
	t.Helper()
	alice := &person{t: t, name: "alice", chain: n.ChainID, client: dial(t, n, 1)}
	id, terms := alice.sendLucky()
	steady(t, n)

	bob := &person{t: t, name: "bob", chain: n.ChainID, client: dial(t, n, 1)}
	h := bob.do(&contract.Claim{Packet: id, TermsHash: terms.Hash(n.ChainID)}).Height
	victim := proposer(t, n, alice.client, h+1-int64(len(n.Nodes)))
	must(t, n.KillNode(victim))
	other := dial(t, n, victim%len(n.Nodes)+1)
	deadline := time.Now().Add(catchUp)
	share := func(c *rpc.Client) contract.Share {
		p, _, err := c.Packet(t.Context(), id)
		must(t, err)
		return p.Shares[0]
	}
	for share(other).State != contract.Settled {
		if time.Now().After(deadline) {
			t.Fatalf("validator %d, which owed a draw after block %d, is dead: nothing was drawn within %s",
				victim, h, catchUp)
		}
		time.Sleep(50 * time.Millisecond)
	}
	drawn, err := other.SignedHeader(t.Context(), h+1)
	must(t, err)
	must(t, n.StartNode(t.Context(), victim))
	sameState(t, n)
	if mine, theirs := share(dial(t, n, victim)), share(other); mine.Amount != theirs.Amount ||
		mine.State != theirs.State {
		t.Errorf("validator %d has %+v, another %+v", victim, mine, theirs)
	}
	return drawn.Commit.Round > 0
}

// steady waits until the validators propose in turn again.
func steady(t *testing.T, n *testnet.Network) {
	t.Helper()
	c, turn := dial(t, n, 1), int64(len(n.Nodes))
	deadline := time.Now().Add(catchUp)
	for from := height(t, n, 1) + 1; ; {
		if time.Now().After(deadline) {
			t.Fatalf("the validators do not propose in turn within %s", catchUp)
		}
		if height(t, n, 1) < from+2*turn {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		inTurn := true
		for at := from; at < from+turn; at++ {
			inTurn = inTurn && proposer(t, n, c, at) == proposer(t, n, c, at+turn)
		}
		if inTurn {
			return
		}
		from += turn
	}
}

// proposer is the number of the node that proposed a block.
func proposer(t *testing.T, n *testnet.Network, c *rpc.Client, height int64) int {
	t.Helper()
	header, err := c.SignedHeader(t.Context(), height)
	must(t, err)
	doc, err := c.Genesis(t.Context())
	must(t, err)
	for _, v := range doc.Validators {
		if v.Address.String() != header.ProposerAddress.String() {
			continue
		}
		for _, m := range n.Nodes {
			if m.Name == v.Name {
				return m.Number
			}
		}
	}
	t.Fatal(fmt.Errorf("block %d: its proposer is none of the network's", height))
	return 0
}

// sendLucky funds a public packet of two lucky shares.
func (p *person) sendLucky() (contract.PacketID, contract.Terms) {
	p.t.Helper()
	terms := contract.Terms{Total: 1_000, Shares: 2, Split: contract.Lucky,
		Claim:   contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{}, Expiry: 3600}
	r := p.do(&contract.Send{Terms: terms})
	tx, err := contract.DecodeTx(r.Wire)
	must(p.t, err)
	return contract.NewPacketID(p.chain, tx.Account, tx.Nonce), terms
}
