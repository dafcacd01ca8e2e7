package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"hongbao/contract"
)

// What a forgery needs for lucky shares.

func (f *forgery) reserve(name string) *forgery {
	hash := f.sign(name, &contract.Claim{Packet: f.id, TermsHash: f.p.Terms.Hash(testChain)})
	f.p.Shares = append(f.p.Shares, contract.Share{Claimer: address(name), State: contract.Reserved, ClaimedAt: f.now})
	f.note(contract.KindReserve, hash).Share = uint32(len(f.p.Shares))
	if len(f.p.Shares) == int(f.p.Terms.Shares) {
		f.p.Status, f.p.Closed = contract.Full, f.now
	}
	return f
}

// waitingRecall closes the packet, and leaves the money for later.
func (f *forgery) waitingRecall(name string, reason contract.Reason) *forgery {
	hash := f.sign(name, &contract.Recall{Packet: f.id, Clause: 1, Reason: reason})
	f.p.Status, f.p.Closed = contract.Recalled, f.now
	f.note(contract.KindRecall, hash).Reason = reason
	return f
}

// endRecall sends the rest home after the draws.
func (f *forgery) endRecall(reason contract.Reason) *forgery {
	amount := f.p.Escrow
	f.p.Escrow = 0
	e := f.add(contract.KindRecall, nil, contract.Escrow(f.id), contract.Wallet(f.p.Sender), amount)
	e.Phase, e.Reason = contract.PhaseDraw, reason
	return f
}

// signer is how a beacon comes about: whose key proves what, and what it says.
type signer struct {
	chain    string
	key      int          // validator
	over     int64        // height that the proof is over
	says     int64        // height
	block    []byte       // hash
	proposer [20]byte     // empty: the key's validator
	tear     func([]byte) // the encoding
}

// beacon adds a beacon over the block before; draws that follow name it.
func (f *forgery) beacon(edits ...func(*signer)) *forgery {
	s := signer{chain: testChain, over: f.height - 1, says: f.height - 1, block: blockHash(f.height - 1)}
	for _, edit := range edits {
		edit(&s)
	}
	vals := newValidators(10, 10, 10, 10)
	owed := contract.Draws{Height: s.over, Block: contract.Hash(s.block)}
	var item contract.BeaconItem
	must(f.t, contract.Decode(contract.ProveBeacon(vals.VRF(s.key), s.chain, &owed), &item))
	b := &contract.Beacon{Height: s.says, Block: owed.Block, Proposer: s.proposer, Proof: item.Proof}
	if s.proposer == [20]byte{} {
		b.Proposer = [20]byte(vals.Address(s.key))
	}
	encoded := contract.Encode(b)
	if s.tear != nil {
		s.tear(encoded)
	}
	f.drawn, f.beacons = b, append(f.beacons, encoded)
	return f
}

// draw draws a share by the newest beacon.
func (f *forgery) draw(share uint32) *forgery {
	return f.drawAs(share, f.lawful(share, f.id))
}

func (f *forgery) drawAs(share uint32, amount contract.Amount) *forgery {
	s := &f.p.Shares[share-1]
	s.Amount, s.State = amount, contract.Settled
	to := contract.Wallet(s.Claimer)
	if f.p.Terms.Hold > 0 {
		s.State, to = contract.Held, contract.Hold(s.Claimer)
	}
	f.p.Escrow -= amount
	hash := f.drawn.Hash()
	e := f.add(contract.KindDraw, nil, contract.Escrow(f.id), to, amount)
	e.Phase, e.Share, e.Beacon = contract.PhaseDraw, share, &hash
	return f
}

// lawful is a share's amount as docs/format.md has it, written from that text
// and without the contract's code.
func (f *forgery) lawful(share uint32, id contract.PacketID) contract.Amount {
	tagged := func(tag string, parts ...[]byte) []byte {
		t := sha256.Sum256([]byte(tag))
		h := sha256.Sum256(slices.Concat(append([][]byte{t[:], t[:]}, parts...)...))
		return h[:]
	}
	out, err := f.drawn.Output()
	must(f.t, err)
	seed := tagged("hongbao/draw", out[:], id[:], binary.BigEndian.AppendUint32(nil, share))
	word := uint64(0)
	uniform := func(n uint64) uint64 {
		for {
			w := binary.BigEndian.Uint64(tagged("hongbao/draw-word", seed, binary.BigEndian.AppendUint64(nil, word)))
			word++
			if w >= (math.MaxUint64%n+1)%n { // 2^64 mod n
				return w % n
			}
		}
	}
	left, rem := uint64(f.p.Terms.Shares-share+1), uint64(f.p.Escrow)
	if left == 1 {
		return f.p.Escrow
	}
	y := uniform(2*(rem-left) + 1)
	d := uniform(left)
	return contract.Amount(1 + (y+d)/left)
}

// forgedDraws are of validators that draw what no proof of theirs gives.
func forgedDraws(testing.TB) (list []forged) {
	lucky, whole := luckyTerms(3, 300, "2m"), luckyTerms(2, 300)
	held := luckyTerms(3, 300, "share when all(sender,within(1h))")
	held.Hold = 7200
	many := luckyTerms(100, contract.MaxAmount)
	one := func(f *forgery) *forgery { return f.reserve("bob").after(1) }
	two := func(f *forgery) *forgery { return f.reserve("bob").reserve("carol").after(1) }
	waits := func(f *forgery) *forgery {
		return f.reserve("bob").waitingRecall("alice", "AM09").after(1).beacon().draw(1)
	}

	for _, c := range []struct {
		desc  string
		check string // that must fail; empty: the file is good
		terms contract.Terms
		do    func(f *forgery)
	}{
		{"a lawful life: two reserved and drawn", "", lucky, func(f *forgery) { two(f).beacon().draw(1).draw(2) }},
		{"a lawful life: the greatest total and the most shares", "", many, func(f *forgery) {
			two(f).beacon().draw(1).draw(2)
		}},
		{"a lawful life: all drawn, the last takes the rest", "", whole, func(f *forgery) {
			two(f).beacon().draw(1).draw(2)
		}},
		{"a lawful life: drawn by each validator", "", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.key = 1 }).draw(1).reserve("carol").after(2).
				beacon(func(s *signer) { s.key = 2 }).draw(2).reserve("dave").after(3).
				beacon(func(s *signer) { s.key = 3 }).draw(3)
		}},
		{"a lawful life: reserved in the proof's last block", "", lucky, func(f *forgery) {
			f.after(1).reserve("bob")
		}},
		{"a lawful life: drawn, and reserved again in the same block", "", lucky, func(f *forgery) {
			one(f).beacon().draw(1).reserve("carol")
		}},
		{"a lawful life: a recall of the rest waits for the draws", "", lucky, func(f *forgery) {
			waits(f).endRecall("AM09")
		}},
		{"a lawful life: and is still waiting", "", lucky, func(f *forgery) {
			f.reserve("bob").waitingRecall("alice", "AM09")
		}},
		{"a lawful life: reserved before expiry, drawn and refunded after it", "", lucky, func(f *forgery) {
			f.after(3599).reserve("bob").after(3600).beacon().draw(1).refund()
		}},
		{"a lawful life: drawn into hold, recalled, given back and settled", "", held, func(f *forgery) {
			two(f).beacon().draw(1).draw(2).reserve("dave").after(2).beacon().draw(3).
				recallShare("alice", 1, 1, "").giveBack("carol", 2).after(7201).settle(3)
		}},

		{"another amount, the leaf agreeing", "replay", lucky, func(f *forgery) {
			one(f).beacon().drawAs(1, f.lawful(1, f.id)+1)
		}},
		{"a share of nothing", "replay", lucky, func(f *forgery) {
			one(f).beacon().drawAs(1, 0)
		}},
		{"all for the first", "replay", whole, func(f *forgery) {
			two(f).beacon().drawAs(1, 299).drawAs(2, 1)
		}},
		{"two amounts exchanged", "replay", whole, func(f *forgery) {
			two(f).beacon()
			first := f.lawful(1, f.id)
			f.drawAs(1, 300-first).drawAs(2, first)
		}},
		{"what the same beacon gives in another packet", "replay", lucky, func(f *forgery) {
			one(f).beacon().drawAs(1, f.lawful(1, contract.NewPacketID(testChain, address("dave"), 0)))
		}},
		{"what the same beacon gives in another share", "replay", lucky, func(f *forgery) {
			two(f).beacon().drawAs(1, f.lawful(2, f.id)).draw(2)
		}},
		{"a draw paid to another wallet", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Posting.To = contract.Wallet(address("mallory"))
		}},
		{"a draw that skips the hold", "replay", held, func(f *forgery) {
			one(f).beacon().draw(1).entry().Posting.To = contract.Wallet(address("bob"))
			f.p.Shares[0].State = contract.Settled
		}},

		{"another proposer's name on the proof", "draws", lucky, func(f *forgery) {
			other := [20]byte(newValidators(10, 10, 10, 10).Address(3))
			one(f).beacon(func(s *signer) { s.proposer = other }).draw(1)
		}},
		{"a proposer that is no validator", "draws", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.proposer = [20]byte{1} }).draw(1)
		}},
		{"a proof for another chain", "draws", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.chain = "hongbao-other-1-01000000000000000000" }).draw(1)
		}},
		{"a proof over another height", "draws", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.over++ }).draw(1)
		}},
		{"another block's hash beside the proof", "draws", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.tear = func(b []byte) { b[5] ^= 1 } }).draw(1)
		}},
		{"a bit of the proof", "draws", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.tear = func(b []byte) { b[len(b)-1] ^= 1 } }).draw(1)
		}},
		{"a beacon in another spelling", "draws", lucky, func(f *forgery) {
			one(f).beacon().draw(1)
			f.beacons[0] = append([]byte{0x98, 4}, f.beacons[0][1:]...)
		}},
		{"a byte behind a beacon", "draws", lucky, func(f *forgery) {
			one(f).beacon().draw(1)
			f.beacons[0] = append(f.beacons[0], 0)
		}},
		{"an empty beacon", "draws", lucky, func(f *forgery) {
			one(f).beacon().draw(1).beacons[0] = []byte{}
		}},

		{"a beacon of the block before", "replay", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.over--; s.says-- }).draw(1)
		}},
		{"a beacon of the block that draws", "replay", lucky, func(f *forgery) {
			one(f).beacon(func(s *signer) { s.over++; s.says++ }).draw(1)
		}},
		{"an earlier beacon used again", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).reserve("carol").after(2).draw(2)
		}},
		{"no beacon", "replay", lucky, func(f *forgery) { one(f).beacon().draw(1).beacons = nil }},
		{"a beacon too many", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).beacon()
		}},
		{"a beacon twice", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1)
			f.beacons = append(f.beacons, f.beacons[0])
		}},
		{"a beacon where nothing was drawn", "replay", terms(3, 100), func(f *forgery) {
			f.claim("bob").after(1).beacon()
		}},
		{"beacons in another order", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).reserve("carol").after(2).beacon().draw(2)
			slices.Reverse(f.beacons)
		}},
		{"two beacons for one block", "replay", lucky, func(f *forgery) {
			two(f).beacon().draw(1).beacon(func(s *signer) { s.key = 1 }).draw(2)
		}},
		{"a draw that names another beacon", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Beacon = &contract.Hash{1}
		}},
		{"a draw that names no beacon", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Beacon = nil
		}},

		{"a draw of what nobody reserved", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1)
			f.p.Shares = append(f.p.Shares, contract.Share{Claimer: address("mallory"), ClaimedAt: f.now})
			f.draw(2)
		}},
		{"a draw where nothing is reserved", "replay", lucky, func(f *forgery) {
			f.p.Shares = []contract.Share{{Claimer: address("mallory"), ClaimedAt: f.now}}
			f.after(1).beacon().draw(1)
		}},
		{"a share drawn twice", "replay", lucky, func(f *forgery) {
			two(f).beacon().draw(1).drawAs(1, 0)
		}},
		{"draws out of order", "replay", lucky, func(f *forgery) {
			two(f).beacon().draw(2).draw(1)
		}},
		{"a draw of share 0", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Share = 0
		}},
		{"a draw of a share beyond the last", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Share = 9
		}},
		{"a refund in the draws' phase", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Kind = contract.KindRefund
		}},
		{"drawn a block late", "replay", lucky, func(f *forgery) {
			one(f).after(2).beacon(func(s *signer) { s.over--; s.says-- }).draw(1)
		}},
		{"never drawn, as the proof ends later", "replay", lucky, func(f *forgery) { one(f) }},
		{"one of two drawn", "replay", lucky, func(f *forgery) { two(f).beacon().draw(1) }},
		{"a claim before the draw", "replay", lucky, func(f *forgery) {
			one(f).reserve("carol").after(2).beacon().draw(1).draw(2)
		}},
		{"a refund before the draw", "replay", lucky, func(f *forgery) {
			f.after(3599).reserve("bob").after(3600).refund()
		}},
		{"drawn in the block of the reservation", "entries", lucky, func(f *forgery) {
			f.reserve("bob").beacon().draw(1)
		}},
		{"drawn by a tx", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Phase = contract.PhaseTx
		}},
		{"drawn as due", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).entry().Phase = contract.PhaseDue
		}},

		{"a recall that does not wait for the draws", "replay", lucky, func(f *forgery) {
			f.reserve("bob").recall("alice", 1, "AM09")
			f.p.Shares[0].State = contract.Reserved
		}},
		{"a recall that ends before the draws", "replay", lucky, func(f *forgery) {
			f.reserve("bob").waitingRecall("alice", "AM09").after(1).endRecall("AM09")
		}},
		{"a recall that ends twice", "replay", lucky, func(f *forgery) {
			waits(f).endRecall("AM09").endRecall("AM09")
		}},
		{"a recall that never ends", "replay", lucky, func(f *forgery) { waits(f) }},
		{"a recall that ends a block late", "replay", lucky, func(f *forgery) {
			waits(f).after(2).endRecall("AM09")
		}},
		{"a recall that ends for another reason", "replay", lucky, func(f *forgery) {
			waits(f).endRecall("DUPL")
		}},
		{"a recall that pays another", "replay", lucky, func(f *forgery) {
			waits(f).endRecall("AM09").entry().Posting.To = contract.Wallet(address("mallory"))
		}},
		{"a recall that nobody signed, behind the draws", "replay", lucky, func(f *forgery) {
			one(f).beacon().draw(1).endRecall("AM09")
			f.p.Status, f.p.Closed = contract.Recalled, f.now
		}},
		{"a claim after a recall that waits", "replay", lucky, func(f *forgery) {
			f.reserve("bob").waitingRecall("alice", "AM09").reserve("carol")
		}},

		{"a return before the draw", "replay", lucky, func(f *forgery) {
			f.reserve("bob").giveBack("bob", 1)
		}},
		{"a recall of a share before its draw", "replay", held, func(f *forgery) {
			f.reserve("bob").recallShare("alice", 1, 1, "")
		}},
		{"a lucky share paid at once", "replay", lucky, func(f *forgery) { f.claim("bob") }},
		{"an equal share reserved", "replay", terms(3, 100), func(f *forgery) {
			f.reserve("bob")
		}},
		{"an amount beside a reservation", "replay", lucky, func(f *forgery) {
			f.reserve("bob").p.Shares[0].Amount = 100
		}},
		{"fewer fen than lucky shares", "replay", luckyTerms(3, 2), func(f *forgery) {}},
	} {
		list = append(list, forgedLife(c.desc, c.check, c.terms, c.do))
	}
	return list
}
