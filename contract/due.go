package contract

import "fmt"

// runDue does the work that the committed state owes, see [Block.Due]. It comes
// before the block's txs, which leave no more new items than one block can do.
func (l *ledger) runDue(env *Env) error {
	items, err := l.base.state.Due(env.Time, int(l.params().MaxDuePerBlock))
	if err != nil {
		return fmt.Errorf("%w: due queue: %v", ErrState, err)
	}
	for i, d := range items {
		if err := l.doDue(&step{Env: env, phase: PhaseDue, index: uint32(i)}, d); err != nil {
			return err
		}
	}
	return l.base.err
}

// doDue does one item of due work. An item that its packet does not owe by the
// step's time fails with ErrState and does nothing.
func (l *ledger) doDue(s *step, d Due) error {
	p := l.packetWith(d.Packet, d.Share)
	if p == nil || d.At > s.Time || d.Share != 0 && p.ShareAt(d.Share) == nil {
		return unfit(d)
	}
	n := note{step: s, packet: &d.Packet, share: d.Share}
	var err error
	switch {
	case d.Share == 0 && p.Status == Open && p.Expires == d.At:
		n.kind = KindRefund
		if err = l.move(Escrow(d.Packet), Wallet(p.Sender), p.Escrow, n); err == nil {
			l.closePacket(d.Packet, Expired, s.Time)
		}
	case d.Share != 0 && p.ShareAt(d.Share).State == Held && p.SettlesAt(d.Share) == d.At:
		n.kind = KindSettle
		err = l.endHold(p, d.Share, Settled, Wallet(p.ShareAt(d.Share).Claimer), n)
	case d.Share != 0 && p.ShareAt(d.Share).lapses(d.At):
		n.kind = KindLapse
		l.closeAsk(p, d.Share, AskLapsed)
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
