package app

import (
	"bytes"
	"context"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"pgregory.net/rapid"

	"hongbao/app/query"
	"hongbao/contract"
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
	turns   uint32 // see turn
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
	p.BucketSize, p.BucketPerSecond = 6, 2
	p.MaxOpenPackets, p.MaxFirstClaims, p.MaxDuePerBlock, p.MaxTxsPerBlock = 3, 2, 4, 9
	p.RecallBudget, p.RecallWindow = 2, 1800
	return p
}

func newMachine(t testing.TB, rt *rapid.T, counts *tally) *machine {
	m := &machine{
		chain: newChainWith(rapidTB{t, rt}, Options{}, testGenesis(modelParams(), richNames...)),
		model: &model{
			params: modelParams(), now: testStart.UnixNano(), accounts: map[string]*mAccount{},
			packets: map[contract.PacketID]*mPacket{}, executed: map[contract.Hash]bool{}, history: map[string][]mLine{},
		},
		folds: map[string]*fold{}, counts: counts,
	}
	for _, n := range richNames {
		m.model.accounts[n] = &mAccount{balance: 1_000_000}
		m.model.history[leafOf(n)] = []mLine{{kind: "genesis", phase: "genesis",
			from: "genesis", to: addr(n).String(), amount: 1_000_000, after: 1_000_000}}
	}
	m.mempool = m.model.admission(m.model.now, true)
	return m
}

// The ledger does what the design says, tx by tx and block by block, whatever
// the order of things: restarts, crashes, replays and byzantine blocks too.
func TestModel(t *testing.T) {
	counts := tally{}
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		rapid.Check(t, func(rt *rapid.T) { runModel(t, rt, &counts) })
	}
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
		m.enqueue(rt, turn(m, rt, "kind", "pay", "send", "claim", "recall", "return", "ask", "answer", "tighten", "send", "claim"))
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
	actions["many tightenings"] = m.manyTightenings
	actions["a warp"] = func(rt *rapid.T) { m.enqueue(rt, "warp") }
	actions["recalls"] = func(rt *rapid.T) { m.enqueue(rt, "recall"); m.enqueue(rt, "recall"); m.block(rt, m.model.now+second) }
	actions["after a recall"] = m.afterRecall
	actions["a question"] = m.questioned
	actions["a crowded edge"] = m.crowdedEdge
	rt.Repeat(actions)
	m.block(rt, m.soon(rt))
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
	x.validUntil = m.model.now + pick(rt, "valid for", 600*second, 600*second, 600*second, 300*second, 300*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 600*second, 600*second, 600*second, 300*second, 300*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 60*second, 2*second, 1, 0, 601*second)
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
	if got := m.checkTx(x.wire).String(); got != want {
		m.t.Fatalf("CheckTx of %s by %s: %s, the model says %s", x.kind, x.who, got, want)
	}
	m.counts.add("check", want)
	m.queue = append(m.queue, x)
	return want
}

// block proposes what is queued at a time, judges it, executes it, and
// compares everything with the model.
func (m *machine) block(rt *rapid.T, at int64) {
	at = max(at, m.model.now) // a warp may have passed an instant that was aimed at
	m.now = contract.Time(at - m.model.offset).Std()
	queue := m.queue
	m.queue = nil
	if oneIn(rt, 4, "shuffle") {
		queue = rapid.Permutation(queue).Draw(rt, "order")
	}
	judge := m.model.admission(at, false)
	var kept []*act
	codes := map[*act]string{}
	for _, x := range queue {
		code := judge.admit(x)
		m.counts.add("proposal", code)
		if codes[x] != "ok" {
			codes[x] = code
		}
		if code == "ok" {
			kept = append(kept, x)
		}
		if code == "block_full" {
			break
		}
	}
	proposed := m.propose(wires(queue)...)
	if !slices.EqualFunc(proposed, wires(kept), bytes.Equal) {
		m.t.Fatalf("block %d: %d of %d txs proposed, the model keeps %d", m.height+1, len(proposed), len(queue), len(kept))
	}
	if !m.accepts(proposed...) {
		m.t.Fatalf("block %d: an honest proposal is refused", m.height+1)
	}
	m.proposable(at, queue)

	stuffed := len(kept) < len(queue) && oneIn(rt, 3, "byzantine")
	if stuffed {
		m.counts.add("byzantine", "ok")
		if m.accepts(wires(queue)...) {
			m.t.Fatalf("block %d: a block with a tx that has no place is accepted", m.height+1)
		}
	} else {
		queue = kept
	}
	if oneIn(rt, 6, "crash") {
		m.crash(queue)
	}
	m.run(at, queue)
	m.model.end()
	m.mempool = m.model.admission(m.model.now, true)
	m.invariants()
}

// proposable checks that what CheckTx accepted is proposed, unless time has
// passed over it since: a mempool never holds what no block would take.
func (m *machine) proposable(at int64, queue []*act) {
	fresh := m.model.admission(m.model.now, true)
	var accepted []*act
	for _, x := range queue {
		if fresh.admit(x) == "ok" {
			accepted = append(accepted, x)
		}
	}
	accepted = accepted[:min(len(accepted), 2)] // fits every bound on a block
	stale := false
	for _, x := range accepted {
		stale = stale || x.validUntil <= at || m.model.accounts[x.who] == nil
	}
	if got := m.propose(wires(accepted)...); !stale && len(got) != len(accepted) {
		m.t.Fatalf("block %d: %d of %d good txs proposed", m.height+1, len(got), len(accepted))
	}
}

// reopen restarts the app; CometBFT begins anew with one that has no block.
func (m *machine) reopen() {
	m.restart()
	if m.height == 0 {
		m.initChain(testGenesis(modelParams(), richNames...))
	}
}

// crash executes the block and loses it, as a kill before Commit does.
func (m *machine) crash(queue []*act) {
	req := &abci.RequestFinalizeBlock{Height: m.height + 1, Time: m.now, Txs: wires(queue)}
	lost, err := m.app.FinalizeBlock(context.Background(), req)
	m.ok(err)
	m.reopen()
	again, err := m.app.FinalizeBlock(context.Background(), req)
	m.ok(err)
	if !bytes.Equal(lost.AppHash, again.AppHash) {
		m.t.Fatalf("block %d: replayed after a crash to %x, before it was %x", m.height+1, again.AppHash, lost.AppHash)
	}
	m.counts.add("crash", "ok")
}

// run executes the block in the app and in the model and compares outcomes.
func (m *machine) run(at int64, queue []*act) {
	places := make([]string, len(queue))
	judge := m.model.admission(at, false)
	for i, x := range queue {
		places[i] = judge.admit(x)
	}
	res := m.finalize(wires(queue)...)
	done, waiting := m.model.begin(at, m.height)
	for _, d := range done {
		m.counts.add("due", d.kind)
	}
	if waiting > 0 {
		m.counts.add("due", "left over")
	}
	for i, x := range queue {
		want := places[i]
		if want == "ok" {
			if m.model.executed[x.hash] {
				m.t.Fatalf("block %d: a %s by %s is executed a second time", m.height, x.kind, x.who)
			}
			labels := m.model.labels(x)
			want = m.model.execute(x)
			for _, label := range append(labels, x.kind) {
				m.counts.add(label, want)
			}
		}
		if got := contract.Code(res.TxResults[i].Code).String(); got != want {
			m.t.Fatalf("block %d: %s by %s: %s (%s), the model says %s", m.height, x.kind, x.who, got, res.TxResults[i].Log, want)
		}
	}
	for i, x := range queue {
		m.checkRecord(x, i, places[i] == "ok", contract.Code(res.TxResults[i].Code).String())
	}
}

// checkRecord compares what a node answers about a tx that had its turn.
func (m *machine) checkRecord(x *act, index int, executed bool, code string) {
	var r query.TxRecord
	res := m.ask(query.Tx, x.hash[:], &r)
	switch {
	case !executed && len(res.Value) > 0 && !m.model.executed[x.hash]:
		m.t.Fatalf("block %d: a tx that had no place is on record", m.height)
	case executed && (r.Height != m.height || int(r.Index) != index || r.Code.String() != code || !bytes.Equal(r.Wire, x.wire)):
		m.t.Fatalf("block %d: record of tx %d: height %d, index %d, %s", m.height, index, r.Height, r.Index, r.Code)
	}
}

func wires(acts []*act) [][]byte {
	out := make([][]byte, len(acts))
	for i, x := range acts {
		out[i] = x.wire
	}
	return out
}
