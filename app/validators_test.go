package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

func (v *validatorSet) leaf() (leaf contract.Validators) {
	v.T.Helper()
	v.Ask(query.Leaf, contract.ValidatorsKey, &leaf)
	return leaf
}

// next is the plan that follows, for a day.
func (v *validatorSet) next(updates ...contract.Update) contract.Plan {
	v.T.Helper()
	leaf := v.leaf()
	return contract.Plan{Number: leaf.Number + 1, Before: leaf.Set.Hash(), ValidUntil: v.Time().Plus(86400),
		Updates: updates}
}

// A validator that leaves draws one block more; one that joins draws from the
// second block on. The engine hears of the change, and every node comes to the
// same state, a restarted and a late one too.
func TestAChangeOfValidatorsDraws(t *testing.T) {
	v := newValidatorSet(t, 5, "alice", "bob")
	all := v.Validators
	fresh := testchain.NewValidator(40, 1)
	lucky := luckyTerms(9, 10_000)
	id := v.Send("alice", lucky)
	v.Wait(time.Second)
	gone := contract.Update{PubKey: [32]byte(all.Keys[4].PubKey().Bytes())}
	updates := []contract.Update{fresh.Join(0), gone}
	slices.SortFunc(updates, func(a, b contract.Update) int { return slices.Compare(a.PubKey[:], b.PubKey[:]) })
	change := all.Approve(v.next(updates...), 0, 1, 3, 4)
	change.Proofs = fresh.KeyProofs()

	proposed := v.Propose(v.Tx("bob", change), v.Claim("carol", id, lucky))
	if !v.Accepts(proposed...) {
		t.Fatal("the change is refused")
	}
	res := v.Finalize(proposed...)
	v.Wait(time.Second)
	if len(res.ValidatorUpdates) != 2 || res.TxResults[0].Code != 0 {
		t.Fatalf("%+v", res)
	}
	powers := map[string]int64{}
	for _, u := range res.ValidatorUpdates {
		powers[string(u.PubKey.GetEd25519())] = u.Power
	}
	if powers[string(gone.PubKey[:])] != 0 || powers[string(fresh.Keys[0].PubKey().Bytes())] != 1 {
		t.Errorf("updates %v", res.ValidatorUpdates)
	}
	at := v.Height
	if leaf := v.leaf(); leaf.From != at+2 || leaf.History.Count != 1 {
		t.Errorf("%+v", leaf)
	}
	v.Restart(2)

	// Block at+1 is still signed by the old ones: the leaving one draws, the new one cannot.
	owed := v.Owed()
	judge := func(key testchain.Validators, i int, want bool) {
		t.Helper()
		item := contract.ProveBeacon(key.VRF(i), testChain, &owed)
		res, err := v.Nodes[0].ProcessProposal(context.Background(), &abci.RequestProcessProposal{
			Height: v.Height + 1, Time: v.Now, Txs: [][]byte{item}, ProposerAddress: key.Address(i)})
		v.OK(err)
		if got := res.Status == abci.ResponseProcessProposal_ACCEPT; got != want {
			t.Errorf("block %d drawn by %X: %v, want %v", v.Height+1, key.Address(i), got, want)
		}
	}
	judge(all, 4, true)
	judge(fresh, 0, false)
	v.By(4).Succeed(v.Claim("dave", id, lucky))
	v.Wait(time.Second)
	owed = v.Owed()
	judge(all, 4, false)
	judge(fresh, 0, true)
	judge(all, 1, true)
	v.By(1).Succeed()

	late := chainOf(t, Options{}, testchain.Options{Genesis: testchain.Genesis("alice", "bob"), Validators: all})
	for _, req := range v.Blocks {
		res, err := late.app.FinalizeBlock(context.Background(), req)
		late.OK(err)
		_, err = late.app.Commit(context.Background(), nil)
		late.OK(err)
		if string(res.AppHash) != string(v.Roots[req.Height]) {
			t.Fatalf("block %d: a late node holds another state", req.Height)
		}
	}
}

// An app that knows the next rules goes on at their height, and puts them into the
// headers; one that does not stops before that block, however it is asked.
func TestAnUpgradeStopsWhoDoesNotKnowIt(t *testing.T) {
	o := testchain.Options{Genesis: testchain.Genesis("alice"), Validators: testchain.NewValidators(1, 1, 1)}
	old := &validatorSet{chainOf(t, Options{}, o)}
	knows := &validatorSet{chainOf(t, Options{Newest: Version + 1}, o)}
	plan := old.next()
	plan.Upgrade = &contract.Upgrade{Height: 20, Rules: Version + 1}
	tx := old.Tx("alice", o.Validators.Approve(plan, 0, 1, 2))
	for _, v := range []*validatorSet{old, knows} {
		v.Succeed(tx)
		for v.Height < 18 {
			v.Wait(time.Second)
			if v.Finalize().ConsensusParamUpdates != nil {
				t.Fatalf("block %d begins other rules", v.Height)
			}
		}
		v.Wait(time.Second)
		res := v.Finalize()
		if v.Height != 19 || res.ConsensusParamUpdates.GetVersion().GetApp() != Version+1 {
			t.Fatalf("block %d begins %v", v.Height, res.ConsensusParamUpdates)
		}
		v.Wait(time.Second)
	}
	info, err := knows.app.Info(context.Background(), nil)
	if err != nil || info.AppVersion != Version+1 {
		t.Errorf("rules %d, %v", info.GetAppVersion(), err)
	}
	knows.Succeed()
	knows.Restart(0)
	knows.Succeed()

	want := &RulesError{Chain: testChain, Height: 20, Rules: Version + 1, Newest: Version}
	expect := func(what string, err error) {
		t.Helper()
		if got := new(RulesError); !errors.As(err, &got) || *got != *want {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	ctx := context.Background()
	_, err = old.app.FinalizeBlock(ctx, old.Request(nil))
	expect("executed", err)
	_, err = old.app.PrepareProposal(ctx, &abci.RequestPrepareProposal{Height: 20, Time: old.Now, MaxTxBytes: 1 << 20})
	expect("proposed", err)
	_, err = old.app.ProcessProposal(ctx, &abci.RequestProcessProposal{Height: 20, Time: old.Now})
	expect("judged", err)
	old.OK(old.app.Close())
	_, err = New(old.DBs[0], Options{})
	expect("opened", err)
	again, err := New(old.DBs[0], Options{Newest: Version + 1})
	old.OK(err)
	old.Nodes[0], old.app = again, again
	old.Succeed()
}
