package load

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hongbao/testnet"
)

// Bounds on a run.
const (
	MaxRate = 20_000          // txs a second; CometBFT saturates far below
	MaxFor  = 5 * time.Minute // signatures are made beforehand and valid for 9 minutes
	MaxTxs  = 600_000         // half a gigabyte while they wait

	drainTime  = 15 * time.Second // for what is in flight when time is up
	resendGap  = 3 * time.Second  // without a result, the same bytes go to another node
	failedGap  = 50 * time.Millisecond
	busyGap    = 200 * time.Millisecond
	longestGap = 5 * time.Second  // where there was no room time and again
	behindFor  = 20 * time.Second // longer than a killed network takes to be back
)

// Config is a run.
type Config struct {
	Nodes []string // RPC addresses
	Chain string
	Mix   Mix           // zero: Mixed
	Plain bool          // packets without clauses, of which nothing is recalled
	Rate  int           // txs a second that are due
	For   time.Duration // how long txs are due
	// Funders are dev names; the richest pays for the accounts of the run.
	Funders []string
	// PIDs and Homes are the nodes' processes and folders, for what they use.
	// Empty: that is not measured.
	PIDs  []int
	Homes []string
	// Journal, when set, gets "sent HASH" before a tx first leaves and "ack
	// HASH HEIGHT" once its result was read from a node's committed state.
	Journal io.Writer
	// Started, when set, is called when the traffic begins.
	Started func()
	// Progress, when set, hears of each stage as it begins.
	Progress func(Stage, int)
}

// Stage is what a run does, with a number.
type Stage int

// The stages, in order.
const (
	Funding  Stage = iota + 1 // so many accounts
	Signing                   // so many transactions
	Running                   // so many transactions a second
	Checking                  // so many blocks
)

// Use points a run at the nodes and the money of a network.
func (c *Config) Use(n *testnet.Network) {
	c.Chain, c.Nodes, c.Homes, c.Funders = n.ChainID, nil, nil, nil
	for _, m := range n.Nodes {
		c.Nodes = append(c.Nodes, m.RPCURL())
		c.Homes = append(c.Homes, m.Home)
	}
	for _, a := range n.Accounts {
		c.Funders = append(c.Funders, a.Name)
	}
}

func (c *Config) complete() error {
	if c.Mix == "" {
		c.Mix = Mixed
	}
	switch {
	case len(c.Nodes) == 0 || len(c.Funders) == 0:
		return errors.New("load: no nodes, or no account to fund the others")
	case !slices.Contains(MixNames(), string(c.Mix)):
		return fmt.Errorf("load: mix %q: must be one of %s", c.Mix, strings.Join(MixNames(), ", "))
	case c.Rate < 1 || c.Rate > MaxRate:
		return fmt.Errorf("load: rate %d: must be 1 to %d", c.Rate, MaxRate)
	case c.For <= 0 || c.For > MaxFor:
		return fmt.Errorf("load: for %s: must be more than 0, at most %s", c.For, MaxFor)
	case c.txs() > MaxTxs:
		return fmt.Errorf("load: %d transactions: must be at most %d", c.txs(), MaxTxs)
	}
	return nil
}

// txs is how many are due.
func (c *Config) txs() int { return max(1, int(float64(c.Rate)*c.For.Seconds())) }
