package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"hongbao/app"
	"hongbao/contract"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/libs/log"
	comet "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
	"github.com/prometheus/client_golang/prometheus"
)

// selfPath is the query that a node answers about itself, with a [Self] in
// JSON. The ledger knows nothing of it.
const selfPath = "/node"

// Self is what a node knows of its own health, beside CometBFT's /status.
type Self struct {
	Clock time.Time `json:"clock"` // this machine's
	// seconds by which it is ahead of the other validators'; negative: behind
	ClockOffset float64      `json:"clock_offset"`
	ClockKnown  bool         `json:"clock_known"`  // whether clock_offset could be measured
	NoBlockFor  float64      `json:"no_block_for"` // seconds since a block came, by the monotonic clock
	PeerHeights []PeerHeight `json:"peer_heights"` // the block that each peer has
	Progress    Progress     `json:"progress"`     // towards the newest of them
	// by this validator before this start: it casts no vote below that block
	SignedUpTo   int64      `json:"signed_up_to"`
	Misbehaviors []Evidence `json:"misbehaviors"`    // that the blocks hold, the oldest first
	Signing      *Signing   `json:"signing"`         // who signs blocks, under which rules; null: no state yet
	DiskFree     uint64     `json:"disk_free_bytes"` // that the node may still write; 0: not known
}

// PeerHeight is how far a peer is.
type PeerHeight struct {
	Name   string `json:"name"`   // its own, for people
	Height int64  `json:"height"` // of its newest block
}

// Evidence says that a validator broke the rules of consensus.
type Evidence struct {
	Kind      string `json:"kind"`      // DUPLICATE_VOTE or LIGHT_CLIENT_ATTACK
	Validator string `json:"validator"` // its consensus address, hex
	Height    int64  `json:"height"`    // at which it did so
	Block     int64  `json:"block"`     // that holds the evidence
}

const (
	watchPause = time.Second
	// stallAfter is several rounds of consensus: a healthy chain makes a block
	// each second.
	stallAfter = 10 * time.Second
	// tellAgain is between two lines about what goes on.
	tellAgain = time.Minute
	// progressPause is between two lines of a node that catches up.
	progressPause = 10 * time.Second
	// clockSamples are the blocks in a row over which a clock's offset is taken:
	// the smallest, since all that delays a vote adds to it.
	clockSamples = 5
	// clockTolerance is more than a vote and this watch may take together.
	clockTolerance = 5 * time.Second
	// maxEvidence is how much evidence a status shows.
	maxEvidence = 10
)

// watch looks at a running node each second, and says in the log what its
// operator has to know.
type watch struct {
	abci.Application // the ledger, or what a test put before it
	logger           log.Logger
	home             string     // empty: none, in a test
	own              []byte     // consensus address
	signed           int64      // height of the last vote before this start
	signer           *signer    // nil: the key is in another process, or a test's
	shared           chan error // gets that another process has the key
	misbehaviors     func(from int64, limit int) ([]app.Misbehavior, error)
	validators       func() (*contract.Validators, error)
	metrics          *metrics                 // nil: not wanted
	named            []p2p.ID                 // peers in config.toml
	keep             func(height int64) int64 // the first block to be kept when that is the last; 0, nil: all
	leftovers        *leftovers
	evidence         types.EvidenceParams // the chain's
	// header is the one of a height that the validators signed.
	header func(context.Context, int64) (*types.SignedHeader, error)
	stuck  chan error // gets why the node cannot go on by itself
	// outdated gets why it must not: the next block obeys rules that it does not know.
	outdated chan error

	mu      sync.Mutex
	node    *comet.Node // nil until it is made
	height  int64
	since   time.Time // when height was first seen
	offsets []time.Duration
	pace    pace
	stands  standstill
	told    map[string]time.Time
}

// FinalizeBlock says at once what a block accuses validators of, and whether another process
// has this node's key.
func (w *watch) FinalizeBlock(ctx context.Context,
	req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	for _, m := range req.Misbehavior {
		w.logger.Error("EVIDENCE: a validator broke the rules of consensus", "kind", m.Type.String(),
			"validator", log.NewLazySprintf("%X", m.Validator.Address), "at", m.Height, "block", req.Height)
	}
	if last := req.Height - 1; w.signer != nil && w.signer.meets(last, req.DecidedLastCommit.Votes) {
		select {
		case w.shared <- fmt.Errorf("block %d holds a vote of this validator that this node did not sign: another "+
			"process signs with its key, or priv_validator_state.json is an old copy", last):
		default: // it was said
		}
	}
	if w.metrics == nil {
		return w.Application.FinalizeBlock(ctx, req)
	}
	w.metrics.evidence.Add(float64(len(req.Misbehavior)))
	defer observe(w.metrics.execute, time.Now())
	return w.Application.FinalizeBlock(ctx, req)
}

// Commit says how long it takes, and which blocks may go.
func (w *watch) Commit(ctx context.Context, req *abci.RequestCommit) (*abci.ResponseCommit, error) {
	if w.metrics != nil {
		defer observe(w.metrics.commit, time.Now())
	}
	res, err := w.Application.Commit(ctx, req)
	if err == nil {
		res.RetainHeight = w.prune()
	}
	return res, err
}

// prune sweeps what is left of blocks that are gone, and returns the first block to be
// kept; 0: none goes now.
func (w *watch) prune() int64 {
	w.mu.Lock()
	n := w.node
	w.mu.Unlock()
	if n == nil || w.keep == nil {
		return 0 // it is still starting, or keeps all
	}
	blocks := n.BlockStore()
	height := blocks.Height()
	if w.leftovers.any(blocks) {
		if last := blocks.LoadBlockMeta(height); last != nil {
			if _, err := w.leftovers.sweep(blocks, &last.Header, w.evidence); err != nil {
				w.logger.Error("headers that are no longer needed could not be deleted", "err", err)
			}
		}
	}
	return pruneTo(blocks.Base(), w.keep(height))
}

func observe(in prometheus.Histogram, since time.Time) { in.Observe(time.Since(since).Seconds()) }

// OfferSnapshot refuses a snapshot that dates its block otherwise than the
// validators did: the application has no header to compare it with. One under rules
// that this program does not know ends the node.
func (w *watch) OfferSnapshot(ctx context.Context,
	req *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	if at, err := app.SnapshotTime(req.Snapshot); err == nil {
		h, err := w.header(ctx, int64(req.Snapshot.Height))
		if err != nil {
			return nil, err
		}
		if rules := h.Version.App; rules > newestRules {
			select {
			case w.outdated <- &app.RulesError{Chain: h.ChainID, Height: h.Height, Rules: rules, Newest: newestRules}:
			default: // was said before
			}
			return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT}, nil
		}
		if contract.TimeOf(h.Time) != at {
			return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT_SENDER}, nil
		}
	}
	return w.Application.OfferSnapshot(ctx, req)
}

// hear counts what a committed block did.
func (w *watch) hear(d app.Done) {
	if w.metrics != nil {
		w.metrics.told(d)
	}
}

// Query answers about the node itself, and leaves the rest to the ledger.
func (w *watch) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	if req.Path != selfPath {
		return w.Application.Query(ctx, req)
	}
	self, err := w.self()
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(self)
	return &abci.ResponseQuery{Value: value}, err
}

func (w *watch) self() (Self, error) {
	evidence, err := w.misbehaviors(0, maxEvidence)
	if err != nil {
		return Self{}, err
	}
	validators, err := w.validators()
	if err != nil {
		return Self{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := Self{Clock: time.Now().UTC(), SignedUpTo: w.signed, PeerHeights: []PeerHeight{}, Misbehaviors: []Evidence{},
		Signing: signingOf(validators, w.own), DiskFree: w.roomLeft()}
	offset, known := w.clockOffset()
	s.ClockOffset, s.ClockKnown = offset.Seconds(), known
	s.Progress = w.pace.progress()
	if !w.since.IsZero() {
		s.NoBlockFor = time.Since(w.since).Seconds()
	}
	if w.node != nil {
		s.PeerHeights = peerHeights(w.node)
	}
	for _, m := range evidence {
		s.Misbehaviors = append(s.Misbehaviors, Evidence{m.Kind, hexAddress(m.Validator), m.Height, m.Block})
	}
	return s, nil
}

// status is how the node is, as the node itself knows it: without names.
func (w *watch) status() (s Status, err error) {
	if s.Self, err = w.self(); err != nil {
		return s, err
	}
	w.mu.Lock()
	n := w.node
	w.mu.Unlock()
	if n != nil {
		s.Height, s.CatchingUp = n.BlockStore().Height(), n.ConsensusReactor().WaitSync()
		if meta := n.BlockStore().LoadBlockMeta(s.Height); meta != nil {
			s.Time = meta.Header.Time
		}
	}
	s.judge(time.Now())
	return s, nil
}

func monikerOf(info p2p.NodeInfo) string {
	if info, ok := info.(p2p.DefaultNodeInfo); ok {
		return info.Moniker
	}
	return string(info.ID())
}

func hexAddress(b []byte) string { return types.Address(b).String() }

// peerHeights are the peers' newest blocks: consensus is one past them.
func peerHeights(n *comet.Node) []PeerHeight {
	list := []PeerHeight{}
	for p, height := range heightsOf(n) {
		list = append(list, PeerHeight{monikerOf(p.NodeInfo()), height})
	}
	slices.SortFunc(list, func(a, b PeerHeight) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return list
}

func heightsOf(n *comet.Node) iter.Seq2[p2p.Peer, int64] {
	return func(yield func(p2p.Peer, int64) bool) {
		for _, p := range n.Switch().Peers().Copy() {
			state, ok := p.Get(types.PeerStateKey).(*consensus.PeerState)
			if ok && !yield(p, max(0, state.GetHeight()-1)) {
				return
			}
		}
	}
}

// passed reports whether a peer has the block of a height.
func (w *watch) passed(height int64) bool {
	w.mu.Lock()
	n := w.node
	w.mu.Unlock()
	if n == nil {
		return false // it is still starting
	}
	for _, at := range heightsOf(n) {
		if at >= height {
			return true
		}
	}
	return false
}

// run looks until ctx ends.
func (w *watch) run(ctx context.Context, n *comet.Node) {
	w.mu.Lock()
	w.node, w.since, w.told = n, time.Now(), map[string]time.Time{}
	w.stands.named = len(w.named)
	w.mu.Unlock()
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.look(n)
		}
	}
}

func (w *watch) look(n *comet.Node) {
	height := n.BlockStore().Height()
	syncing := n.ConsensusReactor().WaitSync()
	newest, named := height, map[p2p.ID]int64{}
	for p, at := range heightsOf(n) {
		newest = max(newest, at)
		if slices.Contains(w.named, p.ID()) {
			named[p.ID()] = at
		}
	}
	if w.stands.look(height, named) {
		select {
		case w.stuck <- errorf(CodeStoodStill, n.Config().RootDir, "no block after %d for %s, while most of the peers "+
			"in config.toml went on, to %d", height, standLooks*watchPause, w.stands.newest):
		default: // was said before
		}
	}
	var commit *types.Commit
	if meta := n.BlockStore().LoadBlockMeta(height); meta != nil {
		if ahead := time.Until(meta.Header.Time); ahead > clockTolerance {
			w.tell("behind", "this machine's clock is behind the chain's last block", "seconds", int64(ahead.Seconds()),
				"block", height, "clock", time.Now().UTC().Format(time.RFC3339))
		}
		commit = n.BlockStore().LoadSeenCommit(height)
	}
	w.mu.Lock()
	if height != w.height {
		fresh := w.height != 0 && !syncing && height >= newest-1
		w.height, w.since = height, time.Now()
		if vote, ok := middleVote(commit, w.own); ok && fresh {
			w.offsets = append(w.offsets, time.Now().Round(0).Sub(vote))
			w.offsets = w.offsets[max(0, len(w.offsets)-clockSamples):]
		} else {
			w.offsets = nil
		}
	}
	w.pace.see(time.Now(), height, newest)
	progress := w.pace.progress()
	idle := time.Since(w.since)
	offset, known := w.clockOffset()
	w.mu.Unlock()
	if known && offset.Abs() > clockTolerance {
		w.tell("clock", "this machine's clock differs from the other validators'; blocks that it proposes may carry "+
			"no transactions, "+
			"and at 60 s it cannot take part", "seconds_ahead", int64(offset.Seconds()))
	}
	if syncing || newest-height > peerLag {
		w.tellOften("progress", progressPause, w.logger.Info, "catching up", "height", height, "of", newest,
			"percent", progress.Percent(height), "blocks_per_second", int64(progress.PerSecond),
			"seconds_left", int64(progress.Left))
	}
	w.tellRoom(w.roomLeft())
	if idle > stallAfter {
		w.tell("stall", "no new block", "seconds", int64(idle.Seconds()), "height", height, "newest_of_peers", newest,
			"peers", n.Switch().Peers().Size())
	}
}

// tell writes one line about what is wrong, and again each minute.
func (w *watch) tell(what, msg string, keyvals ...any) {
	w.tellOften(what, tellAgain, w.logger.Error, msg, keyvals...)
}

// tellOften writes one line about what goes on, and again after each pause.
func (w *watch) tellOften(what string, pause time.Duration, write func(string, ...any), msg string, keyvals ...any) {
	w.mu.Lock()
	last, told := w.told[what]
	again := !told || time.Since(last) >= pause
	if again {
		w.told[what] = time.Now()
	}
	w.mu.Unlock()
	if again {
		write(msg, keyvals...)
	}
}

// middleVote is the time at which the middle one of the validators that committed a
// block voted for it, by its own clock. As long as fewer than a third of the clocks
// are wrong, that is a right one: the votes of two thirds are enough for a commit,
// so the middle of all but this validator's could be a wrong one. Of two in the
// middle it takes the other's. It is not known where no other voted.
func middleVote(commit *types.Commit, own []byte) (time.Time, bool) {
	if commit == nil {
		return time.Time{}, false
	}
	var votes []types.CommitSig
	for _, s := range commit.Signatures {
		if s.BlockIDFlag == types.BlockIDFlagCommit {
			votes = append(votes, s)
		}
	}
	slices.SortFunc(votes, func(a, b types.CommitSig) int { return a.Timestamp.Compare(b.Timestamp) })
	ours := func(s types.CommitSig) bool { return bytes.Equal(s.ValidatorAddress, own) }
	if !slices.ContainsFunc(votes, func(s types.CommitSig) bool { return !ours(s) }) {
		return time.Time{}, false
	}
	middle := len(votes) / 2
	if len(votes)%2 == 0 && ours(votes[middle]) {
		middle--
	}
	return votes[middle].Timestamp, true
}

// clockOffset is how far this machine's clock is ahead of the others'. Votes
// are seen up to some seconds after they were cast, never before.
func (w *watch) clockOffset() (time.Duration, bool) {
	if len(w.offsets) < clockSamples {
		return 0, false
	}
	return slices.Min(w.offsets), true
}

// now is this machine's clock, put right by the other validators' where it is
// known to be wrong. A proposer leaves transactions out of a block that is dated
// long before its own clock; one whose clock is ahead would propose nothing but
// empty blocks.
func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if offset, known := w.clockOffset(); known && offset > clockTolerance {
		return time.Now().Add(-offset)
	}
	return time.Now()
}
