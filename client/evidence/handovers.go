package evidence

import (
	"context"

	"hongbao/client/audit"
	"hongbao/contract"
)

// handOvers are those from the chain's first validators to the ones that sign the
// header of a height: of every plan that was carried out two blocks before it, or
// earlier. What a node answers is not believed: the file's verifier judges it.
func (g *Gatherer) handOvers(ctx context.Context, height int64) (list [][]byte, err error) {
	leaf, _, err := g.Node.Validators(ctx)
	if err != nil || leaf == nil || leaf.Number == 0 {
		return nil, err
	}
	encoded, err := g.Node.Entries(ctx, contract.ValidatorsKey, 0, leaf.Number)
	if err != nil {
		return nil, err
	}
	var before contract.ValidatorSet
	if g.Trust != nil {
		before = g.Trust.ValidatorSet()
	}
	for i, b := range encoded {
		var e contract.Entry
		if err := contract.Decode(b, &e); err != nil || e.Tx == nil {
			return nil, g.Node.BadAnswerf("entry %d of the validators: %v", i, err)
		}
		if e.Height > height-2 {
			break
		}
		record, _, err := g.Node.Tx(ctx, *e.Tx)
		if err != nil {
			return nil, err
		}
		if record == nil {
			return nil, g.Node.BadAnswerf("an entry names tx %s, which it does not have", *e.Tx)
		}
		h, after, err := audit.HandOverOf(record.Wire, before)
		if err != nil {
			return nil, g.Node.BadAnswerf("plan %d: %v", i+1, err)
		}
		list, before = append(list, h), after
	}
	return list, nil
}
