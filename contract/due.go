package contract

import "fmt"

// RunDue does the work that has fallen due by the block's time, oldest first,
// at most Params.MaxDuePerBlock items; the rest waits for the next block. What
// waits is already unclaimable and unrecallable: those are judged by time.
// It runs before the block's txs.
func RunDue(l *Ledger, env Env) error {
	items, err := l.state.Due(env.Time, int(l.params.MaxDuePerBlock))
	if err != nil {
		return fmt.Errorf("%w: due queue: %v", ErrState, err)
	}
	for i, d := range items {
		env.Index = uint32(i)
		p := l.Packet(d.Packet)
		if p == nil || p.Status != Open || p.Expires != d.At {
			return fmt.Errorf("%w: due item for packet %s does not fit its leaf", ErrState, d.Packet)
		}
		err := l.move(Escrow(d.Packet), Wallet(p.Sender), p.Escrow,
			note{env: &env, phase: PhaseDue, kind: KindRefund, packet: &d.Packet})
		if err != nil {
			return fmt.Errorf("%w: refund of packet %s: %v", ErrState, d.Packet, err)
		}
		l.closePacket(d.Packet, Expired, env.Time)
	}
	return l.err
}
