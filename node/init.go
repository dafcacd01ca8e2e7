package node

import (
	"errors"
	"fmt"
	"time"

	"hongbao/contract"
	"hongbao/internal/ports"

	cfg "github.com/cometbft/cometbft/config"
)

// InitOptions describe a new home.
type InitOptions struct {
	Name    string // for people and peers
	Genesis []byte // of an existing chain; nil starts a chain of one validator
	// KeysAlone leaves the genesis out: it comes from a ceremony, see Registration.
	KeysAlone bool

	// Of a new chain:
	ChainID string           // its name; the genesis adds the beginning of its hash
	State   contract.Genesis // at least one account
}

// ErrNoAccount is returned for a new chain on which no account has money: its
// supply would be nothing for ever.
var ErrNoAccount = errors.New("a new chain needs an account with money")

// Init makes a home: keys, genesis, settings. It returns the public half of its
// keys. A home that has keys already is refused with [CodeNodeExists].
func Init(home string, o InitOptions) (Validator, error) {
	if err := checkNoKeys(home); err != nil {
		return Validator{}, err
	}
	if o.Genesis == nil && !o.KeysAlone && len(o.State.Accounts) == 0 {
		return Validator{}, ErrNoAccount
	}
	v, err := CreateKeys(home, o.Name)
	if err != nil {
		return Validator{}, err
	}
	genesis := o.Genesis
	if genesis == nil && !o.KeysAlone {
		if genesis, err = NewGenesis(o.ChainID, time.Now(), []Validator{v}, o.State); err != nil {
			return Validator{}, err
		}
	}
	if genesis != nil {
		if err := WriteGenesis(home, genesis); err != nil {
			return Validator{}, err
		}
	}
	c := DefaultConfig(home)
	c.Moniker = o.Name
	if err := takeFreePorts(c); err != nil {
		return Validator{}, err
	}
	return v, WriteConfig(c, DefaultSettings())
}

// CometBFT's own ports, and how many pairs after them are tried.
const (
	defaultPort = 26656 // for peers; queries have the next
	portPairs   = 500
)

// takeFreePorts keeps a home's node from colliding with one that runs.
func takeFreePorts(c *cfg.Config) error {
	for port := defaultPort; port < defaultPort+2*portPairs; port += 2 {
		if ports.Free(port) && ports.Free(port+1) {
			c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port)
			c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port+1)
			return nil
		}
	}
	return fmt.Errorf("node: no two free ports in a row from %d to %d", defaultPort, defaultPort+2*portPairs)
}
