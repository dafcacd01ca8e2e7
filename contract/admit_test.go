package contract

import (
	"testing"
)

// Names cost nothing: a node must not remember one for each that it refuses.
func TestRefusedStrangersLeaveNothingInAMempool(t *testing.T) {
	state, env, _ := newFuzzState(t)
	m, err := NewMempool(state, env)
	if err != nil {
		t.Fatal(err)
	}
	accounts, packets := len(m.base.accounts), len(m.base.packets)
	for i := range 100 {
		tx := &Tx{Chain: fuzzChain, Account: Address{1, byte(i)}, ValidUntil: env.Time.Plus(60),
			Message: &Claim{Packet: PacketID{2, byte(i)}}}
		if err := m.Admit(asDecoded(tx)); CodeOf(err) != CodeUnknownPacket {
			t.Fatal(err)
		}
	}
	if len(m.senders) > 0 || len(m.base.accounts) != accounts || len(m.base.packets) != packets {
		t.Errorf("remembers %d senders, %d accounts, %d packets", len(m.senders), len(m.base.accounts),
			len(m.base.packets))
	}
}

// admitter is a block or a mempool.
type admitter interface{ Admit(*DecodedTx) error }

// admitters are one of each, empty.
func admitters(t testing.TB, state State, env Env) map[string]admitter {
	t.Helper()
	b, err := NewBlock(state, env)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMempool(state, env)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]admitter{"block": b, "mempool": m}
}

// A first claim costs its maker nothing and a node a judgement after every
// block: a mempool holds two blocks' worth, a block one.
func TestFirstClaimsAreBounded(t *testing.T) {
	state, env, _ := newFuzzState(t)
	params := DefaultParams()
	params.MaxFirstClaims = 2
	state[string(ParamsKey)] = Encode(&params)
	terms := fuzzTerms()
	id := NewPacketID(fuzzChain, AddressOf(fuzzKey(1)), 0)
	most := map[string]int{"block": 2, "mempool": 4}
	for desc, a := range admitters(t, state, env) {
		for i := range 10 {
			tx := &Tx{Chain: fuzzChain, Account: AddressOf(fuzzKey(byte(100 + i))), ValidUntil: env.Time.Plus(60),
				Message: &Claim{Packet: id, TermsHash: terms.Hash(fuzzChain)}}
			want := CodeOK
			if i >= most[desc] {
				want = CodeFirstClaimsFull
			}
			if err := a.Admit(asDecoded(tx)); CodeOf(err) != want {
				t.Errorf("%s, claim %d: %v, want %s", desc, i+1, err, want)
			}
		}
	}
}

// What a block leaves for later ones is bounded by what one of them does. A
// claim of a packet sent in the same block counts, whose terms are not known
// yet; a mempool counts nothing.
func TestDueWorkIsBounded(t *testing.T) {
	state, env, _ := newFuzzState(t)
	params := DefaultParams()
	params.MaxDuePerBlock = 2
	state[string(ParamsKey)] = Encode(&params)
	terms := fuzzTerms()
	id := NewPacketID(fuzzChain, AddressOf(fuzzKey(1)), 0)
	p := newCommitted(fuzzChain, state).packet(id)
	p.Terms.Hold = 60
	held := PacketID{7}
	state[string(PacketKey(held))] = Encode(p)
	for _, row := range []struct {
		desc    string
		message Message
		leaves  bool
	}{
		{"a send", &Send{Terms: terms}, true},
		{"a question", &Ask{Packet: id, Share: 1}, true},
		{"a claim into a hold", &Claim{Packet: held}, true},
		{"a claim of what may be sent in this block", &Claim{Packet: PacketID{8}}, true},
		{"a claim that settles at once", &Claim{Packet: id}, false},
		{"a payment", &Pay{To: AddressOf(fuzzKey(1)), Amount: 1}, false},
		{"a recall", &Recall{Packet: id, Clause: 1}, false},
		{"a return", &Return{Packet: id, Share: 1}, false},
		{"an answer", &Answer{Packet: id, Share: 1}, false},
		{"a tightening", &Tighten{Packet: id}, false},
	} {
		for desc, a := range admitters(t, state, env) {
			var nonce uint64
			for i := range 4 {
				want := CodeOK
				if row.leaves && desc == "block" && i >= 2 {
					want = CodeDueFull
				}
				err := a.Admit(asDecoded(&Tx{Chain: fuzzChain, Account: AddressOf(fuzzKey(2)), Nonce: nonce,
					ValidUntil: env.Time.Plus(60), Message: row.message}))
				if CodeOf(err) != want {
					t.Errorf("%s, %d of %s: %v, want %s", desc, i+1, row.desc, err, want)
				}
				if err == nil {
					nonce++
				}
			}
		}
	}
}

// memory is a state that hands out the same leaves again, as a node's does.
type memory map[string]*LeafValue

func (m memory) Leaf(key []byte) (*LeafValue, error)     { return m[string(key)], nil }
func (m memory) Due(Time, int) ([]Due, error)            { return nil, nil }
func (memory) ShareOf(PacketID, Address) (uint32, error) { return 0, nil }

// A packet's leaf is outlined to judge the txs that name it, and decoded once,
// when the first of them is executed.
func TestAdmissionDecodesNoPacket(t *testing.T) {
	leaves, env, _ := newFuzzState(t)
	id := NewPacketID(fuzzChain, AddressOf(fuzzKey(1)), 0)
	for _, message := range []Message{
		&Claim{Packet: id}, &Recall{Packet: id, Clause: 4}, &Return{Packet: id, Share: 9},
		&Ask{Packet: id, Share: 9}, &Answer{Packet: id, Share: 9}, &Tighten{Packet: id},
	} {
		state := memory{}
		for key, value := range leaves {
			state[key] = NewLeafValue(value)
		}
		packet := state[string(PacketKey(id))]
		var first any
		for range 2 {
			m, err := NewMempool(state, env)
			if err != nil {
				t.Fatal(err)
			}
			b, err := NewBlock(state, env)
			if err != nil {
				t.Fatal(err)
			}
			tx := asDecoded(&Tx{Chain: fuzzChain, Account: AddressOf(fuzzKey(2)), ValidUntil: env.Time.Plus(60),
				Message: message})
			m.Pressing(tx.Tx)
			if err := m.Admit(tx); err != nil {
				t.Fatal(err)
			}
			if err := b.Admit(tx); err != nil {
				t.Fatal(err)
			}
			if packet.whole.value != first {
				t.Errorf("%s: the packet was decoded to admit it", KindName(message))
			}
			if err := b.Apply(0, tx); err == nil {
				t.Errorf("%s: succeeds", KindName(message))
			}
			if first == nil {
				first = packet.whole.value
			}
			if first == nil || packet.whole.value != first {
				t.Errorf("%s: the packet is decoded to %p, before to %p", KindName(message), packet.whole.value, first)
			}
		}
	}
}

// A condition refuses with the lack that is nearest to being met, however
// deep it lies; asking each operand once keeps a rule of nested any cheap.
func TestRefusalOfNestedAny(t *testing.T) {
	var c Cond = Any{Within{1}, Untouched{}, Before{0}}
	for range maxCondDepth - 2 {
		c = Any{Before{0}, c}
	}
	f := Facts{Now: 10_000_000_000, Start: 1}
	if err := refusal(Unmet(c, f), f); CodeOf(err) != CodeTouched {
		t.Errorf("%v, want touched", err)
	}
}

// The hold and the terms that are read off a leaf are those that decoding all of
// it gives.
func TestPartsOfALeaf(t *testing.T) {
	hundred := Named{}
	for i := range 100 {
		hundred.Claimers = append(hundred.Claimers, Address{byte(i)})
	}
	link, asked := [32]byte{1}, &Asked{State: AskOpen, At: 5}
	for _, hold := range []Seconds{0, 1, 23, 24, 255, 256, 86400, MaxDuration} {
		for _, p := range []Packet{
			{Terms: Terms{Claim: Rule{Always{}}}},
			{Terms: Terms{Claim: Rule{All{Link{}, hundred}}, LinkKey: &link, Memo: &Hash{2}, Scene: "friends",
				Total: MaxAmount}},
			{Terms: Terms{Claim: Rule{Link{}}, Clauses: []Clause{{Target: Rest, When: Rule{Sender{}},
				Reasons: []Reason{"DUPL"}}}},
				Tightened: []Tightening{{At: 1}, {At: 2}}, Shares: []Share{{Amount: 7, Asked: asked}, {Amount: 8}}},
		} {
			p.Terms.Hold = hold
			var o outline
			if err := decodeOutline(Encode(&p), &o); err != nil || o.Hold != hold {
				t.Errorf("hold %s is read as %s, %v", hold, o.Hold, err)
			}
			if termsHash(testChain, o.Terms) != p.Terms.Hash(testChain) {
				t.Errorf("terms with hold %s are read as %x", hold, o.Terms)
			}
		}
	}
	if err := decodeOutline([]byte{0x81, 1}, new(outline)); err == nil {
		t.Error("a leaf that is no packet's has a hold")
	}
}
