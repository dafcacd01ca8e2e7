package app

import (
	"testing"
	"time"

	"hongbao/contract"
)

// The story that hongbao is for: a mis-sent packet is grabbed, what is
// left comes home, and a latecomer is told why.
func TestMisSentPacketIsRecalled(t *testing.T) {
	c := newChain(t, "alice", "bob", "carol", "grace")
	tm := terms(8, 11100)
	id := c.Send("alice", tm)

	c.Wait(4 * time.Second)
	codes := c.Block(c.Claim("bob", id, tm), c.Claim("carol", id, tm), c.Claim("dave", id, tm))
	for i, code := range codes {
		if code != contract.CodeOK {
			t.Fatalf("claim %d: %s", i, code)
		}
	}
	c.Wait(5 * time.Second)
	codes = c.Block(c.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}), c.Claim("grace", id, tm))
	if codes[0] != contract.CodeOK || codes[1] != contract.CodeRecalled {
		t.Fatalf("recall, late claim: %v", codes)
	}
	p := c.Packet(id)
	if p.Status != contract.Recalled || p.Escrow != 0 || len(p.Shares) != 3 || p.History.Count != 5 {
		t.Errorf("packet: %+v", p)
	}
	if got := c.Account("alice"); got.Balance != 1_000_000-33300 || got.Open != 0 || got.Nonce != 2 {
		t.Errorf("alice: %+v", got)
	}
	if got := c.Account("dave"); got.Balance != 11100 || got.Nonce != 1 {
		t.Errorf("dave, who had no account: %+v", got)
	}
	if got := c.Account("grace"); got.Nonce != 1 {
		t.Errorf("a failed tx spends its nonce; grace: %+v", got)
	}
	if s := c.Supply(); !s.Holds() || s.Total != 4_000_000 || s.Escrow != 0 {
		t.Errorf("supply: %+v", s)
	}
}
