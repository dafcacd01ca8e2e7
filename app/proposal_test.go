package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
)

// payments are n of them by alice, signatures taken for granted.
func (f *flood) payments(n int) (wires [][]byte) {
	for range n {
		wires = append(wires, f.believed("alice", &contract.Pay{To: f.addresses["bob"], Amount: 1}))
	}
	return wires
}

// A proposer stops when its time is up, but not before a small batch is in.
func TestProposerStopsInTime(t *testing.T) {
	const waiting = 600
	for _, row := range []struct {
		desc  string
		tick  time.Duration // of the proposer's clock, each time that it looks
		least int
		most  int
	}{
		{"a quick one takes all", 0, waiting, waiting},
		{"a slow one takes some", time.Millisecond, sureTxs + 1, waiting / 2},
		{"one that stands still takes the small batch", time.Hour, sureTxs, sureTxs},
	} {
		f := newFlood(t, 1000)
		f.Wait(time.Second)
		txs := f.payments(waiting)
		looks := 0
		f.app.now = func() time.Time { looks++; return f.Now.Add(time.Duration(looks-1) * row.tick) }
		proposed := f.Propose(txs...)
		if n := len(proposed); n < row.least || n > row.most {
			t.Errorf("%s: %d of %d txs, want %d to %d", row.desc, n, waiting, row.least, row.most)
		}
		if !f.Accepts(proposed...) {
			t.Errorf("%s: an honest proposal is refused", row.desc)
		}
	}
}

// After a pause an empty block goes first. Where every block takes long, the
// chain is slow, and each has its small batch.
func TestLateProposals(t *testing.T) {
	const waiting = 2 * sureTxs
	for _, row := range []struct {
		desc   string
		before time.Duration // between the dates of the block before and of this one
		lag    time.Duration // of this one's date behind the proposer's clock
		want   int
	}{
		{"in time", time.Second, 0, waiting},
		{"in time, after a block that was late", time.Minute, 5 * time.Second, waiting},
		{"just in time", time.Second, 5 * time.Second, waiting},
		{"after a pause", time.Second, 5*time.Second + 1, 0},
		{"after a long pause", time.Second, time.Hour, 0},
		{"late like the one before", 6 * time.Second, 7 * time.Second, sureTxs},
		{"twice as late as the one before", 6 * time.Second, 12 * time.Second, sureTxs},
		{"a pause after a late one", 6 * time.Second, 12*time.Second + 1, 0},
		{"very late like the one before", time.Hour, 5 * time.Minute, sureTxs},
		{"so late that no fresh tx is admitted", time.Hour, 5*time.Minute + 1, 0},
	} {
		f := newFlood(t, 1000)
		f.Wait(time.Second)
		f.Finalize()
		f.Wait(row.before)
		txs := f.payments(waiting)
		f.app.now = func() time.Time { return f.Now.Add(row.lag) }
		if got := len(f.Propose(txs...)); got != row.want {
			t.Errorf("%s: %d of %d txs, want %d", row.desc, got, waiting, row.want)
		}
	}
	f := newFlood(t, 1000) // genesis may have been written long before the first block
	f.app.now = func() time.Time { return f.Now.Add(time.Hour) }
	if got := len(f.Propose(f.payments(1)...)); got != 0 {
		t.Errorf("the first block, an hour after genesis: %d txs", got)
	}
}

// However slow a chain is, payments get through: of four blocks in a row that
// are each decided so late that their proposers were late too, the first alone
// is empty.
func TestSlowChainIsNotStarved(t *testing.T) {
	f := newFlood(t, 1000)
	f.Wait(time.Second)
	f.Finalize()
	waiting := f.payments(250)
	for block, want := range []int{0, sureTxs, sureTxs, 50} {
		f.Wait(time.Second)
		if block > 0 {
			f.Wait(7 * time.Second)
		}
		f.app.now = func() time.Time { return f.Now.Add(8 * time.Second) }
		proposed := f.Propose(waiting...)
		if len(proposed) != want {
			t.Fatalf("block %d: %d txs, want %d", block+1, len(proposed), want)
		}
		f.Finalize(proposed...)
		waiting = waiting[len(proposed):]
	}
}

// A tx too large for what is left of a block lets smaller ones behind it in,
// and so does one with more consents than the block has work left for.
func TestLargeTxsAreSkipped(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxTxsPerBlock = 10
	s := newStageWith(t, p, people...)
	s.put("alice", terms(1, 500, under(t, 0, judges("rest when 2"))))
	s.Wait(time.Second)
	pay := func(name string) []byte { return s.Tx(name, &contract.Pay{To: addr("dave"), Amount: 1}) }
	consents := make([]contract.Consent, 8)
	dear := s.Tx("bob", &contract.Recall{Packet: s.id, Clause: 1, Consents: consents})
	if got := len(s.Propose(pay("judge a"), pay("carol"), dear, pay("alice"))); got != 3 {
		t.Errorf("%d txs beside one with too many consents, want 3", got)
	}
	s.Nonces["alice"], s.Nonces["bob"], s.Nonces["carol"] = 1, 0, 0
	large := s.Tx("bob", &contract.Send{Terms: terms(100, 1, claimWhen(names(0, 100)))})
	res, err := s.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: s.Height + 1, Time: s.Now, MaxTxBytes: 1000, Txs: [][]byte{pay("alice"), large, pay("carol")},
	})
	s.OK(err)
	if len(res.Txs) != 2 {
		t.Errorf("%d txs beside one that is too large, want 2", len(res.Txs))
	}
}

// A tx is decoded once, at CheckTx: not again at rechecks, in a proposal and in
// the block. A node that never saw it decodes it once too.
func TestTxIsDecodedOnce(t *testing.T) {
	f := newFlood(t, 1000)
	f.Wait(time.Second)
	f.Finalize()
	var waiting [][]byte
	for i := range 8 { // as many may wait of one account
		tm := terms(100, 1, claimWhen(names(0, 100)), func(tm *contract.Terms) { tm.Expiry += contract.Seconds(i) })
		waiting = append(waiting, f.believed("alice", &contract.Send{Terms: tm}))
	}
	check := func(kind abci.CheckTxType) {
		for _, wire := range waiting {
			res, err := f.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire, Type: kind})
			f.OK(err)
			if res.Code != 0 {
				t.Fatal(res.Log)
			}
		}
	}
	count := func(desc string, want int, do func()) {
		t.Helper()
		before := f.app.txs.decodes.Load()
		do()
		if got := int(f.app.txs.decodes.Load() - before); got != want {
			t.Errorf("%s decodes %d txs, want %d", desc, got, want)
		}
	}
	count("CheckTx", len(waiting), func() { check(abci.CheckTxType_New) })
	for range 2 {
		f.Wait(time.Second)
		f.Finalize()
		count("a recheck", 0, func() { check(abci.CheckTxType_Recheck) })
	}
	f.Wait(time.Second)
	var proposed [][]byte
	count("PrepareProposal", 0, func() { proposed = f.Propose(waiting...) })
	f.Restart(0)
	for _, wire := range waiting { // the believed signatures are lost with the restart
		f.believe(wire)
	}
	count("ProcessProposal of a node that restarted", len(proposed), func() {
		if len(proposed) != len(waiting) || !f.Accepts(proposed...) {
			t.Fatal("an honest proposal is refused")
		}
	})
	count("FinalizeBlock", 0, func() { f.Finalize(proposed...) })
}

// What has no place is not remembered: refused txs push nothing out.
func TestRefusedTxsAreForgotten(t *testing.T) {
	c := newChain(t, "alice")
	c.Block()
	good := c.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 100})
	c.CheckTx(good)
	for i := range 50 {
		if code := c.CheckTx(c.Tx(fmt.Sprint("stranger ", i), &contract.Pay{To: addr("bob"),
			Amount: 1})); code != contract.CodeUnknownAccount {
			t.Fatal(code)
		}
	}
	if n := len(c.app.txs.known.byKey); n != 1 {
		t.Errorf("%d txs are remembered, of one that was accepted", n)
	}
}
