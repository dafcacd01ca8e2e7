package load

import (
	"container/heap"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"hongbao/contract"
)

// A lane's next step is due between minPause and minPause+morePause after the
// step before: longer than a sustained network takes to make that final, and
// uneven, so that lanes which began together drift apart.
const (
	minPause  = time.Second
	morePause = time.Second
)

// lane is what one cast does, in order.
type lane struct {
	cast  []*account
	steps story
	tales int           // how many of its stories were told
	ready time.Duration // when its next step may be due
}

// lanesFor is how many lanes keep up with rate.
func lanesFor(m Mix, rate int) int {
	var txs int
	var lasts time.Duration
	for _, t := range m.tales() {
		steps, n := t.size(m)
		txs += n
		lasts += time.Duration(steps)*(minPause+morePause/2) + time.Duration(n)*time.Second/time.Duration(rate)
	}
	return int(1.6*float64(rate)*lasts.Seconds()/float64(txs)) + 2
}

// size is how many steps and txs a tale has.
func (t *tale) size(m Mix) (steps, txs int) {
	if t.scene == "" {
		return 1, m.castSize()
	}
	steps, txs = 1, 1+t.claims
	if t.claims > 0 {
		steps++
	}
	if t.end == returned && t.claims > 1 {
		steps++
	}
	if t.end != kept {
		steps, txs = steps+1, txs+1
	}
	return steps, txs
}

// plan gives lanes stories until as many txs are due as cfg says, at an even pace;
// the last step is complete. A lane whose story is not over then ends in the
// middle of it.
func plan(cfg *Config, lanes []*lane, validUntil contract.Time) error {
	tales := cfg.Mix.tales()
	every := time.Second / time.Duration(cfg.Rate)
	rng := rand.New(rand.NewPCG(1, 0))
	queue := readyQueue{}
	pending := map[*lane]story{}
	for _, l := range lanes {
		l.tales = rng.IntN(len(tales))
		heap.Push(&queue, l)
	}
	left := cfg.txs()
	for at := time.Duration(0); left > 0; {
		l := queue[0]
		if len(pending[l]) == 0 {
			t := &told{tale: tales[l.tales%len(tales)], chain: cfg.Chain, validUntil: validUntil, cast: l.cast}
			next, err := t.story(cfg.Plain)
			if err != nil {
				return err
			}
			l.tales, pending[l] = l.tales+1, next
		}
		step := pending[l][0]
		pending[l] = pending[l][1:]
		at = max(at, l.ready)
		for _, t := range step {
			t.due = at
			at += every
		}
		left -= len(step)
		l.steps = append(l.steps, step)
		l.ready = at + minPause + time.Duration(rng.Int64N(int64(morePause)))
		heap.Fix(&queue, 0)
	}
	return nil
}

// readyQueue has the lane on top whose next step may be due first.
type readyQueue []*lane

func (q readyQueue) Len() int           { return len(q) }
func (q readyQueue) Less(i, j int) bool { return q[i].ready < q[j].ready }
func (q readyQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *readyQueue) Push(x any)        { *q = append(*q, x.(*lane)) }
func (q *readyQueue) Pop() any          { panic("load: a lane never leaves the queue") }

// signAll makes the wire forms of all that was planned, on every core.
func signAll(cfg *Config, lanes []*lane, validUntil contract.Time) error {
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	cores := runtime.NumCPU()
	for c := range cores {
		wg.Go(func() {
			for i := c; i < len(lanes); i += cores {
				for _, step := range lanes[i].steps {
					for _, t := range step {
						if err := t.sign(cfg.Chain, validUntil); err != nil {
							once.Do(func() { failed = err })
						}
					}
				}
			}
		})
	}
	wg.Wait()
	return failed
}
