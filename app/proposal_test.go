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
		f.wait(time.Second)
		txs := f.payments(waiting)
		looks := 0
		f.app.now = func() time.Time { looks++; return f.now.Add(time.Duration(looks-1) * row.tick) }
		proposed := f.propose(txs...)
		if n := len(proposed); n < row.least || n > row.most {
			t.Errorf("%s: %d of %d txs, want %d to %d", row.desc, n, waiting, row.least, row.most)
		}
		if !f.accepts(proposed...) {
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
		f.wait(time.Second)
		f.finalize()
		f.wait(row.before)
		txs := f.payments(waiting)
		f.app.now = func() time.Time { return f.now.Add(row.lag) }
		if got := len(f.propose(txs...)); got != row.want {
			t.Errorf("%s: %d of %d txs, want %d", row.desc, got, waiting, row.want)
		}
	}
	f := newFlood(t, 1000) // genesis may have been written long before the first block
	f.app.now = func() time.Time { return f.now.Add(time.Hour) }
	if got := len(f.propose(f.payments(1)...)); got != 0 {
		t.Errorf("the first block, an hour after genesis: %d txs", got)
	}
}

// However slow a chain is, payments get through: of four blocks in a row that
// are each decided so late that their proposers were late too, the first alone
// is empty.
func TestSlowChainIsNotStarved(t *testing.T) {
	f := newFlood(t, 1000)
	f.wait(time.Second)
	f.finalize()
	waiting := f.payments(250)
	for block, want := range []int{0, sureTxs, sureTxs, 50} {
		f.wait(time.Second)
		if block > 0 {
			f.wait(7 * time.Second)
		}
		f.app.now = func() time.Time { return f.now.Add(8 * time.Second) }
		proposed := f.propose(waiting...)
		if len(proposed) != want {
			t.Fatalf("block %d: %d txs, want %d", block+1, len(proposed), want)
		}
		f.finalize(proposed...)
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
	s.wait(time.Second)
	pay := func(name string) []byte { return s.tx(name, &contract.Pay{To: addr("dave"), Amount: 1}) }
	consents := make([]contract.Consent, 8)
	dear := s.tx("bob", &contract.Recall{Packet: s.id, Clause: 1, Consents: consents})
	if got := len(s.propose(pay("judge a"), pay("carol"), dear, pay("alice"))); got != 3 {
		t.Errorf("%d txs beside one with too many consents, want 3", got)
	}
	s.nonces["alice"], s.nonces["bob"], s.nonces["carol"] = 1, 0, 0
	large := s.tx("bob", &contract.Send{Terms: terms(100, 1, claimWhen(names(0, 100)))})
	res, err := s.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: s.height + 1, Time: s.now, MaxTxBytes: 1000, Txs: [][]byte{pay("alice"), large, pay("carol")},
	})
	s.ok(err)
	if len(res.Txs) != 2 {
		t.Errorf("%d txs beside one that is too large, want 2", len(res.Txs))
	}
}

// A tx is decoded once, at CheckTx: not again at rechecks, in a proposal and in
// the block. A node that never saw it decodes it once too.
func TestTxIsDecodedOnce(t *testing.T) {
	f := newFlood(t, 1000)
	f.wait(time.Second)
	f.finalize()
	var waiting [][]byte
	for i := range 8 { // as many may wait of one account
		tm := terms(100, 1, claimWhen(names(0, 100)), func(tm *contract.Terms) { tm.Expiry += contract.Seconds(i) })
		waiting = append(waiting, f.believed("alice", &contract.Send{Terms: tm}))
	}
	check := func(kind abci.CheckTxType) {
		for _, wire := range waiting {
			res, err := f.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire, Type: kind})
			f.ok(err)
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
		f.wait(time.Second)
		f.finalize()
		count("a recheck", 0, func() { check(abci.CheckTxType_Recheck) })
	}
	f.wait(time.Second)
	var proposed [][]byte
	count("PrepareProposal", 0, func() { proposed = f.propose(waiting...) })
	f.restart()
	for _, wire := range waiting { // the believed signatures are lost with the restart
		f.believe(wire)
	}
	count("ProcessProposal of a node that restarted", len(proposed), func() {
		if len(proposed) != len(waiting) || !f.accepts(proposed...) {
			t.Fatal("an honest proposal is refused")
		}
	})
	count("FinalizeBlock", 0, func() { f.finalize(proposed...) })
}

// What has no place is not remembered: refused txs push nothing out.
func TestRefusedTxsAreForgotten(t *testing.T) {
	c := newChain(t, "alice")
	c.block()
	good := c.tx("alice", &contract.Pay{To: addr("bob"), Amount: 100})
	c.checkTx(good)
	for i := range 50 {
		if code := c.checkTx(c.tx(fmt.Sprint("stranger ", i), &contract.Pay{To: addr("bob"),
			Amount: 1})); code != contract.CodeUnknownAccount {
			t.Fatal(code)
		}
	}
	if n := len(c.app.txs.known.byKey); n != 1 {
		t.Errorf("%d txs are remembered, of one that was accepted", n)
	}
}
