package contract_test

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// People type amounts in several ways. An amount that is not whole fen is
// refused with a code, never rounded.
func ExampleParseAmount() {
	for _, typed := range []string{"100", "¥8.88", "8.8元", "888fen", "1.234"} {
		amount, err := contract.ParseAmount(typed)
		if err != nil {
			fmt.Println(contract.CodeOf(err), err)
			continue
		}
		fmt.Println(amount.Yuan())
	}
	// Output:
	// ¥100.00
	// ¥8.88
	// ¥8.80
	// ¥8.88
	// bad_amount amount "1.234": at most two decimals
}

// A clause has one spelling, which is what is signed; people may type others.
func ExampleParseClause() {
	for _, typed := range []string{"2m", "share when sender for fraud,duplicate", "rest when sender for revenge"} {
		clause, err := contract.ParseClause(typed)
		if err != nil {
			fmt.Println(contract.CodeOf(err))
			continue
		}
		fmt.Println(clause)
	}
	// Output:
	// rest when all(sender,within(2m))
	// share when sender for FRAD,DUPL
	// unknown_reason
}

// Unmet names the condition that decides against a recall.
func ExampleUnmet() {
	clause, _ := contract.ParseClause("rest when all(sender,untouched,within(2m))")
	alice, sent := contract.Address{1}, contract.Time(0)
	for _, facts := range []contract.Facts{
		{Start: sent, Now: sent.Plus(60), Sender: alice, Untouched: true},
		{Start: sent, Now: sent.Plus(60), Sender: alice, Signers: []contract.Address{alice}},
		{Start: sent, Now: sent.Plus(120), Sender: alice, Signers: []contract.Address{alice}, Untouched: true},
		{Start: sent, Now: sent.Plus(119), Sender: alice, Signers: []contract.Address{alice}, Untouched: true},
	} {
		if unmet := contract.Unmet(clause.When.Cond, facts); unmet != nil {
			fmt.Println(contract.Print(unmet))
		} else {
			fmt.Println("met")
		}
	}
	// Output:
	// sender
	// untouched
	// within(2m)
	// met
}

// Windows says exactly when, and with whose signatures, money can be taken back.
func ExampleWindows() {
	alice, judge := address("alice"), address("judge")
	terms := packetTerms()
	terms.Clauses = nil
	for _, typed := range []string{"2m", "rest when all(key(" + judge.String() + "),after(1h)) for fraud"} {
		clause, _ := contract.ParseClause(typed)
		terms.Clauses = append(terms.Clauses, clause)
	}
	name := map[contract.Address]string{alice: "alice", judge: "judge"}
	for _, w := range contract.Windows(terms.Clauses, alice, &terms, noon, 0) {
		fmt.Println("clause", w.Clause, w.From, "to", w.Until, "by", name[w.Signers[0][0]], "for", w.Reasons)
	}
	// Output:
	// clause 1 2026-02-17T12:00:00Z to 2026-02-17T12:02:00Z by alice for []
	// clause 2 2026-02-17T13:00:00Z to 2026-02-18T12:00:00Z by judge for [FRAD]
}

// A scene is a template of terms: its name in a packet can be trusted.
func ExampleSceneNamed() {
	scene, _ := contract.SceneNamed("transfer-72h")
	fmt.Println("a claimed share is held for", scene.Hold)
	for _, clause := range scene.Clauses {
		fmt.Println(clause)
	}
	_, err := contract.SceneNamed("lottery")
	fmt.Println(contract.CodeOf(err))
	// Output:
	// a claimed share is held for 72h
	// share when sender
	// rest when sender
	// unknown_scene
}

// ¥100.00 in two shares is sent, claimed from, and recalled within two minutes.
// A second recall finds nothing.
func ExampleBlock() {
	c := newChain("alice", "bob")
	terms := packetTerms()
	id := contract.NewPacketID(chainID, address("alice"), 0)

	c.block(noon, "alice", &contract.Send{Terms: terms})
	c.block(noon.Plus(30), "bob", &contract.Claim{Packet: id, TermsHash: terms.Hash(chainID)})
	c.block(noon.Plus(60), "alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AC03"})
	c.block(noon.Plus(90), "alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AC03"})
	// Output:
	// send: ok, the packet is open with ¥100.00: alice has ¥900.00, bob ¥1,000.00
	// claim: ok, the packet is open with ¥50.00: alice has ¥900.00, bob ¥1,050.00
	// recall: ok, the packet is recalled with ¥0.00: alice has ¥950.00, bob ¥1,050.00
	// recall: recalled, the packet is recalled with ¥0.00: alice has ¥950.00, bob ¥1,050.00
}

const chainID = "example-1"

var noon = contract.TimeOf(time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC))

// packetTerms are ¥100.00 in two equal shares for anyone, which the sender may
// recall for two minutes, and which expire after a day.
func packetTerms() contract.Terms {
	clause, _ := contract.ParseClause("2m")
	return contract.Terms{
		Total: 10_000, Shares: 2, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{clause}, Expiry: 24 * 3600,
	}
}

func key(name string) *btcec.PrivateKey {
	secret := sha256.Sum256([]byte(name))
	private, _ := btcec.PrivKeyFromBytes(secret[:])
	return private
}

func address(name string) contract.Address { return contract.AddressOf(key(name)) }

// chain is a committed state in memory, without due work.
type chain map[string]*contract.LeafValue

// newChain gives each name ¥1,000.00.
func newChain(names ...string) chain {
	g := &contract.Genesis{Params: contract.DefaultParams()}
	for _, name := range names {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{Address: address(name), Balance: 100_000})
	}
	leaves, _, err := contract.InitState(chainID, noon.Std(), g, nil, 1)
	check(err)
	c := chain{}
	c.commit(leaves)
	return c
}

func (c chain) Leaf(key []byte) (*contract.LeafValue, error)              { return c[string(key)], nil }
func (c chain) Due(contract.Time, int) ([]contract.Due, error)            { return nil, nil }
func (chain) ShareOf(contract.PacketID, contract.Address) (uint32, error) { return 0, nil }

func (c chain) commit(leaves []contract.Leaf) {
	for _, leaf := range leaves {
		c[string(leaf.Key)] = contract.NewLeafValue(leaf.Value)
	}
}

// block commits a block of one tx, and tells what became of it.
func (c chain) block(at contract.Time, name string, m contract.Message) {
	env := contract.Env{Chain: chainID, Height: 1, Time: at, Verifier: contract.Schnorr{}}
	b, err := contract.NewBlock(c, env)
	check(err)

	tx := &contract.Tx{Chain: chainID, Nonce: b.Account(address(name)).Nonce, ValidUntil: at.Plus(60), Message: m}
	check(tx.Sign(key(name)))
	decoded, err := contract.ReadTx(tx.Encode())
	check(err)

	check(b.Due())
	check(b.Admit(decoded))
	failure := b.Apply(0, decoded)
	hash := sha256.Sum256(tx.Encode()) // a real chain's block hash comes from consensus
	check(b.Seal(hash[:]))
	leaves, _, _, err := b.Changes()
	check(err)
	c.commit(leaves)

	p := b.Packet(contract.NewPacketID(chainID, address("alice"), 0))
	fmt.Printf("%s: %s, the packet is %s with %s: alice has %s, bob %s\n",
		contract.KindName(m), contract.CodeOf(failure), p.Status, p.Escrow.Yuan(),
		b.Account(address("alice")).Balance.Yuan(), b.Account(address("bob")).Balance.Yuan())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
