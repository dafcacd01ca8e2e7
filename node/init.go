package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hongbao/contract"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"
)

// InitOptions describe a new home.
type InitOptions struct {
	Name    string // for people and peers
	Genesis []byte // of an existing chain; nil starts a chain of one validator

	// Of a new chain:
	ChainID string           // its name; the genesis adds the beginning of its hash
	State   contract.Genesis // at least one account
}

// Init makes a home: keys, genesis, settings.
func Init(home string, o InitOptions) error {
	if o.Genesis == nil && len(o.State.Accounts) == 0 {
		return errors.New("node init: a new chain needs somebody with money: --account hb1…=10000.00 (or --genesis FILE to join a chain)")
	}
	v, err := CreateKeys(home, o.Name)
	if err != nil {
		return err
	}
	genesis := o.Genesis
	if genesis == nil {
		if genesis, err = NewGenesis(o.ChainID, time.Now(), []Validator{v}, o.State); err != nil {
			return err
		}
	}
	if err := WriteGenesis(home, genesis); err != nil {
		return err
	}
	c := DefaultConfig(home)
	c.Moniker = o.Name
	if err := takeFreePorts(c); err != nil {
		return err
	}
	return WriteConfig(c, DefaultSettings())
}

// CometBFT's own ports, and how many pairs after them are tried.
const (
	defaultPort = 26656 // for peers; queries have the next
	portPairs   = 500
)

// takeFreePorts keeps a home's node from colliding with one that runs.
func takeFreePorts(c *cfg.Config) error {
	for port := defaultPort; port < defaultPort+2*portPairs; port += 2 {
		if PortFree(port) && PortFree(port+1) {
			c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port)
			c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port+1)
			return nil
		}
	}
	return fmt.Errorf("node init: no two free ports in a row from %d to %d", defaultPort, defaultPort+2*portPairs)
}

// PortFree reports whether a port of 127.0.0.1 can be listened on now.
func PortFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func initCommand() *cobra.Command {
	var o InitOptions
	var genesisFile string
	var accounts []string
	c := &cobra.Command{
		Use:   "init",
		Short: "Make a node's folder: keys, genesis, settings",
		Long: `Make a node's folder: keys, genesis, settings. The node listens on 127.0.0.1
alone. Before it listens elsewhere, name all other validators in
persistent_peers of config/config.toml: they then have room however many
strangers come, each of whom has one connection an address. docs/operations.md
has the rest.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			c.SilenceUsage = true
			if genesisFile != "" {
				if o.Genesis, err = os.ReadFile(genesisFile); err != nil {
					return err
				}
			}
			if o.State, err = startState(accounts); err != nil {
				return err
			}
			home := homeFlag(c)
			if err := Init(home, o); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), home)
			if genesisFile != "" {
				fmt.Fprintf(c.ErrOrStderr(), "hint: it knows no peers yet: write one node of the chain into %s, persistent_peers = \"ID@HOST:PORT\"; "+
					"ID is what that node's status calls id\n", filepath.Join(home, "config", "config.toml"))
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.Name, "name", "node", "the node's name")
	c.Flags().StringVar(&o.ChainID, "chain-id", "hongbao-1", "name of a new chain; its id is the name and the beginning of the genesis hash")
	c.Flags().StringVar(&genesisFile, "genesis", "", "join the chain of this genesis.json instead of starting one")
	c.Flags().StringArrayVar(&accounts, "account", nil, "ADDRESS=AMOUNT at the start of a new chain (repeatable)")
	return c
}

func startState(accounts []string) (contract.Genesis, error) {
	state := contract.Genesis{Params: contract.DefaultParams()}
	for _, s := range accounts {
		addr, amount, ok := strings.Cut(s, "=")
		if !ok {
			return state, fmt.Errorf("account %q: write it like hb1…=10000.00", s)
		}
		a, err := contract.ParseAddress(addr)
		if err != nil {
			return state, err
		}
		balance, err := contract.ParseAmount(amount)
		if err != nil {
			return state, err
		}
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a, Balance: balance})
	}
	return state, nil
}
