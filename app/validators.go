package app

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// RulesError says that the chain's next block obeys rules that this program does
// not know. It must not be judged, executed or proposed here.
type RulesError struct {
	Chain  string
	Height int64 // of that block
	Rules  uint64
	Newest uint64 // that this program knows
}

func (e *RulesError) Error() string {
	return fmt.Sprintf("chain %s: block %d obeys rules %d, and this program knows none after %d: install a newer one",
		e.Chain, e.Height, e.Rules, e.Newest)
}

// checkRules refuses to go on under rules that this app does not know. The caller
// holds a.mu, or is the consensus connection, or New.
func (a *App) checkRules() error {
	v, err := contract.ReadValidators(a.state())
	if err != nil || v == nil || v.Rules <= a.newest {
		return err
	}
	return &RulesError{a.chain, a.store.Height() + 1, v.Rules, a.newest}
}

// Validators is who signs the chain's blocks, and what they decided; nil before the
// genesis, and while a snapshot is on its way.
func (a *App) Validators() (*contract.Validators, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	leaf, err := a.bareState().Leaf(contract.ValidatorsKey)
	if isRestoring(err) || err == nil && leaf == nil {
		return nil, nil
	}
	v := new(contract.Validators)
	if err == nil {
		err = contract.Decode(leaf.Bytes, v)
	}
	return v, err
}

// genesisValidators are those that the genesis names, each with its VRF key.
func genesisValidators(updates []abci.ValidatorUpdate, doc *contract.Genesis) (contract.ValidatorSet, error) {
	var list []contract.Validator
	for _, u := range updates {
		key := u.PubKey.GetEd25519()
		if len(key) != 32 || u.Power < 1 {
			return nil, contract.Errorf(contract.CodeBadGenesis,
				"genesis: a validator whose key is not ed25519, or has no power")
		}
		list = append(list, contract.Validator{PubKey: [32]byte(key), Power: uint64(u.Power)})
	}
	return doc.WithVRFKeys(list)
}

// updatesOf is what a block changes among the validators, as CometBFT hears it.
func updatesOf(block *contract.Block) (list []abci.ValidatorUpdate) {
	for _, u := range block.Updates() {
		list = append(list, abci.Ed25519ValidatorUpdate(u.PubKey[:], int64(u.Power)))
	}
	return list
}

// rulesOf puts the version of the rules that begin with the next block into its
// header; nil where they stay as they are.
func rulesOf(block *contract.Block) *cmtproto.ConsensusParams {
	rules, begin := block.NewRules()
	if !begin {
		return nil
	}
	return &cmtproto.ConsensusParams{Version: &cmtproto.VersionParams{App: rules}}
}

// HandOver is the plan of a place, from 0, with its approvals, and the height of the
// block that carried it out; nil: there is none.
func (a *App) HandOver(index uint32) (height int64, handOver []byte) {
	b, err := a.store.Record(entryKey(contract.ValidatorsKey, uint64(index)))
	var e contract.Entry
	if err != nil || b == nil || contract.Decode(b, &e) != nil || e.Tx == nil {
		return 0, nil
	}
	b, err = a.store.Record(txKey(*e.Tx))
	var record query.TxRecord
	if err != nil || b == nil || contract.Decode(b, &record) != nil {
		return 0, nil
	}
	tx, err := contract.DecodeTx(record.Wire)
	if err != nil {
		return 0, nil
	}
	m, ok := tx.Message.(*contract.Change)
	if !ok {
		return 0, nil
	}
	return e.Height, contract.Encode(&m.HandOver)
}
