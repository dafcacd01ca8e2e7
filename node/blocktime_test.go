package node

import (
	"testing"
	"time"

	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
)

// SECURITY.md says who sets the time: validators with less than 1/3 of the power
// move no block's date beyond what the others voted, whatever they vote and whichever
// of the others are left out; with more they can hold it back.
func TestWhoSetsABlocksTime(t *testing.T) {
	right := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	for n := 1; n <= 40; n++ {
		set, keys := types.RandValidatorSet(n, validatorPower)
		votes := 2*n/3 + 1 // the fewest that make a commit
		for wrong := range votes + 1 {
			date := func(off time.Duration) time.Time {
				commit := &types.Commit{}
				for i := range votes {
					at := right
					if i < wrong {
						at = right.Add(off)
					}
					key, err := keys[i].GetPubKey()
					must(t, err)
					commit.Signatures = append(commit.Signatures, types.CommitSig{BlockIDFlag: types.BlockIDFlagCommit,
						ValidatorAddress: key.Address(), Timestamp: at})
				}
				got, err := sm.MedianTime(commit, set)
				must(t, err)
				return got
			}
			late, early := date(-time.Hour), date(time.Hour)
			if 3*wrong < n && (late != right || early != right) {
				t.Errorf("%d of %d set the time: %s or %s", wrong, n, late, early)
			}
			if 3*wrong > n && late == right {
				t.Errorf("%d of %d cannot hold time back", wrong, n)
			}
		}
	}
}
