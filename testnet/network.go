package testnet

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"hongbao/contract"
	"hongbao/internal/home"
)

const (
	stateFile = "testnet.json"
	trustFile = "trust.json"
	lockFile  = "lock"

	stateFormat = "hongbao-testnet/1"

	loopback = "127.0.0.1"
)

// Network is a generated network and, after Start, its processes. Its methods
// may be called from several goroutines.
type Network struct {
	Dir      string // absolute
	ChainID  string
	Accounts []Account
	Nodes    []*Node // Nodes[0] is node 1
	Metrics  bool

	// Binary runs `node start --home DIR`. Empty: this program itself.
	Binary string
	// Launch, when set before Start, starts a node's process, for which all else is
	// set: in another network namespace, or with other variables. Nil: cmd.Start.
	Launch func(n *Node, cmd *exec.Cmd) error
	// OnExit, when set before Start, hears of each node that ends unasked.
	OnExit func(n *Node, err error)
	// OnMove, when set before Start, hears of a node that is started again on
	// other ports, because another program has taken its own.
	OnMove func(n *Node)

	mu     sync.Mutex // guards the processes and, once started, the ports
	unlock func()     // non-nil while started
}

// Node is one validator of a network.
type Node struct {
	Number int // from 1
	Name   string
	ID     string // what peers call it
	Home   string // absolute
	Host   string // that it listens on
	RPC    int    // ports of Host
	P2P    int
	// MetricsPort serves CometBFT's Prometheus metrics, when the network has them.
	MetricsPort int

	proc *process // nil when never started; guarded by Network.mu
}

// RPCURL is where the node answers queries.
func (m *Node) RPCURL() string { return "http://" + m.at(m.RPC) }

// at is a port of the node's, as HOST:PORT.
func (m *Node) at(port int) string { return net.JoinHostPort(m.Host, strconv.Itoa(port)) }

// LogFile is where the node writes what it does.
func (m *Node) LogFile() string { return filepath.Join(m.Home, "node.log") }

// TrustFile is what a verifier of this network's proofs believes beforehand.
func (n *Network) TrustFile() string { return filepath.Join(n.Dir, trustFile) }

// Node is the node of a number, from 1.
func (n *Network) Node(number int) (*Node, error) {
	if number < 1 || number > len(n.Nodes) {
		return nil, fmt.Errorf("node %d: %w: there are 1 to %d", number, ErrNoNode, len(n.Nodes))
	}
	return n.Nodes[number-1], nil
}

// The state file. Homes are relative, so that a folder can be moved.
type stateJSON struct {
	Format   string        `json:"format"`
	ChainID  string        `json:"chain_id"`
	Metrics  bool          `json:"metrics,omitempty"`
	Nodes    []nodeJSON    `json:"nodes"`
	Accounts []accountJSON `json:"accounts"`
}

type nodeJSON struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Home    string `json:"home"`
	Host    string `json:"host,omitempty"` // empty: loopback
	RPC     int    `json:"rpc"`
	P2P     int    `json:"p2p"`
	Metrics int    `json:"metrics,omitempty"`
}

type accountJSON struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
	Balance uint64           `json:"balance_fen,string"`
}

func (n *Network) save() error {
	s := stateJSON{Format: stateFormat, ChainID: n.ChainID, Metrics: n.Metrics, Accounts: accountsJSON(n.Accounts)}
	for _, m := range n.Nodes {
		host := m.Host
		if host == loopback {
			host = "" // as networks of earlier versions have it
		}
		s.Nodes = append(s.Nodes, nodeJSON{m.Name, m.ID, filepath.Base(m.Home), host, m.RPC, m.P2P, m.MetricsPort})
	}
	return writeJSON(filepath.Join(n.Dir, stateFile), s)
}

func accountsJSON(accounts []Account) []accountJSON {
	out := []accountJSON{}
	for _, a := range accounts {
		out = append(out, accountJSON{a.Name, a.Address, uint64(a.Balance)})
	}
	return out
}

// Load opens a network that Generate made. Nothing runs yet.
func Load(dir string) (*Network, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s, err := readState(dir)
	if err != nil {
		return nil, err
	}
	n := &Network{Dir: dir, ChainID: s.ChainID, Metrics: s.Metrics}
	for i, m := range s.Nodes {
		n.Nodes = append(n.Nodes, &Node{
			Number: i + 1, Name: m.Name, ID: m.ID, Home: filepath.Join(dir, m.Home),
			Host: cmp.Or(m.Host, loopback), RPC: m.RPC, P2P: m.P2P, MetricsPort: m.Metrics,
		})
	}
	for _, a := range s.Accounts {
		n.Accounts = append(n.Accounts, Account{a.Name, a.Address, contract.Amount(a.Balance)})
	}
	return n, nil
}

func readState(dir string) (s stateJSON, err error) {
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("testnet %s: %w", dir, ErrNotThere)
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil || s.Format != stateFormat || len(s.Nodes) == 0 {
		return s, fmt.Errorf("testnet %s: %s is %w", dir, stateFile, ErrOtherFormat)
	}
	for _, m := range s.Nodes {
		// Reset deletes these: they must be names, not paths to elsewhere.
		if m.Home != filepath.Base(m.Home) || m.Home == "." || m.Home == ".." {
			return s, fmt.Errorf("testnet %s: %s is %w: home %q", dir, stateFile, ErrOtherFormat, m.Home)
		}
	}
	return s, nil
}

// ownFiles are what a network's folder holds beside the homes; the state file last.
var ownFiles = []string{trustFile, controlFile, lockFile, stateFile}

// Reset deletes what Generate and Start made in dir, and nothing else. A
// folder that holds no network is left alone; one that is running is refused.
func Reset(dir string) error {
	s, err := readState(dir)
	if errors.Is(err, ErrNotThere) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer unlock()
	for _, m := range s.Nodes {
		if err := os.RemoveAll(filepath.Join(dir, m.Home)); err != nil {
			return err
		}
	}
	// The state file last: until then the folder is known for what it is.
	for _, name := range ownFiles {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return home.WriteFile(path, append(b, '\n'), 0o600)
}
