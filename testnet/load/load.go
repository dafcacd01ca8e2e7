package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

// Bounds on a run.
const (
	MaxRate   = 20_000           // txs a second; CometBFT saturates far below
	MaxFor    = 5 * time.Minute  // signatures are made beforehand and valid for 9 minutes
	MaxGroups = 200              // 1,000 accounts
	drainTime = 15 * time.Second // for what is in flight when time is up
	resendGap = 3 * time.Second  // without a result, the same bytes go to another node
	failedGap = 50 * time.Millisecond
	busyGap   = 200 * time.Millisecond
	behindFor = 20 * time.Second // longer than a killed network takes to be back

	// groupRate is what one group manages: 7 txs in 4 steps of a block or two
	// each. It also stays under a sender's token bucket.
	groupRate = 8
)

// Config is a run.
type Config struct {
	Nodes  []string // RPC addresses
	Chain  string
	Rate   int           // txs a second aimed at
	For    time.Duration // how long new stories begin
	Groups int           // 0: as many as Rate needs
	// Funders have money and public keys: their dev names.
	Funders []string
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
	Funding Stage = iota + 1 // so many accounts
	Signing                  // so many transactions
	Running                  // so many groups
)

// Use points a run at the nodes and the money of a network.
func (c *Config) Use(n *testnet.Network) {
	c.Chain, c.Nodes, c.Funders = n.ChainID, nil, nil
	for _, m := range n.Nodes {
		c.Nodes = append(c.Nodes, m.RPCURL())
	}
	for _, a := range n.Accounts {
		c.Funders = append(c.Funders, a.Name)
	}
}

func (c *Config) complete() error {
	switch {
	case len(c.Nodes) == 0 || len(c.Funders) == 0:
		return errors.New("load: no nodes, or no account to fund the others")
	case c.Rate < 1 || c.Rate > MaxRate:
		return fmt.Errorf("load: rate %d: must be 1 to %d", c.Rate, MaxRate)
	case c.For <= 0 || c.For > MaxFor:
		return fmt.Errorf("load: for %s: must be more than 0, at most %s", c.For, MaxFor)
	}
	if c.Groups == 0 {
		c.Groups = min(MaxGroups, c.Rate/groupRate+1)
	}
	if c.Groups < 1 || c.Groups > MaxGroups {
		return fmt.Errorf("load: %d groups: must be 1 to %d", c.Groups, MaxGroups)
	}
	return nil
}

// Run makes the traffic and reports. It ends by itself, at the latest drainTime
// after cfg.For; ctx ends it sooner.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	nodes, err := newPool(cfg.Nodes)
	if err != nil {
		return nil, err
	}
	defer nodes.close()
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()

	r := &runner{cfg: cfg, nodes: nodes, watch: newWatcher(nodes),
		report: &Report{Groups: cfg.Groups, Failed: map[string]int{}},
	}
	background.Go(func() { r.watch.run(ctx) })

	groups, err := r.fund(ctx)
	if err != nil {
		return nil, err
	}
	rounds, err := r.sign(ctx, groups)
	if err != nil {
		return nil, err
	}
	before, err := r.writes(ctx)
	if err != nil {
		return nil, err
	}
	r.traffic(ctx, rounds)
	after, err := r.writes(ctx)
	if err == nil && after >= before {
		r.report.Writes = after - before
	}
	return r.report, nil
}

type runner struct {
	cfg   Config
	nodes *pool
	watch *watcher

	mu     sync.Mutex // guards report and Journal
	report *Report
}

func (r *runner) progress(stage Stage, count int) {
	if r.cfg.Progress != nil {
		r.cfg.Progress(stage, count)
	}
}

// fund makes the groups' accounts and gives each its grant.
func (r *runner) fund(ctx context.Context) ([]*group, error) {
	var seed contract.Hash
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	var groups []*group
	var members []*account
	for i := range r.cfg.Groups {
		g := &group{}
		for j := range g.members {
			g.members[j] = newAccount(seed, i, j)
			members = append(members, g.members[j])
		}
		groups = append(groups, g)
	}
	r.progress(Funding, len(members))

	var funders []*account
	var validUntil contract.Time
	for _, name := range r.cfg.Funders {
		a := &account{key: wallet.DevKey(name)}
		a.addr = contract.AddressOf(a.key)
		leaf, at, err := r.nodes.pick().Account(ctx, a.addr)
		if err != nil {
			return nil, err
		}
		if leaf == nil {
			return nil, fmt.Errorf("load: %s has no money on this chain", name)
		}
		a.nonce, validUntil = leaf.Nonce, at.Time.Plus(contract.Seconds(validFor/time.Second))
		funders = append(funders, a)
	}
	// One funder pays in sequence, since its nonces are strict; they pay side
	// by side.
	errs := make([]error, len(funders))
	var wg sync.WaitGroup
	for f, funder := range funders {
		wg.Go(func() {
			for i := f; i < len(members); i += len(funders) {
				tx, err := funder.sign(r.cfg.Chain, validUntil, &contract.Pay{To: members[i].addr, Amount: grant})
				if err == nil {
					err = r.settle(ctx, tx)
				}
				if err != nil {
					errs[f] = fmt.Errorf("load: funding: %w", err)
					return
				}
				members[i].nonce = 1 // where a leaf that a payment made begins
			}
		})
	}
	wg.Wait()
	return groups, errors.Join(errs...)
}

// settle broadcasts one tx and waits until it is final and successful.
func (r *runner) settle(ctx context.Context, tx signed) error {
	res, _, err := r.drive(ctx, tx)
	if err == nil && res.Code != 0 {
		err = fmt.Errorf("failed in block %d: %s", res.Height, res.Code)
	}
	return err
}

// sign makes every group's rounds, enough to last.
func (r *runner) sign(ctx context.Context, groups []*group) ([][]round, error) {
	perGroup := int(float64(r.cfg.Rate)*r.cfg.For.Seconds()/float64(txsPerRound*len(groups))) + 2
	r.progress(Signing, perGroup*txsPerRound*len(groups))
	_, at, err := r.nodes.pick().Results(ctx)
	if err != nil {
		return nil, err
	}
	validUntil := at.Time.Plus(contract.Seconds(validFor / time.Second))
	rounds := make([][]round, len(groups))
	for i, g := range groups {
		for range perGroup {
			signedRound, err := g.sign(r.cfg.Chain, validUntil)
			if err != nil {
				return nil, err
			}
			rounds[i] = append(rounds[i], signedRound)
		}
	}
	return rounds, nil
}

// writes is the first node's count of tree writes.
func (r *runner) writes(ctx context.Context) (uint64, error) {
	totals, _, err := r.nodes.all[0].Summary(ctx)
	if err != nil {
		return 0, err
	}
	return totals.Writes, nil
}

// traffic lets every group live its rounds until time is up.
func (r *runner) traffic(ctx context.Context, rounds [][]round) {
	r.progress(Running, len(rounds))
	if r.cfg.Started != nil {
		r.cfg.Started()
	}
	begin := time.Now()
	end := begin.Add(r.cfg.For)
	ctx, cancel := context.WithDeadline(ctx, end.Add(drainTime))
	defer cancel()
	slots := r.pace(ctx)
	var wg sync.WaitGroup
	for _, mine := range rounds {
		wg.Go(func() {
			for _, rd := range mine {
				if time.Now().After(end) || !r.live(ctx, rd, slots) {
					return
				}
			}
		})
	}
	wg.Wait()
	r.report.Seconds = time.Since(begin).Seconds()
}

// pace hands out a slot for each tx at the rate.
func (r *runner) pace(ctx context.Context) <-chan struct{} {
	slots := make(chan struct{})
	go func() {
		begin, given := time.Now(), 0
		for ctx.Err() == nil {
			due := int(time.Since(begin).Seconds() * float64(r.cfg.Rate))
			if due > given+r.cfg.Rate/2+1 {
				given = due - r.cfg.Rate/2 - 1 // none were taken: do not burst later
			}
			for ; given < due; given++ {
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
			sleep(ctx, time.Millisecond)
		}
	}()
	return slots
}

// live goes through one round, and reports whether the next may follow: a lost
// tx leaves a gap in its account's nonces.
func (r *runner) live(ctx context.Context, rd round, slots <-chan struct{}) bool {
	for _, step := range rd {
		oks := make([]bool, len(step))
		var wg sync.WaitGroup
		for i, tx := range step {
			select {
			case <-slots:
			case <-ctx.Done():
				return false
			}
			wg.Go(func() { oks[i] = r.follow(ctx, tx) })
		}
		wg.Wait()
		for _, ok := range oks {
			if !ok {
				return false
			}
		}
	}
	return true
}

// follow sends one tx and waits for its result. It reports whether the account
// can go on: a failed tx spends its nonce too.
func (r *runner) follow(ctx context.Context, tx signed) bool {
	begin := time.Now()
	res, resent, err := r.drive(ctx, tx)
	took := time.Since(begin)
	var refused *rpc.Error
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Resent += resent
	switch {
	case err == nil && res.Code == 0:
		r.report.Final++
		r.report.Latencies = append(r.report.Latencies, took)
	case err == nil:
		r.report.Failed[res.Code.String()]++
	case errors.As(err, &refused) && refused.Kind == rpc.Refused:
		r.report.Failed[refused.Code.String()]++
	default:
		r.report.Unknown++
	}
	return err == nil
}

// drive offers a tx until its result is there, to one node after another.
func (r *runner) drive(ctx context.Context, tx signed) (res query.Result, resent int, err error) {
	done := r.watch.expect(tx.hash)
	defer r.watch.forget(tx.hash)
	r.journal("sent %s", tx.hash)
	begin := time.Now()
	for ; ; resent++ {
		n := r.nodes.pick()
		err := n.Broadcast(ctx, tx.wire)
		patience := resendGap
		var refused *rpc.Error
		switch {
		case err == nil:
		case rpc.IsKind(err, rpc.Unreachable):
			r.nodes.blame(n)
			patience = failedGap
		case rpc.IsKind(err, rpc.Busy):
			patience = busyGap
		case errors.As(err, &refused) && refused.Kind == rpc.Refused:
			switch refused.Code {
			case contract.CodeBucketEmpty, contract.CodeNoRoom:
				patience = busyGap
			case contract.CodeWrongNonce:
				// It has just been executed, or this node is behind; if neither
				// shows for long, it was signed wrongly.
				if patience = busyGap; time.Since(begin) > behindFor {
					return res, resent, err
				}
			default:
				return res, resent, err
			}
		}
		select {
		case res := <-done:
			r.journal("ack %s %d", tx.hash, res.Height)
			return res, resent, nil
		case <-ctx.Done():
			return res, resent, ctx.Err()
		case <-time.After(patience):
		}
	}
}

func (r *runner) journal(format string, args ...any) {
	if r.cfg.Journal == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.cfg.Journal, format+"\n", args...)
}
