package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// slowStart is how long a node has to come to the point at which it is to crash.
const slowStart = 30 * time.Second

// groups are all faults. Each group's first ones are the kindest.
func groups() []group {
	return []group{
		{faults: []fault{
			{"kill-one", [2]int{4, 100}, killOne},
			{"kill-all", [2]int{2, 20}, killAll},
			{"stop-one", [2]int{1, 4}, func(ctx context.Context, b *bout) error { return b.pause(ctx, 1) }},
			{"stop-two", [2]int{1, 4}, func(ctx context.Context, b *bout) error { return b.pause(ctx, 2) }},
			{"crash-point", [2]int{3, crashPoints}, crash},
		}},
		{apart: true, faults: []fault{
			{"partition-3-1", [2]int{1, 8}, func(ctx context.Context, b *bout) error { return b.part(ctx, 1) }},
			{"partition-2-2", [2]int{1, 8}, func(ctx context.Context, b *bout) error { return b.part(ctx, 2) }},
			{"partition-all", [2]int{1, 4}, func(ctx context.Context, b *bout) error { return b.part(ctx, 4) }},
			{"deaf", [2]int{1, 4}, func(ctx context.Context, b *bout) error { return b.oneWay(ctx, true) }},
			{"mute", [2]int{1, 4}, func(ctx context.Context, b *bout) error { return b.oneWay(ctx, false) }},
			{"flapping", [2]int{1, 4}, flap},
			{"slow-100ms", [2]int{1, 2}, func(ctx context.Context, b *bout) error {
				return b.slow(ctx, Link{Delay: 100 * time.Millisecond, Jitter: 20 * time.Millisecond})
			}},
			{"slow-300ms-loss", [2]int{1, 2}, func(ctx context.Context, b *bout) error {
				return b.slow(ctx, Link{Delay: 300 * time.Millisecond, Jitter: 100 * time.Millisecond, Lost: 0.05})
			}},
		}},
		{faults: damages()},
		{apart: true, faults: []fault{{"disk-full", [2]int{1, validators}, diskFull}}},
		{faults: []fault{{"one-key-twice", [2]int{1, 3}, twins}}},
		{faults: []fault{
			{"idle-connections", [2]int{1, 3}, idlers},
			{"garbage", [2]int{1, 3}, garbage},
		}},
	}
}

func killOne(ctx context.Context, b *bout) error {
	v := b.victim()
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	rest := b.others(v)
	from := b.heights(ctx, rest)
	if err := sleep(ctx, calm); err != nil {
		return err
	}
	if to := b.heights(ctx, rest); slices.Max(to) <= slices.Max(from) {
		b.row.broke("L", "without node %d the others made no block in %s", v, calm)
	}
	b.heal()
	return b.net.StartNode(ctx, v)
}

func killAll(ctx context.Context, b *bout) error {
	if err := all(b.others(), b.net.KillNode); err != nil {
		return err
	}
	b.heal()
	return all(b.others(), func(v int) error { return b.net.StartNode(ctx, v) })
}

// all does something with several nodes at once.
func all(nodes []int, do func(int) error) error {
	done := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { done <- do(n) }()
	}
	for range nodes {
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

// signal sends a signal to a node's process.
func (a *arena) signal(number int, s syscall.Signal) error {
	pid := a.net.PID(number)
	if pid == 0 {
		return fmt.Errorf("node %d does not run", number)
	}
	return syscall.Kill(pid, s)
}

// pause stops count nodes for a while. A SIGSTOP is a process that the machine
// gives no time.
func (b *bout) pause(ctx context.Context, count int) error {
	stopped := b.shuffled()[:count]
	for _, v := range stopped {
		if err := b.signal(v, syscall.SIGSTOP); err != nil {
			return err
		}
	}
	defer func() { // also when ctx ends: a stopped process does not leave when it is asked
		for _, v := range stopped {
			_ = b.signal(v, syscall.SIGCONT)
		}
		b.heal()
	}()
	return b.live(ctx, b.others(stopped...), b.long(10*time.Second, 30*time.Second))
}

// long is how long a fault lasts.
func (b *bout) long(quick, full time.Duration) time.Duration {
	if b.full {
		return full
	}
	return quick
}

// underWay is how many blocks a part of the network may still make that has just
// lost its majority: what had been voted for.
const underWay = 1

// live waits while a part of the network is by itself. It makes blocks if it has more
// than 2/3, and none otherwise.
func (b *bout) live(ctx context.Context, part []int, d time.Duration) error {
	if err := sleep(ctx, calm/2); err != nil { // what was on its way arrives
		return err
	}
	from := slices.Max(b.heights(ctx, part))
	if err := sleep(ctx, d); err != nil {
		return err
	}
	made := slices.Max(b.heights(ctx, part)) - from
	switch enough := 3*len(part) > 2*validators; {
	case enough && made == 0:
		b.row.broke("L", "nodes %v are more than 2/3 and made no block in %s", part, d)
	case !enough && made > underWay:
		b.row.broke("H", "nodes %v are not more than 2/3 and made %d blocks", part, made)
	}
	return nil
}

// crashPoints are the points of two blocks at which CometBFT can be told to end:
// around each write of a block, the journal's, the ledger's and the state's.
const crashPoints = 20

func crash(ctx context.Context, b *bout) error {
	v, point := b.victim(), b.nth
	if !b.full {
		point = b.random.IntN(crashPoints)
	}
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	b.mu.Lock()
	b.env[v] = []string{fmt.Sprintf("FAIL_TEST_INDEX=%d", point)}
	b.mu.Unlock()
	// It may crash before it has answered anything.
	startErr := b.net.StartNode(ctx, v)
	for begin := time.Now(); b.net.PID(v) != 0; {
		if time.Since(begin) > slowStart {
			return fmt.Errorf("node %d did not crash at point %d", v, point)
		}
		if err := sleep(ctx, lookPause); err != nil {
			return err
		}
	}
	if startErr != nil && !strings.Contains(startErr.Error(), "exit status 1") {
		return startErr
	}
	b.heal()
	return b.net.StartNode(ctx, v)
}

// part cuts the network in two, of which the smaller has count nodes; in as many
// parts as there are nodes if count is all of them.
func (b *bout) part(ctx context.Context, count int) error {
	nodes := b.shuffled()
	small := nodes[:count]
	b.wire.between(func(from, to int) Link {
		if count < validators && slices.Contains(small, from) == slices.Contains(small, to) {
			return Link{}
		}
		return Link{Lost: 1}
	})
	defer b.mend()
	d := b.lost()
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { errs[0] = b.live(ctx, small, d) })
	if count < validators {
		wg.Go(func() { errs[1] = b.live(ctx, nodes[count:], d) })
	}
	wg.Wait()
	return firstOf(errs[:])
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// lost is how long packets are lost: each of these in turn in a full campaign.
func (b *bout) lost() time.Duration {
	return b.long(20*time.Second, []time.Duration{20, 60, 10, 45, 30, 5, 20, 60}[b.nth%8]*time.Second)
}

// mend lets all packets through.
func (b *bout) mend() {
	b.wire.between(func(_, _ int) Link { return Link{} })
	b.heal()
}

// oneWay has what is sent to one node, or what it sends, be lost. The others are
// more than 2/3.
func (b *bout) oneWay(ctx context.Context, deaf bool) error {
	v := b.victim()
	b.wire.between(func(from, to int) Link {
		if deaf && to == v || !deaf && from == v {
			return Link{Lost: 1}
		}
		return Link{}
	})
	defer b.mend()
	return b.live(ctx, b.others(v), b.lost())
}

// flap cuts the network in halves six times, for some seconds each.
func flap(ctx context.Context, b *bout) error {
	defer b.mend()
	for range 6 {
		nodes := b.shuffled()
		b.wire.between(func(from, to int) Link {
			if slices.Index(nodes, from)/2 == slices.Index(nodes, to)/2 {
				return Link{}
			}
			return Link{Lost: 1}
		})
		if err := sleep(ctx, 2*time.Second); err != nil {
			return err
		}
		b.wire.between(func(_, _ int) Link { return Link{} })
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// slowest is how many seconds a block may take over a slow link, on the average.
const slowest = 3

// slow has all packets between nodes take their time, and counts blocks.
func (b *bout) slow(ctx context.Context, l Link) error {
	b.wire.between(func(_, _ int) Link { return l })
	defer b.mend()
	if err := sleep(ctx, calm); err != nil {
		return err
	}
	d := b.long(30*time.Second, time.Minute)
	from := b.newest(ctx)
	if err := sleep(ctx, d); err != nil {
		return err
	}
	made := b.newest(ctx) - from
	b.row.figure("%d blocks in %s", made, d)
	if float64(made) < d.Seconds()/slowest {
		b.row.broke("L", "%d blocks in %s", made, d)
	}
	return nil
}
