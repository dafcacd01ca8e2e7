package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	dbm "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	bs "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// loadPrivValidator looks before it loads: CometBFT's own loader ends the
// process when a file is missing or cannot be read, and making a new sign state
// in the place of a lost one could sign two different votes for one height.
func loadPrivValidator(c *cfg.Config) (*privval.FilePV, error) {
	if err := checkValidatorKey(c); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(c.PrivValidatorStateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errorf(CodeNoSignState, c.RootDir, "%s is missing: it says which heights this validator has signed",
			c.PrivValidatorStateFile())
	} else if err != nil {
		return nil, err
	}
	if err := cmtjson.Unmarshal(b, new(privval.FilePVLastSignState)); err != nil {
		return nil, errorf(CodeNoSignState, c.RootDir,
			"%s is damaged: it says which heights this validator has signed: %w", c.PrivValidatorStateFile(), err)
	}
	return privval.LoadFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()), nil
}

const (
	// signaturesSeen is how many of the newest blocks are looked at for this
	// validator's own votes; a commit may lack the vote of a validator that was
	// slow.
	signaturesSeen = 20
)

// The steps of a sign state, as CometBFT counts them.
const (
	stepPropose   = 1
	stepPrevote   = 2
	stepPrecommit = 3
)

// checkSignState refuses a sign state that is older than a vote of this
// validator in the block store, such as one from a backup: it would sign those
// heights again. It cannot see votes for a block that is not in the store.
func checkSignState(pv *privval.FilePV, db dbm.DB) (err error) {
	defer asError(&err)
	blocks, own := bs.NewBlockStore(db), pv.Key.Address
	signed := func(commit *types.Commit) bool {
		if commit == nil {
			return false
		}
		for _, s := range commit.Signatures {
			if bytes.Equal(s.ValidatorAddress, own) && s.BlockIDFlag != types.BlockIDFlagAbsent {
				return true
			}
		}
		return false
	}
	newest := blocks.Height()
	for h := newest; h >= max(1, blocks.Base(), newest-signaturesSeen); h-- {
		if h == newest && signed(blocks.LoadSeenCommit(h)) || h < newest && signed(blocks.LoadBlockCommit(h)) {
			s := pv.LastSignState
			if s.Height < h || s.Height == h && s.Step < stepPrecommit {
				return fmt.Errorf("priv_validator_state.json is an old copy: it ends at block %d, and this "+
					"validator has signed block %d", s.Height, h)
			}
			return nil
		}
	}
	return nil
}
