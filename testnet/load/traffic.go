package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hongbao/client/rpc"
	"hongbao/contract"
)

// traffic is one measurement under way.
type traffic struct {
	*bench
	lanes []*lane
	begin time.Time

	mu     sync.Mutex // guards what follows
	report *Report
	sent   map[contract.Hash]bool
	acked  map[contract.Hash]int64 // at which height
}

// measure makes the traffic on lanes that have money, and holds what came of it
// against the chain.
func (b *bench) measure(ctx context.Context) (*Report, error) {
	lanes, err := b.prepare(ctx)
	if err != nil {
		return nil, err
	}
	t := newTraffic(b, lanes)
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	return t.report, t.check(ctx)
}

// sign funds, plans and signs.
func (b *bench) sign(ctx context.Context) ([]*lane, error) {
	cfg := &b.cfg
	if cfg.Mix == Campaign {
		return b.signCampaign(ctx)
	}
	lanes, err := b.fund(ctx, lanesFor(cfg.Mix, cfg.Rate))
	if err != nil {
		return nil, err
	}
	until, err := b.validUntil(ctx)
	if err != nil {
		return nil, err
	}
	b.progress(Signing, cfg.txs())
	if err := plan(cfg, lanes, until); err != nil {
		return nil, err
	}
	return lanes, signAll(cfg, lanes, until)
}

func newTraffic(b *bench, lanes []*lane) *traffic {
	cfg := &b.cfg
	t := &traffic{bench: b, lanes: lanes, sent: map[contract.Hash]bool{}, acked: map[contract.Hash]int64{},
		report: &Report{Mix: cfg.Mix, Plain: cfg.Plain, Rate: cfg.Rate, For: cfg.For, Failed: map[string]int{}}}
	for _, l := range lanes {
		t.report.Accounts += len(l.cast)
		for _, step := range l.steps {
			t.report.Due += len(step)
			for _, tx := range step {
				t.sent[tx.hash] = true
			}
		}
	}
	return t
}

// run lets every lane do what is due, and measures what that takes.
func (t *traffic) run(ctx context.Context) error {
	before, err := t.sample(ctx)
	if err != nil {
		return err
	}
	t.progress(Running, t.report.Rate)
	if t.cfg.Started != nil {
		t.cfg.Started()
	}
	t.begin = time.Now()
	limited, cancel := context.WithDeadline(ctx, t.begin.Add(t.report.For+drainTime))
	defer cancel()
	var wg sync.WaitGroup
	for _, l := range t.lanes {
		wg.Go(func() { t.live(limited, l) })
	}
	wg.Wait()
	t.report.Seconds = time.Since(t.begin).Seconds()
	after, err := t.sample(ctx)
	if err != nil {
		return err
	}
	t.report.took(before, after)
	return nil
}

// live goes through a lane's steps, until a tx has no result: a lost one leaves a gap
// in its account's nonces.
func (t *traffic) live(ctx context.Context, l *lane) {
	for _, step := range l.steps {
		oks := make([]bool, len(step))
		var wg sync.WaitGroup
		for i, tx := range step {
			sleep(ctx, time.Until(t.begin.Add(tx.due)))
			if ctx.Err() != nil {
				return
			}
			wg.Go(func() { oks[i] = t.follow(ctx, tx) })
		}
		wg.Wait()
		if slices.Contains(oks, false) {
			return
		}
	}
}

// follow sends one tx and waits for its result. It reports whether the account
// can go on: a failed tx spends its nonce too.
func (t *traffic) follow(ctx context.Context, tx *tx) bool {
	res, resent, err := t.drive(ctx, tx)
	took := time.Since(t.begin.Add(tx.due))
	var refused *rpc.Error
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report.Resent += resent
	if err == nil {
		t.acked[tx.hash] = res.Height
	}
	switch {
	case err == nil && res.Code == 0:
		t.report.Final++
		t.report.Latencies = append(t.report.Latencies, took)
	case err == nil:
		t.report.Failed[res.Code.String()]++
	case errors.As(err, &refused) && refused.Kind == rpc.Refused:
		t.report.Failed[refused.Code.String()]++
	default:
		t.report.Unknown++
	}
	return err == nil
}
