package audit

import (
	"slices"

	"hongbao/contract"
)

// signedTx is a tx whose signature was verified.
type signedTx struct {
	*contract.DecodedTx
}

// checkSignatures establishes v.txs: each tx is canonical, for this chain, and
// signed by its account.
func (v *verifier) checkSignatures() (*Finding, error) {
	counts := map[string]int{}
	for i, wire := range v.file.Txs {
		tx, err := contract.ReadTx(wire)
		if err == nil {
			err = txInRange(tx.Tx)
		}
		if err != nil {
			return nil, within(err, "tx", "n", i)
		}
		name := contract.KindName(tx.Message)
		if tx.Chain != v.file.ChainID {
			return nil, within(fault("tx_chain", "message", name, "chain", tx.Chain), "tx", "n", i)
		}
		if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			return nil, within(fault("tx_signature", "message", name, "account", tx.Account), "tx", "n", i)
		}
		v.txs = append(v.txs, signedTx{tx})
		counts[name]++
	}
	if len(counts) == 0 {
		return nil, nil
	}
	return found("signatures", "messages", counts), nil
}

// history is the subject's, as its leaf has it.
func (v *verifier) history() contract.History {
	switch {
	case v.account != nil:
		return v.account.History
	case v.alone != nil:
		return v.alone.History
	}
	return v.packet.History
}

// checkEntries establishes v.entries: a part of exactly the history that the
// leaf's count and head stand for, or all of it.
func (v *verifier) checkEntries() (*Finding, error) {
	head, id := contract.FirstHead(v.file.ChainID, v.key), v.id
	if v.file.From > 0 {
		head = contract.Hash(v.file.Head)
	}
	for i, b := range v.file.Entries {
		e := new(contract.Entry)
		err := contract.Decode(b, e)
		if err == nil {
			err = entryInRange(e)
		}
		if err != nil {
			return nil, atEntry(i, err)
		}
		if v.file.Kind == KindLargePacket {
			if e.Packet != nil {
				return nil, atEntry(i, fault("shape_packet", "kind", e.Kind, "share", e.Share))
			}
			e.Packet = &id
		}
		if v.file.Kind != KindPacket && v.file.Kind != KindLargePacket { // whose replay makes each entry anew
			if err := checkEntry(e); err != nil {
				return nil, atEntry(v.file.From+uint64(i), err)
			}
		}
		if seq := v.file.From + uint64(i); e.Seq != seq {
			return nil, atEntry(seq, fault("entry_seq", "seq", e.Seq))
		}
		v.heads = append(v.heads, head)
		head = contract.NextHead(head, e.Hash())
		v.entries = append(v.entries, e)
	}
	shown := len(v.entries)
	for hash := range slices.Chunk(v.file.Tail, len(contract.Hash{})) {
		head = contract.NextHead(head, contract.Hash(hash))
	}
	all := v.file.From + uint64(shown) + uint64(len(v.file.Tail)/len(contract.Hash{}))
	history := v.history()
	if history.Count != all {
		return nil, fault("entries_count", "count", all, "leaf", history.Count)
	}
	if head != history.Head {
		return nil, fault("entries_head", "count", all)
	}
	for i, e := range v.entries {
		if err := v.inOrder(v.entries[:i], e); err != nil {
			return nil, atEntry(e.Seq, err)
		}
	}
	if last := v.entries[shown-1]; last.Time > v.now() {
		return nil, atEntry(last.Seq, fault("entry_future", "time", last.Time, "now", v.now()))
	}
	if all > uint64(shown) {
		return found("entries_part", "shown", shown, "count", all), nil
	}
	return found("entries", "count", shown), nil
}

// inOrder makes sure that blocks, and what happens inside one, only go on.
func (v *verifier) inOrder(earlier []*contract.Entry, e *contract.Entry) error {
	switch {
	case e.Height > v.file.Height:
		return fault("entry_height", "height", e.Height, "proof", v.file.Height)
	case (e.Height == 0) != (e.Phase == contract.PhaseGenesis):
		return fault("entry_when", "height", e.Height, "ns", int64(e.Time), "phase", e.Phase)
	case len(earlier) == 0:
		return nil
	}
	l := earlier[len(earlier)-1]
	switch {
	case e.Height > l.Height && e.Time >= l.Time:
		return nil
	case e.Height == l.Height && e.Time == l.Time:
		if e.Phase > l.Phase || e.Phase == l.Phase && e.Index > l.Index {
			return nil
		}
	}
	return fault("entry_order")
}

// sums is where a packet's money went, from its entries.
type sums struct {
	sent, claimed, recalled, refunded contract.Amount
	settled, takenBack, returned      contract.Amount // of what was claimed; a settled share may be returned too
}

// checkSums establishes v.sums: no fen was made or lost.
func (v *verifier) checkSums() (*Finding, error) {
	if err := v.addPostings(); err != nil {
		return nil, err
	}
	s := &v.sums
	total, ok := sum(s.claimed, s.recalled, s.refunded, v.packet.Escrow)
	if !ok {
		return nil, in("sums", errOverflow)
	}
	parts := []any{"claimed", s.claimed, "drawn", v.packet.Terms.Split == contract.Lucky, "recalled", s.recalled,
		"refunded", s.refunded, "escrow", v.packet.Escrow, "total", total, "taken_back", s.takenBack,
		"returned", s.returned}
	if total != v.packet.Terms.Total || total != s.sent {
		parts = append(parts, "sent", s.sent, "terms", v.packet.Terms.Total)
		return nil, in("sums", fault("sums_total", parts...))
	}
	back, ok := sum(s.takenBack, s.returned)
	if !ok || back > s.claimed {
		return nil, in("sums", fault("sums_back", append(parts, "back", back)...))
	}
	return found("sums", parts...), nil
}

// sum is what the amounts make together; not ok when that overflows.
func sum(amounts ...contract.Amount) (total contract.Amount, ok bool) {
	for _, a := range amounts {
		if total, ok = total.Add(a); !ok {
			return total, false
		}
	}
	return total, true
}

// addPostings sums the entries up by what they did.
func (v *verifier) addPostings() error {
	s := &v.sums
	for i, e := range v.entries {
		if e.Claims != nil {
			var ok bool
			if s.claimed, ok = s.claimed.Add(e.Claims.Sum); !ok {
				return atEntry(i, errOverflow)
			}
		}
		if e.Posting == nil {
			continue
		}
		into, ok := map[contract.Kind]*contract.Amount{
			contract.KindSend:   &s.sent,
			contract.KindClaim:  &s.claimed,
			contract.KindDraw:   &s.claimed,
			contract.KindRecall: &s.recalled,
			contract.KindRefund: &s.refunded,
			contract.KindSettle: &s.settled,
			contract.KindReturn: &s.returned,
		}[e.Kind]
		if e.Kind == contract.KindRecall && e.Share != 0 {
			into = &s.takenBack
		}
		if !ok {
			return atEntry(i, fault("entry_kind", "kind", e.Kind))
		}
		if *into, ok = into.Add(e.Posting.Amount); !ok {
			return atEntry(i, errOverflow)
		}
	}
	return nil
}

var errOverflow = fault("overflow")
