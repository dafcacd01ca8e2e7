package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// keptByResync are what data/ holds beside what peers can send again: the
// heights that this validator has signed, and which chain it is.
var keptByResync = []string{"priv_validator_state.json", filepath.Base(genesisCopy)}

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
			"node home %s: config.toml names no persistent_peers: the blocks could not be fetched again, and the chain would be lost", home)
	}
	if _, err := loadPrivValidator(c); err != nil {
		return nil, err
	}
	data := filepath.Join(home, "data")
	entries, err := os.ReadDir(data)
	if err != nil {
		return nil, err
	}
	var deleted []string
	for _, e := range entries {
		if slices.Contains(keptByResync, e.Name()) {
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

func resyncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resync",
		Short: "Delete a stopped node's data; its next start fetches it anew",
		Long: `Delete the blocks, the state and the ledger of a node that is stopped. Its next
start fetches them from its peers and executes every block again. That heals
damage of any kind in data/.

It keeps data/priv_validator_state.json, so that the validator never signs a
height twice, and everything in config/: keys, genesis, settings. It is refused
while the node runs, and when no peers are named to fetch from.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			c.SilenceUsage = true
			home := homeFlag(c)
			deleted, err := Resync(home)
			for _, path := range deleted {
				fmt.Fprintf(c.OutOrStdout(), "deleted %s\n", path)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "kept    %s\n", filepath.Join(home, "data", strings.Join(keptByResync, " and ")))
			fmt.Fprintf(c.OutOrStdout(), "%s node start --home %s fetches the rest from the peers\n", Invocation(), home)
			return nil
		},
	}
}
