package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/contract"
)

// tally counts what the runs of a test have shown.
type tally struct {
	mu      sync.Mutex
	runs    int
	virtual time.Duration
	blocks  int
	deeds   int // txs, reads and proofs whose answer a client learnt
	faults  int
	counts  map[string]int
}

func (y *tally) add(v *view) {
	tr := v.trace
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.counts == nil {
		y.counts = map[string]int{}
	}
	y.runs++
	y.blocks += len(tr.Blocks)
	y.deeds += len(tr.Told) + len(tr.Asked) + len(tr.Proofs)
	if n := len(tr.Blocks); n > 0 {
		y.virtual += tr.Blocks[n-1].At.Std().Sub(start)
	}
	for i, b := range tr.Blocks {
		y.counts["evidence"] += len(b.Accused)
		if b.Round > 0 {
			y.counts["later round"]++
		}
		for _, x := range v.items[i] {
			switch {
			case x.beacon != nil:
				y.counts["draws"]++
			case x.code != contract.CodeOK || x.tx == nil:
				y.counts["refused in a block"]++
			default:
				y.counts[v.kindName(x.tx)]++
			}
		}
	}
	for _, e := range tr.Executed {
		if e.Synced {
			y.counts["by block sync"]++
		}
	}
	for _, f := range tr.Faults {
		y.counts[f.What]++
		if !f.Heal && f.What != "healed" && f.What != "restarted" {
			y.faults++
		}
	}
	for lie, n := range tr.Lies {
		y.counts["lie: "+lie] += n
		y.faults += n
	}
	y.counts["reads"] += len(tr.Asked)
	y.counts["proofs"] += len(tr.Proofs)
	y.counts["acknowledged"] += len(tr.Told)
}

// kindName is the kind of a tx that succeeded; what is by list, or about a large packet, has one
// of its own.
func (v *view) kindName(tx *contract.Tx) string {
	name := contract.KindName(tx.Message)
	switch life := v.lives.About(tx); {
	case life == nil || !life.Terms.Large():
		return name
	case life.Terms.Split == contract.ByList:
		return name + " by list"
	}
	return name + " for a crowd"
}

// shown is what a campaign must have met, or it shows too little.
var shown = []string{"pay", "send", "send by list", "send for a crowd", "claim", "claim by list",
	"claim for a crowd", "recall", "recall by list", "recall for a crowd", "return", "return by list",
	"return for a crowd", "ask", "ask by list", "tighten", "draws", "killed", "restarted",
	"lies",
	"3-1", "2-2", "deaf", "mute", "one way", "each alone", "later round", "evidence", "lie: bad signature",
	"lie: a tx twice", "lie: an old tx", "lie: garbage", "lie: withheld beacon", "lie: foreign beacon",
	"lie: unneeded beacon", "lie: forged proposer"}

// shownInBubbles is what a campaign of bubbles must have met.
var shownInBubbles = []string{"killed", "at a write", "evidence", "lie: two votes", "wiped", "by block sync",
	"healed", "later round", "claim", "draws"}

// report says what n runs have shown, all of which must have ended. Of many runs
// it asks that each of some things was met.
func (y *tally) report(t *testing.T, n, many int, shown []string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	var list []string
	for what, k := range y.counts {
		list = append(list, fmt.Sprintf("%s %d", what, k))
	}
	slices.Sort(list)
	t.Logf("%d of %d runs: %.2f hours of virtual time, %d blocks, %d operations, %d faults and lies; %s", y.runs, n,
		y.virtual.Hours(), y.blocks, y.deeds, y.faults, strings.Join(list, ", "))
	for _, what := range shown {
		if y.runs >= many && y.counts[what] == 0 {
			t.Errorf("in %d runs there was no %s", y.runs, what)
		}
	}
}
