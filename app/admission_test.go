package app

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"pgregory.net/rapid"

	"hongbao/app/query"
	"hongbao/contract"
)

// An address without a leaf spends no nonce when its claim loses the race for
// the last share. Money that arrives afterwards makes its leaf; the failed
// claim must not get a second turn by that.
func TestFailedFirstClaimIsNeverExecutedAgain(t *testing.T) {
	c := newChain(t, "alice", "bob")
	tm := terms(1, 500)
	id := c.Send("alice", tm)
	c.Wait(time.Second)
	late := c.Claim("grace", id, tm)
	codes := c.Block(c.Claim("bob", id, tm), late, c.Tx("alice", &contract.Pay{To: addr("grace"), Amount: 500}))
	if codes[0] != contract.CodeOK || codes[1] != contract.CodeFull || codes[2] != contract.CodeOK {
		t.Fatalf("claim, late claim, payment: %v", codes)
	}
	c.Wait(time.Second)
	if c.Accepts(late) {
		t.Error("a block with a claim that already had its turn is accepted")
	}
	if code := c.CheckTx(late); code != contract.CodeWrongNonce {
		t.Errorf("CheckTx of a claim that already had its turn: %s", code)
	}
	if n := c.Account("grace").Nonce; n != 1 {
		t.Errorf("an account made by a payment is at nonce %d: 0 is the first claim's", n)
	}
}

// The order of payment and first claim in one block makes no difference to
// the claimer's nonce being spent.
func TestFirstClaimBesideAPayment(t *testing.T) {
	for _, claimFirst := range []bool{true, false} {
		c := newChain(t, "alice")
		tm := terms(1, 500)
		id := c.Send("alice", tm)
		c.Wait(time.Second)
		claim := c.Claim("grace", id, tm)
		block := [][]byte{c.Tx("alice", &contract.Pay{To: addr("grace"), Amount: 500}), claim}
		if claimFirst {
			block[0], block[1] = block[1], block[0]
		}
		for i, code := range c.Block(block...) {
			if code != contract.CodeOK {
				t.Errorf("claim first %v: tx %d: %s", claimFirst, i, code)
			}
		}
		if a := c.Account("grace"); a.Balance != 1000 || a.Nonce == 0 {
			t.Errorf("claim first %v: %+v", claimFirst, a)
		}
		c.Wait(time.Second)
		if c.Accepts(claim) {
			t.Errorf("claim first %v: the claim is accepted a second time", claimFirst)
		}
	}
}

// Proposing, judging and executing cannot disagree: what PrepareProposal makes
// of any list ProcessProposal accepts, and what that accepts has its turn in
// FinalizeBlock, every tx of it.
func TestProposalAgreement(t *testing.T) {
	accepted, refused := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		c := newChainWith(rapidTB{t, rt}, Options{}, testGenesis(modelParams(), trafficNames...))
		tr := newTraffic(c, rapid.Uint64().Draw(rt, "seed"))
		for range rapid.IntRange(1, 6).Draw(rt, "blocks") {
			c.Wait(time.Duration(rapid.Int64Range(1, int64(5*time.Second)).Draw(rt, "gap")))
			list := disorder(tr.rng, tr.txs(rapid.IntRange(1, 9).Draw(rt, "txs")))
			limit := int64(rapid.IntRange(0, 4000).Draw(rt, "bytes"))
			proposed := checkProposal(c, list, limit)
			block := list
			if !c.Accepts(list...) {
				refused++
				block = proposed
			} else {
				accepted++
			}
			res := c.Finalize(block...)
			for i, wire := range block {
				hash := contract.TxHash(wire)
				var r query.TxRecord
				if c.Ask(query.Tx, hash[:], &r); r.Height != c.Height || int(r.Index) != i ||
					uint32(r.Code) != res.TxResults[i].Code {
					rt.Fatalf("block %d: tx %d of an accepted block had no turn: %s", c.Height, i, res.TxResults[i].Log)
				}
			}
			tr.settle()
		}
	})
	t.Logf("%d lists accepted as they were, %d refused", accepted, refused)
	if accepted == 0 || refused == 0 {
		t.Error("the lists show one side only")
	}
}

// checkProposal proposes list within limit bytes.
func checkProposal(c *chain, list [][]byte, limit int64) [][]byte {
	res, err := c.app.PrepareProposal(c.T.Context(), &abci.RequestPrepareProposal{
		Height: c.Height + 1, Time: c.Now, MaxTxBytes: limit, Txs: list,
	})
	c.OK(err)
	if n := cmttypes.ComputeProtoSizeForTxs(cmttypes.ToTxs(res.Txs)); n > limit {
		c.T.Fatalf("block %d: %d bytes proposed of %d", c.Height+1, n, limit)
	}
	if !c.Accepts(res.Txs...) {
		c.T.Fatalf("block %d: an honest proposal is refused", c.Height+1)
	}
	rest := slices.Clone(list)
	for _, wire := range res.Txs {
		i := slices.IndexFunc(rest, func(w []byte) bool { return bytes.Equal(w, wire) })
		if i < 0 {
			c.T.Fatalf("block %d: proposed what was not at hand", c.Height+1)
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return res.Txs
}

// disorder repeats, drops, swaps and spoils some of a list.
func disorder(rng *rand.Rand, list [][]byte) [][]byte {
	for range rng.IntN(3) {
		i, j := rng.IntN(len(list)), rng.IntN(len(list))
		if len(list[i]) == 0 {
			continue
		}
		switch rng.IntN(5) {
		case 0:
			list[i], list[j] = list[j], list[i]
		case 1:
			list = append(list, list[i])
		case 2:
			list[i] = bytes.Clone(list[i])
			list[i][rng.IntN(len(list[i]))] ^= 1 << rng.IntN(8)
		case 3:
			list[i] = list[i][:rng.IntN(len(list[i]))]
		case 4:
			list = append(list[:i:i], list[i+1:]...)
		}
		if len(list) == 0 {
			return [][]byte{{}}
		}
	}
	return list
}

// Nothing but time takes a tx out of the mempool's first place: what CheckTx
// accepts alone is proposed alone, a full mempool of first claims included.
func TestFullMempoolDrains(t *testing.T) {
	p := modelParams()
	c := newChainWith(t, Options{}, testGenesis(p, "alice"))
	tm := terms(20, 100)
	id := c.Send("alice", tm)
	c.Wait(time.Second)
	c.Block()
	var waiting [][]byte
	for i := range 20 {
		waiting = append(waiting, c.Claim(string(rune('a'+i)), id, tm))
	}
	for blocks := 0; len(waiting) > 0; blocks++ {
		if blocks > 10 {
			t.Fatalf("%d claims are still waiting", len(waiting))
		}
		var pooled [][]byte
		for i, wire := range waiting {
			want := contract.CodeOK
			if i >= 2*int(p.MaxFirstClaims) {
				want = contract.CodeFirstClaimsFull // two blocks' worth; try again later
			}
			if code := c.CheckTx(wire); code != want {
				t.Fatalf("CheckTx of claim %d: %s, want %s", i+1, code, want)
			}
			if want == contract.CodeOK {
				pooled = append(pooled, wire)
			}
		}
		c.Wait(time.Second)
		proposed := c.Propose(pooled...)
		if len(proposed) != int(p.MaxFirstClaims) {
			t.Fatalf("%d proposed of %d, the bound is %d", len(proposed), len(pooled), p.MaxFirstClaims)
		}
		c.Finalize(proposed...)
		waiting = waiting[len(proposed):]
	}
	if got := c.Packet(id); got.Status != contract.Full {
		t.Errorf("the packet is %s", got.Status)
	}
}
