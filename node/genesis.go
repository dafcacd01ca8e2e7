package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hongbao/contract"
	"hongbao/internal/home"

	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// Evidence of double signing is admitted for as long as a reader may still be
// shown the forged header: two days. CometBFT admits what either of its limits
// does, so the one in blocks is of the slowest pace, a block a second: of the
// fastest, a chain at rest would keep headers for forty days.
const (
	evidenceAge    = 48 * time.Hour
	evidenceBlocks = int64(evidenceAge / time.Second)
	evidenceBytes  = 64 << 10 // some 100 double votes; a block has better uses
)

// NewGenesis is the document that starts a chain of this name, which its hash
// makes a chain id of. All validators must hold the same bytes.
// state says who starts with what; its validators are filled in here, so that
// each VRF key stands beside the consensus key it belongs to.
func NewGenesis(name string, start time.Time, validators []Validator, state contract.Genesis) ([]byte, error) {
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
		ChainID:         name,
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
		return nil, fmt.Errorf("genesis of %s: %w", name, err)
	}
	b, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	named, chain, err := contract.NameGenesis(append(b, '\n'), name)
	if err == nil && len(chain) > types.MaxChainIDLen {
		err = fmt.Errorf("genesis of %s: the chain id %s is longer than %d bytes", name, chain, types.MaxChainIDLen)
	}
	return named, err
}

// WriteGenesis puts the document into the home in dir.
func WriteGenesis(dir string, genesis []byte) error {
	return home.WriteFile(filepath.Join(dir, genesisFile), genesis, filePerm)
}

// ReadGenesis reads a home's genesis: the document and its exact bytes.
func ReadGenesis(home string) (*types.GenesisDoc, []byte, error) {
	path := filepath.Join(home, genesisFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, errorf(CodeBadNodeHome, home, "genesis: %w", err)
	}
	doc, err := types.GenesisDocFromJSON(b)
	if err != nil {
		return nil, nil, errorf(CodeBadNodeHome, home, "genesis %s: %w", path, err)
	}
	return doc, b, nil
}

// ErrOtherRules is returned for a home whose chain was made for another version
// of the rules than this program's.
var ErrOtherRules = errors.New("made for another version of hongbao")

// CheckStart refuses a home whose node would not start at now: its chain has
// other rules (ErrOtherRules), or begins in the future by more than a start may
// wait (CodeClockOff).
func CheckStart(home string, now time.Time) error {
	doc, _, err := ReadGenesis(home)
	if err != nil {
		return err
	}
	if err := checkRules(doc); err != nil {
		return err
	}
	const patience = 5 * time.Second
	if wait := doc.GenesisTime.Sub(now); wait > patience {
		return errorf(CodeClockOff, home, "chain %s begins at %s, %s in the future of this machine's clock",
			doc.ChainID, doc.GenesisTime.UTC().Format(time.RFC3339), wait.Round(time.Second))
	}
	return nil
}

func checkRules(doc *types.GenesisDoc) error {
	if got := doc.ConsensusParams.Version.App; got != appVersion {
		return fmt.Errorf("chain %s: %w: it has version %d of the rules, this program %d",
			doc.ChainID, ErrOtherRules, got, appVersion)
	}
	return nil
}

// checkGenesis refuses what would only fail later, at the first block or the
// first draw: a genesis of another version of the rules, one that is not what its
// chain id says, and a validator registered with a VRF key that this home does
// not hold.
func checkGenesis(home string, doc *types.GenesisDoc, file []byte, key crypto.PubKey) error {
	if err := checkRules(doc); err != nil {
		return err
	}
	if _, err := contract.GenesisHash(file, doc.ChainID); err != nil {
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
			return badKey(home, "vrf key: not the one that the genesis registers for this validator")
		}
	}
	return nil
}

// keepGenesis copies the genesis of the home in dir into the data at the first
// start.
func keepGenesis(dir string) error {
	kept := filepath.Join(dir, genesisCopy)
	if _, err := os.Stat(kept); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	now, err := os.ReadFile(filepath.Join(dir, genesisFile))
	if err != nil {
		return err
	}
	return home.WriteFile(kept, now, filePerm)
}

// sameGenesis refuses another genesis than the one that the data began with.
// CometBFT would go on with the chain that the data holds, and leave a file that
// names another.
func sameGenesis(home string) error {
	kept := filepath.Join(home, genesisCopy)
	then, err := os.ReadFile(kept)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	path := filepath.Join(home, genesisFile)
	now, err := os.ReadFile(path)
	var why error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = errors.New("it is missing")
	case err != nil:
		return err
	case bytes.Equal(now, then):
		return nil
	default:
		why = difference(then, now)
	}
	return errorf(CodeGenesisChanged, home,
		"%s is not the genesis that this node's data began with: %w (that one is kept in %s)", path, why, kept)
}

// difference names the fields in which two genesis files differ.
func difference(then, now []byte) error {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(then, &a) != nil || json.Unmarshal(now, &b) != nil {
		return errors.New("it is no JSON object")
	}
	var fields []string
	for name := range a {
		var x, y bytes.Buffer
		if json.Compact(&x, a[name]) != nil || len(b[name]) == 0 || json.Compact(&y, b[name]) != nil ||
			x.String() != y.String() {
			fields = append(fields, name)
		}
	}
	for name := range b {
		if a[name] == nil {
			fields = append(fields, name)
		}
	}
	if len(fields) == 0 {
		return errors.New("it is written in another way, and so has another hash")
	}
	slices.Sort(fields)
	return fmt.Errorf("it differs in %s", strings.Join(fields, ", "))
}

const (
	genesisPoll = time.Second // a corrected clock is noticed within it
	genesisTell = time.Minute // between two lines that say what is waited for
)

// awaitGenesis returns when the chain begins by this machine's clock. CometBFT
// would sleep once for the whole difference, and not wake when the clock is
// put right.
func awaitGenesis(ctx context.Context, doc *types.GenesisDoc, now func() time.Time, logger log.Logger) error {
	var told time.Duration
	for waited := time.Duration(0); doc.GenesisTime.After(now()); waited += genesisPoll {
		if waited == 0 || waited-told >= genesisTell {
			told = waited
			logger.Error("the chain begins in this machine's future: waiting until then, or until the clock is put "+
				"right",
				"begins", doc.GenesisTime.UTC().Format(time.RFC3339), "clock", now().UTC().Format(time.RFC3339),
				"seconds", int64(doc.GenesisTime.Sub(now()).Seconds()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(genesisPoll):
		}
	}
	return nil
}
