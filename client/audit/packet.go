package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

// signedTx is a tx whose signature was verified.
type signedTx struct {
	*contract.Tx
	hash contract.Hash
}

// checkSignatures establishes v.txs: each tx is canonical, for this chain, and
// signed by its account.
func (v *verifier) checkSignatures() (line, error) {
	counts := map[string]int{}
	for i, wire := range v.file.Txs {
		tx, err := contract.DecodeTx(wire)
		if err != nil {
			return line{}, fmt.Errorf("transaction %d: %w", i, err)
		}
		name := contract.KindName(tx.Message)
		if tx.Chain != v.file.ChainID {
			return line{}, fmt.Errorf("transaction %d: a %s for chain %q", i, name, tx.Chain)
		}
		if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			return line{}, fmt.Errorf("transaction %d: the %s is not signed by %s", i, name, tx.Account)
		}
		v.txs = append(v.txs, signedTx{tx, contract.TxHash(wire)})
		counts[name]++
	}
	var en, zh []string
	for _, m := range messages {
		if n := counts[m.name]; n == 1 && m.name == "send" {
			en, zh = append(en, m.one), append(zh, m.zh)
		} else if n > 0 {
			en, zh = append(en, words.Count(n, m.one, m.many)), append(zh, fmt.Sprintf("%d 笔%s", n, m.zh))
		}
	}
	if len(en) == 0 {
		return line{}, nil
	}
	return line{list(en) + " signed", strings.Join(zh, "、") + "都有签名"}, nil
}

// messages are the names of what can be signed.
var messages = []struct{ name, one, many, zh string }{
	{"send", "send", "sends", "发包"},
	{"pay", "payment", "payments", "付款"},
	{"claim", "claim", "claims", "领取"},
	{"recall", "recall", "recalls", "撤回"},
	{"return", "return", "returns", "退回"},
	{"ask", "ask", "asks", "请求"},
	{"answer", "answer", "answers", "答复"},
	{"tighten", "tightening", "tightenings", "收紧"},
}

// history is the subject's, as its leaf has it.
func (v *verifier) history() contract.History {
	if v.account != nil {
		return v.account.History
	}
	return v.packet.History
}

// checkEntries establishes v.entries: a part of exactly the history that the
// leaf's count and head stand for, or all of it.
func (v *verifier) checkEntries() (line, error) {
	head := contract.FirstHead(v.file.ChainID, v.key)
	if v.file.From > 0 {
		head = contract.Hash(v.file.Head)
	}
	for i, b := range v.file.Entries {
		e := new(contract.Entry)
		if err := contract.Decode(b, e); err != nil {
			return line{}, fmt.Errorf("entry %d: %w", i, err)
		}
		if v.file.Kind != KindPacket { // whose replay makes each entry anew
			if err := checkEntry(e); err != nil {
				return line{}, fmt.Errorf("entry %d: %w", v.file.From+uint64(i), err)
			}
		}
		if seq := v.file.From + uint64(i); e.Seq != seq {
			return line{}, fmt.Errorf("entry %d: has seq %d", seq, e.Seq)
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
		return line{}, fmt.Errorf("%d entries, the leaf has %d", all, history.Count)
	}
	if head != history.Head {
		return line{}, fmt.Errorf("%d entries do not fold to the head", all)
	}
	for i, e := range v.entries {
		if err := v.inOrder(v.entries[:i], e); err != nil {
			return line{}, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
	}
	if last := v.entries[shown-1]; last.Time > v.now() {
		return line{}, fmt.Errorf("entry %d: of %s, and at the header it is %s yet", last.Seq, last.Time, v.now())
	}
	if all > uint64(shown) {
		return both("%d of %d entries shown, all fold to the head", "给出 %d 条(共 %d 条)记录,全部折合为表头", shown, all), nil
	}
	return both("%[1]s to the head", "%[2]d 条记录全部折合为表头", words.Count(shown, "entry folds", "entries fold"), shown), nil
}

// inOrder makes sure that blocks, and what happens inside one, only go on.
func (v *verifier) inOrder(earlier []*contract.Entry, e *contract.Entry) error {
	switch {
	case e.Height > v.file.Height:
		return fmt.Errorf("of block %d, after the proof's %d", e.Height, v.file.Height)
	case e.Time < 0 || e.Height < 0 || (e.Height == 0) != (e.Phase == contract.PhaseGenesis):
		return fmt.Errorf("at height %d, %d ns, in phase %s", e.Height, e.Time, e.Phase)
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
	return errors.New("is not after the one before")
}

// sums is where a packet's money went, from its entries.
type sums struct {
	sent, claimed, recalled, refunded contract.Amount
	settled, takenBack, returned      contract.Amount // of what was claimed; a settled share may be returned too
}

// checkSums establishes v.sums: no fen was made or lost.
func (v *verifier) checkSums() (line, error) {
	if err := v.addPostings(); err != nil {
		return line{}, err
	}
	s := &v.sums
	claimed := part{s.claimed, "claimed", "已领"}
	if v.packet.Terms.Split == contract.Lucky {
		claimed = part{s.claimed, "drawn", "已抽"}
	}
	sum, said, ok := add(" + ", " + ", claimed, part{s.recalled, "recalled", "撤回"}, part{s.refunded, "refunded", "到期退回"},
		part{v.packet.Escrow, "in escrow", "未领"})
	if !ok {
		return line{}, fmt.Errorf("sums: %w", errOverflow)
	}
	said.en, said.zh = said.en+" = "+sum.String(), said.zh+" = "+sum.String()
	if sum != v.packet.Terms.Total || sum != s.sent {
		return line{}, fmt.Errorf("sums: %s, but %s were sent under terms of %s", said.en, s.sent, v.packet.Terms.Total)
	}
	home, back, ok := add(" and ", "、", part{s.takenBack, "of it recalled from hold", "其中到账前被撤回"}, part{s.returned, "of it returned", "其中由领的人退回"})
	if !ok || home > s.claimed {
		return line{}, fmt.Errorf("sums: %s came back of %s %s", home, s.claimed, claimed.en)
	}
	if home > 0 {
		said.en, said.zh = said.en+" ("+back.en+")", said.zh+"("+back.zh+")"
	}
	return said, nil
}

// addPostings sums the entries up by what they did.
func (v *verifier) addPostings() error {
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
			return fmt.Errorf("entry %d: of kind %s, which moves no money of a packet", i, e.Kind)
		}
		if *into, ok = into.Add(e.Posting.Amount); !ok {
			return fmt.Errorf("entry %d: %w", i, errOverflow)
		}
	}
	return nil
}

var errOverflow = errors.New("amounts overflow")

// part is an amount and what became of it.
type part struct {
	amount contract.Amount
	en, zh string
}

// add sums parts up, and lists those that are something: "1.00 claimed + 2.00
// recalled".
func add(en, zh string, parts ...part) (sum contract.Amount, said line, ok bool) {
	var ens, zhs []string
	for _, p := range parts {
		if sum, ok = sum.Add(p.amount); !ok {
			return sum, said, false
		}
		if p.amount > 0 {
			ens, zhs = append(ens, p.amount.String()+" "+p.en), append(zhs, p.zh+" "+p.amount.String())
		}
	}
	return sum, line{strings.Join(ens, en), strings.Join(zhs, zh)}, true
}
