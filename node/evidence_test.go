package node

import (
	"bytes"
	"testing"
	"time"

	"hongbao/app"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/evidence"
	sm "github.com/cometbft/cometbft/state"
	bs "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// A node finds in CometBFT's database, after each start, what CometBFT writes when it has
// executed a block with evidence; and nothing of that evidence waits any more.
func TestEvidenceOfBlocksIsSettled(t *testing.T) {
	const chain = "test-1"
	at := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	pv := types.NewMockPV()
	pub, err := pv.GetPubKey()
	must(t, err)
	state, err := sm.MakeGenesisState(&types.GenesisDoc{ChainID: chain, GenesisTime: at,
		ConsensusParams: types.DefaultConsensusParams(),
		Validators:      []types.GenesisValidator{{PubKey: pub, Power: 10}}})
	must(t, err)
	double, err := types.NewMockDuplicateVoteEvidenceWithValidator(1, at, pv, chain)
	must(t, err)
	blocks := dbm.NewMemDB()
	store := bs.NewBlockStore(blocks)
	for height := int64(1); height <= 3; height++ {
		var held []types.Evidence
		if height == 2 {
			held = []types.Evidence{double}
		}
		hash := bytes.Repeat([]byte{1}, 32)
		id := types.BlockID{Hash: hash, PartSetHeader: types.PartSetHeader{Total: 1, Hash: hash}}
		commit := &types.Commit{Height: height - 1, BlockID: id,
			Signatures: []types.CommitSig{types.NewCommitSigAbsent()}}
		block := types.MakeBlock(height, nil, commit, held)
		block.Populate(state.Version.Consensus, chain, at, id, hash, hash, hash, hash, hash, pub.Address())
		parts, err := block.MakePartSet(types.BlockPartSizeBytes)
		must(t, err)
		store.SaveBlock(block, parts, &types.Commit{Height: height})
	}

	// As CometBFT leaves it.
	theirs, states := dbm.NewMemDB(), sm.NewStore(dbm.NewMemDB(), sm.StoreOptions{})
	must(t, states.Save(state))
	pool, err := evidence.NewPool(theirs, states, store)
	must(t, err)
	state.LastBlockHeight = 2
	pool.Update(state, types.EvidenceList{double})

	ours := dbm.NewMemDB()
	want := contents(t, theirs)
	for key := range want { // it waits, as of before the block
		must(t, ours.Set(append([]byte{pendingEvidence}, key[1:]...), []byte("evidence")))
	}
	ledger := func(int64, int) ([]app.Misbehavior, error) { return []app.Misbehavior{{Block: 2}, {Block: 99}}, nil }
	must(t, SettleEvidence(ours, blocks, ledger))
	if got := contents(t, ours); len(want) != 1 || len(got) != 1 {
		t.Errorf("%q, want %q", got, want)
	} else {
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func contents(t *testing.T, db dbm.DB) map[string]string {
	t.Helper()
	it, err := db.Iterator(nil, nil)
	must(t, err)
	defer it.Close()
	found := map[string]string{}
	for ; it.Valid(); it.Next() {
		found[string(it.Key())] = string(it.Value())
	}
	return found
}
