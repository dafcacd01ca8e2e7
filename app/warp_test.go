package app

import (
	"bytes"
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/contract"
)

// asOf is the time that every answer of the node carries.
func (c *chain) asOf() (at contract.Time) {
	c.T.Helper()
	c.OK(at.UnmarshalText([]byte(c.Ask(query.Summary, nil, nil).Info)))
	return at
}

// After a warp everything that asks for the time gets the new one: answers,
// the mempool, proposals, judgement, due work, records. Block time goes on as
// the validators date it, and a restart changes nothing.
func TestWarpIsTheTimeEverywhere(t *testing.T) {
	const day = 24 * time.Hour
	c := newChain(t, "alice", "bob")
	tm := terms(2, 500) // expires in a day
	id := c.Send("alice", tm)
	c.Wait(time.Second)
	stale := c.Claim("dave", id, tm)
	warp := c.Tx("bob", &contract.Warp{By: contract.Seconds(day / time.Second)})
	if codes := c.Block(warp); codes[0] != contract.CodeOK {
		t.Fatal(codes[0])
	}
	block := c.Now // of the warp, which was still at the old time
	var r query.TxRecord
	hash := contract.TxHash(warp)
	c.Ask(query.Tx, hash[:], &r)
	if r.Time != contract.TimeOf(block) {
		t.Errorf("the warp is on record at %s, its block at %s", r.Time, block)
	}
	warped := contract.TimeOf(block.Add(day))
	look := func(when string) {
		t.Helper()
		if got := c.asOf(); got != warped {
			t.Errorf("%s: as of %s, want %s", when, got, warped)
		}
		if code := c.CheckTx(stale); code != contract.CodeTxExpired {
			t.Errorf("%s: the mempool takes what was signed before: %s", when, code)
		}
		if c.Accepts(stale) || len(c.Propose(stale)) != 0 {
			t.Errorf("%s: a block may hold what was signed before", when)
		}
		var sim query.Simulation
		c.Ask(query.Simulate, c.claimOnce("erin", id, tm), &sim)
		if sim.Code != contract.CodeExpired {
			t.Errorf("%s: a claim is simulated as %s", when, sim.Code)
		}
	}
	look("after the block")
	c.Restart(0)
	look("after a restart")

	c.Wait(time.Second)
	pay := c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 1})
	if codes := c.Block(pay); codes[0] != contract.CodeOK {
		t.Fatal(codes[0])
	}
	want := warped.Plus(1)
	if p := c.Packet(id); p.Status != contract.Expired || p.Closed != want {
		t.Errorf("the packet is %s at %s, want expired at %s", p.Status, p.Closed, want)
	}
	hash = contract.TxHash(pay)
	c.Ask(query.Tx, hash[:], &r)
	if r.Time != want || c.asOf() != want {
		t.Errorf("the payment is on record at %s, answers are as of %s, want %s", r.Time, c.asOf(), want)
	}

	// A node that replays the blocks comes to the same.
	late := newChain(t, "alice", "bob")
	for _, req := range c.Blocks {
		late.Now = req.Time
		late.Finalize(req.Txs...)
	}
	if !bytes.Equal(late.app.store.Hash(), c.app.store.Hash()) || late.asOf() != c.asOf() {
		t.Error("a node that replays the blocks holds another state")
	}
	var page query.EntryPage
	c.Ask(query.Entries, contract.Encode(query.EntriesRequest{Leaf: contract.ClockKey, Limit: 10}), &page)
	if len(page.Entries) != 1 {
		t.Errorf("the clock has %d entries, want the warp alone", len(page.Entries))
	}
}

// claimOnce is a claim that is not going to be sent.
func (c *chain) claimOnce(name string, id contract.PacketID, t contract.Terms) []byte {
	wire := c.Claim(name, id, t)
	c.Nonces[name]--
	return wire
}

// A chain whose genesis does not say that it is for development never warps:
// it has no clock but its validators', and the attempt leaves nothing but a
// spent nonce.
func TestOnlyDevChainsWarp(t *testing.T) {
	g := testGenesis(contract.DefaultParams(), "alice")
	g.Dev = false
	c := newChainWith(t, Options{}, g)
	c.Block()
	c.Wait(time.Second)
	if codes := c.Block(c.Tx("alice", &contract.Warp{By: 1})); codes[0] != contract.CodeNotDevChain {
		t.Errorf("a warp: %s", codes[0])
	}
	if got := c.asOf(); got != contract.TimeOf(c.Now) {
		t.Errorf("as of %s, the block is of %s", got, c.Now)
	}
	if a := c.Account("alice"); a.Nonce != 1 || a.History.Count != 1 {
		t.Errorf("alice: %+v", a)
	}
	if res := c.Ask(query.Leaf, contract.ClockKey, nil); len(res.Value) > 0 {
		t.Errorf("there is a clock: %x", res.Value)
	}
}
