package client_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// A chain that answers in this process, for the examples and the tests. Its time
// is that of the wall.
var (
	nodeURL   string
	trustFile string
	home      string // of the wallet
)

// setup stands in for the test that a chain belongs to.
type setup struct {
	testing.TB
	ends []func()
}

func (*setup) Helper()              {}
func (*setup) Fatal(args ...any)    { panic(fmt.Sprint(args...)) }
func (s *setup) Cleanup(end func()) { s.ends = append(s.ends, end) }

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hongbao-client-")
	if err != nil {
		panic(err)
	}
	home, trustFile = filepath.Join(dir, "wallet"), filepath.Join(dir, "trust.json")
	s := new(setup)
	serve(s)
	code := m.Run()
	for _, end := range s.ends {
		end()
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// serve begins the chain, and writes its trust file.
func serve(s *setup) {
	g := testchain.Genesis()
	for _, name := range wallet.DevNames {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{
			Address: contract.AddressOf(wallet.DevKey(name)), Balance: testchain.Balance,
		})
	}
	c := testchain.New(s, testchain.Options{
		Genesis: g, Start: time.Now(), Validators: testchain.NewValidators(1),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			return app.New(o.DB, app.Options{Now: o.Now, VRFKey: o.VRFKey})
		},
	})
	f, err := os.Create(trustFile)
	c.OK(err)
	_, err = io.Copy(f, c.Validators.Trust())
	c.OK(errors.Join(err, f.Close()))
	node := c.Serve()
	node.Next = testchain.OnTheWall
	nodeURL = node.URL
}
