package testnet

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"hongbao/client/audit"
	"hongbao/contract"
	"hongbao/internal/home"
	"hongbao/internal/ports"
	"hongbao/node"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/types"
)

const (
	// DefaultName is a dev network's name; with its genesis's hash it makes the chain id.
	DefaultName = "hongbao-dev"
	// DefaultValidators tolerate one fault, the least that shows anything.
	DefaultValidators = 4
	// MaxValidators keeps a laptop usable: every node gossips with every other.
	MaxValidators = 16
)

// Account is an account with money at the start.
type Account struct {
	Name    string
	Address contract.Address
	Balance contract.Amount
}

// Spec says what network to make. The zero value but for Accounts is a
// DefaultValidators network called DefaultName.
type Spec struct {
	Name       string // of the chain, of which its genesis makes an id
	Validators int    // 1 to MaxValidators; a single one is unfair to lucky draws and fault tolerant to none
	// Hosts are what the nodes listen on, one each. Empty: all on 127.0.0.1.
	Hosts    []string
	Accounts []Account
	Params   contract.Params           // zero: contract.DefaultParams with devRecallBudget
	Arbiters []contract.GenesisArbiter // named in the genesis
	Metrics  bool                      // each node serves CometBFT's Prometheus metrics
	// Configure may change a node's settings before they are written; ports
	// and peers are set after it.
	Configure func(number int, c *cfg.Config, s *node.Settings)
}

func (s *Spec) complete() error {
	if s.Name == "" {
		s.Name = DefaultName
	}
	if s.Validators == 0 {
		s.Validators = DefaultValidators
	}
	if s.Validators < 1 || s.Validators > MaxValidators {
		return fmt.Errorf("testnet: %d validators: must be 1 to %d", s.Validators, MaxValidators)
	}
	if len(s.Hosts) > 0 && len(s.Hosts) != s.Validators {
		return fmt.Errorf("testnet: %d hosts for %d validators", len(s.Hosts), s.Validators)
	}
	if s.Params == (contract.Params{}) {
		s.Params = contract.DefaultParams()
		s.Params.RecallBudget = devRecallBudget
	}
	return nil
}

// devRecallBudget lets a load test recall from a packet in every round.
const devRecallBudget = 10_000

// Generate makes a network in dir, which must be absent or empty. The folder
// appears complete or not at all. Nothing runs yet.
func Generate(dir string, spec Spec) (*Network, error) {
	if err := spec.complete(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	err = inFresh(dir, func(work string) error { return fill(work, spec) })
	if err != nil {
		return nil, err
	}
	return Load(dir)
}

func fill(work string, spec Spec) error {
	n := &Network{Dir: work, Accounts: spec.Accounts, Metrics: spec.Metrics}
	var validators []node.Validator
	for i := range spec.Validators {
		name := fmt.Sprintf("node%d", i+1)
		home := filepath.Join(work, name)
		v, err := node.CreateKeys(home, name)
		if err != nil {
			return err
		}
		validators = append(validators, v)
		host := loopback
		if len(spec.Hosts) > 0 {
			host = spec.Hosts[i]
		}
		n.Nodes = append(n.Nodes, &Node{Number: i + 1, Name: name, ID: string(v.NodeID), Home: home, Host: host})
		c, s := node.DefaultConfig(home), node.DefaultSettings()
		c.Moniker = name
		c.Instrumentation.Prometheus = spec.Metrics
		if spec.Configure != nil {
			spec.Configure(i+1, c, &s)
		}
		if err := node.WriteConfig(c, s); err != nil {
			return err
		}
	}
	if err := writeGenesis(n, spec, validators); err != nil {
		return err
	}
	return n.assignPorts(n.Nodes)
}

func writeGenesis(n *Network, spec Spec, validators []node.Validator) error {
	state := contract.Genesis{Params: spec.Params, Arbiters: spec.Arbiters, Dev: true}
	for _, a := range spec.Accounts {
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a.Address, Balance: a.Balance})
	}
	genesis, err := node.NewGenesis(spec.Name, time.Now(), validators, state)
	if err != nil {
		return err
	}
	for _, m := range n.Nodes {
		if err := node.WriteGenesis(m.Home, genesis); err != nil {
			return err
		}
	}
	doc, err := types.GenesisDocFromJSON(genesis)
	if err != nil {
		return err
	}
	n.ChainID = doc.ChainID
	_, err = writeTrust(n.TrustFile(), genesis)
	return err
}

// writeTrust says in the verifier's words what the genesis says.
func writeTrust(path string, genesis []byte) (*audit.Trust, error) {
	trust, err := audit.TrustFromGenesis(genesis)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := trust.Write(&b); err != nil {
		return nil, err
	}
	return trust, home.WriteFile(path, b.Bytes(), 0o600)
}

// assignPorts gives new ports to some nodes, and tells all nodes where their
// peers are.
func (n *Network) assignPorts(moved []*Node) error {
	per := 2
	if n.Metrics {
		per = 3
	}
	base, err := ports.Row(per * len(moved))
	if err != nil {
		return err
	}
	for i, m := range moved {
		m.P2P, m.RPC = base+per*i, base+per*i+1
		if n.Metrics {
			m.MetricsPort = base + per*i + 2
		}
	}
	for _, m := range n.Nodes {
		var peers, ids []string
		for _, p := range n.Nodes {
			if p != m {
				peers = append(peers, p.ID+"@"+p.at(p.P2P))
				ids = append(ids, p.ID)
			}
		}
		err := node.EditConfig(m.Home, func(c *cfg.Config) {
			c.P2P.ListenAddress = "tcp://" + m.at(m.P2P)
			c.RPC.ListenAddress = "tcp://" + m.at(m.RPC)
			if n.Metrics {
				c.Instrumentation.PrometheusListenAddr = fmt.Sprintf("127.0.0.1:%d", m.MetricsPort)
			}
			c.P2P.PersistentPeers = strings.Join(peers, ",")
			c.P2P.UnconditionalPeerIDs = strings.Join(ids, ",") // room for them, however many guests there are
		})
		if err != nil {
			return err
		}
	}
	return n.save()
}

// addMetrics gives the nodes of a kept network that was made without metrics a
// port to serve them. Their other ports stay.
func (n *Network) addMetrics() error {
	if !n.Metrics || n.Nodes[0].MetricsPort != 0 {
		return nil
	}
	base, err := ports.Row(len(n.Nodes))
	if err != nil {
		return err
	}
	for i, m := range n.Nodes {
		m.MetricsPort = base + i
		if err := node.EditConfig(m.Home, func(c *cfg.Config) {
			c.Instrumentation.Prometheus = true
			c.Instrumentation.PrometheusListenAddr = fmt.Sprintf("127.0.0.1:%d", m.MetricsPort)
		}); err != nil {
			return err
		}
	}
	return n.save()
}
