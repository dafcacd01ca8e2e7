package contract

import (
	"bytes"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// fuzzKey signs the seeds.
func fuzzKey(b byte) *btcec.PrivateKey {
	secret := [32]byte{31: b}
	key, _ := btcec.PrivKeyFromBytes(secret[:])
	return key
}

const fuzzChain = "fuzz-1"

// fuzzState is a small chain in memory: two accounts and an open packet.
type fuzzState map[string][]byte

func (s fuzzState) Leaf(key []byte) (*LeafValue, error)     { return NewLeafValue(s[string(key)]), nil }
func (s fuzzState) Due(Time, int) ([]Due, error)            { return nil, nil }
func (fuzzState) ShareOf(PacketID, Address) (uint32, error) { return 0, nil }
func (s fuzzState) put(leaves []Leaf) {
	for _, l := range leaves {
		s[string(l.Key)] = l.Value
	}
}

func fuzzTerms() Terms {
	return Terms{
		Total: 10, Shares: 5, Split: Equal, Claim: Rule{Always{}}, Expiry: 3600,
		Clauses: []Clause{{Target: Rest, When: Rule{All{Sender{}, Within{120}}}, Reasons: []Reason{"DUPL"}}},
	}
}

// trusting accepts every signature, so that what lies behind one is reached.
type trusting struct{}

func (trusting) Verify([32]byte, Hash, Signature) bool { return true }

func newFuzzState(tb testing.TB) (fuzzState, Env, []*Tx) {
	tb.Helper()
	alice, bob, carol := fuzzKey(1), fuzzKey(2), fuzzKey(3)
	start := time.Date(2026, 2, 16, 13, 0, 0, 0, time.UTC)
	g := &Genesis{Params: DefaultParams(), Dev: true, Accounts: []GenesisAccount{
		{AddressOf(alice), 1000}, {AddressOf(bob), 1000},
	}}
	state := fuzzState{}
	leaves, _, err := InitState(fuzzChain, start, g, nil, 1)
	if err != nil {
		tb.Fatal(err)
	}
	state.put(leaves)
	env := Env{Chain: fuzzChain, Height: 1, Time: TimeOf(start), Verifier: trusting{}}

	terms := fuzzTerms()
	id := NewPacketID(fuzzChain, AddressOf(alice), 0)
	sign := func(key *btcec.PrivateKey, nonce uint64, m Message) *Tx {
		tx := &Tx{Chain: fuzzChain, Nonce: nonce, ValidUntil: env.Time.Plus(60), Message: m}
		if err := tx.Sign(key); err != nil {
			tb.Fatal(err)
		}
		return tx
	}
	send := sign(alice, 0, &Send{Terms: terms})
	b, err := NewBlock(state, env)
	if err != nil {
		tb.Fatal(err)
	}
	if err := b.Apply(0, asDecoded(send)); err != nil {
		tb.Fatal(err)
	}
	changed, _, _, err := b.Changes()
	if err != nil {
		tb.Fatal(err)
	}
	state.put(changed)
	env.Height++
	named := terms
	named.Claim = Rule{All{Link{}, Named{[]Address{AddressOf(bob), AddressOf(carol)}}}}
	link := [32]byte(AddressOf(carol))
	named.LinkKey, named.Memo = &link, &Hash{1}
	return state, env, []*Tx{
		sign(alice, 1, &Pay{To: AddressOf(bob), Amount: 5}),
		sign(alice, 1, &Send{Terms: named}),
		sign(bob, 0, &Claim{Packet: id, TermsHash: terms.Hash(fuzzChain), Link: &Signature{1}}),
		sign(carol, 0, &Claim{Packet: id, TermsHash: terms.Hash(fuzzChain)}),
		sign(alice, 1, &Recall{Packet: id, Clause: 1, Reason: "DUPL"}),
		sign(alice, 1, &Recall{Packet: id, Clause: 1, Share: 1, Consents: []Consent{{}}}),
		sign(bob, 0, &Return{Packet: id, Share: 1}),
		sign(alice, 1, &Ask{Packet: id, Share: 1, Reason: "DUPL"}),
		sign(bob, 0, &Answer{Packet: id, Share: 1, Accept: true}),
		sign(alice, 1, &Tighten{Packet: id, Clauses: []Clause{{Target: Rest, When: Rule{All{Sender{}, Within{60}}},
			Reasons: []Reason{"DUPL"}}}}),
		sign(bob, 0, &Warp{By: 24 * 3600}),
	}
}

// Whatever arrives: it is refused with a code, or it is the one spelling of a
// tx; and running it, as if its signatures were good, conserves money.
func FuzzTx(f *testing.F) {
	state, env, seeds := newFuzzState(f)
	for _, tx := range seeds {
		f.Add(tx.Encode())
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		tx, err := DecodeTx(wire)
		if err != nil {
			if CodeOf(err) == CodeOK || CodeOf(err).String() == "" {
				t.Fatalf("refused without a code: %v", err)
			}
			return
		}
		if again := tx.Encode(); !bytes.Equal(again, wire) {
			t.Fatalf("two spellings of one tx:\n%x\n%x", wire, again)
		}
		b, err := NewBlock(state, env)
		if err != nil {
			t.Fatal(err)
		}
		// The fuzzer cannot guess a nonce and a time; what is behind them is
		// to be reached all the same.
		tx.Chain, tx.ValidUntil, tx.Nonce = fuzzChain, env.Time.Plus(60), 0
		if acc := b.Account(tx.Account); acc != nil {
			tx.Nonce = acc.Nonce
		}
		decoded := asDecoded(tx)
		if err := b.Admit(decoded); err != nil {
			return
		}
		failure := b.Apply(0, decoded)
		if supply := b.ledger.sums(); !supply.Holds() || supply.Total != 2000 {
			t.Fatalf("money is not conserved: %+v", supply)
		}
		leaves, entries, _, err := b.Changes()
		if err != nil {
			t.Fatal(err)
		}
		if failure != nil && len(entries) > 0 {
			t.Fatalf("a failed tx made entries: %v", failure)
		}
		if failure != nil && len(leaves) > 1 {
			t.Fatalf("a failed tx changed %d leaves: %v", len(leaves), failure)
		}
	})
}

// Whatever is typed or arrives: no panic, and what parses has one spelling,
// which means the same.
func FuzzCondition(f *testing.F) {
	key := AddressOf(fuzzKey(1)).String()
	for _, s := range []string{
		"always", "never", "untouched", "sender", "link", "within(2m)", "after(1h30m)",
		"before(2026-02-17T00:00:00Z)", "from(2026-02-17T00:00:00Z)", "key(" + key + ")", "named(" + key + ")",
		"all(sender,any(untouched,within(90s)))", "2 of (sender,key(" + key + "),all(sender,never))",
		" any ( link , always ) ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if printed, ok := parsePrinted(s); ok != (err == nil && Print(c) == s) || ok && Print(printed) != s {
			t.Fatalf("%q is read as what Print prints: %v", s, ok)
		}
		if err != nil {
			return
		}
		text := Print(c)
		again, err := Parse(text)
		if err != nil || Print(again) != text {
			t.Fatalf("%q prints as %q, which reads as %v, %v", s, text, again, err)
		}
		var r Rule
		if err := Decode(Encode(Rule{c}), &r); err != nil || Print(r.Cond) != text {
			t.Fatalf("%q does not survive its encoding: %v", text, err)
		}
		if s != text {
			if err := Decode(Encode(s), &r); err == nil {
				t.Fatalf("the wire takes %q for %q", s, text)
			}
		}
		checkRule := goodTerms(withRule(c))
		_ = CheckTerms(&checkRule, people[0], noon)
		for _, edit := range []func(*Terms){withClause(c), share(600, c)} {
			terms := goodTerms(edit)
			if CheckTerms(&terms, people[0], noon) != nil {
				continue
			}
			// What may be sent can be analysed: it has a window that ends in
			// time, and allows as much as itself.
			windows := Windows(terms.Clauses, people[0], &terms, noon, noon)
			if len(windows) == 0 || relate(terms.Clauses, terms.Clauses, people[0], noon, &terms) != allowsSame {
				t.Fatalf("%s: windows %v", text, windows)
			}
			if relate(nil, terms.Clauses, people[0], noon, &terms) != allowsLess {
				t.Fatalf("%s: none is not less", text)
			}
			for _, w := range windows {
				if w.From < noon || w.From >= w.Until || w.Until > at(3600) || len(w.Signers[0]) == 0 {
					t.Fatalf("%s: window %v", text, w)
				}
			}
		}
		// Monotone: all signatures, the link and an untouched packet never
		// make less true; and an unmet condition always has a reason.
		for _, now := range breakpoints(c, TimeOf(time.Unix(1_800_000_000, 0))) {
			none := Facts{Now: now, Start: TimeOf(time.Unix(1_800_000_000, 0))}
			all := none
			all.Signers, all.Link, all.Untouched = KeysIn(c, Address{}), true, true
			if Unmet(c, none) == nil && Unmet(c, all) != nil {
				t.Fatalf("%s: true without signatures, false with", text)
			}
			if unmet := Unmet(c, all); unmet != nil && CodeOf(refusal(unmet, all)) == CodeOK {
				t.Fatalf("%s: unmet without a reason", text)
			}
		}
	})
}
