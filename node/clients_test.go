package node

import (
	"context"
	"fmt"
	"io"
	"testing"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/internal/testchain"

	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
)

// booked is a chain behind the clients that CometBFT gets, with one account that
// has money.
type booked struct {
	*testchain.Chain
	mempool abcicli.Client
}

func newBooked(t *testing.T) *booked {
	t.Helper()
	b := new(booked)
	b.Chain = testchain.New(t, testchain.Options{Genesis: testchain.Genesis("rich"),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			application, err := newApplication(o.DB, DefaultSettings(), app.Options{})
			must(t, err)
			creator := newClients(application)
			b.mempool, err = creator.NewABCIClient()
			must(t, err)
			b.mempool.SetResponseCallback(func(*abci.Request, *abci.Response) {})
			blocks, err := creator.NewABCIClient()
			return struct {
				abci.Application
				io.Closer
			}{blocks, application}, err
		}})
	return b
}

// pay is the rich account's next payment.
func (b *booked) pay() []byte {
	return b.Tx("rich", &contract.Pay{To: testchain.Address("poor"), Amount: 500})
}

// route is what a GET of /check_tx does.
func (b *booked) route(wire []byte) (*abci.ResponseCheckTx, error) {
	return b.mempool.CheckTx(context.TODO(), &abci.RequestCheckTx{Tx: wire})
}

// pool is what CometBFT's mempool does with a tx, new or once more.
func (b *booked) pool(wire []byte) contract.Code {
	b.T.Helper()
	res, err := b.mempool.CheckTxAsync(b.T.Context(), &abci.RequestCheckTx{Tx: wire})
	b.OK(err)
	return contract.Code(res.Response.GetCheckTx().Code)
}

// Whatever strangers ask /check_tx, the mempool judges as if they had not.
func TestCheckTxRouteLeavesTheBooksAlone(t *testing.T) {
	t.Run("a tx that its owner has not broadcast yet", func(t *testing.T) {
		b := newBooked(t)
		b.Succeed()
		wire := b.pay()
		b.route(wire)
		if code := b.pool(wire); code != contract.CodeOK {
			t.Errorf("the owner's broadcast after it: %s", code)
		}
	})
	t.Run("a tx that waits, between a commit and its recheck", func(t *testing.T) {
		b := newBooked(t)
		b.Succeed()
		wire := b.pay()
		if code := b.pool(wire); code != contract.CodeOK {
			t.Fatal(code)
		}
		b.Succeed()
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
		id := contract.NewPacketID(testchain.ID, testchain.Address("rich"), 0)
		b.Succeed(b.Tx("rich", &contract.Send{Terms: terms}))
		for i := range 2 * contract.DefaultParams().MaxFirstClaims {
			b.route(b.Claim(fmt.Sprint("stranger ", i), id, terms))
		}
		if code := b.pool(b.Claim("newcomer", id, terms)); code != contract.CodeOK {
			t.Errorf("a newcomer's claim after it: %s", code)
		}
	})
}

// The route says why it does not answer, and what to ask instead.
func TestCheckTxRouteIsRefused(t *testing.T) {
	b := newBooked(t)
	b.Succeed()
	pay := b.pay()
	if res, err := b.route(pay); err == nil {
		t.Errorf("answered %+v", res)
	}
	// CometBFT's own mempool of another type says that it calls.
	res, err := b.mempool.CheckTx(abcicli.LockFreeContext(t.Context()), &abci.RequestCheckTx{Tx: pay})
	if err != nil || res.Code != 0 {
		t.Errorf("a mempool's own call: %+v, %v", res, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
