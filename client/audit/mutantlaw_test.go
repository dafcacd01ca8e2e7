package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"hongbao/contract"

	cmttypes "github.com/cometbft/cometbft/types"
)

// Mutants that all validators signed. What is theirs to say they can lie about:
// when things happened, within what the parties signed, and of a kind that shows
// no history what the leaf says. The rest must be refused.

var lawlessMutations = []mutation{
	{name: "signed by all validators: a value in the leaf", mutants: lawless(inLeaf), truth: isWord},
	{name: "signed by all validators: a value in an entry", mutants: lawless(inEntry), truth: isWord},
	{name: "signed by all validators: a value in a transaction", mutants: lawlessTxs, truth: isWord},
	{name: "signed by all validators: a value wherever it stands", mutants: lawlessEverywhere, truth: isWord},
	{name: "signed by all validators: entries dropped, repeated, moved", mutants: lawlessOrder, truth: isWord},
	{name: "signed by all validators: leaf or entry spelt otherwise", mutants: lawlessSpelling, truth: isWord},
}

// seal has the validators sign that the leaf is this, with the history that the
// file shows.
func (s *sample) seal(f *File, leaf any) []byte {
	if history := historyOf(leaf); history != nil && len(f.Entries) > 0 {
		head := contract.FirstHead(testChain, s.key())
		if f.From > 0 {
			head = contract.Hash(f.Head)
		}
		for _, b := range f.Entries {
			head = contract.NextHead(head, contract.EntryHash(b))
		}
		for h := range slices.Chunk(f.Tail, 32) {
			head = contract.NextHead(head, contract.Hash(h))
		}
		defer put(history, contract.History{Count: f.From + uint64(len(f.Entries)+len(f.Tail)/32), Head: head})()()
	}
	return s.sealBytes(f, contract.Encode(leaf))
}

func (s *sample) sealBytes(f *File, leaf []byte) []byte {
	f.LeafProof = s.proofOf(leaf)
	proof := s.readProof()
	proof.GetExist().Value = leaf
	root, err := proof.GetExist().Calculate()
	must(s.world.t, err)
	h, err := cmttypes.SignedHeaderFromProto(s.readHeader())
	must(s.world.t, err)
	h.AppHash = []byte(root)
	if len(f.ClockProof) > 0 { // it leads to another root: the headers are as late as the clock instead
		clock := new(contract.Clock)
		must(s.world.t, contract.Decode(readProof(s.world.t, f.ClockProof).GetExist().Value, clock))
		h.Time, f.ClockProof = h.Time.Add(time.Duration(clock.Offset)*time.Second), nil
	}
	h.Commit.BlockID.Hash = h.Header.Hash()
	for i, k := range s.world.vals.keys {
		h.Commit.Signatures[i].Signature, _ = k.Sign(h.Commit.VoteSignBytes(testChain, int32(i)))
	}
	f.SignedHeader, err = h.ToProto().Marshal()
	must(s.world.t, err)
	return f.write()
}

func historyOf(leaf any) *contract.History {
	switch l := leaf.(type) {
	case *contract.Packet:
		return &l.History
	case *contract.Account:
		return &l.History
	}
	return nil
}

func lawless(what string) func(*samples, *sample, func(func() []byte)) {
	return func(c *samples, s *sample, try func(func() []byte)) {
		leaf := s.readLeaf()
		for _, in := range s.insides() {
			if in.what != what || leaf == nil {
				continue
			}
			if what == inLeaf {
				leaf = in.value
			}
			c.edits(in, func(change func() func()) {
				try(func() []byte {
					defer change()()
					f := *s.file
					in.store(&f)
					return s.seal(&f, leaf)
				})
			})
		}
	}
}

// lawlessTxs change what somebody signed, and name the result in entry and leaf.
func lawlessTxs(c *samples, s *sample, try func(func() []byte)) {
	for i, in := range s.insides() {
		if in.what != inTx {
			continue
		}
		c.edits(in, func(change func() func()) {
			try(func() []byte {
				others := s.insides()
				old := contract.TxHash(others[i].value.(*contract.Tx).Encode())
				defer change()()
				hash := contract.TxHash(in.value.(*contract.Tx).Encode())
				f, leaf := *s.file, s.readLeaf()
				for _, o := range others {
					if e, ok := o.value.(*contract.Entry); ok && e.Tx != nil && *e.Tx == old {
						e.Tx = &hash
						o.store(&f)
					}
				}
				if p, ok := leaf.(*contract.Packet); ok {
					if p.SendTx == old {
						p.SendTx = hash
					}
					if m, ok := in.value.(*contract.Tx).Message.(*contract.Send); ok {
						p.Terms = m.Terms
					}
				}
				in.store(&f)
				return s.seal(&f, leaf)
			})
		})
	}
}

// lawlessEverywhere change an amount, a time, an account, an id, a hash or a
// number wherever it stands in leaf and entries, so that they agree.
func lawlessEverywhere(c *samples, s *sample, try func(func() []byte)) {
	var insides []inside
	var leaf any
	places := map[string][]reflect.Value{}
	for _, in := range s.insides() {
		if in.what == inLeaf || in.what == inEntry {
			insides = append(insides, in)
			scalars(reflect.ValueOf(in.value).Elem(), places)
		}
		if in.what == inLeaf {
			leaf = in.value
		}
	}
	if leaf == nil {
		return
	}
	names := make([]string, 0, len(places))
	for name := range places {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := places[name]
		e := &editor{pools: c.values, visit: func(change func() func()) {
			try(func() []byte {
				defer change()()
				to := reflect.New(at[0].Type()).Elem()
				to.Set(at[0])
				for _, v := range at[1:] {
					old := reflect.New(v.Type()).Elem()
					old.Set(v)
					defer v.Set(old)
					v.Set(to.Convert(v.Type()))
				}
				f := *s.file
				for _, in := range insides {
					in.store(&f)
				}
				return s.seal(&f, leaf)
			})
		}}
		e.edit(at[0])
	}
}

// scalars finds the places of amounts, times, heights and 32-byte values that are
// not zero, by what they are.
func scalars(v reflect.Value, places map[string][]reflect.Value) {
	add := func(sort string) {
		if !v.IsZero() {
			name := fmt.Sprintf("%s %x", sort, v.Interface())
			places[name] = append(places[name], v)
		}
	}
	switch {
	case v.Type() == reflect.TypeFor[contract.Amount]():
		add("amount")
	case v.Type() == reflect.TypeFor[contract.Time]():
		add("time")
	case v.Kind() == reflect.Int64:
		add("height")
	case v.Kind() == reflect.Array && v.Len() == 32:
		places[fmt.Sprintf("bytes %x", bytesOf(v))] = append(places[fmt.Sprintf("bytes %x", bytesOf(v))], v)
	case v.Kind() == reflect.Pointer && !v.IsNil():
		scalars(v.Elem(), places)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			scalars(v.Index(i), places)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				scalars(v.Field(i), places)
			}
		}
	}
}

func bytesOf(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	return b
}

// lawlessOrder rearranges the history, with seqs and head that fit.
func lawlessOrder(c *samples, s *sample, try func(func() []byte)) {
	leaf := s.readLeaf()
	if leaf == nil {
		return
	}
	for list := range rearranged(s.file.Entries) {
		for _, entries := range [][][]byte{list, renumber(list, s.file.From)} {
			try(func() []byte {
				f := *s.file
				f.Entries = entries
				return s.seal(&f, leaf)
			})
		}
	}
}

// lawlessSpelling writes leaf and entries in CBOR that is not canonical.
func lawlessSpelling(c *samples, s *sample, try func(func() []byte)) {
	leaf := s.readLeaf()
	if leaf == nil {
		return
	}
	for _, b := range respeltCBOR(contract.Encode(leaf)) {
		try(func() []byte { f := *s.file; return s.sealBytes(&f, b) })
	}
	for i, b := range s.file.Entries {
		for _, b := range respeltCBOR(b) {
			try(func() []byte {
				f := *s.file
				f.Entries = slices.Clone(f.Entries)
				f.Entries[i] = b
				return s.seal(&f, leaf)
			})
		}
	}
}

// isWord reports whether an accepted file that all validators signed says
// nothing else than the vector but what is theirs to say.
func isWord(s *sample, mutant []byte) bool {
	var f File
	if json.Unmarshal(mutant, &f) != nil {
		return false
	}
	m := &sample{bytes: mutant, file: &f, world: s.world}
	if f.Kind != s.file.Kind || f.Subject != s.file.Subject || !reflect.DeepEqual(f.Txs, s.file.Txs) || !reflect.DeepEqual(f.Beacons, s.file.Beacons) {
		return false
	}
	was, is := s.readLeaf(), m.readLeaf()
	switch f.Kind {
	case KindSupply:
		sum := is.(*contract.Supply)
		return sum.Wallets+sum.Escrow+sum.Held == sum.Total && max(sum.Wallets, sum.Escrow, sum.Held) <= sum.Total
	case KindAccount:
		return sameMoney(s, m)
	case KindUnrecalled:
		p := is.(*contract.Packet)
		return p.Status != contract.Recalled && !slices.ContainsFunc(p.Shares, func(s contract.Share) bool { return s.State == contract.ShareRecalled })
	}
	a, b := was.(*contract.Packet), is.(*contract.Packet)
	if a.Sender != b.Sender || a.SendTx != b.SendTx || !bytes.Equal(contract.Encode(&a.Terms), contract.Encode(&b.Terms)) {
		return false
	}
	switch f.Kind {
	case KindPacket:
		return sameButWhen(a, b, s.events(), m.events()) && fits(b, m.events())
	case KindShare:
		return sameClaim(s, a, b) && m.inTime(1, b.Shares[s.shareNumber()-1].ClaimedAt)
	}
	if n := s.shareNumber(); n > 0 && (!sameClaim(s, a, b) || b.Shares[n-1].State != contract.ShareRecalled) {
		return false
	}
	return sameRecall(s.events(), m.events())
}

// sameRecall compares a recall's own entries, and which of the entries shown are
// tightenings. When things were, and what else there was in escrow or in the
// history, is the validators' word.
func sameRecall(a, b []contract.Entry) bool {
	shown := func(list []contract.Entry) (own []contract.Entry) {
		for _, e := range list {
			e.Seq = 0
			switch {
			case e.Kind == contract.KindRecall && (e.Share != 0 || e.Posting == nil):
				e.Balance = 0
				own = append(own, e)
			case e.Kind == contract.KindRecall:
				own = append(own, e)
			case e.Kind == contract.KindTighten:
				own = append(own, contract.Entry{Kind: e.Kind})
			}
		}
		return own
	}
	return sameEvents(shown(a), shown(b))
}

func (s *sample) events() []contract.Entry { return decode(s.world.t, s.file.Entries) }

func (s *sample) shareNumber() int {
	_, n, _ := strings.Cut(s.file.Subject, "/")
	share, _ := strconv.Atoi(n)
	return share
}

// inTime reports whether tx i might execute at that time.
func (s *sample) inTime(i int, at contract.Time) bool {
	tx, err := contract.DecodeTx(s.file.Txs[i])
	return err == nil && at < tx.ValidUntil && tx.ValidUntil-at <= 600e9
}

// sameClaim compares what sender and claimer signed of the share.
func sameClaim(s *sample, a, b *contract.Packet) bool {
	n := s.shareNumber()
	if len(b.Shares) < n || a.Shares[n-1].Claimer != b.Shares[n-1].Claimer {
		return false
	}
	return a.Terms.Split == contract.Lucky || a.Shares[n-1].Amount == b.Shares[n-1].Amount
}

// sameEvents compares entries but for when they were.
func sameEvents(a, b []contract.Entry) bool {
	timeless := func(list []contract.Entry) []byte {
		list = slices.Clone(list)
		for i := range list {
			list[i].Height, list[i].Time, list[i].Index = 0, 0, 0
		}
		return contract.Encode(list)
	}
	return bytes.Equal(timeless(a), timeless(b))
}

// sameButWhen compares packets and their lives but for when things were.
func sameButWhen(a, b *contract.Packet, was, is []contract.Entry) bool {
	timeless := func(p *contract.Packet) []byte {
		t := *p
		t.Created, t.Expires, t.Closed, t.History = 0, 0, 0, contract.History{}
		t.Shares, t.Tightened = slices.Clone(t.Shares), slices.Clone(t.Tightened)
		for i := range t.Shares {
			t.Shares[i].ClaimedAt = 0
			if asked := t.Shares[i].Asked; asked != nil {
				t.Shares[i].Asked = &contract.Asked{State: asked.State, Reason: asked.Reason}
			}
		}
		for i := range t.Tightened {
			t.Tightened[i].At = 0
		}
		return contract.Encode(&t)
	}
	return bytes.Equal(timeless(a), timeless(b)) && sameEvents(was, is)
}

// fits reports whether a packet's times are those of its entries.
func fits(p *contract.Packet, entries []contract.Entry) bool {
	claims, tightened := 0, 0
	for _, e := range entries {
		fit := true
		switch e.Kind {
		case contract.KindSend:
			fit = p.Created == e.Time && p.Expires == e.Time+contract.Time(p.Terms.Expiry)*1e9
		case contract.KindClaim, contract.KindReserve:
			fit = p.Shares[claims].ClaimedAt == e.Time && (p.Status != contract.Full || claims+1 < len(p.Shares) || p.Closed == e.Time)
			claims++
		case contract.KindRecall:
			fit = e.Share != 0 || e.Tx == nil || p.Closed == e.Time
		case contract.KindRefund:
			fit = p.Closed == e.Time && e.Time >= p.Expires
		case contract.KindSettle:
			fit = e.Time >= p.Shares[e.Share-1].ClaimedAt+contract.Time(p.Terms.Hold)*1e9
		case contract.KindAsk:
			fit = p.Shares[e.Share-1].Asked.At == e.Time
		case contract.KindTighten:
			fit = p.Tightened[tightened].At == e.Time
			tightened++
		}
		if !fit {
			return false
		}
	}
	return true
}

// sameMoney reports whether a statement adds up from nothing, or from what was
// before its part, to the leaf, and has each debit that the account itself
// signed.
func sameMoney(s, m *sample) bool {
	was, is := s.events(), m.events()
	a, _ := contract.ParseAddress(s.file.Subject)
	leaf, balance, held := m.readLeaf().(*contract.Account), int64(0), int64(0)
	for i, e := range is {
		if p := e.Posting; p != nil {
			amount := int64(p.Amount)
			for _, place := range []struct {
				contract.Place
				sign int64
			}{{p.From, -1}, {p.To, 1}} {
				switch place.Place {
				case contract.Wallet(a):
					balance += place.sign * amount
				case contract.Hold(a):
					held += place.sign * amount
				}
			}
		}
		if i == 0 && s.file.From > 0 {
			balance, held = int64(e.Balance), int64(e.Held)
		}
		if balance != int64(e.Balance) || held != int64(e.Held) || balance < 0 || held < 0 {
			return false
		}
	}
	if len(m.file.Tail) == 0 && (balance != int64(leaf.Balance) || held != int64(leaf.Held)) {
		return false
	}
	return slices.EqualFunc(debits(was, a), debits(is, a), func(x, y contract.Entry) bool {
		return *x.Posting == *y.Posting && x.Kind == y.Kind && *x.Tx == *y.Tx &&
			(x.Kind == contract.KindPay || *x.Packet == *y.Packet) && (x.Kind != contract.KindReturn || x.Share == y.Share)
	})
}

func debits(entries []contract.Entry, a contract.Address) (list []contract.Entry) {
	for _, e := range entries {
		if ownDebit(&e, a) {
			list = append(list, e)
		}
	}
	return list
}
