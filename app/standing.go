package app

import (
	"fmt"
	"time"

	"hongbao/contract"
)

// Done is what a committed block did, for those who watch a node. It is told
// after the block is on disk, and nothing of it goes back into the state.
type Done struct {
	Height int64
	Txs    []Outcome // those that had their turn, in the order of the block
	Drawn  int       // lucky shares
	Rules  uint64    // the version of the rules that the next block obeys; 0: as before
}

// Outcome is what became of a tx.
type Outcome struct {
	Kind   string // as contract.KindName has it
	Code   contract.Code
	Reason contract.Reason // of a recall; empty: none was given
}

func outcomeOf(tx *contract.DecodedTx, failure error) Outcome {
	o := Outcome{Kind: contract.KindName(tx.Message), Code: contract.CodeOf(failure)}
	if r, ok := tx.Message.(*contract.Recall); ok {
		o.Reason = r.Reason
	}
	return o
}

// Standing is where the ledger stands after its last block.
type Standing struct {
	Height      int64
	Time        contract.Time // as the validators date that block
	Supply      contract.Supply
	OpenPackets int
	DueItems    int           // refunds, settlements and lapses to come
	Overdue     int           // of these, what should be done by now, up to MaxOverdue
	LateBy      time.Duration // of the one that has waited longest; 0: none is overdue
	PruneError  error         // why old versions of the tree could not be deleted last; nil: they could
}

// MaxOverdue is how far overdue work is counted: there is none on a healthy
// chain, and more says no more.
const MaxOverdue = 10_000

// Standing reads the committed state.
func (a *App) Standing() (s Standing, err error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	env, err := a.nextEnv()
	if err != nil {
		return s, err
	}
	s = Standing{
		Height: a.store.Height(), Time: contract.Time(a.store.Time()),
		OpenPackets: a.due.packets, DueItems: a.due.items, PruneError: a.store.PruneError(),
	}
	if s.Supply, err = readSupply(a.bareState()); err != nil {
		return s, err
	}
	items, err := a.bareState().Due(env.Time, MaxOverdue)
	if len(items) > 0 {
		s.Overdue, s.LateBy = len(items), env.Time.Std().Sub(items[0].At.Std())
	}
	return s, err
}

func readSupply(state contract.State) (s contract.Supply, err error) {
	leaf, err := state.Leaf(contract.SupplyKey)
	if err != nil {
		return s, err
	}
	if leaf == nil {
		return s, fmt.Errorf("%w: no supply", contract.ErrState)
	}
	return s, contract.Decode(leaf.Bytes, &s)
}

// dueTally counts the due queue, so that no question has to walk it.
type dueTally struct{ items, packets int }

// change counts an item in or out. A packet is open as long as its expiry, the
// item without a share, is in the queue.
func (t *dueTally) change(d contract.DueChange) {
	n := 1
	if d.Remove {
		n = -1
	}
	t.items += n
	if d.Share == 0 {
		t.packets += n
	}
}

// countDue walks the queue once, when the app opens.
func (a *App) countDue() error {
	a.due = dueTally{}
	return a.store.Records([]byte("d"), []byte("e"), func(key, _ []byte) bool {
		a.due.change(contract.DueChange{Due: dueOf(key)})
		return true
	})
}
