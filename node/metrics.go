package node

import (
	"time"

	"hongbao/app"
	"hongbao/contract"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a node tells Prometheus of its ledger and of itself, at the
// endpoint where CometBFT's are. What blocks did is counted as they are
// committed; how things stand is read when someone asks.
type metrics struct {
	path     string // of the home, whose disk is looked at
	status   func() (Status, error)
	standing func() (app.Standing, error)
	snapshot func(height int64, at contract.Time) snapshotAge // when that is the last block

	txs, recalls    *prometheus.CounterVec
	draws, evidence prometheus.Counter
	execute, commit prometheus.Histogram
	gauges          []*prometheus.Desc // as in the table gauges
	readable        *prometheus.Desc
}

// gauge is one figure of how things stand. It is left out where it is not known.
type gauge struct {
	name, help string
	of         func(*reading) (value float64, known bool)
}

// reading is how things stood at one moment.
type reading struct {
	app.Standing
	status   Status
	snapshot snapshotAge
	disk     func() (free uint64, known bool)
}

// known is a gauge that always has a value.
func known(of func(*reading) float64) func(*reading) (float64, bool) {
	return func(r *reading) (float64, bool) { return of(r), true }
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func fen(of func(*contract.Supply) contract.Amount) func(*reading) (float64, bool) {
	return known(func(r *reading) float64 { return float64(of(&r.Supply)) })
}

var gauges = []gauge{
	{"ledger_height", "The last committed block.", known(func(r *reading) float64 { return float64(r.Height) })},
	{"ledger_block_timestamp_seconds", "When the validators date the last committed block, in Unix time.",
		known(func(r *reading) float64 { return float64(r.Time) / float64(time.Second) })},
	{"ledger_packets_open", "Packets that are neither full, recalled nor expired.",
		known(func(r *reading) float64 { return float64(r.OpenPackets) })},
	{"ledger_due_items", "Refunds, settlements and lapses to come.",
		known(func(r *reading) float64 { return float64(r.DueItems) })},
	{"ledger_due_overdue_items", "Due work that should be done by now, counted up to 10,000.",
		known(func(r *reading) float64 { return float64(r.Overdue) })},
	{"ledger_due_late_seconds", "How late the oldest overdue work is, in block time.",
		known(func(r *reading) float64 { return r.LateBy.Seconds() })},
	{"ledger_wallets_fen", "Money in wallets.", fen(func(s *contract.Supply) contract.Amount { return s.Wallets })},
	{"ledger_escrow_fen", "Money in packets, unclaimed.",
		fen(func(s *contract.Supply) contract.Amount { return s.Escrow })},
	{"ledger_held_fen", "Money claimed and not yet settled.",
		fen(func(s *contract.Supply) contract.Amount { return s.Held })},
	{"ledger_supply_fen", "All money there is.", fen(func(s *contract.Supply) contract.Amount { return s.Total })},
	{"ledger_supply_holds", "1 if wallets, escrow and held money add up to the supply.",
		known(func(r *reading) float64 { return oneIf(r.Supply.Holds()) })},
	{"ledger_prune_failed", "1 if old versions of the tree could not be deleted last.",
		known(func(r *reading) float64 { return oneIf(r.PruneError != nil) })},
	{"node_in_step", "1 if the node has what its peers have, blocks come, and its clock is right.",
		known(func(r *reading) float64 { return oneIf(r.status.InStep) })},
	{"node_behind_blocks", "Blocks that a peer has and the node does not.",
		known(func(r *reading) float64 { return float64(r.status.Behind) })},
	{"node_no_block_seconds", "How long no block has come.",
		known(func(r *reading) float64 { return r.status.Self.NoBlockFor })},
	{"node_peers", "Peers that the node is connected to.",
		known(func(r *reading) float64 { return float64(len(r.status.Self.PeerHeights)) })},
	{"node_peers_in_step", "Peers that have what the furthest of all has, but for a few blocks.",
		known(func(r *reading) float64 { return float64(r.status.peersInStep()) })},
	{"node_clock_offset_seconds", "By how much the clock is ahead of the other validators', where it was measured.",
		func(r *reading) (float64, bool) { return r.status.Self.ClockOffset, r.status.Self.ClockKnown }},
	{"node_snapshot_every_blocks", "A snapshot is made of every so many blocks; 0: none is.",
		known(func(r *reading) float64 { return float64(r.snapshot.every) })},
	{"node_snapshot_age_blocks", "Blocks since the newest snapshot's, or since this node's start where there is none.",
		func(r *reading) (float64, bool) { return float64(r.snapshot.blocks), r.snapshot.every > 0 }},
	{"node_snapshot_age_seconds", "How much older the newest snapshot's block is than the last one, if there is any.",
		func(r *reading) (float64, bool) { return r.snapshot.seconds, r.snapshot.there }},
	{"node_disk_free_bytes", "Free bytes on the disk of the node's folder.",
		func(r *reading) (float64, bool) {
			free, known := r.disk()
			return float64(free), known
		}},
}

// secondsBuckets are from what a block without txs takes to what makes the next
// one late.
var secondsBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

func newMetrics(namespace, chain, path string, status func() (Status, error),
	standing func() (app.Standing, error), snapshot func(int64, contract.Time) snapshotAge) *metrics {
	labels := prometheus.Labels{"chain_id": chain}
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: labels}
	}
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help,
			ConstLabels: labels, Buckets: secondsBuckets})
	}
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, labels)
	}
	m := &metrics{
		path: path, status: status, standing: standing, snapshot: snapshot,
		txs: prometheus.NewCounterVec(counter("ledger_transactions_total",
			"Transactions in blocks, by kind and by the code with which they ended."), []string{"kind", "code"}),
		recalls: prometheus.NewCounterVec(counter("ledger_recalls_total",
			"Recalls that took money home, by reason."), []string{"reason"}),
		draws: prometheus.NewCounter(counter("ledger_draws_total", "Lucky shares drawn.")),
		evidence: prometheus.NewCounter(counter("ledger_evidence_total",
			"Evidence in blocks that a validator broke the rules of consensus.")),
		execute:  seconds("ledger_execute_seconds", "How long a block took to execute."),
		commit:   seconds("ledger_commit_seconds", "How long a block took to reach the disk."),
		readable: desc("ledger_readable", "1 if the ledger could be read for these figures."),
	}
	for _, g := range gauges {
		m.gauges = append(m.gauges, desc(g.name, g.help))
	}
	return m
}

// told counts what a block did.
func (m *metrics) told(d app.Done) {
	for _, o := range d.Txs {
		m.txs.WithLabelValues(o.Kind, o.Code.String()).Inc()
		if o.Kind == recallKind && o.Code == contract.CodeOK {
			reason := string(o.Reason)
			if reason == "" {
				reason = "none"
			}
			m.recalls.WithLabelValues(reason).Inc()
		}
	}
	m.draws.Add(float64(d.Drawn))
}

var recallKind = contract.KindName(&contract.Recall{})

func (m *metrics) counted() []prometheus.Collector {
	return []prometheus.Collector{m.txs, m.recalls, m.draws, m.evidence, m.execute, m.commit}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.counted() {
		c.Describe(to)
	}
	for _, d := range m.gauges {
		to <- d
	}
	to <- m.readable
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.counted() {
		c.Collect(to)
	}
	r := reading{disk: func() (uint64, bool) { return diskFree(m.path) }}
	var err error
	if r.Standing, err = m.standing(); err == nil {
		r.status, err = m.status()
	}
	to <- prometheus.MustNewConstMetric(m.readable, prometheus.GaugeValue, oneIf(err == nil))
	if err != nil {
		return
	}
	r.snapshot = m.snapshot(r.Height, r.Time)
	for i, g := range gauges {
		if v, known := g.of(&r); known {
			to <- prometheus.MustNewConstMetric(m.gauges[i], prometheus.GaugeValue, v)
		}
	}
}
