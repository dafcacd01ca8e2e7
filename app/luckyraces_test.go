package app

import (
	"fmt"
	"strings"
	"testing"

	"hongbao/contract"
)

// Claims of a lucky packet and a recall of its rest meet in one block, in every
// order: who claimed before the recall has a share, who claimed after it is
// told so, and what the draws leave goes home.
func TestLuckyRaces(t *testing.T) {
	const rich = 1_000_000 // what each account has to begin with
	for shares, want := range map[uint32]map[string]string{
		2: { // the second claim fills it
			"bob carol recall": "ok ok full: full, 2 drawn",
			"bob recall carol": "ok ok recalled: recalled, 1 drawn",
			"recall bob carol": "ok recalled recalled: recalled, 0 drawn",
		},
		3: {
			"bob carol recall": "ok ok ok: recalled, 2 drawn",
			"bob recall carol": "ok ok recalled: recalled, 1 drawn",
			"recall bob carol": "ok recalled recalled: recalled, 0 drawn",
		},
	} {
		for _, order := range permutations([]string{"bob", "carol", "recall"}) {
			v := newValidatorSet(t, 2, "alice", "bob", "carol")
			tm := luckyTerms(shares, 300)
			id := v.sendLucky(tm)
			var txs [][]byte
			for _, who := range order {
				if who == "recall" {
					txs = append(txs, v.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
				} else {
					txs = append(txs, v.Claim(who, id, tm))
				}
			}
			var got []string
			for _, code := range v.block(0, txs...) {
				got = append(got, code.String())
			}
			v.mustBlock(1)
			p := v.Packet(id)
			drawn := v.Account("bob").Balance + v.Account("carol").Balance - 2*rich
			for i, s := range p.Shares {
				if s.State != contract.Settled || s.Amount == 0 {
					t.Errorf("%d shares, %v: share %d is %+v", shares, order, i+1, s)
				}
			}
			// Bob and carol are alike: who of them is first makes no difference.
			name := strings.Join(order, " ")
			if strings.Index(name, "carol") < strings.Index(name, "bob") {
				name = strings.NewReplacer("bob", "carol", "carol", "bob").Replace(name)
			}
			end := fmt.Sprintf("%s: %s, %d drawn", strings.Join(got, " "), p.Status, len(p.Shares))
			if end != want[name] {
				t.Errorf("%d shares, %v: %s, want %s", shares, order, end, want[name])
			}
			supply := v.Supply()
			if home := v.Account("alice").Balance; p.Escrow != 0 || home != rich-drawn || !supply.Holds() {
				t.Errorf("%d shares, %v: %d drawn, alice has %d, %d in escrow", shares, order, drawn, home, p.Escrow)
			}
		}
	}
}
