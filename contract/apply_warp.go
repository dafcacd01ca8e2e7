package contract

// Clock is the leaf c/clock, which dev chains alone have: how far their time
// runs ahead of the validators' clocks. Its history is every warp there was.
type Clock struct {
	_       struct{} `cbor:",toarray"`
	Offset  Seconds  // in force in the blocks after the one that this leaf stands in
	History History
}

// MaxOffset bounds all of a chain's warps together: every window, hold and
// expiry can be passed ten times over, and the end of Time, in 2262, stays out
// of reach.
const MaxOffset = 10 * MaxDuration

// ReadClock is a chain's clock; nil on a chain that is not for development.
func ReadClock(state State) (*Clock, error) {
	c := newCommitted("", state)
	return readLeaf[Clock](c, ClockKey), c.err
}

// Now is the time in a block that the validators date at block, where c is the
// clock that the block before left: what the contract calls the block's time.
func (c *Clock) Now(block Time) Time {
	if c == nil {
		return block
	}
	return block.Plus(c.Offset)
}

// applyWarp moves a dev chain's clock. Any account may: a dev chain's keys are
// public, so that a list of accounts would keep no one out.
func (l *ledger) applyWarp(s *step, m *Warp) error {
	c := l.chainClock()
	switch {
	case c == nil:
		return Errorf(CodeNotDevChain, "chain %s: is not a dev chain; its time is its validators' alone", l.base.chain)
	case m.By == 0 || m.By > MaxDuration:
		return Errorf(CodeBadWarp, "warp: by 1s to %s, forward", MaxDuration.InDays())
	case m.By > MaxOffset-c.Offset:
		return Errorf(CodeBadWarp, "warp: the clock is %s ahead already, and may be %s", c.Offset, MaxOffset)
	}
	c.Offset += m.By
	e := note{step: s, kind: KindWarp}.entry(nil)
	encoded := c.History.add(e)
	l.entries = append(l.entries, ChainEntry{Leaf: ClockKey, Seq: e.Seq, Entry: encoded})
	l.clock = c
	return nil
}
