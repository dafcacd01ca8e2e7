package audit

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
	ics23 "github.com/cosmos/ics23/go"
)

// Mutants in which the values below the encodings are others, written again as
// they must be.

// inside is a value in a file, and how the file is made to hold it as it now
// is. Lists are copied first.
type inside struct {
	what  string
	value any
	store func(f *File)
}

const (
	inHeader = "header"
	inProof  = "proof"
	inLeaf   = "leaf"
	inEntry  = "entry"
	inTx     = "transaction"
	inBeacon = "beacon"
	inList   = "listing"
)

// insides decodes all that is in a vector, afresh.
func (s *sample) insides() (list []inside) {
	header, proof := s.readHeader(), s.readProof()
	list = append(list,
		inside{inHeader, header, func(f *File) { f.SignedHeader, _ = header.Marshal() }},
		inside{inProof, proof, func(f *File) { f.LeafProof = marshal(proof) }})
	if len(s.file.ClockProof) > 0 {
		clock := readProof(s.world.t, s.file.ClockProof)
		list = append(list, inside{inProof, clock, func(f *File) { f.ClockProof = marshal(clock) }})
	}
	if len(s.file.Absence) > 0 {
		absence, listing := readProof(s.world.t, s.file.Absence), new(contract.Listing)
		must(s.world.t, contract.Decode(s.file.Listing, listing))
		list = append(list, inside{inProof, absence, func(f *File) { f.Absence = marshal(absence) }},
			inside{inList, listing, func(f *File) { f.Listing = contract.Encode(listing) }})
	}
	if leaf := s.readLeaf(); leaf != nil {
		list = append(list, inside{inLeaf, leaf, func(f *File) { f.LeafProof = s.proofOf(contract.Encode(leaf)) }})
	}
	into := func(at *[][]byte, i int, b []byte) {
		*at = slices.Clone(*at)
		(*at)[i] = b
	}
	for i, b := range s.file.Entries {
		e := new(contract.Entry)
		must(s.world.t, contract.Decode(b, e))
		list = append(list, inside{inEntry, e, func(f *File) { into(&f.Entries, i, contract.Encode(e)) }})
	}
	for i, b := range s.file.Txs {
		tx, err := contract.DecodeTx(b)
		must(s.world.t, err)
		list = append(list, inside{inTx, tx, func(f *File) { into(&f.Txs, i, tx.Encode()) }})
	}
	for i, b := range s.file.Beacons {
		beacon := new(contract.Beacon)
		must(s.world.t, contract.Decode(b, beacon))
		list = append(list, inside{inBeacon, beacon, func(f *File) { into(&f.Beacons, i, contract.Encode(beacon)) }})
	}
	return list
}

func (s *sample) readProof() *ics23.CommitmentProof { return readProof(s.world.t, s.file.LeafProof) }

func readProof(t testing.TB, b []byte) *ics23.CommitmentProof {
	p := new(ics23.CommitmentProof)
	must(t, p.Unmarshal(b))
	return p
}

// proofOf is the vector's proof with another value in it.
func (s *sample) proofOf(leaf []byte) []byte {
	p := s.readProof()
	p.GetExist().Value = leaf
	return marshal(p)
}

// readLeaf is the vector's leaf; nil where there is none.
func (s *sample) readLeaf() any {
	exist := s.readProof().GetExist()
	if exist == nil {
		return nil
	}
	var leaf any
	switch s.file.Kind {
	case KindAccount:
		leaf = new(contract.Account)
	case KindSupply:
		leaf = new(contract.Supply)
	case KindLargeShare:
		leaf = new(contract.ShareLeaf)
	default:
		leaf = &contract.Packet{ID: contract.PacketID(exist.Key[2:])}
	}
	must(s.world.t, contract.Decode(exist.Value, leaf))
	return leaf
}

var valueMutations = []mutation{
	{name: "a value in header or commit changed", mutants: editing(inHeader)},
	{name: "a value in the tree's proof changed", mutants: editing(inProof)},
	{name: "a value in the leaf changed", mutants: editing(inLeaf)},
	{name: "a value in an entry changed", mutants: editing(inEntry)},
	{name: "a value in a transaction changed, under the old signature", mutants: editing(inTx)},
	{name: "a value in a transaction changed, signed again by its account", mutants: signedAgain},
	{name: "a value in a beacon changed", mutants: editing(inBeacon)},
	{name: "a value in the listing changed", mutants: editing(inList)},
	{name: "a signature of a transaction, consent or link moved", mutants: signaturesMoved},
}

func editing(what string) func(*samples, *sample, func(func() []byte)) {
	return func(c *samples, s *sample, try func(func() []byte)) {
		for _, in := range s.insides() {
			if in.what == what {
				c.edits(in, func(change func() func()) {
					try(func() []byte {
						defer change()()
						f := *s.file
						in.store(&f)
						return f.write()
					})
				})
			}
		}
	}
}

// edits visits the changes of a value.
func (c *samples) edits(in inside, visit func(change func() func())) {
	e := &editor{pools: c.values, visit: visit}
	e.edit(reflect.ValueOf(in.value).Elem())
}

// people are all who have a key in these tests.
var people = func() map[contract.Address]*btcec.PrivateKey {
	keys := map[contract.Address]*btcec.PrivateKey{}
	for _, n := range []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "lin", "mei",
		"wu", "mallory", "nobody", "link"} {
		keys[address(n)] = accountKey(n)
	}
	return keys
}()

// signedAgain are transactions that their own accounts might have signed
// instead.
func signedAgain(c *samples, s *sample, try func(func() []byte)) {
	for _, in := range s.insides() {
		tx, ok := in.value.(*contract.Tx)
		if !ok {
			continue
		}
		c.edits(in, func(change func() func()) {
			try(func() []byte {
				defer change()()
				genuine := *tx
				defer func() { *tx = genuine }()
				key := people[tx.Account]
				if key == nil || tx.Sign(key) != nil {
					return nil
				}
				f := *s.file
				in.store(&f)
				return f.write()
			})
		})
	}
}

// signaturesMoved puts every signature that there is in every other's place.
func signaturesMoved(c *samples, s *sample, try func(func() []byte)) {
	all := c.values[reflect.TypeFor[contract.Signature]()]
	for _, in := range s.insides() {
		if in.what != inTx {
			continue
		}
		for _, at := range signaturesIn(reflect.ValueOf(in.value).Elem()) {
			for _, other := range all {
				try(func() []byte {
					defer put(at, other.Interface().(contract.Signature))()()
					f := *s.file
					in.store(&f)
					return f.write()
				})
			}
		}
	}
}

// signaturesIn finds the places of signatures in a value.
func signaturesIn(v reflect.Value) (list []*contract.Signature) {
	if at, ok := v.Addr().Interface().(*contract.Signature); ok {
		return []*contract.Signature{at}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			list = signaturesIn(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() && v.Elem().Kind() == reflect.Pointer {
			list = signaturesIn(v.Elem().Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			list = append(list, signaturesIn(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				list = append(list, signaturesIn(v.Field(i))...)
			}
		}
	}
	return list
}

var spellingMutations = []mutation{
	{name: "protobuf spelt otherwise", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for _, part := range []*[]byte{&f.SignedHeader, &f.LeafProof, &f.ClockProof, &f.Absence} {
			for _, b := range respeltProto(*part, 4) {
				try(changed(f, put(part, b)))
			}
		}
	}},
	{name: "CBOR spelt otherwise", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for _, list := range [][][]byte{f.Entries, f.Txs, f.Beacons} {
			for i := range list {
				for _, b := range respeltCBOR(list[i]) {
					try(changed(f, put(&list[i], b)))
				}
			}
		}
		if exist := s.readProof().GetExist(); exist != nil {
			for _, b := range respeltCBOR(exist.Value) {
				try(changed(f, put(&f.LeafProof, s.proofOf(b))))
			}
		}
	}},
}

// respeltProto are other encodings of a protobuf message, and of the messages
// in it, as a lenient reader would take them for the same or nearly the same.
func respeltProto(b []byte, depth int) (list [][]byte) {
	fields := protoFields(b)
	splice := func(f protoField, with ...byte) {
		list = append(list, slices.Concat(b[:f.start], with, b[f.end:]))
	}
	unknown := []byte{0x9a, 0x06, 0x01, 'x'} // field 99
	for _, f := range fields {
		tag, head, body := b[f.start:f.tagEnd], b[f.tagEnd:f.body], b[f.body:f.end]
		raw := b[f.start:f.end]
		splice(f, slices.Concat(longer(tag), head, body)...)
		splice(f, slices.Concat(raw, raw)...)
		splice(f, slices.Concat(unknown, raw)...)
		splice(f)
		list = append(list, slices.Concat(b[:f.start], b[f.end:], raw), slices.Concat(raw, b[:f.start], b[f.end:]))
		if f.wire == 0 {
			splice(f, slices.Concat(tag, longer(b[f.tagEnd:f.end]))...)
		}
		if f.wire != 2 {
			continue
		}
		splice(f, slices.Concat(tag, longer(head), body)...)
		splice(f, slices.Concat(tag, []byte{0}, tag, head, body)...)
		if depth > 0 {
			for _, inner := range respeltProto(body, depth-1) {
				splice(f, slices.Concat(tag, uvarint(uint64(len(inner))), inner)...)
			}
		}
	}
	for n := range byte(15) {
		list = append(list, append(bytes.Clone(b), (n+1)<<3, 0), append(bytes.Clone(b), (n+1)<<3|2, 0))
	}
	return list
}

// protoField is b[start:end]: a tag, before body the length where there is one.
type protoField struct {
	start, tagEnd, body, end int
	wire                     uint64
}

// protoFields are the fields of a message; nil if it is none.
func protoFields(b []byte) (list []protoField) {
	for at := 0; at < len(b); {
		f := protoField{start: at}
		tag, n := readUvarint(b[at:])
		f.tagEnd, f.wire = at+n, tag&7
		f.body = f.tagEnd
		value, m := readUvarint(b[f.tagEnd:])
		switch f.wire {
		case 0:
			f.end = f.tagEnd + m
		case 1:
			f.end = f.tagEnd + 8
		case 2:
			f.body = f.tagEnd + m
			f.end = f.body + int(min(value, 1<<20))
		case 5:
			f.end = f.tagEnd + 4
		}
		if n == 0 || tag>>3 == 0 || (f.wire == 0 || f.wire == 2) && m == 0 || f.end <= at || f.end > len(b) {
			return nil
		}
		list, at = append(list, f), f.end
	}
	return list
}

func readUvarint(b []byte) (v uint64, n int) {
	for i := range min(len(b), 10) {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}

func uvarint(v uint64) (b []byte) {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

// longer is a varint in one byte more.
func longer(varint []byte) []byte {
	b := bytes.Clone(varint)
	b[len(b)-1] |= 0x80
	return append(b, 0)
}

// respeltCBOR are other encodings of an item and of those in it.
func respeltCBOR(b []byte) (list [][]byte) {
	list, _ = respeltItem(b)
	return list
}

func respeltItem(b []byte) (list [][]byte, n int) {
	major, arg, head := cborHead(b)
	body := head
	if major == 4 {
		for range arg {
			inner, m := respeltItem(b[body:])
			for _, x := range inner {
				list = append(list, slices.Concat(b[:body], x, b[body+m:]))
			}
			body += m
		}
	} else if major == 2 || major == 3 {
		body += int(arg)
	}
	rest := b[body:]
	become := func(parts ...[]byte) { list = append(list, append(slices.Concat(parts...), rest...)) }
	if major != 7 {
		for _, size := range []byte{24, 25, 26, 27} {
			become(wideHead(major, arg, size), b[head:body])
		}
	}
	become([]byte{0xc0}, b[:body])
	become([]byte{0xd9, 0xd9, 0xf7}, b[:body])
	become([]byte{0xf6})
	become([]byte{0xf7})
	become([]byte{0x80})
	become([]byte{0x40})
	switch major {
	case 0:
		become([]byte{0xc2}, wideHead(2, 8, 0), bigEndian(arg, 8))
		become([]byte{0xfb}, bigEndian(arg, 8))
		become(wideHead(1, arg, 27))
	case 2, 3:
		become([]byte{major<<5 | 31}, b[:body], []byte{0xff})
		become(wideHead(5-major, arg, 25), b[head:body])
	case 4:
		become([]byte{0x9f}, b[head:body], []byte{0xff})
		become(wideHead(4, arg+1, 25), b[head:body], []byte{0xf6})
		if arg < 23 {
			become([]byte{0x80 | byte(arg+1)}, b[head:body], []byte{0xf6})
		}
	case 7:
		become([]byte{0xf8, b[0] & 31})
	}
	return list, body
}

// cborHead reads an item's head: its major type, its argument and its length.
func cborHead(b []byte) (major byte, arg uint64, n int) {
	major, n = b[0]>>5, 1
	low := b[0] & 31
	if low < 24 {
		return major, uint64(low), n
	}
	for range 1 << (low - 24) {
		arg = arg<<8 | uint64(b[n])
		n++
	}
	return major, arg, n
}

// wideHead is a head of a size, 24 to 27, or the shortest for less than 24.
func wideHead(major byte, arg uint64, size byte) []byte {
	if size == 0 {
		return []byte{major<<5 | byte(arg)}
	}
	return append([]byte{major<<5 | size}, bigEndian(arg, 1<<(size-24))...)
}

func bigEndian(v uint64, bytes int) (b []byte) {
	for i := range bytes {
		b = append(b, byte(v>>(8*(bytes-1-i))))
	}
	return b
}
