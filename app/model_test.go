package app

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// machine drives the app and the model side by side.
type machine struct {
	*chain
	model   *model
	mempool *mAdmission // what CheckTx has accepted since the last block
	queue   []*act      // waiting for the next block, in order of arrival
	past    []*act      // signed before, to be sent again
	folds   map[string]*fold
	counts  *tally
	beacons map[int64][]byte // records, by the height whose reservations they drew
	spent   []byte           // the newest item that a block with draws began with
	late    time.Duration    // of the proposer: how far its clock is past the block's time
	turns   uint32           // see turn
}

// fold is how far a leaf's history was read, and what it folds to.
type fold struct {
	seq  uint64
	head [32]byte
}

// rapidTB lets the chain harness fail one case of a property.
type rapidTB struct {
	testing.TB
	rt *rapid.T
}

func (r rapidTB) Helper()                   {}
func (r rapidTB) Fatal(args ...any)         { r.rt.Fatal(args...) }
func (r rapidTB) Fatalf(f string, a ...any) { r.rt.Fatalf(f, a...) }
func (r rapidTB) Errorf(f string, a ...any) { r.rt.Errorf(f, a...) }
func (r rapidTB) Cleanup(fn func())         { r.rt.Cleanup(fn) }

// modelParams make every limit of a chain easy to reach.
func modelParams() contract.Params {
	p := contract.DefaultParams()
	p.BucketSize, p.BucketPerSecond = 10, 2
	p.MaxOpenPackets, p.MaxFirstClaims, p.MaxDuePerBlock, p.MaxTxsPerBlock = 3, 2, 4, 9
	p.RecallBudget, p.RecallWindow = 2, 1800
	return p
}

func newMachine(t testing.TB, rt *rapid.T, counts *tally) *machine {
	var m *machine
	clock := func() time.Time { return m.Now.Add(m.late) }
	m = &machine{
		chain: chainOf(rapidTB{t, rt}, Options{Now: clock}, testchain.Options{
			Genesis: testGenesis(modelParams(), richNames...), Validators: testchain.NewValidators(1, 1, 1),
		}),
		beacons: map[int64][]byte{},
		model: &model{
			params: modelParams(), now: testStart.UnixNano(), accounts: map[string]*mAccount{},
			packets: map[contract.PacketID]*mPacket{}, executed: map[contract.Hash]bool{},
			history: map[string][]mLine{},
		},
		folds: map[string]*fold{}, counts: counts,
	}
	m.model.leafBytes = func(id contract.PacketID) int {
		leaf, err := m.app.bareState().Leaf(contract.PacketKey(id))
		m.OK(err)
		if leaf == nil {
			return 0
		}
		if len(leaf.Bytes) >= 2048 {
			m.counts.add("read", "counts")
		}
		return len(leaf.Bytes)
	}
	for i, n := range richNames {
		m.model.accounts[n] = &mAccount{balance: 1_000_000}
		m.model.history[leafOf(n)] = []mLine{{kind: "genesis", phase: "genesis", index: i,
			from: "genesis", to: addr(n).String(), amount: 1_000_000, after: 1_000_000}}
	}
	m.mempool = m.model.admission(m.model.now, true)
	return m
}

// The ledger does what the model says, tx by tx and block by block, whatever
// the order of things: restarts, crashes, replays and byzantine blocks too.
func TestModel(t *testing.T) {
	t.Parallel()
	counts, rounds := tally{}, 3
	if testing.Short() {
		rounds = 1
	}
	var mu sync.Mutex
	t.Run("rounds", func(t *testing.T) {
		for round := range rounds {
			t.Run(fmt.Sprint(round+1), func(t *testing.T) {
				t.Parallel()
				mine := tally{}
				rapid.Check(t, func(rt *rapid.T) { runModel(t, rt, &mine) })
				mu.Lock()
				defer mu.Unlock()
				counts.include(mine)
			})
		}
	})
	counts.print(t)
	if t.Failed() || testing.Short() {
		return
	}
	counts.bothWays(t)
}

// runModel is one case: a chain's life.
func runModel(t *testing.T, rt *rapid.T, counts *tally) {
	m := newMachine(t, rt, counts)
	actions := map[string]func(*rapid.T){
		"block":             func(rt *rapid.T) { m.block(rt, m.soon(rt)) },
		"block now":         func(rt *rapid.T) { m.block(rt, m.model.now+second) },
		"block at edge":     func(rt *rapid.T) { m.block(rt, m.edge(rt)) },
		"block at far edge": func(rt *rapid.T) { m.block(rt, m.farEdge(rt)) },
		"block much later": func(rt *rapid.T) {
			m.block(rt, m.model.now+pick(rt, "pause", int64(5), 10, 15, 20, 30, 60, 700)*second)
		},
		"again":   m.again,
		"restart": func(rt *rapid.T) { m.reopen(); m.mempool = m.model.admission(m.model.now, true) },
	}
	tx := func(rt *rapid.T) {
		m.enqueue(rt, turn(m, rt, "kind", "pay", "send", "claim", "recall", "return", "ask", "answer", "tighten",
			"send", "claim"))
	}
	actions["a tx"] = tx
	actions["a tx and another"] = func(rt *rapid.T) { tx(rt); tx(rt) }
	actions["a take and a recall"] = func(rt *rapid.T) { m.enqueue(rt, "claim"); m.enqueue(rt, "recall") }
	actions["rush of claims"] = func(rt *rapid.T) {
		for range 5 {
			m.enqueue(rt, "claim")
		}
	}
	actions["rush of payments"] = m.rushOfPayments
	actions["rush of newcomers"] = m.rushOfNewcomers
	actions["a held packet"] = m.heldPacket
	actions["a campaign"] = m.campaign
	actions["lucky packets"] = m.luckyPackets
	actions["many tightenings"] = m.manyTightenings
	actions["a warp"] = func(rt *rapid.T) { m.enqueue(rt, "warp") }
	actions["recalls"] = func(rt *rapid.T) {
		m.enqueue(rt, "recall")
		m.enqueue(rt, "recall")
		m.block(rt, m.model.now+second)
	}
	actions["after a recall"] = m.afterRecall
	actions["a question"] = m.questioned
	actions["a crowded edge"] = m.crowdedEdge
	rt.Repeat(actions)
	m.block(rt, m.soon(rt))
	m.checkBeacons()
}

// soon is a time of the next block shortly after the last.
func (m *machine) soon(rt *rapid.T) int64 {
	return m.model.now + pick(rt, "gap", 50_000_000, second, 1, 3*second, 10*second)
}

// soonest is how far ahead an edge may be for the queue to have a chance then.
const soonest = 600 * second

// edges are the boundaries of the packets' lives, with the nanoseconds around
// them: the instant itself belongs to what comes after.
func (m *machine) edges() (at []int64) {
	for _, d := range m.model.due() {
		at = append(at, d.at-1, d.at, d.at+1)
	}
	for _, id := range m.model.order {
		p := m.model.packets[id]
		if p.status == "open" {
			at = append(at, p.terms.rule.instants(p.created)...)
		}
		for _, s := range p.shares {
			if s.state == "reserved" { // what else is due is in the queue
				at = append(at, p.settles(s)-1, p.settles(s), p.settles(s)+1)
			}
		}
		for _, c := range p.inForce() {
			if c.target == "rest" && p.status == "open" {
				at = append(at, c.when.instants(p.created)...)
			}
			for _, s := range p.shares {
				if c.target == "share" && s.state == "held" {
					at = append(at, c.when.instants(s.claimed)...)
				}
			}
		}
	}
	return slices.DeleteFunc(at, func(t int64) bool { return t <= m.model.now })
}

func (m *machine) edge(rt *rapid.T) int64 {
	return m.oneOf(rt, "edge", slices.DeleteFunc(m.edges(), func(t int64) bool { return t > m.model.now+soonest }))
}

func (m *machine) farEdge(rt *rapid.T) int64 {
	return m.oneOf(rt, "far edge", slices.DeleteFunc(m.edges(), func(t int64) bool { return t <= m.model.now+soonest }))
}

func (m *machine) oneOf(rt *rapid.T, what string, at []int64) int64 {
	if len(at) == 0 {
		return m.soon(rt)
	}
	m.counts.add("block", what)
	return at[rapid.IntRange(0, len(at)-1).Draw(rt, what)]
}

// enqueue signs a tx with the nonce its account is at, and offers it to the
// mempool. Refused or not it may still turn up in a proposal.
func (m *machine) enqueue(rt *rapid.T, kind string) {
	m.submit(rt, m.draw(rt, m.possible(rt, kind)))
}

func (m *machine) submit(rt *rapid.T, x *act) {
	if seen := m.mempool.seen[x.who]; seen != nil {
		x.nonce = seen.nonce
	} else if a := m.model.accounts[x.who]; a != nil {
		x.nonce = a.nonce
	}
	if oneIn(rt, 20, "wrong nonce") {
		x.nonce += pick(rt, "off by", uint64(1), 5, 1<<64-1)
	}
	x.validUntil = m.model.now + pick(rt, "valid for", 600*second, 600*second, 600*second, 300*second, 300*second,
		60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 600*second, 600*second, 600*second,
		300*second, 300*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 2*second,
		1, 0, 601*second)
	m.sign(rt, x)
	m.offer(x)
	m.past = append(m.past, x)
}

// again offers bytes that were signed before: the same tx twice, or a refused
// one whose time has come.
func (m *machine) again(rt *rapid.T) {
	if len(m.past) == 0 {
		rt.Skip("nothing was signed yet")
	}
	newest := m.past[max(0, len(m.past)-12):]
	x := newest[rapid.IntRange(0, len(newest)-1).Draw(rt, "again")]
	m.counts.add("again", m.offer(x))
}

func (m *machine) offer(x *act) string {
	want := m.mempool.admit(x)
	if got := m.CheckTx(x.wire).String(); got != want {
		m.T.Fatalf("CheckTx of %s by %s: %s, the model says %s", x.kind, x.who, got, want)
	}
	m.counts.add("check", want)
	m.queue = append(m.queue, x)
	return want
}
