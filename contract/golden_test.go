package contract

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// golden compares lines with a file of testdata/golden; with -update it
// rewrites the file, whose change is then for a reviewer to see.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	got := []byte(strings.Join(lines, "\n") + "\n")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		was := strings.Split(string(want), "\n")
		for i, line := range lines {
			if i >= len(was) || was[i] != line {
				t.Fatalf("%s: line %d is\n%s\nnot what it was; bytes that exist on chains changed their meaning",
					path, i+1, line)
			}
		}
		t.Fatalf("%s: shorter than it was", path)
	}
}

// The wire format stands still: the same keys and messages make the same
// bytes, for ever.
func TestGolden(t *testing.T) {
	w := newWorld(t, "alice", "bob")
	var txs, ids []string
	line := func(name string, v any) string { return fmt.Sprintf("%s: %x", name, v) }
	record := func(name string, tx *Tx) *Tx {
		digest, hash := tx.Digest(), TxHash(tx.Encode())
		txs = append(txs, "", "# "+name, line("wire", tx.Encode()), line("digest", digest[:]), line("hash", hash[:]))
		return tx
	}
	must := func(name string, tx *Tx) {
		t.Helper()
		if codes := w.block(t, record(name, tx)); codes[0] != CodeOK {
			t.Fatalf("%s: %s", name, codes[0])
		}
	}
	memo := MemoHash([16]byte{1, 2, 3}, "happy new year")
	terms := goodTerms(withRule(Any{Link{}, Named{[]Address{testAddr("bob"), testAddr("carol")}}}), withLinkKey,
		func(t *Terms) {
			t.Total, t.Shares, t.Memo = 88800, 8, &memo
			t.Clauses[0].Reasons = []Reason{"DUPL", "AM09"}
			t.Clauses = append(t.Clauses,
				Clause{Target: Rest, When: Rule{Of{2, []Cond{Sender{}, Key{testAddr("bob")}, Untouched{}}}}})
		})
	id := NewPacketID(testChain, testAddr("alice"), 0)
	must("alice sends", w.tx(t, "alice", &Send{Terms: terms}))

	linkDigest := LinkDigest(testChain, id, testAddr("dave"))
	link, err := SignDigest(testKey("link"), linkDigest)
	if err != nil {
		t.Fatal(err)
	}
	must("dave, who has no account, claims by the link",
		w.tx(t, "dave", &Claim{Packet: id, TermsHash: terms.Hash(testChain), Link: &link}))
	must("bob claims by his name", w.tx(t, "bob", &Claim{Packet: id, TermsHash: terms.Hash(testChain)}))
	must("bob returns his share", w.tx(t, "bob", &Return{Packet: id, Share: 2}))
	must("alice recalls the rest", w.tx(t, "alice", &Recall{Packet: id, Clause: 1, Reason: "AM09"}))
	must("alice pays erin", w.tx(t, "alice", &Pay{To: testAddr("erin"), Amount: 8880}))
	short := goodTerms(func(t *Terms) { t.Clauses, t.Expiry = nil, 1 })
	must("bob sends what nobody claims", w.tx(t, "bob", &Send{Terms: short}))
	w.block(t)

	// A packet whose shares are held, with arbiters.
	guarded := goodTerms(func(tm *Terms) {
		tm.Hold = 600
		tm.Clauses = parsed(t, "share when 2 of (key(@a),key(@b),key(@c)) for FRAD", "rest when sender")
	})
	guardedID := NewPacketID(testChain, testAddr("alice"), w.tx(t, "alice", &Send{}).Nonce)
	must("alice sends what is held for ten minutes", w.tx(t, "alice", &Send{Terms: guarded}))
	must("dave claims a share that is held",
		w.tx(t, "dave", &Claim{Packet: guardedID, TermsHash: guarded.Hash(testChain)}))
	must("bob claims a share that is held",
		w.tx(t, "bob", &Claim{Packet: guardedID, TermsHash: guarded.Hash(testChain)}))
	must("alice tightens", w.tx(t, "alice", &Tighten{Packet: guardedID, Clauses: guarded.Clauses[:1]}))
	l := w.ledger(t)
	clause := &guarded.Clauses[0]
	clauseHash := clause.Hash()
	consent := func(name string, share uint32) (Consent, Hash) {
		digest := ConsentDigest(testChain, l.packet(guardedID), clause, share, "FRAD", at(3600))
		sig, err := SignDigest(testKey(name), digest)
		if err != nil {
			t.Fatal(err)
		}
		return Consent{Account: testAddr(name), ValidUntil: at(3600), Signature: sig}, digest
	}
	fromA, consentDigest := consent("a", 1)
	fromB, _ := consent("b", 1)
	_, restDigest := consent("a", 0)
	must("erin recalls a held share with two consents", w.tx(t, "erin", &Recall{Packet: guardedID, Clause: 1, Share: 1,
		Reason: "FRAD", Consents: []Consent{fromA, fromB}}))
	w.now = w.now.Plus(guarded.Hold)
	must("alice asks for the share that settled", w.tx(t, "alice", &Ask{Packet: guardedID, Share: 2, Reason: "DUPL"}))
	must("bob refuses", w.tx(t, "bob", &Answer{Packet: guardedID, Share: 2}))
	asking := goodTerms(func(t *Terms) { t.Clauses = nil })
	askingID := NewPacketID(testChain, testAddr("alice"), w.tx(t, "alice", &Send{}).Nonce)
	must("alice sends what is not held", w.tx(t, "alice", &Send{Terms: asking}))
	must("bob claims of it", w.tx(t, "bob", &Claim{Packet: askingID, TermsHash: asking.Hash(testChain)}))
	must("dave claims of it", w.tx(t, "dave", &Claim{Packet: askingID, TermsHash: asking.Hash(testChain)}))
	must("alice asks bob", w.tx(t, "alice", &Ask{Packet: askingID, Share: 1}))
	must("alice asks dave", w.tx(t, "alice", &Ask{Packet: askingID, Share: 2, Reason: "AC03"}))
	must("bob accepts", w.tx(t, "bob", &Answer{Packet: askingID, Share: 1, Accept: true}))
	w.now = w.now.Plus(AskFor)
	w.block(t) // dave did not answer
	golden(t, "txs", txs[1:])

	a, termsHash, shortHash := testAddr("alice"), terms.Hash(testChain), short.Hash(testChain)
	head := FirstHead(testChain, AccountKey(a))
	ids = append(ids, "address: "+a.String(), "packet: "+id.String(), line("packet id", id[:]),
		line("terms", Encode(&terms)), line("terms hash", termsHash[:]), line("other terms hash", shortHash[:]),
		line("link digest", linkDigest[:]), line("memo hash", memo[:]), line("first head of alice", head[:]),
		line("clause", Encode(clause)), line("clause hash", clauseHash[:]),
		line("digest of a consent to a share", consentDigest[:]), line("digest of a consent to the rest",
			restDigest[:]))
	golden(t, "ids", ids)

	var leaves []string
	for key, value := range w.leaves {
		leaves = append(leaves, fmt.Sprintf("%x: %x", key, value))
	}
	slices.Sort(leaves)
	golden(t, "leaves", leaves)

	var entries []string
	heads := map[string]Hash{}
	for _, e := range w.entries {
		leaf := string(e.Leaf)
		if _, ok := heads[leaf]; !ok {
			heads[leaf] = FirstHead(testChain, e.Leaf)
		}
		hash := TaggedHash("hongbao/entry", e.Entry)
		heads[leaf] = NextHead(heads[leaf], hash)
		h := heads[leaf]
		entries = append(entries, fmt.Sprintf("%x %d", e.Leaf, e.Seq), line("  entry", e.Entry),
			line("  hash", hash[:]), line("  head", h[:]))
	}
	golden(t, "entries", entries)
}
