package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/node"
)

// A chain of one validator, in this process, for the examples and the tests.
var (
	nodeURL   string
	trustFile string
	home      string // of the wallet
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hongbao-client-")
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended, err := startNode(ctx, dir)
	code := 1
	if err == nil {
		code = m.Run()
	}
	stop()
	if ended != nil {
		err = errors.Join(err, <-ended)
	}
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// startNode runs a node in dir until ctx ends, and waits for its first block.
func startNode(ctx context.Context, dir string) (ended chan error, err error) {
	nodeHome := filepath.Join(dir, "node")
	home, trustFile = filepath.Join(dir, "wallet"), filepath.Join(dir, "trust.json")
	v, err := node.CreateKeys(nodeHome, "node")
	if err != nil {
		return nil, err
	}
	genesis := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for _, name := range wallet.DevNames {
		genesis.Accounts = append(genesis.Accounts, contract.GenesisAccount{
			Address: contract.AddressOf(wallet.DevKey(name)), Balance: 1_000_000,
		})
	}
	file, err := node.NewGenesis("hongbao-client-1", time.Now(), []node.Validator{v}, genesis)
	if err != nil {
		return nil, err
	}
	c := node.DefaultConfig(nodeHome)
	if err := takePorts(&c.P2P.ListenAddress, &c.RPC.ListenAddress); err != nil {
		return nil, err
	}
	nodeURL = c.RPC.ListenAddress
	if err := errors.Join(node.WriteConfig(c, node.DefaultSettings()), node.WriteGenesis(nodeHome, file)); err != nil {
		return nil, err
	}
	if err := writeTrust(nodeHome); err != nil {
		return nil, err
	}
	return run(ctx, nodeHome)
}

// takePorts makes each address one that is free.
func takePorts(addresses ...*string) error {
	for _, address := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close() // once all are known, so that no two are the same
		*address = "tcp://" + l.Addr().String()
	}
	return nil
}

func writeTrust(nodeHome string) error {
	_, b, err := node.ReadGenesis(nodeHome)
	if err != nil {
		return err
	}
	trust, err := audit.TrustFromGenesis(b)
	if err != nil {
		return err
	}
	f, err := os.Create(trustFile)
	if err != nil {
		return err
	}
	return errors.Join(trust.Write(f), f.Close())
}

func run(ctx context.Context, nodeHome string) (ended chan error, err error) {
	ended = make(chan error, 1)
	go func() { ended <- node.Run(ctx, nodeHome, node.Options{Log: io.Discard}) }()
	asking, err := rpc.Dial(nodeURL)
	if err != nil {
		return ended, err
	}
	defer asking.Close()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if s, err := asking.Status(ctx); err == nil && s.Height > 0 {
			return ended, nil
		}
	}
	return ended, errors.New("no block within 20 s")
}
