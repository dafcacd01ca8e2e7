package app

import (
	"testing"
	"time"

	"hongbao/contract"
)

// An address without a leaf spends no nonce when its claim loses the race for
// the last share. Money that arrives afterwards makes its leaf; the failed
// claim must not get a second turn by that.
func TestFailedFirstClaimIsNeverExecutedAgain(t *testing.T) {
	c := newChain(t, "alice", "bob")
	tm := terms(1, 500)
	id := c.send("alice", tm)
	c.wait(time.Second)
	late := c.claim("grace", id, tm)
	codes := c.block(c.claim("bob", id, tm), late, c.tx("alice", &contract.Pay{To: addr("grace"), Amount: 500}))
	if codes[0] != contract.CodeOK || codes[1] != contract.CodeFull || codes[2] != contract.CodeOK {
		t.Fatalf("claim, late claim, payment: %v", codes)
	}
	c.wait(time.Second)
	if c.accepts(late) {
		t.Error("a block with a claim that already had its turn is accepted")
	}
	if code := c.checkTx(late); code != contract.CodeWrongNonce {
		t.Errorf("CheckTx of a claim that already had its turn: %s", code)
	}
	if n := c.account("grace").Nonce; n != 1 {
		t.Errorf("an account made by a payment is at nonce %d: 0 is the first claim's", n)
	}
}

// The order of payment and first claim in one block makes no difference to
// the claimer's nonce being spent.
func TestFirstClaimBesideAPayment(t *testing.T) {
	for _, claimFirst := range []bool{true, false} {
		c := newChain(t, "alice")
		tm := terms(1, 500)
		id := c.send("alice", tm)
		c.wait(time.Second)
		claim := c.claim("grace", id, tm)
		block := [][]byte{c.tx("alice", &contract.Pay{To: addr("grace"), Amount: 500}), claim}
		if claimFirst {
			block[0], block[1] = block[1], block[0]
		}
		for i, code := range c.block(block...) {
			if code != contract.CodeOK {
				t.Errorf("claim first %v: tx %d: %s", claimFirst, i, code)
			}
		}
		if a := c.account("grace"); a.Balance != 1000 || a.Nonce == 0 {
			t.Errorf("claim first %v: %+v", claimFirst, a)
		}
		c.wait(time.Second)
		if c.accepts(claim) {
			t.Errorf("claim first %v: the claim is accepted a second time", claimFirst)
		}
	}
}
