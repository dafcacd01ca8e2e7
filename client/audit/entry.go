package audit

import (
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
	anyShare = [2]uint32{1, contract.MaxListed}
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
	contract.KindRecall: {[]contract.Phase{contract.PhaseTx, contract.PhaseDraw}, true,
		[2]uint32{0, contract.MaxListed}, true},
	contract.KindReturn:  {txPhase, true, anyShare, false},
	contract.KindRefund:  {duePhase, true, noShare, false},
	contract.KindSettle:  {duePhase, true, anyShare, false},
	contract.KindAsk:     {txPhase, true, anyShare, true},
	contract.KindRefuse:  {txPhase, true, anyShare, false},
	contract.KindLapse:   {duePhase, true, anyShare, false},
	contract.KindTighten: {txPhase, true, noShare, false},
	contract.KindWarp:    {phases: txPhase},
	contract.KindChange:  {phases: txPhase},
}

// checkEntry makes sure that an entry has what its kind has.
func checkEntry(e *contract.Entry) error {
	shape, known := entryShapes[e.Kind]
	switch {
	case !known || !slices.Contains(shape.phases, e.Phase):
		return fault("shape_phase", "kind", e.Kind, "phase", e.Phase)
	case (e.Tx != nil) != (e.Phase == contract.PhaseTx):
		return fault("shape_tx", "kind", e.Kind, "phase", e.Phase)
	case (e.Packet != nil) != shape.ofPacket || e.Share < shape.shares[0] || e.Share > shape.shares[1]:
		return fault("shape_packet", "kind", e.Kind, "share", e.Share)
	case (e.Beacon != nil) != (e.Kind == contract.KindDraw):
		return fault("shape_beacon", "kind", e.Kind)
	case e.Reason != "" && (!shape.reasons || !e.Reason.Known()):
		return fault("shape_reason", "kind", e.Kind, "reason", string(e.Reason))
	case e.Claims != nil:
		return fault("shape_claims", "kind", e.Kind)
	case e.Posting != nil && e.Posting.Amount == 0:
		return fault("shape_posting")
	}
	return nil
}
