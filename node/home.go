package node

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"hongbao/internal/home"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

const (
	dirPerm  = 0o700 // a home holds keys
	keyPerm  = 0o600
	filePerm = 0o644 // what others may read inside a folder they may not enter

	vrfKeyFile   = "config/vrf_key.json"
	settingsFile = "config/hongbao.toml"
	genesisFile  = "config/genesis.json"
	genesisCopy  = "data/genesis.json" // as the data began: see sameGenesis
	lockFile     = "node.lock"
)

// Validator is the public half of a home: what a genesis and the peers need.
type Validator struct {
	Name   string        // one word for people, such as node1
	PubKey crypto.PubKey // ed25519, signs votes
	Power  int64         // votes: see validatorPower
	VRFKey []byte        // 32 bytes: proves lucky draws
	NodeID p2p.ID        // what peers call it
}

// validatorPower is every validator's of a generated network. CometBFT lets a
// validator skip block sync when its power is at least total/3, by integer
// division: with a power of 1 that is true of each of three, four or five, so
// that a node that is a thousand blocks behind would fetch them one by one by
// consensus gossip and call itself in step meanwhile.
const validatorPower = 10

// CreateKeys makes the home's folders and its three private keys, and returns
// their public halves. A home that already has a key is refused: a validator's
// key is never overwritten.
func CreateKeys(home, name string) (Validator, error) {
	if err := checkNoKeys(home); err != nil {
		return Validator{}, err
	}
	c := cfg.DefaultConfig().SetRoot(home)
	for _, dir := range []string{home, filepath.Join(home, "config"), filepath.Join(home, "data")} {
		if err := os.MkdirAll(dir, dirPerm); err != nil {
			return Validator{}, err
		}
		// MkdirAll keeps the mode of a folder that was there.
		if err := os.Chmod(dir, dirPerm); err != nil {
			return Validator{}, err
		}
	}
	if err := createVRFKey(home); err != nil {
		return Validator{}, err
	}
	if _, err := p2p.LoadOrGenNodeKey(c.NodeKeyFile()); err != nil {
		return Validator{}, err
	}
	privval.GenFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()).Save()
	return LoadValidator(home, name)
}

// checkNoKeys refuses a home that has a key.
func checkNoKeys(home string) error {
	c := cfg.DefaultConfig().SetRoot(home)
	for _, path := range []string{c.PrivValidatorKeyFile(), c.NodeKeyFile(), filepath.Join(home, vrfKeyFile)} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return errorf(CodeNodeExists, home, "node home %s: already has %s", home, filepath.Base(path))
		}
	}
	return nil
}

// LoadValidator reads the public half of a home that has keys.
func LoadValidator(home, name string) (Validator, error) {
	c := cfg.DefaultConfig().SetRoot(home)
	pv, err := loadPrivValidator(c)
	if err != nil {
		return Validator{}, err
	}
	nodeKey, err := loadNodeKey(c)
	if err != nil {
		return Validator{}, err
	}
	vrf, err := LoadVRFKey(home)
	if err != nil {
		return Validator{}, err
	}
	public := vrf.Public().(ed25519.PublicKey)
	return Validator{Name: name, PubKey: pv.Key.PubKey, Power: validatorPower, VRFKey: public, NodeID: nodeKey.ID()},
		nil
}

// vrfKeyType is RFC 9381's name for the suite; a file of another suite is refused.
const vrfKeyType = "ECVRF-EDWARDS25519-SHA512-ELL2"

type vrfKeyJSON struct {
	Type       string `json:"type"`
	PublicKey  string `json:"public_key"`  // hex, 32 bytes
	PrivateKey string `json:"private_key"` // hex, the 32-byte seed
}

func createVRFKey(home string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(home, vrfKeyFile), keyPerm, vrfKeyJSON{
		Type:       vrfKeyType,
		PublicKey:  hex.EncodeToString(public),
		PrivateKey: hex.EncodeToString(private.Seed()),
	})
}

// LoadVRFKey reads the key with which this home proves lucky draws. The error is
// an [Error], of code [CodeBadNodeHome].
func LoadVRFKey(home string) (ed25519.PrivateKey, error) {
	path := filepath.Join(home, vrfKeyFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, badKey(home, "vrf key: %w", err)
	}
	var k vrfKeyJSON
	if err := json.Unmarshal(b, &k); err != nil {
		return nil, badKey(home, "vrf key %s: %w", path, err)
	}
	if k.Type != vrfKeyType {
		return nil, badKey(home, "vrf key %s: type %q is not %s", path, k.Type, vrfKeyType)
	}
	seed, err := hex.DecodeString(k.PrivateKey)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, badKey(home, "vrf key %s: private_key is not %d bytes of hex", path, ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(seed)
	if hex.EncodeToString(private.Public().(ed25519.PublicKey)) != k.PublicKey {
		return nil, badKey(home, "vrf key %s: public_key does not belong to private_key", path)
	}
	return private, nil
}

// checkKeys refuses a home whose private keys are not all there, and whole.
func checkKeys(c *cfg.Config) error {
	var keyErr error
	if c.PrivValidatorListenAddr == "" { // else the signer has it
		keyErr = checkValidatorKey(c)
	}
	_, nodeErr := loadNodeKey(c)
	_, vrfErr := LoadVRFKey(c.RootDir)
	return cmp.Or(keyErr, nodeErr, vrfErr)
}

// warnOfOpenKeys says which private keys other users of this machine can reach. What is
// in a folder of the owner's alone is out of their reach, whatever its own mode.
func warnOfOpenKeys(c *cfg.Config, logger log.Logger) {
	open := func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().Perm()&0o077 != 0
	}
	for _, path := range []string{c.PrivValidatorKeyFile(), c.NodeKeyFile(), filepath.Join(c.RootDir, vrfKeyFile)} {
		if open(c.RootDir) && open(filepath.Dir(path)) && open(path) {
			logger.Error("other users of this machine can reach a key: take it from them with chmod 600", "file", path)
		}
	}
}

func badKey(home, format string, args ...any) *Error {
	return errorf(CodeBadNodeHome, home, format, args...)
}

var errNoKey = errors.New("holds no private key")

// checkValidatorKey refuses a key file at which CometBFT would end the process,
// with its own words and no code.
func checkValidatorKey(c *cfg.Config) error {
	path := c.PrivValidatorKeyFile()
	b, err := os.ReadFile(path)
	if err != nil {
		return badKey(c.RootDir, "validator key: %w", err)
	}
	var k privval.FilePVKey
	if err = cmtjson.Unmarshal(b, &k); err == nil && k.PrivKey == nil {
		err = errNoKey
	}
	if err != nil {
		return badKey(c.RootDir, "validator key %s: %w", path, err)
	}
	return nil
}

// loadNodeKey reads the key that makes a node's id.
func loadNodeKey(c *cfg.Config) (*p2p.NodeKey, error) {
	path := c.NodeKeyFile()
	if _, err := os.Stat(path); err != nil {
		return nil, badKey(c.RootDir, "node key: %w", err)
	}
	key, err := p2p.LoadNodeKey(path)
	if err == nil && key.PrivKey == nil {
		err = errNoKey
	}
	if err != nil {
		return nil, badKey(c.RootDir, "node key %s: %w", path, err)
	}
	return key, nil
}

func writeJSON(path string, perm os.FileMode, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return home.WriteFile(path, append(b, '\n'), perm)
}
