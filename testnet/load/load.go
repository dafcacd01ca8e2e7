package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Run makes the traffic and reports. It ends by itself, at the latest drainTime
// after cfg.For, but for the check of what came of it; ctx ends it sooner.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	b, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer b.close()
	return b.measure(ctx)
}

// bench is a network under measurement, and what follows its txs.
type bench struct {
	cfg   Config
	nodes *pool
	watch *watcher
	stop  func()
	// prepare makes the txs of a run, and writes counts the first node's tree
	// writes and blocks.
	prepare func(context.Context) ([]*lane, error)
	writes  func(context.Context) (count uint64, height int64, err error)

	funder *account
	seed   contract.Hash

	mu sync.Mutex // guards Journal
}

func open(ctx context.Context, cfg Config) (*bench, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	nodes, err := newPool(cfg.Nodes)
	if err != nil {
		return nil, err
	}
	b := &bench{cfg: cfg, nodes: nodes, watch: newWatcher(nodes)}
	b.prepare, b.writes = b.sign, b.countWrites
	watching, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { b.watch.run(watching) })
	b.stop = func() {
		cancel()
		background.Wait()
		nodes.close()
	}
	if _, err := rand.Read(b.seed[:]); err != nil {
		return nil, err
	}
	if b.funder, err = richest(ctx, &cfg); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() { b.stop() }

func (b *bench) progress(stage Stage, count int) {
	if b.cfg.Progress != nil {
		b.cfg.Progress(stage, count)
	}
}

// richest is the funder that has the most money.
func richest(ctx context.Context, cfg *Config) (*account, error) {
	c, err := client.Dial(ctx, cfg.Nodes[0], client.Options{Chain: cfg.Chain})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var most contract.Amount
	var a *account
	for _, name := range cfg.Funders {
		key := wallet.DevKey(name)
		leaf, _, err := c.Account(ctx, contract.AddressOf(key))
		if err != nil {
			return nil, err
		}
		if leaf != nil && leaf.Balance > most {
			most, a = leaf.Balance, &account{key, contract.AddressOf(key), leaf.Nonce}
		}
	}
	if a == nil {
		return nil, errors.New("load: none of the named accounts has money on this chain")
	}
	return a, nil
}

// validUntil is as late as what is signed now may say.
func (b *bench) validUntil(ctx context.Context) (contract.Time, error) {
	_, at, err := b.nodes.pick().Results(ctx)
	return at.Time.Plus(contract.Seconds(validFor / time.Second)), err
}

// fundingFlight is how many first claims are under way at once: a block takes
// as many.
const fundingFlight = 400

// fund makes lanes with a cast of the mix each. Newcomers claim their grant from
// packets of the funder: each makes its own account.
func (b *bench) fund(ctx context.Context, count int) ([]*lane, error) {
	lanes := make([]*lane, count)
	var members []*account
	for i := range lanes {
		lanes[i] = &lane{}
		for range b.cfg.Mix.castSize() {
			a := newAccount(b.seed, len(members))
			lanes[i].cast, members = append(lanes[i].cast, a), append(members, a)
		}
	}
	b.progress(Funding, len(members))
	until, err := b.validUntil(ctx)
	if err != nil {
		return nil, err
	}
	slots := make(chan struct{}, fundingFlight)
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	for len(members) > 0 && err == nil {
		some := members[:min(len(members), contract.MaxShares)]
		members = members[len(some):]
		var claims story
		if claims, err = b.grants(ctx, some, until); err != nil {
			break
		}
		for _, t := range claims[0] {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				if err := b.settle(ctx, t, until); err != nil {
					once.Do(func() { failed = err })
				}
			})
		}
	}
	wg.Wait()
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("load: funding: %w", err)
	}
	return lanes, nil
}

// grants sends a packet with a grant for each, and returns their claims.
func (b *bench) grants(ctx context.Context, some []*account, until contract.Time) (s story, err error) {
	terms := contract.Terms{
		Total: b.cfg.Mix.grant() * contract.Amount(len(some)), Shares: uint32(len(some)), Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Expiry: 24 * 3600,
	}
	id := contract.NewPacketID(b.cfg.Chain, b.funder.addr, b.funder.nonce)
	var sends story
	sends.next()
	if err := b.settle(ctx, sends.add(b.funder, &contract.Send{Terms: terms}), until); err != nil {
		return nil, err
	}
	s.next()
	for _, a := range some {
		s.add(a, &contract.Claim{Packet: id, TermsHash: terms.Hash(b.cfg.Chain)})
	}
	return s, nil
}

// settle signs one tx, broadcasts it and waits until it is final and successful.
func (b *bench) settle(ctx context.Context, t *tx, until contract.Time) error {
	if err := t.sign(b.cfg.Chain, until); err != nil {
		return err
	}
	res, _, err := b.drive(ctx, t)
	if err == nil && res.Code != 0 {
		err = fmt.Errorf("failed in block %d: %s", res.Height, res.Code)
	}
	return err
}

// drive offers a tx until its result is there, to one node after another.
func (b *bench) drive(ctx context.Context, t *tx) (res query.Result, resent int, err error) {
	done := b.watch.expect(t.hash)
	defer b.watch.forget(t.hash)
	b.journal("sent %s", t.hash)
	var since time.Time // of the first refusal out of turn
	full := 0           // how often in a row there was no room
	for ; ; resent++ {
		n := b.nodes.pick()
		err := n.Broadcast(ctx, t.wire)
		wait := resendGap
		switch answerOf(err) {
		case wrong:
			return res, resent, err
		case away:
			b.nodes.blame(n)
			wait = failedGap
		case noRoom:
			wait = slower(full)
			full++
		case outOfTurn:
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) > behindFor {
				return b.late(ctx, n, t, resent, err)
			}
			wait = busyGap
		case taken:
			since, full = time.Time{}, 0
		}
		select {
		case res := <-done:
			b.journal("ack %s %d", t.hash, res.Height)
			return res, resent, nil
		case <-ctx.Done():
			return res, resent, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// slower is how long to wait where there was no room so often before: twice as long each
// time, and by chance some more or less. What an overloaded network refuses must not come
// back at a rate that it cannot even refuse.
func slower(times int) time.Duration {
	wait := min(busyGap<<min(times, 8), longestGap)
	return wait/2 + mathrand.N(wait)
}

// late is the result of a tx that a node has refused for long as executed, or as not in its
// turn yet. If the node has no result, the tx was signed wrongly, as the error says.
func (b *bench) late(ctx context.Context, n *rpc.Client, t *tx, resent int, refusal error) (query.Result, int, error) {
	results, _, err := n.Results(ctx, t.hash)
	if err != nil || results[0].Height == 0 {
		return query.Result{}, resent, refusal
	}
	b.journal("ack %s %d", t.hash, results[0].Height)
	return results[0], resent, nil
}

// answer is what a node says of a tx that it is offered.
type answer int

const (
	taken     answer = iota // it waits for its block
	away                    // the node does not answer
	noRoom                  // for now
	outOfTurn               // the node has executed it already, or is behind
	wrong                   // it will never do
)

func answerOf(err error) answer {
	var refused *rpc.Error
	switch {
	case rpc.IsKind(err, rpc.Unreachable):
		return away
	case rpc.IsKind(err, rpc.Busy):
		return noRoom
	case errors.As(err, &refused) && refused.Kind == rpc.Refused:
		switch refused.Code {
		case contract.CodeBucketEmpty, contract.CodeNoRoom, contract.CodeFirstClaimsFull:
			return noRoom
		case contract.CodeWrongNonce, contract.CodeUnknownPacket, contract.CodeUnknownAccount,
			contract.CodeAlreadyClaimed:
			return outOfTurn
		}
		return wrong
	}
	return taken
}

func (b *bench) journal(format string, args ...any) {
	if b.cfg.Journal == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	fmt.Fprintf(b.cfg.Journal, format+"\n", args...)
}
