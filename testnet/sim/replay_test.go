package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
)

// replay executes a trace's blocks once more, in a fresh application, and says
// where that comes to something else than the nodes came to. It needs no
// consensus and no seed: whatever order goroutines ran in, the blocks are what
// they decided.
func replay(tr *trace) (list []finding) {
	v, w := newView(tr), newWorld()
	a, err := openApp(w, newDisk(), 0, time.Now)
	check(err)
	defer a.Close()
	_, err = a.InitChain(context.Background(), initChain(v.doc))
	check(err)
	roots := map[int64]executed{}
	for _, e := range tr.Executed {
		if _, known := roots[e.Height]; !known {
			roots[e.Height] = e
		}
	}
	for _, b := range tr.Blocks {
		res, err := a.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Height: b.Height,
			Time: b.Time.Std(),
			Hash: b.Hash[:], ProposerAddress: b.Proposer, Txs: b.Txs})
		if err != nil {
			return append(list, finding{"H", "executed again: " + err.Error()})
		}
		e, known := roots[b.Height]
		codes := slices.EqualFunc(res.TxResults, e.Codes, func(r *abci.ExecTxResult, c contract.Code) bool {
			return r.Code == uint32(c)
		})
		if known && (!bytes.Equal(res.AppHash, e.AppHash[:]) || !codes) {
			list = append(list, finding{"H", "executed again, a block comes to another AppHash"})
		}
		_, err = a.Commit(context.Background(), &abci.RequestCommit{})
		check(err)
	}
	return list
}

// A trace in a file is judged again, and its blocks executed again.
func TestTrace(t *testing.T) {
	if *traceIn == "" {
		t.Skip("takes a file: -trace FILE")
	}
	tr, err := readTrace(*traceIn)
	must(t, err)
	t.Log(summary(tr))
	for _, f := range append(judgeTrace(tr), replay(tr)...) {
		t.Error(f)
	}
	for _, f := range tr.Faults {
		t.Logf("%s node %d: %s", f.At, f.Node+1, f.What)
	}
}

// A seed of the model is the whole run: twice the same, byte for byte; and
// what its trace holds is enough to execute its blocks again.
func TestASeedIsTheWholeRun(t *testing.T) {
	t.Parallel()
	var traces [2][]byte
	for i := range traces {
		m := newModel(7, nil)
		m.run(30 * time.Second)
		b, err := json.Marshal(m.trace)
		must(t, err)
		traces[i] = b
	}
	if !bytes.Equal(traces[0], traces[1]) {
		t.Error("two runs of one seed differ")
	}
	tr := new(trace)
	must(t, json.Unmarshal(traces[0], tr))
	for _, f := range append(judgeTrace(tr), replay(tr)...) {
		t.Error(f)
	}
}
