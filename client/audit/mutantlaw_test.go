package audit

import (
	"fmt"
	"reflect"
	"slices"
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

// whole is an entry of the file as the chain has it: that of a large packet's life leaves out the packet.
func (s *sample) whole(b []byte) []byte {
	var e contract.Entry
	if s.file.Kind != KindLargePacket || contract.Decode(b, &e) != nil || e.Packet != nil {
		return b
	}
	id := contract.PacketID(s.key()[len("p/"):])
	e.Packet = &id
	return contract.Encode(&e)
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
			head = contract.NextHead(head, contract.EntryHash(s.whole(b)))
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
	s.world.vals.Vote(testChain, h.Commit)
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

// lawlessTxs change a tx that its account signed, and name the result in entry
// and leaf.
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
