package chaos

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// slowStart is how long a node has to come to the point at which it is to crash.
const slowStart = 30 * time.Second

// groups are all faults. Each group's first ones are the kindest. How long they last was
// measured on two cores.
func groups() []group {
	list := []group{
		{faults: []fault{
			{name: "nothing", times: [2]int{0, 2}, lasts: [2]int{14, 34}, do: nothing},
			{name: "kill-one", times: [2]int{2, 100}, lasts: [2]int{14, 14}, do: killOne},
			{name: "kill-all", times: [2]int{1, 20}, lasts: [2]int{9, 9}, do: killAll},
			{name: "stop-one", times: [2]int{0, 4}, lasts: [2]int{18, 38}, do: pausing(1)},
			{name: "stop-two", times: [2]int{0, 4}, lasts: [2]int{16, 36}, do: pausing(2)},
			{name: "crash-point", times: [2]int{2, crashPoints}, lasts: [2]int{14, 14}, do: crash},
		}},
		{apart: true, faults: []fault{
			{name: "partition-3-1", times: [2]int{1, 8}, lasts: [2]int{28, 38}, do: parting(1)},
			{name: "partition-2-2", times: [2]int{1, 8}, lasts: [2]int{26, 36}, do: parting(2)},
			{name: "partition-all", times: [2]int{0, 4}, lasts: [2]int{28, 38}, do: parting(4)},
			{name: "deaf", times: [2]int{1, 4}, lasts: [2]int{28, 38}, do: oneWay(true)},
			{name: "mute", times: [2]int{0, 4}, lasts: [2]int{28, 38}, do: oneWay(false)},
			{name: "flapping", times: [2]int{1, 4}, lasts: [2]int{30, 30}, do: flap},
			{name: "slow-100ms", times: [2]int{0, 2}, lasts: [2]int{55, 85},
				do: slowed(Link{Delay: 100 * time.Millisecond, Jitter: 20 * time.Millisecond})},
			{name: "slow-300ms-loss", times: [2]int{1, 2}, lasts: [2]int{55, 85}, rate: lossyRate, do: slowed(lossy)},
			{name: "busy-300ms-loss", times: [2]int{0, 2}, lasts: [2]int{55, 85}, do: overloaded(lossy)},
		}},
	}
	for _, f := range damages() { // of a long chain a node that lost all its blocks would have to fetch it again
		list = append(list, group{faults: []fault{f}})
	}
	return append(list, []group{
		{apart: true, faults: []fault{
			{name: "disk-full", times: [2]int{1, validators}, lasts: [2]int{25, 25}, do: diskFull}}},
		{faults: []fault{{name: "one-key-twice", times: [2]int{1, 3}, lasts: [2]int{15, 15}, do: twins}}},
		{faults: []fault{
			{name: "idle-connections", times: [2]int{1, 3}, lasts: [2]int{24, 44}, do: storm(idle)},
			{name: "slow-requests", times: [2]int{0, 3}, lasts: [2]int{24, 44}, do: storm(drip)},
			{name: "subscriptions", times: [2]int{0, 3}, lasts: [2]int{24, 44}, do: storm(subscribe)},
			{name: "proof-requests", times: [2]int{0, 3}, lasts: [2]int{24, 44}, do: storm(ask)},
			{name: "one-sender", times: [2]int{0, 3}, lasts: [2]int{24, 44}, do: storm(flood)},
			{name: "garbage", times: [2]int{1, 3}, lasts: [2]int{24, 44}, do: storm(garbage)},
		}},
		{faults: []fault{
			{name: "join-blocks", times: [2]int{0, 3}, lasts: [2]int{30, 30}, do: joining(false)},
			{name: "join-snapshot", times: [2]int{1, 3}, lasts: [2]int{30, 30}, do: joining(true)},
		}},
	}...)
}

// do is what a fault does.
type do = func(context.Context, *bout) error

func pausing(count int) do {
	return func(ctx context.Context, b *bout) error { return b.pause(ctx, count) }
}
func parting(count int) do {
	return func(ctx context.Context, b *bout) error { return b.part(ctx, count) }
}
func oneWay(deaf bool) do {
	return func(ctx context.Context, b *bout) error { return b.oneWay(ctx, deaf) }
}
func slowed(l Link) do {
	return func(ctx context.Context, b *bout) error {
		made, during, err := b.slow(ctx, l)
		if err == nil && float64(made) < during.Seconds()/slowest {
			b.row.late("L", "%d blocks in %s", made, during)
		}
		return err
	}
}

// overloaded asks more of a link than it carries: how many blocks there are is a figure, and
// no promise. That the network is whole afterwards is one.
func overloaded(l Link) do {
	return func(ctx context.Context, b *bout) error {
		_, _, err := b.slow(ctx, l)
		return err
	}
}

// nothing is the peace that the others are compared with. A network may bear more in it
// than it was told of: see Config.Prepare.
func nothing(ctx context.Context, b *bout) error {
	return b.live(ctx, b.others(), b.long(10*time.Second, 30*time.Second))
}

func killOne(ctx context.Context, b *bout) error {
	v := b.victim()
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	rest := b.others(v)
	from := slices.Max(b.heights(ctx, rest))
	if err := sleep(ctx, calm); err != nil {
		return err
	}
	for begin := time.Now(); slices.Max(b.heights(ctx, rest)) <= from; {
		if time.Since(begin) > backFor {
			b.row.broke("L", "without node %d the others made no block in %s", v, calm+backFor)
			break
		}
		if err := sleep(ctx, lookPause); err != nil {
			return err
		}
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
	return b.liveAs(ctx, part, len(part), d)
}

// liveAs is live of nodes of which so many reach each other.
func (b *bout) liveAs(ctx context.Context, part []int, together int, d time.Duration) error {
	if err := sleep(ctx, calm/2); err != nil { // what was on its way arrives
		return err
	}
	from := slices.Max(b.heights(ctx, part))
	if err := sleep(ctx, d); err != nil {
		return err
	}
	made := slices.Max(b.heights(ctx, part)) - from
	switch enough := 3*together > 2*validators; {
	case enough && made == 0:
		b.row.broke("L", "nodes %v are more than 2/3 and made no block in %s", part, d)
	case !enough && made > underWay:
		b.row.broke("H", "nodes %v are not more than 2/3 and made %d blocks", part, made)
	}
	return nil
}

// CometBFT can be told to end at the nth of some points that it passes: of a block that it
// catches up with it passes four, around the writes of the ledger and of the state, and of one
// that it votes on those and six more, around the writes of the journal and of the block. A
// node that was killed passes fewer than inConsensus before it votes again.
const (
	crashPoints = 40
	inConsensus = 1000
	pointSpan   = 40 // four blocks' points
)

func crash(ctx context.Context, b *bout) error {
	v, point := b.victim(), b.random.IntN(pointSpan)
	if b.nth%2 == 1 {
		point += inConsensus
	}
	voted := b.votes(v)
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	b.mu.Lock()
	b.env[v] = []string{fmt.Sprintf("FAIL_TEST_INDEX=%d", point)}
	b.mu.Unlock()
	// It may crash before it has answered anything.
	startErr := b.net.StartNode(ctx, v)
	// That it has ended is to be heard of before it is started again, or it were heard of
	// as the end of the next process.
	for begin := time.Now(); b.net.PID(v) != 0 || startErr == nil && b.exit(v) == nil; {
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
	where := "before it voted"
	if b.votes(v) > voted {
		where = "after it had begun to vote"
	}
	b.row.figure("point %d: %s", point, where)
	b.heal()
	return b.net.StartNode(ctx, v)
}

// votes is how often a node has begun to take part in consensus.
func (a *arena) votes(number int) int { return a.logged(number, "Time to switch to consensus mode") }

// logged is how often a node's log says something.
func (a *arena) logged(number int, text string) int {
	log, err := os.ReadFile(a.net.Nodes[number-1].LogFile())
	if err != nil {
		return 0
	}
	return bytes.Count(log, []byte(text))
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
	together := count
	if count == validators {
		together = 1
	}
	wg.Go(func() { errs[0] = b.liveAs(ctx, small, together, d) })
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

// lossy is the worst link that is promised to work. lossyRate is what TCP carries over it: where one packet in twenty
// is lost, and an answer takes 0.6 s, a connection has 13 kB a second.
var lossy = Link{Delay: 300 * time.Millisecond, Jitter: 100 * time.Millisecond, Lost: 0.05}

const lossyRate = 10

// foundOut is how long the validators may take to find that their links are slow.
const foundOut = 20 * time.Second

// slow has all packets between nodes take their time, and counts the blocks made during a
// part of it.
func (b *bout) slow(ctx context.Context, l Link) (made int64, during time.Duration, err error) {
	b.wire.between(func(_, _ int) Link { return l })
	defer b.mend()
	if err := sleep(ctx, foundOut); err != nil {
		return 0, 0, err
	}
	during = b.long(30*time.Second, time.Minute)
	from := b.newest(ctx)
	if err := sleep(ctx, during); err != nil {
		return 0, 0, err
	}
	to := b.newest(ctx)
	made = to - from
	var rounds []int32
	for h := from + 1; h < to; h++ {
		if header, err := b.clients[0].SignedHeader(ctx, h); err == nil {
			rounds = append(rounds, header.Commit.Round)
		}
	}
	b.row.figure("%d blocks in %s, in rounds %v", made, during, rounds)
	return made, during, nil
}
