package app

import (
	"time"

	"hongbao/contract"
)

// The mempool's room. CometBFT's pool refuses whatever comes when it is full,
// and cannot make room; so it is never let full. Every tx waits in a lane, and
// in each lane an account may hold no more than a part of what is still free:
// those who take much leave a place for the next account, whichever it is.
//
// The whole pool fits into one proposal (MempoolBytes < a block's bytes),
// because CometBFT shows a proposer no more than the beginning of it.
type lane uint8

const (
	// ordinary: payments, claims, sends of a kilobyte or two.
	ordinary lane = iota
	// bulky: what is longer than maxOrdinary. A long tx costs much of
	// everything, so that these share a room of their own.
	bulky
	// newcomers: first claims. Addresses cost nothing, so what counts is who
	// funded the packet.
	newcomers
	// pressing: recalls, returns and answers that have a chance (see
	// contract.Mempool.Pressing). They have a deadline.
	pressing
	lanes
)

// maxOrdinary is the longest tx, in bytes, that waits among the ordinary ones:
// a send to about twenty named people. A recall with eight consents has 1,050.
const maxOrdinary = 2 << 10

// space is room in a lane, or a part of it.
type space struct{ txs, bytes int }

// laneSize is each lane's room. Two blocks' worth of payments wait, or of first
// claims, and less of what is dear; one block takes all that is pressing.
var laneSize = [lanes]space{
	ordinary:  {4096, 768 << 10},
	bulky:     {128, 384 << 10},
	newcomers: {800, 192 << 10},
	pressing:  {256, 64 << 10},
}

// laneShare is the part of a lane's free room that one may hold, as its inverse
// k. When n of them take all they can, k/(n+k) of the lane stays free. One alone
// may wait with all the payments that its bucket allows, and one packet's
// newcomers take half of their lane.
var laneShare = [lanes]int{ordinary: 8, bulky: 4, newcomers: 1, pressing: 8}

// MempoolTxs and MempoolBytes are the size that a node gives CometBFT's pool:
// all lanes together, so that only this app refuses for want of room.
var MempoolTxs, MempoolBytes = poolSize()

func poolSize() (txs, bytes int) {
	for _, s := range laneSize {
		txs, bytes = txs+s.txs, bytes+s.bytes
	}
	return txs, bytes
}

// noRoomFor is when it is worth trying again: some blocks later.
const noRoomFor = contract.Time(time.Second)

// place is where a tx waits, and on whose account.
type place struct {
	lane   lane
	holder contract.Address
	size   int
}

// room is who holds what in a mempool.
type room struct {
	taken  map[contract.Hash]place
	before map[contract.Hash]place // at the block before: what waits keeps its place
	lanes  [lanes]struct {
		used space
		held map[contract.Address]space
	}
	about map[thing]bool // that pressing txs are about
}

// thing is what one account needs one pressing tx about.
type thing struct {
	account contract.Address
	packet  contract.PacketID
	share   uint32
}

func newRoom(before *room) *room {
	r := &room{taken: map[contract.Hash]place{}, about: map[thing]bool{}}
	if before != nil {
		r.before = before.taken
	}
	for l := range r.lanes {
		r.lanes[l].held = map[contract.Address]space{}
	}
	return r
}

// find finds a place for a tx before its signature is looked at;
// a tx that the pool holds already keeps the one it has.
func (r *room) find(pool *contract.Mempool, tx *contract.DecodedTx, now contract.Time) (place, error) {
	if p, waits := r.before[tx.Hash]; waits {
		return p, nil
	}
	p := placeBySize(tx)
	if p.lane == bulky {
		// Nothing that is more is as long.
	} else if funder, is := pool.Newcomer(tx.Tx); is {
		p.lane, p.holder = newcomers, funder
	} else if q := (place{pressing, p.holder, p.size}); r.fits(q) && !r.about[thingOf(tx)] && pool.Pressing(tx.Tx) {
		return q, nil
	}
	if !r.fits(p) {
		err := contract.Errorf(contract.CodeNoRoom, "mempool: too busy for another transaction of %s just now",
			tx.Account.Short())
		err.RetryAt = now + noRoomFor
		return p, err
	}
	return p, nil
}

// placeOf is where a tx waits; the room may not know it, or not be there.
func (r *room) placeOf(tx *contract.DecodedTx) place {
	if r != nil {
		if p, waits := r.taken[tx.Hash]; waits {
			return p
		}
		if p, waits := r.before[tx.Hash]; waits {
			return p
		}
	}
	return placeBySize(tx)
}

func placeBySize(tx *contract.DecodedTx) place {
	p := place{ordinary, tx.Account, tx.Size()}
	if p.size > maxOrdinary {
		p.lane = bulky
	}
	return p
}

// fits reports whether there is room for p, and its holder has not its part yet.
func (r *room) fits(p place) bool {
	l := &r.lanes[p.lane]
	held, k := l.held[p.holder], laneShare[p.lane]
	txs, bytes := laneSize[p.lane].txs-l.used.txs, laneSize[p.lane].bytes-l.used.bytes
	// The second bound keeps an account from refilling what it took while the lane
	// was empty:
	// without it those who hold nothing just now fill it in the end.
	if held.txs == 0 || txs <= 0 || p.size > bytes {
		return txs > 0 && p.size <= bytes
	}
	half := 2 * len(l.held)
	return held.txs*k < txs && held.bytes*k < bytes &&
		held.txs*half < laneSize[p.lane].txs && held.bytes*half < laneSize[p.lane].bytes
}

// take gives the place found to a tx that was admitted.
func (r *room) take(tx *contract.DecodedTx, p place) {
	l := &r.lanes[p.lane]
	held := l.held[p.holder]
	l.used = space{l.used.txs + 1, l.used.bytes + p.size}
	l.held[p.holder] = space{held.txs + 1, held.bytes + p.size}
	r.taken[tx.Hash] = p
	if p.lane == pressing {
		r.about[thingOf(tx)] = true
	}
}

func thingOf(tx *contract.DecodedTx) thing {
	id, share := contract.PacketOf(tx.Message)
	return thing{tx.Account, id, share}
}
