package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing/synctest"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/mempool"

	"hongbao/contract"
)

// bubble is four validators with CometBFT's own consensus, mempool, evidence and
// block executor inside one testing/synctest bubble: time passes when all of
// them wait. The seed decides what goes wrong and what clients do. It does not
// fix the order of goroutines, so a run is known by its trace.
type bubble struct {
	*world
	*trace
	*network
	crowd       *crowd
	home        string
	rng         *rand.Rand
	nodes       [validators]*bubbleNode
	liar        *liar
	equivocates bool
	plant       *plant
	plan        plan
	away        int // the validator that is away for most of the run; -1: none
	logs        func(node int) log.Logger
}

// newBubble is called inside a bubble.
func newBubble(seed uint64, home string, p *plant) *bubble {
	w := newWorld()
	w.part(seed)
	time.Sleep(time.Until(start.Add(time.Second)))
	b := &bubble{world: w, home: home, plant: p, network: newNetwork(seed), rng: rand.New(rand.NewPCG(seed, 0)),
		trace: &trace{Seed: seed, Driver: "bubble", Plant: p.name(), Genesis: w.file}, away: -1}
	b.crowd = newCrowd(seed, w.chain(), b.trace, b, time.Now)
	b.plan = newPlan(b.rng)
	p.plan(&b.plan)
	if b.plan.liar {
		b.liar = &liar{world: w, node: b.plan.lying, colluder: b.plan.colluding, rng: rand.New(rand.NewPCG(seed, 3)),
			told: map[string]int{}}
		b.equivocates = b.rng.IntN(2) == 0
		b.fault(time.Now(), b.liar.node, false, "lies")
	}
	if b.plan.losses {
		b.lossy, b.doubled = 100, 50
	}
	for i := range b.nodes {
		b.nodes[i] = &bubbleNode{bubble: b, number: i, skew: b.plan.skew[i],
			dir:   filepath.Join(home, fmt.Sprintf("node%d-0", i+1)),
			disks: databases{newDisk(), newDisk(), newDisk(), newDisk()}}
		check(os.MkdirAll(filepath.Join(b.nodes[i].dir, "data"), 0o700))
		p.disk(i, b.nodes[i].disks.ledger)
		check(b.nodes[i].start())
	}
	return b
}

func (b *bubble) submit(i int, wire []byte) (code contract.Code, ok bool) {
	n := b.nodes[i]
	if n.dead.Load() {
		return 0, false
	}
	err := n.mempool.CheckTx(wire, func(res *abci.ResponseCheckTx) { code = contract.Code(res.Code) }, mempool.TxInfo{})
	if err != nil && err != mempool.ErrTxInCache {
		return 0, false
	}
	return code, true
}

func (b *bubble) query(i int, req *abci.RequestQuery) (*abci.ResponseQuery, bool) {
	n := b.nodes[i]
	if n.dead.Load() {
		return nil, false
	}
	res, err := n.app.Query(context.Background(), req)
	check(err)
	return res, res.Height > 0
}

func (b *bubble) restart() {
	for _, n := range b.nodes {
		if !n.dead.Load() || n.fell.Load() || n.lastFault != "" || n.number == b.away {
			continue
		}
		if err := n.start(); err != nil {
			n.lastFault = err.Error()
			b.alarm(time.Now(), n.number, "does not start: "+err.Error())
			continue
		}
		n.dead.Store(false)
		b.fault(time.Now(), n.number, b.whole(), "restarted")
	}
}

func (b *bubble) whole() bool {
	for i, n := range b.nodes {
		if n.dead.Load() {
			return false
		}
		for j := range b.nodes {
			if !b.reaches(i, j) {
				return false
			}
		}
	}
	return true
}

const beat = 100 * time.Millisecond

// live has the bubble run for so long under its plan.
func (b *bubble) live(length time.Duration) {
	var whole, mends time.Time
	begin := time.Now()
	leaves, returns := begin.Add(length/10), begin.Add(length*7/10)
	goes := !b.plant.still() && b.rng.IntN(2) == 0
	for end := begin.Add(length); time.Now().Before(end); time.Sleep(beat) {
		b.crowd.step()
		b.bury()
		now := time.Now()
		switch {
		case goes && now.After(leaves):
			goes, b.away = false, b.rng.IntN(validators)
			b.kill(b.away)
		case b.away >= 0 && now.After(returns):
			b.nodes[b.away].wipe()
			b.away = -1
			b.restart()
		}
		switch {
		case !whole.IsZero() && now.After(whole):
			b.heal()
			b.fault(now, -1, b.whole(), "healed")
			whole = time.Time{}
		case b.plan.cuts && whole.IsZero() && b.rng.IntN(150) == 0:
			reach, what := cut(b.rng)
			b.cut(reach)
			b.fault(now, -1, false, what)
			whole = now.Add(time.Duration(2+b.rng.IntN(40)) * time.Second)
		}
		switch {
		case b.plan.kills && b.rng.IntN(150) == 0:
			for range 1 + b.rng.IntN(4)*b.rng.IntN(2) {
				n := b.nodes[b.rng.IntN(validators)]
				if b.rng.IntN(2) == 0 {
					b.kill(n.number)
				} else if !n.dead.Load() {
					n.disks.all()[b.rng.IntN(4)].fails(1 + b.rng.IntN(mostWrites))
				}
			}
		case now.After(mends):
			b.restart()
			mends = now.Add(time.Duration(1+b.rng.IntN(15)) * time.Second)
		}
	}
}

// mostWrites is more than any database has in two blocks.
const mostWrites = 12

// bury takes up what processes have left that ended at a write.
func (b *bubble) bury() {
	for i, n := range b.nodes {
		if n.fell.Load() {
			b.nodes[i] = n.kill()
			b.fault(time.Now(), i, false, "killed")
			b.fault(time.Now(), i, false, "at a write")
		}
	}
}

func (b *bubble) kill(i int) {
	if n := b.nodes[i]; !n.dead.Load() {
		b.nodes[i] = n.kill()
		b.fault(time.Now(), i, false, "killed")
	}
}

// rest ends all faults and new deeds, waits until every client knows the outcome
// of what it did, and takes down what each node holds at one height.
func (b *bubble) rest() {
	b.away = -1
	b.heal()
	b.network.mu.Lock()
	b.lossy, b.doubled, b.crowd.calm = 0, 0, true
	b.network.mu.Unlock()
	if b.liar != nil {
		b.liar.mu.Lock()
		b.liar.rest, b.Lies = true, b.liar.told
		b.liar.mu.Unlock()
	}
	for _, n := range b.nodes {
		for _, d := range n.disks.all() {
			d.fails(0)
		}
	}
	b.bury()
	b.restart()
	b.fault(time.Now(), -1, true, "all faults end")
	end := time.Now().Add(3 * time.Minute)
	for time.Now().Before(end) && !b.crowd.settled() {
		time.Sleep(beat)
		b.crowd.step()
	}
	if !b.crowd.settled() {
		b.alarm(time.Now(), -1, "clients wait for outcomes for ever")
	}
	b.takeDown()
}

func (b *bubble) takeDown() {
	time.Sleep(livePatience) // a chain that stands still shows
	for _, n := range b.nodes {
		if n.dead.Load() {
			continue
		}
		b.crowd.prove(n.number, []byte("c/supply"))
	}
	time.Sleep(5 * time.Second)
	b.stand()
	for _, n := range b.nodes {
		if n.dead.Load() {
			continue
		}
		n.dead.Store(true)
		info, err := n.app.Info(context.Background(), &abci.RequestInfo{})
		check(err)
		b.Finals = append(b.Finals, dumpOf(n.number, info.LastBlockHeight, n.disks.ledger))
		for i := range b.Blocks {
			if commit := n.blocks.LoadSeenCommit(b.Blocks[i].Height); commit != nil {
				b.Blocks[i].Round = commit.Round
			} else if commit := n.blocks.LoadBlockCommit(b.Blocks[i].Height); commit != nil {
				b.Blocks[i].Round = commit.Round
			}
		}
	}
}

// stand takes all nodes off the network at an instant at which no block is under
// way: nothing moves, and all are at one height. Where there is none in a while,
// the checkers say so.
func (b *bubble) stand() {
	for end := time.Now().Add(livePatience); time.Now().Before(end); time.Sleep(beat / 4) {
		synctest.Wait()
		heights := map[int64]bool{}
		for _, n := range b.nodes {
			if !n.dead.Load() {
				heights[n.blocks.Height()] = true
				info, err := n.app.Info(context.Background(), &abci.RequestInfo{})
				check(err)
				heights[info.LastBlockHeight] = true
			}
		}
		if len(heights) == 1 {
			break
		}
	}
	for _, n := range b.nodes {
		if !n.dead.Load() {
			n.sw.vanish()
		}
	}
	synctest.Wait()
}
