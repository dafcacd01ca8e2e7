package load

import (
	"slices"
	"time"
)

// Report is what a run came to.
type Report struct {
	Groups    int            // of accounts
	Seconds   float64        // from the first tx to the last one final
	Final     int            // txs seen final and successful
	Failed    map[string]int // by code: txs seen final and failed, or refused for good
	Unknown   int            // txs given up on: not seen final when the run ended
	Resent    int            // attempts beyond the first
	Latencies []time.Duration
	Writes    uint64 // leaves the first node wrote to its tree meanwhile
}

// PerSecond is the rate of final, successful txs.
func (r *Report) PerSecond() float64 {
	if r.Seconds == 0 {
		return 0
	}
	return float64(r.Final) / r.Seconds
}

// WritesPerTx is how many leaves a final tx wrote.
func (r *Report) WritesPerTx() float64 {
	if r.Final == 0 {
		return 0
	}
	return float64(r.Writes) / float64(r.Final)
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
