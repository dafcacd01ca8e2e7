package app

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
)

// timed is the least processor time that do takes of three tries, with what a
// node remembers of leaves forgotten before each.
func (f *flood) timed(do func()) time.Duration {
	best := time.Hour
	for range 3 {
		f.app.leaves.clear()
		begin := processorTime(f.T)
		do()
		best = min(best, processorTime(f.T)-begin)
	}
	return best
}

// processorTime is what this process has used so far, in its own code and in the
// kernel: other work on the machine does not count.
func processorTime(t testing.TB) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func (f *flood) execute(txs [][]byte) {
	_, err := f.app.FinalizeBlock(context.Background(), f.Request(txs))
	f.OK(err)
}

// BenchmarkReading is what a validator's work is on the fullest block of txs that
// fail after a large leaf was read, as a multiple of 2,000 payments.
func BenchmarkReading(b *testing.B) {
	const waiting = 400 // more than a block holds
	f := newFlood(b, 1000)
	ids := f.dearPackets(waiting)
	payments := f.payments(2000)
	proposed := f.Propose(payments...)
	pay := f.timed(func() { f.Accepts(proposed...); f.execute(proposed) })
	b.Logf("%d payments: %s", len(proposed), pay)
	for _, desc := range idleOrder {
		b.Run(desc, func(b *testing.B) {
			f.Nonces["bob"] = 0
			var txs [][]byte
			for _, id := range ids {
				txs = append(txs, f.believed("bob", idle[desc](id)))
			}
			var took time.Duration
			for b.Loop() {
				proposed = f.Propose(append(txs[:len(txs):len(txs)], payments...)...)
				took = f.timed(func() { f.Accepts(proposed...); f.execute(proposed) })
			}
			b.ReportMetric(float64(took)/float64(pay), "×payments")
			b.ReportMetric(float64(len(proposed)), "txs")
		})
	}
}

// BenchmarkPrepareDearClaims is a proposer's work when 2,000 claims wait, each of
// another packet with a large leaf.
func BenchmarkPrepareDearClaims(b *testing.B) {
	f := newFlood(b, 1000)
	var claims [][]byte
	for _, id := range f.dearPackets(2000) {
		claims = append(claims, f.believed("bob", &contract.Claim{Packet: id}))
	}
	for b.Loop() {
		f.app.leaves.clear()
		f.Propose(claims...)
	}
}

// BenchmarkRecheck is a node's work after each block on a mempool with as many
// payments as 40 accounts may have in it.
func BenchmarkRecheck(b *testing.B) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("account ", i))
	}
	f := newFlood(b, 1000, names...)
	f.Finalize()
	var waiting [][]byte
	for range 50 {
		for _, name := range names {
			waiting = append(waiting, f.believed(name, &contract.Pay{To: f.addresses["bob"], Amount: 1}))
		}
	}
	check := func(kind abci.CheckTxType) {
		for _, wire := range waiting {
			res, err := f.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire, Type: kind})
			f.OK(err)
			if res.Code != 0 {
				b.Fatal(res.Log)
			}
		}
	}
	check(abci.CheckTxType_New)
	for b.Loop() {
		f.app.check = nil // as a Commit leaves it
		check(abci.CheckTxType_Recheck)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(waiting)), "µs/tx")
}
