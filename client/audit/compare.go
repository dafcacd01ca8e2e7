package audit

import (
	"bytes"
	"fmt"
	"slices"

	"hongbao/contract"
)

// Comparison is what [Compare] found about two proofs of one chain.
type Comparison struct {
	Verdict       Verdict // Valid: both are, and may be compared; else the worse of both
	First, Second Report  // by height; of one height by their files' bytes
	Contradiction *Contradiction
	Failed        *Finding // why a file that calls itself a contradiction is none

	files [2][]byte
}

// Contradiction is why two valid proofs cannot both be true. More than 2/3 of the
// validators' power signed each, so that more than 1/3 signed both.
type Contradiction struct {
	Found   *Finding
	Heights [2]int64 // of the two headers
	Signers []Signer // of both, in the validators' order
	Power   int64    // theirs
	Total   int64    // of all validators
}

// Signer is a validator that signed both headers.
type Signer struct {
	Name    string // as the trust file has it; may be empty
	Address [addressBytes]byte
	Power   int64
}

// Compare judges two proof files by one trust file, and when both are valid
// looks for what cannot be true of one chain. It does not matter which comes
// first. docs/format.md, section 12, lists what contradicts what.
func Compare(a, b []byte, trust *Trust, o Options) (c Comparison) {
	defer func() {
		if p := recover(); p != nil {
			c = Comparison{}
			c.First.fail("file", fault("panic", "value", p))
			c.Verdict = Invalid
		}
	}()
	first, v := examine(a, trust, o)
	second, w := examine(b, trust, o)
	if v != nil && w != nil && outOfOrder(v, w, a, b) {
		a, b, first, second, v, w = b, a, second, first, w, v
	}
	c = Comparison{Verdict: worse(first.Verdict, second.Verdict), First: first, Second: second, files: [2][]byte{a, b}}
	if c.Verdict != Valid {
		return c
	}
	if found := contradiction(v, w); found != nil {
		c.Contradiction = newContradiction(found, v, w)
	}
	return c
}

func outOfOrder(v, w *verifier, a, b []byte) bool {
	if v.header.height != w.header.height {
		return v.header.height > w.header.height
	}
	return bytes.Compare(a, b) > 0
}

func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Invalid, Untrusted} {
		if a == v || b == v {
			return v
		}
	}
	return Valid
}

func newContradiction(found *Finding, v, w *verifier) *Contradiction {
	c := &Contradiction{Found: found, Heights: [2]int64{v.header.height, w.header.height}}
	for i, x := range v.set {
		c.Total += x.power
		j := slices.IndexFunc(w.set, func(y validator) bool { return y.address == x.address })
		if j >= 0 && v.header.commit.votes[i].flag == voteCommit && w.header.commit.votes[j].flag == voteCommit {
			c.Signers = append(c.Signers, Signer{x.name, x.address, x.power})
			c.Power += x.power
		}
	}
	return c
}

// contradiction is what a, whose state is not the later one, and b say that
// cannot both be true; nil where they may.
func contradiction(a, b *verifier) *Finding {
	for _, found := range []*Finding{a.againstHeader(b), a.againstLeaf(b), a.againstShare(b), a.againstLife(b),
		b.againstLife(a)} {
		if found != nil {
			return found
		}
	}
	return nil
}

// againstHeader compares the blocks: one of each height, whose times increase, as
// do the steps by which a dev chain's clock is ahead.
func (a *verifier) againstHeader(b *verifier) *Finding {
	one, other := a.header, b.header
	switch {
	case one.height == other.height:
		if first, second := one.hash(), other.hash(); !bytes.Equal(first, second) {
			return found("two_blocks", "height", one.height, "first", first, "second", second)
		}
	case one.time >= other.time:
		return found("time_back", "first", one.time, "height", one.height, "second", other.time, "later", other.height)
	case a.clock != nil && b.clock != nil && a.clock.Offset > b.clock.Offset:
		return found("clock_back", "first", a.clock.Offset, "second", b.clock.Offset)
	}
	return nil
}

// againstLeaf compares what a and b show of the same leaf at different heights.
// At one height they have one root.
func (a *verifier) againstLeaf(b *verifier) *Finding {
	if !bytes.Equal(a.key, b.key) || a.header.height == b.header.height {
		return nil
	}
	absent, gone := a.file.Kind == KindAbsent, b.file.Kind == KindAbsent
	switch {
	case absent && gone:
		return nil
	case gone:
		return found("absent_after", "height", a.file.Height, "later", b.file.Height)
	case absent:
		return a.againstBeginning(b)
	case a.supply != nil:
		if a.supply.Total != b.supply.Total {
			return found("supply_changed", "first", a.supply.Total, "second", b.supply.Total)
		}
		return nil
	case a.packet != nil:
		if what := changedPart(a.packet, b.packet); what != "" {
			return found("packet_changed", "what", what, "height", a.file.Height, "later", b.file.Height)
		}
		if a.alone != nil && !becomes(&a.alone.Share, &b.alone.Share) {
			what := fmt.Sprintf("share %d", a.share)
			return found("packet_changed", "what", what, "height", a.file.Height, "later", b.file.Height)
		}
	case a.account.Nonce > b.account.Nonce:
		return found("nonce_back", "first", a.account.Nonce, "second", b.account.Nonce)
	}
	return a.againstHistory(b)
}

// againstBeginning: a shows that nothing stood there; b's leaf was made by then.
func (a *verifier) againstBeginning(b *verifier) *Finding {
	made := b.packet != nil && b.packet.Created < a.now()
	if len(b.entries) > 0 && b.entries[0].Seq == 0 {
		made = made || b.entries[0].Height <= a.file.Height
	}
	if !made {
		return nil
	}
	return found("absent_before", "height", a.file.Height, "later", b.file.Height)
}

// againstShare compares a large packet's share with the proof that its entry was not
// claimed: a share's leaf is never deleted.
func (a *verifier) againstShare(b *verifier) *Finding {
	if a.id != b.id || a.share != b.share {
		return nil
	}
	switch was, is := a.file.Kind, b.file.Kind; {
	case was == KindLargeShare && is == KindUnclaimed:
		return found("absent_after", "height", a.file.Height, "later", b.file.Height)
	case was == KindUnclaimed && is == KindLargeShare && b.alone.Share.ClaimedAt < a.now():
		return found("absent_before", "height", a.file.Height, "later", b.file.Height)
	}
	return nil
}

// changedPart names what of a packet differs in its later state that cannot have
// changed, or did so in a way that no message allows; empty where nothing does.
func changedPart(a, b *contract.Packet) string {
	switch {
	case a.Sender != b.Sender || a.SendTx != b.SendTx || a.Created != b.Created ||
		!bytes.Equal(contract.Encode(&a.Terms), contract.Encode(&b.Terms)):
		return "terms"
	case a.Status != contract.Open && (a.Status != b.Status || a.Closed != b.Closed):
		return "status"
	}
	if was, is := a.Tally, b.Tally; was != nil && is != nil {
		if was.Claimed > is.Claimed || was.LastClaim > is.LastClaim || was.Recalled && !is.Recalled {
			return "claims"
		}
	}
	for i := range a.Tightened {
		if i >= len(b.Tightened) || !bytes.Equal(contract.Encode(&a.Tightened[i]), contract.Encode(&b.Tightened[i])) {
			return "clauses"
		}
	}
	for i := range a.Shares {
		if i >= len(b.Shares) || !becomes(&a.Shares[i], &b.Shares[i]) {
			return fmt.Sprintf("share %d", i+1)
		}
	}
	return ""
}

// later are the states that a share may have after another.
var later = map[contract.ShareState][]contract.ShareState{
	contract.Held:          {contract.Settled, contract.ShareRecalled, contract.Returned},
	contract.Settled:       {contract.Returned},
	contract.ShareRecalled: {},
	contract.Returned:      {},
}

// becomes reports whether share a may be b later.
func becomes(a, b *contract.Share) bool {
	if a.Claimer != b.Claimer || a.ClaimedAt != b.ClaimedAt {
		return false
	}
	if a.State == contract.Reserved {
		return true
	}
	return a.Amount == b.Amount && (a.State == b.State || slices.Contains(later[a.State], b.State))
}

// againstHistory compares the histories: the earlier is the beginning of the
// later one, and holds exactly what happened up to its height.
func (a *verifier) againstHistory(b *verifier) *Finding {
	was, is := a.history(), b.history()
	if was.Count > is.Count {
		return found("history_shorter", "first", was.Count, "second", is.Count)
	}
	if head, known := b.headAt(was.Count); known && head != was.Head {
		return found("history_other", "count", was.Count)
	}
	for _, e := range b.entries {
		if before := e.Height <= a.file.Height; before != (e.Seq < was.Count) {
			return found("history_entry", "seq", e.Seq, "height", e.Height, "state", a.file.Height, "count", was.Count)
		}
	}
	return nil
}

// headAt is what the first count entries of the history fold to, where the file
// tells.
func (v *verifier) headAt(count uint64) (head contract.Hash, known bool) {
	history := v.history()
	if count == history.Count {
		return history.Head, true
	}
	if len(v.entries) == 0 || count < v.file.From || count > history.Count {
		return head, false
	}
	i := count - v.file.From
	if i < uint64(len(v.heads)) {
		return v.heads[i], true
	}
	last := len(v.heads) - 1
	head = contract.NextHead(v.heads[last], v.entries[last].Hash())
	for hash := range slices.Chunk(v.file.Tail[:(i-uint64(len(v.heads)))*uint64(len(head))], len(head)) {
		head = contract.NextHead(head, contract.Hash(hash))
	}
	return head, true
}

// againstLife compares a packet's whole life with an account's statement: what the
// one moves to or from the other's wallet or hold stands in both, in the blocks that
// both show in full.
func (life *verifier) againstLife(statement *verifier) *Finding {
	if life.file.Kind != KindPacket || statement.file.Kind != KindAccount {
		return nil
	}
	from, until := int64(0), min(life.file.Height, statement.file.Height)
	if statement.file.From > 0 {
		from = statement.entries[0].Height + 1
	}
	if len(statement.file.Tail) > 0 {
		until = min(until, statement.entries[len(statement.entries)-1].Height-1)
	}
	moved := func(entries []*contract.Entry) (list [][]byte) {
		for _, e := range entries {
			if e.Posting != nil && e.Packet != nil && *e.Packet == life.id && from <= e.Height && e.Height <= until &&
				touches(e.Posting, statement.address) {
				same := *e
				same.Seq, same.Balance, same.Held = 0, 0, 0 // each history's own
				list = append(list, contract.Encode(&same))
			}
		}
		return list
	}
	if !slices.EqualFunc(moved(life.entries), moved(statement.entries), bytes.Equal) {
		return found("statement_other", "packet", life.id, "account", statement.address)
	}
	return nil
}

func touches(p *contract.Posting, a contract.Address) bool {
	return slices.ContainsFunc([]contract.Place{p.From, p.To}, func(place contract.Place) bool {
		return place == contract.Wallet(a) || place == contract.Hold(a)
	})
}

// The file of a contradiction is JSON of two proof files, byte for byte but for
// their last line's end, in the order of [Comparison].
const (
	contradictionStart = "{\n\"format\": \"hongbao-contradiction/1\",\n\"first\": "
	contradictionNext  = ",\n\"second\": "
	contradictionEnd   = "\n}\n"

	// MaxContradictionBytes is what such a file has at most.
	MaxContradictionBytes = 2*MaxFileBytes + 100
)

// Encode is a file that anyone can check with [VerifyContradiction]: the two
// proofs. It is nil where there is no contradiction.
func (c *Comparison) Encode() []byte {
	if c.Contradiction == nil {
		return nil
	}
	cut := func(file []byte) []byte { return bytes.TrimSuffix(file, []byte("\n")) }
	return slices.Concat([]byte(contradictionStart), cut(c.files[0]), []byte(contradictionNext), cut(c.files[1]),
		[]byte(contradictionEnd))
}

// IsContradiction reports whether a file calls itself one of a contradiction.
func IsContradiction(file []byte) bool { return bytes.HasPrefix(file, []byte(contradictionStart)) }

// VerifyContradiction judges a file that [Comparison.Encode] made. Its verdict is
// Invalid, too, where the file is not spelt so, or both its proofs may be true.
func VerifyContradiction(file []byte, trust *Trust, o Options) (c Comparison) {
	bad := Comparison{Verdict: Invalid, Failed: found("contradiction_form")}
	rest, ok := bytes.CutPrefix(file, []byte(contradictionStart))
	if !ok || len(file) > MaxContradictionBytes {
		return bad
	}
	rest, ok = bytes.CutSuffix(rest, []byte(contradictionEnd))
	first, second, two := bytes.Cut(rest, []byte("\n}"+contradictionNext)) // no proof has such a line inside
	if !ok || !two {
		return bad
	}
	c = Compare(append(bytes.Clone(first), "\n}\n"...), append(bytes.Clone(second), '\n'), trust, o)
	switch {
	case c.Verdict != Valid:
		return c
	case c.Contradiction == nil:
		c.Verdict, c.Failed = Invalid, found("contradiction_none")
	case !bytes.Equal(c.Encode(), file):
		return bad
	}
	return c
}
