package contract

import "fmt"

// RunDue does the work that the committed state owes by the block's time, oldest
// first, at most Params.MaxDuePerBlock items. The rest waits for the next block,
// and so does the settlement of a share that this block drew into a hold that is
// over. What waits can already be neither claimed, recalled nor answered: that is
// judged by time. It runs before the block's txs, which leave no more than that
// many new items (see [Admission]).
func RunDue(l *Ledger, env Env) error {
	items, err := l.state.Due(env.Time, int(l.params.MaxDuePerBlock))
	if err != nil {
		return fmt.Errorf("%w: due queue: %v", ErrState, err)
	}
	for i, d := range items {
		env.Index = uint32(i)
		if err := RunDueItem(l, env, d); err != nil {
			return err
		}
	}
	return l.err
}

// RunDueItem does one item of due work: [RunDue] does those of a block, a
// verifier those that a history names. An item that its packet does not owe at
// the block's time fails with ErrState and does nothing.
func RunDueItem(l *Ledger, env Env, d Due) error {
	p := l.Packet(d.Packet)
	if p == nil || d.At > env.Time || int(d.Share) > len(p.Shares) {
		return unfit(d)
	}
	n := note{env: &env, phase: PhaseDue, packet: &d.Packet, share: d.Share}
	var err error
	switch {
	case d.Share == 0 && p.Status == Open && p.Expires == d.At:
		n.kind = KindRefund
		if err = l.move(Escrow(d.Packet), Wallet(p.Sender), p.Escrow, n); err == nil {
			l.closePacket(d.Packet, Expired, env.Time)
		}
	case d.Share != 0 && p.Shares[d.Share-1].State == Held && p.SettlesAt(d.Share) == d.At:
		n.kind = KindSettle
		err = l.endHold(p, d.Packet, d.Share, Settled, Wallet(p.Shares[d.Share-1].Claimer), n)
	case d.Share != 0 && p.Shares[d.Share-1].lapses(d.At):
		n.kind = KindLapse
		l.closeAsk(p, d.Packet, d.Share, AskLapsed)
		l.record(n)
	default:
		return unfit(d)
	}
	if err != nil {
		return fmt.Errorf("%w: %s of packet %s: %v", ErrState, n.kind, d.Packet, err)
	}
	return nil
}

func (s *Share) lapses(at Time) bool {
	return s.Asked != nil && s.Asked.State == AskOpen && s.Asked.LapsesAt() == at
}

func unfit(d Due) error {
	return fmt.Errorf("%w: due item %s/%d at %s does not fit its leaf", ErrState, d.Packet, d.Share, d.At)
}
