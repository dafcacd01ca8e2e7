package app

import (
	"encoding/binary"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
)

// Misbehavior is evidence in a block that a validator broke the rules of
// consensus. Nothing is taken from the validator for it: the chain's
// operators decide.
type Misbehavior struct {
	_         struct{} `cbor:",toarray"`
	Kind      string   // as CometBFT names it: DUPLICATE_VOTE or LIGHT_CLIENT_ATTACK
	Validator []byte   // consensus address
	Height    int64    // at which it did so
	Time      contract.Time
	Block     int64 // that holds the evidence
}

func misbehaviorKey(block int64, index int) []byte {
	key := binary.BigEndian.AppendUint64([]byte("m"), uint64(block))
	return binary.BigEndian.AppendUint32(key, uint32(index))
}

// addMisbehavior keeps the evidence of a block, of which CometBFT bounds the size.
func (b *blockRecords) addMisbehavior(req *abci.RequestFinalizeBlock) {
	for i, m := range req.Misbehavior {
		b.put(misbehaviorKey(req.Height, i), contract.Encode(Misbehavior{
			Kind: m.Type.String(), Validator: m.Validator.Address, Height: m.Height, Time: contract.TimeOf(m.Time),
			Block: req.Height,
		}))
	}
}

// Misbehaviors is the evidence that the blocks from one on hold, the oldest first, at
// most limit. There is none in a state that is on its way, and none of before a
// snapshot that the node began with.
func (a *App) Misbehaviors(from int64, limit int) (list []Misbehavior, err error) {
	end := []byte("m" + "\xff")
	scan := a.store.Records(misbehaviorKey(max(0, from), 0), end, func(_, value []byte) bool {
		var m Misbehavior
		if err = contract.Decode(value, &m); err == nil {
			list = append(list, m)
		}
		return err == nil && len(list) < limit
	})
	if isRestoring(scan) {
		return nil, nil
	}
	if scan != nil {
		return nil, scan
	}
	return list, err
}
