package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// KeptByResync are what data/ holds beside what peers can send again: the
// heights that this validator has signed, and which chain it is.
var KeptByResync = []string{"priv_validator_state.json", filepath.Base(genesisCopy)}

// Resync deletes a stopped node's blocks, state and ledger, so that its next
// start fetches them from its peers, and returns the paths that it deleted. It
// keeps the sign state: the validator does not sign a height twice. Keys and
// settings are not in data/.
func Resync(home string) ([]string, error) {
	c, _, err := LoadConfig(home)
	if err != nil {
		return nil, err
	}
	unlock, err := Lock(home)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if c.P2P.PersistentPeers == "" && c.P2P.Seeds == "" {
		return nil, errorf(CodeNoPeers, home,
			"node home %s: config.toml names no persistent_peers: the blocks could not be fetched again, and the "+
				"chain would be lost", home)
	}
	if c.PrivValidatorListenAddr == "" { // else the signer has the key, and what it signed
		if _, err := loadPrivValidator(c); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(home, "data")
	entries, err := os.ReadDir(data)
	if err != nil {
		return nil, err
	}
	var deleted []string
	for _, e := range entries {
		if slices.Contains(KeptByResync, e.Name()) {
			continue
		}
		path := filepath.Join(data, e.Name())
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return deleted, err
		}
		deleted = append(deleted, path)
	}
	return deleted, nil
}
