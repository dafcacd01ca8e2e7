package testnet

import (
	"context"
	"errors"
	"slices"
	"time"

	"hongbao/client/rpc"
)

// readyTimeout bounds the wait for a block, on a machine that may be busy with
// something else.
const readyTimeout = 2 * time.Minute

// UpOptions say what network Up runs. The zero value runs the one that the folder
// keeps.
type UpOptions struct {
	// Spec is of the network to make where there is none. Of one that is kept,
	// Validators has to be its number or 0, and Metrics turns metrics on; the rest
	// is not looked at.
	Spec  Spec
	Reset bool // forget a network that is kept, and make a new one

	OnExit func(*Node, error) // hears of each node that ends unasked
	// OnMove hears of a node that is started again on other ports, while the network
	// waits: it may not ask the network anything.
	OnMove func(*Network, *Node)
}

// Supervisor keeps a network up that other processes can drive: see [Open].
type Supervisor struct {
	*Network
	Ready []NodeStatus // how the nodes were when the network made its first block

	control *control
}

// Up loads the network of a folder, or makes one, starts it, and returns when it
// makes blocks and takes orders. The caller has to Close it. ctx bounds the start
// alone; when it ends first, nothing is left running.
func Up(ctx context.Context, dir string, o UpOptions) (_ *Supervisor, err error) {
	n, err := open(dir, o)
	if err != nil {
		return nil, err
	}
	n.OnExit = o.OnExit
	if o.OnMove != nil {
		n.OnMove = func(m *Node) { o.OnMove(n, m) }
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if err := n.Start(ctx); err != nil {
		return nil, err
	}
	ready, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	list, err := n.waitReady(ready)
	if err != nil {
		return nil, err
	}
	control, err := serveControl(n)
	if err != nil {
		return nil, err
	}
	return &Supervisor{n, list, control}, nil
}

// open loads the kept network or makes one.
func open(dir string, o UpOptions) (*Network, error) {
	if o.Reset {
		if err := Reset(dir); err != nil {
			return nil, err
		}
	}
	n, err := Load(dir)
	if errors.Is(err, ErrNotThere) {
		return Generate(dir, o.Spec)
	}
	if err != nil {
		return nil, err
	}
	if o.Spec.Validators != 0 && o.Spec.Validators != len(n.Nodes) {
		return nil, &OtherSize{dir, len(n.Nodes), o.Spec.Validators}
	}
	n.Metrics = n.Metrics || o.Spec.Metrics
	return n, nil
}

// Asked receives when another process asks the network to end: see
// [Controller.Down].
func (s *Supervisor) Asked() <-chan struct{} { return s.control.down }

// Close ends the network and returns when no process is left. It may be called at
// any time, and again.
func (s *Supervisor) Close() error {
	s.control.close()
	return s.Network.Close()
}

// Answering is where the first node that is in step answers; node 1's address
// while none is.
func (n *Network) Answering(ctx context.Context) string {
	for _, s := range n.Status(ctx) {
		if s.InStep {
			return s.RPC
		}
	}
	return n.Nodes[0].RPCURL()
}

// Balances are the network's accounts with what they hold now: a kept network's
// have spent.
func (n *Network) Balances(ctx context.Context) ([]Account, error) {
	client, err := rpc.Dial(n.Answering(ctx))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	accounts := slices.Clone(n.Accounts)
	for i := range accounts {
		leaf, _, err := client.Account(ctx, accounts[i].Address)
		if err != nil {
			return nil, err
		}
		if accounts[i].Balance = 0; leaf != nil {
			accounts[i].Balance = leaf.Balance
		}
	}
	return accounts, nil
}
