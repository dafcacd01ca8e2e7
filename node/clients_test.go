package node

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
	dbm "github.com/cometbft/cometbft-db"
	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"
)

// booked is an application behind the clients that CometBFT gets, with one
// account that has money.
type booked struct {
	t       *testing.T
	rich    *btcec.PrivateKey
	mempool abcicli.Client
	blocks  abcicli.Client
	start   time.Time
	height  int64
	params  contract.Params
}

const bookedChain = "books-1"

func newBooked(t *testing.T) *booked {
	t.Helper()
	b := &booked{t: t, rich: newKey(t), start: time.Now().UTC(), params: contract.DefaultParams()}
	v, err := CreateKeys(filepath.Join(t.TempDir(), "node"), "solo")
	must(t, err)
	state := contract.Genesis{Params: b.params,
		Accounts: []contract.GenesisAccount{{Address: contract.AddressOf(b.rich), Balance: 1_000_000}}}
	genesis, err := NewGenesis(bookedChain, b.start, []Validator{v}, state)
	must(t, err)
	doc, err := types.GenesisDocFromJSON(genesis)
	must(t, err)
	application, err := newApplication(dbm.NewMemDB(), DefaultSettings(), nil, nil)
	must(t, err)
	t.Cleanup(func() { must(t, application.Close()) })
	creator := newClients(application)
	b.mempool, err = creator.NewABCIClient()
	must(t, err)
	b.mempool.SetResponseCallback(func(*abci.Request, *abci.Response) {})
	b.blocks, err = creator.NewABCIClient()
	must(t, err)
	init := &abci.RequestInitChain{ChainId: bookedChain, Time: b.start, InitialHeight: 1, AppStateBytes: doc.AppState}
	for _, v := range doc.Validators {
		init.Validators = append(init.Validators, abci.Ed25519ValidatorUpdate(v.PubKey.Bytes(), v.Power))
	}
	_, err = b.blocks.InitChain(t.Context(), init)
	must(t, err)
	return b
}

// block commits txs.
func (b *booked) block(txs ...[]byte) {
	b.t.Helper()
	b.height++
	res, err := b.blocks.FinalizeBlock(b.t.Context(), &abci.RequestFinalizeBlock{
		Height: b.height, Time: b.start.Add(time.Duration(b.height) * time.Second), Txs: txs, Hash: make([]byte, 32)})
	must(b.t, err)
	for i, r := range res.TxResults {
		if r.Code != 0 {
			b.t.Fatalf("block %d, tx %d: %s", b.height, i, r.Log)
		}
	}
	_, err = b.blocks.Commit(b.t.Context(), &abci.RequestCommit{})
	must(b.t, err)
}

func (b *booked) tx(key *btcec.PrivateKey, nonce uint64, m contract.Message) []byte {
	b.t.Helper()
	tx := &contract.Tx{Chain: bookedChain, Nonce: nonce, ValidUntil: contract.TimeOf(b.start.Add(5 * time.Minute)),
		Message: m}
	must(b.t, tx.Sign(key))
	return tx.Encode()
}

// pay is the rich account's first payment.
func (b *booked) pay() []byte {
	return b.tx(b.rich, 0, &contract.Pay{To: contract.AddressOf(newKey(b.t)), Amount: 500})
}

// route is what a GET of /check_tx does.
func (b *booked) route(wire []byte) (*abci.ResponseCheckTx, error) {
	return b.mempool.CheckTx(context.TODO(), &abci.RequestCheckTx{Tx: wire})
}

// pool is what CometBFT's mempool does with a tx, new or once more.
func (b *booked) pool(wire []byte) contract.Code {
	b.t.Helper()
	res, err := b.mempool.CheckTxAsync(b.t.Context(), &abci.RequestCheckTx{Tx: wire})
	must(b.t, err)
	return contract.Code(res.Response.GetCheckTx().Code)
}

// Whatever strangers ask /check_tx, the mempool judges as if they had not.
func TestCheckTxRouteLeavesTheBooksAlone(t *testing.T) {
	t.Run("a tx that its owner has not broadcast yet", func(t *testing.T) {
		b := newBooked(t)
		b.block()
		wire := b.pay()
		b.route(wire)
		if code := b.pool(wire); code != contract.CodeOK {
			t.Errorf("the owner's broadcast after it: %s", code)
		}
	})
	t.Run("a tx that waits, between a commit and its recheck", func(t *testing.T) {
		b := newBooked(t)
		b.block()
		wire := b.pay()
		if code := b.pool(wire); code != contract.CodeOK {
			t.Fatal(code)
		}
		b.block()
		b.route(wire)
		if code := b.pool(wire); code != contract.CodeOK {
			t.Errorf("its recheck: %s", code)
		}
	})
	t.Run("the room for first claims", func(t *testing.T) {
		b := newBooked(t)
		terms := contract.Terms{Total: 100, Shares: 100, Split: contract.Equal,
			Claim:  contract.Rule{Cond: contract.Always{}},
			Expiry: 3600, Clauses: []contract.Clause{}}
		b.block(b.tx(b.rich, 0, &contract.Send{Terms: terms}))
		claim := &contract.Claim{Packet: contract.NewPacketID(bookedChain, contract.AddressOf(b.rich), 0),
			TermsHash: terms.Hash(bookedChain)}
		for range 2 * b.params.MaxFirstClaims {
			b.route(b.tx(newKey(t), 0, claim))
		}
		if code := b.pool(b.tx(newKey(t), 0, claim)); code != contract.CodeOK {
			t.Errorf("a newcomer's claim after it: %s", code)
		}
	})
}

// The route says why it does not answer, and what to ask instead.
func TestCheckTxRouteIsRefused(t *testing.T) {
	b := newBooked(t)
	b.block()
	if res, err := b.route(b.pay()); err == nil {
		t.Errorf("answered %+v", res)
	}
	// CometBFT's own mempool of another type says that it calls.
	res, err := b.mempool.CheckTx(abcicli.LockFreeContext(t.Context()), &abci.RequestCheckTx{Tx: b.pay()})
	if err != nil || res.Code != 0 {
		t.Errorf("a mempool's own call: %+v, %v", res, err)
	}
}

func newKey(t *testing.T) *btcec.PrivateKey {
	t.Helper()
	key, err := btcec.NewPrivateKey()
	must(t, err)
	return key
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
