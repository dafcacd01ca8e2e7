package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// A question that makes no sense gets a refusal with a code: never an error,
// which CometBFT would die of, never a panic, never another leaf's entries.
func TestBadQueries(t *testing.T) {
	c := newChainWith(t, Options{Store: store.Options{CacheSize: 100, KeepVersions: 2}},
		testGenesis(contract.DefaultParams(), "alice", "bob"))
	id := c.Send("alice", terms(2, 500))
	for range 5 {
		c.Wait(time.Second)
		c.Block(c.Tx("bob", &contract.Pay{To: addr("alice"), Amount: 1}))
	}
	alice := contract.AccountKey(addr("alice"))
	entries := func(leaf []byte, limit uint32) []byte {
		return contract.Encode(query.EntriesRequest{Leaf: leaf, Limit: limit})
	}
	for _, row := range []struct {
		desc   string
		path   string
		data   []byte
		height int64
		prove  bool
		code   string
	}{
		{"no path", "", nil, 0, false, "malformed"},
		{"a path of no meaning", "/store/key", nil, 0, false, "malformed"},
		{"no leaf key", query.Leaf, nil, 0, false, "malformed"},
		{"a leaf key of 65 bytes", query.Leaf, make([]byte, 65), 0, false, "malformed"},
		{"a height below zero", query.Leaf, alice, -1, true, "malformed"},
		{"a height to come", query.Leaf, alice, 1000, true, "malformed"},
		{"a height long pruned", query.Leaf, alice, 1, true, "malformed"},
		{"entries of garbage", query.Entries, []byte("garbage"), 0, false, "malformed"},
		{"entries of nothing", query.Entries, entries(nil, 10), 0, false, "malformed"},
		{"entries of all accounts", query.Entries, entries([]byte("a/"), 10), 0, false, "malformed"},
		{"entries of part of a key", query.Entries, entries(alice[:33], 10), 0, false, "malformed"},
		{"entries of too long a key", query.Entries, entries(append(alice[:34:34], 0), 10), 0, false, "malformed"},
		{"a tx hash of 31 bytes", query.Tx, make([]byte, 31), 0, false, "malformed"},
		{"packets of garbage", query.Packets, []byte{0xff}, 0, false, "malformed"},
		{"packets of a role that is none", query.Packets, contract.Encode(query.PacketsRequest{Account: addr("alice"),
			Role: 9, Limit: 5}), 0, false, "ok"},
		{"packets after a mark that is none", query.Packets,
			contract.Encode(query.PacketsRequest{Account: addr("alice"), Role: query.Sent, Before: make([]byte, 500),
				Limit: 5}), 0, false, "ok"},
		{"packets from the end of a role", query.Packets,
			contract.Encode(query.PacketsRequest{Account: addr("alice"), Role: query.Sent,
				Before: []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), Limit: 5}), 0, false, "ok"},
		{"a prefix too short", query.Resolve, []byte("rp1"), 0, false, "bad_address"},
		{"a prefix of an address", query.Resolve, []byte(addr("alice").String()), 0, false, "bad_address"},
		{"a prefix longer than an id", query.Resolve, []byte(id.String() + strings.Repeat("q", 500)), 0, false, "ok"},
	} {
		res, err := c.app.Query(context.Background(), &abci.RequestQuery{Path: row.path, Data: row.data,
			Height: row.height, Prove: row.prove})
		if err != nil {
			t.Errorf("%s: %v", row.desc, err)
			continue
		}
		if got := contract.Code(res.Code).String(); got != row.code {
			t.Errorf("%s: %s (%s), want %s", row.desc, got, res.Log, row.code)
		}
		if strings.Contains(res.Log, "runtime error") {
			t.Errorf("%s: it panicked: %s", row.desc, res.Log)
		}
	}

	var page query.EntryPage
	c.Ask(query.Entries, entries(alice, 1<<32-1), &page)
	if n := c.Account("alice").History.Count; len(page.Entries) != int(n) {
		t.Errorf("alice has %d entries, the node gives %d", n, len(page.Entries))
	}
	var sim query.Simulation
	c.Ask(query.Simulate, []byte("garbage"), &sim)
	if sim.Code != contract.CodeMalformed || len(sim.Entries) > 0 {
		t.Errorf("garbage simulates as %+v", sim)
	}
}

// A simulation says what the block then does, and does nothing itself.
func TestSimulationForetells(t *testing.T) {
	c := newChain(t, "alice", "bob")
	tm := terms(1, 500)
	id := c.Send("alice", tm)
	c.Wait(time.Second)
	for _, wire := range [][]byte{
		c.Claim("dave", id, tm),
		c.Claim("bob", id, tm),
		c.Tx("alice", &contract.Recall{Packet: id, Clause: 1}),
		c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 7}),
	} {
		root := c.app.store.Hash()
		var sim, unsigned, forged query.Simulation
		c.Ask(query.Simulate, wire, &sim)
		c.Ask(query.Simulate, resigned(t, wire, contract.Signature{}), &unsigned)
		c.Ask(query.Simulate, resigned(t, wire, contract.Signature{1}), &forged)
		if unsigned.Code != sim.Code || len(unsigned.Entries) != len(sim.Entries) || forged.Code == contract.CodeOK {
			t.Errorf("simulated %s with %d entries, not signed %s with %d, forged %s",
				sim.Code, len(sim.Entries), unsigned.Code, len(unsigned.Entries), forged.Code)
		}
		if string(root) != string(c.app.store.Hash()) {
			t.Error("a simulation changed the state")
		}
		if code := c.Block(wire)[0]; sim.Code != code || (code == 0) != (len(sim.Entries) > 0) {
			t.Errorf("simulated %s with %d entries, in a block %s", sim.Code, len(sim.Entries), code)
		}
		c.Wait(time.Second)
	}
}

// A block takes no unsigned tx, whatever a simulation says of it.
func TestUnsignedTxIsNoTx(t *testing.T) {
	c := newChain(t, "alice", "bob")
	wire := resigned(t, c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 7}), contract.Signature{})
	res, err := c.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire})
	if err != nil || contract.Code(res.Code) != contract.CodeBadSignature {
		t.Errorf("CheckTx: %+v, %v", res, err)
	}
}

// resigned is a tx with another signature.
func resigned(t *testing.T, wire []byte, sig contract.Signature) []byte {
	t.Helper()
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		t.Fatal(err)
	}
	tx.Signature = sig
	return tx.Encode()
}

// Before the chain has begun every call has an answer.
func TestAppWithoutAChain(t *testing.T) {
	a, err := New(dbm.NewMemDB(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, path := range []string{query.Leaf, query.Entries, query.Tx, query.Simulate, query.Packets, query.Resolve,
		query.Summary} {
		if res, err := a.Query(context.Background(), &abci.RequestQuery{Path: path}); err != nil || res.Code == 0 {
			t.Errorf("%s: %v, %v", path, res, err)
		}
	}
	if res, err := a.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: []byte("x")}); err != nil || res.Code == 0 {
		t.Errorf("CheckTx: %v, %v", res, err)
	}
}

// A genesis that cannot be run is refused at once, not at block 1.
func TestBadGenesis(t *testing.T) {
	for _, row := range []struct {
		desc string
		at   time.Time
		edit func(*contract.Genesis)
		bad  bool
	}{
		{"a good one", testStart, func(*contract.Genesis) {}, false},
		{"before 1970", time.Unix(-1, 0), func(*contract.Genesis) {}, true},
		{"no time at all", time.Time{}, func(*contract.Genesis) {}, true},
		{"after 2262", time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), func(*contract.Genesis) {}, true},
		{"nobody", testStart, func(g *contract.Genesis) { g.Accounts = nil }, true},
		{"somebody twice", testStart, func(g *contract.Genesis) {
			g.Accounts = append(g.Accounts, g.Accounts[0])
		}, true},
		{"a balance of nothing", testStart, func(g *contract.Genesis) { g.Accounts[0].Balance = 0 }, true},
		{"more money than there can be", testStart, func(g *contract.Genesis) {
			g.Accounts[0].Balance = contract.MaxAmount
		}, true},
		{"a key that nobody holds", testStart, func(g *contract.Genesis) { g.Accounts[0].Address = contract.Address{} },
			true},
		{"a limit of zero", testStart, func(g *contract.Genesis) { g.Params.BucketSize = 0 }, true},
	} {
		g := testGenesis(contract.DefaultParams(), "alice", "bob")
		row.edit(&g)
		doc, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		a, err := New(dbm.NewMemDB(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.InitChain(context.Background(), &abci.RequestInitChain{ChainId: testChain, Time: row.at,
			AppStateBytes: doc, InitialHeight: 1})
		if (err != nil) != row.bad || (row.bad && contract.CodeOf(err) != contract.CodeBadGenesis) {
			t.Errorf("%s: %v", row.desc, err)
		}
		a.Close()
	}
}

// CometBFT begins a chain anew until block 1 is committed: the same genesis
// makes the same state however often it comes.
func TestInitChainMayBeRepeated(t *testing.T) {
	c := newChain(t, "alice", "bob")
	first := c.Init(0)
	c.killBeforeCommit([][]byte{c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 1})})
	c.Nonces["alice"] = 0
	if again := c.Init(0); string(again) != string(first) {
		t.Error("another root")
	}
	if len(c.Dump("h")) > 0 || len(c.Dump("v")) > 0 {
		t.Error("something was written before block 1")
	}
	if codes := c.Block(c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 1})); codes[0] != contract.CodeOK {
		t.Error(codes[0])
	}
	if a := c.Account("alice"); a.Balance != 999_999 || a.History.Count != 2 {
		t.Errorf("alice: %+v", a)
	}
}

// A node that is stopping cannot read its state. That is no refusal: the same
// question has an answer elsewhere, or later.
func TestQueriesOfAClosedStore(t *testing.T) {
	c := newChain(t, "alice")
	c.Block()
	if err := c.app.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{query.Leaf, query.Summary} {
		res, err := c.app.Query(context.Background(), &abci.RequestQuery{Path: path,
			Data: contract.AccountKey(addr("alice"))})
		if err != nil || res.Code != query.Unavailable {
			t.Errorf("%s: %v, %v", path, res, err)
		}
	}
}
