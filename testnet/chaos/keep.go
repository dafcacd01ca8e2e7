package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// keptOfAKind is how many proofs of a kind are kept of each fault: enough to meet what a
// second verifier could trip over, and a few megabytes for a whole campaign.
const keptOfAKind = 10

// keeper keeps some of a network's proofs, which this verifier found valid, for another one:
// DIR/<chain>/<fault>-<kind>-<number>.proof, and trust.json beside them.
type keeper struct {
	dir  string // empty: it keeps none
	mu   sync.Mutex
	kept map[string]int // by fault and kind
}

func (k *keeper) proof(chain, trustFile, fault, kind string, file []byte) error {
	if k == nil || k.dir == "" {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	dir := filepath.Join(k.dir, chain)
	if k.kept == nil {
		k.kept = map[string]int{}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		trust, err := os.ReadFile(trustFile)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "trust.json"), trust, 0o644); err != nil {
			return err
		}
	}
	name := fault + "-" + kind
	if k.kept[name] == keptOfAKind {
		return nil
	}
	k.kept[name]++
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.proof", name, k.kept[name])), file, 0o644)
}
