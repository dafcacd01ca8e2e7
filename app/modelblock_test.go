package app

import (
	"bytes"
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"hongbao/app/query"
	"hongbao/contract"
)

// block proposes what is queued at a time, judges it, executes it, and
// compares everything with the model.
func (m *machine) block(rt *rapid.T, at int64) {
	at = max(at, m.model.now) // a warp may have passed an instant that was aimed at
	m.Now = contract.Time(at - m.model.offset).Std()
	queue := m.queue
	m.queue = nil
	if oneIn(rt, 4, "shuffle") {
		queue = rapid.Permutation(queue).Draw(rt, "order")
	}
	kept := m.rounds(rt, at, queue)
	m.proposable(at, queue)
	if often := map[bool]int{true: 2, false: 12}[m.model.owes()]; oneIn(rt, often, "bad beacon") {
		m.badBeacon(rt, kept)
	}

	stuffed := len(kept) < len(queue) && oneIn(rt, 3, "byzantine")
	if stuffed {
		m.counts.add("byzantine", "ok")
		if m.Accepts(m.items(queue)...) {
			m.T.Fatalf("block %d: a block with a tx that has no place is accepted", m.Height+1)
		}
	} else {
		queue = kept
	}
	if oneIn(rt, 6, "crash") {
		m.crash(queue)
	}
	m.run(at, queue)
	m.mempool = m.model.admission(m.model.now, true)
	m.invariants()
}

// rounds are the tries to agree on a block. Every proposer but the last is in
// vain, whether its block came too late or it fell over. It says what the last
// one chose.
func (m *machine) rounds(rt *rapid.T, at int64, queue []*act) (kept []*act) {
	n := pick(rt, "rounds", 1, 1, 1, 2, 3)
	for i := range n {
		m.proposes(turn(m, rt, "proposer", 0, 1, 2))
		kept = m.choose(at, queue)
		want := m.items(kept)
		if i < n-1 {
			m.late = turn(m, rt, "the proposer's clock", 0, 6*time.Second, 5*time.Second, 12*time.Second)
			switch {
			case m.late <= 5*time.Second:
			// only what must be: a fresh time comes with the next block
			case m.late > min(2*m.sinceLast(), 5*time.Minute):
				want = m.items(nil)
				m.counts.add("late round", m.what())
			default: // blocks take long here: this one has its txs, all of fewer than there may be
				m.counts.add("slow round", m.what())
			}
		}
		proposed := m.Propose(wires(queue)...)
		m.late = 0
		if !slices.EqualFunc(proposed, want, bytes.Equal) {
			m.T.Fatalf("block %d: %d items of %d txs proposed, the model has %d", m.Height+1, len(proposed),
				len(queue), len(want))
		}
		if !m.Accepts(proposed...) {
			m.T.Fatalf("block %d: an honest proposal is refused", m.Height+1)
		}
		if i < n-1 {
			m.counts.add("round in vain", m.what())
			if oneIn(rt, 4, "the proposer falls") {
				m.reopen()
			}
		}
	}
	return kept
}

// choose is what an honest proposer takes of a queue: all that the rules admit,
// in the app's turns, which a property of their own is about.
func (m *machine) choose(at int64, queue []*act) (kept []*act) {
	judge := m.model.admission(at, false)
	readable := map[int]bool{}
	var chosen []waiting
	for _, w := range m.app.ordered(wires(queue)) {
		readable[w.index] = true
		code := judge.admit(queue[w.index])
		m.counts.add("proposal", code)
		if code == "ok" {
			chosen = append(chosen, w)
		}
	}
	for i, x := range queue {
		if !readable[i] {
			m.counts.add("proposal", judge.admit(x))
		}
	}
	inPoolOrder(chosen)
	for _, w := range chosen {
		kept = append(kept, queue[w.index])
	}
	return kept
}

// sinceLast is how long after the last block the next one is dated.
func (m *machine) sinceLast() time.Duration {
	if m.Height == 0 {
		return 0
	}
	return m.Now.Sub(m.Blocks[len(m.Blocks)-1].Time)
}

// what names the next block in the tally.
func (m *machine) what() string {
	if m.model.owes() {
		return "with draws"
	}
	return "without"
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
	if got, want := m.Propose(wires(accepted)...), m.items(accepted); !stale && len(got) != len(want) {
		m.T.Fatalf("block %d: %d items proposed of %d that are good", m.Height+1, len(got), len(want))
	}
}

// reopen restarts the app; CometBFT begins anew with one that has no block.
func (m *machine) reopen() {
	m.Restart(0)
}

// crash executes the block and loses it, as a kill before Commit does.
func (m *machine) crash(queue []*act) {
	req := m.Request(m.items(queue))
	lost, err := m.app.FinalizeBlock(context.Background(), req)
	m.OK(err)
	m.reopen()
	again, err := m.app.FinalizeBlock(context.Background(), req)
	m.OK(err)
	if !bytes.Equal(lost.AppHash, again.AppHash) {
		m.T.Fatalf("block %d: replayed after a crash to %x, before it was %x", m.Height+1, again.AppHash, lost.AppHash)
	}
	m.counts.add("crash", m.what())
}

// run executes the block in the app and in the model and compares outcomes.
func (m *machine) run(at int64, queue []*act) {
	places := make([]string, len(queue))
	judge := m.model.admission(at, false)
	for i, x := range queue {
		places[i] = judge.admit(x)
	}
	items := m.items(queue)
	first := len(items) - len(queue)
	res := m.Finalize(items...)
	for _, label := range m.model.drawLabels(at) {
		m.counts.add("draw", label)
	}
	m.model.told = func(label string) { m.counts.add("batch", label) }
	done, waiting := m.model.begin(at, m.Height, m.takeBeacon())
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
				m.T.Fatalf("block %d: a %s by %s is executed a second time", m.Height, x.kind, x.who)
			}
			labels := m.model.labels(x)
			m.model.index = first + i
			want = m.model.execute(x)
			for _, label := range append(labels, x.kind) {
				m.counts.add(label, want)
			}
		}
		if got := contract.Code(res.TxResults[first+i].Code).String(); got != want {
			m.T.Fatalf("block %d: %s by %s: %s (%s), the model says %s", m.Height, x.kind, x.who, got,
				res.TxResults[first+i].Log, want)
		}
	}
	for i, x := range queue {
		m.checkRecord(x, first+i, places[i] == "ok", contract.Code(res.TxResults[first+i].Code).String())
	}
	m.model.end(m.Blocks[len(m.Blocks)-1].Hash)
}

// checkRecord compares what a node answers about a tx that had its turn.
func (m *machine) checkRecord(x *act, index int, executed bool, code string) {
	var r query.TxRecord
	res := m.Ask(query.Tx, x.hash[:], &r)
	var wire []byte // of a failed tx it is kept in the block alone
	if code == "ok" {
		wire = x.wire
	}
	switch {
	case !executed && len(res.Value) > 0 && !m.model.executed[x.hash]:
		m.T.Fatalf("block %d: a tx that had no place is on record", m.Height)
	case executed && (r.Height != m.Height || int(r.Index) != index || r.Code.String() != code ||
		!bytes.Equal(r.Wire, wire)):
		m.T.Fatalf("block %d: record of tx %d: height %d, index %d, %s", m.Height, index, r.Height, r.Index, r.Code)
	}
}

func wires(acts []*act) [][]byte {
	out := make([][]byte, len(acts))
	for i, x := range acts {
		out[i] = x.wire
	}
	return out
}
