package audit

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// signedTx is a tx whose signature was verified.
type signedTx struct {
	*contract.Tx
	hash contract.Hash
}

// checkSignatures establishes v.txs: each tx is canonical, for this chain, and
// signed by its account.
func (v *verifier) checkSignatures() (string, error) {
	counts := map[string]int{}
	for i, wire := range v.file.Txs {
		tx, err := contract.DecodeTx(wire)
		if err != nil {
			return "", fmt.Errorf("transaction %d: %w", i, err)
		}
		name := contract.KindName(tx.Message)
		if tx.Chain != v.file.ChainID {
			return "", fmt.Errorf("transaction %d: a %s for chain %q", i, name, tx.Chain)
		}
		if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			return "", fmt.Errorf("transaction %d: the %s is not signed by %s", i, name, tx.Account)
		}
		v.txs = append(v.txs, signedTx{tx, contract.TxHash(wire)})
		counts[name]++
	}
	if counts["send"] != 1 || counts["pay"] != 0 {
		return "", fmt.Errorf("transactions: %d sends and %d pays, expected one send", counts["send"], counts["pay"])
	}
	parts := []string{"send"}
	counts["tightening"] = counts["tighten"]
	for _, word := range []string{"claim", "recall", "return", "ask", "answer", "tightening"} {
		if n := counts[word]; n > 0 {
			parts = append(parts, plural(n, word, word+"s"))
		}
	}
	return list(parts) + " signed", nil
}

// list is "a", "a and b", or "a, b and c".
func list(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// checkEntries establishes v.entries: exactly the history that the leaf's
// count and head stand for.
func (v *verifier) checkEntries() (string, error) {
	head := contract.FirstHead(v.file.ChainID, contract.PacketKey(v.id))
	for i, b := range v.file.Entries {
		e := new(contract.Entry)
		if err := contract.Decode(b, e); err != nil {
			return "", fmt.Errorf("entry %d: %w", i, err)
		}
		if e.Seq != uint64(i) {
			return "", fmt.Errorf("entry %d: has seq %d", i, e.Seq)
		}
		if e.Height > v.file.Height {
			return "", fmt.Errorf("entry %d: of block %d, after the proof's %d", i, e.Height, v.file.Height)
		}
		head = contract.NextHead(head, e.Hash())
		v.entries = append(v.entries, e)
	}
	if n := v.packet.History.Count; n != uint64(len(v.entries)) {
		return "", fmt.Errorf("%d entries, the leaf has %d", len(v.entries), n)
	}
	if head != v.packet.History.Head {
		return "", fmt.Errorf("%d entries do not fold to the head", len(v.entries))
	}
	return fmt.Sprintf("%s to the head", plural(len(v.entries), "entry folds", "entries fold")), nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// sums is where a packet's money went, from its entries.
type sums struct {
	sent, claimed, recalled, refunded contract.Amount
	settled, takenBack, returned      contract.Amount // of what was claimed; a settled share may be returned too
}

// checkSums establishes v.sums: no fen was made or lost.
func (v *verifier) checkSums() (string, error) {
	s := &v.sums
	for i, e := range v.entries {
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
			return "", fmt.Errorf("entry %d: of kind %s, which moves no money of a packet", i, e.Kind)
		}
		if *into, ok = into.Add(e.Posting.Amount); !ok {
			return "", fmt.Errorf("entry %d: amounts overflow", i)
		}
	}
	claimed := "claimed"
	if v.packet.Terms.Split == contract.Lucky {
		claimed = "drawn"
	}
	var words []string
	var sum contract.Amount
	for _, part := range []struct {
		amount contract.Amount
		word   string
	}{{s.claimed, claimed}, {s.recalled, "recalled"}, {s.refunded, "refunded"}, {v.packet.Escrow, "in escrow"}} {
		var ok bool
		if sum, ok = sum.Add(part.amount); !ok {
			return "", fmt.Errorf("sums: amounts overflow")
		}
		if part.amount > 0 {
			words = append(words, part.amount.String()+" "+part.word)
		}
	}
	line := fmt.Sprintf("%s = %s", strings.Join(words, " + "), sum)
	switch {
	case sum != v.packet.Terms.Total || sum != s.sent:
		return "", fmt.Errorf("sums: %s, but %s were sent under terms of %s", line, s.sent, v.packet.Terms.Total)
	}
	var back []string
	home := contract.Amount(0)
	for _, part := range []struct {
		amount contract.Amount
		word   string
	}{{s.takenBack, "recalled from hold"}, {s.returned, "returned"}} {
		var ok bool
		if home, ok = home.Add(part.amount); !ok || home > s.claimed {
			return "", fmt.Errorf("sums: %s came back of %s %s", home, s.claimed, claimed)
		}
		if part.amount > 0 {
			back = append(back, part.amount.String()+" of it "+part.word)
		}
	}
	if len(back) > 0 {
		line += " (" + list(back) + ")"
	}
	return line, nil
}
