package contract

import (
	"bytes"
	"testing"
	"time"
)

// FuzzBlock puts whatever decodes into a block, twice, and then bends it into
// what alice, bob and a stranger could have sent.
func FuzzBlock(f *testing.F) {
	w := fuzzWorld(f)
	for _, tx := range fuzzSeeds(f, w) {
		wire := tx.Encode()
		f.Add(wire)
		f.Add(wire[:len(wire)-1])
		f.Add(append([]byte{0x98, 7}, wire[1:]...))
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0x81}, 100))
	f.Fuzz(func(t *testing.T, wire []byte) {
		tx, err := DecodeTx(wire)
		if err != nil {
			return
		}
		l, codes := w.run(t, tx, tx)
		if codes[0] == CodeOK && codes[1] == CodeOK {
			t.Fatal("one tx ran twice in a block")
		}
		if _, _, _, err := l.Changes(); err != nil {
			t.Fatal(err)
		}
		// Bend it into one that has its place, whatever it asks for.
		bent := *tx
		bent.Chain, bent.ValidUntil = testChain, w.now+1
		for _, name := range []string{"alice", "bob", "nobody"} {
			bent.Account = testAddr(name)
			var a Account
			if b := w.leaves[string(AccountKey(bent.Account))]; b != nil {
				if err := Decode(b, &a); err != nil {
					t.Fatal(err)
				}
			}
			bent.Nonce = a.Nonce
			l, _ := w.run(t, &bent)
			if _, _, _, err := l.Changes(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// fuzzWorld has accounts and an open, a touched and a due packet.
func fuzzWorld(t testing.TB) *world {
	w := newWorld(t, "alice", "bob")
	w.hash = trusting{}
	open := goodTerms(withRule(Any{Link{}, Always{}}), withLinkKey)
	id := NewPacketID(testChain, testAddr("alice"), 0)
	w.block(t, w.tx(t, "alice", &Send{Terms: open}), w.tx(t, "bob", &Send{Terms: goodTerms(func(t *Terms) { t.Clauses, t.Expiry = nil, 2 })}))
	if codes := w.block(t, w.tx(t, "bob", &Claim{Packet: id, TermsHash: open.Hash(testChain)})); codes[0] != CodeOK {
		t.Fatal(codes)
	}
	w.now += Time(5 * time.Second)
	return w
}

// fuzzSeeds are txs that succeed over fuzzWorld.
func fuzzSeeds(t testing.TB, w *world) []*Tx {
	id := NewPacketID(testChain, testAddr("alice"), 0)
	open := goodTerms(withRule(Any{Link{}, Always{}}), withLinkKey)
	return []*Tx{
		w.tx(t, "alice", &Pay{To: testAddr("bob"), Amount: 1}),
		w.tx(t, "alice", &Pay{To: testAddr("erin"), Amount: 100}),
		w.tx(t, "alice", &Send{Terms: goodTerms(withClause(Any{All{Sender{}, Within{60}}, Key{testAddr("bob")}}, "DUPL"))}),
		w.tx(t, "bob", &Send{Terms: goodTerms(withRule(Named{[]Address{testAddr("carol")}}))}),
		w.tx(t, "dave", &Claim{Packet: id, TermsHash: open.Hash(testChain)}),
		w.tx(t, "dave", &Claim{Packet: id, TermsHash: open.Hash(testChain), Link: &Signature{}}),
		w.tx(t, "alice", &Recall{Packet: id, Clause: 1, Consents: []Consent{}}),
		w.tx(t, "bob", &Return{Packet: id, Share: 1}),
	}
}

// The fuzzers' seeds do what they are for, so that mutants of them come near.
func TestFuzzSeeds(t *testing.T) {
	w := fuzzWorld(t)
	for i, tx := range fuzzSeeds(t, w) {
		if _, codes := w.run(t, tx); codes[0] != CodeOK {
			t.Errorf("seed %d: %s", i, codes[0])
		}
	}
}
