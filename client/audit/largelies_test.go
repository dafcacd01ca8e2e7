package audit

import (
	"bytes"
	"slices"
	"time"

	"hongbao/contract"
)

// What validators could say of a large packet's life, and must not be believed.

// batchLies are about the claims, reserves and draws of a block.
var batchLies = []campaignLie{
	{"a batch's sum, and nothing else", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		e.Claims.Sum = r.amount(e.Claims.Sum)
		return true
	})},
	{"a sum of equal shares, wherever it shows", func(d *draft, r liar) bool {
		at := d.where(isBatch)
		if len(at) == 0 || d.packet().Terms.Split != contract.Equal {
			return false
		}
		i := r.pick(at)
		by := contract.Amount(1 + r.Uint64N(99))
		d.entries[i].Claims.Sum += by
		d.shift(i, -by)
		return true
	}},
	{"a sum that leaves too little for the others, wherever it shows", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return isBatch(e) && e.Kind != contract.KindReserve })
		if len(at) == 0 || d.packet().Status == contract.Full {
			return false
		}
		i := at[len(at)-1]
		e := d.entries[i]
		left := contract.Amount(d.packet().Terms.Shares - d.packet().Tally.Claimed)
		if e.Kind == contract.KindClaim && i+1 < len(d.entries) && isBatch(d.entries[i+1]) || e.Balance < left {
			return false
		}
		by := e.Balance - left + 1 + contract.Amount(r.Uint64N(uint64(left)))
		if by > e.Balance {
			by = e.Balance
		}
		e.Claims.Sum += by
		d.shift(i, -by)
		return left > 0
	}},
	{"less than a fen for each, wherever it shows", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool {
			return isBatch(e) && e.Kind != contract.KindReserve && e.Claims.Count > 1
		})
		if len(at) == 0 {
			return false
		}
		i := r.pick(at)
		c := d.entries[i].Claims
		sum := contract.Amount(r.Uint64N(uint64(c.Count)))
		by := c.Sum - sum
		c.Sum = sum
		d.shift(i, by)
		return true
	}},
	{"a batch's count, and nothing else", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		was := e.Claims.Count
		e.Claims.Count = uint32(r.other(uint64(was)))
		return e.Claims.Count != was
	})},
	{"more claims than shares", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return isBatch(e) && e.Kind != contract.KindDraw })
		if len(at) == 0 {
			return false
		}
		by := d.packet().Terms.Shares - d.packet().Tally.Claimed + 1 + r.Uint32N(1000)
		d.entries[r.pick(at)].Claims.Count += by
		d.packet().Tally.Claimed += by
		return true
	}},
	{"a batch without claims", func(d *draft, r liar) bool {
		at := d.where(isBatch)
		if len(at) == 0 {
			return false
		}
		i := 1 + r.IntN(len(d.entries))
		e := *d.entries[r.pick(at)]
		e.Claims = &contract.ClaimBatch{Digest: r.hash()}
		e.Balance = d.entries[i-1].Balance
		e.Height, e.Time, e.Phase, e.Index = d.entries[i-1].Height, d.entries[i-1].Time, contract.PhaseTx,
			d.entries[i-1].Index+1
		d.entries = slices.Insert(d.entries, i, &e)
		d.renumber()
		return true
	}},
	{"another kind of batch", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		was := e.Kind
		e.Kind = contract.Kind(1 + r.IntN(16))
		return e.Kind != was
	})},
	{"another phase", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		was := e.Phase
		e.Phase = contract.Phase(r.IntN(6))
		return e.Phase != was
	})},
	{"a transaction or beacon too many or too few", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		h := r.hash()
		toggle := func(at **contract.Hash) {
			if *at == nil {
				*at = &h
			} else {
				*at = nil
			}
		}
		if r.IntN(2) == 0 {
			toggle(&e.Tx)
		} else {
			toggle(&e.Beacon)
		}
		return true
	})},
	{"a batch of a share, with a posting or a reason", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		switch r.IntN(4) {
		case 0:
			e.Share = 1 + r.Uint32N(1000)
		case 1:
			e.Posting = &contract.Posting{From: contract.Escrow(d.packet().ID), To: contract.Wallet(address("mallory")),
				Amount: contract.Amount(1 + r.Uint64N(500))}
		case 2:
			e.Reason = r.reason()
		case 3:
			e.Held = contract.Amount(1 + r.Uint64N(500))
		}
		return true
	})},
	{"one block's claims in two entries", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		if e.Claims.Count < 2 {
			return false
		}
		first, claims := *e, *e.Claims
		n := 1 + r.Uint32N(claims.Count-1)
		sum := min(claims.Sum, claims.Sum/contract.Amount(claims.Count)*contract.Amount(n))
		first.Claims = &contract.ClaimBatch{Count: n, Sum: sum, Digest: r.hash()}
		e.Claims.Count, e.Claims.Sum = claims.Count-n, claims.Sum-sum
		first.Balance += e.Claims.Sum
		if first.Index == 0 {
			e.Index++
		} else {
			first.Index--
		}
		d.entries = slices.Insert(d.entries, int(e.Seq), &first)
		d.renumber()
		return true
	})},
	{"claims at or after expiry, or after the packet was closed", func(d *draft, r liar) bool {
		p := d.packet()
		if p == nil || len(d.entries) == 0 || p.Tally.Undrawn > 0 || p.Status == contract.Full {
			return false
		}
		at := p.Expires.Plus(contract.Seconds(r.IntN(1000)))
		last := d.entries[len(d.entries)-1]
		if p.Status != contract.Open {
			at = last.Time.Plus(contract.Seconds(1 + r.IntN(100)))
		}
		h, n := r.hash(), 1+r.Uint32N(p.Terms.Shares-p.Tally.Claimed)
		sum := min(contract.Amount(n)*p.Terms.ShareAmount(), p.Escrow)
		e := &contract.Entry{Seq: uint64(len(d.entries)), Height: last.Height + 1, Time: at, Phase: contract.PhaseTx,
			Index: r.Uint32N(100), Kind: contract.KindClaim, Tx: &h, Packet: &p.ID, Balance: p.Escrow - sum,
			Claims: &contract.ClaimBatch{Count: n, Sum: sum, Digest: r.hash()}}
		if p.Terms.Split == contract.Lucky {
			e.Kind, e.Claims.Sum, e.Balance, sum = contract.KindReserve, 0, p.Escrow, 0
			p.Tally.Undrawn += n
		}
		p.Escrow, p.Tally.Claimed, p.Tally.LastClaim = p.Escrow-sum, p.Tally.Claimed+n, at
		d.entries = append(d.entries, e)
		d.file.Height, d.at = e.Height, at.Std().Add(time.Second)
		return true
	}},
	{"draws in another block than the next", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return e.Phase == contract.PhaseDraw })
		if len(at) == 0 {
			return false
		}
		by := 1 + r.Int64N(1000)
		for _, e := range d.entries[at[len(at)-1]:] {
			e.Height += by
		}
		d.file.Height += by
		return true
	}},
	{"draws that are owed for ever", func(d *draft, r liar) bool {
		if p := d.packet(); p == nil || p.Tally.Undrawn == 0 || len(d.entries) == 0 {
			return false
		}
		d.file.Height += 1 + r.Int64N(1000)
		return true
	}},
}

func eachBatch(make func(d *draft, r liar, e *contract.Entry) bool) func(*draft, liar) bool {
	return func(d *draft, r liar) bool {
		at := d.where(isBatch)
		return len(at) > 0 && make(d, r, d.entries[r.pick(at)])
	}
}

// lifeLies are about the other entries, and their order.
var lifeLies = []campaignLie{
	{"an entry left out", func(d *draft, r liar) bool {
		if len(d.entries) == 0 {
			return false
		}
		i := r.IntN(len(d.entries))
		d.entries = slices.Delete(d.entries, i, i+1)
		d.renumber()
		return len(d.entries) > 0
	}},
	{"an entry twice", func(d *draft, r liar) bool {
		if len(d.entries) == 0 {
			return false
		}
		e := *d.entries[r.IntN(len(d.entries))]
		d.entries = slices.Insert(d.entries, r.IntN(len(d.entries)+1), &e)
		d.renumber()
		return true
	}},
	{"two entries in each other's place", func(d *draft, r liar) bool {
		n := len(d.entries)
		if n < 2 {
			return false
		}
		i := r.IntN(n)
		j := (i + 1 + r.IntN(n-1)) % n
		d.entries[i], d.entries[j] = d.entries[j], d.entries[i]
		if r.IntN(2) == 0 {
			d.renumber()
		}
		return true
	}},
	{"another balance behind an entry", func(d *draft, r liar) bool {
		if len(d.entries) == 0 {
			return false
		}
		e := d.entries[r.IntN(len(d.entries))]
		was := e.Balance
		e.Balance = r.amount(was)
		return e.Balance != was
	}},
	{"another amount, or place, of what came home", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return e.Posting != nil })
		if len(at) == 0 {
			return false
		}
		p := d.entries[r.pick(at)].Posting
		was := *p
		switch r.IntN(3) {
		case 0:
			p.Amount = r.amount(p.Amount)
		case 1:
			p.To = contract.Wallet(address("mallory"))
		case 2:
			p.From.Kind = contract.PlaceKind(r.IntN(4))
		}
		return *p != was
	}},
	{"another reason, transaction, kind or packet of an entry that is no batch", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return e.Claims == nil })
		if len(at) == 0 {
			return false
		}
		e := d.entries[r.pick(at)]
		before := contract.Encode(e)
		switch r.IntN(5) {
		case 0:
			e.Reason = r.reason()
		case 1:
			h := r.hash()
			e.Tx = &h
		case 2:
			e.Kind = contract.Kind(1 + r.IntN(16))
		case 3:
			id := contract.PacketID(r.hash())
			e.Packet = &id
		case 4:
			sum := contract.Amount(r.Uint64N(100))
			e.Claims = &contract.ClaimBatch{Count: 1 + r.Uint32N(3), Sum: sum, Digest: r.hash()}
		}
		return !bytes.Equal(before, contract.Encode(e))
	}},
	{"a batch of other claims, under the old head", eachBatch(func(d *draft, r liar, e *contract.Entry) bool {
		if d.keeps = true; r.IntN(2) == 0 {
			e.Claims.Digest = r.hash()
			return true
		}
		h := r.hash()
		e.Tx = &h
		return true
	})},
	{"a recall or tightening by another account", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool {
			return e.Tx != nil && (e.Kind == contract.KindRecall || e.Kind == contract.KindTighten)
		})
		if len(at) == 0 {
			return false
		}
		e := d.entries[r.pick(at)]
		i := slices.IndexFunc(d.txs, func(tx []byte) bool { return contract.TxHash(tx) == *e.Tx })
		old, err := contract.DecodeTx(d.txs[i])
		must(d.t, err)
		d.txs[i] = d.sign([]string{"mallory", "lin", "bob"}[r.IntN(3)], e, old.Message)
		hash := contract.TxHash(d.txs[i])
		e.Tx = &hash
		return true
	}},
	{"a recall under a clause that does not allow it", func(d *draft, r liar) bool {
		at := d.where(func(e *contract.Entry) bool { return e.Tx != nil && e.Kind == contract.KindRecall })
		if len(at) == 0 {
			return false
		}
		p, e := d.packet(), d.entries[at[0]]
		m := &contract.Recall{Packet: p.ID, Clause: uint32(len(p.Terms.Clauses)) + 1 + r.Uint32N(9), Reason: e.Reason}
		if r.IntN(2) == 0 && len(p.Terms.Clauses) > 1 { // those on shares
			m.Clause = 1 + r.Uint32N(uint32(len(p.Terms.Clauses)-1))
		}
		i := slices.IndexFunc(d.txs, func(tx []byte) bool { return contract.TxHash(tx) == *e.Tx })
		d.txs[i] = d.sign("alice", e, m)
		hash := contract.TxHash(d.txs[i])
		e.Tx = &hash
		return true
	}},
	{"entries of more than happened by then", func(d *draft, r liar) bool {
		if len(d.entries) < 2 {
			return false
		}
		d.file.Height = d.entries[len(d.entries)-1].Height - 1
		return d.file.Height > 0
	}},
}
