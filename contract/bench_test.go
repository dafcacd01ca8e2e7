package contract

import (
	"fmt"
	"testing"
)

// BenchmarkSignature verifies one BIP-340 signature: what a tx cannot do without.
func BenchmarkSignature(b *testing.B) {
	w := newWorld(b, "alice")
	tx := w.tx(b, "alice", &Pay{To: testAddr("bob"), Amount: 100})
	digest := tx.Digest()
	for b.Loop() {
		if !(Schnorr{}).Verify(tx.Account, digest, tx.Signature) {
			b.Fatal("bad signature")
		}
	}
}

// everyKind is one tx of each kind of message, and the state in which it is
// valid: alice sent a packet of which bob holds share 1 and has asked about
// bob's settled share of another.
func everyKind(b *testing.B) (w *world, txs []*Tx) {
	w = newWorld(b, "alice", "bob", "carol")
	do := func(name string, m Message) *Tx {
		tx := w.tx(b, name, m)
		if codes := w.block(b, tx); codes[0] != CodeOK {
			b.Fatal(KindName(m), codes[0])
		}
		return tx
	}
	sent := func(hold Seconds) (PacketID, Hash) {
		terms := benchTerms(hold)
		tx := do("alice", &Send{Terms: terms})
		return NewPacketID(testChain, tx.Account, tx.Nonce), terms.Hash(testChain)
	}
	held, heldTerms := sent(3600)
	settled, settledTerms := sent(0)
	do("bob", &Claim{Packet: held, TermsHash: heldTerms})
	do("bob", &Claim{Packet: settled, TermsHash: settledTerms})
	do("alice", &Ask{Packet: settled, Share: 1, Reason: "AM09"})
	other, otherTerms := sent(0)
	do("bob", &Claim{Packet: other, TermsHash: otherTerms})
	for _, c := range []struct {
		name string
		m    Message
	}{
		{"alice", &Pay{To: testAddr("bob"), Amount: 100}},
		{"alice", &Send{Terms: benchTerms(0)}},
		{"carol", &Claim{Packet: held, TermsHash: heldTerms}},
		{"alice", &Recall{Packet: held, Clause: 1, Consents: []Consent{}}},
		{"bob", &Return{Packet: held, Share: 1}},
		{"alice", &Ask{Packet: other, Share: 1, Reason: "AM09"}},
		{"bob", &Answer{Packet: settled, Share: 1, Accept: true}},
		{"alice", &Tighten{Packet: held, Clauses: []Clause{}}},
	} {
		txs = append(txs, w.tx(b, c.name, c.m))
	}
	return w, txs
}

func benchTerms(hold Seconds) Terms {
	return Terms{Total: 200, Shares: 100, Split: Equal, Claim: Rule{Always{}}, Hold: hold, Expiry: 24 * 3600,
		Clauses: []Clause{{Target: Rest, When: Rule{All{Sender{}, Within{For: 3600}}}}}}
}

// BenchmarkDecode reads a tx of each kind from its wire form.
func BenchmarkDecode(b *testing.B) {
	_, txs := everyKind(b)
	for _, tx := range txs {
		b.Run(KindName(tx.Message), func(b *testing.B) {
			wire := tx.Encode()
			for b.Loop() {
				if _, err := ReadTx(wire); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkApply is what a block of one tx of each kind costs in memory, its
// signature and the tree aside: to admit and apply it, and to say what changed.
func BenchmarkApply(b *testing.B) {
	w, txs := everyKind(b)
	w.hash = trusting{}
	b.Run("nothing", func(b *testing.B) { applyAgain(b, w) })
	for _, tx := range txs {
		b.Run(KindName(tx.Message), func(b *testing.B) { applyAgain(b, w, tx) })
	}
}

func applyAgain(b *testing.B, w *world, txs ...*Tx) {
	for b.Loop() {
		block, codes := w.run(b, txs...)
		for _, code := range codes {
			if code != CodeOK {
				b.Fatal(code)
			}
		}
		if _, _, _, err := block.Changes(); err != nil {
			b.Fatal(fmt.Errorf("changes: %w", err))
		}
	}
}
