package evidence

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/cometbft/cometbft/types"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// MaxAge is how old the newest signed state that a node shows may be: an idle
// chain makes a block each second, so one that is older is halted, or the node
// hides what came since.
const MaxAge = time.Minute

// HeaderWait is how long a Gatherer waits for the header that signs the newest
// state, unless it is told otherwise: an idle chain makes a block each second.
const HeaderWait = 15 * time.Second

// Gatherer asks one node of one chain. Its fields are set before its first use;
// after that it may be used from several goroutines.
type Gatherer struct {
	Node  *rpc.Client
	Chain string // the chain's id

	// Trust verifies every leaf before it is relied on. nil: the node is believed
	// until the file is judged.
	Trust *audit.Trust
	// Height is the state to read, after the block of that height. 0: the newest,
	// which Trust then wants to be no older than MaxAge.
	Height int64
	// Prompt reads the state before the newest where no header signs the newest yet and
	// the leaf has not changed in it: an idle chain signs a state up to a second late.
	Prompt bool

	Now        func() time.Time // the reader's clock; nil: time.Now
	HeaderWait time.Duration    // 0: the constant

	// Progress hears how many of a proof's transactions were fetched, every
	// thousand; nil: it is not told.
	Progress func(done, total int)
	// Newest hears the time of each newest state's header that was verified; nil:
	// it is not told.
	Newest func(header time.Time)
}

// Evidence is what a node answered about one leaf at one height.
type Evidence struct {
	audit.Evidence
	Kind    audit.Kind
	Subject string // as the proof file spells it
	Leaf    []byte // its encoding; empty: there is none
	At      rpc.At // the state that it stands in; without a trust file as the node says

	key     []byte
	history [][]byte  // all entries, where the file shows a part
	signed  time.Time // of the header
}

// Leaf asks for the leaf of a key, and waits for the header that signs its
// state. With a trust file the leaf, and that there is none, is verified.
func (g *Gatherer) Leaf(ctx context.Context, key []byte) (*Evidence, error) {
	proof, clock, err := g.prove(ctx, key, g.Height)
	if err == nil && g.Prompt && g.Height == 0 {
		proof, clock, err = g.signedAlready(ctx, key, proof, clock)
	}
	if err != nil {
		return nil, err
	}
	header, err := g.AwaitHeader(ctx, proof.Height+1)
	if err != nil {
		return nil, err
	}
	signed, err := header.ToProto().Marshal()
	if err != nil {
		return nil, err
	}
	e := &Evidence{
		key: key, Leaf: proof.Value, signed: header.Time,
		Evidence: audit.Evidence{Header: signed, LeafProof: proof.ICS23},
	}
	e.At = rpc.At{Height: proof.Height, Time: contract.TimeOf(header.Time)}
	if len(clock.Value) > 0 { // a dev chain
		e.ClockProof = clock.ICS23
		var c contract.Clock
		if err := contract.Decode(clock.Value, &c); err != nil {
			return nil, g.Node.BadAnswerf("clock: %v", err)
		}
		e.At.Time = e.At.Time.Plus(c.Offset)
	}
	if e.HandOvers, err = g.handOvers(ctx, header.Height); err != nil {
		return nil, err
	}
	if g.Trust != nil {
		err = g.verifyLeaf(e)
	}
	return e, err
}

// prove asks for a leaf and, of the same state, for the clock that a dev chain has.
func (g *Gatherer) prove(ctx context.Context, key []byte, height int64) (leaf, clock rpc.Proof, err error) {
	if leaf, err = g.Node.Prove(ctx, key, height); err != nil {
		return leaf, clock, err
	}
	clock, err = g.Node.Prove(ctx, contract.ClockKey, leaf.Height)
	return leaf, clock, err
}

// signedAlready is the leaf in the state before the newest, if nothing signs the newest
// yet and neither the leaf nor the clock changed in it; else as in the newest. After a
// change CometBFT makes the block whose header signs it at once, so that waiting is short.
func (g *Gatherer) signedAlready(
	ctx context.Context, key []byte, leaf, clock rpc.Proof,
) (rpc.Proof, rpc.Proof, error) {
	status, err := g.Node.Status(ctx)
	if err != nil || status.Height > leaf.Height || leaf.Height < 2 {
		return leaf, clock, err
	}
	before, clockBefore, err := g.prove(ctx, key, leaf.Height-1)
	if err != nil { // a node need not have any state but the newest
		return leaf, clock, nil //nolint:nilerr // the newest will do
	}
	if bytes.Equal(before.Value, leaf.Value) && bytes.Equal(clockBefore.Value, clock.Value) {
		return before, clockBefore, nil
	}
	return leaf, clock, nil
}

// verifyLeaf makes e.Leaf what is proven.
func (g *Gatherer) verifyLeaf(e *Evidence) error {
	if g.Trust.Dev && len(e.ClockProof) == 0 { // without it a proof would speak of an earlier time
		why := &audit.Finding{Code: "error", Cause: errors.New("shows no clock of a dev chain")}
		missing := audit.Check{Name: "clock", Found: why}
		return &AnswerError{g.Node.URL(), audit.Invalid, missing, g.now()}
	}
	leaf, report := audit.VerifyLeaf(e.Evidence, e.key, len(e.Leaf) == 0, g.Trust, g.policy())
	if err := g.judge(e, &report); err != nil {
		return err
	}
	e.Leaf, e.At = leaf.Value, rpc.At{Height: leaf.Height, Time: leaf.Time}
	return nil
}

// policy limits a state's age; a fixed height may be of any age.
func (g *Gatherer) policy() audit.Options {
	if g.Height != 0 {
		return audit.Options{}
	}
	return audit.Options{At: g.now().Add(-MaxAge)}
}

func (g *Gatherer) now() time.Time {
	if g.Now == nil {
		return time.Now()
	}
	return g.Now()
}

// judge is the error of a report that is not valid.
func (g *Gatherer) judge(e *Evidence, r *audit.Report) error {
	if r.Verdict != audit.Valid {
		return &AnswerError{g.Node.URL(), r.Verdict, r.Checks[len(r.Checks)-1], g.now()}
	}
	if !e.signed.IsZero() && g.Height == 0 && g.Newest != nil {
		g.Newest(e.signed)
	}
	return nil
}

// File is the proof file. Nothing has judged it yet: audit.Verify does.
func (e *Evidence) File() (*audit.File, error) { return audit.Build(e.Kind, e.Subject, e.Evidence) }

// Verified is what a proof of s establishes under the trust file, which must be
// set. Of an account that does not exist it has no Account.
func (g *Gatherer) Verified(ctx context.Context, s Subject) (*audit.Proven, error) {
	e, err := g.Gather(ctx, s)
	if err != nil {
		return nil, err
	}
	file, err := e.File()
	if err != nil {
		return nil, err
	}
	b, err := file.Encode()
	if err != nil {
		return nil, fail(TooLarge, "%v", err)
	}
	report := audit.Verify(b, g.Trust, g.policy())
	if err := g.judge(e, &report); err != nil {
		return nil, err
	}
	return report.Proven, nil
}

// pollPause is the time between two looks for a header.
const pollPause = 20 * time.Millisecond

// AwaitHeader is the signed header of a height, once there is one. It fails with
// NoNewBlock after HeaderWait.
func (g *Gatherer) AwaitHeader(ctx context.Context, height int64) (*types.SignedHeader, error) {
	wait := g.HeaderWait
	if wait == 0 {
		wait = HeaderWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		status, err := g.Node.Status(ctx)
		if err == nil && status.Height >= height {
			return g.Node.SignedHeader(ctx, height)
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fail(NoNewBlock, "node %s: made no block after %d within %s; is the network halted?",
				g.Node.URL(), height-1, wait)
		case <-time.After(pollPause):
		}
	}
}
