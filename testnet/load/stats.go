package load

import (
	"slices"
	"time"
)

// Report is what a run came to.
type Report struct {
	Mix      Mix
	Plain    bool
	Rate     int // txs a second that were due
	For      time.Duration
	Accounts int
	Due      int // txs

	Seconds   float64        // from the first tx due to the last one final
	Final     int            // txs seen final and successful
	Failed    map[string]int // by code: txs seen final and failed, or refused for good
	Unknown   int            // txs given up on: not seen final when the run ended
	Resent    int            // attempts beyond the first
	Latencies []time.Duration

	Blocks int
	Bytes  int64 // of txs in blocks
	Twice  int   // txs that stand in a block more than once
	Astray int   // acknowledged txs that do not stand at the height acknowledged
	InStep bool  // all nodes came to the same state

	Writes     uint64          // leaves the first node wrote to its tree meanwhile
	NodeCPU    []time.Duration // of each node; empty: not measured
	OwnCPU     time.Duration   // of this process
	NodeMemory []int64         // resident bytes at the end; empty: not measured
	Disk       int64           // bytes by which the nodes' folders grew, consensus' log aside

	from, to int64 // blocks: after from, up to to
}

// MaxLatency is what 99 of a hundred txs of a sustained run do not exceed.
const MaxLatency = time.Second

// Sustained reports whether the network kept up: nothing was dropped, every
// acknowledged tx stands in the chain once, all nodes are in step, and
// MaxLatency was kept.
func (r *Report) Sustained() bool {
	return r.Final == r.Due && r.Twice == 0 && r.Astray == 0 && r.InStep && r.Percentile(99) <= MaxLatency
}

// PerSecond is the rate of final, successful txs.
func (r *Report) PerSecond() float64 {
	if r.Seconds == 0 {
		return 0
	}
	return float64(r.Final) / r.Seconds
}

// Dropped is how many txs were due and never sent, because one before them was
// lost.
func (r *Report) Dropped() int {
	dropped := r.Due - r.Final - r.Unknown
	for _, n := range r.Failed {
		dropped -= n
	}
	return dropped
}

// PerTx is a quantity divided by the final txs.
func (r *Report) PerTx(quantity float64) float64 {
	if r.Final == 0 {
		return 0
	}
	return quantity / float64(r.Final)
}

// CPU is the processor time of all nodes together.
func (r *Report) CPU() (total time.Duration) {
	for _, d := range r.NodeCPU {
		total += d
	}
	return total
}

// Percentile is the latency that p percent of the final txs did not exceed.
func (r *Report) Percentile(p int) time.Duration { return Percentile(r.Latencies, p) }

// Percentile is the nearest-rank percentile of d; 0 when d is empty.
func Percentile(d []time.Duration, p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	s := slices.Clone(d)
	slices.Sort(s)
	return s[min(len(s)-1, max(0, (len(s)*p+99)/100-1))]
}
