package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"sync"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

const testChain = "hongbao-test"

var testStart = time.Date(2026, 2, 16, 13, 0, 0, 0, time.UTC)

// chain drives one app through blocks, as CometBFT would.
type chain struct {
	t      testing.TB
	app    *App
	db     dbm.DB
	opts   Options
	height int64
	now    time.Time
	// proposer is the consensus address of the next block's; nil where nothing is drawn.
	proposer []byte
	blocks   []*abci.RequestFinalizeBlock // every block so far
	nonces   map[string]uint64
}

// testKey is a deterministic key by name.
func testKey(name string) *btcec.PrivateKey {
	h := sha256.Sum256([]byte("app test " + name))
	key, _ := btcec.PrivKeyFromBytes(h[:])
	return key
}

// addressOf remembers addr: making one costs as much as a signature.
var addressOf sync.Map

func addr(name string) contract.Address {
	if a, known := addressOf.Load(name); known {
		return a.(contract.Address)
	}
	a := contract.AddressOf(testKey(name))
	addressOf.Store(name, a)
	return a
}

// testGenesis funds names with ¥10,000.00 each.
func testGenesis(params contract.Params, names ...string) contract.Genesis {
	g := contract.Genesis{Params: params, Validators: []contract.GenesisValidator{},
		Arbiters: []contract.GenesisArbiter{}, Dev: true}
	for _, n := range names {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{Address: addr(n), Balance: 1_000_000})
	}
	return g
}

func newChain(t testing.TB, names ...string) *chain {
	return newChainWith(t, Options{}, testGenesis(contract.DefaultParams(), names...))
}

func newChainWith(t testing.TB, opts Options, g contract.Genesis) *chain {
	t.Helper()
	c := &chain{t: t, db: dbm.NewMemDB(), opts: opts, now: testStart, nonces: map[string]uint64{}}
	if c.opts.Now == nil {
		c.opts.Now = func() time.Time { return c.now }
	}
	if c.opts.Store == (store.Options{}) {
		c.opts.Store = store.Options{CacheSize: 1000}
	}
	c.open()
	c.initChain(g)
	t.Cleanup(func() { c.app.Close() })
	return c
}

func (c *chain) open() {
	c.t.Helper()
	a, err := New(c.db, c.opts)
	c.ok(err)
	c.app = a
}

// restart closes the app and opens it again over the same database.
func (c *chain) restart() {
	c.t.Helper()
	c.ok(c.app.Close())
	c.open()
}

func (c *chain) initChain(g contract.Genesis) []byte {
	c.t.Helper()
	doc, err := json.Marshal(g)
	c.ok(err)
	res, err := c.app.InitChain(context.Background(), &abci.RequestInitChain{
		ChainId: testChain, Time: testStart, AppStateBytes: doc, InitialHeight: 1,
	})
	c.ok(err)
	return res.AppHash
}

func (c *chain) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// tx signs a message as name with its next nonce.
func (c *chain) tx(name string, m contract.Message) []byte {
	tx := &contract.Tx{
		Chain: testChain, Nonce: c.nonces[name], ValidUntil: c.time().Plus(300), Message: m,
	}
	c.nonces[name]++
	c.ok(tx.Sign(testKey(name)))
	return tx.Encode()
}

// time is what the contract takes c.now for: a dev chain's clock may be ahead.
func (c *chain) time() contract.Time {
	c.t.Helper()
	clock, err := contract.ReadClock(c.app.state())
	c.ok(err)
	return clock.Now(contract.TimeOf(c.now))
}

// wait lets block time pass before the next block.
func (c *chain) wait(d time.Duration) { c.now = c.now.Add(d) }

// finalize executes a block of txs without proposing it, and commits it.
func (c *chain) finalize(txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	req := c.request(txs)
	c.height++
	res, err := c.app.FinalizeBlock(context.Background(), req)
	c.ok(err)
	_, err = c.app.Commit(context.Background(), &abci.RequestCommit{})
	c.ok(err)
	c.blocks = append(c.blocks, req)
	return res
}

// request is the next block as decided, under a hash that its height, proposer
// and txs make.
func (c *chain) request(txs [][]byte) *abci.RequestFinalizeBlock {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(c.height+1)))
	h.Write(c.proposer)
	h.Write(bytes.Join(txs, []byte{0}))
	return &abci.RequestFinalizeBlock{Height: c.height + 1, Time: c.now, Txs: txs, Hash: h.Sum(nil),
		ProposerAddress: c.proposer}
}

// block is finalize for txs that an honest proposer put together: proposing
// and judging them must keep every one.
func (c *chain) block(txs ...[]byte) []contract.Code {
	c.t.Helper()
	proposed := c.propose(txs...)
	if len(proposed) != len(txs) {
		c.t.Fatalf("block %d: %d of %d txs proposed", c.height+1, len(proposed), len(txs))
	}
	if !c.accepts(proposed...) {
		c.t.Fatalf("block %d: an honest proposal is refused", c.height+1)
	}
	var codes []contract.Code
	for _, r := range c.finalize(proposed...).TxResults {
		codes = append(codes, contract.Code(r.Code))
	}
	return codes
}

func (c *chain) propose(txs ...[]byte) [][]byte {
	c.t.Helper()
	res, err := c.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: c.height + 1, Time: c.now, MaxTxBytes: 1 << 20, Txs: txs, ProposerAddress: c.proposer,
	})
	c.ok(err)
	return res.Txs
}

func (c *chain) accepts(txs ...[]byte) bool {
	c.t.Helper()
	res, err := c.app.ProcessProposal(context.Background(), &abci.RequestProcessProposal{
		Height: c.height + 1, Time: c.now, Txs: txs, ProposerAddress: c.proposer,
	})
	c.ok(err)
	return res.Status == abci.ResponseProcessProposal_ACCEPT
}

func (c *chain) checkTx(wire []byte) contract.Code {
	c.t.Helper()
	res, err := c.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire})
	c.ok(err)
	return contract.Code(res.Code)
}

// ask queries and decodes the answer into v.
func (c *chain) ask(path string, request []byte, v any) *abci.ResponseQuery {
	c.t.Helper()
	res, err := c.app.Query(context.Background(), &abci.RequestQuery{Path: path, Data: request})
	c.ok(err)
	if res.Code != 0 {
		c.t.Fatalf("%s: %s", path, res.Log)
	}
	if len(res.Value) > 0 && v != nil {
		c.ok(contract.Decode(res.Value, v))
	}
	return res
}

func (c *chain) account(name string) (a contract.Account) {
	c.t.Helper()
	c.ask(query.Leaf, contract.AccountKey(addr(name)), &a)
	return a
}

func (c *chain) packet(id contract.PacketID) (p contract.Packet) {
	c.t.Helper()
	p.ID = id
	c.ask(query.Leaf, contract.PacketKey(id), &p)
	return p
}

func (c *chain) supply() (s contract.Supply) {
	c.t.Helper()
	c.ask(query.Leaf, contract.SupplyKey, &s)
	return s
}

// terms are valid terms of shares × each fen open to every account, with one
// two-minute clause for the sender, changed by edits.
func terms(shares uint32, each contract.Amount, edits ...func(*contract.Terms)) contract.Terms {
	t := contract.Terms{
		Total: contract.Amount(shares) * each, Shares: shares, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{{Target: contract.Rest,
			When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: 120}}}}},
		Expiry: 24 * 3600,
	}
	for _, e := range edits {
		e(&t)
	}
	return t
}

// send puts a packet of t into a block of its own and returns its id.
func (c *chain) send(name string, t contract.Terms) contract.PacketID {
	c.t.Helper()
	id := contract.NewPacketID(testChain, addr(name), c.nonces[name])
	if codes := c.block(c.tx(name, &contract.Send{Terms: t})); codes[0] != contract.CodeOK {
		c.t.Fatalf("send: %s", codes[0])
	}
	return id
}

func (c *chain) claim(name string, id contract.PacketID, t contract.Terms) []byte {
	return c.tx(name, &contract.Claim{Packet: id, TermsHash: t.Hash(testChain)})
}
