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
		b, codes := w.run(t, tx, tx)
		if codes[0] == CodeOK && codes[1] == CodeOK {
			t.Fatal("one tx ran twice in a block")
		}
		if _, _, _, err := b.Changes(); err != nil {
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
			b, _ := w.run(t, &bent)
			if _, _, _, err := b.Changes(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The packets of fuzzWorld: alice's are open, touched, with a clause on the
// rest; held, with a clause on shares; and settled, one share asked for. What
// bob sent is due.
var (
	fuzzOpen    = NewPacketID(testChain, testAddr("alice"), 0)
	fuzzHeld    = NewPacketID(testChain, testAddr("alice"), 1)
	fuzzSettled = NewPacketID(testChain, testAddr("alice"), 2)
)

func fuzzOpenTerms() Terms { return goodTerms(withRule(Any{Link{}, Always{}}), withLinkKey) }

func fuzzHeldTerms() Terms {
	return goodTerms(share(600, Of{2, []Cond{Sender{}, Key{testAddr("bob")}, Key{testAddr("carol")}}}))
}

func fuzzWorld(t testing.TB) *world {
	w := newDevWorld(t, "alice", "bob")
	w.hash = trusting{}
	settled := goodTerms(func(t *Terms) { t.Clauses = nil })
	open, held := fuzzOpenTerms(), fuzzHeldTerms()
	for _, step := range []struct {
		who string
		m   Message
	}{
		{"alice", &Send{Terms: open}},
		{"alice", &Send{Terms: held}},
		{"alice", &Send{Terms: settled}},
		{"bob", &Send{Terms: goodTerms(func(t *Terms) { t.Clauses, t.Expiry = nil, 10 })}},
		{"bob", &Claim{Packet: fuzzOpen, TermsHash: open.Hash(testChain)}},
		{"bob", &Claim{Packet: fuzzHeld, TermsHash: held.Hash(testChain)}},
		{"bob", &Claim{Packet: fuzzSettled, TermsHash: settled.Hash(testChain)}},
		{"carol", &Claim{Packet: fuzzSettled, TermsHash: settled.Hash(testChain)}},
		{"alice", &Ask{Packet: fuzzSettled, Share: 1, Reason: "DUPL"}},
	} {
		if codes := w.block(t, w.tx(t, step.who, step.m)); codes[0] != CodeOK {
			t.Fatal(KindName(step.m), codes)
		}
	}
	w.now += Time(5 * time.Second)
	return w
}

// fuzzSeeds are txs that succeed over fuzzWorld.
func fuzzSeeds(t testing.TB, w *world) []*Tx {
	open, held := fuzzOpenTerms(), fuzzHeldTerms()
	return []*Tx{
		w.tx(t, "alice", &Pay{To: testAddr("bob"), Amount: 1}),
		w.tx(t, "alice", &Pay{To: testAddr("erin"), Amount: 100}),
		w.tx(t, "alice",
			&Send{Terms: goodTerms(withClause(Any{All{Sender{}, Within{60}}, Key{testAddr("bob")}}, "DUPL"))}),
		w.tx(t, "alice", &Send{Terms: held}),
		w.tx(t, "bob", &Send{Terms: goodTerms(withRule(Named{[]Address{testAddr("carol")}}))}),
		w.tx(t, "dave", &Claim{Packet: fuzzOpen, TermsHash: open.Hash(testChain)}),
		w.tx(t, "dave", &Claim{Packet: fuzzOpen, TermsHash: open.Hash(testChain), Link: &Signature{}}),
		w.tx(t, "dave", &Claim{Packet: fuzzHeld, TermsHash: held.Hash(testChain)}),
		w.tx(t, "alice", &Recall{Packet: fuzzOpen, Clause: 1, Consents: []Consent{}}),
		w.tx(t, "alice", &Recall{Packet: fuzzHeld, Clause: 1, Share: 1, Reason: "FRAD",
			Consents: []Consent{{Account: testAddr("carol"), ValidUntil: at(3600)}}}),
		w.tx(t, "bob", &Return{Packet: fuzzOpen, Share: 1}),
		w.tx(t, "bob", &Return{Packet: fuzzHeld, Share: 1}),
		w.tx(t, "alice", &Ask{Packet: fuzzSettled, Share: 2, Reason: "AC03"}),
		w.tx(t, "bob", &Answer{Packet: fuzzSettled, Share: 1}),
		w.tx(t, "bob", &Answer{Packet: fuzzSettled, Share: 1, Accept: true}),
		w.tx(t, "alice", &Tighten{Packet: fuzzOpen,
			Clauses: []Clause{{Target: Rest, When: Rule{All{Sender{}, Within{60}}}, Reasons: []Reason{}}}}),
		w.tx(t, "alice", &Tighten{Packet: fuzzHeld, Clauses: []Clause{}}),
		w.tx(t, "bob", &Warp{By: 24 * 3600}),
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
