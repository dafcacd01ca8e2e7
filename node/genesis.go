package node

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hongbao/contract"

	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/libs/tempfile"
	"github.com/cometbft/cometbft/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// Evidence of double signing is admitted for as long as somebody may still be
// shown the forged header: two days, in blocks of the fastest pace, which is
// the longer of CometBFT's two limits on a busy chain.
const (
	evidenceAge    = 48 * time.Hour
	evidenceBlocks = int64(evidenceAge / (50 * time.Millisecond))
	evidenceBytes  = 64 << 10 // some 100 double votes; a block has better uses
)

// NewGenesis is the document that starts a chain. All validators must hold the
// same bytes: their hash is what a trust file names.
// state says who starts with what; its validators are filled in here, so that
// each VRF key stands beside the consensus key it belongs to.
func NewGenesis(chainID string, start time.Time, validators []Validator, state contract.Genesis) ([]byte, error) {
	state.Validators = nil
	for _, v := range validators {
		state.Validators = append(state.Validators, contract.GenesisValidator{
			Address: v.PubKey.Address().String(),
			VRFKey:  hex.EncodeToString(v.VRFKey),
		})
	}
	appState, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	if _, err := contract.ParseGenesis(appState); err != nil {
		return nil, err
	}
	params := types.DefaultConsensusParams()
	params.Block.MaxBytes = blockBytes
	params.Evidence = types.EvidenceParams{
		MaxAgeNumBlocks: evidenceBlocks,
		MaxAgeDuration:  evidenceAge,
		MaxBytes:        evidenceBytes,
	}
	params.Version.App = appVersion
	doc := types.GenesisDoc{
		GenesisTime:     start.UTC().Round(0),
		ChainID:         chainID,
		InitialHeight:   1,
		ConsensusParams: params,
		AppState:        appState,
	}
	for _, v := range validators {
		doc.Validators = append(doc.Validators, types.GenesisValidator{
			Address: v.PubKey.Address(),
			PubKey:  v.PubKey,
			Power:   v.Power,
			Name:    v.Name,
		})
	}
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("genesis of %s: %w", chainID, err)
	}
	b, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// GenesisHash is the name of a genesis in trust files: SHA-256 of the file, in hex.
func GenesisHash(genesis []byte) string {
	sum := sha256.Sum256(genesis)
	return hex.EncodeToString(sum[:])
}

// WriteGenesis puts the document into a home.
func WriteGenesis(home string, genesis []byte) error {
	return tempfile.WriteFileAtomic(filepath.Join(home, "config", "genesis.json"), genesis, filePerm)
}

// ReadGenesis reads a home's genesis: the document and its exact bytes.
func ReadGenesis(home string) (*types.GenesisDoc, []byte, error) {
	path := filepath.Join(home, "config", "genesis.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	doc, err := types.GenesisDocFromJSON(b)
	if err != nil {
		return nil, nil, fmt.Errorf("genesis %s: %w", path, err)
	}
	return doc, b, nil
}

// ErrOtherRules is returned for a home whose chain was made for another version
// of the rules than this program's.
var ErrOtherRules = errors.New("made for another version of hongbao")

// CheckRules refuses a home whose chain has other rules.
func CheckRules(home string) error {
	doc, _, err := ReadGenesis(home)
	if err != nil {
		return err
	}
	return checkRules(doc)
}

func checkRules(doc *types.GenesisDoc) error {
	if got := doc.ConsensusParams.Version.App; got != appVersion {
		return fmt.Errorf("chain %s: %w: it has version %d of the rules, this program %d", doc.ChainID, ErrOtherRules, got, appVersion)
	}
	return nil
}

// checkGenesis refuses what would only fail later, at the first block or the
// first draw: a genesis of another version of the rules, and a validator
// registered with a VRF key that this home does not hold.
func checkGenesis(home string, key crypto.PubKey) error {
	doc, _, err := ReadGenesis(home)
	if err != nil {
		return err
	}
	if err := checkRules(doc); err != nil {
		return err
	}
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return err
	}
	vrf, err := LoadVRFKey(home)
	if err != nil {
		return err
	}
	own := hex.EncodeToString(vrf.Public().(ed25519.PublicKey))
	for _, v := range state.Validators {
		if v.Address == key.Address().String() && v.VRFKey != own {
			return errors.New("vrf key: not the one that the genesis registers for this validator")
		}
	}
	return nil
}
