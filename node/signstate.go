package node

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"

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
func checkSignState(home string, pv *privval.FilePV, db dbm.DB) error {
	signed, err := newestSigned(pv.Key.Address, db)
	if err != nil {
		return errorf(CodeDataDamaged, home, "blockstore.db: %w", err)
	}
	s := pv.LastSignState
	if signed > 0 && (s.Height < signed || s.Height == signed && s.Step < stepPrecommit) {
		return errorf(CodeNoSignState, home, "priv_validator_state.json is an old copy: it ends at block %d, and this "+
			"validator has signed block %d", s.Height, signed)
	}
	return nil
}

// newestSigned is the newest block that a validator has signed, among the newest of the block
// store; 0: none of them.
func newestSigned(own types.Address, db dbm.DB) (height int64, err error) {
	defer asError(&err)
	blocks := bs.NewBlockStore(db)
	signed := func(commit *types.Commit) bool {
		return commit != nil && slices.ContainsFunc(commit.Signatures, func(s types.CommitSig) bool {
			return bytes.Equal(s.ValidatorAddress, own) && s.BlockIDFlag != types.BlockIDFlagAbsent
		})
	}
	newest := blocks.Height()
	for h := newest; h >= max(1, blocks.Base(), newest-signaturesSeen); h-- {
		if h == newest && signed(blocks.LoadSeenCommit(h)) || h < newest && signed(blocks.LoadBlockCommit(h)) {
			return h, nil
		}
	}
	return 0, nil
}
