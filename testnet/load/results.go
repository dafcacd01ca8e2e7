package load

// Results is what each command of this package shows with --output json, by
// its command line: see [cli.Results].
func Results() map[string][]any {
	return map[string][]any{
		"testnet load":   {loadJSON{}},
		"testnet settle": {settleJSON{}},
	}
}

type loadJSON struct {
	Rate        int             `json:"rate"`             // aimed at, transactions a second
	Seconds     float64         `json:"seconds"`          // from the first one to the last one final
	Groups      int             `json:"groups"`           // of accounts
	Final       int             `json:"final"`            // transactions seen final and successful
	PerSecond   float64         `json:"final_per_second"` // those, a second
	Latency     loadLatencyJSON `json:"latency_ms"`
	Failed      map[string]int  `json:"failed"`             // how many, by error code
	Unknown     int             `json:"unknown"`            // not seen final when the run ended
	Resent      int             `json:"resent"`             // attempts beyond the first
	Writes      uint64          `json:"tree_writes"`        // leaves that the first node wrote
	WritesPerTx float64         `json:"tree_writes_per_tx"` // those, a transaction
}

type loadLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	P99 float64 `json:"p99"` // of a hundred the slowest takes longer
}

type settleJSON struct {
	Payments int               `json:"payments"`          // how many were measured
	Idle     float64           `json:"idle_core_percent"` // of one core, all validators together; below 0: not measured
	Latency  settleLatencyJSON `json:"latency_ms"`
}

type settleLatencyJSON struct {
	P50 float64 `json:"p50"` // the median
	P95 float64 `json:"p95"` // of a hundred the slowest five take longer
	Max float64 `json:"max"` // the slowest
}
