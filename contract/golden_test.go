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
				t.Fatalf("%s: line %d is\n%s\nnot what it was; bytes that exist on chains changed their meaning", path, i+1, line)
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
	terms := goodTerms(withRule(Any{Link{}, Named{[]Address{testAddr("bob"), testAddr("carol")}}}), withLinkKey, func(t *Terms) {
		t.Total, t.Shares, t.Memo = 88800, 8, &memo
		t.Clauses[0].Reasons = []Reason{"DUPL", "AM09"}
		t.Clauses = append(t.Clauses, Clause{Target: Rest, When: Rule{Of{2, []Cond{Sender{}, Key{testAddr("bob")}, Untouched{}}}}})
	})
	id := NewPacketID(testChain, testAddr("alice"), 0)
	must("alice sends", w.tx(t, "alice", &Send{Terms: terms}))

	linkDigest := LinkDigest(testChain, id, testAddr("dave"))
	link, err := SignDigest(testKey("link"), linkDigest)
	if err != nil {
		t.Fatal(err)
	}
	must("dave, who has no account, claims by the link", w.tx(t, "dave", &Claim{Packet: id, TermsHash: terms.Hash(testChain), Link: &link}))
	must("bob claims by his name", w.tx(t, "bob", &Claim{Packet: id, TermsHash: terms.Hash(testChain)}))
	must("bob returns his share", w.tx(t, "bob", &Return{Packet: id, Share: 2}))
	must("alice recalls the rest", w.tx(t, "alice", &Recall{Packet: id, Clause: 1, Reason: "AM09"}))
	must("alice pays erin", w.tx(t, "alice", &Pay{To: testAddr("erin"), Amount: 8880}))
	short := goodTerms(func(t *Terms) { t.Clauses, t.Expiry = nil, 1 })
	must("bob sends what nobody claims", w.tx(t, "bob", &Send{Terms: short}))
	w.block(t)
	golden(t, "txs", txs[1:])

	a, termsHash, shortHash := testAddr("alice"), terms.Hash(testChain), short.Hash(testChain)
	head := FirstHead(testChain, AccountKey(a))
	ids = append(ids, "address: "+a.String(), "packet: "+id.String(), line("packet id", id[:]),
		line("terms", Encode(&terms)), line("terms hash", termsHash[:]), line("other terms hash", shortHash[:]),
		line("link digest", linkDigest[:]), line("memo hash", memo[:]), line("first head of alice", head[:]))
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
		entries = append(entries, fmt.Sprintf("%x %d", e.Leaf, e.Seq), line("  entry", e.Entry), line("  hash", hash[:]), line("  head", h[:]))
	}
	golden(t, "entries", entries)
}
