package app

import (
	"fmt"
	"testing"
	"time"

	"hongbao/contract"
)

// A tree write costs about as much as checking a signature, so what each kind
// of block writes is a promise of the state's layout (app/store).
func TestTreeWrites(t *testing.T) {
	c := newChain(t, "alice", "bob", "carol")
	writes := func(desc string, want int64, txs ...[]byte) {
		t.Helper()
		before := c.app.store.Writes()
		for i, code := range c.Block(txs...) {
			if code != contract.CodeOK {
				t.Fatalf("%s: tx %d: %s", desc, i, code)
			}
		}
		if got := c.app.store.Writes() - before; got != want {
			t.Errorf("%s: %d leaves written, want %d", desc, got, want)
		}
		c.Wait(time.Second)
	}
	pay := func(from, to string) []byte { return c.Tx(from, &contract.Pay{To: addr(to), Amount: 500}) }
	send := func(t contract.Terms) (contract.PacketID, []byte) {
		return contract.NewPacketID(testChain, addr("alice"), c.Nonces["alice"]),
			c.Tx("alice", &contract.Send{Terms: t})
	}
	writes("block 1: genesis", 3+1+1+1+1+1+2) // accounts, supply, parameters, draws, validators, clock, sentinels

	writes("an empty block", 0)
	writes("a payment: payer and payee", 2, pay("alice", "bob"))
	writes("a payment that makes an account", 2, pay("alice", "new"))
	writes("payments to and fro: the same two leaves", 2, pay("alice", "bob"), pay("bob", "alice"), pay("alice", "bob"))

	two := terms(2, 500)
	id, wire := send(two)
	writes("a send: sender, packet, supply", 3, wire)
	writes("a claim: claimer, packet, and the supply once a block", 2+1, c.Claim("bob", id, two))
	writes("the claim that fills it: the sender's counter too", 2+1+1, c.Claim("carol", id, two))
	writes("a return: claimer, sender, packet", 3, c.Tx("bob", &contract.Return{Packet: id, Share: 1}))

	id, wire = send(two)
	writes("another send", 3, wire)
	writes("a recall: sender, packet, supply", 3, c.Tx("alice", &contract.Recall{Packet: id, Clause: 1}))

	short := terms(1, 500, func(t *contract.Terms) { t.Expiry, t.Clauses = 10, nil })
	_, wire = send(short)
	writes("a packet that nobody claims", 3, wire)
	c.Wait(time.Minute)
	writes("its refund at expiry: sender, packet, supply", 3)

	held := terms(2, 500, func(t *contract.Terms) {
		t.Hold = 60
		t.Clauses = []contract.Clause{{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}}}}
	})
	id, wire = send(held)
	writes("a packet that holds its shares", 3, wire)
	writes("claims into hold: as without", 2+1, c.Claim("bob", id, held))
	writes("the one that fills it", 2+1+1, c.Claim("carol", id, held))
	writes("a recall of a held share: claimer, sender, packet, supply", 4,
		c.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Share: 1}))
	c.Wait(time.Minute)
	writes("a settlement: claimer, packet, supply", 3)
	writes("a question: the asker's nonce, packet", 2, c.Tx("alice", &contract.Ask{Packet: id, Share: 2}))
	writes("its refusal: the claimer's nonce, packet", 2, c.Tx("carol", &contract.Answer{Packet: id, Share: 2}))

	hundred := terms(100, 10)
	id, wire = send(hundred)
	writes("a packet for a hundred", 3, wire)
	var rush [][]byte
	for i := range 100 {
		rush = append(rush, c.Claim(fmt.Sprint("claimer ", i), id, hundred))
	}
	writes("a hundred claims in one block: the claimers, and once the packet, its sender and the supply",
		100+3, rush...)

	before := c.app.store.Writes()
	c.Finalize(c.Tx("bob", &contract.Pay{To: addr("carol")}), []byte("garbage"))
	if got := c.app.store.Writes() - before; got != 1 {
		t.Errorf("a failed tx: %d leaves written, want its account's nonce", got)
	}
	root := c.app.store.Hash()
	c.Finalize()
	if string(root) != string(c.app.store.Hash()) {
		t.Error("an empty block changed the root")
	}
}

// What the clauses add costs writes only when they are used.
func TestTreeWritesOfClauses(t *testing.T) {
	s := newStageWith(t, contract.DefaultParams(), people...)
	writes := func(desc string, want int64, deeds ...deed) {
		t.Helper()
		before := s.app.store.Writes()
		s.must(deeds...)
		if got := s.app.store.Writes() - before; got != want {
			t.Errorf("%s: %d leaves written, want %d", desc, got, want)
		}
	}
	s.Block() // genesis
	s.put("alice", terms(4, 500, under(t, 36000, judges("share when 2"), "share when sender", "rest when sender")))
	writes("a claim into hold: claimer, packet, supply", 3, claims("bob"))
	writes("another", 3, claims("carol"))
	s.Wait(time.Hour)
	writes("two claims that settle later: claimers, packet and supply; it fills the packet: the sender", 5,
		claims("dave"), claims("judge a"))
	writes("a share recalled by its sender: sender, claimer, packet, supply", 4, recallsShare("alice", 2, 1, ""))
	writes("a share recalled by two judges: the submitter too", 5, recallsShare("judge b", 1, 3, "FRAD", "judge c"))
	writes("a tightening: its sender's nonce, the packet", 2, tightens("alice", "share when sender"))
	s.at(10 * time.Hour)
	writes("a settlement: claimer, packet, supply", 3)
	s.at(11 * time.Hour)
	writes("another", 3)
	writes("a question: the asker's nonce, the packet", 2, asks("alice", 2))
	writes("its refusal: the claimer's nonce, the packet", 2, answers("carol", 2, false))
	writes("another question", 2, asks("alice", 4))
	writes("its acceptance: claimer, sender, packet; the supply's sums stay", 3, answers("judge a", 4, true))

	s.put("alice", terms(1, 500, under(t, 36000)))
	writes("the claim into hold that fills a packet", 4, claims("bob"))
	writes("a return from hold: claimer, sender, packet, supply", 4, returns("bob", 1))
	s.put("alice", terms(1, 500, under(t, 0)))
	writes("a claim that settles at once", 4, claims("bob"))
	writes("a question about it", 2, asks("alice", 1))
	s.Wait(72 * time.Hour)
	writes("its lapse: the packet", 1)
}

// A packet that could be recalled and never is costs what one without a clause
// does, over its whole life: as many writes to the tree, and as many txs.
func TestTreeWritesOfALifeWithoutRecall(t *testing.T) {
	none := under(t, 0)
	rest := under(t, 0, "rest when all(sender,untouched,within(2m))", judges("rest when 2")+" for DUPL")
	held := under(t, 36000)
	heldShare := under(t, 36000, judges("share when 2")+" for FRAD", "share when sender", "rest when sender")
	grabbed := func(s *stage) {
		s.must(claims("bob"))
		s.must(claims("carol"), claims("a newcomer"))
	}
	for _, row := range []struct {
		desc       string
		plain      func(*contract.Terms)
		recallable func(*contract.Terms)
		live       func(*stage)
		end        string
	}{
		{"sent, claimed, full", none, rest, grabbed, "full settled settled settled"},
		{"sent, expired", none, rest, func(s *stage) {}, "expired"},
		{"sent, claimed in part, expired", none, rest, func(s *stage) { s.must(claims("dave")) }, "expired settled"},
		{"sent, claimed into hold, settled", held, heldShare, grabbed, "full settled settled settled"},
		{"sent, claimed into hold in part, settled, expired", held, heldShare, func(s *stage) {
			s.must(claims("dave"))
		}, "expired settled"},
		{"sent, claimed into hold, returned", held, heldShare, func(s *stage) {
			grabbed(s)
			s.must(returns("carol", 2))
		}, "full settled returned settled"},
	} {
		life := func(clauses func(*contract.Terms)) (writes int64, txs int) {
			s := newStageWith(t, contract.DefaultParams(), people...)
			s.Block() // genesis
			before := s.app.store.Writes()
			s.put("alice", terms(3, 500, clauses))
			s.Wait(time.Minute)
			row.live(s)
			s.at(10*time.Hour + time.Minute)
			s.Block()
			s.at(24 * time.Hour)
			s.Block()
			if got := s.state(); got != row.end {
				t.Errorf("%s: ended %s, want %s", row.desc, got, row.end)
			}
			for _, b := range s.Blocks {
				txs += len(b.Txs)
			}
			s.books()
			return s.app.store.Writes() - before, txs
		}
		writes, txs := life(row.plain)
		sameWrites, sameTxs := life(row.recallable)
		if writes != sameWrites || txs != sameTxs {
			t.Errorf("%s: %d writes and %d txs, recallable %d and %d", row.desc, writes, txs, sameWrites, sameTxs)
		}
		t.Logf("%s: %d writes, %d txs", row.desc, writes, txs)
	}
}
