package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hongbao/contract"
)

// drawPool is a pool of up to ten accounts' txs, in any order of their nonces.
func drawPool(rt *rapid.T) []waiting {
	nonces := map[byte]uint64{}
	var pool []waiting
	for i := range rapid.IntRange(1, 40).Draw(rt, "txs") {
		who := byte(rapid.IntRange(1, 10).Draw(rt, "account"))
		size := rapid.SampledFrom([]int{150, 300, 900, maxOrdinary, maxOrdinary + 1, 9000}).Draw(rt, "size")
		w := waiting{place: place{ordinary, contract.Address{who}, size}, index: i, served: int64(who % 3)}
		switch {
		case size > maxOrdinary:
			w.lane = bulky
		case who > 8: // a funder, whose packets newcomers claim from
			w.lane = newcomers
		case rapid.IntRange(0, 4).Draw(rt, "pressing") == 0:
			w.lane = pressing
		}
		w.tx = &contract.DecodedTx{Tx: &contract.Tx{Account: w.holder, Nonce: nonces[who]}}
		w.wire = []byte{byte(i)}
		if w.lane != newcomers {
			nonces[who]++
		}
		pool = append(pool, w)
	}
	if rapid.Bool().Draw(rt, "shuffled") {
		pool = rapid.Permutation(pool).Draw(rt, "order")
		for i := range pool {
			pool[i].index = i
		}
	}
	return pool
}

// Whatever waits: nothing is lost or made; an account's nonces stay in order, as
// chosen and as run; what has a deadline, and no more than its prelude, is chosen
// first; and none is chosen a second time before all were once.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pool := drawPool(rt)
		before := slices.Clone(pool)
		order := inTurn(pool)
		seen := map[int]bool{}
		next := map[contract.Address]uint64{}
		turns := map[whose]int{}
		prelude := map[contract.Address]int{}
		ordinaryBegan, turn := false, 0
		for _, w := range order {
			if seen[w.index] {
				rt.Fatalf("tx %d comes twice", w.index)
			}
			seen[w.index] = true
			if w.lane != newcomers && w.tx.Nonce != next[w.holder] {
				rt.Fatalf("account %d: nonce %d comes when %d is next", w.holder[0], w.tx.Nonce, next[w.holder])
			}
			if w.lane != newcomers {
				next[w.holder]++
			}
			mine := turns[w.whose()]
			turns[w.whose()]++
			if w.pressed {
				if prelude[w.holder] += w.size; ordinaryBegan || prelude[w.holder] > maxPrelude {
					rt.Fatalf("tx %d goes first with %d bytes before it, ordinary ones began: %v", w.index,
						prelude[w.holder], ordinaryBegan)
				}
				continue
			}
			if ordinaryBegan = true; mine < turn {
				rt.Fatalf("turn %d of %d comes after turn %d of another", mine, w.holder[0], turn)
			}
			turn = mine
		}
		if len(order) != len(before) {
			rt.Fatalf("%d of %d txs", len(order), len(before))
		}
		for _, w := range order {
			if w.lane == pressing && w.tx.Nonce == 0 && w.size <= maxPrelude && !w.pressed {
				rt.Fatalf("tx %d has a deadline, nothing before it, and waits for its turn", w.index)
			}
		}
		// Any number of them, as chosen, run in order of their nonces.
		chosen := slices.Clone(order[:rapid.IntRange(0, len(order)).Draw(rt, "chosen")])
		ran := map[contract.Address]uint64{}
		for _, wire := range inPoolOrder(chosen) {
			i := slices.IndexFunc(chosen, func(w waiting) bool { return w.wire[0] == wire[0] })
			if w := chosen[i]; w.lane != newcomers && w.tx.Nonce != ran[w.holder] {
				rt.Fatalf("account %d: nonce %d runs when %d is next", w.holder[0], w.tx.Nonce, ran[w.holder])
			} else if w.lane != newcomers {
				ran[w.holder]++
			}
		}
	})
}

// An allowance grows with time alone, up to its savings, and no sequence of blocks
// takes more than its pace and one burst.
func TestAllowance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, now, start := newAllowance(), testStart, testStart
		a = a.until(now)
		took := 0
		for range rapid.IntRange(1, 50).Draw(rt, "blocks") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 50, 100, 1000, 5000}).Draw(rt,
				"ms")) * time.Millisecond)
			a = a.until(now)
			for range rapid.IntRange(0, 3000).Draw(rt, "txs") {
				p := place{ordinary, contract.Address{}, 250}
				if *a.of(p.size) < p.size {
					break
				}
				a.spend(p)
				took += p.size
			}
		}
		if most := ordinarySavings + int(int64(ordinaryPace)*int64(now.Sub(start))/int64(time.Second)); took > most {
			rt.Fatalf("%d bytes in %s, at most %d", took, now.Sub(start), most)
		}
	})
}

// An account that takes all that a lane lets it take leaves room for the next: one
// account, or hundreds.
func TestRoomIsLeftForTheNext(t *testing.T) {
	for l := range lanes {
		for _, greedy := range []int{1, 8, 80, 200} {
			if greedy > laneSize[l].txs/2 {
				continue
			}
			r := newRoom(nil)
			size := min(250, laneSize[l].bytes/laneSize[l].txs)
			if l == bulky {
				size = laneSize[l].bytes / laneSize[l].txs
			}
			taken := 0
			for more := true; more; {
				more = false
				for who := range greedy {
					p := place{l, contract.Address{byte(who), byte(who >> 8)}, size}
					if r.fits(p) {
						taken++
						r.take(&contract.DecodedTx{Tx: &contract.Tx{Account: p.holder, Message: &contract.Pay{}},
							Hash: contract.TxHash(fmt.Append(nil, taken))}, p)
						more = true
					}
				}
			}
			if free := laneSize[l].txs - taken; free < laneSize[l].txs/(2*(greedy+laneShare[l]))*laneShare[l] {
				t.Errorf("lane %d: %d greedy accounts leave %d of %d places", l, greedy, free, laneSize[l].txs)
			}
			if !r.fits(place{l, contract.Address{0xff, 0xff}, size}) {
				t.Errorf("lane %d: %d greedy accounts leave no place for another", l, greedy)
			}
		}
	}
}
