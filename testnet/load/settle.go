package load

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

// SettleConfig is a measurement of payments one at a time.
type SettleConfig struct {
	Node, Chain string
	Payer       string // a dev name
	Payee       contract.Address
	Count       int
	// Apart is the least between two starts; up to a second more is added, so that
	// no phase of the idle blocks is favoured.
	Apart time.Duration
}

// Settle pays one fen Count times and returns how long each took, from reading
// the nonce to having read the result from a node's committed state: what the
// wallet does, the start of its process aside.
func Settle(ctx context.Context, cfg SettleConfig) ([]time.Duration, error) {
	if cfg.Count < 1 || cfg.Count > 1000 {
		return nil, fmt.Errorf("settle: %d payments: must be 1 to 1000", cfg.Count)
	}
	c, err := rpc.Dial(cfg.Node)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var took []time.Duration
	for range cfg.Count {
		sleep(ctx, cfg.Apart+rand.N(time.Second))
		begin := time.Now()
		if err := payOnce(ctx, c, cfg); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

func payOnce(ctx context.Context, c *rpc.Client, cfg SettleConfig) error {
	key := wallet.DevKey(cfg.Payer)
	leaf, at, err := c.Account(ctx, contract.AddressOf(key))
	if err != nil {
		return err
	}
	if leaf == nil {
		return fmt.Errorf("settle: %s has no money on this chain", cfg.Payer)
	}
	tx := &contract.Tx{Chain: cfg.Chain, Nonce: leaf.Nonce, ValidUntil: at.Time.Plus(60),
		Message: &contract.Pay{To: cfg.Payee, Amount: 1}}
	if err := tx.Sign(key); err != nil {
		return err
	}
	wire := tx.Encode()
	sim, _, err := c.Simulate(ctx, wire)
	if err != nil {
		return err
	}
	if sim.Code != 0 {
		return fmt.Errorf("settle: %s", sim.Log)
	}
	if err := c.Broadcast(ctx, wire); err != nil {
		return err
	}
	record, err := c.Await(ctx, contract.TxHash(wire), wire, tx.ValidUntil)
	if err == nil && record.Code != 0 {
		err = fmt.Errorf("settle: failed in block %d: %s", record.Height, record.Log)
	}
	return err
}

// IdleShare is the percent of one core that the nodes of a network use together
// over d, while nothing else is asked of them, and how many nodes these are. It is
// -1 where that is not measured: without Linux's /proc, or for a d of 0. begins is
// called when the measurement does.
func IdleShare(
	ctx context.Context, n *testnet.Network, d time.Duration, begins func(),
) (percent float64, nodes int, err error) {
	var pids []int
	for _, st := range n.Status(ctx) {
		if st.PID > 0 {
			pids = append(pids, st.PID)
		}
	}
	before, ok := cpuTime(pids)
	if d <= 0 || !ok || len(pids) == 0 {
		return -1, len(pids), nil
	}
	begins()
	begin := time.Now()
	sleep(ctx, d)
	after, ok := cpuTime(pids)
	if !ok {
		return -1, len(pids), ctx.Err()
	}
	return 100 * (after - before).Seconds() / time.Since(begin).Seconds(), len(pids), ctx.Err()
}

// cpuTime is the processor time that processes have used so far, from Linux's
// /proc in its unit of 10 ms; false where there is none.
func cpuTime(pids []int) (total time.Duration, ok bool) {
	for _, pid := range pids {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			return 0, false
		}
		// The second field, in brackets, may hold anything; utime and stime
		// are the 12th and 13th after it.
		fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
		for _, f := range fields[11:13] {
			ticks, err := strconv.ParseInt(string(f), 10, 64)
			if err != nil {
				return 0, false
			}
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total, true
}
