package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// SettleConfig is a measurement of what one person waits for, one thing at a
// time. Accounts are dev names.
type SettleConfig struct {
	Node, Chain  string
	Payer, Payee string
	Trust        *audit.Trust // by which proofs are verified
	Count        int
	// Apart is the least between two starts; up to a second more is added, so that
	// no phase of the idle blocks is favoured.
	Apart time.Duration
}

// maxSettle is how many are measured at most.
const maxSettle = 1000

// Settle pays one fen Count times and returns how long each took, from reading
// the nonce to having read the result from a node's committed state: what the
// wallet does, the start of its process aside.
func Settle(ctx context.Context, cfg SettleConfig) ([]time.Duration, error) {
	return cfg.times(ctx, func(ctx context.Context, p *people) error {
		_, err := p.Client.As(p.payer).Pay(ctx, p.payee.Address, 1)
		return err
	})
}

// Prove sends a packet, claims it and makes the proof of the share, Count times,
// and returns how long each took until the proof was verified by the trust file.
func Prove(ctx context.Context, cfg SettleConfig) ([]time.Duration, error) {
	return cfg.times(ctx, func(ctx context.Context, p *people) error {
		sent, err := p.As(p.payer).Send(ctx, client.Packet{Total: 1, To: []contract.Address{p.payee.Address}})
		if err != nil {
			return err
		}
		offer, err := p.Offer(ctx, &files.Link{Packet: sent.ID})
		if err != nil {
			return err
		}
		claimed, err := p.As(p.payee).Claim(ctx, offer)
		if err != nil {
			return err
		}
		file, err := p.Client.Prove(ctx, client.Subject{Kind: audit.KindShare, Packet: sent.ID, Share: claimed.Share})
		if err != nil {
			return err
		}
		proof, err := file.Encode()
		if err != nil {
			return err
		}
		if report := audit.Verify(proof, cfg.Trust, audit.Options{}); report.Verdict != audit.Valid {
			return fmt.Errorf("settle: the proof of a share is %s", report.Verdict)
		}
		return nil
	})
}

// people are a payer and a payee at one node.
type people struct {
	*client.Client
	payer, payee *wallet.Account
}

// times does something Count times, and returns how long each took.
func (cfg *SettleConfig) times(
	ctx context.Context, do func(context.Context, *people) error,
) (took []time.Duration, err error) {
	if cfg.Count < 1 || cfg.Count > maxSettle {
		return nil, fmt.Errorf("settle: %d: must be 1 to %d", cfg.Count, maxSettle)
	}
	home, err := os.MkdirTemp("", "hongbao-settle-") // of the wallet's journal
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	p := &people{}
	if p.Client, err = client.Dial(ctx, cfg.Node, client.Options{Chain: cfg.Chain}); err != nil {
		return nil, err
	}
	defer p.Close()
	keys := wallet.Open(home)
	if p.payer, err = keys.Account(cfg.Payer); err != nil {
		return nil, err
	}
	if p.payee, err = keys.Account(cfg.Payee); err != nil {
		return nil, err
	}
	for range cfg.Count {
		sleep(ctx, cfg.Apart+rand.N(time.Second))
		begin := time.Now()
		if err := do(ctx, p); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// Rest is what a network uses while nothing is asked of it.
type Rest struct {
	Nodes   int     // that were watched
	Percent float64 // of one core, all nodes together; below 0: not measured
	DiskDay float64 // bytes a day by which one node's folder grows, consensus' log aside; below 0: not measured
}

// AtRest watches nodes over d: their processes by pid, and their folders.
func AtRest(ctx context.Context, pids []int, homes []string, d time.Duration) (Rest, error) {
	r := Rest{Nodes: len(pids), Percent: -1, DiskDay: -1}
	if d <= 0 || len(pids) == 0 || len(homes) == 0 {
		return r, nil
	}
	use := func() (cpu time.Duration, disk int64, ok bool) {
		ok = true
		for _, pid := range pids {
			used, known := cpuTime(pid)
			cpu, ok = cpu+used, ok && known
		}
		for _, home := range homes {
			disk += folderSize(home)
		}
		return cpu, disk, ok
	}
	cpu, disk, ok := use()
	begin := time.Now()
	sleep(ctx, d)
	cpu2, disk2, ok2 := use()
	took := time.Since(begin)
	if ok && ok2 {
		r.Percent = 100 * (cpu2 - cpu).Seconds() / took.Seconds()
	}
	r.DiskDay = float64(disk2-disk) / float64(len(homes)) * (24 * time.Hour).Seconds() / took.Seconds()
	return r, ctx.Err()
}
