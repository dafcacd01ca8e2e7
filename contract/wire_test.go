package contract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// item is one CBOR data item, as a test reads it: a head and what it holds.
type item struct {
	major byte
	n     uint64 // the number, or the length
	bytes []byte // strings
	items []item // arrays
	null  bool
	forge []byte // stands for the whole item when not nil
}

// readItem reads the few kinds of CBOR that a canonical encoding here has.
func readItem(b []byte) (it item, rest []byte) {
	if b[0] == 0xf6 {
		return item{null: true}, b[1:]
	}
	it.major, it.n = b[0]>>5, uint64(b[0]&31)
	b = b[1:]
	if size := int(it.n) - 24; size >= 0 {
		size = 1 << size
		it.n = binary.BigEndian.Uint64(append(make([]byte, 8-size), b[:size]...))
		b = b[size:]
	}
	switch it.major {
	case 2, 3:
		it.bytes, b = b[:it.n], b[it.n:]
	case 4:
		for range it.n {
			var sub item
			sub, b = readItem(b)
			it.items = append(it.items, sub)
		}
	}
	return it, b
}

// head is the shortest head of a major type and number.
func head(major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return []byte{m | byte(n)}
	case n < 1<<8:
		return []byte{m | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{m | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{m | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{m | 27}, n)
}

func (it item) content() (b []byte) {
	b = append(b, it.bytes...)
	for _, sub := range it.items {
		b = append(b, sub.write()...)
	}
	return b
}

func (it item) write() []byte {
	switch {
	case it.forge != nil:
		return it.forge
	case it.null:
		return []byte{0xf6}
	}
	return append(head(it.major, it.n), it.content()...)
}

// forgery is another way to write an item, or something else in its place.
type forgery struct {
	desc  string
	bytes []byte
}

// forgeries are all the tricks of the trade on one item.
func (it item) forgeries() (all []forgery) {
	add := func(desc string, parts ...[]byte) { all = append(all, forgery{desc, bytes.Join(parts, nil)}) }
	good := it.write()
	add("tagged", []byte{0xc1}, good)
	add("tagged as CBOR", []byte{0xd9, 0xd9, 0xf7}, good)
	add("tagged as encoded CBOR", []byte{0xd8, 24}, good)
	add("undefined", []byte{0xf7})
	add("true", []byte{0xf5})
	add("a simple value", []byte{0xf8, 0xff})
	add("half a float", []byte{0xf9, 0x3c, 0})
	add("a float", []byte{0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0})
	add("a map", []byte{0xa0})
	add("a map with one key twice", []byte{0xa2, 0, 0, 0, 0})
	add("a break", []byte{0xff})
	add("a reserved head", []byte{0x1c})
	add("deep arrays", bytes.Repeat([]byte{0x81}, 5000), []byte{0})
	add("deep indefinite arrays", bytes.Repeat([]byte{0x9f}, 5000))
	add("an array of 2^64-1", []byte{0x9b}, bytes.Repeat([]byte{0xff}, 8))
	add("a map of 2^64-1", []byte{0xbb}, bytes.Repeat([]byte{0xff}, 8))
	add("a byte string of 2^63", []byte{0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0})
	add("a text of 2^32", []byte{0x7b, 0, 0, 0, 1, 0, 0, 0, 0})
	add("a long list", []byte{0x98, 200}, bytes.Repeat([]byte{0}, 200))
	if it.null {
		return all
	}
	add("null", []byte{0xf6})
	add("nothing")
	for _, width := range []byte{24, 25, 26, 27} {
		b := binary.BigEndian.AppendUint64(nil, it.n)[8-1<<(width-24):]
		long := append([]byte{it.major<<5 | width}, b...)
		if len(long) > len(head(it.major, it.n)) {
			add(fmt.Sprintf("a head of %d bytes", len(long)), long, it.content())
		}
	}
	switch it.major {
	case 0:
		add("a negative number", head(1, it.n))
		add("a bignum", []byte{0xc2}, head(2, 1), []byte{byte(it.n)})
		add("a number as text", head(3, 1), []byte("1"))
	case 2, 3:
		other := 5 - it.major
		add("the other kind of string", head(other, it.n), it.bytes)
		add("in pieces", []byte{it.major<<5 | 31}, head(it.major, it.n), it.bytes, []byte{0xff})
		add("an array of its bytes", head(4, it.n), it.bytes)
		if it.major == 3 {
			add("not UTF-8", head(3, it.n+1), it.bytes, []byte{0xff})
			break
		}
		add("a byte more", head(2, it.n+1), it.bytes, []byte{0})
		add("a byte less", head(2, it.n-1), it.bytes[1:])
		add("no bytes", head(2, 0))
	case 4:
		add("an indefinite array", []byte{0x9f}, it.content(), []byte{0xff})
		add("a null more", head(4, it.n+1), it.content(), []byte{0xf6})
		add("a zero more", head(4, it.n+1), it.content(), []byte{0})
		if len(it.items) > 0 {
			add("one less", head(4, it.n-1), item{items: it.items[:len(it.items)-1]}.content())
			add("as a byte string", head(2, uint64(len(good))), good)
		}
	}
	return all
}

// forgeEach calls fn with every forgery of every item in an encoding.
func forgeEach(encoded []byte, fn func(where, desc string, forged []byte)) {
	root, _ := readItem(encoded)
	var visit func(it *item, where string)
	visit = func(it *item, where string) {
		for _, f := range it.forgeries() {
			it.forge = append([]byte{}, f.bytes...)
			fn(where, f.desc, root.write())
			it.forge = nil
		}
		for i := range it.items {
			visit(&it.items[i], fmt.Sprintf("%s.%d", where, i))
		}
	}
	visit(&root, "")
}

// sampleTxs are one tx of every kind, with every optional thing present.
func sampleTxs() map[string]*Tx {
	memo, link := Hash{9}, Signature{8}
	terms := goodTerms(withRule(Any{Link{}, Named{[]Address{testAddr("bob"), testAddr("carol")}}}), withLinkKey,
		func(t *Terms) {
			t.Memo = &memo
			t.Clauses[0].Reasons = []Reason{"DUPL", "AM09"}
			t.Clauses = append(t.Clauses, Clause{Target: Rest,
				When: Rule{Of{2, []Cond{Sender{}, Key{testAddr("bob")}, Key{testAddr("carol")}}}}})
		})
	id := NewPacketID(testChain, testAddr("alice"), 0)
	txs := map[string]*Tx{
		"pay":   {Nonce: 1, Message: &Pay{To: testAddr("bob"), Amount: 8880}},
		"send":  {Nonce: 0, Message: &Send{Terms: terms}},
		"claim": {Nonce: 300, Message: &Claim{Packet: id, TermsHash: terms.Hash(testChain), Link: &link}},
		"recall": {Nonce: 70_000, Message: &Recall{Packet: id, Clause: 1, Reason: "AM09",
			Consents: []Consent{{Account: testAddr("carol"), ValidUntil: noon}}}},
		"return":  {Nonce: 1 << 40, Message: &Return{Packet: id, Share: 1}},
		"ask":     {Nonce: 2, Message: &Ask{Packet: id, Share: 1, Reason: "FRAD"}},
		"answer":  {Nonce: 3, Message: &Answer{Packet: id, Share: 1, Accept: true}},
		"tighten": {Nonce: 4, Message: &Tighten{Packet: id, Clauses: terms.Clauses[:1]}},
		"warp":    {Nonce: 5, Message: &Warp{By: 24 * 3600}},
	}
	for _, tx := range txs {
		tx.Chain, tx.ValidUntil = testChain, at(60)
		if err := tx.Sign(testKey("alice")); err != nil {
			panic(err)
		}
	}
	return txs
}

const testChain = "hongbao-test"

// Whatever a tx's bytes are bent into, there is one spelling of it: every
// other is refused, and none is a reason to panic.
func TestForgedTxs(t *testing.T) {
	// Not forgeries but other values: an optional thing that is absent, a
	// shorter list, and, where consents are not looked at yet, a time.
	other := map[string]bool{
		"send .5.0.4: null": true, "send .5.0.9: null": true, "claim .5.2: null": true,
		"send .5.0.6: one less": true, "send .5.0.6.0.2: one less": true, "recall .5.4: one less": true,
		"recall .5.4.0.1: a negative number": true, "answer .5.2: true": true,
		"tighten .5.1: one less": true, "tighten .5.1.0.2: one less": true,
	}
	tried := 0
	for name, tx := range sampleTxs() {
		wire := tx.Encode()
		if got, err := DecodeTx(wire); err != nil || !bytes.Equal(got.Encode(), wire) {
			t.Fatalf("%s: the good one: %v", name, err)
		}
		forgeEach(wire, func(where, desc string, forged []byte) {
			tried++
			got, err := DecodeTx(forged)
			want := other[name+" "+where+": "+desc]
			if (err == nil) != want || (err == nil && !bytes.Equal(got.Encode(), forged)) {
				t.Errorf("%s: %s at %s: %v", name, desc, where, err)
			}
		})
		for n := range wire {
			if _, err := DecodeTx(wire[:n]); err == nil {
				t.Errorf("%s: its first %d bytes are accepted", name, n)
			}
		}
		for _, tail := range [][]byte{{0}, {0xf6}, {0xff}, wire} {
			if _, err := DecodeTx(append(bytes.Clone(wire), tail...)); err == nil {
				t.Errorf("%s: followed by %x… it is accepted", name, tail[0])
			}
		}
	}
	t.Logf("%d forgeries", tried)
}

// A leaf or an entry has one spelling too: what a node is served by another,
// or a verifier by a proof file, cannot be told two ways.
func TestForgedLeaves(t *testing.T) {
	memo, tx := Hash{9}, Hash{7}
	id := NewPacketID(testChain, testAddr("alice"), 0)
	terms := goodTerms(withRule(Link{}), withLinkKey, func(t *Terms) { t.Memo = &memo })
	const null, less, negative = "null", "one less", "a negative number"
	for _, row := range []struct {
		desc  string
		value any
		other map[string]string // not forgeries but other values, as above
	}{
		{"account", &Account{Balance: 5, Nonce: 300, Bucket: Bucket(noon)}, map[string]string{".3": negative,
			".5": negative}},
		{"clock", &Clock{Offset: 3600, History: History{Count: 1, Head: tx}}, nil},
		{"supply", &Supply{Wallets: 1, Escrow: 2, Total: 3}, nil},
		{"params", func() *Params { p := DefaultParams(); return &p }(), nil},
		{"packet", &Packet{Sender: testAddr("alice"), Terms: terms, Status: Open,
			Tightened: []Tightening{{At: noon, Clauses: terms.Clauses}},
			Shares: []Share{{Claimer: testAddr("bob"), State: Settled, Asked: &Asked{State: AskOpen,
				Reason: "DUPL", At: noon}}}},
			map[string]string{".3": less, ".3.0.0": negative, ".3.0.1": less, ".9.0.4": null, ".9.0.4.2": negative,
				".1.4": null, ".1.9": null, ".1.6": less, ".9": less, ".4": negative, ".5": negative, ".7": negative,
				".9.0.3": negative}},
		{"entry", &Entry{Phase: PhaseTx, Tx: &tx, Packet: &id, Beacon: &tx,
			Posting: &Posting{From: Wallet(testAddr("alice")), To: Escrow(id), Amount: 5}, Reason: "DUPL"},
			map[string]string{".6": null, ".7": null, ".9": null, ".10": null, ".1": negative, ".2": negative}},
	} {
		encoded := Encode(row.value)
		decode := func(b []byte) error {
			switch row.value.(type) {
			case *Account:
				return Decode(b, new(Account))
			case *Clock:
				return Decode(b, new(Clock))
			case *Supply:
				return Decode(b, new(Supply))
			case *Params:
				return Decode(b, new(Params))
			case *Packet:
				return Decode(b, &Packet{ID: PacketID{1}})
			}
			return Decode(b, new(Entry))
		}
		if err := decode(encoded); err != nil {
			t.Fatalf("%s: the good one: %v", row.desc, err)
		}
		forgeEach(encoded, func(where, desc string, forged []byte) {
			if want := row.other[where] == desc; (decode(forged) == nil) != want {
				t.Errorf("%s: %s at %s: accepted %v", row.desc, desc, where, !want)
			}
		})
	}
}

// A flipped bit anywhere in a signed tx is refused, or is another tx that its
// account did not sign.
func TestFlippedBits(t *testing.T) {
	for name, tx := range sampleTxs() {
		wire := tx.Encode()
		for i := range wire {
			for bit := range 8 {
				if testing.Short() && bit != i%8 {
					continue
				}
				wire[i] ^= 1 << bit
				if got, err := DecodeTx(wire); err == nil && i%7 == bit%7 && (Schnorr{}).Verify(got.Account,
					got.Digest(), got.Signature) {
					t.Errorf("%s: bit %d of byte %d flipped: still signed", name, bit, i)
				}
				wire[i] ^= 1 << bit
			}
		}
	}
}

// A packet's id is in its leaf's key, not in its bytes; and a leaf is not decoded
// into a packet without one, which would be about no packet.
func TestAPacketKnowsItsID(t *testing.T) {
	leaf := Encode(&Packet{Terms: goodTerms()})
	if !bytes.Equal(leaf, Encode(&Packet{ID: PacketID{7}, Terms: goodTerms()})) {
		t.Error("the id is in the leaf")
	}
	if err := Decode(leaf, new(Packet)); err == nil {
		t.Error("a leaf is decoded into a packet without an id")
	}
	p := &Packet{ID: PacketID{7}}
	if err := Decode(leaf, p); err != nil || p.ID != (PacketID{7}) || p.Terms.Total != goodTerms().Total {
		t.Errorf("%+v, %v", p, err)
	}
}
