package node

import (
	"bytes"
	"errors"
	"fmt"

	"hongbao/contract"

	"github.com/cometbft/cometbft/crypto/ed25519"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cometbft/cometbft/types"
)

// plansFormat marks a question for one of a chain's plans, by its place from 0, and
// the answer: the hand-over, and the height of the block that carried it out.
const plansFormat = 0x706c616e

// succession is who signs a chain's blocks: the genesis's validators, and each set
// that the one before approved. At which block a plan was carried out is the word of
// the peer that told of it; only the order in which validators propose rests on that.
type succession struct {
	chain   string
	sets    []contract.ValidatorSet // the genesis's first
	heights []int64                 // of the block that carried out the plan behind each but the first
}

func newSuccession(doc *types.GenesisDoc) (*succession, error) {
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return nil, err
	}
	var list []contract.Validator
	for _, v := range doc.Validators {
		if len(v.PubKey.Bytes()) != ed25519.PubKeySize {
			return nil, errors.New("genesis: a validator's key is not ed25519")
		}
		list = append(list, contract.Validator{PubKey: [32]byte(v.PubKey.Bytes()), Power: uint64(v.Power)})
	}
	set, err := state.WithVRFKeys(list)
	return &succession{chain: doc.ChainID, sets: []contract.ValidatorSet{set}}, err
}

// question asks a peer for the next plan.
func (s *succession) question() *ssproto.ChunkRequest {
	return &ssproto.ChunkRequest{Format: plansFormat, Index: uint32(len(s.heights))}
}

// isAnswer reports whether a peer's message is about the next plan.
func (s *succession) isAnswer(m *ssproto.ChunkResponse) bool {
	return m.Format == plansFormat && m.Index == uint32(len(s.heights))
}

// take verifies an answer. There is no further plan where the peer has none.
func (s *succession) take(m *ssproto.ChunkResponse) (more bool, err error) {
	if m.Missing {
		return false, nil
	}
	var h contract.HandOver
	if err := contract.Decode(m.Chunk, &h); err != nil {
		return false, err
	}
	n := len(s.heights)
	if height := int64(m.Height); height < 1 || n > 0 && height < s.heights[n-1] {
		return false, fmt.Errorf("plan %d of block %d is out of order", n+1, height)
	}
	next, err := h.Next(s.chain, uint64(n+1), s.sets[n])
	if err != nil {
		return false, err
	}
	s.sets, s.heights = append(s.sets, next), append(s.heights, int64(m.Height))
	return true, nil
}

// signing is the set that a header names; nil where it is not known.
func (s *succession) signing(h *types.Header) *types.ValidatorSet {
	for i := len(s.sets) - 1; i >= 0; i-- {
		if set := asCometBFT(s.sets[i]); bytes.Equal(set.Hash(), h.ValidatorsHash) {
			return set
		}
	}
	return nil
}

// after are the sets of a height and of the two after it, whose turns are as they
// are once the block of that height is executed: each block moves them by one, and a
// block that carries out a plan changes the set of the second block after it.
func (s *succession) after(height int64) (last, now, next *types.ValidatorSet, err error) {
	last = asCometBFT(nil)
	now = asCometBFT(s.sets[0])
	next = now.CopyIncrementProposerPriority(1)
	for h, plan := int64(1), 0; h <= height; h++ {
		coming := next.Copy()
		for ; plan < len(s.heights) && s.heights[plan] == h; plan++ {
			if changes := changesOf(s.sets[plan], s.sets[plan+1]); len(changes) > 0 {
				err = errors.Join(err, coming.UpdateWithChangeSet(changes))
			}
		}
		coming.IncrementProposerPriority(1)
		last, now, next = now, next, coming
	}
	return last, now, next, err
}

func changesOf(before, after contract.ValidatorSet) (list []*types.Validator) {
	powers := map[[32]byte]uint64{}
	for _, v := range before {
		powers[v.PubKey] = v.Power
	}
	for _, v := range after {
		if powers[v.PubKey] != v.Power {
			list = append(list, types.NewValidator(ed25519.PubKey(v.PubKey[:]), int64(v.Power)))
		}
		delete(powers, v.PubKey)
	}
	for key := range powers {
		list = append(list, types.NewValidator(ed25519.PubKey(key[:]), 0))
	}
	return list // in no order: CometBFT sorts them
}

func asCometBFT(set contract.ValidatorSet) *types.ValidatorSet {
	var list []*types.Validator
	for _, v := range set {
		list = append(list, types.NewValidator(ed25519.PubKey(v.PubKey[:]), int64(v.Power)))
	}
	return types.NewValidatorSet(list)
}
