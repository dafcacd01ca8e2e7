package audit

import (
	"errors"
	"fmt"
	"slices"

	"hongbao/contract"
)

// entryShape is what the entries of a kind have.
type entryShape struct {
	phases   []contract.Phase
	ofPacket bool
	shares   [2]uint32 // least and greatest number of its share; 0: none
	reasons  bool      // one may be given
}

var (
	anyShare = [2]uint32{1, contract.MaxShares}
	noShare  = [2]uint32{}
	txPhase  = []contract.Phase{contract.PhaseTx}
	duePhase = []contract.Phase{contract.PhaseDue}
)

var entryShapes = map[contract.Kind]entryShape{
	contract.KindGenesis: {phases: []contract.Phase{contract.PhaseGenesis}},
	contract.KindPay:     {phases: txPhase},
	contract.KindSend:    {txPhase, true, noShare, false},
	contract.KindClaim:   {txPhase, true, anyShare, false},
	contract.KindReserve: {txPhase, true, anyShare, false},
	contract.KindDraw:    {[]contract.Phase{contract.PhaseDraw}, true, anyShare, false},
	contract.KindRecall:  {[]contract.Phase{contract.PhaseTx, contract.PhaseDraw}, true, [2]uint32{0, contract.MaxShares}, true},
	contract.KindReturn:  {txPhase, true, anyShare, false},
	contract.KindRefund:  {duePhase, true, noShare, false},
	contract.KindSettle:  {duePhase, true, anyShare, false},
	contract.KindAsk:     {txPhase, true, anyShare, true},
	contract.KindRefuse:  {txPhase, true, anyShare, false},
	contract.KindLapse:   {duePhase, true, anyShare, false},
	contract.KindTighten: {txPhase, true, noShare, false},
	contract.KindWarp:    {phases: txPhase},
}

// checkEntry makes sure that an entry has what its kind has, within the ranges
// of its fields.
func checkEntry(e *contract.Entry) error {
	shape, known := entryShapes[e.Kind]
	switch {
	case !known || !slices.Contains(shape.phases, e.Phase):
		return fmt.Errorf("a %s in phase %s", e.Kind, e.Phase)
	case (e.Tx != nil) != (e.Phase == contract.PhaseTx):
		return fmt.Errorf("a %s in phase %s, with or without a transaction", e.Kind, e.Phase)
	case (e.Packet != nil) != shape.ofPacket || e.Share < shape.shares[0] || e.Share > shape.shares[1]:
		return fmt.Errorf("a %s about share %d, with or without a packet", e.Kind, e.Share)
	case (e.Beacon != nil) != (e.Kind == contract.KindDraw):
		return fmt.Errorf("a %s, with or without a beacon", e.Kind)
	case e.Reason != "" && (!shape.reasons || !e.Reason.Known()):
		return fmt.Errorf("a %s with reason %q", e.Kind, string(e.Reason))
	case e.Posting != nil && e.Posting.Amount == 0:
		return errors.New("moves nothing")
	case e.Posting != nil && inRange(e.Posting.Amount) != nil:
		return inRange(e.Posting.Amount)
	}
	return inRange(e.Balance, e.Held)
}

// inRange makes sure that amounts are ones that there can be: the decoder takes
// all that 64 bits hold.
func inRange(amounts ...contract.Amount) error {
	for _, a := range amounts {
		if a > contract.MaxAmount {
			return fmt.Errorf("an amount of %d fen: at most %d", uint64(a), uint64(contract.MaxAmount))
		}
	}
	return nil
}
