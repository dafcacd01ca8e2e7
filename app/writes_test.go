package app

import (
	"fmt"
	"testing"
	"time"

	"hongbao/contract"
)

// A tree write costs about as much as checking a signature, so what each kind
// of block writes is part of the design.
func TestTreeWrites(t *testing.T) {
	c := newChain(t, "alice", "bob", "carol")
	writes := func(desc string, want int64, txs ...[]byte) {
		t.Helper()
		before := c.app.store.Writes()
		for i, code := range c.block(txs...) {
			if code != contract.CodeOK {
				t.Fatalf("%s: tx %d: %s", desc, i, code)
			}
		}
		if got := c.app.store.Writes() - before; got != want {
			t.Errorf("%s: %d leaves written, want %d", desc, got, want)
		}
		c.wait(time.Second)
	}
	pay := func(from, to string) []byte { return c.tx(from, &contract.Pay{To: addr(to), Amount: 500}) }
	send := func(t contract.Terms) (contract.PacketID, []byte) {
		return contract.NewPacketID(testChain, addr("alice"), c.nonces["alice"]), c.tx("alice", &contract.Send{Terms: t})
	}
	writes("block 1: genesis", 3+1+1+2) // accounts, supply, parameters, sentinels

	writes("an empty block", 0)
	writes("a payment: payer and payee", 2, pay("alice", "bob"))
	writes("a payment that makes an account", 2, pay("alice", "new"))
	writes("payments to and fro: the same two leaves", 2, pay("alice", "bob"), pay("bob", "alice"), pay("alice", "bob"))

	two := terms(2, 500)
	id, wire := send(two)
	writes("a send: sender, packet, supply", 3, wire)
	writes("a claim: claimer, packet, and the supply once a block", 2+1, c.claim("bob", id, two))
	writes("the claim that fills it: the sender's counter too", 2+1+1, c.claim("carol", id, two))
	writes("a return: claimer, sender, packet", 3, c.tx("bob", &contract.Return{Packet: id, Share: 1}))

	id, wire = send(two)
	writes("another send", 3, wire)
	writes("a recall: sender, packet, supply", 3, c.tx("alice", &contract.Recall{Packet: id, Clause: 1}))

	short := terms(1, 500, func(t *contract.Terms) { t.Expiry, t.Clauses = 10, nil })
	_, wire = send(short)
	writes("a packet that nobody claims", 3, wire)
	c.wait(time.Minute)
	writes("its refund at expiry: sender, packet, supply", 3)

	held := terms(2, 500, func(t *contract.Terms) {
		t.Hold = 60
		t.Clauses = []contract.Clause{{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}}}}
	})
	id, wire = send(held)
	writes("a packet that holds its shares", 3, wire)
	writes("claims into hold: as without", 2+1, c.claim("bob", id, held))
	writes("the one that fills it", 2+1+1, c.claim("carol", id, held))
	writes("a recall of a held share: claimer, sender, packet, supply", 4, c.tx("alice", &contract.Recall{Packet: id, Clause: 1, Share: 1}))
	c.wait(time.Minute)
	writes("a settlement: claimer, packet, supply", 3)
	writes("a question: the asker's nonce, packet", 2, c.tx("alice", &contract.Ask{Packet: id, Share: 2}))
	writes("its refusal: the claimer's nonce, packet", 2, c.tx("carol", &contract.Answer{Packet: id, Share: 2}))

	hundred := terms(100, 10)
	id, wire = send(hundred)
	writes("a packet for a hundred", 3, wire)
	var rush [][]byte
	for i := range 100 {
		rush = append(rush, c.claim(fmt.Sprint("claimer ", i), id, hundred))
	}
	writes("a hundred claims in one block: the claimers, and once the packet, its sender and the supply", 100+3, rush...)

	before := c.app.store.Writes()
	c.finalize(c.tx("bob", &contract.Pay{To: addr("carol")}), []byte("garbage"))
	if got := c.app.store.Writes() - before; got != 1 {
		t.Errorf("a failed tx: %d leaves written, want its account's nonce", got)
	}
	root := c.app.store.Hash()
	c.finalize()
	if string(root) != string(c.app.store.Hash()) {
		t.Error("an empty block changed the root")
	}
}
