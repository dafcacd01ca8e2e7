package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometbft/cometbft/libs/log"
)

// A key that other users can reach is told of with its file, and one that its folder
// keeps from them is not.
func TestOpenKeysAreToldOf(t *testing.T) {
	for _, row := range []struct {
		desc              string
		home, config, key os.FileMode
		told              bool
	}{
		{"as it is made", 0o700, 0o700, 0o600, false},
		{"copied, in a folder of its owner's", 0o700, 0o755, 0o644, false},
		{"copied into a closed config", 0o755, 0o700, 0o644, false},
		{"open to all", 0o755, 0o755, 0o644, true},
		{"open to the group", 0o750, 0o750, 0o640, true},
		{"closed in open folders", 0o755, 0o755, 0o600, false},
	} {
		home := newHome(t)
		c := DefaultConfig(home)
		must(t, os.Chmod(c.NodeKeyFile(), row.key))
		must(t, os.Chmod(filepath.Dir(c.NodeKeyFile()), row.config))
		must(t, os.Chmod(home, row.home))
		var said syncBuffer
		warnOfOpenKeys(c, log.NewTMLogger(&said))
		if told := strings.Contains(said.String(), "node_key.json"); told != row.told ||
			strings.Contains(said.String(), "priv_validator_key.json") {
			t.Errorf("%s: told: %v, want %v\n%s", row.desc, told, row.told, said.String())
		}
	}
}
