package load

import (
	"testing"
	"time"

	"hongbao/contract"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1) // 100 down to 1: order must not matter
	}
	for _, c := range []struct {
		desc string
		of   []time.Duration
		p    int
		want time.Duration
	}{
		{"none", nil, 50, 0},
		{"one is every percentile", []time.Duration{7}, 99, 7},
		{"the median of two is the lower", []time.Duration{9, 5}, 50, 5},
		{"nearest rank", hundred, 95, 95},
		{"all", hundred, 100, 100},
	} {
		if got := Percentile(c.of, c.p); got != c.want {
			t.Errorf("%s: %d, want %d", c.desc, got, c.want)
		}
	}
}

// A round is what the ledger accepts: each account's nonces follow each other,
// and the claims accept the terms of the packet that the send makes.
func TestRoundsFitTogether(t *testing.T) {
	g := &group{}
	for i := range g.members {
		g.members[i] = newAccount(contract.Hash{1}, 0, i)
		g.members[i].nonce = 1
	}
	next := map[contract.Address]uint64{}
	for range 3 {
		rd, err := g.sign("load-1", 1)
		if err != nil {
			t.Fatal(err)
		}
		var packet contract.PacketID
		var accepted contract.Hash
		txs := 0
		for _, step := range rd {
			for _, s := range step {
				txs++
				tx, err := contract.DecodeTx(s.wire)
				if err != nil || contract.TxHash(s.wire) != s.hash {
					t.Fatalf("%s: %v", s.kind, err)
				}
				if want := next[tx.Account] + 1; tx.Nonce != want {
					t.Errorf("%s: nonce %d, want %d", s.kind, tx.Nonce, want)
				}
				next[tx.Account]++
				switch m := tx.Message.(type) {
				case *contract.Send:
					packet, accepted = contract.NewPacketID(tx.Chain, tx.Account, tx.Nonce), m.Terms.Hash(tx.Chain)
					if err := contract.CheckTerms(&m.Terms, tx.Account, 0); err != nil {
						t.Error(err)
					}
				case *contract.Claim:
					if m.Packet != packet || m.TermsHash != accepted {
						t.Error("a claim of another packet, or under other terms")
					}
				case *contract.Recall:
					if m.Packet != packet {
						t.Error("a recall of another packet")
					}
				}
			}
		}
		if txs != txsPerRound {
			t.Errorf("%d txs in a round, want %d", txs, txsPerRound)
		}
	}
}
