package app

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hongbao/contract"
)

// maxPrelude bounds, in bytes, what an account's pressing tx takes along to the
// front of a block: itself and the txs with the nonces before it. A wallet signs
// when its last tx has ended, so that these are one or two.
const maxPrelude = 1 << 10

// maxPreludes bounds, in bytes, what all of them take along into one block.
const maxPreludes = 8 << 10

// waiting is a tx in the order in which a pool holds it.
type waiting struct {
	place
	tx   *contract.DecodedTx
	wire []byte

	index   int   // in the pool
	at      int   // where its block has it among the others; an account's stand in order of their nonces
	pressed bool  // has a deadline, or comes before one that has
	turn    int   // how many of its account's, or of its packets' funder's, come first
	served  int64 // the height at which that account last had a place in a block
}

// whose is in whose turn a tx comes: its account's, or if a newcomer's claim, that
// of the packet's funder.
type whose struct {
	holder contract.Address
	claims bool
}

func (p place) whose() whose { return whose{p.holder, p.lane == newcomers} }

// ordered is a pool's txs in the order in which they are chosen for a block. What
// cannot be read is left out.
func (a *App) ordered(wires [][]byte) []waiting {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var known *room
	if a.check != nil {
		a.check.Lock()
		defer a.check.Unlock()
		known = a.check.room
	}
	pool := make([]waiting, 0, len(wires))
	for i, wire := range wires {
		if tx, err := a.txs.read(wire); err == nil {
			p := known.placeOf(tx)
			pool = append(pool, waiting{place: p, tx: tx, wire: wire, index: i, served: a.served[p.whose()]})
		}
	}
	return inTurn(pool)
}

// inTurn puts a pool's txs in the order in which they are chosen: first those
// that have a deadline, then by turns. In a turn each account has one tx: the one
// served longest ago comes first, then short before long, then as the pool has
// them. So what others hold delays no account by more than a turn, and of two
// turns that are longer than a block no account is left out of both.
//
// What was chosen runs as it came (see inPoolOrder): a recall is sure of its
// place, and overtakes no claim by that.
func inTurn(pool []waiting) []waiting {
	setTurns(pool)
	slices.SortStableFunc(pool, func(a, b waiting) int {
		return cmp.Or(compareBool(b.pressed, a.pressed), a.turn-b.turn,
			cmp.Compare(a.served, b.served), compareBool(a.lane == bulky, b.lane == bulky))
	})
	return pool
}

// inPoolOrder puts what was chosen in the order in which it runs.
func inPoolOrder(chosen []waiting) (wires [][]byte) {
	slices.SortFunc(chosen, func(a, b waiting) int { return a.at - b.at })
	for _, w := range chosen {
		wires = append(wires, w.wire)
	}
	return wires
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// setTurns counts each account's txs by their nonces, and the first claims of
// each funder's packets.
func setTurns(pool []waiting) {
	var lists [][]*waiting
	number := map[whose]int{} // of the list
	for i := range pool {
		w := &pool[i]
		n, known := number[w.whose()]
		if !known {
			n, lists = len(lists), append(lists, nil)
			number[w.whose()] = n
		}
		lists[n] = append(lists[n], w)
	}
	for _, list := range lists {
		var places []int
		for _, w := range list {
			places = append(places, w.index)
		}
		slices.SortStableFunc(list, func(a, b *waiting) int { return cmp.Compare(a.tx.Nonce, b.tx.Nonce) })
		bytes, last := 0, -1
		for i, w := range list {
			w.turn, w.at = i, places[i]
			if bytes += w.size; w.lane == pressing && bytes <= maxPrelude {
				last = i
			}
		}
		for _, w := range list[:last+1] {
			w.pressed = true
		}
	}
}

// The pace at which blocks grow, in bytes of txs a second of block time. What a
// chain takes it keeps for ever, on every validator: the pace is what a flood can
// make of that, whatever it is made of. Savings are what a burst may take at once.
// Pressing txs, of which a block takes what their lane holds, do not wait for it.
const (
	ordinaryPace    = 512 << 10 // some 2,500 payments
	ordinarySavings = 1 << 20
	bulkyPace       = 128 << 10
	bulkySavings    = 256 << 10
)

// allowance is what a proposer lets into a block that the rules of a block would
// take. Each node keeps its own account of the blocks that were decided.
type allowance struct {
	ordinary, bulky int
	at              time.Time
}

// newAllowance is a node's that has seen no block yet.
func newAllowance() allowance { return allowance{ordinary: ordinarySavings, bulky: bulkySavings} }

// until is the allowance at a block's date.
func (a allowance) until(t time.Time) allowance {
	since := t.Sub(a.at)
	if a.at.IsZero() || since > time.Minute {
		return allowance{ordinarySavings, bulkySavings, t}
	}
	if since <= 0 {
		return a
	}
	grow := func(have, pace, savings int) int {
		return min(savings, have+int(int64(pace)*int64(since)/int64(time.Second)))
	}
	return allowance{grow(a.ordinary, ordinaryPace, ordinarySavings), grow(a.bulky, bulkyPace, bulkySavings), t}
}

// of is what is left for txs of a size.
func (a *allowance) of(size int) *int {
	if size > maxOrdinary {
		return &a.bulky
	}
	return &a.ordinary
}

// spend takes a decided tx into account. What a proposer took beyond the
// allowance is forgiven beyond one burst, lest it stop those after it.
func (a *allowance) spend(p place) {
	if p.lane != pressing {
		left := a.of(p.size)
		*left = max(*left-p.size, -bulkySavings)
	}
}

// servedFor is for how many blocks a node knows who had a place in them.
const servedFor = 64

// settle takes a decided block into account: how much it took, and of whom. What
// waits keeps its places. The caller holds a.mu.
func (a *App) settle(p *pendingBlock) {
	a.pace = a.pace.until(p.time.Std())
	a.waited = nil
	if a.check != nil {
		a.waited = a.check.room
	}
	for _, tx := range p.txs {
		place := a.waited.placeOf(tx)
		a.pace.spend(place)
		a.served[place.whose()] = p.height
	}
	if len(a.served) > 4*MempoolTxs {
		maps.DeleteFunc(a.served, func(_ whose, height int64) bool { return height < p.height-servedFor })
	}
}
